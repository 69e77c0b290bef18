"""Where a density given as a function has its mass: modes, a scale, the ends.

A function can only be asked at points. It is asked densely, in proportion, about 0, the breaks and
the ends of the support, and evenly in between; every local maximum is zoomed in on, and from the
highest the ends are found by doubling the distance. Then it is asked again, about that maximum and
evenly between those ends, until no higher one turns up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, float64
from rdtheory.errors import InputError

DEPTH = 4000.0
"""The density is followed down to e^-4000 of its peak: 89 standard deviations of a normal law."""

_NEAREST, _FARTHEST = 1e-75, 1e77
_MOST_LOOKS = 8

LogDensity = Callable[[Array], Any]
"""Takes an array of any shape, returns ln p + constant, of that shape."""


_DENSE = np.logspace(-9, 9, 12_001)
"""Distances from a centre, by a factor of 1.0035 each."""

_EVEN = 2**16 + 1
"""Points evenly between the ends."""

_MOST_MODES = 64
_RELEVANT = 100.0
"""A mode lower than e^-100 of the peak holds no mass."""


@dataclass(frozen=True)
class Extent:
    """Where a density is.

    Attributes:
        peak: the highest mode.
        peak_value: the function there.
        scale: how far from it the density has fallen by a factor e on both sides.
        low: the lower end, of the support or where the density is e^-4000 of its peak.
        high: the upper end.
        modes: all modes found, the peak first, shape (n,).
        scales: of each mode, shape (n,).
    """

    peak: float
    peak_value: float
    scale: float
    low: float
    high: float
    modes: Array
    scales: Array


def extent(function: LogDensity, support: tuple[float, float], breaks: tuple[float, ...]) -> Extent:
    """Where the density exp(function) is.

    Args:
        function: ln p + constant.
        support: where p may be positive.
        breaks: points about which to look.

    Raises:
        InputError: if it is positive nowhere, or does not decay.

    >>> found = extent(lambda x: -np.abs(x - 2), (-np.inf, np.inf), ())
    >>> round(found.peak, 6), 1 <= found.scale <= 2, found.low < -3000
    (2.0, True, True)
    """
    centres = [0.0, *breaks, *(end for end in support if np.isfinite(end))]
    low, high = np.clip(support, -1e9, 1e9)
    before = np.inf
    for _ in range(_MOST_LOOKS):
        seen, values = _survey(function, support, centres, low, high)
        modes, heights = _modes(function, seen, values)
        peak, peak_value = float(modes[0]), float(heights[0])
        scales = [
            _scale(function, float(x), float(height), support)
            for x, height in zip(modes, heights, strict=True)
        ]
        scale = scales[0]
        some = np.concatenate([seen[values > peak_value - DEPTH], modes])
        low, high = (
            _end(function, peak, peak_value, scale, some, support, up) for up in (False, True)
        )
        if abs(peak - before) <= scale:
            break
        before = peak
        centres.append(peak)
    return Extent(peak, peak_value, scale, low, high, modes, np.array(scales))


def evaluate(function: LogDensity, x: Array) -> Array:
    """The user's function at nodes, checked."""
    with np.errstate(all="ignore"):
        values = float64(np, "log_density_function", function(x))
    if values.shape != x.shape:
        raise InputError(
            "log_density_function",
            f"one that returns shape {values.shape}",
            f"one that returns its argument's shape {x.shape}",
        )
    bad = ~(values < np.inf)
    if bad.any():
        raise InputError(
            "log_density_function",
            f"{float(values[bad][0])!r} at {float(x[bad][0])!r}",
            "finite numbers, or -inf where the density is 0",
        )
    return values


def infinite_fisher_information(
    function: LogDensity, support: tuple[float, float], breaks: tuple[float, ...], width: float
) -> bool:
    """Whether p leaps at a break or at an end, or is 0 there and rises no faster than linearly.

    With p ~ d^k at a small distance d, ∫ p'²/p is finite for k > 1 only, or where p is continuous
    and positive (k = 0 on both sides of a break).

    >>> infinite_fisher_information(lambda x: np.log(x), (0.0, 1.0), (), 1.0)
    True
    """
    for place in (*support, *breaks):
        if not np.isfinite(place):
            continue
        away = max(1e-9 * width, 1e-10 * abs(place)) * np.array([1.0, 4.0])
        sides = [
            evaluate(function, place + sign * away)
            for sign, end in ((-1, support[0]), (1, support[1]))
            if place != end
        ]
        positive = [values for values in sides if values.min() > -np.inf]
        exponents = [(values[1] - values[0]) / np.log(4) for values in positive]
        leaps = len(positive) == 1 or (
            len(positive) == 2 and abs(positive[0][0] - positive[1][0]) > 1e-3
        )
        if any(k < 1.01 and (leaps or abs(k) > 1e-3) for k in exponents):
            return True
    return False


def _survey(
    function: LogDensity,
    support: tuple[float, float],
    centres: list[float],
    low: float,
    high: float,
) -> tuple[Array, Array]:
    """The function at points that are dense, in proportion, about every centre, and even ones."""
    away = np.concatenate([-_DENSE, [0.0], _DENSE])
    around = [centre + away for centre in centres]
    x = np.unique(np.concatenate([*around, np.linspace(low, high, _EVEN)]))
    x = x[(x > support[0]) & (x < support[1])]
    return x, evaluate(function, x)


def _modes(function: LogDensity, x: Array, values: Array) -> tuple[Array, Array]:
    """Places and heights of the modes, the highest first, by zooming in on local maxima."""
    highest = values.max()
    if highest == -np.inf:
        raise InputError(
            "log_density_function",
            "-inf wherever it was looked at",
            "a density that is positive somewhere",
            "name a point near each mode in breaks",
        )
    # Flat stretches count as one point, as rounding would make hundreds of maxima of them.
    depths = np.round(np.maximum(values - highest, -1e9), 6)
    starts = np.flatnonzero(np.diff(depths, prepend=np.inf))
    stops = np.append(starts[1:], x.size)
    levels = np.concatenate([[-np.inf], depths[starts], [-np.inf]])
    tops = np.flatnonzero((levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:]))
    tops = tops[np.argsort(-levels[1:-1][tops], kind="stable")[:_MOST_MODES]]
    low, high = x[np.maximum(starts[tops] - 1, 0)], x[np.minimum(stops[tops], x.size - 1)]
    best = x[(starts[tops] + stops[tops] - 1) // 2]
    heights, rows = evaluate(function, best), np.arange(best.size)
    for _ in range(60):
        if np.all(high - low <= 1e-12 * np.maximum(np.abs(low), np.abs(high))):
            break
        grid = np.sort(np.column_stack([np.linspace(low, high, 33, axis=1), best]), axis=1)
        on_grid = evaluate(function, grid)
        at = np.argmax(on_grid, axis=1)
        best, heights = grid[rows, at], on_grid[rows, at]
        low, high = grid[rows, np.maximum(at - 1, 0)], grid[rows, np.minimum(at + 1, 33)]
    order = np.argsort(-heights, kind="stable")
    order = order[heights[order] >= heights.max() - _RELEVANT]
    return best[order], heights[order]


def _scale(
    function: LogDensity, peak: float, peak_value: float, support: tuple[float, float]
) -> float:
    """How far from the mode the density has fallen by a factor e on both sides."""
    away = _doubled(max(1e-12 * abs(peak), _NEAREST), 1.0)
    fallen = np.ones(away.shape, dtype=bool)
    for x in (peak - away, peak + away):
        inside = (x > support[0]) & (x < support[1])
        inside[inside] = evaluate(function, x[inside]) > peak_value - 1
        fallen &= ~inside
    if not fallen.any():
        raise _no_decay(peak)
    return float(away[np.argmax(fallen)])


def _end(
    function: LogDensity,
    peak: float,
    peak_value: float,
    scale: float,
    seen: Array,
    support: tuple[float, float],
    up: bool,
) -> float:
    """The end of the support, or where the density has fallen to e^-4000 of its peak for good."""
    sign, end = (1, support[1]) if up else (-1, support[0])
    away = _doubled(scale, 0.25)
    x = peak + sign * away
    inside = (x > support[0]) & (x < support[1])
    x = x[inside]
    values = evaluate(function, x)
    significant = np.concatenate([x[values > peak_value - DEPTH], seen])
    farthest = significant.max() if up else significant.min()
    beyond = x[(x - farthest) * sign > 0]
    if beyond.size:
        return float(beyond[0])
    if np.isfinite(end):
        return end
    # A power law: what is left of the mass and of the variance at 1e77 must be nothing.
    if values[-1] + 3 * np.log(away[-1] / scale) < peak_value - 80:
        return float(x[-1])
    raise _no_decay(float(farthest))


def _doubled(first: float, power: float) -> Array:
    """Distances from the first to 1e77, by a factor of 2^power each."""
    return first * 2.0 ** np.arange(0.0, np.log2(_FARTHEST / first), power)


def _no_decay(x: float) -> InputError:
    return InputError(
        "log_density_function",
        f"a function that does not decay beyond {x!r}",
        "a density of finite variance, with nothing beyond 1e77",
        "give its support",
    )
