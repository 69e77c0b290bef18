"""Both ends of every curve: zero rate by every target, and levels beyond float64."""

import pickle

import numpy as np
import pytest

from rdtheory import SCHEMES, InputError, scheme

SPECTRA = [[1.0], [1e-12, 0.0], [5.0, 2.0, 0.7, 0.1], [0.1] * 1000]


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_zero_rate_by_every_target(name, spectrum):
    """An SNR and a distortion were rounded on their way: to 1e-14 of D, and so of R M / bits."""
    one = scheme(name, spectrum)
    zero = one.at(bits_per_dim=0.0)
    assert zero.noise_level == np.inf
    assert zero.bits_per_dim == 0
    for target in ("noise_level", "distortion_per_dim", "snr_db"):
        # Alone, and beside a point that is not at zero rate.
        again = one.at(**{target: getattr(zero, target)})
        assert 0 <= again.bits_per_dim < 1e-14 * len(spectrum), target
        both = one.at(**{target: getattr(one.at(bits_per_dim=[0.0, 1.0]), target)})
        np.testing.assert_allclose(both.bits_per_dim, [0.0, 1.0], rtol=1e-12, atol=1e-13)
    assert np.isfinite(zero.slope_bits)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("small", [1e-18, 1e-40, 1e-100])
def test_the_largest_distortion_beside_a_tiny_component(name, small):
    """What is left of tr Σ after rounding D may be a tiny component: nothing is sent, or nearly."""
    one = scheme(name, [1.0, small])
    largest = one.at(bits_per_dim=0.0).distortion_per_dim
    assert 0 <= one.at(distortion_per_dim=largest).bits_per_dim < 1e-15


def test_a_source_does_not_follow_its_callers_array():
    values = np.array([1.0, 2.0])
    one = scheme("diffc-f", values)
    before = one.at(bits_per_dim=1.0).distortion_per_dim
    values[:] = [100.0, 3.0]
    assert one.at(bits_per_dim=1.0).distortion_per_dim == before


@pytest.mark.parametrize("name", SCHEMES)
def test_points_can_be_sent_to_other_processes(name):
    point = scheme(name, [2.0, 1.0]).at(bits_per_dim=1.0)
    again = pickle.loads(pickle.dumps(point))
    assert again.scheme.at(bits_per_dim=1.0).snr_db == point.snr_db


def test_slope_at_zero_rate_is_the_limit():
    """R*: -1/(2λ₁) [T1.4d]; the flow starts with infinite gain, slope 0."""
    spectrum = [5.0, 2.0]
    at_zero = scheme("rd", spectrum).at(bits_per_dim=0.0)
    assert at_zero.slope_bits * np.log(2) == pytest.approx(-0.1, rel=1e-15)
    assert scheme("diffc-f", spectrum).at(bits_per_dim=0.0).slope_bits == pytest.approx(
        0, abs=1e-12
    )


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("bits_per_dim", 1e5),
        ("bits_per_dim", 1e308),
        ("noise_level", 5e-324),
        ("distortion_per_dim", 5e-324),
        ("snr_db", 1e5),
    ],
)
def test_levels_beyond_float64_are_refused(name, spectrum, target, value):
    with pytest.raises(InputError, match=rf"{target}: got {value!r}.*allowed".replace("+", r"\+")):
        scheme(name, spectrum).at(**{target: value})


@pytest.mark.parametrize("name", ["rd", "diffc-a-star", "diffc-f-star"])
def test_water_levels_beyond_float64_are_refused(name):
    with pytest.raises(InputError, match="water_level: got 5e-324; allowed"):
        scheme(name, [5.0, 2.0]).at(water_level=5e-324)
