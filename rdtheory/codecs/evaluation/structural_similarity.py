"""MS-SSIM, the multi-scale structural similarity of Wang, Simoncelli and Bovik (2003).

At five scales, each half the size of the one before by means of 2 x 2 pixels, the means, variances
and covariance of both pictures under a Gaussian window of 11 x 11 and deviation 1.5 give

    l = (2 μ μ' + C₁)/(μ² + μ'² + C₁),    c = (2 σ_xy + C₂)/(σ_x² + σ_y² + C₂),

C₁ = (0.01·255)², C₂ = (0.03·255)², and with means over all whole windows

    MS-SSIM = mean(l c at scale 5)^0.1333 Π_{j<5} mean(c at scale j)^w_j,

w = 0.0448, 0.2856, 0.3001, 0.2363; a mean below 0 counts as 0. Each channel by itself, then the
mean over channels, as is usual for codecs (TensorFlow's and pytorch-msssim's); an odd last row or
column is repeated. Written here since the NumPy library for it, `sewar`, averages neighbouring
colour channels too when it halves a picture, and others need a deep-learning framework.

The smallest scale must hold a window: pictures of less than 161 pixels a side have no MS-SSIM. A
number from fewer scales would not compare with it, so there is none.
"""

import numpy as np
from scipy.ndimage import correlate1d

from rdtheory.arrays import Array
from rdtheory.errors import InputError

SMALLEST_SIDE = 161

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_REACH = 5
_DEVIATION = 1.5


def ms_ssim(pixels: Array, original: Array) -> float | None:
    """MS-SSIM of uint8 pixels, shape (h, w, channels), from 0 to 1; None if a side is below 161.

    Raises:
        InputError: if the shapes differ.

    >>> grey = np.full((161, 170, 1), 100, np.uint8)
    >>> round(ms_ssim(grey, grey), 9), ms_ssim(grey[:160], grey[:160])
    (1.0, None)
    """
    if pixels.shape != original.shape:
        raise InputError("pixels", f"shape {pixels.shape}", f"the original's, {original.shape}")
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        return None
    channels = range(pixels.shape[2])
    return float(np.mean([_of_planes(pixels[:, :, c], original[:, :, c]) for c in channels]))


def _of_planes(plane: Array, original: Array) -> float:
    x, y = plane.astype(np.float64), original.astype(np.float64)
    product = 1.0
    for weight in _WEIGHTS[:-1]:
        _, contrast = _similarities(x, y)
        product *= max(float(contrast.mean()), 0.0) ** weight
        x, y = _halved(x), _halved(y)
    luminance, contrast = _similarities(x, y)
    return product * max(float((luminance * contrast).mean()), 0.0) ** _WEIGHTS[-1]


def _similarities(x: Array, y: Array) -> tuple[Array, Array]:
    """l and c at every whole window."""
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    square, product = mean_x**2 + mean_y**2, 2 * mean_x * mean_y
    luminance = (product + _C1) / (square + _C1)
    variances = _window_mean(x**2 + y**2) - square
    covariance = 2 * _window_mean(x * y) - product
    return luminance, (covariance + _C2) / (variances + _C2)


def _window_mean(plane: Array) -> Array:
    taps = np.exp(-(np.arange(-_REACH, _REACH + 1) ** 2) / (2 * _DEVIATION**2))
    taps /= taps.sum()
    inner = slice(_REACH, -_REACH)
    columns = correlate1d(plane, taps, axis=0)[inner]
    return correlate1d(columns, taps, axis=1)[:, inner]


def _halved(plane: Array) -> Array:
    height, width = plane.shape
    plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    rows = plane[::2] + plane[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) / 4
