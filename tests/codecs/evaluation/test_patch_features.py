"""Features of windows against loops, and what they respond to."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from rdtheory.codecs.evaluation.patch_features import FEATURES, patch_features
from rdtheory.codecs.evaluation.planes import planes
from rdtheory.codecs.evaluation.realism import Impression, RealPictures
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError


def by_definition(picture, top, left):
    """Features of the window at a place, pixel by pixel."""
    red, green, blue = np.moveaxis(picture.pixels.astype(float), 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    found = [(luma[top : top + 32, left : left + 32].mean() - 128) / 64]
    chroma = [(blue - luma) / 1.772, (red - luma) / 1.402]
    found += [plane[top : top + 32, left : left + 32].mean() / 32 for plane in chroma]
    for halvings in range(3):
        for seen in per_pixel(reduced(luma, halvings), lambda r: [x**2 for x in r]):
            inside = window(seen, top, left, halvings)
            found += [inside.mean(), 2 * inside.std()]
    across_columns, across_rows, _ = per_pixel(luma, lambda r: [x**2 for x in r])
    for plane in (across_columns, across_rows.T):
        corner = (top, left) if plane is across_columns else (left, top)
        inside = window(plane, *corner, 0)
        lines = sorted(inside[:, phase::8].mean() for phase in range(8))
        found.append(3 * (lines[7] - (lines[3] + lines[4]) / 2))
    for plane in chroma:
        for halvings in (1, 2):
            (seen,) = per_pixel(reduced(plane, halvings), lambda r: [sum(x**2 for x in r)])
            found.append(window(seen, top, left, halvings).mean() / 2)
    return found


def reduced(plane, halvings):
    for _ in range(halvings):
        height, width = plane.shape[0] // 2, plane.shape[1] // 2
        plane = np.array(
            [
                [plane[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean() for j in range(width)]
                for i in range(height)
            ]
        )
    return plane


def per_pixel(plane, energies):
    height, width = plane.shape
    rows = []
    for i in range(height):
        for j in range(width):
            down, right = min(i + 1, height - 1), min(j + 1, width - 1)
            a, b, c, d = plane[i, j], plane[i, right], plane[down, j], plane[down, right]
            responses = (a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2
            rows.append([0.5 * np.log(1 + e / 100) for e in energies(responses)])
    return np.array(rows).T.reshape(-1, height, width)


def window(plane, top, left, halvings):
    scale = 2**halvings
    top, left, side = top // scale, left // scale, 32 // scale
    return plane[top : top + side, left : left + side]


def test_against_loops(make_picture):
    picture = make_picture(1, 55, 66)
    features = patch_features(picture)
    assert features.shape == (6, FEATURES)
    places = [(top, left) for top in (0, 16) for left in (0, 16, 32)]
    expected = [by_definition(picture, *place) for place in places]
    np.testing.assert_allclose(features, expected, rtol=1e-9, atol=1e-9)


def test_colour_planes_are_those_of_jpeg(make_picture):
    from PIL import Image

    picture = make_picture(2)
    expected = np.asarray(Image.fromarray(picture.pixels).convert("YCbCr")) - 128.0
    # Pillow cuts off fractions, and its tables are rounded.
    np.testing.assert_allclose(np.stack(planes(picture), axis=2), expected + 0.5, atol=0.55)


def test_too_small_pictures_are_refused():
    with pytest.raises(InputError, match="31 x 40 pixels"):
        patch_features(Picture(np.zeros((31, 40, 3), np.uint8)))


def as_picture(values):
    return Picture(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def blur(pixels, strength):
    return gaussian_filter(pixels, (strength, strength, 0))


def noise(pixels, strength):
    return pixels + np.random.default_rng(9).normal(0, 10 * strength, pixels.shape)


def blocks(pixels, strength):
    """Drawn towards the mean of their block of 8 x 8 pixels."""
    cells = pixels.reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))
    coarse = np.repeat(np.repeat(cells, 8, axis=0), 8, axis=1)
    return pixels + 0.4 * strength * (coarse - pixels)


def colour(pixels, strength):
    """Drawn towards grey."""
    return pixels + 0.4 * strength * (pixels.mean(axis=2, keepdims=True) - pixels)


@pytest.mark.parametrize("distortion", [blur, noise, blocks, colour])
def test_distances_grow_with_the_strength_of_a_distortion(photographs, distortion):
    pictures = list(photographs.values())[:16]
    real = RealPictures([Impression.of(picture) for picture in pictures])
    frechet, kernel, sliced = [0.0], [0.0], [0.0]
    for strength in (0.5, 1.0, 2.0):
        distorted = [distortion(picture.pixels.astype(float), strength) for picture in pictures]
        found = real.against([Impression.of(as_picture(values)) for values in distorted])
        frechet.append(found.frechet_patch_distance.value)
        kernel.append(found.kernel_patch_distance.value)
        sliced.append(found.sliced_wasserstein.value)
    for values in (frechet, kernel, sliced):
        assert values == sorted(values)
        assert values[-1] > 2 * values[1] > 0
