"""All inequalities that intervals prove over boxes, for `rdtheory verify`.

>>> len(ENCLOSED_INEQUALITIES) > 30
True
"""

from rdtheory.bounds.enclosed_diffc import DIFFC_INEQUALITIES
from rdtheory.bounds.enclosed_tradeoffs import TRADEOFF_INEQUALITIES

ENCLOSED_INEQUALITIES = (*DIFFC_INEQUALITIES, *TRADEOFF_INEQUALITIES)
"""Every one of them."""
