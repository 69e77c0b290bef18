"""Sources with X ~ -X: their upper tail is the lower one mirrored."""

from abc import abstractmethod

import numpy as np

from rdtheory.arrays import Array
from rdtheory.sources.scalar import ScalarSource


class SymmetricSource(ScalarSource):
    """X ~ -X, so E X = 0 and P(Y > y) = P(Y < -y).

    Subclasses give ln P(Y <= y) for y <= 0, and its inverse.

    >>> from rdtheory.sources.laplace import Laplace
    >>> Laplace(scale=1.0).mean
    0.0
    """

    @property
    def mean(self) -> float:
        """E X = 0."""
        return 0.0

    @abstractmethod
    def _source_lower_log_tail(self, x: Array) -> Array: ...

    @abstractmethod
    def _source_lower_quantile(self, log_tail: Array) -> Array: ...

    @abstractmethod
    def _lower_log_tail(self, y: Array, t: Array) -> Array: ...

    def _source_log_tail(self, x: Array, upper: Array) -> Array:
        return _either_half(np.where(upper, -x, x), self._source_lower_log_tail(-np.abs(x)))

    def _log_tail(self, y: Array, t: Array, upper: Array) -> Array:
        return _either_half(np.where(upper, -y, y), self._lower_log_tail(-np.abs(y), t))

    def _source_quantile(self, log_tail: Array, upper: Array) -> Array:
        below = self._source_lower_quantile(np.minimum(log_tail, -np.log(2)))
        return np.where(upper, -below, below)

    def _flow(self, y: Array, t: Array) -> Array:
        below = self._source_lower_quantile(self._lower_log_tail(-np.abs(y), t))
        return np.where(y > 0, -below, below)


def _either_half(place: Array, smaller: Array) -> Array:
    """The logarithm of a tail from that of the smaller one: of 1 - p right of 0."""
    return np.where(place > 0, np.log1p(-np.exp(smaller)), smaller)
