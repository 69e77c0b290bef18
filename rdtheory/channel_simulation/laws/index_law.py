"""The law of an index K >= 1, and what it costs to send K [T3.2].

A law knows the logarithms of P(K = k) and P(K > n), as functions of ln k and ln n so that indices
beyond 2^1000 are as good as small ones. All sums over k are those of `index_sums`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import zeta

from rdtheory.arrays import Array, check, float64
from rdtheory.channel_simulation.laws.index_sums import IndexSum, index_sum
from rdtheory.errors import InputError
from rdtheory.units import NATS_PER_BIT, bits_from_nats

_LARGEST_LOG = 709.0
"""exp of more overflows float64."""


class IndexLaw(ABC):
    """The law of an index K, from P(K = k) and P(K > n).

    >>> from rdtheory.channel_simulation.laws import GRSIndexLaw
    >>> law = GRSIndexLaw(1.0, 0.5)
    >>> bool(law.entropy_bits <= law.zipf_bits())
    True
    """

    _single = 7
    """Indices below 2^7 are summed one by one; from there on P(K = k) must be smooth."""

    @property
    @abstractmethod
    def kl_bits(self) -> float:
        """KL(q ‖ p) in bits, averaged over the targets if there are many."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """E[K]; may be infinite."""

    @abstractmethod
    def draw_log_index(self, rng: np.random.Generator, size: Any = None) -> Array:
        """ln K of independent exact draws.

        Args:
            rng: the source of randomness.
            size: shape of the result.
        """

    @abstractmethod
    def _log_pmf(self, log_k: Array) -> Array:
        """ln P(K = k): at whole numbers, and between them from 2^_single on; vectors."""

    @abstractmethod
    def _log_survival(self, log_n: Array) -> Array:
        """ln P(K > n); vectors."""

    @abstractmethod
    def _octaves(self) -> int:
        """A J with P(K >= 2^J) below 1e-16."""

    def pmf(self, k: Any) -> Array:
        """P(K = k), any shape.

        Args:
            k: whole numbers >= 1.

        Raises:
            InputError: if one is not.
        """
        k = float64(np, "k", k)
        check("k", k, (k >= 1) & (k == np.floor(k)) & (k < np.inf), "whole numbers >= 1")
        with np.errstate(under="ignore"):
            return np.exp(self._log_pmf(np.log(k).ravel())).reshape(k.shape)[()]

    def survival(self, n: Any = None, *, log2_n: Any = None) -> Array:
        """P(K > n), any shape: the bound on the total variation of stopping at n [T3.5b].

        Args:
            n: numbers >= 0.
            log2_n: their logarithm to base 2 in place of them, for numbers beyond 2^1023.

        Raises:
            InputError: unless one of the two is given, or if a number is negative or NaN.
        """
        if (n is None) == (log2_n is None):
            raise InputError("n, log2_n", "both or neither", "one of the two")
        if log2_n is None:
            n = float64(np, "n", n)
            check("n", n, n >= 0, "numbers >= 0")
        else:
            log2_n = float64(np, "log2_n", log2_n)
            check("log2_n", log2_n, ~np.isnan(log2_n), "numbers, infinite ones too")
            with np.errstate(over="ignore", under="ignore"):
                n = np.exp2(log2_n)
        with np.errstate(divide="ignore"):  # ln 0
            log_n = np.log(np.floor(n))
        if log2_n is not None:
            log_n = np.where(log2_n < 60, log_n, log2_n * NATS_PER_BIT)
        with np.errstate(under="ignore"):
            return np.exp(self._log_survival(log_n.ravel())).reshape(log_n.shape)[()]

    @property
    def information_bits(self) -> float:
        """KL for one target, I(X; Z) over a source: what the sample tells of it, in bits."""
        return self.kl_bits

    @cached_property
    def mean_log2(self) -> float:
        """E[log2 K] in bits."""
        return float(self._masses @ self._sum.log_k) / NATS_PER_BIT

    @cached_property
    def entropy_bits(self) -> float:
        """H(K) in bits: the mean length of the best code for K, up to less than one bit."""
        masses, log_pmf = self._masses, self._log_pmf_of_sum
        return abs(float(bits_from_nats(masses @ np.where(masses > 0, log_pmf, 0.0))))

    def zipf_bits(self, information_bits: float | None = None) -> float:
        """s E log K + log ζ(s), s = 1 + 1/(I + e^-1 log e + 1): K under the Zipf code [T3.2b].

        Args:
            information_bits: the I that encoder and decoder have agreed on; the law's own if None.

        Raises:
            InputError: if it is negative or not finite.
        """
        given = self.information_bits if information_bits is None else information_bits
        information = float64(np, "information_bits", given)
        good = (information >= 0) & (information < np.inf)
        information = float(check("information_bits", information, good, "a finite number >= 0"))
        exponent = zipf_exponent(information)
        return exponent * self.mean_log2 + float(np.log2(zeta(exponent)))

    @cached_property
    def elias_gamma_bits(self) -> float:
        """E[2 ⌊log2 K⌋ + 1]: mean length of Elias's gamma code, bits."""
        return float(self._masses @ (2 * self._sum.octave + 1))

    @cached_property
    def elias_delta_bits(self) -> float:
        """E[j + 2 ⌊log2(j + 1)⌋ + 1], j = ⌊log2 K⌋: mean length of Elias's delta code, bits."""
        j = self._sum.octave
        return float(self._masses @ (j + 2 * (np.frexp(j + 1.0)[1] - 1) + 1))

    def code_length_bits(self, length: Callable[[Array], Any]) -> float:
        """E[length(K)] in bits for any code.

        Args:
            length: from a vector of indices (float64) to lengths in bits. It is called at whole
                numbers below 128 (256 for GRS) and between whole numbers above, and should be
                smooth there or constant from each power of two to the next.

        Raises:
            InputError: if the law reaches beyond 2^1023; `zipf_bits` and Elias's codes have no
                such limit.
        """
        log_k = self._sum.log_k
        if log_k[-1] > _LARGEST_LOG:
            raise InputError(
                "length",
                f"a law that reaches 2^{self._sum.octave[-1]}",
                "indices below 2^1023",
                "use zipf_bits, elias_gamma_bits, elias_delta_bits or mean_log2",
            )
        k = np.exp(log_k)
        single = 2**self._single - 1
        k[:single] = np.arange(1, single + 1)  # whole to the last bit
        return float(self._masses @ np.asarray(length(k), dtype=np.float64))

    @cached_property
    def _sum(self) -> IndexSum:
        return index_sum(self._octaves(), self._single)

    @cached_property
    def _log_pmf_of_sum(self) -> Array:
        return self._log_pmf(self._sum.log_k)

    @cached_property
    def _masses(self) -> Array:
        """What each abscissa of the sum stands for; they add up to 1."""
        with np.errstate(under="ignore"):
            return np.exp(self._sum.log_weight + self._log_pmf_of_sum)


def zipf_exponent(information_bits: Any) -> Any:
    """The exponent s = 1 + 1/(I + e^-1 log e + 1) of the Zipf code P(k) ∝ k^-s [T3.2b].

    >>> round(float(zipf_exponent(16.0)), 6)
    1.057043
    """
    return 1 + 1 / (information_bits + 1 + np.exp(-1) / NATS_PER_BIT)
