"""The unbiased kernel distance between two sets of pictures, a squared maximum mean discrepancy.

With the cubic kernel of KID (Bińkowski et al. 2018, arXiv 1801.01401), k(x, y) = (x·y/d + 1)³ of
feature vectors of d numbers; a picture's kernel is the mean over its windows, which are not
independent of each other, while pictures are. Of n pairs (x_i, y_i) of a real picture and another,

    MMD² = 1/(n(n - 1)) Σ_{i≠j} k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)

(Gretton et al. 2012, Eq. 4). Its expectation is 0 if both have the same law, however a picture and
its reconstruction depend on each other, as i = j is left out; so it may be negative.

The kernel is an inner product of finite features φ, all products of up to three components, so that
with u_i = φ(x_i) - φ(y_i) the double sum is |Σ u_i|² - Σ |u_i|²: the time is linear in n.
"""

from functools import cache
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np

from rdtheory.arrays import Array

_ROWS = 1024
"""Windows that are embedded together."""


def embedding(features: Array) -> Array:
    """φ: the mean over vectors, shape (n, d), of all products: shape ((d+3)(d+2)(d+1)/6,).

    >>> x, y = np.array([[1.0, 2.0]]), np.array([[3.0, -0.5]])
    >>> round(float(embedding(x) @ embedding(y)), 9), (2.0 / 2 + 1) ** 3
    (8.0, 8.0)
    """
    count, dim = features.shape
    first, second, third, weights = _products(dim + 1)
    total = np.zeros(len(weights))
    for start in range(0, count, _ROWS):
        rows = features[start : start + _ROWS] / np.sqrt(dim)
        z = np.concatenate((np.ones((1, len(rows))), rows.T))
        pairs = z[first] * z[second]
        total += np.einsum("fn,fn->f", pairs, z[third])
    return total * weights / count


def kernel_distance(first: Array, second: Array) -> float:
    """MMD² of n pairs of embeddings, shapes (n, f), n >= 2, in units of the kernel.

    >>> first = np.array([embedding(x) for x in np.arange(12.0).reshape(3, 2, 2)])
    >>> kernel_distance(first, first)
    0.0
    """
    difference = first - second
    count, total = len(difference), difference.sum(axis=0)
    return float((total @ total - np.sum(difference**2)) / (count * (count - 1)))


@cache
def _products(dim: int) -> tuple[Array, Array, Array, Array]:
    """i <= j <= k, and the root of how often z_i z_j z_k is in (Σ z)³."""
    triples = np.array(list(combinations_with_replacement(range(dim), 3)))
    orders = [factorial(3) // prod(factorial(list(t).count(i)) for i in set(t)) for t in triples]
    return *triples.T, np.sqrt(orders)
