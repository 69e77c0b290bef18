"""How much the data differ from what the model expects: scales, stated by each message.

A picture may be ten times smoother than the model's average. Each step's components, in the order
of their expected information, are divided into bands of equal shares, and each band's errors are
scaled by g = 2^(k/2), with the whole number k sent along: some three bits a band.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.range_coder import decoded, frequencies, symbols_of, table

_MOST = 24
"""Largest |k|: scales from 2^-12 to 2^12."""

_BITS_OF_A_BAND = 64
"""A band costs two bits or three, and should be worth it."""

MOST_BANDS = 32


def bands(ratios: Array, vectors: int) -> list[Array]:
    """The components of each band, from the expected SNR r of the observations, shape (M,).

    >>> [band.tolist() for band in bands(np.array([1.0, 3.0, 1.0]), 1)]
    [[1, 0, 2]]
    """
    order = np.argsort(-ratios, kind="stable")
    # As whole numbers, so that the last digits of a sum cannot move an edge.
    units = np.rint(np.log2(1 + ratios[order]) * 2**14).astype(np.int64)
    before = np.cumsum(units) - units
    total = int(units.sum())
    count = min(max(1, vectors * total // (2**15 * _BITS_OF_A_BAND)), MOST_BANDS)
    edges = [int(np.searchsorted(before, total * band // count)) for band in range(1, count)]
    return [band for band in np.split(order, edges) if band.size]


def best(residuals: Array, ratios: Array, parts: Sequence[Array]) -> list[int]:
    """k of each band that makes the message cheapest (Eq. 5).

    With r = e/τ and u = (x - x̂)/sqrt(τ) the cost of a component is, in nats,
    ½ (u² + 1)/(1 + g r) - ½ + ½ ln(1 + g r).

    Args:
        residuals: u, shape (n, M).
        ratios: r, shape (M,).
        parts: the bands.

    >>> best(np.full((1, 9), 4.0), np.ones(9), [np.arange(9)])
    [8]
    """
    square = np.einsum("nm,nm->m", residuals, residuals)
    return [_best(square[band], len(residuals), ratios[band]) for band in parts]


def of_components(exponents: Sequence[int], parts: Sequence[Array], dim: int) -> Array:
    """k of every component, shape (M,).

    >>> of_components([5, 1], [np.array([1]), np.array([0, 2])], 3)
    array([1, 5, 1])
    """
    every = np.zeros(dim, np.int64)
    for k, band in zip(exponents, parts, strict=True):
        every[band] = k
    return every


def factors(exponents: Array) -> Array:
    """g = 2^(k/2).

    >>> factors(np.array([-2, 0, 4]))
    array([0.5, 1. , 4. ])
    """
    # By a square root, which has the same bits on every machine; a power may not.
    return np.ldexp(np.where(exponents % 2, np.sqrt(2.0), 1.0), exponents // 2)


def expected(last: Array, parts: Sequence[Array]) -> list[int]:
    """k as the step before had it, by component, averaged over each band of this one.

    >>> expected(np.array([3, 4, -2]), [np.array([0, 1]), np.array([2])])
    [3, -2]
    """
    return [int(last[band].sum()) // band.size for band in parts]


def write(exponents: Sequence[int], near: Sequence[int], encoder: Any) -> None:
    """Append the k of each band to a range coder, given what they are expected to be near.

    What one band differs by, the next is expected to differ by too.

    >>> from constriction import stream
    >>> encoder = stream.queue.RangeEncoder()
    >>> write([2, 3], [0, 0], encoder)
    >>> read([0, 0], encoder.get_decoder())
    [2, 3]
    """
    off = 0
    for k, guess in zip(exponents, near, strict=True):
        encoder.encode(symbols_of(np.array([k + _MOST])), _near(_clipped(guess + off)))
        off = k - guess


def read(near: Sequence[int], decoder: Any) -> list[int]:
    """What `write` appended."""
    exponents, off = [], 0
    for guess in near:
        k = int(decoded(decoder, _near(_clipped(guess + off)), 1)[0]) - _MOST
        exponents.append(k)
        off = k - guess
    return exponents


def _clipped(k: int) -> int:
    return min(max(k, -_MOST), _MOST)


def _best(square: Array, vectors: int, ratios: Array) -> int:
    def cost(k: int) -> float:
        spread = 1 + 2.0 ** (k / 2) * ratios
        return float(np.sum((square + vectors) / spread + vectors * np.log(spread)))

    # Each component's cost has one minimum; their sum may have more, so all are tried.
    return min(range(-_MOST, _MOST + 1), key=lambda k: (cost(k), abs(k)))


@cache
def _near(expected: int) -> Any:
    """The law of k: halved by each unit of distance from what is expected."""
    weights = [2 ** (2 * _MOST - abs(k - expected)) for k in range(-_MOST, _MOST + 1)]
    return table(frequencies(weights))
