"""σ and the excess of a level, by which greedy rejection decides.

Greedy Poisson rejection accepts a point (t, z) when t <= σ(r(z)) [Flamich2023], with

    σ(h) = ∫_0^h dη / g(η),    g(h) = E_p (r - h)_+ = ∫_h^∞ P_p(r >= η) dη,

for targets q = N(μ, ρ² I_d), p = N(0, I_d), ρ <= 1. For σ there is no closed form. Both integrals
are taken once for every distinct target and kept as polynomials, so that a value costs some ten
multiplications.

Level h is the sphere of radius ρ x about the mode μ/(1 - ρ²), whose point next to the origin is
μ + ρ w e, e = μ/|μ|, w = a - x, a = |μ| ρ/(1 - ρ²) (for ρ = 1 a half-space, a and x infinite), and

    ln h = -d ln ρ + |μ|²/2 + |μ| ρ w - (1 - ρ²) w²/2.

In w both integrands are smooth on the scale 1, except for power laws as x -> 0. So the variable is
v with x = ln(1 + e^{a - v}): it is w far from the mode and a - ln x close to it. Before the first
knot g = 1 - h and σ = -ln(1 - h), to a relative error below 1e-9; the last is where g is 1e-17, and
no search comes there. From the first knot on g has an error below 1e-12. As a search still goes on
at time σ(h) with probability g(h), and ends before time t with probability t at most, the relative
error of σ counts with a weight g min(1, σ): it is below 1e-10 when so weighted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from scipy.special import ndtr

from rdtheory.arrays import Array
from rdtheory.channel_simulation.level_sets import LevelSets

_NODES = 12
"""Gauss-Legendre nodes in each cell between two knots."""

_LOG_RISE = 3.0
"""Width of the cells, as the change of ln g and ln h together."""

_LOG_NEGLIGIBLE_LEVEL = np.log(1e-9)
"""Up to here σ is h to a relative error of h/2, as g lies between 1 - h and 1."""

_NEGLIGIBLE_MASS = 1e-16
_LOG_NEGLIGIBLE_EXCESS = np.log(1e-17)

_ROWS = 256
"""Targets whose tables are made together, so that they stay in the cache."""


class TimeChange:
    """σ and g of n targets.

    Args:
        shift: |μ|, shape (n,).
        std: ρ, shape (n,), > 0 and <= 1.
        dim: d.

    >>> change = TimeChange(np.array([1.0, 0.0]), np.array([1.0, 1.0]), dim=1)
    >>> level, targets = np.zeros(2), np.array([0, 1])
    >>> change.excess(level, targets).round(6)  # Φ(1/2) - Φ(-1/2); where q = p nothing is above 1
    array([0.382925, 0.      ])
    >>> change.time(level, targets).round(4)  # where q = p every point is accepted
    array([1.7205,    inf])
    """

    def __init__(self, shift: Array, std: Array, dim: int) -> None:
        self._equal = (shift == 0) & (std == 1)  # q = p: any other target stands in for it
        shift = np.where(self._equal, 1.0, shift)
        _, some, self._row = np.unique(shift + 1j * std, return_index=True, return_inverse=True)
        self._spheres = _Spheres(shift[some], std[some], dim)
        first, last, changes = self._spheres.range()
        self._first, self._last = first, last
        self._cells = int(np.ceil(np.max(changes, initial=_LOG_RISE) / _LOG_RISE))
        shape = (some.size, self._cells, _NODES + 1)
        self._excess, self._time = np.empty((2, *shape))
        for start in range(0, some.size, _ROWS):
            rows = slice(start, start + _ROWS)
            spheres = _Spheres(shift[some[rows]], std[some[rows]], dim)
            self._excess[rows], self._time[rows] = _integrals(
                spheres, first[rows], last[rows], self._cells
            )

    def time(self, log_h: Array, targets: Array) -> Array:
        """σ(h) of levels, shape (k, ...) like `log_h`, of the targets of these numbers, shape (k,).

        It is infinite above sup r, and for q = p.
        """
        before = -np.log(-np.expm1(np.minimum(log_h, -1e-300)))
        return self._evaluate(self._time, log_h, targets, before, np.inf)

    def excess(self, log_h: Array, targets: Array) -> Array:
        """g(h), as `time`; 0 above sup r."""
        return self._evaluate(self._excess, log_h, targets, -np.expm1(log_h), 0.0)

    def _evaluate(
        self, polynomials: Array, log_h: Array, targets: Array, before: Array, beyond: float
    ) -> Array:
        targets = targets.reshape((-1,) + (1,) * (log_h.ndim - 1))
        row = self._row[targets]
        first, last = self._first[row], self._last[row]
        v = self._spheres.position(log_h, row)
        inside = (v >= first) & (v < last) & ~self._equal[targets]
        place = np.where(inside, (v - first) / (last - first), 0.0) * self._cells
        cell = np.minimum(place.astype(np.int64), self._cells - 1)
        coefficients = np.moveaxis(polynomials[row, cell], -1, 0)
        value = legendre.legval(2 * (place - cell) - 1, coefficients, tensor=False)
        outside = np.where((v < first) & ~self._equal[targets], before, beyond)
        return np.where(inside, value, outside)


class _Spheres:
    """Level sets of r, by the position v of their points next to the origin."""

    def __init__(self, shift: Array, std: Array, dim: int) -> None:
        self.shift, self.std, self.dim = shift, std, dim
        self.narrowing = (1 - std) * (1 + std)
        self.rise = shift * std
        narrower = std < 1
        self.end = np.where(narrower, self.rise / np.where(narrower, self.narrowing, 1.0), np.inf)
        self.log_at_mean = shift * shift / 2 - dim * np.log(std)

    def position(self, log_h: Array, row: Array | slice = slice(None)) -> Array:
        """v of the level ln h; more than any other above sup r."""
        narrowing, rise, end = self.narrowing[row], self.rise[row], self.end[row]
        above = log_h - self.log_at_mean[row]
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.maximum(rise * end / 2 - above, 1e-30)
            x = np.sqrt(2 * depth / narrowing)
            slope = np.where(narrowing > 0, narrowing * x, rise)
            w = 2 * above / (rise + slope)  # the root of a quadratic, without cancellation
            return w - np.log(-np.expm1(-x))

    def at(self, v: Array) -> "_Level":
        """The level sets at positions v, shape (..., n)."""
        ahead = v - self.end
        small = np.exp(-np.abs(ahead))
        log_term = np.log1p(small)
        w = v - log_term - np.maximum(ahead, 0.0)
        x = log_term - np.minimum(ahead, 0.0)
        with np.errstate(invalid="ignore"):
            slope = np.where(self.narrowing > 0, self.narrowing * x, self.rise)
        return _Level(
            log_h=self.log_at_mean + w * (self.rise - self.narrowing * w / 2),
            slope=slope * np.where(ahead > 0, small, 1.0) / (1 + small),
            w=w,
            x=x,
        )

    def prior_mass(self, level: "_Level") -> Array:
        """P_p(r >= h)."""
        if self.dim > 1:
            sets = LevelSets(self.shift, self.std, self.dim)
            return np.exp(sets.log_prior_mass(level.log_h))
        return _interval_mass(self.shift + self.std * level.w, self.std * level.x)

    def range(self) -> tuple[Array, Array, Array]:
        """First and last position of every target's table, and the change of ln g and ln h."""
        reach = np.sqrt(self.dim) + 9  # |z| is below this but for a probability below 1e-16
        least = np.minimum(_LOG_NEGLIGIBLE_LEVEL, self.log_at_mean - 1)
        low = np.maximum(-(reach + self.shift) / self.std, self.position(least))
        # g < P_q(r >= h) <= Φ(-w), and it vanishes like x^{d+2}.
        high = np.where(self.end > 9, 9.0, self.end + 42 / (self.dim + 2))
        first, _ = self._crossing(low, high, self._has_begun)
        _, last = self._crossing(first, high, self._has_ended)
        changes = self.at(last).log_h - self.at(first).log_h - _LOG_NEGLIGIBLE_EXCESS
        return first, last, changes

    def _has_begun(self, level: "_Level") -> Array:
        outside = 1 - self.prior_mass(level)
        return (level.log_h > _LOG_NEGLIGIBLE_LEVEL) & (outside > _NEGLIGIBLE_MASS)

    def _has_ended(self, level: "_Level") -> Array:
        # Near the mode g is about h P_p(r >= h) x² (1 - ρ²)/(d + 2), elsewhere less than without x.
        with np.errstate(divide="ignore"):
            log_mass = np.log(self.prior_mass(level))
        bound = level.log_h + log_mass + 2 * np.log(np.minimum(level.x, 1.0))
        return bound < _LOG_NEGLIGIBLE_EXCESS

    def _crossing(
        self, low: Array, high: Array, crossed: Callable[["_Level"], Array]
    ) -> tuple[Array, Array]:
        """Positions just before and just after the one from which on it is `crossed`."""
        for _ in range(8):
            middle = (low + high) / 2
            beyond = crossed(self.at(middle))
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        return low, high


@dataclass(frozen=True, eq=False)
class _Level:
    """ln h, its derivative by v, and w and x, of some level sets of every target."""

    log_h: Array
    slope: Array
    w: Array
    x: Array


def _interval_mass(start: Array, half_width: Array) -> Array:
    """Φ(start + 2 half_width) - Φ(start), to full relative accuracy."""
    middle = start + half_width
    mirrored = middle > 0
    near = np.where(mirrored, -start, start + 2 * half_width)
    far = np.where(mirrored, -start - 2 * half_width, start)
    narrow = (1 + np.abs(middle)) * half_width < 0.03
    square, curve = np.where(narrow, half_width, 0.0) ** 2, np.where(narrow, middle, 0.0) ** 2
    series = 1 + square * ((curve - 1) / 6 + square * (curve * (curve - 6) + 3) / 120)
    density = np.exp(-curve / 2) / np.sqrt(2 * np.pi)
    return np.where(narrow, 2 * half_width * density * series, ndtr(near) - ndtr(far))


_X, _WEIGHTS = legendre.leggauss(_NODES)
_INTERPOLATE = (np.arange(_NODES) + 0.5) * _WEIGHTS[:, None] * legendre.legvander(_X, _NODES - 1)
_FROM_LEFT = legendre.legint(_INTERPOLATE.T, lbnd=-1).T
_FROM_RIGHT = -legendre.legint(_INTERPOLATE.T, lbnd=1).T
"""Legendre coefficients of the integral, up to or from a point, of what is 1 at one node only."""


def _integrals(spheres: _Spheres, first: Array, last: Array, cells: int) -> tuple[Array, Array]:
    """Legendre coefficients of g and σ in every cell, two of shape (n, cells, nodes + 1)."""
    width = (last - first) / cells
    positions = np.arange(cells)[:, None] + (1 + _X) / 2
    level = spheres.at(first + width * positions[..., None])
    step = np.exp(level.log_h) * level.slope * width / 2  # dh
    mass = step * spheres.prior_mass(level)
    excess = np.einsum("cjn,jk->nck", mass, _FROM_RIGHT)
    totals = np.einsum("cjn,j->nc", mass, _WEIGHTS)
    excess[:, :-1, 0] += np.cumsum(totals[:, :0:-1], axis=1)[:, ::-1]
    at_nodes = np.einsum("nck,jk->cjn", excess, legendre.legvander(_X, _NODES))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(at_nodes > 0, step / at_nodes, 0.0)
    time = np.einsum("cjn,jk->nck", rate, _FROM_LEFT)
    totals = np.einsum("cjn,j->nc", rate, _WEIGHTS)
    time[:, 1:, 0] += np.cumsum(totals[:, :-1], axis=1)
    log_start = np.minimum(spheres.at(first).log_h, -1e-300)
    time[..., 0] -= np.log(-np.expm1(log_start))[:, None]
    return excess, time
