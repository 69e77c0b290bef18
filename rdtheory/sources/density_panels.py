"""A density given as a function, on panels that resolve it, and rules for its smoothed version.

The panels reach from the mode to where the density is e^-4000 of its peak. On each the density is
resolved by 16 nodes relative to its own size, and varies by no more than e^12, so that on any part
of a panel p(x) exp(-(x - y)²/2t) is resolved where the exponential is: the noise may be as much
narrower than a panel as it likes.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.errors import InputError
from rdtheory.sources.density_extent import DEPTH, LogDensity, evaluate, extent
from rdtheory.sources.line_quadrature import WEIGHTS, graded_edges, panel_nodes, unresolved_share

_DROP = 12.0
_NEGLIGIBLE = 45.0
"""Beside a mass m, e^-45 m is none."""

_MOST_PASSES = 100
_MOST_PANELS = 16_000


@dataclass(frozen=True, eq=False)
class Pieces:
    """Stretches of the line on which the integrands of some outputs y are resolved.

    Attributes:
        row: to which output each piece belongs, non-decreasing, shape (pieces,).
        left: left ends.
        right: right ends.
        panel: which panel the piece is all of, -1 if none.
    """

    row: Array
    left: Array
    right: Array
    panel: Array | None = None

    @cached_property
    def nodes(self) -> Array:
        """Shape (pieces, 16)."""
        return panel_nodes(self.left, self.right)

    def nodes_from(self, places: Array) -> Array:
        """The nodes less a place for each output, exact also where these are close together."""
        places = places[self.row]
        return panel_nodes(self.left - places, self.right - places)

    def log_masses(self, log_integrand: Array) -> Array:
        """ln of the integral over each piece, shape (pieces,)."""
        peak = log_integrand.max(axis=1)
        safe = np.where(peak > -np.inf, peak, 0.0)
        with np.errstate(divide="ignore"):
            sums = np.log(np.exp(log_integrand - safe[:, None]) @ WEIGHTS)
            return safe + sums + np.log(self.right - self.left) - np.log(2)

    @cached_property
    def starts(self) -> Array:
        """Where the pieces of each output begin."""
        return np.flatnonzero(np.diff(self.row, prepend=-1))


@dataclass(frozen=True, eq=False)
class Panels:
    """A density p on panels that resolve it; between them it is 0.

    Attributes:
        function: ln p + constant.
        left: left ends, increasing, shape (J,).
        right: right ends.
        log_values: `function` at the nodes, shape (J, 16).
        error: estimated error of the mass, relative.

    >>> panels = resolve(lambda x: -(x**2) / 2, (-np.inf, np.inf), ())
    >>> round(float(np.exp(panels.log_mass)), 12)  # √2π
    2.506628274631
    """

    function: LogDensity
    left: Array
    right: Array
    log_values: Array
    error: float

    @cached_property
    def nodes(self) -> Array:
        """Shape (J, 16)."""
        return panel_nodes(self.left, self.right)

    @cached_property
    def log_masses(self) -> Array:
        """ln ∫ p over each panel."""
        return Pieces(np.arange(self.left.size), self.left, self.right).log_masses(self.log_values)

    @cached_property
    def log_before(self) -> Array:
        """ln ∫ p over all panels before each, and over all of them at the end, shape (J + 1,)."""
        return np.concatenate([[-np.inf], np.logaddexp.accumulate(self.log_masses)])

    @property
    def log_mass(self) -> float:
        """ln ∫ p."""
        return float(self.log_before[-1])

    @cached_property
    def weights(self) -> Array:
        """Masses of the nodes, which sum to 1, shape (J, 16)."""
        half = (self.right - self.left)[:, None] / 2
        return np.exp(self.log_values - self.log_mass) * half * WEIGHTS

    @cached_property
    def mirrored(self) -> "Panels":
        """The density of -X."""
        function = self.function
        return Panels(
            lambda x: function(-x),
            -self.right[::-1],
            -self.left[::-1],
            self.log_values[::-1, ::-1],
            self.error,
        )

    def log_tail(self, x: Array) -> Array:
        """ln ∫ p up to x, over the whole mass."""
        which = np.clip(np.searchsorted(self.left, x, side="right") - 1, 0, None)
        inside = np.clip(x, self.left[which], self.right[which])
        part = Pieces(np.arange(x.size), self.left[which], inside)
        some = part.right > part.left
        logs = np.full(x.size, -np.inf)
        part = Pieces(part.row[some], part.left[some], part.right[some])
        logs[some] = part.log_masses(evaluate(self.function, part.nodes))
        return np.minimum(np.logaddexp(self.log_before[which], logs) - self.log_mass, 0.0)

    def panel_of(self, log_tail: Array) -> Array:
        """The panel in which `log_tail` has the given value, as its ends, shape (2, n)."""
        which = np.searchsorted(self.log_before[1:-1], log_tail + self.log_mass)
        return np.stack([self.left[which], self.right[which]])

    # Under noise.

    def log_density(self, pieces: Pieces) -> Array:
        """ln p at the nodes of pieces, where they are whole panels as it was kept."""
        values = self.log_values[pieces.panel]
        part = pieces.panel == -1
        values[part] = evaluate(self.function, pieces.nodes[part])
        return values - self.log_mass

    def smoothing_pieces(self, y: Array, t: Array) -> Pieces:
        """Pieces that resolve p(x) exp(-(x - y)²/2t), x the integration variable."""
        row, panel = self._pairs(y, t, one_sided=False)
        y, t = y[row], t[row]
        near = np.clip(y, self.left[panel], self.right[panel])
        reach = self._reach(np.abs(near - y), t, panel)
        left = np.maximum(self.left[panel], near - reach)
        right = np.minimum(self.right[panel], near + reach)
        return self._subdivided(row, panel, left, right, y, t)

    def tail_pieces(self, y: Array, t: Array) -> tuple[Pieces, Array]:
        """Pieces that resolve p(x) Φ((y - x)/√t), and points left of which Φ is 1."""
        certain = y - 9 * np.sqrt(t)
        row, panel = self._pairs(y, t, one_sided=True)
        some = self.right[panel] > certain[row]
        row, panel = row[some], panel[some]
        y, t = y[row], t[row]
        near = np.clip(y, self.left[panel], self.right[panel])
        reach = self._reach(np.maximum(near - y, 0.0), t, panel)
        left = np.maximum(self.left[panel], certain[row])
        right = np.minimum(self.right[panel], near + reach)
        return self._subdivided(row, panel, left, right, y, t), certain

    def _pairs(self, y: Array, t: Array, one_sided: bool) -> tuple[Array, Array]:
        """Outputs, by index, and the panels that hold more than e^-45 of their integral."""

        def exponent(y: Any, t: Any, panels: Any) -> Array:
            gap = np.maximum(self.left[panels] - y, 0.0)
            if not one_sided:
                gap = np.maximum(gap, y - self.right[panels])
            with np.errstate(over="ignore"):
                return gap**2 / (2 * t)

        # First for all outputs at once: the exponent is convex in y, so largest at an end.
        low, high = y.min(), y.max()
        every = slice(None)
        worst = np.maximum(exponent(low, t.min(), every), exponent(high, t.min(), every))
        best = exponent(np.clip(np.clip(low, self.left, self.right), low, high), t.max(), every)
        surely = np.max(self._lowest - worst)
        panels = np.flatnonzero(self._highest - best >= surely - _NEGLIGIBLE)
        each = exponent(y[:, None], t[:, None], panels)
        surely = np.max(self._lowest[panels] - each, axis=1, keepdims=True)
        row, which = np.nonzero(self._highest[panels] - each >= surely - _NEGLIGIBLE)
        return row, panels[which]

    def _subdivided(
        self, row: Array, panel: Array, left: Array, right: Array, y: Array, t: Array
    ) -> Pieces:
        """Pieces over which (x - y)²/2t changes by 8 at most, and x by 3√t."""
        width = right - left
        drop = width * np.abs((right - y) + (left - y)) / (2 * t)
        parts = np.ceil(np.maximum(width / (3 * np.sqrt(t)), drop / 8)).astype(int)
        whole = (parts <= 1) & (left == self.left[panel]) & (right == self.right[panel])
        parts = np.maximum(parts, 1)
        which = np.repeat(np.arange(row.size), parts)
        index = np.arange(which.size) - np.repeat(np.cumsum(parts) - parts, parts)
        step = (width / parts)[which]
        start = left[which] + index * step
        return Pieces(row[which], start, start + step, np.where(whole, panel, -1)[which])

    def _reach(self, gap: Array, t: Array, panel: Array) -> Array:
        """How far beyond the nearest point the exponential matters: g x/t + x²/2t = drop."""
        room = 2 * t * (_NEGLIGIBLE + self._highest[panel] - self._lowest[panel])
        return room / (gap + np.sqrt(gap**2 + room))

    @cached_property
    def _highest(self) -> Array:
        return self.log_values.max(axis=1) + 1

    @cached_property
    def _lowest(self) -> Array:
        lowest = self.log_values.min(axis=1) - 1
        return np.maximum(lowest, self._highest - 2 * _DROP)


def resolve(
    function: LogDensity, support: tuple[float, float], breaks: tuple[float, ...]
) -> Panels:
    """The panels of a density: halved until each resolves it.

    Args:
        function: ln p + constant.
        support: where p may be positive.
        breaks: points inside at which p is not smooth.

    Raises:
        InputError: if no mode is found, if the density does not decay, or takes too many panels.
    """
    found = extent(function, support, breaks)
    points = np.array([*breaks, *(end for end in support if np.isfinite(end))])
    gaps = np.abs(found.modes[:, None] - points).min(axis=1, initial=np.inf)
    apart = gaps >= 1e-3 * found.scales
    edges = graded_edges(
        found.low,
        found.high,
        np.concatenate([points, found.modes[apart]]),
        np.concatenate([np.full(points.shape, found.scale), found.scales[apart]]),
    )
    left, right = edges[:-1], edges[1:]
    kept, total, errors = [], 0.0, 0.0
    for halvings in range(_MOST_PASSES):
        values = evaluate(function, panel_nodes(left, right))
        some = values.max(axis=1) > found.peak_value - DEPTH
        left, right, values = left[some], right[some], values[some]
        if not (some.any() or kept):
            raise InputError(
                "log_density_function",
                f"a spike at {found.peak!r}",
                "modes wider than 1e-75 and than 1e-12 of their distance from 0",
            )
        highest = values.max(axis=1)
        share = unresolved_share(np.exp(values - highest[:, None]))
        masses = (right - left) * np.exp(highest - found.peak_value)
        whole = total + masses.sum()
        smooth = (share**2 <= 1e-13) & (highest - values.min(axis=1) <= _DROP)
        if highest.max() > found.peak_value + 1:
            raise InputError(
                "log_density_function",
                f"a function with a narrow mode near {float(left[np.argmax(highest)])!r}",
                "one whose modes are seen from afar",
                "name a point near each mode in breaks",
            )
        # What is rough still after 40 halvings, at a kink or an end, holds nothing.
        good = smooth | ((halvings >= 40) & (masses <= 1e-14 * whole))
        kept.append((left[good], right[good], values[good]))
        total += masses[good].sum()
        errors += float((masses * share**2)[good].sum())
        if good.all():
            left, right, values = (np.concatenate(parts) for parts in zip(*kept, strict=True))
            order = np.argsort(left)
            return Panels(function, left[order], right[order], values[order], errors / total)
        middle = left[~good] + (right[~good] - left[~good]) / 2
        left, right = (
            np.concatenate([left[~good], middle]),
            np.concatenate([middle, right[~good]]),
        )
        if left.size + sum(part[0].size for part in kept) > _MOST_PANELS:
            break
    raise InputError(
        "log_density_function",
        f"a function that is rough near {float(left[0])!r}",
        "one that is smooth between its breaks",
        "name the points where it is not smooth in breaks",
    )
