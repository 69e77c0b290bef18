"""Perfect realism with limited common randomness [T2.5a-e]."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from rdtheory import InputError, scheme
from rdtheory.perception.common_randomness import CommonRandomness, common_randomness_distortion
from rdtheory.perception.shared_code import SharedCode
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.testing import strategies as rd

SPECTRUM = np.array([5.0, 2.0, 0.7, 0.1])


def test_check_values_of_one_dimension():
    """[T2.5c]: λ = 1, R = 1 nat."""
    found = common_randomness_distortion(1.0, 1.0, [0.0, 0.5, 1.0, 2.0, 5.0, np.inf])
    expected = [0.270671, 0.187140, 0.157363, 0.142559, 0.140259, 0.140253]
    np.testing.assert_allclose(found, expected, atol=5e-7)


def test_check_values_of_the_family():
    """[T2.5d]: μ = 0.5, ν = 0.3."""
    point = CommonRandomness(SPECTRUM).family(0.5, 0.3)
    assert point.rate_nats == pytest.approx(2.1188525954, abs=5e-11)
    assert point.common_nats == pytest.approx(0.5538849355, abs=5e-11)
    assert point.distortion == pytest.approx(2.5787897587, abs=5e-11)
    code = SharedCode(SPECTRUM, 0.5, 0.6, 1.0, 0.0)
    a, b = 1 / (1 + code.encoder_snr), 1 / (1 + code.decoder_snr)
    np.testing.assert_allclose(a, [0.09802000, 0.23781230, 0.61949672, 1], atol=5e-9)
    np.testing.assert_allclose(b, [0.06121200, 0.15768738, 0.49414701, 1], atol=5e-9)


@given(st.floats(-3, 2), st.floats(-3, 2), st.floats(-3, 3), st.floats(0, 3), st.floats(-3, 3))
def test_the_scalar_form_at_fifty_digits(log_rate, log_common, log_variance, s, difference):
    """[T2.5b] with any output mean and variance; D -> 0 and R -> 0 without cancellation."""
    rate, common, variance = 10.0**log_rate, 10.0**log_common, 10.0**log_variance
    with mp.workdps(200):
        r, c, v, y = mp.mpf(rate), mp.mpf(common), mp.mpf(variance), mp.mpf(s)
        root = mp.sqrt((1 - mp.exp(-2 * r)) * (1 - mp.exp(-2 * (r + c))))
        realistic = float(2 * v * (1 - root))
        general = float(mp.mpf(difference) ** 2 + v + y - 2 * mp.sqrt(v * y) * root)
    found = common_randomness_distortion(variance, rate, common)
    assert found == pytest.approx(realistic, rel=1e-13)
    found = common_randomness_distortion(variance, rate, common, s, difference)
    assert found == pytest.approx(general, rel=1e-11, abs=1e-14 * variance)


@pytest.mark.parametrize("seed", range(6))
def test_no_split_of_the_rates_does_better(seed, least_value):
    """min D over R_i, S_i with Σ R_i = R, Σ S_i = R + R_c, to 1e-10 [T2.5d]."""
    rng = np.random.default_rng(200 + seed)
    eigenvalues = rng.uniform(0.2, 4.0, 4)
    rate, common = rng.uniform(0.5, 4.0), rng.uniform(0.05, 3.0)

    def distortion(x):
        f, h = -np.expm1(-2 * x[:4]), -np.expm1(-2 * x[4:])
        root = np.sqrt(f * h)
        slopes = [-eigenvalues * root * 2 * (1 - f) / f, -eigenvalues * root * 2 * (1 - h) / h]
        return 2 * eigenvalues @ (1 - root), np.concatenate(slopes)

    found = least_value(
        distortion,
        [
            lambda x: (x[:4].sum() - rate, np.repeat([1.0, 0.0], 4)),
            lambda x: (x[4:].sum() - rate - common, np.repeat([0.0, 1.0], 4)),
        ],
        [np.concatenate([np.full(4, rate / 4), np.full(4, (rate + common) / 4)])],
        [(1e-12, np.inf)] * 8,
    )
    point = CommonRandomness(eigenvalues).at_rate(rate, common)
    # A component held at 1e-12 in place of 0 costs up to 2λ · 1e-12.
    assert point.distortion == pytest.approx(found, abs=1e-10)


@given(rd.spectra(decades=6.0), st.floats(-8, 0))
def test_the_ends_are_a_star_and_f_star(spectrum, log_level):
    """ν = μ is A*, ν = 0 is F*, both at θ = μ [T2.5e, P4]."""
    level, dim = spectrum.max() * 10.0**log_level, len(spectrum)
    point = CommonRandomness(spectrum).family(level, [level, 0.0])
    for k, name in enumerate(["diffc-a-star", "diffc-f-star"]):
        expected = scheme(name, spectrum).at(water_level=level)
        rate = expected.bits_per_dim * np.log(2) * dim
        assert point.rate_nats[k] == pytest.approx(rate, rel=1e-9, abs=1e-14)
        distortion = expected.distortion_per_dim * dim
        assert point.distortion[k] == pytest.approx(distortion, rel=1e-12)
    assert point.common_nats[0] == 0


@given(rd.spectra(dims=[1, 2, 5], decades=4.0), rd.bits_per_dim(1e-3, 10.0))
def test_common_randomness_never_hurts(spectrum, bits):
    """From twice Shannon's distortion at R_c = 0 down to F* [P1, P4, T2.7]."""
    rate = bits * np.log(2) * len(spectrum)
    common = np.array([0.0, 0.3, 3.0, np.inf])
    point = CommonRandomness(spectrum).at_rate(rate, common)
    np.testing.assert_allclose(point.rate_nats, rate, rtol=1e-9)
    np.testing.assert_allclose(point.common_nats[:3], common[:3], rtol=1e-9, atol=1e-12)
    assert (np.diff(point.distortion) <= 1e-12 * point.distortion[:-1]).all()
    twice = 2 * ReverseWaterFilling(spectrum).distortion(rate)
    assert point.distortion[0] == pytest.approx(twice, rel=1e-9)
    flow = scheme("diffc-f-star", spectrum).at(bits_per_dim=bits)
    assert point.distortion[3] == pytest.approx(flow.distortion_per_dim * len(spectrum), rel=1e-9)


def test_rate_and_distortion_are_inverse():
    code = CommonRandomness(SPECTRUM)
    point = code.at_distortion([[0.01], [2.0], [15.0]], [0.0, 0.5, np.inf])
    again = code.at_rate(point.rate_nats, point.common_nats)
    np.testing.assert_allclose(again.distortion, point.distortion, rtol=1e-12)


def test_the_multipliers_are_the_slopes():
    """∂D/∂R = -2(μ + ν), ∂D/∂R_c = -2ν: central differences, error of the order of 1e-10."""
    code, h = CommonRandomness(SPECTRUM), 1e-5
    point = code.at_rate(2.0, 0.7)
    mu, nu = point.rate_multiplier, point.total_multiplier
    by_rate = code.at_rate([2 + h, 2 - h], 0.7).distortion
    by_common = code.at_rate(2.0, [0.7 + h, 0.7 - h]).distortion
    assert (by_rate[0] - by_rate[1]) / (2 * h) == pytest.approx(-2 * (mu + nu), rel=1e-8)
    assert (by_common[0] - by_common[1]) / (2 * h) == pytest.approx(-2 * nu, rel=1e-8)


def test_the_region_is_convex():
    """D(R, R_c) is jointly convex [T2.7]: midpoints of random pairs."""
    rng = np.random.default_rng(3)
    rate, common = rng.uniform(0.2, 6, (2, 30)), rng.uniform(0, 4, (2, 30))
    code = CommonRandomness(SPECTRUM)
    ends = code.at_rate(rate, common).distortion.mean(0)
    middle = code.at_rate(rate.mean(0), common.mean(0)).distortion
    assert (middle <= ends + 1e-12).all()


def test_scale_and_copies():
    """[P16, P18]."""
    distortion = CommonRandomness(SPECTRUM).at_rate(2.0, 0.7).distortion
    scaled = CommonRandomness(SPECTRUM * 1e30).at_rate(2.0, 0.7).distortion
    copies = CommonRandomness(np.tile(SPECTRUM, 3)).at_rate(6.0, 2.1).distortion
    assert scaled == pytest.approx(1e30 * distortion, rel=1e-12)
    assert copies == pytest.approx(3 * distortion, rel=1e-12)


def test_six_decibels_a_bit_of_common_randomness():
    """[T2.5c] at high rate: the excess over F is λ e^{-2R} e^{-2 R_c}."""
    rate = 12.0
    found = common_randomness_distortion(1.0, rate, np.array([0.5, 1.0])) * np.exp(2 * rate) - 1
    np.testing.assert_allclose(found, np.exp([-1.0, -2.0]), rtol=1e-8)


def test_jax_in_jax_out():
    slope = jax.grad(lambda rate: common_randomness_distortion(1.0, rate, 0.5))
    slope = jax.jit(slope)(jnp.asarray(1.0))
    h = 1e-5
    expected = np.diff(common_randomness_distortion(1.0, [1 - h, 1 + h], 0.5))[0] / (2 * h)
    assert slope == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("rate_nats", lambda c: common_randomness_distortion(1.0, -1.0, 0.0)),
        ("common_nats", lambda c: common_randomness_distortion(1.0, 1.0, np.nan)),
        ("variance", lambda c: common_randomness_distortion(0.0, 1.0, 0.0)),
        ("output_variance", lambda c: common_randomness_distortion(1.0, 1.0, 0.0, -1.0)),
        ("mean_difference", lambda c: common_randomness_distortion(1.0, 1.0, 0.0, 1.0, np.inf)),
        ("rate_multiplier", lambda c: c.family(0.0, 0.0)),
        ("total_multiplier", lambda c: c.family(1.0, 1.1)),
        ("rate_nats", lambda c: c.at_rate(0.0, 1.0)),
        ("rate_nats", lambda c: c.at_rate(np.inf, 1.0)),
        ("distortion", lambda c: c.at_distortion(15.6, 1.0)),
        ("common_nats", lambda c: c.at_rate(1.0, -1.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call(CommonRandomness(SPECTRUM))


def test_results_are_plain_numbers():
    assert json.dumps(CommonRandomness(SPECTRUM).at_rate(1.0, [0.0, np.inf]).to_dict())
