"""Features of the windows of a picture, for distances between sets of pictures.

Fixed and in closed form: no network, nothing learned, the same on every machine. What counts of a
response r (grey levels) is its visible contrast v(r) = ½ ln(1 + (r/10)²): ten grey levels are about
where noise or a step on a structured ground begins to be seen. Of each window of 32 x 32 pixels:

- of luma, at full, half and quarter size, in each of the three orientations of an undecimated Haar
  wavelet (an orthonormal 2 x 2 transform at every place): the mean of v over the window, and twice
  its standard deviation: 18 numbers. The means see blur and noise; the deviations see whether
  detail is gathered in edges, as in photographs, or spread evenly, as noise and Gaussian textures
  are;
- of luma at full size, of column and of row differences: of the means of v over lines 8 pixels
  apart, one for each of 8 phases, three times the largest less the median: 2 numbers. They see the
  grid of blocks of a codec, wherever it begins;
- of Cb and Cr, at half and quarter size: half the mean of v of all three orientations: 4 numbers;
- mean luma less 128, in units of 64, and mean Cb and Cr, in units of 32: 3 numbers.

On 999 photographs of 64 x 64 pixels (of ImageNet, reduced by area averaging) the Fréchet distance
of these features grows with the strength of every distortion that was tried. In their order, times
1,000: JPEG of quality 95 2, noise of deviation 5 3, JPEG 75 6 (floor between halves: 18), less
colour by a fifth 18, brighter by 10 levels 24, noise of 10 37, JPEG 30 53, less colour by half 114,
blur of deviation 0.5 pixels 151, noise of 20 309, JPEG 10 386, blur of 1 1,104, of 2 2,987, blocks
of 4 pixels 7,335. The kernel distance has nearly the same order.
"""

from collections.abc import Iterator

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.evaluation.planes import halved, planes, window_means, window_phase_means
from rdtheory.codecs.media import Picture

FEATURES = 27

_VISIBLE = 10.0
"""Grey levels of a response that is just seen."""

_PERIOD = 8
"""Pixels between the lines of a grid of blocks."""

_LUMA_HALVINGS = 3
_CHROMA_HALVINGS = (1, 2)


def patch_features(picture: Picture) -> Array:
    """Features of the windows of a picture, shape (windows, 27), without a unit.

    Raises:
        InputError: if the picture has less than 32 x 32 pixels.

    >>> flat = patch_features(Picture(np.full((48, 64, 3), 192, np.uint8)))
    >>> flat.shape, bool(abs(flat[:, 1:]).max() < 1e-6), flat[0, 0].round(6)
    ((6, 27), True, np.float64(1.0))
    """
    luma, *chroma = planes(picture)
    columns = [window_means(luma) / 64, *(window_means(plane) / 32 for plane in chroma)]
    columns += _luma_detail(luma)
    columns += _grid(luma)
    for plane in chroma:
        columns += _chroma_detail(plane)
    return np.stack(columns, axis=1)


def _luma_detail(plane: Array) -> Iterator[Array]:
    for halvings in range(_LUMA_HALVINGS):
        for response in _haar(plane):
            seen = _visible(response**2)
            mean = window_means(seen, halvings)
            square = window_means(seen**2, halvings)
            yield mean
            yield 2 * np.sqrt(np.maximum(square - mean**2, 0))
        plane = halved(plane)


def _grid(plane: Array) -> Iterator[Array]:
    across_columns, across_rows, _ = _haar(plane)
    yield _prominence(_visible(across_columns**2)).ravel()
    yield _prominence(_visible(across_rows**2).T).T.ravel()


def _prominence(seen: Array) -> Array:
    phases = window_phase_means(seen, _PERIOD)
    return 3 * (phases.max(axis=2) - np.median(phases, axis=2))


def _chroma_detail(plane: Array) -> Iterator[Array]:
    for halvings in range(max(_CHROMA_HALVINGS) + 1):
        if halvings in _CHROMA_HALVINGS:
            energy = sum(response**2 for response in _haar(plane))
            yield window_means(_visible(energy), halvings) / 2
        plane = halved(plane)


def _visible(energy: Array) -> Array:
    return np.log1p(energy / _VISIBLE**2) / 2


def _haar(plane: Array) -> Iterator[Array]:
    """Differences across columns, across rows, and across both, at every pixel."""
    padded = np.pad(plane, ((0, 1), (0, 1)), mode="edge")
    sums, differences = padded[1:] + padded[:-1], padded[1:] - padded[:-1]
    yield (sums[:, 1:] - sums[:, :-1]) / 2
    yield (differences[:, 1:] + differences[:, :-1]) / 2
    yield (differences[:, 1:] - differences[:, :-1]) / 2
