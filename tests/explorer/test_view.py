"""Curves, points and examples of a choice: the library's numbers, and what is computed again."""

import numpy as np
import pytest

from rdtheory import SCHEMES, InputError, scheme
from rdtheory.explorer import view as view_module
from rdtheory.explorer.choice import PRESETS, RATES, Choice, load
from rdtheory.explorer.view import curve_of, view_of


def test_a_point_of_the_standard_normal_is_the_closed_form():
    """D_F = 2(1 - sqrt(1 - 4^-R)), t = 1/(4^R - 1) [T1.5]."""
    view = view_of(Choice("standard:dim=1", value=1.0), load("standard:dim=1"))
    assert view.rate == 1.0
    np.testing.assert_allclose(view.point.distortion_per_dim, 2 - np.sqrt(3), rtol=1e-14)
    np.testing.assert_allclose(view.point.noise_level, 1 / 3, rtol=1e-14)


@pytest.mark.parametrize("operated", SCHEMES)
def test_rate_and_noise_level_are_two_ways_to_say_the_same(operated):
    source = load("powerlaw:exponent=2,dim=16")
    by_rate = view_of(Choice("powerlaw:exponent=2,dim=16", operated=operated), source)
    level = float(by_rate.point.noise_level)
    by_level = view_of(
        Choice("powerlaw:exponent=2,dim=16", operated=operated, target="noise_level", value=level),
        source,
    )
    # The root of the rate is found to 1e-12 relative.
    assert by_level.rate == pytest.approx(by_rate.rate, rel=1e-11)
    assert by_level.point.snr_db == pytest.approx(by_rate.point.snr_db, rel=1e-11)


def test_all_points_stand_at_the_rate_of_the_operating_point():
    source = load("ar1:rho=0.9,dim=8")
    choice = Choice("ar1:rho=0.9,dim=8", tuple(SCHEMES), "diffc-a", "noise_level", 0.5)
    view = view_of(choice, source)
    assert [point.scheme.name for point in view.points] == list(SCHEMES)
    for point in view.points:
        expected = scheme(point.scheme.name, source).at(bits_per_dim=view.rate)
        np.testing.assert_array_equal(point.components.snr_db, expected.components.snr_db)
    np.testing.assert_array_equal(
        view.curves[0].snr_db,
        scheme("rd", source).curve(bits_per_dim=np.linspace(0.0, RATES[1], 101)).snr_db,
    )


def test_a_slider_computes_no_curve_again(monkeypatch):
    curve_of.cache_clear()
    source = load("ar1:rho=0.5,dim=4")
    for rate in (0.1, 0.2, 3.0):
        view_of(Choice("ar1:rho=0.5,dim=4", value=rate), source)
    assert curve_of.cache_info().misses == 4
    view_of(Choice("ar1:rho=0.5,dim=4", operated="rd-half"), source)
    assert curve_of.cache_info().misses == 5


@pytest.mark.parametrize("level", [1e-30, 1e30])
def test_a_noise_level_beyond_the_rates_is_refused(level):
    with pytest.raises(InputError, match="for diffc-f"):
        view_of(Choice("patches", target="noise_level", value=level), load("patches"))


@pytest.mark.parametrize("spec", PRESETS)
@pytest.mark.parametrize("operated", SCHEMES)
def test_the_ends_of_the_noise_slider_are_the_ends_of_the_rates(spec, operated):
    source = load(spec)
    for level in view_module.noise_levels(operated, source):
        typed = float(f"{level:.7g}")
        rate = view_of(Choice(spec, (), operated, "noise_level", typed), source).rate
        assert min(abs(rate / end - 1) for end in RATES) < 1e-6
