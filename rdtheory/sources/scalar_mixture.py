"""Gaussian mixtures on the line: X ~ Σ w_k N(m_k, v_k), a normal source among them [T4.1b].

With noise each component stays one: Y ~ Σ w_k N(m_k, v_k + t). Given Y = y the component is k with
probability r_k ∝ w_k N(y; m_k, v_k + t), and then X ~ N(m_k + c_k (y - m_k), c_k t),
c_k = v_k/(v_k + t).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array, check, float64, read_only_copy
from rdtheory.errors import InputError
from rdtheory.sources.line_quadrature import LineIntegrals, graded_edges, integrate
from rdtheory.sources.scalar import (
    LARGEST_VALUE,
    LARGEST_VARIANCE,
    LEAST_VARIANCE,
    Features,
    ScalarSource,
    invert_tail,
)

_RESOLVED = 1e-9

_REACH = 11.0
"""Standard deviations: 4e-28 of a normal law is beyond."""


@dataclass(frozen=True, eq=False)
class GaussianMixture(ScalarSource):
    """X ~ Σ w_k N(m_k, v_k) [T4.1b].

    Attributes:
        weights: w, shape (K,), > 0; their sum is 1 to 1e-9 and is made 1.
        means: m, shape (K,), up to 1e75 in size.
        variances: v, shape (K,), from 1e-150 to 1e150, and at least (1e-9 m_k)².

    Raises:
        InputError: if a value is not as above or shapes differ.

    >>> mixture = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
    >>> round(mixture.variance, 12), round(mixture.entropy_nats, 10)  # of [T4.2]
    (1.3509, 1.2517941692)
    >>> round(float(mixture.posterior_mean(0.0, 0.2)), 9)
    0.288210865
    """

    weights: Array
    means: Array
    variances: Array

    def __post_init__(self) -> None:
        weights, means, variances = (
            float64(np, name, getattr(self, name)) for name in ("weights", "means", "variances")
        )
        if weights.ndim != 1 or weights.size == 0:
            raise InputError("weights", f"shape {weights.shape}", "a vector of at least one value")
        for name, value in (("means", means), ("variances", variances)):
            if value.shape != weights.shape:
                raise InputError(name, f"shape {value.shape}", f"that of weights, {weights.shape}")
        check("weights", weights, (weights > 0) & (weights < np.inf), "finite numbers > 0")
        check(
            "means", means, np.abs(means) <= LARGEST_VALUE, f"numbers up to {LARGEST_VALUE} in size"
        )
        check(
            "variances",
            variances,
            (variances >= LEAST_VARIANCE) & (variances <= LARGEST_VARIANCE),
            f"numbers from {LEAST_VARIANCE} to {LARGEST_VARIANCE}",
            "a component without variance is a point: see TwoPoint",
        )
        apart = np.sqrt(variances) / np.maximum(np.abs(means), 1e-300)
        check(
            "variances",
            variances,
            apart >= _RESOLVED,
            f"deviations of at least {_RESOLVED} of the means, so that float64 resolves them",
            "move the origin to the narrowest component",
        )
        total = float(weights.sum())
        if abs(total - 1) > 1e-9:
            raise InputError("weights", f"a sum of {total!r}", "a sum of 1", "divide them by it")
        object.__setattr__(self, "weights", read_only_copy(weights / total))
        object.__setattr__(self, "means", read_only_copy(means))
        object.__setattr__(self, "variances", read_only_copy(variances))

    @property
    def name(self) -> str:
        """Which source it is, with its parameters."""
        if self.weights.size == 1:
            return f"normal(variance={self.variance:g}, mean={self.mean:g})"
        lists = (np.array2string(part, separator=", ") for part in self._parameters)
        return "GaussianMixture({}, {}, {})".format(*lists)

    @cached_property
    def mean(self) -> float:
        """Σ w_k m_k."""
        return float(self.weights @ self.means)

    @cached_property
    def variance(self) -> float:
        """Σ w_k (v_k + (m_k - E X)²)."""
        return float(self.weights @ (self.variances + (self.means - self.mean) ** 2))

    @property
    def entropy_nats(self) -> float:
        """-∫ p ln p by quadrature; for one component ½ ln 2πe v."""
        if self.weights.size == 1:
            return float(np.log(2 * np.pi * np.e * self.variance) / 2)
        return float(self._integrals.values[0])

    @property
    def fisher_information(self) -> float:
        """G = ∫ p (d ln p/dx)² by quadrature; for one component 1/v."""
        if self.weights.size == 1:
            return 1 / self.variance
        return float(self._integrals.values[1])

    @cached_property
    def _integrals(self) -> LineIntegrals:
        def functions(x: Array) -> Array:
            log_density = self.log_density(x)
            return np.exp(log_density) * np.stack([-log_density, self.score(x) ** 2])

        look = self._component_features(0.0)
        edges = graded_edges(look.low, look.high, look.points, look.scales)
        return integrate(functions, edges, floors=np.array([1.0, 0.0]))

    @property
    def _parameters(self) -> tuple[Array, Array, Array]:
        return self.weights, self.means, self.variances

    def _features(self, noise_variance: float) -> Features:
        """The components, and where the flow leaps over a valley between two of them."""
        look = self._component_features(noise_variance)
        leaps, widths = self._leaps(self._valleys, noise_variance)
        return Features(
            look.low,
            look.high,
            np.concatenate([look.points, leaps]),
            np.concatenate([look.scales, widths]),
        )

    def _component_features(self, noise_variance: float) -> Features:
        deviations = np.sqrt(self.variances + noise_variance)
        return Features(
            low=float(np.min(self.means - _REACH * deviations)),
            high=float(np.max(self.means + _REACH * deviations)),
            points=self.means,
            scales=deviations,
        )

    @cached_property
    def _valleys(self) -> Array:
        """About where p has its minima between neighbouring means."""
        means = np.unique(self.means)
        x = means[:-1, None] + np.diff(means)[:, None] * np.linspace(0, 1, 65)
        density = self._log_density(x.ravel(), np.zeros(x.size)).reshape(x.shape)
        lowest = np.argmin(density, axis=1) if x.size else np.zeros(0, dtype=int)
        inner = (lowest > 0) & (lowest < 64)
        return x[inner, lowest[inner]]

    # t = 0 is a noise variance like any other: every component has a density.

    def _source_log_density(self, x: Array) -> Array:
        return self._log_density(x, np.zeros_like(x))

    def _source_score(self, x: Array) -> Array:
        return self._score(x, np.zeros_like(x))

    def _source_log_tail(self, x: Array, upper: Array) -> Array:
        return self._log_tail(x, np.zeros_like(x), upper)

    def _source_quantile(self, log_tail: Array, upper: Array) -> Array:
        return self._quantile(log_tail, np.zeros_like(log_tail), upper)

    def _log_density(self, y: Array, t: Array) -> Array:
        return _log_sum(self._log_terms(y, t))

    def _score(self, y: Array, t: Array) -> Array:
        spread = self.variances + t[:, None]
        return (self._responsibilities(y, t) * (self.means - y[:, None]) / spread).sum(axis=1)

    def _posterior_mean(self, y: Array, t: Array) -> Array:
        means, _ = self._component_posteriors(y, t)
        return (self._responsibilities(y, t) * means).sum(axis=1)

    def _posterior_variance(self, y: Array, t: Array) -> Array:
        means, variances = self._component_posteriors(y, t)
        shares = self._responsibilities(y, t)
        mean = (shares * means).sum(axis=1, keepdims=True)
        return (shares * (variances + (means - mean) ** 2)).sum(axis=1)

    def _log_tail(self, y: Array, t: Array, upper: Array) -> Array:
        from scipy.special import log_ndtr

        away = np.where(upper, -1, 1)[:, None] * (y[:, None] - self.means)
        scaled = away / np.sqrt(self.variances + t[:, None])
        return _log_sum(np.log(self.weights) + log_ndtr(scaled))

    def _quantile(self, log_tail: Array, t: Array, upper: Array) -> Array:
        """Between the smallest and the largest of the components' quantiles."""
        from scipy.special import ndtri_exp

        scores = np.where(upper, -1, 1) * ndtri_exp(log_tail)
        each = self.means + np.sqrt(self.variances + t[:, None]) * scores[:, None]
        if self.weights.size == 1:
            return each[:, 0]
        ends = np.stack([each.min(axis=1), each.max(axis=1)])
        margin = 1e-14 * np.abs(ends).max(axis=0) + 1e-300
        ends += margin * [[-1], [1]]
        return invert_tail(self._log_tail, self._log_density, log_tail, upper, ends, t)

    def _sample(self, rng: np.random.Generator, size: int) -> Array:
        which = rng.choice(self.weights.size, size, p=self.weights)
        return self.means[which] + np.sqrt(self.variances[which]) * rng.standard_normal(size)

    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array:
        means, variances = self._component_posteriors(y, t)
        steps = np.cumsum(self._responsibilities(y, t), axis=1)
        which = (rng.random(y.shape)[:, None] * steps[:, -1:] > steps).sum(axis=1)
        rows = np.arange(y.size)
        deviation = np.sqrt(variances[rows, which])
        return means[rows, which] + deviation * rng.standard_normal(y.shape)

    def _log_terms(self, y: Array, t: Array) -> Array:
        """ln w_k N(y; m_k, v_k + t), shape (n, K)."""
        spread = self.variances + t[:, None]
        exponent = (y[:, None] - self.means) ** 2 / spread
        return np.log(self.weights) - (exponent + np.log(2 * np.pi * spread)) / 2

    def _responsibilities(self, y: Array, t: Array) -> Array:
        """r_k, shape (n, K)."""
        terms = self._log_terms(y, t)
        shares = np.exp(terms - terms.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def _component_posteriors(self, y: Array, t: Array) -> tuple[Array, Array]:
        """Means and variances of X given Y and the component, shape (n, K)."""
        spread = self.variances + t[:, None]
        means = (self.means * t[:, None] + self.variances * y[:, None]) / spread
        return means, self.variances * t[:, None] / spread


def normal(variance: float = 1.0, *, mean: float = 0.0) -> GaussianMixture:
    """X ~ N(mean, variance): the mixture of one component [T1.5].

    >>> normal(2.0).fisher_information
    0.5
    """
    return GaussianMixture([1.0], [mean], [variance])


def _log_sum(terms: Array) -> Array:
    """Ln of the sums of exp(terms) over the last axis."""
    largest = terms.max(axis=-1)
    return largest + np.log(np.exp(terms - largest[..., None]).sum(axis=-1))
