"""A code for the number T = 1, 2, ... of the first success, of known probability a [T3.9d].

    P(T) = a (1 - a)^(T - 1)

The law has no memory: T - 1 failures are sent as runs of L failures, one symbol each, and the rest,
with L = 8/a so that one symbol nearly always is enough. All tables are whole numbers.
"""

from functools import lru_cache
from math import ceil, log2
from typing import Any

import numpy as np

from rdtheory.channel_simulation.index_codes import IndexCode
from rdtheory.channel_simulation.range_coder import (
    PRECISION,
    decoded,
    foreign_data,
    frequencies,
    symbols_of,
    table,
)
from rdtheory.errors import InputError


class Geometric(IndexCode):
    """P(T) = a (1 - a)^(T - 1), T = 1, ..., 2^31.

    Args:
        success: a from 0.001 to 0.999; it is rounded to a multiple of 2^-24.

    Raises:
        InputError: if a is out of range.

    >>> Geometric(0.5).ideal_bits([1, 10])
    array([ 1., 10.])
    """

    largest = 2**31

    def __init__(self, success: float) -> None:
        if not 0.001 <= success <= 0.999:
            raise InputError("success", success, "a number from 0.001 to 0.999")
        self._success = round(success * PRECISION)
        self._model, self._run = _runs(self._success)

    def _ideal_bits(self, indices: np.ndarray) -> np.ndarray:
        success = self._success / PRECISION
        return -log2(success) - (indices - 1) * log2(1 - success)

    def _encode(self, indices: np.ndarray, encoder: Any) -> None:
        failures = indices - 1
        while failures.size:
            encoder.encode(symbols_of(np.minimum(failures, self._run)), self._model)
            failures = failures[failures >= self._run] - self._run

    def _decode(self, count: int, decoder: Any) -> np.ndarray:
        failures, pending = np.zeros(count, np.int64), np.arange(count)
        while pending.size:
            runs = decoded(decoder, self._model, pending.size)
            failures[pending] += runs
            pending = pending[runs == self._run]
            if pending.size and failures[pending[0]] >= self.largest:
                raise foreign_data()
        return failures + 1


@lru_cache
def _runs(success: int) -> tuple[Any, int]:
    """Table of 0 to L - 1 failures before a success, and of L failures in a row; L."""
    run = ceil(8 * PRECISION / success)
    remaining, weights = PRECISION << 40, []
    for _ in range(run):
        weights.append(remaining * success // PRECISION)
        remaining -= weights[-1]
    return table(frequencies([*weights, remaining])), run
