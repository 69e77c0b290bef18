"""Every scheme against 50-digit arithmetic: 1e-12 relative, from 1e-9 to 60 bits per dimension.

The oracle (`rdtheory.testing.oracles`) evaluates the textbook forms with as many digits as they
need; it shares no formula and no solver with the library. Inputs are float64 numbers, which are
exact, so no allowance is made for their rounding.
"""

from functools import cache

import numpy as np
import pytest
from mpmath import mp, mpf

from rdtheory import SCHEMES, scheme
from rdtheory.testing import oracles

ACCURACY = 1e-12

SPECTRA = {
    "one dimension": np.array([0.37]),
    "24 orders": np.logspace(-12, 12, 31),
    "24 orders and zeros": np.concatenate([np.zeros(9), np.logspace(12, -12, 13)]),
    "equal": np.full(7, 3.3),
    "two clusters": np.array([1.0] * 3 + [1.0 - 1e-9] * 5 + [1e-3] * 8),
    "one large, many small": np.array([1.0] + [0.002] * 300),
    "a million": np.repeat(np.logspace(3, -9, 40), 25_000),
    # A running sum of these drifts by 1e-11.
    "one, and a million equal": np.concatenate([[1e3], np.full(999_999, 0.1)]),
}
RATES = (1e-9, 1e-3, 0.391, 7.0, 60.0)
DIGITS = 60


@cache
def exact_spectrum(name):
    return oracles.Spectrum.of(SPECTRA[name])


@cache
def operated(name, spectrum):
    """The scheme, and its points at the rates."""
    one = scheme(name, SPECTRA[spectrum])
    return one, one.at(bits_per_dim=RATES)


def assert_close(actual, exact):
    """To `ACCURACY`, relative; exactly where the exact value is 0."""
    with mp.workdps(DIGITS):
        assert abs(mpf(float(actual)) - exact) <= ACCURACY * abs(exact), (actual, exact)


def total(per_dim, spectrum):
    """A number of float64 per dimension, times the number of dimensions, without rounding."""
    with mp.workdps(DIGITS):
        return mpf(float(per_dim)) * exact_spectrum(spectrum).dim


def per_dim(amount, spectrum):
    with mp.workdps(DIGITS):
        return amount / exact_spectrum(spectrum).dim


def nats(bits):
    with mp.workdps(DIGITS):
        return bits * mp.log(2)


def bits(nats):
    with mp.workdps(DIGITS):
        return nats / mp.log(2)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_a_rate(name, spectrum):
    """R*(D) and R*(D/2) (Eq. 7, 8), isotropic noise (Eq. 1, 6, 12) [T1.6], pink [T1.7], A* and F*
    (Eq. 13-15) [T1.8, T1.9], SNR [T1.10a], equivalent noise variance of the leading component
    [T1.11].
    """
    _, points = operated(name, spectrum)
    for i, rate in enumerate(RATES):
        exact = oracles.at_rate(name, exact_spectrum(spectrum), nats(total(rate, spectrum)))
        assert_close(points.distortion_per_dim[i], per_dim(exact.distortion, spectrum))
        assert_close(points.snr_db[i], exact.snr_db)
        assert_close(points.noise_level[i], exact.noise_level)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_a_noise_level(name, spectrum):
    one, at_rates = operated(name, spectrum)
    points = one.at(noise_level=at_rates.noise_level)
    for i, level in enumerate(at_rates.noise_level):
        exact = oracles.at_noise_level(name, exact_spectrum(spectrum), level)
        assert_close(points.distortion_per_dim[i], per_dim(exact.distortion, spectrum))
        assert_close(points.bits_per_dim[i], bits(per_dim(exact.rate_nats, spectrum)))


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_a_distortion(name, spectrum):
    one, at_rates = operated(name, spectrum)
    points = one.at(distortion_per_dim=at_rates.distortion_per_dim)
    for i, value in enumerate(at_rates.distortion_per_dim):
        exact = oracles.at_distortion(name, exact_spectrum(spectrum), total(value, spectrum))
        assert_close(points.bits_per_dim[i], bits(per_dim(exact.rate_nats, spectrum)))


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_an_snr(name, spectrum):
    one, at_rates = operated(name, spectrum)
    points = one.at(snr_db=at_rates.snr_db)
    for i, value in enumerate(at_rates.snr_db):
        exact = oracles.at_snr(name, exact_spectrum(spectrum), value)
        assert_close(points.bits_per_dim[i], bits(per_dim(exact.rate_nats, spectrum)))


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", [name for name in SPECTRA if "million" not in name])
def test_components(name, spectrum):
    """Fig. 7B, [T1.10b]."""
    one, _ = operated(name, spectrum)
    for rate in RATES:
        parts = one.at(bits_per_dim=rate).components
        exact = oracles.at_rate(name, exact_spectrum(spectrum), nats(total(rate, spectrum)))
        for j, value in enumerate(exact_spectrum(spectrum).values):
            i = int(np.flatnonzero(SPECTRA[spectrum] == float(value))[0])
            assert_close(parts.bits[i], bits(exact.component_rates_nats[j]))
            assert_close(parts.distortion[i], exact.component_distortions[j])
            assert_close(parts.snr_db[i], exact.component_snr_db[j])
