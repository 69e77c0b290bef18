"""A photograph cut into patches, and put together again: what decoding looks like.

Grace Hopper, 1984, U.S. Navy, public domain; 64 x 64 grey levels. It comes with Matplotlib.
"""

import numpy as np

from rdtheory.sources.images import extract_patches
from rdtheory.sources.pictures import area_downsample, decode_grey

_SIDE = 64


def photograph() -> np.ndarray:
    """The grey levels, shape (64, 64).

    >>> photograph().shape
    (64, 64)
    """
    from matplotlib import cbook

    path = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return area_downsample(decode_grey(path), _SIDE)


def cut(picture: np.ndarray, patch: int = 16) -> np.ndarray:
    """A square picture as patches of `patch` x `patch` pixels, one a row.

    >>> cut(photograph()).shape
    (16, 256)
    """
    return extract_patches(picture, patch)


def together(rows: np.ndarray) -> np.ndarray:
    """The patches of a square picture put together again, as whole grey levels.

    >>> np.abs(together(cut(photograph())) - photograph()).max() <= 0.5
    np.True_
    """
    count, patch = (round(size**0.5) for size in rows.shape)
    tiles = rows.reshape(count, count, patch, patch).swapaxes(1, 2)
    return np.clip(np.rint(tiles.reshape(count * patch, -1)), 0, 255).astype(np.uint8)


def psnr_db(picture: np.ndarray, original: np.ndarray) -> float:
    """10 log10 of 255² over the mean squared error.

    >>> round(psnr_db(np.zeros((2, 2)), np.ones((2, 2))), 4)
    48.1308
    """
    difference = np.subtract(picture, original, dtype=float)
    return float(10 * np.log10(255**2 / np.mean(difference**2)))
