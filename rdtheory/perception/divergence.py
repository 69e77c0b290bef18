"""R(D, P) of a Gaussian vector with a Kullback-Leibler divergence <= P, either direction [T2.3].

With s = λ/θ, b = ν/(s + ν) for a multiplier ν of the divergence, and g = ρ²/(1 - ρ²), the SNR of
the component, the two conditions of the optimum become one polynomial in g, whose root in
[(s - 1)₊, ∞) is the only one:

    KL(X̂ ‖ X):   g² + (1 - (1 - b) s) g - b s² = 0,
    KL(X ‖ X̂):   (1 - b)(1 + g - s) g² (1 + g) + b s² g (1 + g) - b s⁴ = 0,

and u = sqrt(g (1 + g)) / s. For b = 1, perfect realism, both are g (1 + g) = s², that is F*; for
b = 0 both are reverse water-filling, g = s - 1.
"""

from abc import abstractmethod
from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, check, float64
from rdtheory.perception.exponential_excess import exponential_excess
from rdtheory.perception.measure import Measure, Optimum, Weight
from rdtheory.perception.tradeoff import Tradeoff, TradeoffPoints
from rdtheory.sources.gaussian import GaussianVector


class _DivergenceTradeoff(Tradeoff):
    def surface(self, water_level: Any, multiplier: Any) -> TradeoffPoints:
        """(R, D, P) at θ > 0 and at the multiplier ν >= 1e-100 of P, which broadcast [T2.3].

        Raises:
            InputError: if a multiplier is out of range.

        >>> DivergenceTradeoff([2.0, 1.0]).surface(0.5, [4.0, np.inf]).realism
        array([0.5, 1. ])
        """
        level = self._levels(water_level)
        price = float64(np, "multiplier", multiplier)
        price = check("multiplier", price, price >= 1e-100, "numbers >= 1e-100")
        broadcast(water_level=level, multiplier=price)
        leading = float(self.source.leading_eigenvalue) / level
        finite = np.where(price < np.inf, price, 1.0)
        value = np.where(price < np.inf, finite / (leading + finite), 1.0)
        rest = np.where(price < np.inf, leading / (leading + finite), 0.0)
        return self._surface(level, Weight(value, rest))


class DivergenceTradeoff(_DivergenceTradeoff):
    """R at least distortion under KL(X̂ ‖ X) = ½ Σ (u² - 1 - ln u²) <= P nats [T2.3a].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    >>> DivergenceTradeoff([1.0]).at(distortion=0.9, perception=0.5).rate_nats.round(6)
    np.float64(0.055696)
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        super().__init__(source, Divergence())


class ReverseDivergenceTradeoff(_DivergenceTradeoff):
    """R at least distortion under KL(X ‖ X̂) = ½ Σ (1/u² - 1 + ln u²) <= P, X̂ Gaussian [T2.3b].

    An upper bound on the rate-distortion-perception function only: at a given variance the
    Gaussian does not minimise KL(X ‖ ·), and mixtures of codes reach less [T2.1d].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    >>> ReverseDivergenceTradeoff([1.0]).at(distortion=0.95, perception=1.0).rate_nats.round(5)
    np.float64(0.04349)
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        super().__init__(source, ReverseDivergence())


class _AnyDivergence(Measure):
    """What both directions share: w = -(1 - u²)/u^k, and b = ν/(s + ν) differs by component."""

    @abstractmethod
    def _power(self, deviation: Array) -> Array:
        """u^k, k being 1 or 3."""

    def weight(self, relative_eigenvalues: Array, realism: Weight) -> tuple[Weight, Array]:
        """b = β / (β + (1 - β) λ/λ₁)."""
        beta, rest = realism
        total = beta + rest * relative_eigenvalues
        weight = Weight(beta / total, rest * relative_eigenvalues / total)
        return weight, relative_eigenvalues / total**2

    def multiplier(self, leading: float, water_level: float, realism: Weight) -> float:
        """ν, from β = ν/(λ₁/θ + ν)."""
        return float(leading / water_level * (realism.value / realism.rest))

    def optimum(self, ratio: Array, weight: Weight) -> Optimum:
        """From the root g of the polynomial."""
        snr = self._snr(ratio, *weight)
        rho, u = np.sqrt(snr / (1 + snr)), np.sqrt(snr) * np.sqrt(1 + snr) / ratio
        remaining = 1 / (1 + snr)
        # b (1 - u²)/u^k = (1 - b)(u - ρ) with u - ρ = (1 - ρ) - (1 - u²)/(1 + u)
        pushed = weight.rest * self._power(u)
        shortfall = pushed * (remaining / (1 + rho)) / (weight.value + pushed / (1 + u))
        return Optimum(rho, remaining, u, shortfall)

    @abstractmethod
    def _snr(self, ratio: Array, weight: Array, rest: Array) -> Array:
        """The root g."""

    def slope(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """dp/du = w."""
        return -shortfall / self._power(deviation)

    def perception(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """p, by 1 - u² where that is small."""
        near = shortfall < 0.5
        with np.errstate(divide="ignore"):
            far = 2 * np.log(deviation)
        return self._of_log_power(np.where(near, np.log1p(-np.where(near, shortfall, 0.0)), far))

    @abstractmethod
    def _of_log_power(self, log_power: Array) -> Array:
        """p as a function of ln u²."""


class Divergence(_AnyDivergence):
    """KL(X̂ ‖ X): p = ½ (u² - 1 - ln u²), so w = u - 1/u and u² = (1 - b) ρ u + b.

    >>> Divergence().perception(np.array([2.0]), np.array([1.0]), np.array([0.0]))
    array([0.])
    """

    name = "kl"
    upper_bound_only = False

    def _power(self, deviation: Array) -> Array:
        return deviation

    def pull(self, deviation: Array) -> tuple[Array, Array]:
        """u - 1/u and 1 + 1/u²."""
        inverse = 1 / deviation
        return deviation - inverse, 1 + inverse * inverse

    def _snr(self, ratio: Array, weight: Array, rest: Array) -> Array:
        half = (rest * ratio - 1) / 2
        root = np.hypot(half, np.sqrt(weight) * ratio)
        # (half + root)(root - half) = b s²: of the two forms the one without cancellation.
        return np.where(half < 0, weight * ratio / (root + np.abs(half)) * ratio, half + root)

    def _of_log_power(self, log_power: Array) -> Array:
        return exponential_excess(log_power) / 2

    def silent_power(self, weight: Weight) -> Array:
        """b."""
        return weight.value

    def captured(self, optimum: Optimum, weight: Weight) -> Array:
        """ρ u (1 + b)."""
        return optimum.rho * optimum.deviation * (1 + weight.value)


class ReverseDivergence(_AnyDivergence):
    """KL(X ‖ X̂): p = ½ (1/u² - 1 + ln u²), so w = 1/u - 1/u³ [T2.3b].

    >>> ReverseDivergence().perception(np.array([2.0]), np.array([1.0]), np.array([0.0]))
    array([0.])
    """

    name = "kl-reverse"
    upper_bound_only = True

    def _power(self, deviation: Array) -> Array:
        return deviation * deviation * deviation

    def pull(self, deviation: Array) -> tuple[Array, Array]:
        """1/u - 1/u³ and 3/u⁴ - 1/u²."""
        inverse = 1 / deviation
        square = inverse * inverse
        return inverse * (1 - square), square * (3 * square - 1)

    def _snr(self, ratio: Array, weight: Array, rest: Array) -> Array:
        """By Newton from the right in A = g/s: (1 - b) u² A B + b (u² - 1) = 0.

        Here u² = A (A + 1/s) and B = A + 1/s - 1. Where B >= 0 this is increasing and convex, so
        that the steps never cross the root; the starts are beyond it, as each leaves out what is
        positive: u² <= 1 is one, those by powers of b/(1 - b) are the others.
        """
        inverse = 1 / ratio
        least = np.maximum(1 - inverse, 0.0)
        with np.errstate(all="ignore"):  # what divides by 0 says nothing, and fmin passes it over
            odds = weight / rest
            past = np.fmin(odds**0.25, np.cbrt(odds * ratio))
            past = np.fmin(past, np.where(ratio > 1, odds / least**3, 1.0))
            past = np.fmin(past, np.where(ratio < 1, np.sqrt(odds * ratio / (inverse - 1)), 1.0))
        a = np.fmin(least + past, 2 / (inverse + np.hypot(inverse, 2.0)))
        for _ in range(60):
            power, power_slope, excess = a * (a + inverse), 2 * a + inverse, a + inverse - 1
            value = rest * power * a * excess + weight * (power - 1)
            slope = rest * (power_slope * a * excess + power * (excess + a)) + weight * power_slope
            step = value / np.maximum(slope, 1e-300)
            a = np.maximum(a - step, least)
            if (step <= 1e-9 * a).all():  # the next step would be rounding
                break
        return a * ratio

    def _of_log_power(self, log_power: Array) -> Array:
        return exponential_excess(-log_power) / 2

    def silent_power(self, weight: Weight) -> Array:
        """The root of (1 - b) u⁴ + b u² = b."""
        root = np.sqrt(weight.value)
        return 2 * root / (root + np.sqrt(weight.value + 4 * weight.rest))

    def captured(self, optimum: Optimum, weight: Weight) -> Array:
        """ρ u (2 - (1 - b) u² / ((1 - b)(u² + u₀²) + b))."""
        rho, u = optimum.rho, optimum.deviation
        pushed = weight.rest * u * u
        total = pushed + weight.rest * self.silent_power(weight) + weight.value
        return rho * u * (2 - pushed / total)
