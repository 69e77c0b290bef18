"""The range coder of every stream: exact tables, raw bits, and clean errors for foreign data.

The range coder is `constriction`'s. Its probabilities are whole numbers n_j out of 2^24. Given
"probabilities" p_j it rounds their running sum and adds 1 to each, so that p_j = n_j - 1 with
Σ n_j = 2^24 makes it use the n_j as they are, whatever the machine's floating point.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.container import StreamError
from rdtheory.errors import InputError

PRECISION = 2**24
"""The range coder's probabilities are whole numbers out of this."""

LARGEST_INDEX = 2**63 - 1
"""The largest number that is sent: what a 64-bit integer holds."""

_PIECE = 2**20
"""Symbols decoded by one call of the range coder, at most."""

_DIGIT = 21
"""Bits sent as one symbol, at most: 63 = 3 · 21, and below the range coder's 24."""


def bytes_of(encoder: stream.queue.RangeEncoder) -> bytes:
    """What the encoder holds: words of 4 bytes, little-endian, less the zeros at the end.

    >>> encoder = stream.queue.RangeEncoder()
    >>> encode_uniform([5], [8], encoder)
    >>> decode_uniform([8], decoder_of(bytes_of(encoder)))
    array([5])
    """
    return encoder.get_compressed().astype("<u4").tobytes().rstrip(b"\0")


def decoder_of(data: bytes) -> stream.queue.RangeDecoder:
    """A decoder of what `bytes_of` gave; after the end it reads zeros.

    >>> decode_uniform([8, 8], decoder_of(b""))
    array([0, 0])
    """
    words = np.frombuffer(data + bytes(-len(data) % 4), dtype="<u4")
    return stream.queue.RangeDecoder(words.astype(np.uint32))


def encode_uniform(values: Any, widths: Any, encoder: stream.queue.RangeEncoder) -> None:
    """Append each value as it is, in as many bits as its width says, by one call of the coder.

    Args:
        values: shape (n,), whole numbers from 0 to 2^width - 1.
        widths: shape (n,), bits of each, from 0 to 63.
        encoder: a range coder.

    Raises:
        InputError: if a value or a width is out of range or their shapes differ.

    >>> encoder = stream.queue.RangeEncoder()
    >>> encode_uniform([5, 0, 2**40], [3, 0, 41], encoder)
    >>> decode_uniform([3, 0, 41], encoder.get_decoder())
    array([            5,             0, 1099511627776])
    """
    widths = _widths(widths)
    values = whole_numbers("values", values, 0, LARGEST_INDEX)
    if values.shape != widths.shape:
        raise InputError("values", f"shape {values.shape}", f"shape {widths.shape}, that of widths")
    too_wide = values >> widths > 0
    if too_wide.any():
        first = int(np.argmax(too_wide))
        raise InputError("values", int(values[first]), f"< 2^{widths[first]}, as widths say")
    digits, sizes = [], []
    for shift, members, size in _digits(widths):
        digits.append((values[members] >> shift) & (size - 1))
        sizes.append(size)
    symbols, sizes = np.concatenate(digits), np.concatenate(sizes)
    encoder.encode(symbols_of(symbols), stream.model.Uniform(), symbols_of(sizes))


def decode_uniform(widths: Any, decoder: stream.queue.RangeDecoder) -> np.ndarray:
    """What `encode_uniform` appended with these widths, int64, shape (n,).

    Args:
        widths: shape (n,), bits of each value, from 0 to 63.
        decoder: a range coder.

    Raises:
        InputError: if a width is out of range.
        StreamError: if no encoder wrote the data.

    >>> encoder = stream.queue.RangeEncoder()
    >>> encode_uniform([5, 6], [3, 4], encoder)
    >>> decode_uniform([3, 4], encoder.get_decoder())
    array([5, 6])
    """
    widths = _widths(widths)
    parts = list(_digits(widths))
    sizes = np.concatenate([size for _, _, size in parts])
    try:
        digits = decoder.decode(stream.model.Uniform(), symbols_of(sizes)).astype(np.int64)
    except AssertionError:
        raise foreign_data() from None
    values, start = np.zeros(widths.shape, dtype=np.int64), 0
    for shift, members, size in parts:
        values[members] |= digits[start : start + size.size] << shift
        start += size.size
    return values


def table(frequencies: Sequence[int]) -> stream.model.Categorical:
    """Model of symbols j = 0, 1, ... of probability n_j / 2^24, exactly.

    Args:
        frequencies: n_j >= 1, two or more, with sum 2^24.

    >>> encoder = stream.queue.RangeEncoder()
    >>> encoder.encode(symbols_of(np.zeros(1000)), table([2**24 - 1, 1]))
    >>> encoder.num_bits()
    32
    """
    return stream.model.Categorical(np.asarray(frequencies, dtype=np.float64) - 1, perfect=False)


def frequencies(weights: Sequence[int]) -> list[int]:
    """Whole numbers n_j >= 1 in proportion to the weights, with sum 2^24; in exact arithmetic.

    Args:
        weights: whole numbers >= 0 of any size, not all 0, at most 2^23 of them.

    >>> frequencies([1, 0, 3])
    [4194304, 1, 12582911]
    """
    spare, total = PRECISION - len(weights), sum(weights)
    edges = [spare * partial // total for partial in accumulate(weights, initial=0)]
    return [1 + right - left for left, right in pairwise(edges)]


def symbols_of(numbers: np.ndarray) -> np.ndarray:
    """The numbers as the range coder wants them: int32, in one piece.

    >>> symbols_of(np.array([1, 2])).dtype
    dtype('int32')
    """
    return np.ascontiguousarray(numbers, dtype=np.int32)


def decoded(
    decoder: stream.queue.RangeDecoder, symbol_model: stream.model.Model, count: int
) -> np.ndarray:
    """The next `count` symbols, int64, shape (count,).

    Raises:
        StreamError: if no encoder wrote the data.
        MemoryError: if so many symbols do not fit.

    >>> decoder = stream.queue.RangeDecoder(np.full(3, 2**32 - 1, dtype=np.uint32))
    >>> decoded(decoder, stream.model.Uniform(7), 9)
    Traceback (most recent call last):
    ...
    rdtheory.container.StreamError: stream: got foreign bytes; allowed: those of this code;
    fetch again
    """
    symbols = np.empty(count, dtype=np.int64)
    # Asked for more than the memory holds, the range coder would end the process.
    for start in range(0, count, _PIECE):
        piece = symbols[start : start + _PIECE]
        try:
            piece[:] = decoder.decode(symbol_model, piece.size)
        except AssertionError:
            raise foreign_data() from None
    return symbols


def foreign_data() -> StreamError:
    """The error for bytes that no encoder writes.

    >>> raise foreign_data()
    Traceback (most recent call last):
    ...
    rdtheory.container.StreamError: stream: got foreign bytes; allowed: those of this code;
    fetch again
    """
    return StreamError("stream", "foreign bytes", "those of this code", "fetch again")


def floor_log2(numbers: np.ndarray) -> np.ndarray:
    """floor(log2 k) of whole numbers k >= 1, exactly.

    >>> floor_log2(np.array([1, 7, 8, 2**62 - 1]))
    array([ 0,  2,  3, 61])
    """
    exponents = np.frexp(numbers)[1].astype(np.int64) - 1
    # Above 2^53 a number may have been rounded up to the next power of two.
    return exponents - (numbers >> exponents == 0)


def whole_numbers(name: str, value: Any, least: int, largest: int) -> np.ndarray:
    """`value` as int64, if all of it are whole numbers from `least` to `largest` < 2^63.

    >>> whole_numbers("widths", [3, 64], 0, 63)
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: widths: got 64; allowed: whole numbers from 0 to 63
    """
    allowed = f"whole numbers from {least} to {largest}"
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(name, value, allowed) from None
    if array.size == 0:
        return np.zeros(array.shape, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputError(name, value, allowed)
    bad = (array < least) | (array > largest)
    if bad.any():
        raise InputError(name, int(array[bad][0]), allowed)
    return array.astype(np.int64)


def _widths(widths: Any) -> np.ndarray:
    array = whole_numbers("widths", widths, 0, 63)
    if array.ndim != 1:
        raise InputError("widths", f"shape {array.shape}", "shape (n,)")
    return array


def _digits(widths: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Shift, which values have bits from there on, and how many values those bits have."""
    for shift in range(0, 63, _DIGIT):
        members = np.flatnonzero(widths > shift)
        yield shift, members, 1 << np.minimum(widths[members] - shift, _DIGIT)
