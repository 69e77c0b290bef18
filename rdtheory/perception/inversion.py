"""From targets (D, P) back to the multipliers (θ, β), many targets at once [T2.2, T2.3].

Two nested monotone equations. D grows with θ at fixed β; and P falls with β where D is held, as
each of them determines the optimum, which is unique. Newton's steps are made in coordinates in
which both are almost straight lines from end to end,

    ln(D₀/D - 1) by ln(1/θ),      ln(sqrt(P₀/P) - 1) by ln(β/(1 - β)),

D₀ being the distortion at zero rate, and P₀ the perception where it costs nothing.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.newton import increasing_root
from rdtheory.perception.allocation import Allocation
from rdtheory.perception.measure import Measure, Weight

FARTHEST = 350.0
"""Both coordinates lie within ± this."""

_ROUNDING = 2.0**-49
"""Of a sum, relative."""


def sigmoid(y: Array) -> Weight:
    """1/(1 + e^-y) and what it lacks to 1.

    >>> sigmoid(np.array([0.0])).rest
    array([0.5])
    """
    with np.errstate(under="ignore"):
        return Weight(1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y)))


class Priced:
    """The optima of n targets at which the perception constraint is active.

    Args:
        eigenvalues: λ > 0, shape (M,).
        measure: of perception.
        distortion: D, shape (n,), like all that follow.
        perception: P < P₀.
        least: the least realism that has such a distortion at all.
        free: P₀; may be infinite.
        first_level: a guess of ln(λ₁/θ).
    """

    def __init__(
        self,
        eigenvalues: Array,
        measure: Measure,
        distortion: Array,
        perception: Array,
        least: Weight,
        free: Array,
        first_level: Array,
    ) -> None:
        self._eigenvalues, self._measure = eigenvalues, measure
        self._distortion, self._perception = distortion, perception
        self._least, self._free, self._level = least, free, first_level

    def rows(self) -> Array:
        """R, D, P, θ, β."""
        y = np.full(self._distortion.shape, np.inf)  # P = 0
        some = np.flatnonzero(self._perception > 0)
        if some.size:
            y[some] = increasing_root(
                lambda at, index: self._perception_excess(at, some[index]),
                np.clip(self._coordinate(self._perception, self._free)[0][some], -40, 40),
                -FARTHEST,
                FARTHEST,
            )
        index = np.arange(y.size)
        found, realism = self._at_distortion(y, index)
        level = self._eigenvalues.max() * np.exp(-self._level)
        return np.stack([found.rate_nats, found.distortion, found.perception, level, realism.value])

    def _perception_excess(self, y: Array, index: Array) -> tuple[Array, Array, Array]:
        found, _ = self._at_distortion(y, index)
        value, slope = self._coordinate(found.perception, self._free[index])
        goal, sensitivity = self._coordinate(self._perception[index], self._free[index])
        odds = sigmoid(y)
        realism_slope = self._least.rest[index] * odds.value * odds.rest
        noise = 16 * _ROUNDING * np.abs(sensitivity) * self._perception[index]
        return value - goal, slope * found.perception_by_realism * realism_slope, noise

    @staticmethod
    def _coordinate(perception: Array, free: Array) -> tuple[Array, Array]:
        """ln(sqrt(P₀/P) - 1), or its limit up to a constant for infinite P₀; the slope by P."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.sqrt(free / perception)
            finite = free < np.inf
            value = np.where(finite, np.log(ratio - 1), -np.log(perception) / 2)
            slope = np.where(finite, ratio / (ratio - 1), 1.0) / (-2 * perception)
        # Rounding can take P past P₀, where the coordinate ends.
        return np.where(np.isnan(value), -np.inf, value), slope

    def _at_distortion(self, y: Array, index: Array) -> tuple[Allocation, Weight]:
        """The optimum at β of y and at the D of the targets."""
        odds = sigmoid(y)
        least = Weight(self._least.value[index], self._least.rest[index])
        rest = least.rest * odds.rest
        realism = Weight(least.value + least.rest * odds.value, rest)
        goal = self._distortion[index]

        def excess(x: Array, chosen: Array) -> tuple[Array, Array, Array]:
            part = Weight(realism.value[chosen], realism.rest[chosen])
            found = Allocation(self._eigenvalues, self._measure, x, part)
            captured, distortion, wanted = found.captured, found.distortion, goal[chosen]
            # D₀ - D of the target: what is captured here, and what D has to fall further.
            left = np.maximum(captured + (distortion - wanted), 1e-300 * wanted)
            with np.errstate(divide="ignore", over="ignore"):
                value = np.log(captured / left) - np.log(distortion / wanted)
                slope = -found.distortion_by_level * (1 / captured + 1 / distortion)
                noise = _ROUNDING * (1 + wanted / left)  # 1e-300 times a tiny D is 0
            return value, slope, noise

        self._level[index] = increasing_root(excess, self._level[index], -FARTHEST, FARTHEST)
        return Allocation(self._eigenvalues, self._measure, self._level[index], realism), realism
