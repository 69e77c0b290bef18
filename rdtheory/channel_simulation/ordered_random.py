"""Ordered random coding (ORC) [TheisYosri2022], as in [T3.7d]: importance sampling, sorted times.

The winner of N candidates by t_k / r(z_k), where t_1 < ... < t_N are N sorted exponentials. The
sample's law is that of minimal random coding with as many candidates; but as early times win more
often, small indices are likelier, and the index costs about KL + log2(KL + 1) + 4 bits in place of
log2 N.
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.race import Race, importance_error


@dataclass(frozen=True)
class OrderedRandomCoding(Race):
    """ORC with N candidates; for any Gaussian target, also of unequal variances.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> orc = OrderedRandomCoding(candidates=2**10)
    >>> code = orc.encode(DiagonalGaussian([[1.0, 0.5], [0.0, 2.0]]), STANDARD_NORMAL, Key(7))
    >>> sample = orc.decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> sample.shape, bool((sample == code.sample).all())
    ((2, 2), True)
    """

    def times(self, exponentials: Array, first: int, before: Array) -> Array:
        """t_k = Σ_{i<=k} N E_i / (N - i + 1): N sorted exponentials of mean N."""
        remaining = self.candidates - first - np.arange(exponentials.shape[1])
        return before + np.cumsum(exponentials * (self.candidates / remaining), axis=1)

    def error(self, pair: StandardPair, log_best: Array, last_time: Array) -> Array:
        """The bound of importance sampling."""
        return importance_error(pair, self.candidates)
