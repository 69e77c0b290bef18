"""Squared error and PSNR against loops, and their refusals."""

import math

import numpy as np
import pytest

from rdtheory.codecs.evaluation import mean_squared_error, psnr_db
from rdtheory.errors import InputError


def test_squared_error_is_that_of_whole_numbers():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (2, 7, 5, 3)).astype(np.uint8)
    expected = sum((int(a) - int(b)) ** 2 for a, b in zip(x.flat, y.flat, strict=True)) / 105
    assert mean_squared_error(x, y) == pytest.approx(expected, rel=1e-15)
    # Differences of uint8 would wrap: the largest is 255.
    white = np.full((2, 2, 1), 255, np.uint8)
    assert mean_squared_error(np.zeros_like(white), white) == 65025.0


def test_psnr_of_known_errors():
    assert psnr_db(65025.0) == 0.0
    assert psnr_db(1.0) == pytest.approx(20 * math.log10(255), rel=1e-15)
    assert psnr_db(0.0) == math.inf


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match=r"shape \(2, 3, 1\)"):
        mean_squared_error(np.zeros((2, 3, 1), np.uint8), np.zeros((2, 3, 3), np.uint8))
