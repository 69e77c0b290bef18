"""The one interface of all models that DiffC can use: a prior of components, and its denoiser.

A model sees X as n vectors of M real components in an orthonormal basis: patches in an eigenbasis,
or a whole picture (n = 1) in a cosine basis. It has variances λ_i of these components, and answers
one question: what is E[X | Y] for Y_i = X_i + N(0, t_i)? The channel of Eq. 1 is Z = Y/sqrt(1 + t)
and has the SNR s_i = λ_i/t_i in a component.

What the range coder depends on must be the same on every machine. It is made of `eigenvalues` and
`errors`, which come from tables and closed forms and are rounded by the codec; never of `denoise`.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from rdtheory.arrays import Array
from rdtheory.diffusion.reconstruction import Normals


class Prior(ABC):
    """A model of data of one shape.

    Attributes:
        vectors: n.
        eigenvalues: λ, variances of the components, shape (M,), > 0.
        isotropic_only: whether the denoiser knows only noise of one variance in all components.
    """

    vectors: int
    eigenvalues: Array
    isotropic_only: bool

    def to_components(self, values: Array) -> Array:
        """Values, of the data's own shape and centred, as components of shape (n, M).

        Here values are components already; a prior in another basis has its own.
        """
        return values

    def from_components(self, components: Array) -> Array:
        """The inverse of `to_components`."""
        return components

    @abstractmethod
    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """E[X | Y = observed], shapes (n, M); noise variances t of shape (M,), infinite allowed.

        Where t is infinite the observation is not looked at.
        """

    @abstractmethod
    def errors(self, noise_variances: Array) -> Array:
        """Expected E(X_i - E[X_i | Y])² of each component, shape (M,): λ_i if nothing is sent."""

    @abstractmethod
    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """X̂ from Y, shape (n, M): "ancestral", "flow" or "mmse" (claims 14, 17, 18).

        Args:
            how: the reconstruction.
            observed: y, shape (n, M).
            noise_variances: t, shape (M,).
            normals: makes standard normals of a shape: the decoder's own randomness.
        """


class DiffusionModel(ABC):
    """A model that makes a prior for any shape of data that it knows.

    Attributes:
        name: as on the command line.
        fingerprint: a checksum of all its numbers; a stream names it.
    """

    name: ClassVar[str]
    fingerprint: int

    def side_information(self, values: Array) -> bytes:
        """What the decoder must be told of the data before the first message: mostly nothing."""
        return b""

    @abstractmethod
    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> Prior:
        """The prior of data of a shape: (h, w, 3) or (h, w, 1) of a picture, (n,) of a sound.

        Values are in units of half the range: a pixel p of 0 .. 255 is p/127.5 - 1.

        Args:
            shape: of the data.
            side: what `side_information` gave on the other side.

        Raises:
            InputError: if the model does not know data of this shape.
        """
