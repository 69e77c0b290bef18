"""Every scheme against 50-digit arithmetic: 1e-12 relative, from 1e-9 to 60 bits per dimension.

The oracle (`rdtheory.testing.oracles`) evaluates the textbook forms with as many digits as they
need; it shares no formula and no solver with the library. Inputs are float64 numbers, which are
exact, so no allowance is made for their rounding.
"""

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
    "a million equal": np.full(1_000_000, 0.1),
}
RATES = (1e-9, 3e-5, 0.01, 0.391, 2.0, 17.0, 60.0)


def relative(actual, exact):
    """|actual / exact - 1|, also where both are 0."""
    return float(abs(mpf(float(actual)) - exact) / abs(exact)) if exact else abs(float(actual))


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_a_rate(name, spectrum):
    values = SPECTRA[spectrum]
    exact_spectrum, dim = oracles.Spectrum.of(values), len(values)
    points = scheme(name, values).at(bits_per_dim=RATES)
    for i, rate in enumerate(RATES):
        exact = oracles.at_rate(name, exact_spectrum, mpf(rate) * dim * mp.log(2))
        assert relative(points.distortion_per_dim[i], exact.distortion / dim) < ACCURACY, rate
        assert relative(points.snr_db[i], exact.snr_db) < ACCURACY, rate
        assert relative(points.noise_level[i], exact.noise_level) < ACCURACY, rate


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_operation_at_a_noise_level(name, spectrum):
    values = SPECTRA[spectrum]
    exact_spectrum, dim = oracles.Spectrum.of(values), len(values)
    one = scheme(name, values)
    levels = one.at(bits_per_dim=RATES).noise_level
    points = one.at(noise_level=levels)
    for i, level in enumerate(levels):
        exact = oracles.at_noise_level(name, exact_spectrum, level)
        rate = exact.rate_nats / dim / mp.log(2)
        assert relative(points.distortion_per_dim[i], exact.distortion / dim) < ACCURACY, level
        assert relative(points.bits_per_dim[i], rate) < ACCURACY, level


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("target", ["distortion_per_dim", "snr_db"])
def test_operation_at_a_distortion_or_an_snr(name, spectrum, target):
    values = SPECTRA[spectrum]
    exact_spectrum, dim = oracles.Spectrum.of(values), len(values)
    one = scheme(name, values)
    targets = getattr(one.at(bits_per_dim=RATES), target)
    points = one.at(**{target: targets})
    for i, value in enumerate(targets):
        if target == "snr_db":
            exact = oracles.at_snr(name, exact_spectrum, value)
        else:
            exact = oracles.at_distortion(name, exact_spectrum, mpf(value) * dim)
        rate = exact.rate_nats / dim / mp.log(2)
        assert relative(points.bits_per_dim[i], rate) < ACCURACY, value


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", [s for s in SPECTRA if "million" not in s])
def test_components(name, spectrum):
    values = SPECTRA[spectrum]
    exact_spectrum, dim = oracles.Spectrum.of(values), len(values)
    for rate in RATES:
        parts = scheme(name, values).at(bits_per_dim=rate).components
        exact = oracles.at_rate(name, exact_spectrum, mpf(rate) * dim * mp.log(2))
        for j, value in enumerate(exact_spectrum.values):
            i = int(np.flatnonzero(values == float(value))[0])
            assert relative(parts.bits[i], exact.component_rates_nats[j] / mp.log(2)) < ACCURACY
            assert relative(parts.distortion[i], exact.component_distortions[j]) < ACCURACY
            assert relative(parts.snr_db[i], exact.component_snr_db[j]) < ACCURACY
