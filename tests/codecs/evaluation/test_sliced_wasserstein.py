"""The sliced Wasserstein distance against assignments, closed forms, and loops over patches."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from rdtheory.codecs.evaluation.sliced_wasserstein import (
    projections,
    sliced_wasserstein,
    squared_wasserstein,
)
from rdtheory.codecs.media import Picture

TO_COLOUR = np.array(
    [[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]]
)


def by_assignment(x, y):
    """The cheapest one-to-one transport of both, repeated to the same length."""
    count = np.lcm(len(x), len(y))
    costs = (np.repeat(x, count // len(x))[:, None] - np.repeat(y, count // len(y))) ** 2
    return costs[linear_sum_assignment(costs)].mean()


@pytest.mark.parametrize("sizes", [(1, 1), (6, 6), (4, 6), (7, 3), (1, 5), (9, 10)])
def test_against_the_cheapest_assignment(sizes):
    rng = np.random.default_rng(sum(sizes))
    x, y = (rng.normal(size=(3, size)) for size in sizes)
    expected = [by_assignment(*rows) for rows in zip(x, y, strict=True)]
    assert squared_wasserstein(x, y) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein(x, y) == pytest.approx(np.sqrt(np.mean(expected)), rel=1e-12)


def test_between_gaussians():
    """W₂² = (m - m')² + (s - s')², here (2)² + (3 - 1)² = 8.

    Of n = 10^5 draws each: the means' difference has deviation sqrt(10/n) = 0.01, that of the
    deviations sqrt(5/n) = 0.0071, so W₂² has deviation 2·2·sqrt(0.01² + 0.0071²) = 0.049; the bias
    for finite n is of order log log n/n. Within 0.3: six deviations, false alarm below 1e-8.
    """
    rng = np.random.default_rng(1)
    x, y = rng.normal(0, 3, (1, 10**5)), rng.normal(2, 1, (1, 10**5))
    assert squared_wasserstein(x, y)[0] == pytest.approx(8, abs=0.3)


def test_projections_are_those_of_patches_of_a_pyramid(make_picture):
    """Against loops: the plain picture of odd sides must lose its last row and column alone."""
    picture = make_picture(2, 45, 38)
    found = projections(picture)
    colour = picture.pixels.astype(float) @ TO_COLOUR.T
    colour[:, :, 0] -= 128
    levels = []
    for _ in range(2):
        height, width = colour.shape[0] // 2, colour.shape[1] // 2
        small = np.zeros((height, width, 3))
        for i, j in np.ndindex(height, width):
            small[i, j] = colour[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean(axis=(0, 1))
        levels.append(colour[: 2 * height, : 2 * width].copy())
        for i, j in np.ndindex(levels[-1].shape[:2]):
            levels[-1][i, j] -= small[i // 2, j // 2]
        colour = small
    levels.append(colour)
    directions = np.random.default_rng(7).normal(size=(3, 64, 147))
    directions /= np.sqrt((directions**2).sum(axis=2))[:, :, None]
    for level, direction, one in zip(levels, directions, found, strict=True):
        patches = [
            level[i : i + 7, j : j + 7].transpose(2, 0, 1).ravel()
            for i in range(0, level.shape[0] - 6, 7)
            for j in range(0, level.shape[1] - 6, 7)
        ]
        assert one.shape == (64, len(patches))
        np.testing.assert_allclose(one, direction @ np.transpose(patches), rtol=0, atol=1e-3)


def test_grey_is_colour_without_colour(make_picture):
    grey = make_picture(3, channels=1)
    same = Picture(np.repeat(grey.pixels, 3, axis=2))
    for one, other in zip(projections(grey), projections(same), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-3)
