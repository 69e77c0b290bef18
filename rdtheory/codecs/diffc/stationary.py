"""The stationary Gaussian model: pictures of any size, and sounds (claim 2) [T6.1]."""

from typing import ClassVar

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.cosine_field import CosineBasis, picture_spectrum
from rdtheory.codecs.diffc.gaussian_prior import GaussianPrior
from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.errors import InputError

_KNOTS = np.arange(-20.0, 0.01, 0.5)
"""log2 f of a sound's spectral density: two an octave, from the lowest f of 2^19 samples."""

_FLOOR = -40
"""Least log2 S: below any 16-bit sound."""


class CosinePrior(GaussianPrior):
    """Independent Gaussian components in the cosine basis.

    >>> prior = CosinePrior((8, 8, 1), np.ones(64))
    >>> prior.denoise(np.ones((1, 64)), np.full(64, 3.0))[0, 0]
    np.float64(0.25)
    """

    def __init__(self, shape: tuple[int, ...], eigenvalues: Array) -> None:
        super().__init__(1, eigenvalues)
        self._basis = CosineBasis(shape)

    def to_components(self, values: Array) -> Array:
        """The cosine transform, shape (1, M)."""
        return self._basis.to_components(values)

    def from_components(self, components: Array) -> Array:
        """Its inverse."""
        return self._basis.from_components(components)


class StationaryGaussian(DiffusionModel):
    """Stationary Gaussian fields.

    A photograph's spectral density is a table of the package; a sound's is measured and travels in
    the stream, half an octave a signed byte.

    >>> model = StationaryGaussian()
    >>> model.prior((6, 4, 3)).eigenvalues.shape
    (72,)
    >>> tone = np.sin(np.arange(4096))
    >>> side = model.side_information(tone)
    >>> model.prior((4096,), side).eigenvalues.argmax() // 200
    np.int64(7)
    """

    name: ClassVar[str] = "gaussian"
    fingerprint: int = 1

    def side_information(self, values: Array) -> bytes:
        """log2 S of a sound around each knot, in whole numbers; nothing for a picture."""
        if values.ndim != 1:
            return b""
        basis = CosineBasis(values.shape)
        (frequency,) = basis.frequencies
        power = basis.to_components(values)[0] ** 2
        knot = np.rint(2 * (np.log2(frequency) - _KNOTS[0])).clip(0).astype(int)
        sums, counts = (np.bincount(knot, w, minlength=len(_KNOTS)) for w in (power, None))
        known = counts > 0
        level = np.log2(np.maximum(sums[known] / counts[known], 2.0**_FLOOR))
        levels = np.interp(_KNOTS, _KNOTS[known], level)
        return np.rint(levels).clip(-128, 127).astype(np.int8).tobytes()

    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> CosinePrior:
        """The Gaussian of a shape."""
        if len(shape) == 3:
            return CosinePrior(shape, picture_spectrum(shape))
        levels = np.frombuffer(side, np.int8)
        if levels.shape != _KNOTS.shape:
            raise InputError("side", f"{len(side)} bytes", f"{len(_KNOTS)}, a spectral density")
        (frequency,) = CosineBasis(shape).frequencies
        return CosinePrior(shape, 2.0 ** np.interp(np.log2(frequency), _KNOTS, levels))
