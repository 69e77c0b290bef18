"""Sums over all indices k = 1, 2, ..., 2^J - 1 at a cost of O(J).

The first indices are taken one by one. From 2^7 on the law of an index is smooth on the scale
of k, and the sum over an octave [2^j, 2^(j+1)) is an integral from half before it to half before
its end, less the corrections of Euler and Maclaurin

    Σ f(k) = ∫ f dk - 1/24 [f'] + 7/5760 [f'''] - 31/967680 [f⁽⁵⁾] + ...,

all of the polynomial through the values at the twelve abscissas of Gauss and Legendre: one linear
rule, the same in every octave up to powers of two. From 2^7 on all twelve k are inside their octave
(the first is 2^j + 0.0046 · 2^j - 1/2), so lengths that jump where ⌊log2 k⌋ does, like Elias's, are
summed as exactly as smooth ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from rdtheory.arrays import Array
from rdtheory.units import NATS_PER_BIT

_ABSCISSAS, _GAUSS = legendre.leggauss(12)


def _end_differences(order: int) -> Array:
    """c with Σ c_i f(x_i) = f⁽ⁿ⁾(1) - f⁽ⁿ⁾(-1) for the interpolating polynomial f."""
    size = _ABSCISSAS.size
    derivative = legendre.legder(np.eye(size), order)
    ends = legendre.legval(1.0, derivative) - legendre.legval(-1.0, derivative)
    return np.linalg.solve(legendre.legvander(_ABSCISSAS, size - 1).T, ends)


_CORRECTIONS = tuple(
    (order, factor * _end_differences(order))
    for order, factor in ((1, -1 / 24), (3, 7 / 5760), (5, -31 / 967680))
)


@dataclass(frozen=True, eq=False)
class IndexSum:
    """Abscissas and weights with Σ_k f(k) = Σ_i exp(log_weight_i) f(exp(log_k_i)).

    Attributes:
        log_k: ln k; of whole numbers where k is taken one by one.
        log_weight: ln of the weights.
        octave: ⌊log2 k⌋.

    >>> grid = index_sum(60)
    >>> round(float(np.exp(grid.log_weight - 1.5 * grid.log_k).sum()), 6)  # ζ(3/2) - 2^-29
    2.612375
    """

    log_k: Array
    log_weight: Array
    octave: Array


def index_sum(octaves: int, single: int = 7) -> IndexSum:
    """The rule for all k below 2^octaves, one by one below 2^single (always).

    >>> grid = index_sum(10)
    >>> round(float(np.exp(grid.log_weight).sum()), 9), grid.octave[-1]
    (1023.0, np.int64(9))
    """
    k = np.arange(1, 2**single)
    j = np.arange(single, max(octaves, single))[:, None]
    with np.errstate(under="ignore"):
        half_inverse = np.exp2(1.0 - j)
        position = (3 + _ABSCISSAS) / 2 - half_inverse / 4
        scaled = _GAUSS + sum(half_inverse ** (n + 1) * row for n, row in _CORRECTIONS)
    return IndexSum(
        log_k=np.concatenate([np.log(k), (j * NATS_PER_BIT + np.log(position)).ravel()]),
        log_weight=np.concatenate(
            [np.zeros(k.size), ((j - 1) * NATS_PER_BIT + np.log(scaled)).ravel()]
        ),
        octave=np.concatenate([np.frexp(k)[1] - 1, np.broadcast_to(j, position.shape).ravel()]),
    )
