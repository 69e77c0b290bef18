"""The optimum of all components at given multipliers, its sums and their derivatives [T2.2, T2.3].

With σ = d ln(λ/θ) / d ln s at fixed weight, s = ρ²/(1 - ρ²) being the SNR of the component, the
optimum moves by d ln s = (-d ln θ + (∂ ln u/∂b) db) / σ, and everything else follows.
"""

from functools import cached_property

import numpy as np

from rdtheory.arrays import Array
from rdtheory.perception.measure import Measure, Weight


class Allocation:
    """The best Gaussian X̂ at n pairs of multipliers; all sums have shape (n,).

    Args:
        eigenvalues: λ > 0, shape (M,).
        measure: of perception.
        log_ratio: ln(λ₁/θ), shape (n,).
        realism: β, each part of shape (n,).

    Attributes:
        optimum: ρ, 1 - ρ², u and 1 - u², shape (n, M).

    >>> from rdtheory.perception.wasserstein import Wasserstein
    >>> half = Weight(np.array([0.5]), np.array([0.5]))
    >>> eigenvalues = np.array([5.0, 2.0, 0.7, 0.1])
    >>> Allocation(eigenvalues, Wasserstein(), np.log([5 / 0.8]), half).rate_nats.round(10)
    array([1.59588059])
    """

    def __init__(
        self, eigenvalues: Array, measure: Measure, log_ratio: Array, realism: Weight
    ) -> None:
        self._eigenvalues, self._measure = eigenvalues, measure
        relative = eigenvalues / eigenvalues.max()
        realism = Weight(realism.value[:, None], realism.rest[:, None])
        self._weight, self._weight_by_realism = measure.weight(relative, realism)
        ratio = np.exp(np.log(relative) + log_ratio[:, None])
        self.optimum = measure.optimum(ratio, self._weight)

    @property
    def rate_nats(self) -> Array:
        """R = ½ Σ ln(1 + s)."""
        rho, remaining = self.optimum[:2]
        return np.log1p(rho * rho / remaining).sum(-1) / 2

    @cached_property
    def distortion(self) -> Array:
        """D = Σ λ ((1 - ρ²) + (u - ρ)²), a sum of what is positive."""
        rho, remaining, u = self.optimum[:3]
        return (remaining + (u - rho) ** 2) @ self._eigenvalues

    @property
    def perception(self) -> Array:
        """P = Σ p(u)."""
        _, _, u, shortfall = self.optimum
        return self._measure.perception(self._eigenvalues, u, shortfall).sum(-1)

    @property
    def captured(self) -> Array:
        """What the rate takes from the distortion at zero rate and this realism."""
        return self._measure.captured(self.optimum, self._weight) @ self._eigenvalues

    @cached_property
    def distortion_by_level(self) -> Array:
        """∂D / ∂ ln(1/θ)."""
        return (self._distortion_by_rho * self._rho_by_level) @ self._eigenvalues

    @property
    def perception_by_realism(self) -> Array:
        """dP/dβ where D is held by moving θ."""
        rho, _, u, shortfall = self.optimum
        rho_by_realism = self._rho_by_level * self._u_by_realism / u
        distortion_by_realism = (
            self._distortion_by_rho * rho_by_realism + 2 * (u - rho) * self._u_by_realism
        ) @ self._eigenvalues
        slope = self._measure.slope(self._eigenvalues, u, shortfall)
        by_level = (slope * self._u_by_rho * self._rho_by_level).sum(-1)
        by_realism = (slope * (self._u_by_rho * rho_by_realism + self._u_by_realism)).sum(-1)
        with np.errstate(divide="ignore", invalid="ignore"):  # where nothing is sent
            level_by_realism = -distortion_by_realism / self.distortion_by_level
        return by_realism + by_level * level_by_realism

    @cached_property
    def _curvature(self) -> Array:
        _, slope = self._measure.pull(self.optimum.deviation)
        return self._weight.rest + self._weight.value * slope

    @cached_property
    def _u_by_rho(self) -> Array:
        return self._weight.rest / self._curvature

    @cached_property
    def _u_by_realism(self) -> Array:
        rho, _, u, _ = self.optimum
        pull = self._measure.pull(u)[0]
        return ((u - rho) - pull) / self._curvature * self._weight_by_realism

    @cached_property
    def _rho_by_level(self) -> Array:
        rho, remaining, u = self.optimum[:3]
        sigma = rho * rho + remaining * (1 - rho * self._u_by_rho / u) / 2
        return rho * remaining / (2 * sigma)

    @cached_property
    def _distortion_by_rho(self) -> Array:
        """Of the distortion over λ."""
        rho, _, u, _ = self.optimum
        return 2 * (u - rho) * self._u_by_rho - 2 * u
