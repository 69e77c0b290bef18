"""The exact Gaussian model in any orthonormal basis: all closed forms [T1.5, T1.6].

With independent components X_i ~ N(0, λ_i), Y_i = X_i + N(0, t_i) and the SNR s_i = λ_i/t_i,

    E[X_i | Y_i] = s_i/(1 + s_i) Y_i,    E(X_i - E[X_i | Y_i])² = λ_i/(1 + s_i),

forms that hold for t_i = ∞ and λ_i = 0. Reconstructions are those of `rdtheory.diffusion`.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.model import Prior
from rdtheory.diffusion import RECONSTRUCTIONS
from rdtheory.diffusion.reconstruction import Normals, Reconstruction
from rdtheory.errors import InputError


class GaussianPrior(Prior):
    """n vectors of M independent components X_i ~ N(0, λ_i).

    Args:
        vectors: n.
        eigenvalues: λ >= 0, shape (M,).

    >>> prior, noise = GaussianPrior(1, np.array([3.0, 3.0])), np.array([1.0, np.inf])
    >>> prior.denoise(np.array([[2.0, np.nan]]), noise)
    array([[1.5, 0. ]])
    >>> prior.errors(noise)
    array([0.75, 3.  ])
    """

    isotropic_only = False

    def __init__(self, vectors: int, eigenvalues: Array) -> None:
        self.vectors = vectors
        self.eigenvalues = eigenvalues

    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """E[X | Y] = s/(1 + s) Y, and 0 where nothing was sent [T1.5]."""
        snr = self._snr(noise_variances)
        return snr / (1 + snr) * np.where(np.isinf(noise_variances), 0.0, observed)

    def errors(self, noise_variances: Array) -> Array:
        """λ/(1 + s): by division and addition alone, so the same on every machine."""
        return self.eigenvalues / (1 + self._snr(noise_variances))

    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """X̂ from Y, exactly [T1.1b, T1.5c]; the flow of pure noise is pure noise.

        Raises:
            InputError: if there is no such reconstruction.
        """
        mean = self.denoise(observed, noise_variances)
        snr = self._snr(noise_variances)
        return reconstruction(how).of(mean, self.eigenvalues, snr, normals)

    def _snr(self, noise_variances: Array) -> Array:
        if not (noise_variances > 0).all():
            raise InputError("noise_variances", noise_variances, "numbers > 0, or inf")
        return self.eigenvalues / noise_variances


def reconstruction(how: str) -> Reconstruction:
    """A reconstruction by its name.

    Raises:
        InputError: if there is none.

    >>> reconstruction("flow").name
    'flow'
    """
    if how not in RECONSTRUCTIONS:
        raise InputError("reconstruction", repr(how), ", ".join(RECONSTRUCTIONS))
    return RECONSTRUCTIONS[how]
