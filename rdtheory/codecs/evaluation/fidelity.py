"""How near a reconstruction is to its original: squared error and PSNR.

Of several pictures there are two PSNRs, and publications use both: the mean of the pictures' PSNRs,
and the PSNR of their mean squared error, which is lower (Jensen) and led by the worst pictures.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.errors import InputError

PEAK = 255


def mean_squared_error(pixels: Array, original: Array) -> float:
    """1/n Σ (x - x̂)² over all n samples of uint8 arrays of one shape, in grey levels squared.

    Raises:
        InputError: if the shapes differ.

    >>> mean_squared_error(np.array([[[0, 3]]], np.uint8), np.array([[[1, 0]]], np.uint8))
    5.0
    """
    if pixels.shape != original.shape:
        raise InputError("pixels", f"shape {pixels.shape}", f"the original's, {original.shape}")
    return float(np.mean((pixels.astype(np.int32) - original) ** 2))


def psnr_db(squared_error: float) -> float:
    """10 log10(255²/MSE) in dB; infinite without an error.

    >>> psnr_db(255.0**2 / 1000), psnr_db(0.0)
    (30.0, inf)
    """
    return float(10 * np.log10(PEAK**2 / squared_error)) if squared_error else float("inf")
