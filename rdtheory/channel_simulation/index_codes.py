"""Codes for the index K of channel simulation, on a range coder [T3.2].

A code gives each whole number k >= 1 a probability P(k) and sends it in -log2 P(k) bits:

    Zipf            P(k) = k^-s / ζ(s), s = 1 + 1/(I + e^-1 log2 e + 1)   [T3.2b]
    EliasDelta      c + 2 floor(log2(c + 1)) + 1 bits, for any I          [T3.2c]
    EliasGamma      2 c + 1 bits
    AdaptiveDyadic  the class c sent by counts of the classes before it, then c bits
    Uniform         P(k) = 1/N: an index of fixed length (importance sampling)

with c = floor(log2 k) the class of k, and I the bits of information that K stands for.

A range decoder makes numbers of any bytes: that they are those sent is for the checksums of
`rdtheory.container` to say.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from math import log2
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.channel_simulation.range_coder import (
    LARGEST_INDEX,
    PRECISION,
    decode_uniform,
    decoded,
    encode_uniform,
    floor_log2,
    foreign_data,
    frequencies,
    symbols_of,
    table,
    whole_numbers,
)
from rdtheory.channel_simulation.zipf_table import cell_of, cell_start, zipf_table
from rdtheory.errors import InputError

_LARGEST_INFORMATION = 4096
"""More bits than any index that can be sent stands for; its code in a header has 17 bits."""

_LARGEST_COUNT = 2**31 - 1
"""Of the indices that one call decodes."""

_CLASSES = 63
"""Classes c = floor(log2 k) of the indices up to LARGEST_INDEX."""


class IndexCode(ABC):
    """P(k) for whole numbers k = 1, ..., `largest`, and a way to send k in -log2 P(k) bits.

    The numbers of one call of `encode` are decoded by one call of `decode` with their count. Codes
    of any kind can follow one another on one range coder.

    >>> encoder = stream.queue.RangeEncoder()
    >>> EliasDelta().encode([1, 2**40], encoder)
    >>> EliasDelta().decode(2, encoder.get_decoder())
    array([            1, 1099511627776])
    """

    largest: int = LARGEST_INDEX

    def ideal_bits(self, index: Any) -> np.ndarray:
        """-log2 P(k) for each k.

        Args:
            index: k, whole numbers from 1 to `largest`, any shape.

        Raises:
            InputError: if an index is none of these.

        >>> EliasGamma().ideal_bits([1, 2, 1000])
        array([ 1.,  3., 19.])
        """
        indices = self._checked(index)
        return self._ideal_bits(indices.reshape(-1)).reshape(indices.shape)

    def encode(self, index: Any, encoder: stream.queue.RangeEncoder) -> None:
        """Append the indices to what `encoder` holds.

        Args:
            index: k, whole numbers from 1 to `largest`, any shape; sent in the order of C.
            encoder: a range coder.

        Raises:
            InputError: if an index is none of these.

        >>> encoder = stream.queue.RangeEncoder()
        >>> EliasGamma().encode([5, 6], encoder)
        >>> encoder.num_bits()  # 10 bits, rounded up to a word
        32
        """
        self._encode(self._checked(index).reshape(-1), encoder)

    def decode(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        """The next `count` indices, int64, shape (count,).

        Args:
            count: of indices sent by one call of `encode`; >= 0.
            decoder: a range coder.

        Raises:
            InputError: if the count is not a whole number >= 0, or too large.
            StreamError: if no encoder of this code wrote the data. Other damaged data give
                wrong indices, from 1 to `largest`.

        >>> encoder = stream.queue.RangeEncoder()
        >>> EliasGamma().encode([5, 6], encoder)
        >>> EliasGamma().decode(2, encoder.get_decoder())
        array([5, 6])
        """
        if isinstance(count, bool) or not isinstance(count, int | np.integer):
            raise InputError("count", count, "a whole number >= 0")
        if not 0 <= count <= _LARGEST_COUNT:
            raise InputError("count", count, f"0 to {_LARGEST_COUNT}")
        try:
            indices = self._decode(int(count), decoder)
        except MemoryError:
            raise InputError("count", count, "as many as fit into the memory") from None
        if count and not 1 <= indices.min() <= indices.max() <= self.largest:
            raise foreign_data()
        return indices

    @abstractmethod
    def _ideal_bits(self, indices: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _encode(self, indices: np.ndarray, encoder: stream.queue.RangeEncoder) -> None: ...

    @abstractmethod
    def _decode(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray: ...

    def _checked(self, index: Any) -> np.ndarray:
        return whole_numbers("index", index, 1, self.largest)


class Zipf(IndexCode):
    """P(k) = k^-s / ζ(s) with s = 1 + 1/(I + e^-1 log2 e + 1) [T3.2b].

    I is rounded to 1/16 bit, and `Zipf(information_code / 16, largest)` is the same code, so that
    it travels in a header as a whole number. Where the index is known to be at most N (N
    candidates), `largest=N` cuts the law off there: with I = 14 and N = 2^16 that saves 0.92 bits.

    Args:
        information_bits: I, from 0 to 4096.
        largest: N; None for the law of all whole numbers, of which those above LARGEST_INDEX
            cannot be sent.

    Attributes:
        information_code: I in sixteenths of a bit.
        exponent: s.

    Raises:
        InputError: if I or N is out of range.

    >>> code = Zipf(8.0)
    >>> code.information_code, round(code.exponent, 6)
    (128, 1.104924)
    >>> code.ideal_bits([1, 256]).round(3)
    array([ 3.339, 12.178])
    """

    def __init__(self, information_bits: float, largest: int | None = None) -> None:
        self.information_code = _information_code(information_bits)
        if largest is not None:
            self.largest = largest = _size("largest", largest)
        self._law = zipf_table(self.information_code, largest)
        self.exponent = self._law.exponent

    def _ideal_bits(self, indices: np.ndarray) -> np.ndarray:
        return self.exponent * np.log2(indices) + self._law.log2_total

    def _encode(self, indices: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        cells, starts, widths = cell_of(indices)
        encoder.encode(symbols_of(cells), self._law.model)
        encode_uniform(indices - starts, widths, encoder)

    def _decode(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        cells = decoded(decoder, self._law.model, count)
        # The last cell is what the law has above `largest`.
        if count and cells.max() == self._law.cells - 1:
            raise foreign_data()
        starts, widths = cell_start(cells)
        return starts + decode_uniform(widths, decoder)


class _Dyadic(IndexCode):
    """The class c = floor(log2 k), by the code of a subclass, then the c bits below the first."""

    @abstractmethod
    def _class_bits(self, classes: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _encode_classes(self, classes: np.ndarray, encoder: stream.queue.RangeEncoder) -> None: ...

    @abstractmethod
    def _decode_classes(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray: ...

    def _ideal_bits(self, indices: np.ndarray) -> np.ndarray:
        classes = floor_log2(indices)
        return self._class_bits(classes) + classes

    def _encode(self, indices: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        classes = floor_log2(indices)
        self._encode_classes(classes, encoder)
        encode_uniform(indices - (1 << classes), classes, encoder)

    def _decode(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        classes = self._decode_classes(count, decoder)
        if count and classes.max() >= _CLASSES:
            raise foreign_data()
        return (1 << classes) + decode_uniform(classes, decoder)


class EliasGamma(_Dyadic):
    """P(k) = 2^-(2c + 1), c = floor(log2 k): c in unary, then the c bits below the first.

    >>> EliasGamma().ideal_bits([1, 3, 4])
    array([1., 3., 5.])
    """

    def _class_bits(self, classes: np.ndarray) -> np.ndarray:
        return classes + 1.0

    def _encode_classes(self, classes: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        while classes.size:
            encoder.encode(symbols_of(np.minimum(classes, _RUN)), _UNARY)
            classes = classes[classes >= _RUN] - _RUN

    def _decode_classes(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        classes = np.zeros(count, dtype=np.int64)
        unfinished = np.arange(count)
        for _ in range(0, _CLASSES, _RUN):
            runs = decoded(decoder, _UNARY, unfinished.size)
            classes[unfinished] += runs
            unfinished = unfinished[runs == _RUN]
        return classes


class EliasDelta(_Dyadic):
    """P(k) = 2^-(c + 2 floor(log2(c + 1)) + 1), c = floor(log2 k): c + 1 by `EliasGamma` [T3.2c].

    Universal: K of channel simulation costs I + 2 log2(1 + I) + 5.21 bits at most, I unknown.

    >>> EliasDelta().ideal_bits([1, 3, 4, 2**62])
    array([ 1.,  4.,  5., 73.])
    """

    def _class_bits(self, classes: np.ndarray) -> np.ndarray:
        return EliasGamma().ideal_bits(classes + 1)

    def _encode_classes(self, classes: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        EliasGamma().encode(classes + 1, encoder)

    def _decode_classes(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        return EliasGamma().decode(count, decoder) - 1


class AdaptiveDyadic(_Dyadic):
    """Class c sent with probability (n_c + 1/2)/(n + 63/2), n_c its count before; then c bits.

    The estimator is Krichevsky and Trofimov's. The counts start anew in each call and are brought
    up to date after every eighth part more of the numbers, so that n numbers take O(log n) calls of
    the range coder. P(k) depends on the numbers before.

    >>> AdaptiveDyadic().ideal_bits([1, 1, 1]).round(3)
    array([5.977, 4.437, 3.744])
    """

    def _class_bits(self, classes: np.ndarray) -> np.ndarray:
        bits = np.empty(classes.size)
        weights = np.ones(_CLASSES, dtype=np.int64)
        for block in _blocks(classes.size):
            bits[block] = np.log2(weights.sum() / weights[classes[block]])
            weights += _counted(classes[block])
        return bits

    def _encode_classes(self, classes: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        weights = np.ones(_CLASSES, dtype=np.int64)
        for block in _blocks(classes.size):
            encoder.encode(symbols_of(classes[block]), _model(weights))
            weights += _counted(classes[block])

    def _decode_classes(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        classes = np.empty(count, dtype=np.int64)
        weights = np.ones(_CLASSES, dtype=np.int64)
        for block in _blocks(count):
            classes[block] = decoded(decoder, _model(weights), block.stop - block.start)
            weights += _counted(classes[block])
        return classes


class Uniform(IndexCode):
    """P(k) = 1/N for k = 1, ..., N: a fixed length, that of importance sampling.

    Args:
        size: N, from 1 to LARGEST_INDEX.

    Raises:
        InputError: if N is out of range.

    >>> Uniform(1024).ideal_bits([1, 1024])
    array([10., 10.])
    """

    def __init__(self, size: int) -> None:
        self.largest = _size("size", size)
        # A symbol of m equally likely values has floor(2^24 / m)/2^24 each, the last the rest: with
        # m < 2^12 that costs < 4e-4 bits, and to round N up to a multiple of 2^width < 8e-4.
        self._width = max((self.largest - 1).bit_length() - 12, 0)
        self._parts = ((self.largest - 1) >> self._width) + 1

    def _ideal_bits(self, indices: np.ndarray) -> np.ndarray:
        return np.full(indices.size, log2(self.largest))

    def _encode(self, indices: np.ndarray, encoder: stream.queue.RangeEncoder) -> None:
        leading = (indices - 1) >> self._width
        if self._parts > 1:
            encoder.encode(symbols_of(leading), stream.model.Uniform(self._parts))
        widths = np.full(indices.size, self._width)
        encode_uniform(indices - 1 - (leading << self._width), widths, encoder)

    def _decode(self, count: int, decoder: stream.queue.RangeDecoder) -> np.ndarray:
        leading = np.zeros(count, dtype=np.int64)
        if self._parts > 1:
            leading = decoded(decoder, stream.model.Uniform(self._parts), count)
        below = decode_uniform(np.full(count, self._width), decoder)
        # Foreign data may pass the largest int64: the sum is then negative, which is refused.
        return (leading << self._width) + below + 1


_RUN = 16
_UNARY = table([PRECISION >> (1 + zeros) for zeros in range(_RUN)] + [PRECISION >> _RUN])
"""c in unary: c = j < 16 has probability 2^-(j + 1); symbol 16 says that 16 or more are to come."""


def _blocks(count: int) -> Iterator[slice]:
    """0, ..., count - 1 in pieces of an eighth of what went before."""
    start = 0
    while start < count:
        stop = min(start + max(start // 8, 1), count)
        yield slice(start, stop)
        start = stop


def _model(weights: np.ndarray) -> stream.model.Categorical:
    return table(frequencies(weights.tolist()))


def _counted(classes: np.ndarray) -> np.ndarray:
    """What the weights 2 n_c + 1 grow by."""
    return 2 * np.bincount(classes, minlength=_CLASSES)


def _information_code(information_bits: float) -> int:
    number = isinstance(information_bits, int | float | np.integer | np.floating)
    if not (number and 0 <= information_bits <= _LARGEST_INFORMATION):
        allowed = f"a number from 0 to {_LARGEST_INFORMATION}"
        raise InputError("information_bits", information_bits, allowed)
    return round(float(information_bits) * 16)


def _size(name: str, size: int) -> int:
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise InputError(name, size, f"a whole number from 1 to {LARGEST_INDEX}")
    return int(whole_numbers(name, size, 1, LARGEST_INDEX))
