"""What a Gaussian mixture looks like through Gaussian noise: Y = X + N(0, diag t) [T4.1b].

Given its component k, Y ~ N(m_k, A_k) with A_k = C_k + diag t, so that all follows from the
whitened residuals W_k (y - m_k), W_kᵀ W_k = A_k⁻¹, and the posterior weights of the components. A
coordinate with t = ∞ is not sent: it is left out of Y, and its entry in y is not looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from rdtheory.arrays import Array, check, generator, vectors


@dataclass(frozen=True, eq=False)
class NoisyMixture:
    """p_t = Σ_k w_k N(m_k, C_k + diag t), and what Y = y says of X [T4.1b].

    Made by `GaussianMixtureVector.observed`, which checks the arguments.

    Attributes:
        weights: w, shape (K,).
        means: m, shape (K, M).
        covariances: C, shape (K, M, M).
        noise_variances: t, shape (M,), >= 0 or infinite; m of them are finite.
        whitening: W, shape (K, m, m), of the coordinates that are sent.

    >>> from rdtheory.sources.mixture_vector import GaussianMixtureVector
    >>> law = GaussianMixtureVector([1.0], [[0.0, 0.0]], [1.0]).observed([1.0, float("inf")])
    >>> law.posterior_mean([3.0, 7.0])  # the second coordinate is not sent
    array([1.5, 0. ])
    """

    weights: Array
    means: Array
    covariances: Array
    noise_variances: Array
    whitening: Array

    @cached_property
    def sent(self) -> Array:
        """Which coordinates are sent, shape (M,)."""
        return np.isfinite(self.noise_variances)

    @property
    def dim(self) -> int:
        """M, the number of coordinates of X."""
        return len(self.noise_variances)

    @cached_property
    def factors(self) -> Array:
        """F_k with F_k F_kᵀ = A_k, shape (K, m, m)."""
        return np.linalg.inv(self.whitening)

    @cached_property
    def component_posterior_covariances(self) -> Array:
        """Cov[X | Y, k] = B C_k Bᵀ + G diag(t) Gᵀ, shape (K, M, M): no subtraction [T9].

        G = C_k Hᵀ A_k⁻¹ is the gain and B = 1 - G H, where H picks the sent coordinates.
        """
        rest, noisy = self._rest, self._gains * np.sqrt(self.noise_variances[self.sent])
        return rest @ self.covariances @ _transposed(rest) + noisy @ _transposed(noisy)

    def log_density(self, y: Any) -> Array:
        """ln p_t(y) of the coordinates sent, nats, shape (...) for y of shape (..., M)."""
        return self._by_vector(y, lambda given: given.log_density)

    def score(self, y: Any) -> Array:
        """∇ ln p_t(y) = -Σ_k P(k | y) A_k⁻¹ (y - m_k), shape (..., M); 0 where nothing is sent."""

        def score(given: _Given) -> Array:
            full = np.zeros((len(given.log_density), self.dim))
            pulls = given.residuals @ self.whitening
            full[:, self.sent] = -np.einsum("kn,kni->ni", given.posteriors, pulls)
            return full

        return self._by_vector(y, score)

    def posterior_mean(self, y: Any) -> Array:
        """E[X | Y = y] = Σ_k P(k | y) E[X | y, k], shape (..., M) [T1.13b]."""
        return self._by_vector(y, lambda given: self._means(given)[0])

    def posterior_covariance(self, y: Any) -> Array:
        """Cov[X | Y = y], shape (..., M, M): within the components plus between them."""

        def covariance(given: _Given) -> Array:
            _, spread = self._means(given)
            within = np.tensordot(given.posteriors.T, self.component_posterior_covariances, axes=1)
            weighted = given.posteriors[..., None] * spread
            return within + np.einsum("kni,knj->nij", weighted, spread)

        return self._by_vector(y, covariance)

    def posterior_variance(self, y: Any) -> Array:
        """E[‖X - E[X | y]‖² | Y = y] = tr Cov[X | y], shape (...)."""
        traces = np.trace(self.component_posterior_covariances, axis1=1, axis2=2)
        within = self._by_vector(y, lambda given: traces @ given.posteriors)
        return within + self.between_components(y)

    def between_components(self, y: Any) -> Array:
        """Σ_k P(k | y) ‖E[X | y, k] - E[X | y]‖², what tr Cov[X | y] owes to k, shape (...)."""

        def variance(given: _Given) -> Array:
            _, spread = self._means(given)
            return np.einsum("kn,kni,kni->n", given.posteriors, spread, spread)

        return self._by_vector(y, variance)

    def sample_posterior(self, y: Any, rng: Any) -> Array:
        """A draw of P(X | Y = y), shape (..., M): of k, then of X given y and k [T1.1b].

        With new draws X' of the component and N' of the noise, that is X' + G (y - X' - N'):
        Matheron's rule, which needs no factor of the posterior covariance.
        """
        rng = generator(rng)

        def draw(given: _Given) -> Array:
            count = len(given.log_density)
            chances = np.cumsum(given.posteriors, axis=0)
            labels = np.sum(rng.random(count) * chances[-1] > chances[:-1], axis=0)
            prior, noise = (rng.standard_normal((count, self.dim)) for _ in range(2))
            noise = noise[:, self.sent] * np.sqrt(self.noise_variances[self.sent])
            drawn = np.empty((count, self.dim))
            for k, mean in enumerate(self.means):
                here = labels == k
                centred = prior[here] @ np.linalg.cholesky(self.covariances[k]).T
                innovation = given.residuals[k, here] @ self._whitened_gains[k]
                error = centred @ self._rest[k].T - noise[here] @ self._gains[k].T
                drawn[here] = mean + innovation + error
            return drawn

        return self._by_vector(y, draw)

    @cached_property
    def _whitened_gains(self) -> Array:
        """W H C, shape (K, m, M): a whitened residual times this is G (y - m)."""
        return self.whitening @ self.covariances[:, self.sent]

    @cached_property
    def _gains(self) -> Array:
        """G = C Hᵀ A⁻¹, shape (K, M, m)."""
        return _transposed(self._whitened_gains) @ self.whitening

    @cached_property
    def _rest(self) -> Array:
        """B = 1 - G H, shape (K, M, M); its block of the sent coordinates is diag(t) A⁻¹."""
        rest = np.broadcast_to(np.eye(self.dim), self.covariances.shape).copy()
        rest[:, :, self.sent] -= self._gains
        precisions = _transposed(self.whitening) @ self.whitening
        block = self.noise_variances[self.sent][:, None] * precisions
        rest[np.ix_(np.arange(len(self.weights)), self.sent, self.sent)] = block
        return rest

    @cached_property
    def _log_peaks(self) -> Array:
        """ln w_k N(m_k; m_k, A_k), shape (K, 1)."""
        half_log_dets = np.linalg.slogdet(self.whitening)[1]
        normaliser = self.whitening.shape[-1] / 2 * np.log(2 * np.pi)
        return (np.log(self.weights) + half_log_dets - normaliser)[:, None]

    def _by_vector(self, y: Any, function: "Callable[[_Given], Array]") -> Array:
        """`function` of n vectors y, in their shape."""
        y = vectors(np, "y", y, self.dim)
        sent = y.reshape(-1, self.dim)[:, self.sent]
        with np.errstate(over="ignore", invalid="ignore"):
            residuals = (sent - self.means[:, None, self.sent]) @ _transposed(self.whitening)
            squares = np.einsum("kni,kni->kn", residuals, residuals)
        held = np.isfinite(squares).all(axis=0)
        check("y", np.max(np.abs(sent), axis=1, initial=0.0), held, "finite values within 1e150 σ")
        joint = self._log_peaks - squares / 2
        largest = joint.max(axis=0)
        shares = np.exp(joint - largest)
        total = shares.sum(axis=0)
        values = function(_Given(residuals, largest + np.log(total), shares / total))
        return values.reshape(y.shape[:-1] + values.shape[1:])[()]

    def _means(self, given: "_Given") -> tuple[Array, Array]:
        """E[X | y], shape (n, M), and E[X | y, k] - E[X | y], shape (K, n, M)."""
        means = self.means[:, None] + given.residuals @ self._whitened_gains
        mean = np.einsum("kn,kni->ni", given.posteriors, means)
        return mean, means - mean


class _Given(NamedTuple):
    """What n vectors y say of the components: W_k (y - m_k), ln p_t(y) and P(k | y)."""

    residuals: Array
    log_density: Array
    posteriors: Array


def _transposed(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)
