"""The cosine basis of pictures and sounds, and the spectrum of photographs in it (claim 2).

A stationary process of spectral density S has, in the orthonormal cosine basis (DCT-II) of N
samples, nearly uncorrelated components of variance S(f_k), f_k = (k + 1/2)/N in units of half the
sampling frequency [T6.1]. The model takes this as exact, for any N. A picture's three colours are
first turned into luma (1, 1, 1)/√3 and two chromas (1, 0, -1)/√2 and (1, -2, 1)/√6.

A picture's spectral density is a table that was fitted to photographs.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from scipy.fft import dctn, idctn
from scipy.interpolate import RegularGridInterpolator

from rdtheory.arrays import Array
from rdtheory.errors import InputError

COLOURS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
"""Luma and chromas of red, green and blue: an orthonormal matrix."""


@dataclass(frozen=True)
class CosineBasis:
    """Values of a shape (h, w, 3), (h, w, 1) or (n,) as one vector of components.

    >>> basis = CosineBasis((3, 5, 3))
    >>> values = np.random.default_rng(0).normal(size=(3, 5, 3))
    >>> bool(np.allclose(basis.from_components(basis.to_components(values)), values))
    True
    """

    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        sound, picture = len(self.shape) == 1, len(self.shape) == 3 and self.shape[-1] in (1, 3)
        if not (sound or picture) or min(self.shape) < 1:
            raise InputError("shape", self.shape, "(h, w, 3), (h, w, 1) or (n,)")

    def to_components(self, values: Array) -> Array:
        """Shape (1, M)."""
        if self.shape[-1] == 3 and len(self.shape) == 3:
            values = values @ COLOURS.T
        found = dctn(values, axes=self._axes, norm="ortho")
        return np.asarray(found).reshape(1, -1)

    def from_components(self, components: Array) -> Array:
        """Values of the shape."""
        found = idctn(components.reshape(self.shape), axes=self._axes, norm="ortho")
        values = np.asarray(found)
        return values @ COLOURS if len(self.shape) == 3 and self.shape[-1] == 3 else values

    @property
    def frequencies(self) -> list[Array]:
        """f of each axis of space or time, in (0, 1): (k + 1/2)/N."""
        return [(np.arange(size) + 0.5) / size for size in np.take(self.shape, self._axes)]

    @property
    def _axes(self) -> tuple[int, ...]:
        return (0,) if len(self.shape) == 1 else (0, 1)


def picture_spectrum(shape: tuple[int, ...]) -> Array:
    """λ of a photograph's components, shape (M,), in units of (half the range)².

    See data/picture_spectrum.md for what it was fitted to.

    A grey picture is 1/√3 of the luma of one whose colours are equal.

    >>> luma, *chromas = picture_spectrum((64, 64, 3)).reshape(64, 64, 3).sum((0, 1)) / 64**2
    >>> bool(luma > 5 * max(chromas))
    True
    """
    vertical, horizontal = (np.log2(f) for f in CosineBasis(shape).frequencies)
    table = _picture_table()
    spectrum = 2.0 ** table((vertical[:, None], horizontal))
    return (spectrum if shape[2] == 3 else spectrum[..., 0] / 3).reshape(-1)


@cache
def _picture_table() -> RegularGridInterpolator:
    """log2 S of luma and two chromas, by log2 of vertical and horizontal frequency."""
    file = resources.files("rdtheory.codecs.diffc.data") / "picture_spectrum.npz"
    with file.open("rb") as stream, np.load(stream) as arrays:
        knots, table = arrays["log2_frequency"], arrays["log2_density"].astype(np.float64)
    return RegularGridInterpolator((knots, knots), table, bounds_error=False, fill_value=None)  # pyright: ignore[reportArgumentType]
