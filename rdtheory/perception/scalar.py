"""R(D, P) of the scalar Gaussian N(0, σ²) for three measures of perception [T2.1].

If jointly Gaussian laws are optimal and the measure bounds the deviation s of X̂ from below by
s_min(P), then [T2.1a]

    s = max(s_min, sqrt((σ² - D)₊)),   ρ = (σ² + s² - D) / (2σs),   R = -½ ln(1 - ρ²)  if ρ > 0.

    measure        constraint           s_min/σ
    wasserstein    W₂²(X̂, X) <= P      (1 - sqrt(P)/σ)₊                         [T2.1b]
    kl             KL(X̂ ‖ X) <= P      sqrt(-W₀(-exp(-1 - 2P)))                 [T2.1c]
    kl-reverse     KL(X ‖ X̂) <= P      1 / sqrt(-W₋₁(-exp(-1 - 2P)))            [T2.1d]

The last is an upper bound only: Gaussian outputs are not optimal there, and mixtures of codes,
chosen by common randomness, reach less. For W₂² the rate is the closed form of Zhang, Qian, Chen
and Khisti 2021 (arXiv 2106.10311) [T2.1e].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rdtheory.arrays import Array, broadcast, float64, namespace
from rdtheory.errors import InputError
from rdtheory.perception.exponential_excess import log_variance_ratio
from rdtheory.perception.targets import distortions, perceptions, variances
from rdtheory.results import Result


@dataclass(frozen=True, eq=False)
class ScalarTradeoff(Result):
    """The best Gaussian X̂ at targets (D, P); the fields have the shape of the targets.

    Attributes:
        rate_nats: R; at low rate good to 1e-16, not relative to itself.
        correlation: ρ of X and X̂.
        output_deviation: s, the standard deviation of X̂.
        upper_bound_only: whether codes that are not Gaussian can do with less.

    >>> scalar_tradeoff(1.0, 0.95, 1.0, "kl-reverse").upper_bound_only
    True
    """

    rate_nats: Array
    correlation: Array
    output_deviation: Array
    upper_bound_only: bool


def scalar_tradeoff(
    variance: Any, distortion: Any, perception: Any, measure: str = "wasserstein"
) -> ScalarTradeoff:
    """R = -½ ln(1 - ρ²), ρ = (σ² + s² - D)/(2σs), s = max(s_min(P), sqrt((σ² - D)₊)) [T2.1a].

    Args:
        variance: σ² > 0; broadcasts with the targets.
        distortion: D > 0.
        perception: P >= 0, of X̂ against X: in the unit of σ² for W₂², in nats for the others.
        measure: one of `SMALLEST_DEVIATIONS`: "wasserstein", "kl" for KL(X̂ ‖ X), or "kl-reverse"
            for KL(X ‖ X̂), which gives an upper bound on the rate only.

    Raises:
        InputError: if a number is out of range or the measure unknown.

    >>> scalar_tradeoff(2.0, 0.5, [0.0, 0.01, 1.0]).rate_nats.round(6)
    array([0.725416, 0.700673, 0.693147])
    """
    if not isinstance(measure, str) or measure not in SMALLEST_DEVIATIONS:
        raise InputError("measure", repr(measure), ", ".join(SMALLEST_DEVIATIONS))
    xp = namespace(variance, distortion, perception)
    variance = variances(xp, "variance", variance)
    distortion, perception = (
        float64(xp, name, value)
        for name, value in (("distortion", distortion), ("perception", perception))
    )
    broadcast(variance=variance, distortion=distortion, perception=perception)
    distortion = distortions(xp, distortion, variance)
    unit = variance if measure == "wasserstein" else xp.ones_like(variance)
    perception = perceptions(xp, perception, unit, infinite=False)

    # In units of σ, with 1 - s in place of s where it can be small.
    share = distortion / variance
    missing, s_min = SMALLEST_DEVIATIONS[measure](perception, variance)
    free = xp.sqrt(xp.maximum(1 - share, 0.0))
    held = s_min >= free
    s = xp.where(held, s_min, free)
    missing = xp.where(held, missing, xp.minimum(share, 1.0) / (1 + free))
    positive = 1 + s * s > share
    safe = xp.where(positive & (s > 0), s, 1.0)
    rho = xp.where(positive & (s > 0), (1 + s * s - share) / (2 * safe), 0.0)
    # (1 - ρ)(1 + ρ) with 1 - ρ = (D - (1 - s)²) / 2s
    remaining = (share - missing * missing) / (2 * safe) * (1 + rho)
    near = rho > 0.5
    rate = xp.where(
        near,
        -xp.log(xp.where(near, remaining, 1.0)) / 2,
        -xp.log1p(-xp.where(near, 0.0, rho * rho)) / 2,
    )
    return ScalarTradeoff(xp.abs(rate), rho, s * xp.sqrt(variance), measure in _UPPER_BOUNDS_ONLY)


def _wasserstein(perception: Array, variance: Array) -> tuple[Array, Array]:
    """1 - s_min/σ and s_min/σ."""
    xp = namespace(perception, variance)
    missing = xp.minimum(xp.sqrt(perception / variance), 1.0)
    return missing, 1 - missing


def _kl(perception: Array, variance: Array) -> tuple[Array, Array]:
    return _from_log_power(log_variance_ratio(perception)[0])


def _kl_reverse(perception: Array, variance: Array) -> tuple[Array, Array]:
    return _from_log_power(-log_variance_ratio(perception)[1])


def _from_log_power(log_power: Array) -> tuple[Array, Array]:
    xp = namespace(log_power)
    return -xp.expm1(log_power / 2), xp.exp(log_power / 2)


SMALLEST_DEVIATIONS: Mapping[str, Callable[[Array, Array], tuple[Array, Array]]] = MappingProxyType(
    {"wasserstein": _wasserstein, "kl": _kl, "kl-reverse": _kl_reverse}
)
"""Measure to (P, σ²) -> 1 - s_min/σ and s_min/σ."""

_UPPER_BOUNDS_ONLY = ("kl-reverse",)
