"""The Zipf law as a table of whole numbers, the same on every machine [T3.2b].

P(k) = k^-s / Σ k^-s with s = 1 + 1/(I + e^-1 log2 e + 1). The table holds the probabilities of
cells k = m 2^w, ..., (m + 1) 2^w - 1: each k < 64 alone (w = 0), then m = 32, ..., 63 for w = 1,
2, ... Over such a cell the law falls by a factor e^(-s/32) at most, so that to send the w bits of
a k in its cell as they are costs (s/32)²/24 nats, < 2e-4 bits.

Everything is computed by operations that `decimal` defines to the last digit: + - * /, ln and exp
(its power is only almost always rounded correctly). Sums over k are those of Euler and Maclaurin.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from itertools import accumulate, pairwise
from math import log2
from operator import mul

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.channel_simulation.range_coder import (
    LARGEST_INDEX,
    floor_log2,
    frequencies,
    table,
)

_LEADING = 5
"""A cell fixes the first bit of k and the next 5."""

_ALONE = 2 ** (_LEADING + 1) - 1
"""Number of k that are cells of their own."""

_UNIT = 10**30
"""Probabilities are summed in whole multiples of 1/_UNIT."""


@dataclass(frozen=True)
class ZipfTable:
    """The law of the cells.

    Attributes:
        model: of the range coder, for the number of a cell.
        cells: how many; the last is not a cell but all k above the largest.
        exponent: s.
        log2_total: log2 of Σ k^-s, ζ(s) if there is no largest k.

    >>> zipf_table(128, 2).cells
    3
    """

    model: stream.model.Categorical
    cells: int
    exponent: float
    log2_total: float


@lru_cache(maxsize=64)
def zipf_table(information_code: int, largest: int | None) -> ZipfTable:
    """The table for I = information_code / 16 and k up to `largest`, None for all k.

    >>> round(2 ** zipf_table(0, None).log2_total, 6)  # ζ(1.653273)
    2.153376
    """
    weights, exponent = zipf_weights(information_code, largest)
    total = log2(sum(weights)) - log2(_UNIT)
    return ZipfTable(table(frequencies(weights)), len(weights), exponent, total)


def cell_of(indices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number of the cell of each k, its first k, and its width w.

    >>> [int(array) for array in cell_of(np.array(67))]
    [64, 66, 1]
    """
    widths = np.maximum(floor_log2(indices) - _LEADING, 0)
    leading = indices >> widths
    return leading - 1 + (widths << _LEADING), leading << widths, widths


def cell_start(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First k of each cell, and its width w.

    >>> [int(array) for array in cell_start(np.array(64))]
    [66, 1]
    """
    widths = np.maximum((cells + 1 >> _LEADING) - 1, 0)
    return (cells + 1 - (widths << _LEADING)) << widths, widths


def zipf_weights(
    information_code: int, largest: int | None, digits: int = 40
) -> tuple[list[int], float]:
    """Σ k^-s over each cell and over what is left, times 10^30, and s.

    >>> weights, exponent = zipf_weights(0, 2)
    >>> round(weights[1] / weights[0] * 2**exponent, 12), weights[2]
    (1.0, 0)
    """
    # Nothing of the caller's context (precision, rounding, traps) may reach the table.
    with localcontext(Context(digits, ROUND_HALF_EVEN, -9999, 9999, traps=[InvalidOperation])):
        s = 1 + 1 / (Decimal(information_code) / 16 + Decimal(-1).exp() / Decimal(2).ln() + 1)
        sums = _cell_sums(s, LARGEST_INDEX if largest is None else largest)
        if largest is not None:
            sums[-1] = Decimal(0)
        return [int(value * _UNIT) for value in sums], float(s)


def _cell_sums(s: Decimal, largest: int) -> list[Decimal]:
    """Σ k^-s over the cells up to `largest`, and over all k above it."""
    powers = [_power(k, s) for k in range(1, _ALONE + 1)]
    halvings = list(accumulate([powers[1]] * 63, mul, initial=Decimal(1)))
    last = int(cell_of(np.array(largest))[0])
    starts, widths = cell_start(np.arange(_ALONE, last + 1))
    tails = [
        _tail(start, s, powers[(start >> width) - 1] * halvings[width])
        for start, width in zip(starts.tolist(), widths.tolist(), strict=True)
    ]
    tails.append(_tail(largest + 1, s, _power(largest + 1, s)))
    return powers[: last + 1] + [left - right for left, right in pairwise(tails)] + tails[-1:]


def _power(k: int, s: Decimal) -> Decimal:
    """k^-s."""
    return (-s * Decimal(k).ln()).exp()


def _tail(start: int, s: Decimal, power: Decimal) -> Decimal:
    """Σ k^-s over k >= start, given start^-s; good to 1e-10 relative for start >= 64."""
    corrections = Decimal(1) / 2 + s / (12 * start) - s * (s + 1) * (s + 2) / (720 * start**3)
    return power * (start / (s - 1) + corrections)
