"""The source of two points, X = ±a with probability ½ each [T4.1f].

It has no density: DiffC-F does not gain 3 dB over DiffC-A at high rate, D_F/D_A → 2/π [T1.13d].
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.errors import InputError
from rdtheory.sources.scalar import Features, positive_number
from rdtheory.sources.symmetric import SymmetricSource

_REACH = 11.0
"""Standard deviations of the noise: 4e-28 of its mass is beyond."""


@dataclass(frozen=True)
class TwoPoint(SymmetricSource):
    """X = ±a with probability ½ each: E[X | y] = a tanh(a y/t), T = a sign [T4.1f].

    Attributes:
        amplitude: a, from 1e-75 to 1e75.

    Raises:
        InputError: if it is not.

    >>> source = TwoPoint(amplitude=1.0)
    >>> source.flow([-0.1, 0.2], 3.0)
    array([-1.,  1.])
    >>> source.log_density(0.0)
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: noise_variance: got 0; allowed: numbers > 0 for a source without a \
density
    """

    amplitude: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "amplitude", positive_number("amplitude", self.amplitude))

    @property
    def name(self) -> str:
        """Which source it is, with its parameters."""
        return f"TwoPoint(amplitude={self.amplitude:g})"

    @property
    def variance(self) -> float:
        """E X² = a²."""
        return self.amplitude**2

    @property
    def entropy_nats(self) -> float:
        """The differential entropy of atoms, -∞; their entropy is ln 2."""
        return -np.inf

    @property
    def fisher_information(self) -> float:
        """G = ∞: there is no density."""
        return np.inf

    def _features(self, noise_variance: float) -> Features:
        """Both points, and the middle, where tanh(a y/t) changes sign."""
        deviation = np.sqrt(noise_variance)
        high = self.amplitude + _REACH * deviation
        return Features(
            low=-high,
            high=high,
            points=np.array([-self.amplitude, 0.0, self.amplitude]),
            scales=np.array(
                [deviation, min(deviation, noise_variance / self.amplitude), deviation]
            ),
        )

    def _source_log_density(self, x: Array) -> Array:
        raise InputError("noise_variance", 0, "numbers > 0 for a source without a density")

    def _source_score(self, x: Array) -> Array:
        return self._source_log_density(x)

    def _source_log_tail(self, x: Array, upper: Array) -> Array:
        """Right of an atom as at it: P(X <= x) leaps at x = ±a."""
        steps = (x >= -self.amplitude).astype(float) + (x >= self.amplitude)
        share = np.where(upper, 2 - steps, steps) / 2
        return np.log(share, where=share > 0, out=np.full(x.shape, -np.inf))

    def _source_lower_log_tail(self, x: Array) -> Array:
        return self._source_log_tail(x, np.zeros(x.shape, dtype=bool))

    def _source_lower_quantile(self, log_tail: Array) -> Array:
        return np.full(log_tail.shape, -self.amplitude)

    def _log_density(self, y: Array, t: Array) -> Array:
        nearer = np.abs(y) - self.amplitude
        farther = np.log1p(np.exp(-2 * self._log_odds(y, t)))
        return farther - (nearer**2 / t + np.log(8 * np.pi * t)) / 2

    def _score(self, y: Array, t: Array) -> Array:
        return (self._posterior_mean(y, t) - y) / t

    def _posterior_mean(self, y: Array, t: Array) -> Array:
        return self.amplitude * np.sign(y) * np.tanh(self._log_odds(y, t))

    def _posterior_variance(self, y: Array, t: Array) -> Array:
        doubt = np.exp(-2 * self._log_odds(y, t))
        return self.amplitude**2 * 4 * doubt / (1 + doubt) ** 2

    def _lower_log_tail(self, y: Array, t: Array) -> Array:
        from scipy.special import log_ndtr

        both = (log_ndtr((y + sign * self.amplitude) / np.sqrt(t)) for sign in (-1, 1))
        return np.logaddexp(*both) - np.log(2)

    def _sample(self, rng: np.random.Generator, size: int) -> Array:
        return self.amplitude * (2.0 * rng.integers(0, 2, size) - 1)

    def _sample_posterior(self, y: Array, t: Array, rng: np.random.Generator) -> Array:
        right = rng.random(y.shape) < (1 + self._posterior_mean(y, t) / self.amplitude) / 2
        return np.where(right, self.amplitude, -self.amplitude)

    def _log_odds(self, y: Array, t: Array) -> Array:
        """a |y|/t: half of ln P(the nearer point)/P(the farther one)."""
        return np.minimum(self.amplitude * np.abs(y) / t, 1e8)
