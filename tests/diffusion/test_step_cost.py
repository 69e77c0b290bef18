"""Few steps: the price of kernels of fixed variance, arc length, the best number of messages."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from scipy.optimize import minimize

from rdtheory import GaussianVector, scheme
from rdtheory.diffusion import Progression, one_shot_bound_bits
from rdtheory.diffusion.arc_length import arc_length, arc_length_noise_levels
from rdtheory.diffusion.step_cost import FixedVarianceCost, fixed_variance_cost
from rdtheory.diffusion.step_count import (
    best_step_count,
    one_shot_overhead_bits,
    stationary_step_count,
    step_count,
)
from rdtheory.errors import InputError
from rdtheory.testing.strategies import spectra

SPECTRUM = [4.0, 1.0, 0.2]


def cost_of(spectrum, noise_levels, name="diffc-a") -> FixedVarianceCost:
    return fixed_variance_cost(Progression(scheme(name, spectrum), noise_level=noise_levels))


# The cost of given steps.


def test_check_value_of_the_riemann_sum():
    """[T5.1a]: both sides 5.558158936 nats, exact kernels 3.786122875."""
    spectrum, snrs = np.array([3, 0.8, 0.15]), np.append(0, np.geomspace(1e-3, 15, 10))
    cost = cost_of(spectrum, 1 / snrs[1:])
    assert cost.total_bits * np.log(2) == pytest.approx(5.558158936, abs=5e-10)
    assert cost.information_bits * np.log(2) == pytest.approx(3.786122875, abs=5e-10)
    mmse = (spectrum / (1 + spectrum * snrs[:-1, None])).sum(axis=1)
    riemann = np.diff(snrs) * mmse / 2
    np.testing.assert_allclose(cost.step_bits * np.log(2), riemann, rtol=1e-12)


def test_divergences_of_kernels_with_explicit_matrices():
    """A step costs E KL(q(y_s | y_t, X) ‖ p(y_s | y_t)) with the variance β̃ in both [T1.3a]."""
    root = np.random.default_rng(5).standard_normal((3, 3))
    covariance, levels = root @ root.T, [2.0, 0.5, 0.3]
    cost = cost_of(GaussianVector.from_covariance(covariance), levels)
    # From pure noise: N(x, t) against N(0, t).
    expected = [np.trace(covariance) / (2 * levels[0])]
    for noisy, clean in pairwise(levels):
        gain = covariance @ np.linalg.inv(covariance + noisy * np.eye(3))
        error = covariance - gain @ covariance  # of E[X | y_t], by which the means differ
        difference = ((noisy - clean) / noisy) ** 2 * np.trace(error)
        expected.append(difference / (2 * clean * (noisy - clean) / noisy))
    np.testing.assert_allclose(cost.step_bits * np.log(2), expected, rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 10, 1000, 100_000])
def test_excess_with_fifty_digits(steps):
    """No cancellation, however little a step adds: here down to 1e-10 nats at SNR 1e-6."""
    levels = np.geomspace(1e6, 0.05, steps)
    levels = levels[:2000]
    excess = cost_of([4.0], levels).excess_bits
    with mp.workdps(40):
        exact, before = mp.mpf(0), mp.mpf(0)
        for level in levels:
            snr = 4 / mp.mpf(level)
            x = (snr - before) / (1 + before)
            exact, before = exact + (x - mp.log1p(x)) / 2, snr
        exact = float(exact / mp.log(2))
    # Δs_i is a difference of SNRs that the scheme rounds, and x of the order 17/T or less.
    assert excess == pytest.approx(exact, rel=1e-15 * steps + 1e-13)


@given(spectra(dims=[1, 5], decades=4.0), st.sampled_from(["diffc-a", "diffc-f-star"]))
def test_fixed_variance_never_helps_and_fewer_steps_cost_more(spectrum, name):
    """[T5.1a]: the left sum of a falling function."""
    levels = spectrum.max() / np.geomspace(1e-2, 1e4, 12)
    fine, coarse = cost_of(spectrum, levels, name), cost_of(spectrum, levels[1::2], name)
    assert fine.information_bits == pytest.approx(coarse.information_bits, rel=1e-12)
    assert coarse.excess_bits >= fine.excess_bits >= 0
    assert fine.total_bits == pytest.approx(fine.information_bits + fine.excess_bits, rel=1e-12)
    assert fine.total_bits == pytest.approx(fine.step_bits.sum(), rel=1e-14)


def test_many_steps_cost_the_information():
    """Left Riemann sums tend to I = ½ ∫ mmse; the error is first order."""
    excess = [cost_of(SPECTRUM, np.geomspace(1e5, 0.05, T)).excess_bits for T in (4000, 8000)]
    # The step from pure noise to SNR 1e-5 has a fixed excess of 1e-10; the next order is 1/T.
    assert excess[0] / excess[1] == pytest.approx(2, rel=1e-3)


# Arc length.


def exact_arc_length(spectrum, snr):
    """∫ ½ ‖mmse_vec(s)‖ ds with 25 digits, in ln(1 + λ₁ s)."""
    with mp.workdps(25):
        spectrum = [(mp.mpf(value), spectrum.count(value)) for value in set(spectrum)]
        leading, _ = max(spectrum)
        end = mp.log1p(leading * snr)

        def speed(w):
            s = mp.expm1(w) / leading
            squares = sum(count * (value / (1 + value * s)) ** 2 for value, count in spectrum)
            return mp.sqrt(squares) * mp.exp(w) / (2 * leading)

        return float(mp.quad(speed, mp.linspace(0, end, 2 * int(end) + 3)))


@pytest.mark.parametrize(
    ("spectrum", "snr"),
    [
        ([4.0, 1.0, 0.2], 20.0),
        ([1.0, 1e-3, 1e-6, 1e-9], 2.0**24),
        ([3.0, 2.0], 2.0**-30),
        ([1.0, 0.0], 2.0**40),
        # The speed has a singularity close to π/2 above the real axis, as near as they come.
        ([1.0] + [2.0**-20] * 4096, 2.0**30),
    ],
)
def test_arc_length_with_25_digits(spectrum, snr):
    assert arc_length(spectrum, 1 / snr) == pytest.approx(
        exact_arc_length(spectrum, snr), rel=1e-13
    )


@given(st.integers(1, 20), st.floats(-12, 12), st.floats(-12, 12))
def test_arc_length_of_equal_eigenvalues(dim, log_variance, log_level):
    """[T5.1b]: L² = I²/M for i.i.d. dimensions."""
    variance, level = 10.0**log_variance, 10.0**log_level
    information = dim * np.log1p(variance / level) / 2
    length = arc_length(np.full(dim, variance), level)
    assert length**2 == pytest.approx(information**2 / dim, rel=1e-13)


@given(spectra(dims=[2, 5], decades=6.0), st.floats(-6, 6), st.floats(-3, 3))
def test_arc_length_of_scaled_sources_and_copies(spectrum, log_level, log_scale):
    """[P16]: it does not change with the unit; [P18]: L² is M times as large for M copies."""
    level, square = 10.0**log_level, 100.0**log_scale
    length = arc_length(spectrum, level)
    assert arc_length(square * spectrum, square * level) == pytest.approx(length, rel=1e-12)
    assert arc_length(np.tile(spectrum, 4), level) == pytest.approx(2 * length, rel=1e-12)
    # Between the longest component and the sum of all.
    each = np.log1p(spectrum / level) / 2
    assert each.max() * (1 - 1e-12) <= length <= each.sum() * (1 + 1e-12)


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
@pytest.mark.parametrize("spectrum", [[4.0, 1.0, 0.2], [1.0, 1e-5, 1e-9, 0.0]])
def test_arcs_of_the_schedule_are_equal(spectrum, steps):
    levels = arc_length_noise_levels(spectrum, 1e-8, steps)
    assert levels.shape == (steps,)
    assert levels[-1] == 1e-8
    lengths = np.array([arc_length(spectrum, level) for level in levels])
    expected = arc_length(spectrum, 1e-8) * np.arange(1, steps + 1) / steps
    np.testing.assert_allclose(lengths, expected, rtol=1e-10)


def test_check_values_of_the_arc_length_schedule():
    """[T5.1b]: T = 1024: excess 0.00797847, L²/T = 0.00796821; T = 8: 1.21135 nats."""
    length = arc_length(SPECTRUM, 0.05)
    assert length**2 / 1024 == pytest.approx(0.00796821, abs=5e-9)
    for steps, excess, digits in ((1024, 0.00797847, 5e-9), (8, 1.21135, 5e-6)):
        cost = cost_of(SPECTRUM, arc_length_noise_levels(SPECTRUM, 0.05, steps))
        assert cost.excess_bits * np.log(2) == pytest.approx(excess, abs=digits)


def test_best_schedule_of_eight_steps_by_a_general_optimiser():
    """[T5.1b]: 1.21059 nats, 0.06 % less than equal arcs."""

    def excess(logarithms):
        levels = np.append(np.exp(logarithms), 0.05)
        falling = np.sort(levels)[::-1]
        return cost_of(SPECTRUM, falling).excess_bits * np.log(2)

    equal_arcs = arc_length_noise_levels(SPECTRUM, 0.05, 8)
    found = minimize(excess, np.log(equal_arcs[:-1]), method="BFGS", options={"gtol": 1e-7})
    assert found.fun == pytest.approx(1.21059, abs=5e-6)
    assert excess(np.log(equal_arcs[:-1])) == pytest.approx(1.21135, abs=5e-6)


# The number of messages.


def test_check_values_of_the_best_step_count():
    """[T5.2]: T = 4 and 2112.28 bits; 125 and 3137.74 with at most 16 bits a message."""
    best = best_step_count(2000.0, 225.634)
    assert best.steps == 4
    assert best.total_bits == pytest.approx(2112.28, abs=5e-3)
    assert stationary_step_count(2000.0, 225.634) == pytest.approx(4.259, abs=5e-4)
    bounded = best_step_count(2000.0, 225.634, largest_message_bits=16.0)
    assert bounded.steps == 125
    assert bounded.message_bits == 16
    assert bounded.total_bits == pytest.approx(3137.74, abs=5e-3)


def test_squared_length_of_the_check_value():
    """[T5.2]: L_b² = I²/M = 225.634 for M = 12288 and 2000 bits."""
    level = 1 / np.expm1(2 * 2000 * np.log(2) / 12288)
    length = arc_length(np.ones(12288), level)
    assert length**2 / np.log(2) == pytest.approx(225.634, abs=5e-4)


amounts = st.floats(-3, 6).map(lambda logarithm: 10.0**logarithm)


@given(amounts, amounts)
def test_no_other_step_count_does_better(information, squared_length):
    """Against all T up to where overhead alone exceeds the cost of one message [T5.2]."""
    best = best_step_count(information, squared_length)
    steps = np.unique(np.geomspace(1, 1e6, 3000).astype(int))
    steps = np.union1d(steps, np.arange(max(1, best.steps - 3), best.steps + 4))
    excess = squared_length / steps
    total = information + excess + steps * (np.log2(information / steps + 1) + 5)
    assert best.total_bits <= total.min() * (1 + 1e-12)
    parts = best.information_bits + best.excess_bits + best.overhead_bits
    assert best.total_bits == pytest.approx(parts, rel=1e-14)


@given(amounts, amounts)
def test_the_best_step_count_is_next_to_the_stationary_point(information, squared_length):
    stationary = stationary_step_count(information, squared_length)
    x = information / stationary
    marginal = np.log2(1 + x) - x / ((1 + x) * np.log(2)) + 5
    assert squared_length / stationary**2 == pytest.approx(marginal, rel=1e-11)
    best = best_step_count(information, squared_length).steps
    assert best in {max(1, int(stationary)), int(stationary) + 1}


def test_messages_pay_what_equation_3_says():
    """Eq. 3: the overhead is the bound minus the information."""
    for bits in (0.0, 1.0, 500.0):
        assert one_shot_overhead_bits(bits) == pytest.approx(one_shot_bound_bits(bits) - bits)


def test_overhead_of_the_user():
    """A constant a: T = L_b/sqrt a; no information at all: one message."""
    best = best_step_count(100.0, 800.0, overhead=lambda bits: 2.0)
    assert best.steps == 20
    assert best.overhead_bits == 40
    assert best_step_count(0.0, 0.0).steps == 1
    assert json.loads(json.dumps(best.to_dict()))["steps"] == 20


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("noise_level", lambda: arc_length([1.0], 0.0)),
        ("noise_level", lambda: arc_length([1.0], np.nan)),
        ("noise_level", lambda: arc_length([1.0], np.inf)),
        ("noise_level", lambda: arc_length([1.0], [1.0])),
        ("noise_level", lambda: arc_length([1e100], 1e-250)),
        ("eigenvalues", lambda: arc_length([np.nan], 1.0)),
        ("steps", lambda: arc_length_noise_levels([1.0], 1.0, 0)),
        ("steps", lambda: arc_length_noise_levels([1.0], 1.0, 2.5)),
        ("steps", lambda: arc_length_noise_levels([1.0], 1.0, 10**9)),
        ("steps", lambda: step_count(0, 1.0, 1.0)),
        ("steps", lambda: step_count(10**13, 1.0, 1.0)),
        ("information_bits", lambda: step_count(1, -1.0, 1.0)),
        ("information_bits", lambda: best_step_count(np.nan, 1.0)),
        ("squared_length_bits", lambda: best_step_count(1.0, np.inf)),
        ("squared_length_bits", lambda: best_step_count(1.0, "1")),
        ("squared_length_bits", lambda: stationary_step_count(1.0, 0.0)),
        ("largest_message_bits", lambda: best_step_count(1.0, 1.0, largest_message_bits=0.0)),
        ("largest_message_bits", lambda: best_step_count(1e20, 1.0, largest_message_bits=1.0)),
        ("overhead", lambda: best_step_count(1.0, 1.0, overhead=3)),
        ("overhead", lambda: best_step_count(1.0, 1.0, overhead=lambda bits: -1.0)),
        ("overhead", lambda: best_step_count(1.0, 1.0, overhead=lambda bits: "a")),
        ("overhead", lambda: best_step_count(1.0, 1.0, overhead=lambda bits: 1e-30)),
    ],
)
def test_bad_input_is_refused(name, call):
    with pytest.raises(InputError, match=f"^{name}:"):
        call()
