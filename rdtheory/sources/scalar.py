"""A real random variable X and its noisy version Y = X + √t U, U standard normal [T1.1, T4.1].

What every one-dimensional source offers: the density p_t of Y, its score, the law of X given Y, and
the probability flow, which in one dimension is the quantile map T = F_X⁻¹ ∘ F_Y [T1.1d]. At t = 0,
Y is X. Distribution functions are kept as logarithms of the smaller tail, so that nothing
overflows or is lost at 40 standard deviations.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, draw_count, float64, generator, number
from rdtheory.errors import InputError
from rdtheory.newton import increasing_root

LEAST_VARIANCE, LARGEST_VARIANCE = 1e-150, 1e150

SMALLEST_SCALE, LARGEST_VALUE = 1e-75, 1e75
"""Of what has the unit of X, so that squares over variances are below float64's largest number."""

_FARTHEST = 1e78
"""Of y: a thousand standard deviations, be they as large as may be."""


@dataclass(frozen=True, eq=False)
class Features:
    """Where the functions of y change quickly: what a quadrature over Y must look at.

    Attributes:
        low: below it lie no mass of Y and no share of its variance that float64 can see.
        high: nor above it.
        points: where something changes, shape (n,).
        scales: over which distance it does, shape (n,).
    """

    low: float
    high: float
    points: Array
    scales: Array


class ScalarSource(ABC):
    """A real random variable X, seen through Y = X + √t U [T4.1].

    Arguments y and `noise_variance` broadcast; y is up to 1e78 in size, t is 0 or from 1e-150 to
    1e150.

    Subclasses write the methods with an underscore, whose arguments are checked and of one shape:
    `_source_..` for t = 0, the others for t > 0. A tail is P(Y > y) where `upper` is true,
    P(Y <= y) where it is false; quantiles are asked for by the smaller tail, ln P <= ln ½.

    >>> from rdtheory.sources.laplace import Laplace
    >>> Laplace(scale=1.0).cdf([-1.0, 1.0], noise_variance=0.1).round(6)
    array([0.193365, 0.806635])
    """

    # X: its constants.

    @property
    @abstractmethod
    def name(self) -> str:
        """Which source it is, with its parameters."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """E X."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """E (X - E X)²."""

    @property
    @abstractmethod
    def entropy_nats(self) -> float:
        """h(X) in nats; -inf if X has atoms."""

    @property
    @abstractmethod
    def fisher_information(self) -> float:
        """G = E (d ln p/dx)² of Eq. (18), inf where it is infinite [T1.13]."""

    # Y: its law, that of X given Y, and the flow.

    def log_density(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """ln p_t(y); at t = 0 the density of X itself.

        Raises:
            InputError: if y or t is not as above, or at t = 0 if X has no density.

        >>> from rdtheory.sources.uniform import Uniform
        >>> Uniform(half_width=1.0).log_density([0.0, 2.0]).round(6)
        array([-0.693147,      -inf])
        """
        return _by_noise(self._source_log_density, self._log_density, y, noise_variance)

    def score(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """d ln p_t(y)/dy; at a kink of p the mean of both sides.

        Raises:
            InputError: if y or t is not as above, or at t = 0 where X has no density.

        >>> from rdtheory.sources.laplace import Laplace
        >>> Laplace(scale=2.0).score([-1.0, 3.0])
        array([ 0.5, -0.5])
        """
        return _by_noise(self._source_score, self._score, y, noise_variance)

    def posterior_mean(self, y: Any, noise_variance: Any) -> Array:
        """E[X | Y = y] = y + t d ln p_t(y)/dy, computed without that sum [T1.13b].

        >>> from rdtheory.sources.two_point import TwoPoint
        >>> round(float(TwoPoint().posterior_mean(1.0, 2.0)), 9)  # tanh ½
        0.462117157
        """
        return _by_noise(np.copy, self._posterior_mean, y, noise_variance)

    def posterior_variance(self, y: Any, noise_variance: Any) -> Array:
        """Var(X | Y = y), whose mean over Y is the mmse [T4.1a]; a sum of positive terms.

        >>> from rdtheory.sources.two_point import TwoPoint
        >>> round(float(TwoPoint().posterior_variance(0.0, 2.0)), 9)
        1.0
        """
        return _by_noise(np.zeros_like, self._posterior_variance, y, noise_variance)

    def cdf(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """F_t(y) = P(Y <= y), accurate relative to itself also where it is small.

        >>> from rdtheory.sources.laplace import Laplace
        >>> Laplace(scale=1.0).cdf([-40.0, 0.0])
        array([2.12417713e-18, 5.00000000e-01])
        """
        return np.exp(self._checked_log_tail(y, noise_variance, False))

    def sf(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """1 - F_t(y) = P(Y > y), accurate relative to itself also where it is small.

        >>> from rdtheory.sources.laplace import Laplace
        >>> Laplace(scale=1.0).sf([0.0, 40.0])
        array([5.00000000e-01, 2.12417713e-18])
        """
        return np.exp(self._checked_log_tail(y, noise_variance, True))

    def quantile(self, p: Any, noise_variance: Any = 0.0) -> Array:
        """F_t⁻¹(p), the smallest y with P(Y <= y) >= p.

        Args:
            p: probabilities strictly between 0 and 1.
            noise_variance: t, 0 or from 1e-150 to 1e150.

        Raises:
            InputError: if p or t is not as above.

        >>> from rdtheory.sources.uniform import Uniform
        >>> Uniform(half_width=1.0).quantile([0.25, 0.75])
        array([-0.5,  0.5])
        """
        p = float64(np, "p", p)
        p = check("p", p, (p > 0) & (p < 1), "numbers strictly between 0 and 1")
        upper = p > 0.5
        log_tail = np.log(np.where(upper, 1 - p, p))
        return _by_noise(self._source_quantile, self._quantile, log_tail, noise_variance, upper)

    def flow(self, y: Any, noise_variance: Any) -> Array:
        """T(y) = F_X⁻¹(F_Y(y)), where the probability flow ends (Eq. 6) [T1.1c, T1.1d].

        >>> from rdtheory.sources.scalar_mixture import normal
        >>> normal(variance=2.0).flow([-50.0, 1.0], 6.0).round(9)  # y/2
        array([-25. ,   0.5])
        """
        return _by_noise(np.copy, self._flow, y, noise_variance)

    # Draws.

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """`size` independent draws of X.

        >>> from rdtheory.sources.two_point import TwoPoint
        >>> sorted(set(TwoPoint().sample(np.random.default_rng(0), 9).tolist()))
        [-1.0, 1.0]
        """
        return self._sample(generator(rng), draw_count(size))

    def sample_posterior(self, y: Any, noise_variance: Any, rng: np.random.Generator) -> Array:
        """One draw of P(X | Y = y) for each y: the ancestral reconstruction [T1.1b].

        >>> from rdtheory.sources.two_point import TwoPoint
        >>> TwoPoint().sample_posterior([-3.0, 5.0], 0.1, np.random.default_rng(0))
        array([-1.,  1.])
        """
        rng = generator(rng)

        def noisy(y: Array, t: Array) -> Array:
            return self._sample_posterior(y, t, rng)

        return _by_noise(np.copy, noisy, y, noise_variance)

    # For quadrature.

    def features(self, noise_variance: float) -> Features:
        """Where a quadrature over Y must look, at one t > 0."""
        return self._features(positive_noise(noise_variance))

    # What subclasses write.

    @abstractmethod
    def _features(self, noise_variance: float) -> Features: ...

    @abstractmethod
    def _source_log_density(self, x: Array) -> Array: ...

    @abstractmethod
    def _source_score(self, x: Array) -> Array: ...

    @abstractmethod
    def _source_log_tail(self, x: Array, upper: Array) -> Array: ...

    @abstractmethod
    def _source_quantile(self, log_tail: Array, upper: Array) -> Array: ...

    @abstractmethod
    def _log_density(self, y: Array, t: Array) -> Array: ...

    @abstractmethod
    def _score(self, y: Array, t: Array) -> Array: ...

    @abstractmethod
    def _posterior_mean(self, y: Array, t: Array) -> Array: ...

    @abstractmethod
    def _posterior_variance(self, y: Array, t: Array) -> Array: ...

    @abstractmethod
    def _log_tail(self, y: Array, t: Array, upper: Array) -> Array: ...

    @abstractmethod
    def _sample(self, rng: np.random.Generator, size: int) -> Array: ...

    @abstractmethod
    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array: ...

    def _quantile(self, log_tail: Array, t: Array, upper: Array) -> Array:
        from scipy.optimize.elementwise import bracket_root

        def excess(y: Array, target: Array, t: Array, upper: Array) -> Array:
            return self._log_tail(y, t, upper > 0) - target

        deviation = np.sqrt(self.variance + t)
        low, high = self.mean - deviation, self.mean + deviation
        bracket = bracket_root(excess, low, high, args=(log_tail, t, upper.astype(float))).bracket
        ends = np.array(bracket)
        return invert_tail(self._log_tail, self._log_density, log_tail, upper, ends, t)

    def _flow(self, y: Array, t: Array) -> Array:
        """By the smaller of both tails."""
        below = self._log_tail(y, t, np.zeros(y.shape, dtype=bool))
        upper = below > -np.log(2.0)
        if upper.any():
            below[upper] = self._log_tail(y[upper], t[upper], np.ones(upper.sum(), dtype=bool))
        return self._source_quantile(below, upper)

    def _leaps(self, valleys: Array, noise_variance: float) -> tuple[Array, Array]:
        """Where the flow leaps over valleys of p, and over which distance.

        T runs through a valley x while F_Y(y) grows by about p(x) times a width of the source.
        """
        if valleys.size == 0:
            return np.empty(0), np.empty(0)
        t = np.full(valleys.shape, noise_variance)
        below = self._source_log_tail(valleys, np.zeros(valleys.shape, dtype=bool))
        upper = below > -np.log(2)
        tail = np.where(upper, self._source_log_tail(valleys, np.ones_like(upper)), below)
        leaps = self._quantile(tail, t, upper)
        log_slope = self._source_log_density(valleys) - self._log_density(leaps, t)
        deviation = noise_variance**0.5
        widths = np.exp(np.minimum(log_slope, 0.0)) * self.variance**0.5
        return leaps, np.clip(widths, 1e-9 * deviation, deviation)

    def _checked_log_tail(self, y: Any, noise_variance: Any, upper: bool) -> Array:
        return _by_noise(
            self._source_log_tail, self._log_tail, y, noise_variance, np.asarray(upper)
        )


def invert_tail(
    log_tail: Callable[..., Array],
    log_density: Callable[..., Array],
    target: Array,
    upper: Array,
    bracket: Array,
    *parameters: Array,
) -> Array:
    """Where ln P(Y <= y), or ln P(Y > y) where `upper`, has the value `target`, elementwise.

    By `increasing_root`, as d ln P/dy = ±p/P: some eight steps.

    Args:
        log_tail: takes y, the parameters and `upper`, vectors of one length.
        log_density: takes y and the parameters.
        target: logarithms of probabilities, shape (n,).
        upper: which tail, shape (n,).
        bracket: two points that enclose the answer, increasing, shape (2, n).
        parameters: further arguments of both functions, shape (n,).

    >>> from scipy.special import log_ndtr
    >>> tail = lambda y, upper: log_ndtr(np.where(upper, -y, y))
    >>> log_density = lambda y: -(y**2 + np.log(2 * np.pi)) / 2
    >>> bracket = np.array([[-100.0, -100.0], [100.0, 100.0]])
    >>> targets, upper = np.array([-800.0, -2.0]), np.array([False, True])
    >>> invert_tail(tail, log_density, targets, upper, bracket).round(6)
    array([-39.884695,   1.10152 ])
    """
    low, high = bracket

    def excess(y: Array, index: Array) -> tuple[Array, Array, float]:
        more, up = [part[index] for part in parameters], upper[index]
        log_tails = log_tail(y, *more, up)
        # Where P is 0 neither is a number, and the bracket is halved.
        with np.errstate(over="ignore", invalid="ignore"):
            slope = np.exp(log_density(y, *more) - log_tails)
        away = log_tails - target[index]
        return np.where(up, -away, away), slope, 0.0

    fine = 1e-13 * (high - low) + 1e-15 * np.maximum(np.abs(low), np.abs(high))
    return increasing_root(excess, low + (high - low) / 2, low, high, fine)


def positive_number(name: str, value: Any) -> float:
    """`value` as a number from 1e-75 to 1e75, such as a scale.

    >>> positive_number("scale", 2)
    2.0
    """
    low, high = SMALLEST_SCALE, LARGEST_VALUE
    return number(name, value, lambda x: low <= x <= high, f"a number from {low} to {high}")


def positive_noise(noise_variance: Any) -> float:
    """t as a number from 1e-150 to 1e150.

    >>> positive_noise(2)
    2.0
    """
    low, high = LEAST_VARIANCE, LARGEST_VARIANCE
    allowed = f"a number from {low} to {high}"
    return number("noise_variance", noise_variance, lambda t: low <= t <= high, allowed)


def _by_noise(
    clean: Callable[..., Array],
    noisy: Callable[..., Array],
    y: Any,
    noise_variance: Any,
    *more: Array,
) -> Array:
    """noisy(y, t, ..) where t > 0 and clean(y, ..) where t = 0, called with vectors."""
    y = float64(np, "y", y)
    check("y", y, np.abs(y) <= _FARTHEST, f"finite numbers, up to {_FARTHEST} in size")
    t = float64(np, "noise_variance", noise_variance)
    held = (t == 0) | ((t >= LEAST_VARIANCE) & (t <= LARGEST_VARIANCE))
    allowed = f"0 or numbers from {LEAST_VARIANCE} to {LARGEST_VARIANCE}"
    check("noise_variance", t, held, allowed)
    try:
        y, t, *rest = np.broadcast_arrays(y, t, *more)
    except ValueError:
        raise InputError(
            "noise_variance", f"shape {t.shape}", f"a shape that broadcasts with {y.shape}"
        ) from None
    shape = y.shape
    y, t, *rest = (part.ravel() for part in (y, t, *rest))
    with_noise = t > 0
    if with_noise.all():
        values = noisy(y, t, *rest)
    elif not with_noise.any():
        values = clean(y, *rest)
    else:
        values = np.empty(y.shape)
        values[with_noise] = noisy(*(part[with_noise] for part in (y, t, *rest)))
        values[~with_noise] = clean(*(part[~with_noise] for part in (y, *rest)))
    return values.reshape(shape)[()]
