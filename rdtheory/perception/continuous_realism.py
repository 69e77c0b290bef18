"""A certified lower bound on R_pr(D) of a continuous source, by quantisation [T4.5].

If X̂ ~ X is within D of X, then Q(X̂) ~ Q(X) is within (√D + δ)² of Q(X), δ = 2 sqrt(E |Q(X) - X|²),
by the triangle inequality in L², and carries no more information. Hence

    R_pr(D) >= R_pr of Q(X) at (√D + δ)²  >=  the dual's tangent there [T4.3b].
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import instance, positive
from rdtheory.perception.perfect_realism import PerfectRealism
from rdtheory.rate_distortion.quantisation import Quantisation, RealVariable, discretise
from rdtheory.results import Result

_TAIL = 1e-5
"""What the grid leaves out: less, and wider cells would lose more than the tails do."""


@dataclass(frozen=True)
class RealismLowerBound(Result):
    """R_pr(D) >= `lower_rate_nats` for the continuous source [T4.5].

    Attributes:
        distortion: D.
        lower_rate_nats: what no code with X̂ ~ X and distortion D can beat.
        quantised_distortion: (√D + δ)², where the quantised source was solved.
        quantised_rate_nats: its R_pr there; the bound is less by the duality gap at most.
        quantisation_error: E |Q(X) - X|².

    >>> from rdtheory.sources import TwoPoint
    >>> bound = realism_lower_bound(TwoPoint(), 1.0)  # no error of quantisation: the rate itself
    >>> round(bound.quantised_distortion, 6), round(bound.lower_rate_nats, 6)
    (1.0, 0.130812)
    """

    distortion: float
    lower_rate_nats: float
    quantised_distortion: float
    quantised_rate_nats: float
    quantisation_error: float


def realism_lower_bound(
    source: RealVariable, distortion: float, quantisation: Quantisation | None = None
) -> RealismLowerBound:
    """R_pr(D) >= R_pr of Q(X) at (√D + δ)², δ = 2 sqrt(E |Q(X) - X|²) [T4.5].

    Args:
        source: X, with a distribution function and quantiles.
        distortion: D > 0.
        quantisation: Q(X); 401 cells of one width unless given.

    Raises:
        InputError: if the distortion is not a finite number > 0.

    >>> from rdtheory.sources.scalar_mixture import normal
    >>> bound = realism_lower_bound(normal(), 0.5)  # -½ ln(1 - (3/4)²) = 0.4133
    >>> 0.39 < bound.lower_rate_nats < 0.4133
    True
    """
    instance("source", source, RealVariable)
    distortion = positive("distortion", distortion)
    if quantisation is None:
        quantisation = discretise(source, 401, _TAIL)
    instance("quantisation", quantisation, Quantisation)
    delta = 2 * np.sqrt(quantisation.mean_squared_error)
    widened = float((np.sqrt(distortion) + delta) ** 2)
    point = PerfectRealism(quantisation.law).at_distortion(widened)
    return RealismLowerBound(
        distortion=distortion,
        lower_rate_nats=point.tangent_nats(widened),
        quantised_distortion=widened,
        quantised_rate_nats=point.rate_nats,
        quantisation_error=quantisation.mean_squared_error,
    )
