"""How the power of luma is spread over spatial frequencies, and the error of a codec there.

P(k) is the mean, over windows of 32 x 32 pixels and over the ring of frequencies whose length
rounds to k = 2 ... 16 cycles a window, of the periodogram under a Hann taper (Welch 1967), scaled
so that white noise of variance σ² has P = σ². (The taper spreads brightness over k = 0 and 1, and
no farther.) The error of P̂ against P is

    sqrt(mean over k of (10 log10((P̂(k) + 1/12)/(P(k) + 1/12)))²)   dB,

where 1/12 is the variance of rounding to whole grey levels: below it nothing is known.
"""

from functools import cache

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.evaluation.planes import STRIDE, WINDOW, planes
from rdtheory.codecs.media import Picture

RINGS = range(2, WINDOW // 2 + 1)

_ROUNDING = 1 / 12


def radial_spectrum(picture: Picture) -> Array:
    """P(2), ..., P(16) of a picture, in grey levels squared.

    Raises:
        InputError: if the picture has less than 32 x 32 pixels.

    >>> radial_spectrum(Picture(np.full((32, 40, 1), 9, np.uint8))).round(9).max()
    np.float64(0.0)
    """
    luma = planes(picture)[0]
    windows = np.lib.stride_tricks.sliding_window_view(luma, (WINDOW, WINDOW))[::STRIDE, ::STRIDE]
    taper, rings = _taper(), _rings()
    total = np.zeros(len(RINGS))
    for row in windows:
        power = np.abs(np.fft.fft2(row * taper)) ** 2
        total += rings @ power.sum(axis=0).ravel()
    return total / (windows.shape[0] * windows.shape[1] * np.sum(taper**2))


def spectrum_error_db(power: Array, reference: Array) -> float:
    """The error of mean powers P̂(k) against P(k), shapes (15,), rms over rings in dB.

    >>> spectrum_error_db(np.full(15, 10.0) - 1 / 12, np.full(15, 1.0) - 1 / 12)
    10.0
    """
    ratio = (power + _ROUNDING) / (reference + _ROUNDING)
    return float(np.sqrt(np.mean((10 * np.log10(ratio)) ** 2)))


@cache
def _taper() -> Array:
    # Periodic: the sum of its shifts by half a window is 1 everywhere.
    hann = np.sin(np.pi * np.arange(WINDOW) / WINDOW) ** 2
    return hann[:, None] * hann


@cache
def _rings() -> Array:
    """Row k - 2 takes the mean over ring k, shape (15, 1024)."""
    frequency = np.fft.fftfreq(WINDOW, 1 / WINDOW)
    ring = np.rint(np.hypot(frequency[:, None], frequency)).ravel()
    members = ring == np.array(RINGS)[:, None]
    return members / members.sum(axis=1, keepdims=True)
