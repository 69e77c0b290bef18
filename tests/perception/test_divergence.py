"""The surface of a Gaussian vector under either Kullback-Leibler divergence [T2.3]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from rdtheory import InputError, scheme
from rdtheory.perception.divergence import (
    Divergence,
    DivergenceTradeoff,
    ReverseDivergence,
    ReverseDivergenceTradeoff,
)
from rdtheory.perception.measure import Weight
from rdtheory.perception.scalar import scalar_tradeoff
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.testing import strategies as rd

SPECTRUM = np.array([5.0, 2.0, 0.7, 0.1])
TRADEOFFS = [DivergenceTradeoff, ReverseDivergenceTradeoff]
DIRECTIONS = [(DivergenceTradeoff, 1), (ReverseDivergenceTradeoff, -1)]
"""With the sign of ln u² in p = ½ (e^{± ln u²} - 1 ∓ ln u²)."""


@pytest.mark.parametrize(("measure", "power"), [(Divergence(), 1), (ReverseDivergence(), 3)])
@given(log_ratio=st.floats(-12, 12), log_multiplier=st.floats(-12, 12))
def test_the_two_conditions_at_fifty_digits(measure, power, log_ratio, log_multiplier):
    """u = ρθ/(λ(1 - ρ²)) and s(u² - ρu) + ν(...) = 0, by bisection in ρ [T2.3a, T2.3b]."""
    s, nu = 10.0**log_ratio, 10.0**log_multiplier
    total = s + nu
    weight = Weight(np.array([nu / total]), np.array([s / total]))
    rho, remaining, u, shortfall = (
        float(part[0]) for part in measure.optimum(np.array([s]), weight)
    )
    with mp.workdps(80):
        s, nu = mp.mpf(s), mp.mpf(nu)

        def excess(a):  # of 1 - ρ², in which the root is far from no end
            u = mp.sqrt(1 - a) / (s * a)
            pull = (1 - u**2) / u ** (power - 1)
            return s * (u * u - mp.sqrt(1 - a) * u) - nu * pull

        low, high = mp.mpf(10) ** -40, mp.mpf(1) - mp.mpf(10) ** -70
        for _ in range(300):  # u falls with a, and with it the excess
            middle = mp.sqrt(low * high) if high < 0.5 else (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        exact = mp.sqrt(1 - low) / (s * low)
        # Near s = 1, ν = 0 the root is as sensitive to s as a square root: half of the digits.
        assert remaining == pytest.approx(float(low), rel=1e-8)
        assert rho == pytest.approx(float(mp.sqrt(1 - low)), rel=1e-6)
        assert u == pytest.approx(float(exact), rel=1e-6)
        assert shortfall == pytest.approx(float(1 - exact**2), rel=1e-6)


@pytest.mark.parametrize(("tradeoff", "sign"), DIRECTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_no_gaussian_code_does_better(tradeoff, sign, seed, least_value):
    """A general optimiser over (ρ, u) of each component, to 1e-10 [T2.3a, T2.3b]."""
    rng = np.random.default_rng(100 + seed)
    eigenvalues = rng.uniform(0.2, 4.0, 4)
    goal, budget = rng.uniform(0.1, 1.2) * eigenvalues.sum(), rng.uniform(0.01, 0.5)
    zeros = np.zeros(4)

    def rate(x):
        rho = x[:4]
        slope = rho / ((1 - rho) * (1 + rho))
        return -np.log1p(-rho * rho).sum() / 2, np.concatenate([slope, zeros])

    def distortion(x):
        rho, u = x[:4], x[4:]
        value = eigenvalues @ (1 + u * u - 2 * u * rho) - goal
        return value, np.concatenate([-2 * eigenvalues * u, 2 * eigenvalues * (u - rho)])

    def perception(x):
        z = sign * 2 * np.log(x[4:])
        slope = sign * np.expm1(z) / x[4:]
        return np.sum(np.exp(z) - 1 - z) / 2 - budget, np.concatenate([zeros, slope])

    found = least_value(
        rate,
        [distortion, perception],
        [np.concatenate([np.full(4, 0.6), np.full(4, 0.9)])],
        [(0.0, 1 - 1e-9)] * 4 + [(0.05, 1.0)] * 4,
    )
    assert tradeoff(eigenvalues).at(goal, budget).rate_nats == pytest.approx(found, abs=1e-10)


@pytest.mark.parametrize(("tradeoff", "sign"), DIRECTIONS)
def test_targets_lead_back_to_the_multipliers(tradeoff, sign):
    """(θ, ν) -> (D, P) -> (θ, ν)."""
    surface = tradeoff(SPECTRUM).surface([[0.01], [0.8], [3.0]], [1e-3, 0.1, 10.0, np.inf])
    found = tradeoff(SPECTRUM).at(surface.distortion, surface.perception)
    np.testing.assert_allclose(found.rate_nats, surface.rate_nats, rtol=1e-12)
    np.testing.assert_allclose(found.water_level, surface.water_level, rtol=1e-9)
    np.testing.assert_allclose(found.realism, surface.realism, rtol=1e-9)


@pytest.mark.parametrize("tradeoff", TRADEOFFS)
@given(spectrum=rd.spectra(decades=4.0), log_level=st.floats(-5, 2))
def test_no_divergence_is_f_star(tradeoff, spectrum, log_level):
    """ν = ∞ is F* [T2.7]."""
    level = spectrum.max() * 10.0**log_level
    found = tradeoff(spectrum).surface(level, np.inf)
    expected = scheme("diffc-f-star", spectrum).at(water_level=level)
    dim = len(spectrum)
    assert found.rate_nats == pytest.approx(expected.bits_per_dim * np.log(2) * dim, rel=1e-12)
    assert found.distortion == pytest.approx(expected.distortion_per_dim * dim, rel=1e-12)
    assert found.perception == 0


@pytest.mark.parametrize(
    ("tradeoff", "measure"), [(DivergenceTradeoff, "kl"), (ReverseDivergenceTradeoff, "kl-reverse")]
)
@given(log_variance=st.floats(-3, 3), log_share=st.floats(-6, 0.5), log_budget=st.floats(-12, 0.5))
def test_one_dimension_is_the_scalar_formula(
    tradeoff, measure, log_variance, log_share, log_budget
):
    """[T2.1c, T2.1d], through [T2.3]."""
    variance, budget = 10.0**log_variance, 10.0**log_budget
    goal = variance * 10.0**log_share
    expected = scalar_tradeoff(variance, goal, budget, measure).rate_nats
    found = tradeoff([variance]).at(goal, budget).rate_nats
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-11)


@pytest.mark.parametrize("tradeoff", TRADEOFFS)
@given(rd.spectra(decades=2.0), st.floats(-4, 0.3), st.floats(-6, 1.0))
def test_targets_are_met_between_shannon_and_f_star(tradeoff, spectrum, log_share, log_budget):
    """R*(D) <= R(D, P) <= R(D, 0); the distortion is met, and so is the divergence."""
    total, budget = spectrum.sum(), 10.0**log_budget
    goal = total * 10.0**log_share
    point = tradeoff(spectrum).at(goal, budget)
    assert point.distortion <= goal * (1 + 1e-12)
    # Next to D = tr Σ the least divergence is that sensitive to the last digits of D.
    assert point.perception <= budget * (1 + 1e-6)
    free = ReverseWaterFilling(spectrum).rate_nats(min(goal, total))
    flow = tradeoff(spectrum).at(goal, 0.0).rate_nats
    assert free - 1e-12 * (1 + free) <= point.rate_nats <= flow + 1e-12 * (1 + flow)


@pytest.mark.parametrize("tradeoff", TRADEOFFS)
def test_scale_and_copies(tradeoff):
    """X -> cX leaves a divergence as it is [P16]; copies add [P18]."""
    rate = tradeoff(SPECTRUM).at(3.0, 0.2).rate_nats
    assert tradeoff(SPECTRUM * 1e40).at(3e40, 0.2).rate_nats == pytest.approx(rate, rel=1e-12)
    copies = tradeoff(np.tile(SPECTRUM, 5)).at(15.0, 1.0).rate_nats
    assert copies == pytest.approx(5 * rate, rel=1e-12)


@pytest.mark.parametrize("tradeoff", TRADEOFFS)
def test_the_slope_is_the_water_level(tradeoff):
    """∂R/∂D = -1/(2θ) at fixed P [P20]: central differences, error of the order of h² = 1e-10."""
    step = 1e-5
    point = tradeoff(SPECTRUM).at([3.0 - step, 3.0, 3.0 + step], 0.3)
    slope = (point.rate_nats[2] - point.rate_nats[0]) / (2 * step)
    assert slope == pytest.approx(-1 / (2 * point.water_level[1]), rel=1e-8)


def test_only_one_direction_is_the_function():
    """[T2.1d]: the other is marked as an upper bound."""
    assert not Divergence().upper_bound_only
    assert ReverseDivergence().upper_bound_only


@pytest.mark.parametrize("tradeoff", TRADEOFFS)
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("water_level", lambda t: t.surface(-1.0, 0.5)),
        ("multiplier", lambda t: t.surface(1.0, 0.0)),
        ("multiplier", lambda t: t.surface(1.0, np.nan)),
        ("distortion", lambda t: t.at([1.0, 0.0], 0.1)),
        ("perception", lambda t: t.at(1.0, [-0.1])),
    ],
)
def test_bad_input(tradeoff, argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call(tradeoff(SPECTRUM))
