"""Features of a picture of any size as square patches of tokens, and back [48, 55]."""

import numpy as np

from rdtheory.arrays import Array


def into_patches(features: Array, side: int) -> Array:
    """Patches, row by row, and their tokens, row by row: shape (P, side², c).

    Args:
        features: shape (h, w, c), h and w multiples of side; of NumPy or JAX.
        side: w_T.

    >>> into_patches(np.arange(8).reshape(2, 4, 1), 2)[..., 0].tolist()
    [[0, 1, 4, 5], [2, 3, 6, 7]]
    """
    height, width, channels = features.shape
    tiles = features.reshape(height // side, side, width // side, side, channels)
    return tiles.swapaxes(1, 2).reshape(-1, side**2, channels)


def from_patches(patches: Array, height: int, width: int) -> Array:
    """The features of `into_patches`, of h rows and w columns, without what was filled up.

    >>> from_patches(into_patches(np.arange(8).reshape(2, 4, 1), 2), 2, 3)[..., 0].tolist()
    [[0, 1, 2], [4, 5, 6]]
    """
    side, channels = round(patches.shape[1] ** 0.5), patches.shape[2]
    rows, columns = -(-height // side), -(-width // side)
    tiles = patches.reshape(rows, columns, side, side, channels).swapaxes(1, 2)
    return tiles.reshape(rows * side, columns * side, channels)[:height, :width]


def places_inside(height: int, width: int, side: int) -> np.ndarray:
    """Which places of patches have features, and were not filled up: bool, shape (P, side²).

    >>> places_inside(2, 3, 2).tolist()
    [[True, True, True, True], [True, False, True, False]]
    """
    return into_patches(filled_up(np.ones((height, width, 1), bool), side), side)[..., 0]


def filled_up(features: np.ndarray, multiple: int) -> np.ndarray:
    """Rows and columns of zeros added, shape (h', w', c), multiples of a number.

    >>> filled_up(np.ones((3, 2, 1)), 2).shape
    (4, 2, 1)
    """
    height, width, _ = features.shape
    return np.pad(features, ((0, -height % multiple), (0, -width % multiple), (0, 0)))
