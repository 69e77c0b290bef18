"""The sliced Wasserstein distance between the small patches of two sets of pictures.

A picture becomes a pyramid: what halving and doubling again loses, the same of the half picture,
and the quarter picture. At each level luma and colour are cut, side by side, into patches of 7 x 7
pixels (an odd number, so that they meet an 8 x 8 grid of blocks at all its phases), vectors of 147
numbers in grey levels. With directions θ of length 1, 64 a level, drawn once for all,

    SW = sqrt(mean over levels and θ of W₂²(θ·x, θ·y)).

After Rabin et al. 2011 (sliced distances) and Karras et al. 2018 (arXiv 1710.10196, patches of a
pyramid), who have W₁ of patches normalised by their deviation; here the unit is grey levels.
"""

from functools import cache

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.evaluation.planes import halved, planes
from rdtheory.codecs.media import Picture

_SIDE = 7
_DIRECTIONS = 64
_LEVELS = 3
DIRECTION_SEED = 7


def projections(picture: Picture) -> list[Array]:
    """θ·x of all patches of each level, float32, shapes (64, patches).

    Raises:
        InputError: if the picture has less than 32 x 32 pixels.

    >>> grey = Picture(np.full((64, 70, 1), 128, np.uint8))
    >>> [one.shape for one in projections(grey)]
    [(64, 90), (64, 16), (64, 4)]
    """
    pyramids = zip(*(_pyramid(plane) for plane in planes(picture)), strict=True)
    return [
        np.float32(directions @ _patches(level))
        for level, directions in zip(pyramids, _directions(), strict=True)
    ]


def sliced_wasserstein(first: Array, second: Array) -> float:
    """The root mean square over rows of W₂ between projections, shapes (64, n) and (64, m).

    >>> x = np.array([[0.0, 4.0], [1.0, 1.0]])
    >>> sliced_wasserstein(x, np.array([[6.0, 2.0], [3.0, 3.0]]))
    2.0
    """
    return float(np.sqrt(np.mean(squared_wasserstein(first, second))))


def squared_wasserstein(first: Array, second: Array) -> Array:
    """W₂² between the values of each row, shapes (k, n) and (k, m): ∫ (F⁻¹(u) - G⁻¹(u))² du.

    Both quantile functions are steps; together they step at multiples of 1/n and of 1/m.

    >>> squared_wasserstein(np.array([[0.0, 1.0]]), np.array([[0.0, 0.0, 3.0]])).round(6)
    array([1.5])
    """
    n, m = first.shape[1], second.shape[1]
    # In units of 1/(n m), so that steps that coincide do so exactly.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    widths = np.diff(ends, prepend=0) / (n * m)
    first, second = np.sort(first, axis=1), np.sort(second, axis=1)
    steps = first[:, (ends - 1) // m] - second[:, (ends - 1) // n]
    return (steps.astype(np.float64) ** 2) @ widths


def _pyramid(plane: Array) -> list[Array]:
    levels = []
    for _ in range(_LEVELS - 1):
        smaller = halved(plane)
        height, width = 2 * smaller.shape[0], 2 * smaller.shape[1]
        levels.append(plane[:height, :width] - smaller.repeat(2, axis=0).repeat(2, axis=1))
        plane = smaller
    return [*levels, plane]


def _patches(level: tuple[Array, ...]) -> Array:
    """Of three planes, shape (147, patches)."""
    values = np.stack(level)
    height, width = (length // _SIDE for length in values.shape[1:])
    values = values[:, : height * _SIDE, : width * _SIDE]
    values = values.reshape(len(level), height, _SIDE, width, _SIDE)
    return values.transpose(0, 2, 4, 1, 3).reshape(len(level) * _SIDE**2, height * width)


@cache
def _directions() -> Array:
    """Shape (3, 64, 147): evenly distributed on the sphere."""
    values = np.random.default_rng(DIRECTION_SEED).normal(size=(_LEVELS, _DIRECTIONS, 3 * _SIDE**2))
    return values / np.linalg.norm(values, axis=2, keepdims=True)
