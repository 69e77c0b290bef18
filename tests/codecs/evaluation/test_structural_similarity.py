"""MS-SSIM against a second implementation with two-dimensional windows, and known values."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d
from scipy.signal.windows import gaussian

from rdtheory.codecs.evaluation import ms_ssim
from rdtheory.errors import InputError


def by_definition(x, y):
    """One channel: two-dimensional convolution, moments as they are defined, explicit padding."""
    x, y = x.astype(float), y.astype(float)
    window = np.outer(gaussian(11, 1.5), gaussian(11, 1.5))
    window /= window.sum()

    def mean(plane):
        return convolve2d(plane, window, mode="valid")

    result = 1.0
    for scale, weight in enumerate([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]):
        mu, nu = mean(x), mean(y)
        luminance = (2 * mu * nu + 6.5025) / (mu**2 + nu**2 + 6.5025)
        spread = mean(x * x) - mu**2 + mean(y * y) - nu**2
        contrast = (2 * (mean(x * y) - mu * nu) + 58.5225) / (spread + 58.5225)
        part = (luminance * contrast if scale == 4 else contrast).mean()
        result *= max(part, 0) ** weight
        x, y = halved(x), halved(y)
    return result


def halved(plane):
    height, width = plane.shape
    small = np.zeros((-(-height // 2), -(-width // 2)))
    for i, j in np.ndindex(small.shape):
        rows, columns = [2 * i, min(2 * i + 1, height - 1)], [2 * j, min(2 * j + 1, width - 1)]
        small[i, j] = plane[np.ix_(rows, columns)].mean()
    return small


def test_against_the_definition(make_picture):
    original = make_picture(1, 163, 190, channels=1).pixels
    blurred = gaussian_filter(original.astype(float), (1.5, 1.5, 0))
    noisy = blurred + np.random.default_rng(2).normal(0, 12, original.shape)
    pixels = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    found = ms_ssim(pixels, original)
    assert found == pytest.approx(by_definition(pixels[:, :, 0], original[:, :, 0]), rel=1e-12)
    assert 0.3 < found < 0.999


def test_a_channel_does_not_touch_another(make_picture):
    """What goes wrong where the colour axis is averaged along with the rows and columns."""
    original = make_picture(3, 176, 176).pixels
    pixels = original.copy()
    pixels[:, :, 0] = make_picture(4, 176, 176).pixels[:, :, 0]
    alone = ms_ssim(pixels[:, :, :1], original[:, :, :1])
    assert ms_ssim(pixels, original) == pytest.approx((alone + 2) / 3, rel=1e-12)


def test_ends_of_the_scale(make_picture):
    grey = make_picture(5, 170, 170, channels=1).pixels
    assert ms_ssim(grey, grey) == pytest.approx(1.0, abs=1e-12)
    checks = np.indices((176, 176)).sum(axis=0)[:, :, None] % 2 * np.uint8(255)
    assert ms_ssim(checks, 255 - checks) == 0.0  # contrast of the opposite sign


def test_too_small_pictures_have_none():
    flat = np.zeros((161, 200, 1), np.uint8)
    assert ms_ssim(flat, flat) is not None
    assert ms_ssim(flat[:160], flat[:160]) is None
    assert ms_ssim(flat[:, :160], flat[:, :160]) is None
    with pytest.raises(InputError, match="pixels"):
        ms_ssim(flat, flat[:, :180])
