"""R(D) of a discrete source for any distortion, certified by its dual [T1.4a, T4.3a].

At slope -s the reverse channel of an output law q is W(x̂ | x) ∝ q(x̂) A, A = e^(-s d(x, x̂)), and

    I + s D = -Σ_x p ln Σ_x̂ q A,     gap = ln max_x̂ c(x̂),  c = Σ_x p A / Σ_x̂ q A.

Blahut-Arimoto iterates q ← q c. One such step makes the starting point here; the optimum itself is
that of `mixture_likelihood`, which is reached in a few steps also where q becomes discrete and the
iteration would crawl. The certificate is a function of the final q alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, instance, number, positive, read_only_copy
from rdtheory.errors import InputError
from rdtheory.rate_distortion.certified import CertifiedPoint
from rdtheory.rate_distortion.discrete_source import DiscreteSource, measurable
from rdtheory.rate_distortion.mixture_likelihood import gap_nats, maximise_mixture_likelihood
from rdtheory.rate_distortion.slope_search import search_multiplier
from rdtheory.rate_distortion.whole_line import log_maximum

_ERROR = 1e-9
"""Of a rate, or relative of a distortion, that was asked for; what is reported was attained."""


@dataclass(frozen=True, eq=False)
class RateDistortionPoint(CertifiedPoint):
    """A point of R(D) [T4.3a] and the law of the reproduction.

    Attributes:
        output_probabilities: q, shape (k,).
        reproductions: x̂ of squared error, shape (k,); None if the distortion matrix was given.

    >>> curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
    >>> curve.at_slope(-4.0).output_probabilities.round(12)
    array([0.5, 0.5])
    """

    output_probabilities: Array
    reproductions: Array | None


class DiscreteRateDistortion:
    """R(D) = min I(X; X̂) subject to E d(X, X̂) <= D, for a discrete source [T1.4a, T4.3a].

    Args:
        source: the law of X, n letters.
        distortions: d, shape (n, k), finite: a row a letter, a column a reproduction;
            squared errors unless given.
        reproductions: x̂ of the squared errors, shape (k,); the letters unless given.
        tolerance_nats: the largest duality gap that is accepted.

    Every method returns a `RateDistortionPoint`, or raises a RuntimeError if no gap within the
    tolerance was reached. At a corner or on a straight piece of R(D), where many distortions share
    a slope, the output laws of its ends are mixed.

    >>> curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
    >>> point = curve.at_distortion(0.11)  # ln 2 - h(0.11)
    >>> round(point.rate_nats, 9), point.gap_nats < 1e-10
    (0.346631844, True)
    """

    def __init__(
        self,
        source: DiscreteSource,
        distortions: Any = None,
        *,
        reproductions: Any = None,
        tolerance_nats: float = 1e-10,
    ) -> None:
        self.source = instance("source", source, DiscreteSource)
        if distortions is not None and reproductions is not None:
            raise InputError("reproductions", "some with a matrix", "None", "give one of the two")
        self.reproductions: Array | None = None
        if distortions is None:
            given = source.points if reproductions is None else reproductions
            self.reproductions = read_only_copy(float64(np, "reproductions", given))
        self.distortions = (
            source.squared_errors(self.reproductions)
            if distortions is None
            else _matrix(distortions, source.points.size)
        )
        self.tolerance_nats = positive("tolerance_nats", tolerance_nats)

    @cached_property
    def smallest_distortion(self) -> float:
        """Σ p min_x̂ d(x, x̂), the distortion at infinite slope."""
        return float(self.source.probabilities @ self._least)

    @cached_property
    def largest_distortion(self) -> float:
        """min_x̂ E d(X, x̂), from where on R(D) = 0."""
        return float((self.source.probabilities @ self.distortions).min())

    def at_slope(self, slope: float) -> RateDistortionPoint:
        """The point of R(D) with dR/dD = `slope` < 0, in nats per unit of distortion [T4.3a].

        Raises:
            InputError: if the slope is not from -1e150 to -1e-150.

        >>> curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
        >>> round(curve.at_slope(-np.log(9.0)).distortion, 9)
        0.1
        """
        return self._solve(
            -number("slope", slope, lambda s: -1e150 <= s <= -1e-150, "from -1e150 to -1e-150")
        )

    def at_distortion(self, distortion: float) -> RateDistortionPoint:
        """R(D) at D = `distortion`, > `smallest_distortion` [T1.4a].

        Raises:
            InputError: if no code has so small a distortion.
        """
        least, most = self.smallest_distortion, self.largest_distortion
        distortion = number(
            "distortion",
            distortion,
            lambda D: least < D < np.inf and D - least >= 1e-100 * (most - least),
            f"a finite number > {least!r}, the least distortion there is",
        )
        if distortion >= most - 1e-13 * (most - least):
            return self._no_rate()
        excess = distortion - least

        def log_excess(point: RateDistortionPoint) -> float:
            return np.log(max((point.distortion - least) / excess, 1e-300))

        return self._search(log_excess, 0.5 / excess)  # exact at high rates

    def at_rate(self, rate_nats: float) -> RateDistortionPoint:
        """The point of R(D) whose rate is `rate_nats`, >= 0 and below the rate at least distortion.

        Raises:
            InputError: if the rate is negative or beyond what any slope reaches.
        """
        most = self._largest_rate
        allowed = f"0 <= rate < {most!r}, the rate at least distortion"
        rate = number("rate_nats", rate_nats, lambda R: R == 0 or 0 < R < most, allowed)
        if rate == 0:
            return self._no_rate()
        span = self.largest_distortion - self.smallest_distortion
        return self._search(lambda point: rate - point.rate_nats, 1 / span)

    def gap_on_the_line_nats(self, point: RateDistortionPoint) -> float:
        """An upper bound on the duality gap if every real number may be a reproduction [T4.3a].

        Squared error only. Rigorous, up to rounding: see `whole_line`. A point between those of the
        grid that would be worth using shows as a gap that no solver on the grid can close.

        Raises:
            InputError: if the distortion matrix was given.

        >>> curve = DiscreteRateDistortion(DiscreteSource([-1.0, 1.0], [0.5, 0.5]))
        >>> round(curve.gap_on_the_line_nats(curve.at_slope(-0.5)), 4)  # 0 is better than ±1
        0.0662
        """
        if self.reproductions is None:
            raise InputError("distortions", "a matrix", "squared error, without a matrix")
        instance("point", point, RateDistortionPoint)
        if point.output_probabilities.size != self.distortions.shape[1]:
            raise InputError("point", "one of another curve", "a point of this curve")
        return max(log_maximum(self.source.points, self.log_weights(point), -point.slope), 0.0)

    def log_weights(self, point: RateDistortionPoint) -> Array:
        """ln (p / Σ_x̂ q A): what c is made of, shape (n,)."""
        fit = self._kernel(-point.slope) @ point.output_probabilities
        return np.log(self.source.probabilities / fit) - point.slope * self._least

    def _search(
        self, value: Callable[[RateDistortionPoint], float], guess: float
    ) -> RateDistortionPoint:
        """The point where `value`, which decreases along the curve as s grows, is 0."""
        found: list[tuple[float, RateDistortionPoint]] = []

        def value_at(multiplier: float) -> float:
            point = self._solve(multiplier, found[-1][1] if found else None)
            found.append((value(point), point))
            return found[-1][0]

        multiplier = search_multiplier(value_at, guess)
        iterations = sum(point.iterations for _, point in found)
        error, nearest = min(found, key=lambda pair: abs(pair[0]))
        if abs(error) <= _ERROR:
            return replace(nearest, iterations=iterations)
        above = min((pair for pair in found if pair[0] >= 0), key=lambda pair: pair[0])[1]
        below = max((pair for pair in found if pair[0] <= 0), key=lambda pair: pair[0])[1]
        return self._mix(value, multiplier, above, below, iterations)

    def _mix(
        self,
        value: Callable[[RateDistortionPoint], float],
        multiplier: float,
        above: RateDistortionPoint,
        below: RateDistortionPoint,
        iterations: int,
    ) -> RateDistortionPoint:
        """The mixture of two optimal output laws where `value` is 0: on a straight piece too."""
        from scipy.optimize import root_scalar

        kernel = self._kernel(multiplier)
        ends = above.output_probabilities, below.output_probabilities

        def mixed(share: float) -> RateDistortionPoint:
            q = (1 - share) * ends[0] + share * ends[1]
            return self._point(multiplier, kernel, q, iterations)

        first, last = value(mixed(0.0)), value(mixed(1.0))
        if first * last < 0:
            return mixed(root_scalar(lambda w: value(mixed(w)), bracket=(0, 1), xtol=1e-15).root)
        return mixed(0.0 if abs(first) <= abs(last) else 1.0)

    def _solve(
        self, multiplier: float, neighbour: RateDistortionPoint | None = None
    ) -> RateDistortionPoint:
        kernel, p = self._kernel(multiplier), self.source.probabilities
        uniform = np.full(kernel.shape[1], 1 / kernel.shape[1])
        if neighbour is None:
            start = uniform * (1 + kernel.T @ (p / (kernel @ uniform))) / 2
        else:
            start = 0.99 * neighbour.output_probabilities + 0.01 * uniform
        q, iterations = maximise_mixture_likelihood(kernel, p, start, self.tolerance_nats)
        return self._point(multiplier, kernel, q, iterations)

    def _point(
        self, multiplier: float, kernel: Array, q: Array, iterations: int
    ) -> RateDistortionPoint:
        p, f = self.source.probabilities, kernel @ q
        gap = gap_nats(kernel, p, q)
        # Measured from the least distortion of each letter: nothing cancels at steep slopes.
        excess = float((p / f) @ ((kernel * self._excess) @ q))
        return RateDistortionPoint(
            rate_nats=max(-float(p @ np.log(f)) - multiplier * excess, 0.0),
            distortion=self.smallest_distortion + excess,
            slope=-multiplier,
            gap_nats=max(gap, 0.0),
            iterations=iterations,
            converged=gap <= self.tolerance_nats,
            output_probabilities=q,
            reproductions=self.reproductions,
        )

    def _no_rate(self) -> RateDistortionPoint:
        best = (self.source.probabilities @ self.distortions).argmin()
        q = np.zeros(self.distortions.shape[1])
        q[best] = 1.0
        return RateDistortionPoint(
            0.0, self.largest_distortion, 0.0, 0.0, 0, True, q, self.reproductions
        )

    def _kernel(self, multiplier: float) -> Array:
        """A, but for a factor that makes the largest of every row 1.

        Then p/f <= max c, so that what is set to 0 here adds less than k 1e-150 to any c; left in,
        its products would be denormal, and slow.
        """
        with np.errstate(over="ignore"):  # e^-∞ is right
            kernel = np.exp(-multiplier * self._excess)
        kernel[kernel < 1e-150] = 0.0
        return kernel

    @cached_property
    def _least(self) -> Array:
        return self.distortions.min(axis=1)

    @cached_property
    def _excess(self) -> Array:
        return self.distortions - self._least[:, None]

    @cached_property
    def _largest_rate(self) -> float:
        kernel, p = (self._excess == 0).astype(float), self.source.probabilities
        start = np.full(kernel.shape[1], 1 / kernel.shape[1])
        q, _ = maximise_mixture_likelihood(kernel, p, start, self.tolerance_nats)
        return -float(p @ np.log(kernel @ q))


def _matrix(distortions: Any, rows: int) -> Array:
    matrix = float64(np, "distortions", distortions)
    if matrix.ndim != 2 or matrix.shape[0] != rows or matrix.size == 0:
        raise InputError("distortions", f"shape {matrix.shape}", f"shape ({rows}, k), k >= 1")
    check("distortions", matrix, np.isfinite(matrix), "finite numbers")
    return read_only_copy(measurable("distortions", matrix))
