"""A code for whole numbers k = round(Y), Y ~ N(m, s²), with a mean and a spread for each.

    P(k) = Φ((k + 1/2 - m)/s) - Φ((k - 1/2 - m)/s)

The range coder's own model of a rounded Gaussian gives at least 2^-24 to every symbol, which costs
.19 bits a number for the symbols -2^20 to 2^20 and .0001 bits for -2^9 to 2^9. So a wide law is cut
into cells: k = j 2^b + i with b such that s/2^b < 32; the cell j is a rounded Gaussian of mean
(m + 1/2)/2^b - 1/2 and deviation s/2^b, and the b bits of i are sent as they are, at a loss below
2^-12 bits. Numbers far outside (data that is not what the decoder expects) use the two symbols at
the ends, |j| >= 512, followed by |j| - 511 in Elias's delta code: any k with |k| <= 2^53 can be
sent, in at most 90 bits.

Order in the stream: all cells; what is beyond the ends; the low bits.
"""

from math import pi, sqrt
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]
from scipy.special import log_ndtr, ndtr

from rdtheory.arrays import Array
from rdtheory.channel_simulation.index_codes import EliasDelta
from rdtheory.channel_simulation.range_coder import (
    decode_uniform,
    encode_uniform,
    foreign_data,
    symbols_of,
)
from rdtheory.units import bits_from_nats

LARGEST = 2**53
"""Of |k|: what float64 holds exactly."""

_END = 512
_CELLS = stream.model.QuantizedGaussian(-_END, _END)

_WIDEST = 5
"""log2 of the deviation of the cells, at most."""

_PIECE = 2**13
"""Numbers are worked through in pieces that stay in the cache."""


def encode(k: Array, mean: Array, std: Array, encoder: stream.queue.RangeEncoder) -> None:
    """Append the numbers to what `encoder` holds.

    Args:
        k: whole numbers of size at most `LARGEST`, any shape; sent in the order of C.
        mean: m, of the same shape; |m| of a few units at most.
        std: s > 0, of the same shape.
        encoder: a range coder.

    >>> encoder = stream.queue.RangeEncoder()
    >>> k = np.array([3, -(10**9)])
    >>> encode(k, np.zeros(2), np.array([2.0, 4.0]), encoder)
    >>> decode(np.zeros(2), np.array([2.0, 4.0]), encoder.get_decoder())
    array([          3, -1000000000])
    """
    cell_mean, cell_std, widths = _cells(mean, std)
    k = k.reshape(-1)
    cells = k >> widths
    encoder.encode(symbols_of(np.clip(cells, -_END, _END)), _CELLS, cell_mean, cell_std)
    beyond = np.abs(cells) - (_END - 1)
    EliasDelta().encode(beyond[beyond > 0], encoder)
    wide = np.flatnonzero(widths)
    encode_uniform((k - (cells << widths))[wide], widths[wide], encoder)


def decode(mean: Array, std: Array, decoder: stream.queue.RangeDecoder) -> Array:
    """What `encode` appended with this mean and deviation, int64, of their shape.

    Raises:
        StreamError: if no encoder wrote the data.
    """
    cell_mean, cell_std, widths = _cells(mean, std)
    try:
        cells = decoder.decode(_CELLS, cell_mean, cell_std).astype(np.int64)
    except AssertionError:
        raise foreign_data() from None
    ends = np.flatnonzero(np.abs(cells) == _END)
    beyond = EliasDelta().decode(ends.size, decoder)
    if (beyond > (LARGEST >> widths[ends]) + 1).any():
        raise foreign_data()
    cells[ends] = np.sign(cells[ends]) * (beyond + (_END - 1))
    k = cells << widths
    wide = np.flatnonzero(widths)
    k[wide] += decode_uniform(widths[wide], decoder)
    return k.reshape(mean.shape)


def ideal_bits(k: Array, mean: Array, std: Array) -> Array:
    """-log2 P(k), of the same shape; good to 1e-8 relative, however far k is from the mean.

    >>> ideal_bits(np.array([0, 10**6]), np.zeros(2), np.array([0.1, 1e5])).round(6)
    array([1.0000000e-06, 9.0070141e+01])
    """
    distance, spread = np.abs(k - mean).reshape(-1), std.reshape(-1)
    bits = np.empty(distance.size)
    for start in range(0, bits.size, _PIECE):
        piece = slice(start, start + _PIECE)
        bits[piece] = _ideal_bits(distance[piece], spread[piece])
    return bits.reshape(k.shape)


def _ideal_bits(distance: Array, std: Array) -> Array:
    """Of cells a distance from the mean: all on one side of it, where Φ is small and precise."""
    near, away = (0.5 - distance) / std, (0.5 + distance) / std
    mass = ndtr(near) - ndtr(-away)
    far = near < -30
    narrow = ~far & (std > 2**20)
    mass[far | narrow] = 1.0
    bits = -np.log2(mass)
    # The difference of two Φ keeps no digits where Φ vanishes, or hardly changes across the cell.
    a, b = -near[far], away[far]
    drop = (b - a) * (b + a) / 2 + np.log(b / a)  # of ln Φ(-x) from a to b, to 2/x^4 relative
    bits[far] = -bits_from_nats(log_ndtr(-a) + np.log(-np.expm1(-drop)))
    t, spread = distance[narrow] / std[narrow], std[narrow] * sqrt(2 * pi)
    bits[narrow] = bits_from_nats(t * t / 2 + np.log(spread))
    return bits


def _cells(mean: Array, std: Array) -> tuple[Any, Any, Any]:
    """Mean and deviation of the cells and log2 of their size, each in one row."""
    mean, std = mean.reshape(-1), std.reshape(-1)
    widths = np.clip(np.frexp(std)[1] - _WIDEST, 0, 52).astype(np.int64)
    scale = np.ldexp(1.0, -widths.astype(np.int32))
    return (mean + 0.5) * scale - 0.5, std * scale, widths
