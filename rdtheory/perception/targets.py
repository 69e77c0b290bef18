"""What is asked for: variances, rates, distortions and perceptions that float64 can hold.

Distortions and perceptions are judged by the variance of the source, as only their ratio counts.
"""

from typing import Any

from rdtheory.arrays import Array, check, float64

_LEAST, _MOST = 1e-100, 1e100
"""Of what is not 0, in units of the variance, or in nats for a divergence."""


def variances(xp: Any, name: str, value: Any, *, zero: bool = False) -> Array:
    """Numbers from 1e-150 to 1e150, as for `GaussianVector`; or from 0.

    >>> import numpy as np
    >>> variances(np, "variance", 2.0)
    array(2.)
    """
    value = float64(xp, name, value)
    good = (value >= (0.0 if zero else 1e-150)) & (value <= 1e150)
    return check(name, value, good, f"numbers from {0 if zero else 1e-150:g} to 1e150")


def nonnegative(xp: Any, name: str, value: Any) -> Array:
    """Numbers >= 0, infinity too.

    >>> import numpy as np
    >>> nonnegative(np, "rate_nats", np.inf)
    array(inf)
    """
    value = float64(xp, name, value)
    return check(name, value, value >= 0, "numbers >= 0")


def distortions(xp: Any, value: Any, variance: Array) -> Array:
    """D > 0, finite, and not beyond what float64 can tell from 0 next to the variance.

    >>> import numpy as np
    >>> distortions(np, 0.5, 1.0)
    array(0.5)
    """
    value = float64(xp, "distortion", value)
    good = (value >= _LEAST * variance) & (value < xp.inf)
    return check("distortion", value, good, f"finite numbers >= {_LEAST:g} of the variance")


def perceptions(xp: Any, value: Any, unit: Array, *, infinite: bool = True) -> Array:
    """P >= 0; infinite for no constraint, if allowed.

    >>> import numpy as np
    >>> perceptions(np, [0.0, np.inf], 1.0)
    array([ 0., inf])
    """
    value = float64(xp, "perception", value)
    good = (value == 0) | ((value >= _LEAST * unit) & (value <= _MOST * unit))
    allowed = f"0, or numbers from {_LEAST:g} to {_MOST:g} of the variance (for a divergence: nats)"
    return check("perception", value, good | (infinite & (value == xp.inf)), allowed)
