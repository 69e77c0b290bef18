"""What greedy codes see of the level sets, up to levels of any height [T3.7].

As functions of h = e^k, S(h) = E_p[(r - h)_+] is the probability that nothing has been accepted
before the level h, and w(h) = P_p(r >= h) = -dS/dh. In continuous time (GPRS) the level rises at
the rate dh/dt = S(h) [Flamich2023], so that time and the expected number of rejected candidates are

    σ(h) = ∫_0^h dη / S(η),    λ(h) = ∫_0^h (1 - w(η)) / S(η) dη = σ(h) + ln S(h).
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.interpolate import make_interp_spline

from rdtheory.arrays import Array
from rdtheory.channel_simulation.laws.level_quadrature import Coordinate
from rdtheory.channel_simulation.level_sets import LevelSets


class GreedyLevels:
    """S, w, σ and λ at increasing levels, in panels of eight; for q other than p.

    >>> levels = GreedyLevels(LevelSets(2.0))
    >>> time, rejected = np.exp(levels.log_time), np.exp(levels.log_rejected)
    >>> bool(np.allclose(time + levels.log_survival, rejected, rtol=1e-9, atol=1e-12))
    True
    """

    def __init__(self, sets: LevelSets) -> None:
        self.sets = sets
        panels = Coordinate(sets).panels()
        # The last levels may be the top itself, to rounding: S = 0.
        below = np.isfinite(sets.log_excess(panels.log_h)).all(axis=1)
        self._panels = panels.take(np.logical_and.accumulate(below))

    @property
    def log_h(self) -> Array:
        """k, shape (panels, 8)."""
        return self._panels.log_h

    @cached_property
    def log_survival(self) -> Array:
        """ln S."""
        return self.sets.log_excess(self.log_h)

    @cached_property
    def log_mass(self) -> Array:
        """ln w."""
        return self.sets.log_prior_mass(self.log_h)

    @cached_property
    def log_rest(self) -> Array:
        """ln(1 - w)."""
        return self.sets.log_prior_mass(self.log_h, below=True)

    @cached_property
    def first_mass(self) -> float:
        """The probability of acceptance below the first level, where λ = 0."""
        return -float(np.expm1(self.sets.log_excess(self._panels.log_first)))

    @cached_property
    def _log_first_time(self) -> float:
        """ln σ at the first level: below it w = 1, or h is below e^-42."""
        return float(np.log(-np.log1p(-np.exp(self._panels.log_first))))

    @cached_property
    def log_time(self) -> Array:
        """ln σ."""
        return self._panels.log_cumulative(self.log_h - self.log_survival, self._log_first_time)

    @cached_property
    def log_rejected(self) -> Array:
        """ln λ."""
        rate = self.log_rest + self.log_h - self.log_survival
        return self._panels.log_cumulative(rate, -np.inf)

    @cached_property
    def log_square_mass(self) -> Array:
        """ln ∫_0^h w²/S dη."""
        rate = 2 * self.log_mass + self.log_h - self.log_survival
        return self._panels.log_cumulative(rate, self._log_first_time)

    @cached_property
    def log_accepted(self) -> Array:
        """ln of the probability of acceptance around each level, by the weights of the panels."""
        return self.log_mass + self.log_h + self._panels.log_weights


def smooth(x: Array, y: Array) -> Callable[[Array], Array]:
    """A spline of fifth degree through y(x) for increasing x; constant beyond.

    >>> x = np.linspace(0, 1, 30)
    >>> bool(abs(smooth(x, np.exp(x))(0.505) - np.exp(0.505)) < 1e-10)
    True
    """
    # At the top levels come together, up to rounding.
    highest = np.maximum.accumulate(x)
    kept = np.concatenate([[True], x[1:] > highest[:-1] + 1e-9 * (1 + np.abs(x[1:]))])
    spline = make_interp_spline(x[kept], y[kept], k=5)
    first, last = x[kept][[0, -1]]
    return lambda at: spline(np.clip(at, first, last))
