"""Hypothesis strategies for sources, channels and requests, valid by construction [T8].

Errors in a strategy's arguments are raised when it is first drawn from. Dimensions are few, as
each new shape makes JAX compile again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from rdtheory.diffusion import SCHEMES, GaussianChannel, scheme
from rdtheory.sources import (
    GaussianMixture,
    GaussianMixtureVector,
    GaussianVector,
    Laplace,
    ScalarSource,
    TwoPoint,
    Uniform,
)

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
    return _log_uniform(lowest, highest)


def noise_levels(lowest: float = 1e-6, highest: float = 1e6) -> st.SearchStrategy[float]:
    """Noise variances t, evenly spread over their logarithm.

    >>> from hypothesis import find
    >>> find(noise_levels(), lambda t: t < 1) < 1
    True
    """
    return _log_uniform(lowest, highest)


def _log_uniform(lowest: float, highest: float) -> st.SearchStrategy[float]:
    bounds = float(np.log(lowest)), float(np.log(highest))
    return st.floats(*bounds).map(lambda x: float(np.clip(np.exp(x), lowest, highest)))


@st.composite
def channels(draw: st.DrawFn, dims: Sequence[int] = DIMS) -> GaussianChannel:
    """Forward channels of Gaussian vectors with the noise of any scheme [T1.5-T1.9].

    >>> from hypothesis import find
    >>> find(channels(dims=[1]), lambda channel: True).source.dim
    1
    """
    source = draw(gaussian_vectors(dims))
    return (
        scheme(draw(scheme_names()), source).at(bits_per_dim=draw(bits_per_dim(1e-3, 20.0))).channel
    )


@st.composite
def gaussian_mixtures(draw: st.DrawFn, most: int = 3) -> GaussianMixture:
    """Scalar mixtures of one to `most` Gaussians, up to 6 apart, variances from 0.01 to 10 [T4.1b].

    >>> from hypothesis import find
    >>> len(find(gaussian_mixtures(), lambda source: len(source.weights) == 2).means)
    2
    """
    parts = st.tuples(
        st.integers(1, 9), st.integers(-12, 12).map(lambda k: k / 4), _log_uniform(0.01, 10.0)
    )
    weights, means, variances = np.array(draw(st.lists(parts, min_size=1, max_size=most))).T
    return GaussianMixture(weights / weights.sum(), means, variances)


def smooth_sources() -> st.SearchStrategy[ScalarSource]:
    """Scalar sources of finite Fisher information: mixtures and Laplace [T1.13a].

    >>> from hypothesis import find
    >>> find(smooth_sources(), lambda source: isinstance(source, Laplace)).scale > 0
    True
    """
    return gaussian_mixtures() | _log_uniform(0.1, 10.0).map(Laplace)


def scalar_sources() -> st.SearchStrategy[ScalarSource]:
    """Scalar sources of every kind: mixtures, Laplace, uniform, two-point [T4.1].

    >>> from hypothesis import find
    >>> find(scalar_sources(), lambda source: isinstance(source, TwoPoint)).mean
    0.0
    """
    scales = _log_uniform(0.1, 10.0)
    return smooth_sources() | scales.map(Uniform) | scales.map(TwoPoint)


@st.composite
def mixture_vectors(
    draw: st.DrawFn, dims: Sequence[int] = (1, 2), most: int = 3
) -> GaussianMixtureVector:
    """Mixtures of Gaussian vectors with full covariances [T4.1b].

    >>> from hypothesis import find
    >>> find(mixture_vectors(dims=[2]), lambda source: len(source.weights) == 1).dim
    2
    """
    dim, count = draw(st.sampled_from(dims)), draw(st.integers(1, most))
    weights = np.array(
        draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), dtype=float
    )
    parts = [draw(gaussian_vectors([dim], decades=1.0)) for _ in range(count)]
    return GaussianMixtureVector(
        weights / weights.sum(),
        np.array([part.mean for part in parts]),
        np.array([part.covariance + 0.01 * np.eye(dim) for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of a code for a Gaussian source: (D, P, Rc) [T2].

    Attributes:
        eigenvalues: of the source.
        distortion: D > 0, up to 2 tr Σ.
        perception: P >= 0, squared Wasserstein-2 distance.
        common_randomness_nats: Rc >= 0, or infinite.
    """

    eigenvalues: np.ndarray
    distortion: float
    perception: float
    common_randomness_nats: float


@st.composite
def requests(draw: st.DrawFn, dims: Sequence[int] = (1, 2, 5), decades: float = 3.0) -> Request:
    """Requests (D, P, Rc) that some code can fulfil, with both ends of P and Rc among them [T2].

    >>> from hypothesis import find
    >>> find(requests(), lambda request: request.perception > 0).distortion > 0
    True
    """
    eigenvalues = draw(spectra(dims, decades, zeros=False))
    total = float(eigenvalues.sum())
    return Request(
        eigenvalues,
        draw(_log_uniform(1e-3, 2.0)) * total,
        draw(st.just(0.0) | _log_uniform(1e-4, 1.0)) * total,
        draw(st.sampled_from([0.0, np.inf]) | _log_uniform(1e-2, 10.0)),
    )


def scheme_names() -> st.SearchStrategy[str]:
    """Names of `rdtheory.SCHEMES`.

    >>> from hypothesis import find
    >>> find(scheme_names(), lambda name: "star" in name)
    'diffc-a-star'
    """
    return st.sampled_from(list(SCHEMES))
