"""The smallest rate for a distortion, a perception and a common randomness, with a certificate.

One question for the whole package: R(D) without a perception constraint [T1.4d], R(D, P) for three
measures [T2.2, T2.3], R(D, R_c) at perfect realism [T2.5] and R(D, R_c, P) in the weak sense
[T2.6]. The answer is a code that reaches its rate, and a lower bound on the rate of every code,
from the multipliers alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import number, positive
from rdtheory.errors import InputError
from rdtheory.perception.allocation import Allocation
from rdtheory.perception.common_randomness_perception import WeakPerception
from rdtheory.perception.divergence import DivergenceTradeoff, ReverseDivergenceTradeoff
from rdtheory.perception.dual_bound import Point, private_bound, shared_bound
from rdtheory.perception.measure import Weight
from rdtheory.perception.shared_code import SharedCode
from rdtheory.perception.tradeoff import Tradeoff
from rdtheory.perception.wasserstein import WassersteinTradeoff
from rdtheory.results import Result
from rdtheory.sources.gaussian import GaussianVector
from rdtheory.units import bits_from_nats, nats_from_bits

_TRADEOFFS = {
    "wasserstein": WassersteinTradeoff,
    "kl": DivergenceTradeoff,
    "kl-reverse": ReverseDivergenceTradeoff,
}

_TOLERANCE = 1e-9
"""Of the gap, per nat and one; of the targets, relative."""


@dataclass(frozen=True, eq=False)
class SmallestRate(Result):
    """The answer of `smallest_rate`, certified: lower_bound_nats <= the optimum <= rate_nats.

    Attributes:
        rate_nats: R of the code that was found, nats in all.
        bits_per_dim: the same in bits per dimension.
        lower_bound_nats: on the rate of every code that meets the request.
        gap_nats: rate_nats - lower_bound_nats; rounding can make it negative.
        distortion: D of the code.
        perception: P of the code; infinite if KL(X̂ ‖ X) is.
        common_randomness_bits: R_c of the code, bits in all.
        distortion_multiplier: -∂R/∂D, nats; 0 at zero rate, like the other two.
        perception_multiplier: -∂R/∂P, nats; infinite at P = 0.
        common_multiplier: -∂R/∂R_c, nats per nat.
        upper_bound_only: whether the lower bound is on Gaussian outputs alone [T2.1d].

    >>> answer = smallest_rate([2.0], distortion=0.5)
    >>> answer.bits_per_dim, round(answer.distortion_multiplier, 12)
    (1.0, 1.0)
    """

    rate_nats: float
    bits_per_dim: float
    lower_bound_nats: float
    gap_nats: float
    distortion: float
    perception: float
    common_randomness_bits: float
    distortion_multiplier: float
    perception_multiplier: float
    common_multiplier: float
    upper_bound_only: bool


def smallest_rate(
    source: GaussianVector | Any,
    distortion: float,
    perception: float | None = None,
    common_randomness_bits: float = np.inf,
    measure: str = "wasserstein",
) -> SmallestRate:
    """min R subject to E‖X - X̂‖² <= D, perception <= P and R_c, with a dual bound [T2.2-T2.6].

    With P > 0 and a limit on R_c the perception constraint is the weak one, on blocks [T2.6].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.
        distortion: D > 0, summed over dimensions.
        perception: P >= 0, summed over dimensions; None for no constraint.
        common_randomness_bits: R_c >= 0, bits in all.
        measure: "wasserstein" for W₂²(X̂, X) <= P, "kl" for KL(X̂ ‖ X) <= P nats, "kl-reverse" for
            KL(X ‖ X̂) <= P nats among Gaussian outputs, an upper bound on the rate only. The last
            two have no limit on R_c: there the least rate is not known.

    Raises:
        InputError: if a request is out of range.
        RuntimeError: if the gap exceeds 1e-9 (1 + R) nats, or the code misses a target by 1e-9.

    >>> answer = smallest_rate([5.0, 2.0, 0.7, 0.1], 2.0, 0.15, common_randomness_bits=1.0)
    >>> round(answer.bits_per_dim, 9), answer.gap_nats < 1e-12
    (0.731029802, True)
    """
    distortion = positive("distortion", distortion)
    budget = np.inf if perception is None else perception
    budget = number("perception", budget, lambda p: p >= 0, "a number >= 0, or None")
    common_bits = number(
        "common_randomness_bits", common_randomness_bits, lambda c: c >= 0, "a number >= 0"
    )
    if not isinstance(measure, str) or measure not in _TRADEOFFS:
        raise InputError("measure", repr(measure), ", ".join(_TRADEOFFS))
    tradeoff = _TRADEOFFS[measure](source)
    if budget == np.inf or common_bits == np.inf:
        found = _private(tradeoff, distortion, budget)
    elif measure == "wasserstein":
        common_nats = float(nats_from_bits(common_bits))
        found = _shared(tradeoff, distortion, budget, common_nats)
    else:
        raise InputError(
            "common_randomness_bits",
            common_bits,
            f"inf with measure {measure!r}",
            "use measure 'wasserstein'",
        )
    return _certified(found, distortion, budget)


def _private(tradeoff: Tradeoff, distortion: float, perception: float) -> SmallestRate:
    """Unlimited common randomness: the surfaces [T2.2] and [T2.3]."""
    point = tradeoff.at(distortion, perception)
    rate, level, realism = (
        float(value) for value in (point.rate_nats, point.water_level, point.realism)
    )
    eigenvalues, measure = tradeoff.positive_eigenvalues, tradeoff.measure
    bound = price = 0.0
    if rate > 0:
        if realism == 0:  # perception is free, whatever its measure
            measure = WassersteinTradeoff(eigenvalues).measure
        rest = 0.0 if perception == 0 else max(1 - realism, 2.0**-53)
        weight = Weight(np.array([realism]), np.array([rest]))
        leading = float(eigenvalues.max())
        price = measure.multiplier(leading, level, Weight(realism, rest)) if rest else np.inf
        optimum = Allocation(
            eigenvalues, measure, np.array([np.log(leading) - np.log(level)]), weight
        ).optimum
        tangents = Point(optimum.deviation[0], optimum.shortfall[0])
        bound = private_bound(eigenvalues, measure, level, price, distortion, perception, tangents)
    return SmallestRate(
        rate_nats=rate,
        bits_per_dim=float(bits_from_nats(rate)) / tradeoff.source.dim,
        lower_bound_nats=bound,
        gap_nats=rate - bound,
        distortion=float(point.distortion),
        perception=float(point.perception),
        common_randomness_bits=np.inf if rate > 0 and realism > 0 else 0.0,
        distortion_multiplier=1 / (2 * level),
        perception_multiplier=price,
        common_multiplier=0.0,
        upper_bound_only=tradeoff.measure.upper_bound_only and price > 0,
    )


def _shared(
    tradeoff: Tradeoff, distortion: float, perception: float, common_nats: float
) -> SmallestRate:
    """Limited common randomness [T2.5, T2.6]."""
    point = WeakPerception(tradeoff.source).at_distortion(distortion, common_nats, perception)
    rate, beta = float(point.rate_nats), point.realism
    m, n = point.rate_multiplier, point.total_multiplier
    bound = price = 0.0
    if rate > 0:
        n = n if n > 1e-80 * m else 0.0  # such a limit is not reached: none has a better bound
        ratio = n / (beta * m) if beta > 0 else 1.0
        code = SharedCode(tradeoff.positive_eigenvalues, m / 2, min(ratio, 1.0), beta, 1 - beta)
        bound = shared_bound(
            tradeoff.positive_eigenvalues, code, distortion, perception, common_nats
        )
        price = beta / (1 - beta) / (m + n) if beta < 1 else np.inf
    return SmallestRate(
        rate_nats=rate,
        bits_per_dim=float(bits_from_nats(rate)) / tradeoff.source.dim,
        lower_bound_nats=bound,
        gap_nats=rate - bound,
        distortion=float(point.distortion),
        perception=float(point.perception),
        common_randomness_bits=float(bits_from_nats(point.common_nats)),
        distortion_multiplier=1 / (m + n),
        perception_multiplier=price,
        common_multiplier=n / (m + n) if rate > 0 else 0.0,
        upper_bound_only=False,
    )


def _certified(found: SmallestRate, distortion: float, perception: float) -> SmallestRate:
    if not abs(found.gap_nats) <= _TOLERANCE * (1 + found.rate_nats):
        raise RuntimeError(f"the gap is {found.gap_nats:.3g} nats")
    slack = 1 + _TOLERANCE
    if found.distortion > distortion * slack or found.perception > perception * slack:
        raise RuntimeError(
            f"the code found has distortion {found.distortion!r}, perception {found.perception!r}"
        )
    return found
