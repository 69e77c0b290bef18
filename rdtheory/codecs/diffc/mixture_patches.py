"""An exact Gaussian mixture of patches of 8 x 8 values [T4.1].

64 Gaussians in the eigenbasis of each plane: smooth and rough patches, edges of several directions,
grey ones and coloured ones. Luma and chromas are independent given which it is; the mixture of grey
patches is that of luma. How it was fitted is told in `data/patches.md`.
"""

from functools import cache
from typing import ClassVar

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.block_mixture import BlockMixture
from rdtheory.codecs.diffc.mixture_prior import MixturePrior
from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.codecs.diffc.patch_basis import PatchBasis, checksum, orthonormal, planes_of, stored


class MixturePatchPrior(MixturePrior):
    """Patches from a mixture, in the eigenbasis of each plane.

    >>> MixturePatches().prior((9, 8, 3)).vectors
    2
    """

    def __init__(self, basis: PatchBasis, mixture: BlockMixture, eigenvalues: Array) -> None:
        super().__init__(basis.vectors, mixture, eigenvalues)
        self._basis = basis

    def to_components(self, values: Array) -> Array:
        """The patches' components; sides are filled up to multiples of 8, see `PatchBasis`."""
        return self._basis.to_components(values)

    def from_components(self, components: Array) -> Array:
        """The picture."""
        return self._basis.from_components(components)


class MixturePatches(DiffusionModel):
    """X ~ Σ_k w_k N(m_k, C_k) for every patch: of 64 components, or of 192 in colour, luma first.

    >>> prior = MixturePatches().prior((64, 64, 1))
    >>> gaussian = prior.eigenvalues / (1 + prior.eigenvalues / 0.01)
    >>> bool(prior.errors(np.full(64, 0.01)).sum() < 0.8 * gaussian.sum())
    True
    """

    name: ClassVar[str] = "mixture-patches"

    def __init__(self) -> None:
        table = stored("mixture_patches")
        keys = ("means", "eigenvectors", "weights", "centres", "factors", "scales", "eigenvalues")
        self.fingerprint = checksum(*(table[key] for key in keys))

    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> MixturePatchPrior:
        """The prior of a picture of any size.

        Raises:
            InputError: if the shape is not that of a picture.
        """
        means, bases, mixture, eigenvalues = _tables(planes_of(shape))
        return MixturePatchPrior(PatchBasis(shape, means, bases), mixture, eigenvalues)


@cache
def _tables(planes: int) -> tuple[Array, Array, BlockMixture, Array]:
    """Means, bases, mixture and eigenvalues."""
    table = stored("mixture_patches")
    square = 3.0 if planes == 1 else 1.0  # of a grey picture luma is √3 times the value
    unit = np.sqrt(square)
    means, eigenvalues = table["means"][:planes] / unit, table["eigenvalues"][:planes] / square
    dim = means.shape[1]
    factors = np.zeros((len(table["weights"]), planes, dim, dim))
    factors[:, :, *np.tril_indices(dim)] = table["factors"][:, :planes]
    factors *= table["scales"][:planes, :, None] / unit
    centres = table["centres"][:, :planes].astype(np.float64) / unit
    mixture = BlockMixture(table["weights"], centres, factors)
    return means, orthonormal(table["eigenvectors"][:planes]), mixture, eigenvalues.reshape(-1)
