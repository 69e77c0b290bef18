"""A picture as planes of luma and colour, and the windows that statistics of realism look through.

Luma Y = 0.299 R + 0.587 G + 0.114 B and Cb = (B - Y)/1.772, Cr = (R - Y)/1.402, of full range, in
grey levels (ITU-R BT.601 as in JFIF). Windows have 32 x 32 pixels and lie 16 apart, from the upper
left; what remains at the right and the bottom is left out.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError

WINDOW = 32
STRIDE = WINDOW // 2

_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


def planes(picture: Picture) -> tuple[Array, Array, Array]:
    """Y - 128, Cb and Cr of a picture, float64, each of shape (h, w); grey has no colour.

    Raises:
        InputError: if no window fits.

    >>> red = Picture(np.full((32, 32, 3), [255, 0, 0], np.uint8))
    >>> [round(float(plane[0, 0]), 3) for plane in planes(red)]
    [-51.755, -43.028, 127.5]
    """
    height, width = picture.pixels.shape[:2]
    if min(height, width) < WINDOW:
        raise InputError("picture", f"{height} x {width} pixels", f"{WINDOW} x {WINDOW} or more")
    if picture.pixels.shape[2] == 1:
        grey = picture.pixels[:, :, 0] - 128.0
        return grey, np.zeros_like(grey), np.zeros_like(grey)
    red, green, blue = np.moveaxis(picture.pixels, 2, 0)
    luma = _RED * red + _GREEN * green + _BLUE * blue
    chroma = (blue - luma) / (2 * (1 - _BLUE)), (red - luma) / (2 * (1 - _RED))
    return luma - 128.0, *chroma


def halved(plane: Array) -> Array:
    """Means of 2 x 2 pixels; an odd last row or column is left out.

    >>> halved(np.array([[1.0, 2.0, 9.0], [3.0, 6.0, 9.0]]))
    array([[3.]])
    """
    height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    rows = plane[:height:2, :width] + plane[1:height:2, :width]
    return (rows[:, ::2] + rows[:, 1::2]) / 4


def window_means(plane: Array, halvings: int = 0) -> Array:
    """Means over the windows of a plane that was halved so many times, shape (windows,).

    >>> window_means(np.arange(48.0) * np.ones((32, 1)))
    array([15.5, 31.5])
    """
    side = STRIDE >> halvings
    height, width = (length // side for length in plane.shape)
    cells = plane[: height * side, : width * side].reshape(height, side, width, side)
    return _windows(cells.mean(axis=(1, 3))).ravel()


def window_phase_means(plane: Array, period: int) -> Array:
    """Means over columns of a window that lie `period` apart, shape (a, b, period), a·b windows.

    Args:
        plane: not halved.
        period: a divisor of 16.

    >>> window_phase_means(np.arange(32.0) * np.ones((32, 1)), 8)
    array([[[12., 13., 14., 15., 16., 17., 18., 19.]]])
    """
    height, width = (length // STRIDE for length in plane.shape)
    shape = height, STRIDE, width, STRIDE // period, period
    cells = plane[: height * STRIDE, : width * STRIDE].reshape(shape)
    return _windows(cells.mean(axis=(1, 3)))


def _windows(cells: Array) -> Array:
    """Means of 2 x 2 neighbouring cells."""
    rows = cells[:-1] + cells[1:]
    return (rows[:, :-1] + rows[:, 1:]) / 4
