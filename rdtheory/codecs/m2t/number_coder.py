"""Whole numbers on a range coder, by mixtures of Gaussians made of whole numbers alone.

A prediction on the lattice of `mixture` has weights W_m, from a table of exp, and for each Gaussian
a row of a table of Φ in units of 2^-20. Their sums are running sums of probabilities, which become
whole numbers out of 2^24, each at least 1. A number is a symbol within a window of K = 8, 16, ...
512 numbers around the Gaussians; outside, it is one of two escapes, for below and above, and its
distance from the window follows in Elias' delta code. Nothing is clipped.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]
from scipy.special import ndtr

from rdtheory.channel_simulation.index_codes import EliasDelta
from rdtheory.channel_simulation.range_coder import PRECISION, foreign_data, symbols_of
from rdtheory.codecs.m2t.mixture import LEAST_SCALE, MOST_SCALE, SCALES, STEPS_A_UNIT

_WEIGHT_BITS, _PHI_BITS, _FRACTION = 12, 20, 6
_WIDTHS = 2 ** np.arange(3, 10)
"""K."""

_REACH = 4.5
"""The window reaches to so many deviations from a Gaussian's mean, if it may be so wide."""

_EDGES = 512
"""Of the table of Φ, to each side of a mean."""

_ROWS = 2**14
"""Rows of probabilities in memory at a time."""


def encode_numbers(
    numbers: np.ndarray, lattice: np.ndarray, encoder: stream.queue.RangeEncoder
) -> None:
    """Append numbers, by their predictions.

    Args:
        numbers: int, shape (n,), below 2^31 in magnitude.
        lattice: predictions as `on_lattice` gives them, shape (n, 3, N_M).
        encoder: a range coder.

    >>> encoder = stream.queue.RangeEncoder()
    >>> encode_numbers(np.array([0, -2, 10**6]), np.zeros((3, 3, 2), int), encoder)
    >>> decode_numbers(np.zeros((3, 3, 2), int), encoder.get_decoder())
    array([      0,      -2, 1000000])
    """
    first, width = _windows(lattice)
    symbols = np.clip(numbers - first + 1, 0, width + 1)
    for rows, size in _pieces(width):
        table = _probabilities(lattice[rows], first[rows], size)
        encoder.encode(symbols_of(symbols[rows]), _model(), table)
    beyond = np.maximum(first - numbers, numbers - (first + width - 1))
    if (beyond > 0).any():
        EliasDelta().encode(beyond[beyond > 0], encoder)


def decode_numbers(lattice: np.ndarray, decoder: stream.queue.RangeDecoder) -> np.ndarray:
    """What `encode_numbers` appended, int64, shape (n,).

    Args:
        lattice: as it was there, shape (n, 3, N_M).
        decoder: a range coder.

    Raises:
        StreamError: if no encoder wrote the data.
    """
    first, width = _windows(lattice)
    symbols = np.empty(len(lattice), np.int64)
    for rows, size in _pieces(width):
        table = _probabilities(lattice[rows], first[rows], size)
        try:
            symbols[rows] = decoder.decode(_model(), table)
        except AssertionError:
            raise foreign_data() from None
    numbers = first + symbols - 1
    outside = (symbols == 0) | (symbols == width + 1)
    beyond = EliasDelta().decode(int(outside.sum()), decoder)
    numbers[outside] += np.where(symbols[outside] == 0, 1 - beyond, beyond - 1)
    return numbers


def entropy(lattice: np.ndarray) -> np.ndarray:
    """Expected bits of a number by each prediction, shape (n,): of a window's symbols.

    >>> entropy(np.array([[[0], [0], [0]]])).round(3)  # s = 0.04: it is 0
    array([0.])
    """
    first, width = _windows(lattice)
    bits = np.empty(len(lattice))
    for rows, size in _pieces(width):
        shares = (_probabilities(lattice[rows], first[rows], size) + 1) / PRECISION
        bits[rows] = -np.sum(shares * np.log2(shares), axis=1)
    return bits


def _windows(lattice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first number of each window, and its width, both of shape (n,)."""
    means = lattice[:, 1] >> _FRACTION
    reach = _reaches()[lattice[:, 2]]
    low, high = (means - reach).min(axis=1), (means + 1 + reach).max(axis=1)
    fits = np.searchsorted(_WIDTHS, high - low + 1)
    width = _WIDTHS[np.minimum(fits, len(_WIDTHS) - 1)]
    # Too wide a spread: around the likeliest Gaussian.
    heaviest = means[np.arange(len(means)), lattice[:, 0].argmax(axis=1)]
    middle = np.where(fits < len(_WIDTHS), (low + high + 1) // 2, heaviest)
    return (middle - width // 2).astype(np.int64), width


def _pieces(width: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Rows of one width, some at a time."""
    for size in _WIDTHS.tolist():
        rows = np.flatnonzero(width == size)
        for start in range(0, len(rows), _ROWS * int(_WIDTHS[0]) // size):
            yield rows[start : start + _ROWS * int(_WIDTHS[0]) // size], size


def _probabilities(lattice: np.ndarray, first: np.ndarray, width: int) -> np.ndarray:
    """Rows for the range coder, shape (n, K + 2): see `range_coder`."""
    depth = lattice[:, 0].max(axis=1, keepdims=True) - lattice[:, 0]
    weights = _weights()[np.minimum(depth, len(_weights()) - 1)]
    fraction, means = lattice[:, 1] & (2**_FRACTION - 1), lattice[:, 1] >> _FRACTION
    edges = first[:, None] + np.arange(width + 1)  # each half a step below its number
    cumulative = np.zeros((len(lattice), width + 3), np.int64)
    for m in range(lattice.shape[2]):
        at = np.clip(edges - means[:, m, None] + _EDGES, 0, 2 * _EDGES)
        phi = _phi()[lattice[:, 2, m, None], fraction[:, m, None], at]
        cumulative[:, 1:-1] += weights[:, m, None] * phi
    total = weights.sum(axis=1, keepdims=True) << _PHI_BITS
    cumulative[:, -1:] = total
    spare = PRECISION - (width + 2)
    return np.diff(spare * cumulative // total, axis=1).astype(np.float64)


def _model() -> stream.model.Categorical:
    return stream.model.Categorical(perfect=False)


@cache
def _weights() -> np.ndarray:
    """W of lattice steps below the heaviest."""
    steps = np.arange(int(STEPS_A_UNIT[0] * np.log(2.0**_WEIGHT_BITS)) + 2)
    return np.rint(2.0**_WEIGHT_BITS * np.exp(-steps / STEPS_A_UNIT[0])).astype(np.int64)


@cache
def _scales() -> np.ndarray:
    return np.geomspace(LEAST_SCALE, MOST_SCALE, SCALES)


@cache
def _reaches() -> np.ndarray:
    return np.ceil(_REACH * _scales()).astype(np.int64)


@cache
def _phi() -> np.ndarray:
    """Φ((j - 1/2 - f)/s) 2^20 in whole numbers, by s, f = 0 .. 63/64, and j + 512."""
    edges = np.arange(-_EDGES, _EDGES + 1) - 0.5
    fractions = np.arange(2**_FRACTION)[:, None] / 2**_FRACTION
    table = ndtr((edges - fractions) / _scales()[:, None, None])
    return np.rint(2.0**_PHI_BITS * table).astype(np.int32)
