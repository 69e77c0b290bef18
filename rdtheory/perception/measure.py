"""What a measure of perception must say of itself for the surface to be solved [T2.2, T2.3].

A component of X̂ is a pair: its correlation ρ with X_i and the ratio u of their standard
deviations. At ratio s = λ/θ the optimum satisfies

    ρ / (1 - ρ²) = s u,   (1 - b)(u - ρ) + b w(u) = 0,   w ∝ p'(u),  w(1) = 0,

with a weight b in [0, 1] a component.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

from rdtheory.arrays import Array


class Weight(NamedTuple):
    """A number in [0, 1] and what it lacks to 1, each good to its own last place.

    >>> Weight(1.0, 1e-30).rest
    1e-30
    """

    value: Array
    rest: Array


class Optimum(NamedTuple):
    """ρ, 1 - ρ², u and 1 - u² of components, of shape (..., M), each good to its last places.

    >>> Optimum(0.6, 0.64, 0.8, 0.36).deviation
    0.8
    """

    rho: Array
    remaining: Array
    deviation: Array
    shortfall: Array


class Measure(ABC):
    """How far the law of X̂ is from that of X, a sum over components."""

    name: str
    upper_bound_only: bool
    """Whether the rate is the least among Gaussian outputs alone."""

    def unit(self, total_variance: Array) -> Array | float:
        """What P is measured in, for its range."""
        return 1.0

    @abstractmethod
    def weight(self, relative_eigenvalues: Array, realism: Weight) -> tuple[Weight, Array]:
        """b and db/dβ of components with λ/λ₁, from the realism β of shape (..., 1)."""

    @abstractmethod
    def multiplier(self, leading: float, water_level: float, realism: Weight) -> float:
        """-∂R/∂P at λ₁, θ and β < 1."""

    @abstractmethod
    def optimum(self, ratio: Array, weight: Weight) -> Optimum:
        """The four numbers at s = λ/θ > 0 and b."""

    @abstractmethod
    def pull(self, deviation: Array) -> tuple[Array, Array]:
        """w(u) and w'(u)."""

    @abstractmethod
    def silent_power(self, weight: Weight) -> Array:
        """u² at zero rate, u₀²."""

    @abstractmethod
    def captured(self, optimum: Optimum, weight: Weight) -> Array:
        """(1 + u₀²) - (1 + u² - 2uρ): what the rate takes from D/λ, without a subtraction."""

    @abstractmethod
    def perception(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """p at u and 1 - u²."""

    @abstractmethod
    def slope(self, eigenvalues: Array, deviation: Array, shortfall: Array) -> Array:
        """dp/du."""
