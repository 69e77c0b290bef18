"""The uniform source on [-a, a] [T4.1e].

X given Y = y is N(y, t) cut to [-a, a]; p_t(y) = P(-a < N(y, t) < a)/(2a), and with
g(u) = u Φ(u) + φ(u), the integral of Φ up to u,

    F_t(y) = √t/(2a) [g((y + a)/√t) - g((y - a)/√t)].
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array, check
from rdtheory.sources.cut_normal import CutNormal, cut_normal, sample_cut_normal
from rdtheory.sources.line_quadrature import NODES, WEIGHTS
from rdtheory.sources.scalar import Features, positive_number
from rdtheory.sources.symmetric import SymmetricSource

_REACH = 11.0
"""Standard deviations of the noise: 4e-28 of its mass is beyond."""


@dataclass(frozen=True)
class Uniform(SymmetricSource):
    """X uniform on [-a, a], variance a²/3, G = ∞ [T4.1e].

    Attributes:
        half_width: a, from 1e-75 to 1e75.

    Raises:
        InputError: if it is not.

    >>> source = Uniform(half_width=1.0)
    >>> source.flow([-9.0, 0.2, 9.0], 0.01).round(9)
    array([-1. ,  0.2,  1. ])
    >>> source.fisher_information
    inf
    """

    half_width: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "half_width", positive_number("half_width", self.half_width))

    @property
    def name(self) -> str:
        """Which source it is, with its parameters."""
        return f"Uniform(half_width={self.half_width:g})"

    @property
    def variance(self) -> float:
        """E X² = a²/3."""
        return self.half_width**2 / 3

    @property
    def entropy_nats(self) -> float:
        """h(X) = ln 2a."""
        return float(np.log(2 * self.half_width))

    @property
    def fisher_information(self) -> float:
        """G = ∞: the density leaps at both ends."""
        return np.inf

    def _features(self, noise_variance: float) -> Features:
        """Both ends, seen at the scale of the noise."""
        deviation = np.sqrt(noise_variance)
        high = self.half_width + _REACH * deviation
        ends = np.array([-self.half_width, self.half_width])
        return Features(-high, high, ends, np.full(2, deviation))

    def _source_log_density(self, x: Array) -> Array:
        inside = np.abs(x) <= self.half_width
        return np.where(inside, -np.log(2 * self.half_width), -np.inf)

    def _source_score(self, x: Array) -> Array:
        check("y", x, np.abs(x) < self.half_width, "where the source has a positive density")
        return np.zeros_like(x)

    def _source_lower_log_tail(self, x: Array) -> Array:
        share = (1 + x / self.half_width) / 2
        return np.log(share, where=share > 0, out=np.full(x.shape, -np.inf))

    def _source_lower_quantile(self, log_tail: Array) -> Array:
        return self.half_width * (2 * np.exp(log_tail) - 1)

    def _log_density(self, y: Array, t: Array) -> Array:
        return self._posterior(y, t).log_mass - np.log(2 * self.half_width)

    def _score(self, y: Array, t: Array) -> Array:
        law = self._posterior(y, t)
        return ((law.mode - y) + law.excess) / t

    def _posterior_mean(self, y: Array, t: Array) -> Array:
        return self._posterior(y, t).mean

    def _posterior_variance(self, y: Array, t: Array) -> Array:
        return self._posterior(y, t).variance

    def _lower_log_tail(self, y: Array, t: Array) -> Array:
        """[T4.1e]; where Φ hardly changes over the source and g would cancel, its mean itself."""
        from scipy.special import log_ndtr, logsumexp

        deviation = np.sqrt(t)
        width = self.half_width / deviation
        u = y / deviation
        above, below = _log_integral(u + width), _log_integral(u - width)
        narrow = width * (1 + np.abs(u)) < 1
        difference = np.where(narrow, -1.0, below - above)
        closed = above + np.log1p(-np.exp(difference)) - np.log(2 * width)
        at_nodes = log_ndtr(u[:, None] + np.minimum(width, 1.0)[:, None] * NODES)
        mean: Array = logsumexp(at_nodes, b=WEIGHTS / 2, axis=1)
        return np.where(narrow, mean, closed)

    def _sample(self, rng: np.random.Generator, size: int) -> Array:
        return rng.uniform(-self.half_width, self.half_width, size)

    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array:
        return sample_cut_normal(y, t, -self.half_width, self.half_width, rng)

    def _posterior(self, y: Array, t: Array) -> CutNormal:
        return cut_normal(y, t, -self.half_width, self.half_width)


def _log_integral(u: Array) -> Array:
    """ln g(u), g = ∫_{-∞}^u Φ = Φ(u) E[u - N | N < u], N standard normal."""
    from scipy.special import log_ndtr

    shortfall = cut_normal(np.zeros_like(u), np.ones_like(u), -np.inf, np.minimum(u, 0.0)).excess
    direct = u + np.exp(-(u**2) / 2 - log_ndtr(u)) / np.sqrt(2 * np.pi)
    return log_ndtr(u) + np.log(np.where(u < 0, -shortfall, np.maximum(direct, 0.1)))
