"""Named spectra: the standard normal and the power law."""

import numpy as np

from rdtheory.arrays import float64, whole_number
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector

LARGEST_DIM = 10_000_000
"""Sums over more components take minutes and gigabytes."""


def standard(dim: int = 1) -> GaussianVector:
    """X ~ N(0, I) in `dim` dimensions (Eq. 9) [T1.5d].

    Raises:
        InputError: if `dim` is no whole number from 1 to 10^7.

    >>> standard(2).eigenvalues
    array([1., 1.])
    """
    return GaussianVector(np.ones(_dimension(dim)))


def power_law(exponent: float, dim: int) -> GaussianVector:
    """Eigenvalues λ_k = k^-exponent, k = 1..dim [T6.2].

    Raises:
        InputError: if `exponent` is negative or not finite, if `dim` is no whole number from 1 to
            10^7, or if the smallest eigenvalue is below the range of float64.

    >>> power_law(2.0, 3).eigenvalues.round(4)
    array([1.    , 0.25  , 0.1111])
    """
    rank = np.arange(1.0, _dimension(dim) + 1)
    decay = float64(np, "exponent", exponent)
    if decay.ndim or not 0 <= decay < np.inf:
        raise InputError("exponent", decay, "a finite number >= 0")
    if decay * np.log(rank[-1]) > 700:
        raise InputError("exponent", decay, f"at most {700 / np.log(rank[-1]):.4g} for dim={dim}")
    return GaussianVector(rank**-decay)


def _dimension(dim: int) -> int:
    if whole_number("dim", dim) > LARGEST_DIM:
        raise InputError("dim", dim, f"at most {LARGEST_DIM}")
    return dim
