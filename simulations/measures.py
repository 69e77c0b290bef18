"""What is measured of reconstructions: distortion, and how far their law is from the source's."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rdtheory.diffusion import RECONSTRUCTIONS, Posterior, Scheme
from rdtheory.sources import GaussianVector


def distortion_per_dim(x: np.ndarray, reconstruction: np.ndarray) -> float:
    """Mean of ‖x - x̂‖² / M.

    >>> distortion_per_dim(np.zeros((2, 2)), np.ones((2, 2)))
    1.0
    """
    return float(np.mean((x - reconstruction) ** 2))


def realism(source: GaussianVector, vectors: np.ndarray) -> dict[str, float]:
    """How far vectors, shape (n, M), are from the source N(mean, Σ).

    Returns:
        `variance_ratio`: trace of their second moment about the source's mean, over tr Σ.
        `covariance_error`: Frobenius distance of that second moment from Σ over the norm of Σ.
        `wasserstein2_per_dim`: squared Wasserstein-2 distance, per dimension, of the Gaussian with
        their mean and covariance S from the source: |Δmean|² + tr Σ + tr S - 2 tr (Σ^½ S Σ^½)^½.

    n draws of the source itself are about M/n away: compare with those.

    >>> source = GaussianVector([4.0, 1.0])
    >>> {name: round(value, 3) for name, value in realism(source, np.zeros((5, 2))).items()}
    {'variance_ratio': 0.0, 'covariance_error': 1.0, 'wasserstein2_per_dim': 2.5}
    """
    components, eigenvalues = source.to_components(vectors), source.eigenvalues
    mean = components.mean(axis=0)
    second = components.T @ components / len(components)
    covariance = second - np.outer(mean, mean)
    root = np.sqrt(eigenvalues)
    cross = np.linalg.eigvalsh(root[:, None] * covariance * root)
    overlap = np.sqrt(np.maximum(cross, 0.0)).sum()
    squared = mean @ mean + eigenvalues.sum() + np.trace(covariance) - 2 * overlap
    error = np.linalg.norm(second - np.diag(eigenvalues))
    return {
        "variance_ratio": float(np.trace(second) / eigenvalues.sum()),
        "covariance_error": float(error / np.linalg.norm(eigenvalues)),
        "wasserstein2_per_dim": float(squared / source.dim),
    }


def against_theory(
    operated: Scheme, leading_snr: float, x: np.ndarray, decode: Callable[[str], np.ndarray]
) -> dict[str, Any]:
    """Every reconstruction of x, made by `decode(name)`, beside what the theory says of it."""
    rows = {}
    for name, how in RECONSTRUCTIONS.items():
        found = decode(name)
        point = Scheme(operated.source, operated.noise, how, name).at(
            noise_level=operated.source.leading_eigenvalue / leading_snr
        )
        rows[name] = {
            "distortion_per_dim": distortion_per_dim(x, found),
            "distortion_per_dim_analytic": float(point.distortion_per_dim),
            **realism(operated.source, found),
        }
    return rows


def decoder(
    state: Posterior, source: GaussianVector, rng: np.random.Generator
) -> Callable[[str], np.ndarray]:
    """`decode(name)` for what a `Posterior` knows."""

    def decode(name: str) -> np.ndarray:
        components = state.reconstruct(RECONSTRUCTIONS[name], rng.standard_normal)
        return source.from_components(components)

    return decode
