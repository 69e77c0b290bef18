"""A point of a rate-distortion curve with the certificate that it is one [T4.3, T9.7].

A convex programme at slope s = dR/dD < 0 minimises I - s D. Any feasible coupling bounds its value
from above, any dual point from below; the difference is the duality gap, and whatever the solver
did, the curve lies between `rate_nats - gap_nats` and `rate_nats` at `distortion`.
"""

from dataclasses import dataclass
from typing import Any

from rdtheory.results import Result


@dataclass(frozen=True, eq=False)
class CertifiedPoint(Result):
    """R(D) ∈ [rate - gap, rate] at D = `distortion`, shown by a pair of primal and dual [T4.3a].

    Attributes:
        rate_nats: I(X; X̂) of a coupling that exists, an upper side.
        distortion: E d(X, X̂) of that coupling.
        slope: dR/dD <= 0, nats per unit of distortion.
        gap_nats: duality gap.
        iterations: steps of the solver.
        converged: whether the gap is within the solver's tolerance.

    >>> CertifiedPoint(1.0, 0.5, -2.0, 0.25, 1, True).lower_rate_nats
    0.75
    """

    rate_nats: float
    distortion: float
    slope: float
    gap_nats: float
    iterations: int
    converged: bool

    @property
    def lower_rate_nats(self) -> float:
        """`rate_nats - gap_nats`, which no code at this distortion can beat."""
        return self.rate_nats - self.gap_nats

    def tangent_nats(self, distortion: float) -> float:
        """A lower bound on R at any distortion: the dual's straight line, never below 0.

        >>> CertifiedPoint(1.0, 0.5, -2.0, 0.0, 1, True).tangent_nats(0.75)
        0.5
        """
        return max(self.lower_rate_nats + self.slope * (distortion - self.distortion), 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON.

        >>> CertifiedPoint(1.0, 0.5, -2.0, 0.25, 1, True).to_dict()["lower_rate_nats"]
        0.75
        """
        return super().to_dict() | {"lower_rate_nats": self.lower_rate_nats}
