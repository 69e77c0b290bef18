"""The Fréchet distance between two sets of feature vectors, as if both were Gaussian.

    d² = |μ - μ'|² + tr Σ + tr Σ' - 2 tr (Σ^½ Σ' Σ^½)^½

(Dowson and Landau 1982), the squared Wasserstein distance between N(μ, Σ) and N(μ', Σ'); it is what
FID (Heusel et al. 2017, arXiv 1706.08500) computes of features of an Inception network. Of other
features it is another number, to be named by them and never compared with an FID.
"""

import numpy as np

from rdtheory.arrays import Array


def frechet_distance(first: Array, second: Array) -> float:
    """d² of two sets of vectors, shapes (n, d) and (m, d), n and m >= 2, in squared units of them.

    With sample covariances of divisors n - 1 and m - 1. Its expectation under equality is above 0
    and falls as 1/n: a distance means nothing without its floor.

    >>> first = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> round(frechet_distance(first, first + [3.0, 4.0]), 9)
    25.0
    """
    shift = first.mean(axis=0) - second.mean(axis=0)
    covariance, other = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (first, second))
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    common = np.linalg.eigvalsh(root @ other @ root)
    trace = np.trace(covariance) + np.trace(other) - 2 * np.sqrt(np.maximum(common, 0)).sum()
    return float(max(shift @ shift + trace, 0.0))
