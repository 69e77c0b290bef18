"""Minimal random coding (MRC) [Havasi2019]: importance sampling with a uniform index.

The winner of N candidates by E_k / r(z_k): candidate k with probability r(z_k) / Σ_j r(z_j). The
index is all but uniform and costs log2 N bits. The sample's law is that of ordered random coding.
"""

from dataclasses import dataclass
from typing import Any

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.index_codes import Uniform
from rdtheory.channel_simulation.race import Race, importance_error
from rdtheory.channel_simulation.random_streams import Key


@dataclass(frozen=True)
class MinimalRandomCoding(Race):
    """MRC with N candidates, coded at log2 N bits.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> target = DiagonalGaussian([1.0, 0.5])
    >>> code = MinimalRandomCoding(2**8).encode(target, STANDARD_NORMAL, Key(7))
    >>> float(code.ideal_bits)
    8.0
    """

    def times(self, exponentials: Array, first: int, before: Array) -> Array:
        """t_k = E_k."""
        return exponentials

    def error(self, pair: StandardPair, log_best: Array, last_time: Array) -> Array:
        """The bound of importance sampling."""
        return importance_error(pair, self.candidates)

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """log2 N for each."""
        return Uniform(self.candidates).ideal_bits(index)

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put the indices into a range encoder, at equal lengths."""
        Uniform(self.candidates).encode(index, encoder)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take the indices from a range decoder."""
        return Uniform(self.candidates).decode(count, decoder)
