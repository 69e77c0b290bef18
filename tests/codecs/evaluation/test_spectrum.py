"""The radial spectrum against known spectra: white noise, waves, constants."""

import numpy as np
import pytest

from rdtheory.codecs.evaluation.spectrum import radial_spectrum, spectrum_error_db
from rdtheory.codecs.media import Picture


def test_white_noise_is_flat():
    """P(k) = σ² of noise of the levels 0 .. 255, whose variance is (256² - 1)/12.

    Ring 2 has 12 frequencies, half of them mirrored; of the 961 · 6 values in overlapping, tapered
    windows at least 1 in 4 counts as independent, of relative deviation 1: 0.026. 15 per cent is
    5.7 deviations of it, and more of the other rings: false alarm below 1e-7.
    """
    noise = np.random.default_rng(1).integers(0, 256, (512, 512, 1)).astype(np.uint8)
    power = radial_spectrum(Picture(noise))
    np.testing.assert_allclose(power, np.full(15, (256**2 - 1) / 12), rtol=0.15)


@pytest.mark.parametrize("cycles", [4, 7, 11])
def test_a_wave_lies_in_its_ring(cycles):
    """A cosine of amplitude a, by Parseval: P summed over all frequencies is 1024 a²/2.

    The taper spreads it over the next ring on both sides, and no farther.
    """
    x = np.arange(64)
    wave = np.rint(128 + 100 * np.cos(2 * np.pi * cycles * x / 32 + 0.3))
    power = radial_spectrum(Picture(np.tile(wave, (48, 1))[:, :, None].astype(np.uint8)))
    axis = np.fft.fftfreq(32, 1 / 32)
    members = np.bincount(np.rint(np.hypot(axis[:, None], axis)).astype(int).ravel())[2:17]
    assert power.argmax() + 2 == cycles
    assert (power * members).sum() == pytest.approx(1024 * 100**2 / 2, rel=0.01)
    outside = abs(np.arange(2, 17) - cycles) > 1
    assert power[outside].max() < 1e-3 * power.max()


def test_brightness_does_not_leak():
    rng = np.random.default_rng(2)
    dark = rng.integers(0, 20, (40, 70, 1)).astype(np.uint8)
    np.testing.assert_allclose(
        radial_spectrum(Picture(dark)), radial_spectrum(Picture(dark + np.uint8(200))), rtol=1e-9
    )


def test_twice_the_amplitude_is_six_decibels():
    pixels = np.random.default_rng(3).integers(0, 100, (64, 64, 1)).astype(np.uint8)
    once, twice = (radial_spectrum(Picture(one)) for one in (pixels, 2 * pixels))
    assert spectrum_error_db(twice, once) == pytest.approx(20 * np.log10(2), rel=1e-3)
    assert spectrum_error_db(once, once) == 0.0


def test_nothing_is_not_infinitely_far():
    nothing, one = np.zeros(15), np.full(15, 1 - 1 / 12)
    assert spectrum_error_db(nothing, one) == pytest.approx(10 * np.log10(12), rel=1e-12)
    one_ring = nothing + 0.0
    one_ring[3] = 10 - 1 / 12
    expected = 10 * np.log10(120) / np.sqrt(15)
    assert spectrum_error_db(one_ring, nothing) == pytest.approx(expected, rel=1e-12)
