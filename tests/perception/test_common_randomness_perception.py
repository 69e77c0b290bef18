"""Limited common randomness with a weak perception constraint [T2.6]."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdtheory import InputError
from rdtheory.perception.common_randomness import CommonRandomness
from rdtheory.perception.common_randomness_perception import (
    WeakPerception,
    weak_perception_distortion,
)
from rdtheory.perception.shared_code import SharedCode
from rdtheory.perception.wasserstein import WassersteinTradeoff
from rdtheory.rate_distortion import ReverseWaterFilling

SPECTRUM = np.array([5.0, 2.0, 0.7, 0.1])
CODE = WeakPerception(SPECTRUM)


def test_check_values():
    """[T2.6c]."""
    assert CODE.at_rate(2.0, 10.0, 0.1).distortion == pytest.approx(1.657124, abs=5e-7)
    assert CODE.at_rate(2.0, np.inf, 0.1).distortion == pytest.approx(1.655639, abs=5e-7)
    point = CODE.at_rate(2.0, 0.7, 0.15)
    assert point.distortion == pytest.approx(2.035694, abs=5e-7)
    assert point.rate_multiplier == pytest.approx(1.07535, abs=5e-6)
    assert point.total_multiplier == pytest.approx(0.35849, abs=5e-6)


def test_the_zero_rate_test_selects_the_smallest():
    """2λ(1 - β) + 4λ²β²/n <= m exactly for λ = 0.1, and its rate is 0 [T2.6c]."""
    point = CODE.at_rate(2.0, 0.7, 0.15)
    m, n, beta = point.rate_multiplier, point.total_multiplier, point.realism
    silent = 2 * SPECTRUM * (1 - beta) + 4 * SPECTRUM**2 * beta**2 / n <= m
    np.testing.assert_array_equal(silent, [False, False, False, True])
    code = SharedCode(SPECTRUM, m / 2, n / (m * beta), beta, 1 - beta)
    np.testing.assert_array_equal(code.encoder_snr == 0, silent)


@given(
    st.floats(-4, 2),
    st.floats(-6, 0),
    st.floats(0.01, 0.99),
    st.lists(st.floats(-4, 4), min_size=1, max_size=5),
)
def test_the_optimality_conditions_hold(log_level, log_ratio, beta, exponents):
    """Both equations of [T2.6c], where their terms have digits, at the returned SNRs."""
    eigenvalues, level, ratio = 10.0 ** np.array(exponents), 10.0**log_level, 10.0**log_ratio
    code = SharedCode(eigenvalues, level, ratio, beta, 1 - beta)
    m, n = 2 * level, 2 * level * ratio * beta
    sent, used = code.encoder_snr, code.decoder_snr
    rho, tau = np.sqrt(sent / (1 + sent)), np.sqrt(used / (1 + used))
    left = eigenvalues * (2 * (1 - beta) * rho + 2 * beta * tau)
    active = rho > 1e-3
    np.testing.assert_allclose(left[active], (m * rho * (1 + sent))[active], rtol=1e-9)
    right = n * tau * (1 + used)
    np.testing.assert_allclose((2 * eigenvalues * beta * rho)[active], right[active], rtol=1e-9)
    silent = 2 * eigenvalues * (1 - beta) + 4 * eigenvalues**2 * beta**2 / n <= m * (1 - 1e-12)
    assert (rho[silent] == 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_no_code_does_better(seed, least_value):
    """min Σ λ(1 - ρ²) + (W - sqrt(P))² over R_i and S_i, to 1e-10 [T2.6a]."""
    rng = np.random.default_rng(300 + seed)
    eigenvalues = rng.uniform(0.5, 4.0, 3)
    rate, common = rng.uniform(0.8, 4.0), rng.uniform(0.1, 2.0)
    budget = rng.uniform(0.01, 0.1)

    def distortion(x):
        f, h = -np.expm1(-2 * x[:3]), -np.expm1(-2 * x[3:])
        root = np.sqrt(f * h)
        square = eigenvalues @ (f + 1 - 2 * root)
        beta = 1 - np.sqrt(budget / square)
        by_f = eigenvalues * (-1 + beta * (1 - root / f))
        by_h = -eigenvalues * beta * root / h
        slopes = [by_f * 2 * (1 - f), by_h * 2 * (1 - h)]
        value = eigenvalues @ (1 - f) + (np.sqrt(square) - np.sqrt(budget)) ** 2
        return value, np.concatenate(slopes)

    found = least_value(
        distortion,
        [
            lambda x: (x[:3].sum() - rate, np.repeat([1.0, 0.0], 3)),
            lambda x: (x[3:].sum() - rate - common, np.repeat([0.0, 1.0], 3)),
        ],
        [np.concatenate([np.full(3, rate / 3), np.full(3, (rate + common) / 3)])],
        [(1e-12, np.inf)] * 6,
    )
    point = WeakPerception(eigenvalues).at_rate(rate, common, budget)
    assert point.realism > 0
    assert point.distortion == pytest.approx(found, abs=1e-10)


@settings(max_examples=10)
@given(st.floats(-2, 1), st.floats(-2, 1), st.floats(-6, 0))
def test_one_dimension_is_the_scalar_formula(log_rate, log_common, log_budget):
    """[T2.6b]."""
    rate, common, budget = 10.0**log_rate, 10.0**log_common, 3 * 10.0**log_budget
    expected = weak_perception_distortion(3.0, rate, common, budget)
    found = WeakPerception([3.0]).at_rate(rate, common, budget).distortion
    assert found == pytest.approx(expected, rel=1e-10)


def test_the_ends():
    """P = 0 is [T2.5], R_c = ∞ is [T2.2a], large P is Shannon's [T2.7]."""
    realistic = CODE.at_rate(2.0, 0.7, 0.0)
    expected = CommonRandomness(SPECTRUM).at_rate(2.0, 0.7)
    assert realistic.distortion == pytest.approx(expected.distortion, rel=1e-12)
    assert realistic.rate_multiplier == pytest.approx(2 * expected.rate_multiplier, rel=1e-9)
    unlimited = CODE.at_distortion(2.0, np.inf, 0.15)
    expected = WassersteinTradeoff(SPECTRUM).at(2.0, 0.15)
    assert unlimited.rate_nats == pytest.approx(expected.rate_nats, rel=1e-11)
    free = CODE.at_rate(2.0, 0.7, np.inf)
    shannon = ReverseWaterFilling(SPECTRUM).distortion(2.0)
    assert free.distortion == pytest.approx(shannon, rel=1e-12)
    assert free.realism == 0


@pytest.mark.parametrize("distortion", [0.02, 2.0, 7.8, 9.0, 13.0])
def test_rate_and_distortion_are_inverse(distortion):
    """Below, at and above tr Σ = 7.8."""
    point = CODE.at_distortion(distortion, 0.7, 0.15)
    assert point.distortion == pytest.approx(distortion, rel=1e-12)
    again = CODE.at_rate(point.rate_nats, 0.7, 0.15)
    assert again.distortion == pytest.approx(distortion, rel=1e-9)


def test_more_of_anything_is_less_distortion():
    """D(R, R_c, P) decreases in each argument [T2.7]."""
    base = CODE.at_rate(2.0, 0.7, 0.15).distortion
    more = [(2.1, 0.7, 0.15), (2.0, 0.8, 0.15), (2.0, 0.7, 0.2)]
    assert all(CODE.at_rate(*budgets).distortion < base for budgets in more)


def test_all_of_the_distortion_costs_nothing():
    """D >= tr Σ (1 + (1 - sqrt(P / tr Σ))²)."""
    point = CODE.at_distortion(13.6, 0.7, 0.15)
    assert point.rate_nats == 0
    assert point.to_dict()["rate_multiplier"] is None
    assert CODE.at_distortion(13.5, 0.7, 0.15).rate_nats > 0


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("rate_nats", lambda: CODE.at_rate(0.0, 1.0, 0.1)),
        ("rate_nats", lambda: CODE.at_rate([1.0], 1.0, 0.1)),
        ("distortion", lambda: CODE.at_distortion(-1.0, 1.0, 0.1)),
        ("common_nats", lambda: CODE.at_rate(1.0, np.nan, 0.1)),
        ("perception", lambda: CODE.at_rate(1.0, 1.0, "none")),
        ("perception", lambda: weak_perception_distortion(1.0, 1.0, 1.0, -1.0)),
        ("variance", lambda: weak_perception_distortion(-1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call()
