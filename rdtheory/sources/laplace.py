"""The Laplace source, p(x) = exp(-|x|/b)/(2b) [T4.1d].

Under noise it is two exponentials cut at 0. With u = y/√t, s = √t/b and

    L(u) = ln ∫_0^∞ exp(-s z) φ(z + u) dz = s u + s²/2 + ln Φ(-u - s),

p_t(y) = (e^L(u) + e^L(-u))/(2b), and X given Y = y is N(y + t/b, t) cut to x < 0 with probability
in proportion to e^L(u), N(y - t/b, t) cut to x > 0 in proportion to e^L(-u).
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.sources.cut_normal import CutNormal, cut_normal, sample_cut_normal
from rdtheory.sources.scalar import Features, positive_number
from rdtheory.sources.symmetric import SymmetricSource

_REACH = 50.0
"""Scales: beyond them lie e^-50 of the mass and 5e-19 of the variance."""


@dataclass(frozen=True)
class Laplace(SymmetricSource):
    """X with the density exp(-|x|/b)/(2b), variance 2b², G = 1/b² [T4.1d].

    Attributes:
        scale: b, from 1e-75 to 1e75.

    Raises:
        InputError: if it is not.

    >>> source = Laplace(scale=0.5**0.5)
    >>> round(source.variance, 12), round(source.fisher_information, 12)
    (1.0, 2.0)
    >>> round(float(source.posterior_mean(3.0, 0.01)), 9)  # soft thresholding: y - t/b
    2.985857864
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive_number("scale", self.scale))

    @property
    def name(self) -> str:
        """Which source it is, with its parameters."""
        return f"Laplace(scale={self.scale:g})"

    @property
    def variance(self) -> float:
        """E X² = 2b²."""
        return 2 * self.scale**2

    @property
    def entropy_nats(self) -> float:
        """h(X) = 1 + ln 2b."""
        return float(1 + np.log(2 * self.scale))

    @property
    def fisher_information(self) -> float:
        """G = 1/b²."""
        return 1 / self.scale**2

    def _features(self, noise_variance: float) -> Features:
        """The kink, seen at the scale of the noise."""
        high = _REACH * (self.scale + np.sqrt(noise_variance) / 4)
        return Features(-high, high, np.zeros(1), np.full(1, np.sqrt(noise_variance)))

    def _source_log_density(self, x: Array) -> Array:
        return -np.abs(x) / self.scale - np.log(2 * self.scale)

    def _source_score(self, x: Array) -> Array:
        return -np.sign(x) / self.scale

    def _source_lower_log_tail(self, x: Array) -> Array:
        return x / self.scale - np.log(2)

    def _source_lower_quantile(self, log_tail: Array) -> Array:
        return self.scale * (log_tail + np.log(2))

    def _log_density(self, y: Array, t: Array) -> Array:
        left, right = self._log_masses(y, t)
        return np.logaddexp(left, right) - np.log(2 * self.scale)

    def _score(self, y: Array, t: Array) -> Array:
        return np.tanh(self._log_odds(y, t) / 2) / self.scale

    def _posterior_mean(self, y: Array, t: Array) -> Array:
        share, left, right = self._parts(y, t)
        return (1 - share) * left.mean + share * right.mean

    def _posterior_variance(self, y: Array, t: Array) -> Array:
        share, left, right = self._parts(y, t)
        within = (1 - share) * left.variance + share * right.variance
        return within + share * (1 - share) * (right.mean - left.mean) ** 2

    def _lower_log_tail(self, y: Array, t: Array) -> Array:
        """Φ(u) - ½ e^L(-u) + ½ e^L(u), where the difference leaves at least ½ Φ(u), u <= 0."""
        from scipy.special import log_ndtr

        left, right = self._log_masses(y, t)
        normal = log_ndtr(y / np.sqrt(t))
        rest = np.log1p(-np.exp(np.minimum(right - normal, 0.0)) / 2)
        return np.logaddexp(normal + rest, left - np.log(2))

    def _sample(self, rng: np.random.Generator, size: int) -> Array:
        return rng.laplace(scale=self.scale, size=size)

    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array:
        from scipy.special import expit

        sign = np.where(rng.random(y.shape) < expit(self._log_odds(y, t)), -1, 1)
        return sign * sample_cut_normal(sign * y - t / self.scale, t, 0.0, np.inf, rng)

    def _log_masses(self, y: Array, t: Array) -> tuple[Array, Array]:
        """L(u) and L(-u), of x < 0 and x > 0."""
        deviation = np.sqrt(t)
        u, s = y / deviation, deviation / self.scale
        return _log_mass(u, s), _log_mass(-u, s)

    def _log_odds(self, y: Array, t: Array) -> Array:
        """L(u) - L(-u), both less ln φ(u), which at high noise would drown the difference."""
        from scipy.special import erfcx, log_ndtr

        def relative(edge: Array) -> Array:
            below, above = np.minimum(edge, 0.0), np.maximum(edge, 0.0)
            steep = below**2 / 2 + log_ndtr(-below)
            return np.where(edge > 0, np.log(erfcx(above / np.sqrt(2)) / 2), steep)

        deviation = np.sqrt(t)
        u, s = y / deviation, deviation / self.scale
        return relative(s + u) - relative(s - u)

    def _parts(self, y: Array, t: Array) -> tuple[Array, CutNormal, CutNormal]:
        """P(X > 0 | Y = y) and the laws of X given Y = y on both sides."""
        from scipy.special import expit

        shift = t / self.scale
        return (
            expit(-self._log_odds(y, t)),
            cut_normal(y + shift, t, -np.inf, 0.0),
            cut_normal(y - shift, t, 0.0, np.inf),
        )


def _log_mass(u: Array, s: Array) -> Array:
    """L(u): by erfcx where Φ(-u - s) is small, by its logarithm where erfcx overflows [T9.3]."""
    from scipy.special import erfcx, log_ndtr

    edge = u + s
    small = np.log(erfcx(np.maximum(edge, 0.0) / np.sqrt(2)) / 2) - u**2 / 2
    return np.where(edge > 0, small, s * (u + s / 2) + log_ndtr(-np.minimum(edge, 0.0)))
