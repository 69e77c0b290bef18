"""Hypothesis strategies for sources, spectra and targets, valid by construction [T8].

Errors in a strategy's arguments are raised when it is first drawn from. Dimensions are few, as
each new shape makes JAX compile again.
"""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from rdtheory.diffusion import SCHEMES
from rdtheory.sources import GaussianVector

DIMS = (1, 2, 5, 16)
"""The dimensions that strategies draw unless told otherwise."""


@st.composite
def spectra(
    draw: st.DrawFn,
    dims: Sequence[int] = DIMS,
    decades: float = 12.0,
    zeros: bool = True,
    ties: bool = True,
) -> np.ndarray:
    """Eigenvalues in any order, at least one > 0, from 10^-decades to 10^decades.

    Args:
        draw: Hypothesis's own.
        dims: the dimensions to choose from.
        decades: how far eigenvalues lie from 1 on either side; one spectrum spans twice that.
        zeros: whether eigenvalues may be 0.
        ties: whether eigenvalues may be equal.

    >>> from hypothesis import find
    >>> bool(find(spectra(dims=[2]), lambda values: values.min() == 0).max() > 0)
    True
    """
    dim = draw(st.sampled_from(dims))
    exponents = st.floats(-decades, decades, width=32)
    logarithms = draw(st.lists(exponents, min_size=dim, max_size=dim, unique=not ties))
    values = 10.0 ** np.array(logarithms)
    if ties and draw(st.booleans()):
        values[: 1 + dim // 2] = values[0]
    if zeros and dim > 1 and draw(st.booleans()):
        values[draw(st.integers(1, dim - 1)) :] = 0.0
    return values


@st.composite
def orthogonal_matrices(draw: st.DrawFn, dim: int) -> np.ndarray:
    """Rotations and reflections of `dim` dimensions: the Q of a random matrix.

    >>> from hypothesis import find
    >>> find(orthogonal_matrices(1), lambda matrix: True).shape
    (1, 1)
    """
    seed = draw(st.integers(0, 2**32 - 1))
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0]


@st.composite
def gaussian_vectors(
    draw: st.DrawFn, dims: Sequence[int] = DIMS, decades: float = 3.0
) -> GaussianVector:
    """Gaussian vectors with eigenvectors and a mean.

    The eigenvalues span fewer decades than those of `spectra`: in a covariance matrix what lies 16
    decades below the largest eigenvalue is lost to rounding.

    >>> from hypothesis import find
    >>> find(gaussian_vectors(dims=[2]), lambda source: True).dim
    2
    """
    eigenvalues = draw(spectra(dims, decades))
    mean = draw(st.lists(st.floats(-10, 10), min_size=len(eigenvalues), max_size=len(eigenvalues)))
    return GaussianVector(eigenvalues, draw(orthogonal_matrices(len(eigenvalues))), np.array(mean))


def bits_per_dim(lowest: float = 1e-9, highest: float = 25.0) -> st.SearchStrategy[float]:
    """Rates in bits per dimension, evenly spread over their logarithm.

    Every scheme holds them for every spectrum of at most 16 dimensions: also where all 400 bits
    fall to one component, as the others are constant (the limit is 430).

    >>> from hypothesis import find
    >>> find(bits_per_dim(), lambda rate: rate > 1) <= 25
    True
    """
    bounds = float(np.log(lowest)), float(np.log(highest))
    return st.floats(*bounds).map(lambda x: float(np.clip(np.exp(x), lowest, highest)))


def scheme_names() -> st.SearchStrategy[str]:
    """Names of `rdtheory.SCHEMES`.

    >>> from hypothesis import find
    >>> find(scheme_names(), lambda name: "star" in name)
    'diffc-a-star'
    """
    return st.sampled_from(list(SCHEMES))
