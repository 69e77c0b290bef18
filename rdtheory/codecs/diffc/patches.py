"""The exact Gaussian model of patches of 16 x 16 values [T1.6, T1.10].

A grey picture has the spectrum of `rdtheory.sources.patches`, that of the source's Fig. 7; luma and
chromas of a colour picture have spectra of their own, from the same photographs: `data/patches.md`.
Patches are independent, and so are the planes of one.
"""

from functools import cache
from typing import ClassVar

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.gaussian_prior import GaussianPrior
from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.codecs.diffc.patch_basis import PatchBasis, checksum, orthonormal, planes_of, stored
from rdtheory.sources.embedded import patches

_HALF_RANGE = 127.5


class GaussianPatchPrior(GaussianPrior):
    """Patches with independent Gaussian components in the basis of their covariance.

    >>> prior = GaussianPatches().prior((20, 16, 1))
    >>> prior.vectors, prior.eigenvalues.shape
    (2, (256,))
    """

    def __init__(self, basis: PatchBasis, eigenvalues: Array) -> None:
        super().__init__(basis.vectors, eigenvalues)
        self._basis = basis

    def to_components(self, values: Array) -> Array:
        """The patches' components; sides are filled up to multiples of 16, see `PatchBasis`."""
        return self._basis.to_components(values)

    def from_components(self, components: Array) -> Array:
        """The picture."""
        return self._basis.from_components(components)


class GaussianPatches(DiffusionModel):
    """X ~ N(m, Σ) for every patch: of 256 components, or of 768 in colour, luma first.

    >>> model = GaussianPatches()
    >>> prior = model.prior((64, 64, 3))
    >>> prior.eigenvalues[:2].round(1), prior.errors(np.full(768, 0.01)).max() < 0.01
    (array([102.6,  16.9]), np.True_)
    """

    name: ClassVar[str] = "gaussian-patches"

    def __init__(self) -> None:
        grey, table = patches(), stored("gaussian_patches")
        colour = (table[key] for key in ("means", "eigenvectors", "eigenvalues"))
        self.fingerprint = checksum(grey.mean, grey.eigenvectors, grey.eigenvalues, *colour)

    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> GaussianPatchPrior:
        """The prior of a picture of any size.

        Raises:
            InputError: if the shape is not that of a picture.
        """
        means, bases, eigenvalues = _tables(planes_of(shape))
        return GaussianPatchPrior(PatchBasis(shape, means, bases), eigenvalues)


@cache
def _tables(planes: int) -> tuple[Array, Array, Array]:
    """Means, bases and eigenvalues, shapes (C, 256), (C, 256, 256) and (256 C,)."""
    if planes == 1:
        source = patches()
        mean, basis = np.asarray(source.mean), np.asarray(source.eigenvectors)
        return mean[None] / _HALF_RANGE - 1, basis[None], source.eigenvalues / _HALF_RANGE**2
    table = stored("gaussian_patches")
    basis = orthonormal(table["eigenvectors"])
    return table["means"], basis, table["eigenvalues"].reshape(-1)
