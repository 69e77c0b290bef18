"""A Gaussian mixture whose components are made of independent blocks, seen through noise [T4.1b].

    X ~ Σ_k w_k Π_c N(m_kc, C_kc),    Y = X + N(0, diag t),

c being the planes of a picture's patch, say: they have k in common and nothing else. With the
scales r = t^(-1/2), which are 0 where nothing is sent, and B = 1 + diag(r) C diag(r),

    ln P(k | y) = ln w_k - ½ ln det B - ½ qᵀ B⁻¹ q + const,    q = r (y - m_k)
    E[X | y, k] = m_k + C diag(r) B⁻¹ q

in each block. It is `rdtheory.sources.NoisyMixture` for covariances of that form, without the zeros
and without a case of its own for t = ∞; there must be noise, t > 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from rdtheory.arrays import Array
from rdtheory.errors import InputError

_PIECE = 64
"""Vectors at a time, so that K copies of them stay within a few megabytes."""


@dataclass(frozen=True, eq=False)
class BlockMixture:
    """X ~ Σ_k w_k Π_c N(m_kc, C_kc), M = C m components, those of a block in a row.

    Attributes:
        weights: w, shape (K,), of sum 1.
        means: shape (K, C, m).
        factors: L, C_kc = L Lᵀ, shape (K, C, m, m), of full rank.

    >>> mixture = BlockMixture(np.ones(1), np.zeros((1, 1, 2)), np.eye(2)[None, None])
    >>> mixture.observed(np.array([1.0, np.inf])).posterior_mean(np.array([[3.0, np.nan]]))
    array([[1.5, 0. ]])
    """

    weights: Array
    means: Array
    factors: Array

    @property
    def dim(self) -> int:
        """M."""
        return self.means[0].size

    @cached_property
    def covariances(self) -> Array:
        """C, shape (K, C, m, m)."""
        return self.factors @ _transposed(self.factors)

    @cached_property
    def spectra(self) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of the C_kc, shapes (K, C, m) and (K, C, m, m)."""
        return np.linalg.eigh(self.covariances)

    @property
    def mean(self) -> Array:
        """E X, shape (M,)."""
        return np.tensordot(self.weights, self.means, axes=1).reshape(-1)

    def observed(self, noise_variances: Array) -> "NoisyBlocks":
        """The law of Y = X + N(0, diag t), t of shape (M,), > 0 or infinite.

        Raises:
            InputError: if a noise variance is not above 0.
        """
        if not (noise_variances > 0).all():
            raise InputError("noise_variances", noise_variances, "numbers > 0, or inf")
        scales = (1 / np.sqrt(noise_variances)).reshape(self.means.shape[1:])
        if (noise_variances == noise_variances[0]).all():
            # One decomposition serves all levels of isotropic noise, five times as fast.
            eigenvalues, eigenvectors = self.spectra
            shares = 1 / (1 + eigenvalues / noise_variances[0])
            inverse = (eigenvectors * shares[..., None, :]) @ _transposed(eigenvectors)
            log_dets = -np.log(shares).sum(axis=2)
        else:
            scaled = self.covariances * scales[:, None] * scales[..., None]
            total = np.eye(self.means.shape[2]) + scaled
            inverse, log_dets = np.linalg.inv(total), np.linalg.slogdet(total)[1]
        peaks = np.log(self.weights) - log_dets.sum(axis=1) / 2
        return NoisyBlocks(self, scales, inverse, peaks)


@dataclass(frozen=True, eq=False)
class NoisyBlocks:
    """What Y says of X; made by `BlockMixture.observed`.

    Attributes:
        mixture: of X.
        scales: r, shape (C, m).
        inverse: B⁻¹, shape (K, C, m, m).
        log_peaks: ln w_k - ½ ln det B_k, shape (K,).
    """

    mixture: BlockMixture
    scales: Array
    inverse: Array
    log_peaks: Array

    def posterior_mean(self, y: Array) -> Array:
        """E[X | y], shape (n, M) [T1.13b]; y is not looked at where t is infinite."""

        def mean(given: _Given) -> Array:
            return _mean_over_components(given.posteriors, self._means(given))

        return self._by_pieces(mean, y)

    def score(self, y: Array) -> Array:
        """∇ ln p_t(y), shape (n, M); 0 where nothing is sent."""

        def score(given: _Given) -> Array:
            return -_mean_over_components(given.posteriors, given.pulls) * self.scales.reshape(-1)

        return self._by_pieces(score, y)

    def spread(self, y: Array) -> Array:
        """Σ_k P(k | y) (E[X_i | y, k] - E[X_i | y])², shape (n, M): what Var[X_i | y] owes to k."""

        def spread(given: _Given) -> Array:
            means = self._means(given)
            means -= np.einsum("kn,kcni->cni", given.posteriors, means)
            return _mean_over_components(given.posteriors, means**2)

        return self._by_pieces(spread, y)

    @cached_property
    def component_variances(self) -> Array:
        """Var[X_i | Y, k], shape (K, M): t_i times the gain of Y_i where it is sent."""
        gains = self.inverse @ self._scaled_covariances
        sent = self.scales > 0
        noise = 1 / np.where(sent, self.scales, 1.0)
        known = np.einsum("...ij,...ij->...j", self._scaled_covariances, gains)
        unsent = _diagonal(self.mixture.covariances) - known
        return np.where(sent, noise * _diagonal(gains), unsent).reshape(-1, self.mixture.dim)

    def sample_posterior(self, y: Array, uniforms: Array, normals: Array) -> Array:
        """A draw of P(X | y), shape (n, M): of k, then of X given y and k [T1.1b].

        With new draws X' of the component and N' of the noise, that is X' + G (y - X' - N'), G the
        gain: Matheron's rule.

        Args:
            y: shape (n, M).
            uniforms: on (0, 1), shape (n,).
            normals: shape (2, n, M).
        """
        chances = np.cumsum(self._by_pieces(lambda given: given.posteriors.T, y), axis=1)
        labels = np.sum(uniforms[:, None] * chances[:, -1:] > chances[:, :-1], axis=1)
        drawn = np.empty(y.shape)
        for k in np.unique(labels):
            here = labels == k
            prior, noise = (self._blocks(part[here]) for part in normals)
            x = self.mixture.means[k][:, None] + prior @ _transposed(self.mixture.factors[k])
            residuals = self._scaled_blocks(y[here]) - x * self.scales[:, None] - noise
            drawn[here] = _vectors(x + residuals @ self.inverse[k] @ self._scaled_covariances[k])
        return drawn

    def _means(self, given: "_Given") -> Array:
        """E[X | y, k], shape (K, C, n, m)."""
        means = given.pulls @ self._scaled_covariances
        means += self.mixture.means[:, :, None]
        return means

    @cached_property
    def _scaled_covariances(self) -> Array:
        """diag(r) C, shape (K, C, m, m)."""
        return self.scales[..., None] * self.mixture.covariances

    @cached_property
    def _scaled_means(self) -> Array:
        """r m, shape (K, C, 1, m)."""
        return (self.scales * self.mixture.means)[:, :, None]

    def _scaled_blocks(self, y: Array) -> Array:
        """r y, shape (C, n, m): 0 where nothing is sent, whatever y is there."""
        scales = self.scales[:, None]
        return np.where(scales > 0, self._blocks(y), 0.0) * scales

    def _by_pieces(self, function: "Callable[[_Given], Array]", y: Array) -> Array:
        pieces = [y[first : first + _PIECE] for first in range(0, len(y), _PIECE)]
        return np.concatenate([function(self._given(piece)) for piece in pieces])

    def _given(self, y: Array) -> "_Given":
        residuals = self._scaled_blocks(y) - self._scaled_means
        pulls = residuals @ self.inverse
        joint = self.log_peaks[:, None] - np.einsum("kcni,kcni->kn", pulls, residuals) / 2
        shares = np.exp(joint - joint.max(axis=0))
        return _Given(pulls, shares / shares.sum(axis=0))

    def _blocks(self, vectors: Array) -> Array:
        """Shape (C, n, m)."""
        return vectors.reshape(-1, *self.scales.shape).transpose(1, 0, 2)


class _Given(NamedTuple):
    """What n vectors y say of the components: B⁻¹ q, shape (K, C, n, m), and P(k | y)."""

    pulls: Array
    posteriors: Array


def _mean_over_components(posteriors: Array, values: Array) -> Array:
    """Σ_k P(k | y) v_k, shape (n, M)."""
    return _vectors(np.einsum("kn,kcni->cni", posteriors, values))


def _vectors(blocks: Array) -> Array:
    """Shape (n, M), from (C, n, m)."""
    return blocks.transpose(1, 0, 2).reshape(blocks.shape[1], -1)


def _diagonal(matrices: Array) -> Array:
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _transposed(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)
