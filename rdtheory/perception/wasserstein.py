"""R(D, P) of a Gaussian vector with W₂²(X̂, X) <= P, the whole surface in (θ, β) [T2.2].

Derived on the theory page; the optimality conditions are those of Qian et al. 2024 (arXiv
2406.18008) and of Serra, Stavrou and Kountouris 2023 (arXiv 2311.09190). ρ_i is the root of

    ρ = (λ_i/θ) (1 - ρ²) u,   u = (1 - β) ρ + β,

and X̂ = (1 - β) E[X | Z] + β X̂_pr [T2.2c]. β = 1 is F*, β = 0 reverse water-filling [T2.2b].
"""

from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, check, float64
from rdtheory.perception.measure import Measure, Optimum, Weight
from rdtheory.perception.tradeoff import Tradeoff, TradeoffPoints
from rdtheory.sources.gaussian import GaussianVector


class WassersteinTradeoff(Tradeoff):
    """R = -½ Σ ln(1 - ρ_i²) at least distortion, under W₂² = Σ λ (1 - u_i)² <= P [T2.2a].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    >>> tradeoff = WassersteinTradeoff([5.0, 2.0, 0.7, 0.1])
    >>> point = tradeoff.at(distortion=2.2017737066, perception=0.0940774284)
    >>> point.rate_nats.round(8), point.water_level.round(7), point.realism.round(7)
    (np.float64(1.59588059), np.float64(0.8), np.float64(0.5))
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        super().__init__(source, Wasserstein())

    def surface(self, water_level: Any, realism: Any) -> TradeoffPoints:
        """(R, D, P) at θ > 0 and β in [0, 1], which broadcast [T2.2a].

        Raises:
            InputError: if a multiplier is out of range.

        >>> tradeoff = WassersteinTradeoff([5.0, 2.0, 0.7, 0.1])
        >>> tradeoff.surface(0.8, [0.0, 0.5, 1.0]).rate_nats.round(7)
        array([1.3744361, 1.5958806, 1.726694 ])
        """
        level = self._levels(water_level)
        realism = float64(np, "realism", realism)
        realism = check("realism", realism, (realism >= 0) & (realism <= 1), "0 <= realism <= 1")
        broadcast(water_level=level, realism=realism)
        return self._surface(level, Weight(realism, 1 - realism))


class Wasserstein(Measure):
    """p = λ (1 - u)², so w = u - 1 and b = β.

    >>> Wasserstein().perception(np.array([4.0]), np.array([0.5]), np.array([0.75]))
    array([1.])
    """

    name = "wasserstein"
    upper_bound_only = False

    def unit(self, total_variance: Array) -> Array:
        """A squared error."""
        return total_variance

    def weight(self, relative_eigenvalues: Array, realism: Weight) -> tuple[Weight, Array]:
        """β for every component."""
        return realism, np.ones_like(realism.value)

    def multiplier(self, leading: float, water_level: float, realism: Weight) -> float:
        """β / (1 - β) times 1/(2θ)."""
        return float(realism.value / realism.rest / (2 * water_level))

    def optimum(self, ratio: Array, weight: Weight) -> Optimum:
        """From the root of the cubic."""
        rho = cubic_root(ratio, *weight)
        u = weight.rest * rho + weight.value
        # Near ρ = 1 the difference would cancel; near 0 the quotient has nothing to say.
        near = rho > 0.5
        remaining = np.where(near, rho / np.where(near, ratio * u, 1.0), 1 - rho * rho)
        shortfall = weight.rest * remaining / (1 + rho) * (1 + u)  # 1 - u = (1 - β)(1 - ρ)
        return Optimum(rho, remaining, u, shortfall)

    def pull(self, deviation: Array) -> tuple[Array, Array]:
        """u - 1 and 1."""
        return deviation - 1, np.ones_like(deviation)

    def silent_power(self, weight: Weight) -> Array:
        """β²."""
        return weight.value**2

    def captured(self, optimum: Optimum, weight: Weight) -> Array:
        """ρ ((1 - β²) ρ + 2β²)."""
        beta, rest = weight
        return optimum.rho * (rest * (1 + beta) * optimum.rho + 2 * beta**2)

    def perception(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """λ (1 - u)²."""
        return eigenvalues * (shortfall / (1 + deviation)) ** 2

    def slope(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """-2λ (1 - u)."""
        return -2 * eigenvalues * (shortfall / (1 + deviation))


def cubic_root(ratio: Array, beta: Array, rest: Array) -> Array:
    """ρ = s (1 - ρ²)((1 - β)ρ + β): the largest root in [0, 1] [T2.2a].

    The right side less the left is concave, so that from the right of the root Newton's steps
    never cross it. All of the starts are beyond it: the root for β = 1, as u <= 1; and, with
    c = s (1 - β) - 1, sqrt(c₊ / (s (1 - β))) + (β/(1 - β))^⅓ and, for c < 0, s β / (-c), which
    follow by leaving out terms of s(1 - β)ρ³ + sβρ² = cρ + sβ.

    >>> cubic_root(np.array([6.25, 2.5]), 0.5, 0.5).round(8)
    array([0.92013839, 0.80240372])
    """
    linear = ratio * rest
    supercritical = linear - 1
    with np.errstate(all="ignore"):  # what divides by 0 says nothing, and fmin passes it over
        flow = 2 / (1 / ratio + np.hypot(1 / ratio, 2.0))
        rho = np.sqrt(np.maximum(supercritical, 0) / linear) + np.cbrt(beta / rest)
        rho = np.fmin(rho, np.where(supercritical < 0, -ratio * beta / supercritical, 1.0))
        rho = np.fmin(rho, flow)
    for _ in range(60):
        square = rho * rho
        u = rest * rho + beta
        value = ratio * (1 - square) * u - rho
        slope = ratio * (rest * (1 - square) - 2 * rho * u) - 1
        step = value / np.minimum(slope, -1e-300)
        rho = np.clip(rho - step, 0.0, 1.0)
        if (step <= 1e-9 * rho).all():  # the next step would be rounding
            break
    return rho
