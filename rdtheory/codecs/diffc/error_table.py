"""How much better than the Wiener filter a network is: ratios of errors, by noise and frequency.

    e_i(t) = q(ln t, ln f_i, colour) λ_i t/(λ_i + t),    f² = f_1² + f_2² of a component [T6.1]

The ratios q are measured on held-out pictures of one size, for noise levels and bands of frequency,
and interpolated between them; they hold for pictures of other sizes as far as the stationary model
does. What they are wrong by costs rate (Eq. 5), and `scales` mends a part of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.cosine_field import CosineBasis, picture_spectrum
from rdtheory.codecs.diffc.variational_bound import NOISE_LEAST, NOISE_MOST
from rdtheory.container import StreamError

LOG_NOISE = np.linspace(np.log(NOISE_LEAST), np.log(NOISE_MOST), 24)
"""ln t of the table's rows."""

LOG_FREQUENCY = np.log(2.0) * np.linspace(-7, 0.5, 11)
"""ln f of the table's columns."""

_LEAST, _MOST = 2.0**-6, 4.0


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """q at every noise level, frequency and colour.

    Attributes:
        ratios: q, shape (24, 11, 3).

    Raises:
        StreamError: if it has another shape, or numbers out of range.

    >>> table = ErrorTable(np.ones((24, 11, 3)))
    >>> spectrum = picture_spectrum((4, 4, 3))
    >>> bool(np.allclose(table.errors((4, 4, 3), spectrum, 1.0), spectrum / (spectrum + 1)))
    True
    """

    ratios: Array

    def __post_init__(self) -> None:
        shape = (len(LOG_NOISE), len(LOG_FREQUENCY), 3)
        good = np.shape(self.ratios) == shape and np.isfinite(self.ratios).all()
        if not (good and self.ratios.min() >= _LEAST / 2 and self.ratios.max() <= 2 * _MOST):
            raise StreamError("weights", "a table of errors out of range", f"shape {shape}")

    def errors(self, shape: tuple[int, ...], spectrum: Array, noise: float) -> Array:
        """e of every component of a picture at noise t, shape (M,)."""
        table = RegularGridInterpolator((LOG_NOISE, LOG_FREQUENCY), np.log(self.ratios))
        level = np.clip(np.log(noise), LOG_NOISE[0], LOG_NOISE[-1])
        frequency = np.clip(_log_frequencies(shape), LOG_FREQUENCY[0], LOG_FREQUENCY[-1])
        ratios = np.exp(table((level, frequency)))[..., : shape[2]].reshape(-1)
        return ratios * (spectrum * noise / (spectrum + noise))


def measured(
    denoise: Callable[[Array, float], Array], pictures: Array, rng: np.random.Generator
) -> ErrorTable:
    """The table of a denoiser, from pictures of one size.

    Args:
        denoise: E[X | Y = y] of values of shape (B, h, w, 3) at noise variance t.
        pictures: uint8, shape (B, h, w, 3).
        rng: of the noise.

    >>> pictures = np.zeros((2, 8, 8, 3), np.uint8)
    >>> table = measured(lambda y, t: y / (1 + t), pictures, np.random.default_rng(0))
    >>> table.ratios.shape
    (24, 11, 3)
    """
    shape = pictures.shape[1:]
    basis, spectrum = CosineBasis(shape), picture_spectrum(shape).reshape(shape)
    values = pictures / 127.5 - 1
    # Each component speaks for the columns near it.
    distance = (_log_frequencies(shape)[..., None] - LOG_FREQUENCY) / np.diff(LOG_FREQUENCY)[0]
    near = np.exp(-0.5 * (distance / 0.7) ** 2) + 1e-9
    ratios = []
    for noise in np.exp(LOG_NOISE):
        y = values + np.sqrt(noise) * rng.standard_normal(values.shape)
        found = denoise(y, float(noise))
        error = sum(basis.to_components(e).reshape(shape) ** 2 for e in found - values)
        wiener = spectrum * noise / (spectrum + noise) * len(values)
        ratios.append(
            np.einsum("klc,klf->fc", error, near) / np.einsum("klc,klf->fc", wiener, near)
        )
    return ErrorTable(np.clip(ratios, _LEAST, _MOST))


def _log_frequencies(shape: tuple[int, ...]) -> Array:
    """ln f of every component, shape (h, w)."""
    vertical, horizontal = CosineBasis(shape).frequencies
    return np.log(np.hypot(vertical[:, None], horizontal))
