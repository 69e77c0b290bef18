"""The surface of rate, distortion and perception of a Gaussian vector, by its multipliers [T2.2].

A grid of water levels θ and realisms β is one vectorised solution, see `allocation`; a grid of
targets (D, P) is two nested equations, see `inversion`.

On a grid of 50 x 50 points in 256 dimensions the surface takes 0.1 s and targets 1 to 2 s (W₂²).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, check, float64
from rdtheory.perception.allocation import Allocation
from rdtheory.perception.inversion import FARTHEST, Priced, sigmoid
from rdtheory.perception.measure import Measure, Weight
from rdtheory.perception.targets import distortions, perceptions
from rdtheory.rate_distortion.water_filling import ReverseWaterFilling
from rdtheory.results import Result
from rdtheory.sources.gaussian import GaussianVector, as_gaussian

_BLOCK = 1 << 15
"""Numbers that are worked on together: they stay in the cache."""


@dataclass(frozen=True, eq=False)
class TradeoffPoints(Result):
    """Points of the surface of rate, distortion and perception; the fields have one shape.

    Attributes:
        rate_nats: R, nats in all.
        distortion: D = E‖X - X̂‖².
        perception: P, in the unit of the measure.
        water_level: θ: ∂R/∂D = -1/(2θ) at fixed P; infinite at zero rate.
        realism: β, the weight of the strongest component: 0 where perception costs nothing.

    >>> TradeoffPoints(*np.array([0.0, 6.0, 0.0, np.inf, 1.0])).to_dict()["water_level"]
    """

    rate_nats: Array
    distortion: Array
    perception: Array
    water_level: Array
    realism: Array


class Tradeoff:
    """R(D, P) of a Gaussian source for one measure of perception.

    Components of variance 0 contribute nothing and are left out.
    """

    def __init__(self, source: GaussianVector | Any, measure: Measure) -> None:
        self.source, self.measure = as_gaussian(source).to_namespace(np), measure

    def at(self, distortion: Any, perception: Any) -> TradeoffPoints:
        """The points of least rate with distortion <= D and perception <= P.

        Args:
            distortion: D > 0, finite, at least 1e-100 tr Σ; broadcasts with P.
            perception: P >= 0; infinite for no constraint.

        Raises:
            InputError: if a target is out of range.
            RuntimeError: if the multipliers of a target are not found.
        """
        total = self.source.total_variance
        distortion = distortions(np, distortion, total)
        perception = perceptions(np, perception, self.measure.unit(total))
        shape = broadcast(distortion=distortion, perception=perception)
        parts = (np.broadcast_to(part, shape).reshape(-1) for part in (distortion, perception))
        targets = np.stack(list(parts))
        columns = np.empty((5, targets.shape[1]))
        for piece in self._blocks(targets.shape[1]):
            columns[:, piece] = self._solve(*targets[:, piece])
        return TradeoffPoints(*columns.reshape(5, *shape))

    def _levels(self, water_level: Any) -> Array:
        """θ, from 1e-100 λ₁ to 1e100 λ₁."""
        level = float64(np, "water_level", water_level)
        leading = float(self.source.leading_eigenvalue)
        good = (level >= 1e-100 * leading) & (level <= 1e100 * leading)
        return check("water_level", level, good, "numbers from 1e-100 to 1e100 of the largest λ")

    def _surface(self, water_level: Array, realism: Weight) -> TradeoffPoints:
        """The points at θ and β, which broadcast."""
        water_level, *parts = np.broadcast_arrays(water_level, *realism)
        realism = Weight(*parts)
        level, value, rest = (np.reshape(part, -1) for part in (water_level, *realism))
        columns = np.empty((3, level.size))
        log_ratio = np.log(self.positive_eigenvalues.max()) - np.log(level)
        for piece in self._blocks(level.size):
            weight = Weight(value[piece], rest[piece])
            found = self._allocation(log_ratio[piece], weight)
            columns[:, piece] = found.rate_nats, found.distortion, found.perception
        rate, distortion, perception = columns.reshape(3, *water_level.shape)
        return TradeoffPoints(rate, distortion, perception, water_level, realism.value)

    def _solve(self, distortion: Array, perception: Array) -> Array:
        """Rows R, D, P, θ, β of the optima, shape (5, n)."""
        total = float(self.source.total_variance)
        least = self._least_realism(distortion)
        rows = self._free(distortion, least)
        # A budget within rounding of what is free anyway has no price.
        priced = (perception < rows[2] * (1 - 2.0**-48)) & (distortion < 2 * total)
        if priced.any():
            weight = Weight(least.value[priced], least.rest[priced])
            rows[:, priced] = Priced(
                self.positive_eigenvalues,
                self.measure,
                distortion[priced],
                perception[priced],
                weight,
                rows[2, priced],
                self._first_level(distortion[priced]),
            ).rows()
        return rows

    def _free(self, distortion: Array, least: Weight) -> Array:
        """The optima where perception is free: R*(D), or no rate and all of the distortion."""
        total = float(self.source.total_variance)
        silent = distortion >= total
        filled = np.where(silent, total, distortion)
        level = self._filling.water_level(filled)
        shrunk = np.maximum(1 - level[:, None] / self.positive_eigenvalues, 0.0)  # u² = ρ²
        power = np.where(silent[:, None], self._silent_power(least), shrunk)
        measured = self.measure.perception(self.positive_eigenvalues, np.sqrt(power), 1 - power)
        return np.stack(
            [
                np.where(silent, 0.0, self._filling.rate_nats(filled)),
                np.minimum(distortion, 2 * total),
                measured.sum(-1),
                np.where(silent, np.inf, level),
                least.value,
            ]
        )

    def _least_realism(self, distortion: Array) -> Weight:
        """The least β for which the distortion at zero rate is D or more: 0 where D <= tr Σ."""
        total = float(self.source.total_variance)
        value = np.where(distortion >= 2 * total, 1.0, 0.0)
        rest = 1 - value
        inside = (distortion > total) & (distortion < 2 * total)
        if inside.any():
            from scipy.optimize import elementwise

            goal = (distortion[inside] - total) / total
            y = elementwise.find_root(self._silent_excess, (-FARTHEST, FARTHEST), args=(goal,)).x
            value[inside], rest[inside] = sigmoid(y)
        return Weight(value, rest)

    def _silent_excess(self, y: Array, goal: Array) -> Array:
        power = self._silent_power(Weight(*sigmoid(y)))
        return np.log(power @ (self.positive_eigenvalues / self.positive_eigenvalues.sum()) / goal)

    def _silent_power(self, realism: Weight) -> Array:
        relative = self.positive_eigenvalues / self.positive_eigenvalues.max()
        weight, _ = self.measure.weight(relative, Weight(*(part[:, None] for part in realism)))
        return np.broadcast_to(
            self.measure.silent_power(weight), (realism.value.size, relative.size)
        )

    def _first_level(self, distortion: Array) -> Array:
        """ln(λ₁/θ) of F* if its D were that of A*, which it is within a factor of two."""
        half = distortion / 2
        snr = self._filling.leading_snr_at_distortion(half, self.source.total_variance - half)
        return (np.log(snr) + np.log1p(snr)) / 2

    def _blocks(self, size: int) -> list[slice]:
        count = max(1, _BLOCK // self.positive_eigenvalues.size)
        return [slice(start, start + count) for start in range(0, size, count)]

    def _allocation(self, log_ratio: Array, realism: Weight) -> Allocation:
        return Allocation(self.positive_eigenvalues, self.measure, log_ratio, realism)

    @cached_property
    def positive_eigenvalues(self) -> Array:
        """The λ > 0, in the order of the source; less than 1e-150 of the largest is 0."""
        eigenvalues = np.asarray(self.source.eigenvalues)
        return eigenvalues[eigenvalues > 1e-150 * self.source.leading_eigenvalue]

    @cached_property
    def _filling(self) -> ReverseWaterFilling:
        return ReverseWaterFilling(self.source)
