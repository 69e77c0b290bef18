"""Everything that the library claims, shown again: `rdtheory verify` (extra `testing`)."""

from rdtheory.bounds.enclosed_inequalities import ENCLOSED_INEQUALITIES
from rdtheory.symbolic import PROOFS
from rdtheory.verification.check import Check, Checkable, Outcome, outcomes
from rdtheory.verification.curve_laws import CURVE_LAWS
from rdtheory.verification.limits import LIMITS
from rdtheory.verification.monte_carlo import MONTE_CARLO
from rdtheory.verification.optima import OPTIMA
from rdtheory.verification.source_laws import SOURCE_LAWS
from rdtheory.verification.theorems import EVALUATIONS
from rdtheory.verification.tradeoff_laws import TRADEOFF_LAWS

CHECKS: tuple[Checkable, ...] = (
    *PROOFS,
    *ENCLOSED_INEQUALITIES,
    *EVALUATIONS,
    *OPTIMA,
    *LIMITS,
    *CURVE_LAWS,
    *TRADEOFF_LAWS,
    *SOURCE_LAWS,
    *MONTE_CARLO,
)
"""All checks, in the order in which they are printed."""

__all__ = ["CHECKS", "Check", "Checkable", "Outcome", "outcomes"]
