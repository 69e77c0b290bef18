"""Any one-dimensional density that is given as a function [T4.1].

Everything is an integral over x, by Gauss and Legendre's rule on panels that resolve the density:
constants of X over the panels themselves, functions of y over those parts of them that matter for
P(X | Y = y), cut so finely that the noise is resolved as well, whatever its variance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array, check, float64
from rdtheory.errors import InputError
from rdtheory.sources.density_extent import (
    LogDensity,
    evaluate,
    infinite_fisher_information,
)
from rdtheory.sources.density_panels import Panels, Pieces, resolve
from rdtheory.sources.line_quadrature import (
    WEIGHTS,
    integrate,
    panel_nodes,
    slope_at,
    slopes_on_panels,
)
from rdtheory.sources.scalar import (
    LARGEST_VALUE,
    LARGEST_VARIANCE,
    LEAST_VARIANCE,
    Features,
    ScalarSource,
    invert_tail,
)

_AT_ONCE = 64
"""Outputs worked through together: some megabytes at most."""

_ACCURACY = 1e-10

_REACH = 11.0
"""Standard deviations of the noise: 4e-28 of its mass is beyond."""


@dataclass(frozen=True, eq=False)
class DensitySource(ScalarSource):
    """X with the density p(x) = exp(f(x)) / ∫ exp f, f given as a function [T4.1].

    Functions of y are good to about 1e-12, for densities that are as smooth as their formula says;
    what cannot be resolved is refused. The density counts as 0 beyond where it is e^-4000 of its
    peak.

    Attributes:
        log_density_function: f, takes an array of any shape and returns one of that shape; -inf is
            allowed.
        support: where p may be positive, an interval.
        breaks: points inside at which p is not smooth: kinks, leaps; also a point near each
            mode that is narrower than 1/1000 of its distance from 0, the ends, the highest mode
            and the breaks, and than 1/10000 of the width of the whole: it may not be found.

    Raises:
        InputError: if f is not as above, too rough, does not decay, or has no finite variance.

    >>> source = DensitySource(lambda x: -np.abs(x), breaks=(0.0,))
    >>> round(source.log_normaliser, 12), round(source.variance, 12)  # ln 2, 2b²
    (0.69314718056, 2.0)
    >>> round(source.fisher_information, 12), round(float(source.flow(3.0, 1e-6)), 6)
    (1.0, 2.999999)
    """

    log_density_function: LogDensity
    support: tuple[float, float] = (-np.inf, np.inf)
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not callable(self.log_density_function):
            raise InputError("log_density_function", self.log_density_function, "a function")
        support = float64(np, "support", self.support)
        if support.shape != (2,) or not support[0] < support[1]:
            raise InputError("support", self.support, "two numbers, the lower one first")
        low, high = support.tolist()
        breaks = np.sort(np.atleast_1d(float64(np, "breaks", self.breaks)))
        if breaks.ndim != 1:
            raise InputError("breaks", f"shape {breaks.shape}", "a list of numbers")
        allowed = f"finite numbers between {low!r} and {high!r}"
        check("breaks", breaks, (breaks > low) & (breaks < high), allowed)
        for name, ends in (("support", support[np.isfinite(support)]), ("breaks", breaks)):
            held = np.abs(ends) <= LARGEST_VALUE
            check(name, ends, held, f"finite ones up to {LARGEST_VALUE} in size")
        object.__setattr__(self, "support", (low, high))
        object.__setattr__(self, "breaks", tuple(breaks.tolist()))
        if not self.relative_error <= _ACCURACY or not self._outer_share <= _ACCURACY:
            raise InputError(
                "log_density_function",
                f"integrals uncertain by {max(self.relative_error, self._outer_share):.1e}",
                "a density with a finite variance, smooth between its breaks",
            )
        if not LEAST_VARIANCE <= self.variance <= LARGEST_VARIANCE:
            raise InputError(
                "log_density_function",
                f"a variance of {self.variance!r}",
                f"a variance from {LEAST_VARIANCE} to {LARGEST_VARIANCE}",
            )

    @property
    def name(self) -> str:
        """Which source it is: the name of its function."""
        function = getattr(self.log_density_function, "__name__", "a function")
        return f"DensitySource({function})"

    @property
    def log_normaliser(self) -> float:
        """ln ∫ exp f."""
        return self._panels.log_mass

    @property
    def relative_error(self) -> float:
        """The estimated error of ∫ exp f, relative: the certificate of the panels."""
        return self._panels.error

    @cached_property
    def mean(self) -> float:
        """E X."""
        panels = self._panels
        centre = panels.nodes.ravel()[np.argmax(panels.log_values)]
        return float(centre + np.sum(panels.weights * (panels.nodes - centre)))

    @cached_property
    def variance(self) -> float:
        """E (X - E X)²."""
        return float(np.sum(self._panels.weights * (self._panels.nodes - self.mean) ** 2))

    @cached_property
    def entropy_nats(self) -> float:
        """h(X) = -∫ p ln p."""
        return self._integrate(self._entropy_integrand, floor=1.0)

    @cached_property
    def fisher_information(self) -> float:
        """G = ∫ p (f')², by differentiating the polynomials through the values on the panels.

        It is infinite where p leaps, also at an end of its support, or rises there no faster than
        linearly.

        Raises:
            InputError: if the integral cannot be resolved.
        """
        places = self.support, self.breaks, self._width
        if infinite_fisher_information(self.log_density_function, *places):
            return np.inf
        return self._integrate(self._fisher_integrand, floor=0.0)

    def _features(self, noise_variance: float) -> Features:
        """The panels of the density, its ends and breaks at the scale of the noise, its leaps."""
        deviation = noise_variance**0.5
        low, high = self._range
        low, high = low - _REACH * deviation, high + _REACH * deviation
        edges = np.union1d(self._panels.left, self._panels.right)
        edges = edges[np.unique(np.floor(edges / deviation), return_index=True)[1]]
        sharp = np.array([x for x in (*self.support, *self.breaks) if np.isfinite(x)])
        leaps, widths = self._leaps(self._valleys, noise_variance)
        return Features(
            low=low,
            high=high,
            points=np.concatenate([edges, sharp, leaps]),
            scales=np.concatenate(
                [np.full(edges.shape, high - low), np.full(sharp.shape, deviation), widths]
            ),
        )

    # The panels and what is read off them.

    @cached_property
    def _panels(self) -> Panels:
        return resolve(self.log_density_function, self.support, self.breaks)

    def _entropy_integrand(self, x: Array) -> Array:
        values = evaluate(self.log_density_function, x) - self.log_normaliser
        return -np.exp(values) * np.maximum(values, -700.0)

    def _fisher_integrand(self, x: Array) -> Array:
        values = evaluate(self.log_density_function, x) - self.log_normaliser
        return np.exp(values) * slopes_on_panels(x, np.maximum(values, -1e300)) ** 2

    def _integrate(self, function: Callable[[Array], Array], floor: float) -> float:
        """Over quarters of the panels: what resolves p need not resolve ln p or its slope."""
        panels = self._panels
        heavy = panels.log_masses > panels.log_mass - 100
        left, right = panels.left[heavy], panels.right[heavy]
        inner = left + (right - left) * np.array([[0.25], [0.5], [0.75]])
        edges = np.unique(np.concatenate([left, right, inner.ravel()]))
        return float(integrate(lambda x: function(x)[None], edges, floor).values[0])

    @property
    def _width(self) -> float:
        return self.variance**0.5

    @cached_property
    def _second_moments(self) -> Array:
        """Shares of the panels in the variance."""
        panels = self._panels
        return np.sum(panels.weights * (panels.nodes - self.mean) ** 2, axis=1) / self.variance

    @property
    def _outer_share(self) -> float:
        """The share of the variance beside an end of the panels that is not one of the support."""
        ends = np.isinf(self.support)
        return float(np.max(self._second_moments[[0, -1]] * ends))

    @cached_property
    def _range(self) -> tuple[float, float]:
        """What holds all of the mass and of the variance but 1e-17."""
        panels = self._panels
        share = np.exp(panels.log_masses - panels.log_mass) + self._second_moments
        matter = np.flatnonzero((np.cumsum(share) > 1e-17) & (np.cumsum(share[::-1])[::-1] > 1e-17))
        return float(panels.left[matter[0]]), float(panels.right[matter[-1]])

    @cached_property
    def _valleys(self) -> Array:
        """About where p has minima with mass on both sides."""
        panels = self._panels
        x, values = panels.nodes.ravel(), panels.log_values.ravel()
        gaps = panels.left[1:] > panels.right[:-1]
        empty = (panels.left[1:] + panels.right[:-1])[gaps] / 2
        x = np.concatenate([x, empty])
        values = np.concatenate([values, np.full(empty.shape, -np.inf)])
        order = np.argsort(x)
        x, values = x[order], values[order]
        minimum = (values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])
        low, high = self._range
        inside = (x[1:-1] > low) & (x[1:-1] < high)
        return x[1:-1][minimum & inside]

    def _source_log_density(self, x: Array) -> Array:
        inside = (x >= self.support[0]) & (x <= self.support[1])
        values = np.full(x.shape, -np.inf)
        values[inside] = evaluate(self.log_density_function, x[inside]) - self.log_normaliser
        return values

    def _source_score(self, x: Array) -> Array:
        """By differentiating the polynomial through values about x, within its panel."""
        panels = self._panels
        which = np.clip(np.searchsorted(panels.left, x, side="right") - 1, 0, None)
        left, right = panels.left[which], panels.right[which]
        inside = (x >= left) & (x <= right)
        check("y", x, inside, "points where the source has a positive density")
        half = np.minimum((right - left) / 8, np.maximum((right - x), (x - left)) / 2)
        centre = np.clip(x, left + half, right - half)
        nodes = panel_nodes(centre - half, centre + half)
        values = evaluate(self.log_density_function, nodes)
        return slope_at((x - centre) / half, values) / half

    def _source_log_tail(self, x: Array, upper: Array) -> Array:
        return self._on_each_side(upper, lambda panels, x: panels.log_tail(x), x)

    def _source_quantile(self, log_tail: Array, upper: Array) -> Array:
        ends = np.where(
            upper,
            -self._panels.mirrored.panel_of(log_tail)[::-1],
            self._panels.panel_of(log_tail),
        )
        return invert_tail(self._source_log_tail, self._source_log_density, log_tail, upper, ends)

    # Under noise.

    def _log_density(self, y: Array, t: Array) -> Array:
        def value(pieces: Pieces, logs: Array, y: Array, t: Array) -> Array:
            return _log_sums(pieces.log_masses(logs), pieces) - np.log(2 * np.pi * t) / 2

        return self._of_posterior(value, y, t)

    def _score(self, y: Array, t: Array) -> Array:
        def value(pieces: Pieces, logs: Array, y: Array, t: Array) -> Array:
            return _means(pieces, logs, pieces.nodes_from(y)) / t

        return self._of_posterior(value, y, t)

    def _posterior_mean(self, y: Array, t: Array) -> Array:
        def value(pieces: Pieces, logs: Array, y: Array, t: Array) -> Array:
            origin = pieces.left[pieces.starts]
            return origin + _means(pieces, logs, pieces.nodes_from(origin))

        return self._of_posterior(value, y, t)

    def _posterior_variance(self, y: Array, t: Array) -> Array:
        def value(pieces: Pieces, logs: Array, y: Array, t: Array) -> Array:
            away = pieces.nodes_from(pieces.left[pieces.starts])
            mean = _means(pieces, logs, away)
            return _means(pieces, logs, (away - mean[pieces.row, None]) ** 2)

        return self._of_posterior(value, y, t)

    def _log_tail(self, y: Array, t: Array, upper: Array) -> Array:
        """∫ p(x) Φ((y - x)/√t) dx, the part where Φ is 1 by the distribution function of X."""

        def tail(panels: Panels, y: Array, t: Array) -> Array:
            from scipy.special import log_ndtr

            pieces, certain = panels.tail_pieces(y, t)
            scaled = (y[pieces.row, None] - pieces.nodes) / np.sqrt(t)[pieces.row, None]
            logs = panels.log_density(pieces) + log_ndtr(scaled)
            total = panels.log_tail(certain)
            rows = pieces.row[pieces.starts]
            total[rows] = np.logaddexp(total[rows], _log_sums(pieces.log_masses(logs), pieces))
            return np.minimum(total, 0.0)

        def in_parts(panels: Panels, y: Array, t: Array) -> Array:
            return _in_parts(lambda y, t: tail(panels, y, t), y, t)

        return self._on_each_side(upper, in_parts, y, t)

    def _sample(self, rng: np.random.Generator, size: int) -> Array:
        return self._source_quantile(np.log(rng.uniform(0, 0.5, size)), rng.random(size) < 0.5)

    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array:
        """A piece in proportion to its mass, then by inversion within it."""

        def value(pieces: Pieces, logs: Array, y: Array, t: Array) -> Array:
            masses = pieces.log_masses(logs)
            shares = np.exp(masses - _log_sums(masses, pieces)[pieces.row])
            # The shares of each output sum to 1, so their running sums are told apart by whole
            # numbers.
            which = np.searchsorted(np.cumsum(shares), np.arange(y.size) + rng.random(y.size))
            which = np.clip(which, pieces.starts, np.append(pieces.starts[1:], masses.size) - 1)
            return self._sample_piece(pieces.left[which], pieces.right[which], y, t, rng)

        return self._of_posterior(value, y, t)

    def _sample_piece(
        self, left: Array, right: Array, y: Array, t: Array, rng: np.random.Generator
    ) -> Array:
        def log_integrand(x: Array, y: Array, t: Array) -> Array:
            return evaluate(self.log_density_function, x) - (x - y) ** 2 / (2 * t)

        def log_tail(x: Array, left: Array, y: Array, t: Array, upper: Array) -> Array:
            x = np.maximum(x, np.nextafter(left, np.inf))
            piece = Pieces(np.arange(x.size), left, x)
            return piece.log_masses(log_integrand(piece.nodes, y[:, None], t[:, None]))

        def log_density(x: Array, left: Array, y: Array, t: Array) -> Array:
            return log_integrand(x, y, t)

        lower = np.zeros(y.shape, dtype=bool)
        target = np.log1p(-rng.random(y.size)) + log_tail(right, left, y, t, lower)
        ends = np.stack([left, right])
        return invert_tail(log_tail, log_density, target, lower, ends, left, y, t)

    def _of_posterior(
        self, value: Callable[[Pieces, Array, Array, Array], Array], y: Array, t: Array
    ) -> Array:
        """`value` of the pieces that resolve p(x) exp(-(x - y)²/2t), and of its logarithm."""

        def part(y: Array, t: Array) -> Array:
            pieces = self._panels.smoothing_pieces(y, t)
            exponent = pieces.nodes_from(y) ** 2 / (2 * t[pieces.row, None])
            return value(pieces, self._panels.log_density(pieces) - exponent, y, t)

        return _in_parts(part, y, t)

    def _on_each_side(
        self, upper: Array, function: Callable[..., Array], y: Array, *more: Array
    ) -> Array:
        """`function` of the panels and y, for upper tails of the mirrored panels and -y."""
        values = np.empty(y.shape)
        for side, panels, sign in ((~upper, self._panels, 1), (upper, self._panels.mirrored, -1)):
            if side.any():
                values[side] = function(panels, sign * y[side], *(part[side] for part in more))
        return values


def _in_parts(function: Callable[[Array, Array], Array], y: Array, t: Array) -> Array:
    """A function of a few neighbouring outputs at a time, as these share their panels."""
    order = np.argsort(y)
    values = np.empty(y.shape)
    for start in range(0, y.size, _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        values[some] = function(y[some], t[some])
    return values


def _log_sums(log_masses: Array, pieces: Pieces) -> Array:
    """Ln of the sums of masses over the pieces of each output."""
    peaks = np.maximum(np.maximum.reduceat(log_masses, pieces.starts), -1e300)
    away = np.exp(log_masses - peaks[np.cumsum(np.diff(pieces.row, prepend=-1) > 0) - 1])
    with np.errstate(divide="ignore"):
        return peaks + np.log(np.add.reduceat(away, pieces.starts))


def _means(pieces: Pieces, logs: Array, values: Array) -> Array:
    """Means of the values at the nodes under the law proportional to exp(logs), by output."""
    peaks = np.maximum.reduceat(logs.max(axis=1), pieces.starts)
    weights = np.exp(logs - peaks[pieces.row, None]) * WEIGHTS
    weights *= (pieces.right - pieces.left)[:, None]
    sums = np.add.reduceat(np.sum(weights * values, axis=1), pieces.starts)
    return sums / np.add.reduceat(weights.sum(axis=1), pieces.starts)
