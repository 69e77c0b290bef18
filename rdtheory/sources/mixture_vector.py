"""Gaussian mixtures in any dimension: X ~ Σ_k w_k N(m_k, C_k) [T4.1b].

Densities, scores and posteriors of Y = X + N(0, diag t) are closed forms; `observed` gives them all
for one t, the methods here for any. NumPy only.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, draw_count, float64, generator, read_only_copy
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector
from rdtheory.sources.noisy_mixture import NoisyMixture


@dataclass(frozen=True, eq=False)
class GaussianMixtureVector:
    """X ~ Σ_k w_k N(m_k, C_k), a density in M dimensions [T4.1b].

    Attributes:
        weights: w, shape (K,), > 0; their sum is 1 to 1e-9 and is made 1.
        means: m, shape (K, M), up to 1e75 in size.
        covariances: C, shape (K, M, M); given as (K, M), diagonals, or (K,), multiples of the
            identity. Positive definite, they and Cov X: the smallest eigenvalue is above M 2^-52
            of the largest.

    Raises:
        InputError: if a value is NaN, infinite or out of range, or if shapes differ.

    >>> source = GaussianMixtureVector([0.3, 0.7], [[-1.5], [0.8]], [0.1, 0.3])
    >>> source.covariance.round(4)
    array([[1.3509]])
    """

    weights: Array
    means: Array
    covariances: Array

    def __post_init__(self) -> None:
        weights = _finite("weights", self.weights, 1)
        check("weights", weights, weights > 0, "numbers > 0")
        total = float(weights.sum())
        if abs(total - 1) > 1e-9:
            raise InputError("weights", f"a sum of {total!r}", "a sum of 1")
        means = _finite("means", self.means, 2)
        if len(means) != len(weights) or means.size == 0:
            raise InputError("means", f"shape {means.shape}", f"shape ({len(weights)}, M)")
        check("means", means, np.abs(means) <= 1e75, "numbers up to 1e75 in size")
        covariances = _covariances(float64(np, "covariances", self.covariances), means)
        for name, value in (
            ("weights", weights / total),
            ("means", means),
            ("covariances", covariances),
        ):
            object.__setattr__(self, name, read_only_copy(value))
        largest, smallest = self.gaussian.eigenvalues[[0, -1]]
        if smallest <= self.dim * 2.0**-52 * largest:
            raise InputError(
                "covariances",
                f"{smallest:.3g} and {largest:.3g} as extreme eigenvalues of Cov X",
                "a ratio above M 2^-52",
            )

    @property
    def dim(self) -> int:
        """M, the number of dimensions."""
        return self.means.shape[1]

    @property
    def mean(self) -> Array:
        """E X = Σ_k w_k m_k, shape (M,)."""
        return self.weights @ self.means

    @property
    def covariance(self) -> Array:
        """Cov X = Σ_k w_k (C_k + (m_k - E X)(m_k - E X)ᵀ), shape (M, M)."""
        centred = self.means - self.mean
        between = (self.weights[:, None] * centred).T @ centred
        return np.tensordot(self.weights, self.covariances, axes=1) + between

    @cached_property
    def gaussian(self) -> GaussianVector:
        """X*: the Gaussian with the same mean and covariance [T1.12]."""
        return GaussianVector.from_covariance(self.covariance, self.mean)

    @cached_property
    def component_spectra(self) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of the C_k, shapes (K, M) and (K, M, M)."""
        return np.linalg.eigh(self.covariances)

    def observed(self, noise_variance: Any) -> NoisyMixture:
        """The law of Y = X + N(0, diag t), and what Y says of X [T4.1b].

        Args:
            noise_variance: t, a number or shape (M,), from 0 to 1e150; a coordinate with t = inf
                is not sent.

        Raises:
            InputError: if t is not as above.

        >>> source = GaussianMixtureVector([0.5, 0.5], [[-1.0], [1.0]], [0.5, 0.5])
        >>> source.observed(0.5).posterior_mean([0.0])
        array([0.])
        """
        noise = float64(np, "noise_variance", noise_variance)
        if noise.shape not in ((), (self.dim,)):
            raise InputError(
                "noise_variance", f"shape {noise.shape}", f"a number or shape ({self.dim},)"
            )
        held = ((noise >= 0) & (noise <= 1e150)) | (noise == np.inf)
        check("noise_variance", noise, held, "numbers from 0 to 1e150, or inf")
        noises = np.broadcast_to(noise, self.dim)
        if noise.ndim == 0 and noise < np.inf:
            # One decomposition serves all levels of isotropic noise: the flow asks for thousands.
            eigenvalues, eigenvectors = self.component_spectra
            scales = np.sqrt(eigenvalues + noise)
            whitening = np.swapaxes(eigenvectors, -1, -2) / scales[..., None]
        else:
            # A Cholesky factor does not mind noise of very different strength.
            sent = np.isfinite(noises)
            covariances = self.covariances[:, sent][:, :, sent] + np.diag(noises[sent])
            whitening = np.linalg.inv(np.linalg.cholesky(covariances))
        return NoisyMixture(self.weights, self.means, self.covariances, noises, whitening)

    def log_density(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """ln p_t(y), nats, shape (...) for y of shape (..., M); p_0 is the density of X.

        >>> source = GaussianMixtureVector([1.0], [[0.0, 0.0]], [1.0])
        >>> source.log_density([40.0, 0.0]).round(6)  # -800 - ln 2π
        np.float64(-801.837877)
        """
        return self.observed(noise_variance).log_density(y)

    def score(self, y: Any, noise_variance: Any = 0.0) -> Array:
        """∇ ln p_t(y), shape (..., M); 0 in coordinates that are not sent.

        >>> GaussianMixtureVector([1.0], [[0.0]], [1.0]).score([3.0], 2.0)
        array([-1.])
        """
        return self.observed(noise_variance).score(y)

    def posterior_mean(self, y: Any, noise_variance: Any) -> Array:
        """E[X | Y = y], shape (..., M) [T1.13b].

        >>> GaussianMixtureVector([1.0], [[0.0]], [1.0]).posterior_mean([3.0], 2.0)
        array([1.])
        """
        return self.observed(noise_variance).posterior_mean(y)

    def posterior_covariance(self, y: Any, noise_variance: Any) -> Array:
        """Cov[X | Y = y], shape (..., M, M).

        >>> GaussianMixtureVector([1.0], [[0.0]], [1.0]).posterior_covariance([3.0], 1.0)
        array([[0.5]])
        """
        return self.observed(noise_variance).posterior_covariance(y)

    def posterior_variance(self, y: Any, noise_variance: Any) -> Array:
        """E[‖X - E[X | y]‖² | Y = y] = tr Cov[X | y], shape (...).

        >>> source = GaussianMixtureVector([1.0], [[0.0, 0.0]], [1.0])
        >>> round(source.posterior_variance([3.0, 0.0], 1.0), 12)
        np.float64(1.0)
        """
        return self.observed(noise_variance).posterior_variance(y)

    def sample(self, rng: Any, size: int) -> Array:
        """`size` independent draws of X, shape (size, M), from a `numpy.random.Generator`.

        >>> source = GaussianMixtureVector([0.5, 0.5], [[-9.0], [9.0]], [1.0, 1.0])
        >>> source.sample(np.random.default_rng(0), 3).shape
        (3, 1)
        """
        rng, size = generator(rng), draw_count(size)
        labels = rng.choice(len(self.weights), size, p=self.weights)
        drawn = rng.standard_normal((size, self.dim))
        eigenvalues, eigenvectors = self.component_spectra
        for k, mean in enumerate(self.means):
            chosen = labels == k
            drawn[chosen] = mean + (drawn[chosen] * np.sqrt(eigenvalues[k])) @ eigenvectors[k].T
        return drawn

    def sample_posterior(self, y: Any, noise_variance: Any, rng: Any) -> Array:
        """A draw of P(X | Y = y) for each y, shape (..., M): DiffC-A's reconstruction [T1.1b].

        >>> source = GaussianMixtureVector([1.0], [[0.0]], [1.0])
        >>> source.sample_posterior(np.zeros((5, 1)), 1.0, np.random.default_rng(0)).shape
        (5, 1)
        """
        return self.observed(noise_variance).sample_posterior(y, rng)


def _finite(name: str, value: Any, ndim: int) -> Array:
    array = float64(np, name, value)
    if array.ndim != ndim or array.size == 0:
        shape = "(K,)" if ndim == 1 else "(K, M)"
        raise InputError(name, f"shape {array.shape}", f"shape {shape}, not empty")
    return check(name, array, np.isfinite(array), "finite values")


def _covariances(given: Array, means: Array) -> Array:
    """The C_k as matrices, once they are known to be positive definite."""
    components, dim = means.shape
    shapes = [(components, dim, dim), (components, dim), (components,)]
    if given.shape not in shapes:
        raise InputError(
            "covariances",
            f"shape {given.shape}",
            ", ".join(map(str, shapes[:2])) + f" or {shapes[2]}",
        )
    check("covariances", given, np.isfinite(given), "finite values")
    if given.ndim < 3:
        given = np.eye(dim) * given.reshape(components, -1)[:, None, :]
    asymmetry = np.max(np.abs(given - np.swapaxes(given, 1, 2)), axis=(1, 2))
    good = asymmetry <= 1e-10 * np.max(np.abs(given), axis=(1, 2))
    check("covariances", asymmetry, good, "matrices equal to their transposes")
    given = given / 2 + np.swapaxes(given, 1, 2) / 2
    eigenvalues = np.linalg.eigvalsh(given)
    good = eigenvalues[:, 0] > dim * 2.0**-52 * eigenvalues[:, -1]
    check("covariances", eigenvalues[:, 0], good, "positive definite matrices (their eigenvalues)")
    return given
