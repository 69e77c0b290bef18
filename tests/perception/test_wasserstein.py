"""The surface of a Gaussian vector under W₂² <= P [T2.2]."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from rdtheory import GaussianVector, InputError, scheme
from rdtheory.perception.scalar import scalar_tradeoff
from rdtheory.perception.wasserstein import WassersteinTradeoff, cubic_root
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.testing import strategies as rd

SPECTRUM = np.array([5.0, 2.0, 0.7, 0.1])


def test_check_values():
    """[T2.2a] at θ = 0.8, β = ½."""
    point = WassersteinTradeoff(SPECTRUM).surface(0.8, 0.5)
    assert point.rate_nats == pytest.approx(1.5958805929, abs=5e-11)
    assert point.distortion == pytest.approx(2.2017737066, abs=5e-11)
    assert point.perception == pytest.approx(0.0940774284, abs=5e-11)
    expected = [0.92013839, 0.80240372, 0.49408894, 0.06635367]
    np.testing.assert_allclose(cubic_root(SPECTRUM / 0.8, 0.5, 0.5), expected, atol=5e-9)


@given(st.floats(-14, 14), st.floats(-16, 0))
def test_the_root_at_fifty_digits(log_ratio, log_beta):
    """ρ = s (1 - ρ²)((1 - β)ρ + β), by bisection with mpmath [T2.2a]."""
    ratio, beta = 10.0**log_ratio, 10.0**log_beta
    rho = float(cubic_root(np.array([ratio]), np.float64(beta), np.float64(1 - beta))[0])
    with mp.workdps(60):
        s, b, r = mp.mpf(ratio), mp.mpf(beta), mp.mpf(1 - beta)

        def excess(x):
            return s * (1 - x * x) * (r * x + b) - x

        low, high = mp.mpf(0), mp.mpf(1)
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        # An error ε of the equation is one of ε / slope of its root: much near s = 1, β = 0.
        slope = abs(s * (r * (1 - low**2) - 2 * low * (r * low + b)) - 1)
        assert rho == pytest.approx(float(low), rel=1e-14 + 4e-15 / float(slope))


def pairs(eigenvalues):
    """R, D, P as functions of x = (ρ, u), with gradients."""
    dim = len(eigenvalues)

    def split(x):
        return x[:dim], x[dim:]

    def rate(x):
        rho, _ = split(x)
        slope = rho / ((1 - rho) * (1 + rho))
        return -np.log1p(-rho * rho).sum() / 2, np.concatenate([slope, np.zeros(dim)])

    def distortion(x):
        rho, u = split(x)
        value = eigenvalues @ (1 + u * u - 2 * u * rho)
        return value, np.concatenate([-2 * eigenvalues * u, 2 * eigenvalues * (u - rho)])

    def perception(x):
        _, u = split(x)
        value = eigenvalues @ (1 - u) ** 2
        return value, np.concatenate([np.zeros(dim), -2 * eigenvalues * (1 - u)])

    return rate, distortion, perception


@pytest.mark.parametrize("seed", range(8))
def test_no_gaussian_code_does_better(seed, least_value):
    """A general optimiser over (ρ, u) of each component, to 1e-10 [T2.2a]."""
    rng = np.random.default_rng(seed)
    eigenvalues = rng.uniform(0.2, 4.0, 4)
    tradeoff = WassersteinTradeoff(eigenvalues)
    goal, budget = rng.uniform(0.1, 1.2) * eigenvalues.sum(), rng.uniform(0.001, 0.2)
    rate, distortion, perception = pairs(eigenvalues)
    found = least_value(
        rate,
        [
            lambda x: (distortion(x)[0] - goal, distortion(x)[1]),
            lambda x: (perception(x)[0] - budget, perception(x)[1]),
        ],
        [np.concatenate([np.full(4, 0.6), np.full(4, 0.95)])],
        [(0.0, 1 - 1e-9)] * 4 + [(1e-6, 1.0)] * 4,
    )
    assert tradeoff.at(goal, budget).rate_nats == pytest.approx(found, abs=1e-10)


@given(rd.spectra(decades=6.0), st.floats(-6, 3))
def test_the_ends_are_f_star_and_water_filling(spectrum, log_level):
    """β = 1 is F*, β = 0 reverse water-filling [T2.2b, P3, T2.7]."""
    tradeoff = WassersteinTradeoff(spectrum)
    level = spectrum.max() * 10.0**log_level
    real = tradeoff.surface(level, 1.0)
    expected = scheme("diffc-f-star", spectrum).at(water_level=level)
    dim = len(spectrum)
    bits = real.rate_nats / np.log(2) / dim
    assert bits == pytest.approx(expected.bits_per_dim, rel=1e-12, abs=1e-300)
    assert real.distortion == pytest.approx(expected.distortion_per_dim * dim, rel=1e-12)
    assert real.perception == 0
    filled = np.minimum(spectrum, level).sum()
    free = tradeoff.surface(level, 0.0)
    assert free.distortion == pytest.approx(filled, rel=1e-13)
    rate = ReverseWaterFilling(spectrum).rate_nats(filled)
    assert free.rate_nats == pytest.approx(rate, rel=1e-9, abs=1e-13 * dim)


@given(rd.spectra(decades=3.0), st.floats(-3, 2), st.floats(0.0, 1.0))
def test_the_slope_is_the_water_level(spectrum, log_level, realism):
    """∂R/∂D at fixed P is -1/(2θ) [T2.2c, P20]: the surface is convex, so by its chord.

    A convex function lies above its tangent; along a step δ of D it does so by O(δ²).
    """
    tradeoff = WassersteinTradeoff(spectrum)
    point = tradeoff.surface(spectrum.max() * 10.0**log_level, realism)
    for step in (1 - 1e-4, 1 + 1e-4):
        other = tradeoff.at(point.distortion * step, point.perception)
        drop = (point.distortion * step - point.distortion) / (2 * point.water_level)
        above = other.rate_nats - (point.rate_nats - drop)
        assert above >= -1e-12 * (1 + abs(drop) + point.rate_nats)
        if point.rate_nats > 0.1 and realism > 0.01:
            assert above <= 0.1 * abs(drop)


@given(rd.spectra(decades=4.0, zeros=True), st.floats(-6, 0.3), st.floats(-8, 0.0))
def test_targets_are_met_or_not_needed(spectrum, log_distortion, log_perception):
    """D is met unless nothing need be sent, P unless it is free."""
    total = spectrum.sum()
    goal, budget = total * 10.0**log_distortion, total * 10.0**log_perception
    point = WassersteinTradeoff(spectrum).at(goal, budget)
    assert point.distortion <= goal * (1 + 1e-13)
    assert point.perception <= budget * (1 + 1e-9)
    assert point.rate_nats == 0 or point.distortion == pytest.approx(goal, rel=1e-13)
    free = ReverseWaterFilling(spectrum).rate_nats(min(goal, total))
    flow = WassersteinTradeoff(spectrum).at(goal, 0.0).rate_nats
    assert free - 1e-12 * (1 + free) <= point.rate_nats <= flow + 1e-12 * (1 + flow)


@given(st.floats(-3, 3), st.floats(-6, 0.5), st.floats(-12, 0.5))
def test_one_dimension_is_the_scalar_formula(log_variance, log_distortion, log_perception):
    """[T2.1a, T2.1b], through [T2.2a]."""
    variance = 10.0**log_variance
    goal, budget = variance * 10.0**log_distortion, variance * 10.0**log_perception
    expected = scalar_tradeoff(variance, goal, budget).rate_nats
    found = WassersteinTradeoff([variance]).at(goal, budget).rate_nats
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-12)


def test_scale_rotation_and_copies():
    """[P16, P17, P18]."""
    tradeoff = WassersteinTradeoff(SPECTRUM)
    point = tradeoff.at(3.0, 0.2)
    scaled = WassersteinTradeoff(SPECTRUM * 1e40).at(3e40, 0.2e40)
    copies = WassersteinTradeoff(np.tile(SPECTRUM, 5)).at(15.0, 1.0)
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    rotated = GaussianVector.from_covariance((q * SPECTRUM) @ q.T)
    turned = WassersteinTradeoff(rotated).at(3.0, 0.2)
    assert scaled.rate_nats == pytest.approx(point.rate_nats, rel=1e-12)
    assert copies.rate_nats == pytest.approx(5 * point.rate_nats, rel=1e-12)
    assert turned.rate_nats == pytest.approx(point.rate_nats, rel=1e-12)


def test_realism_is_continuous_and_falls_with_the_budget():
    """β as a function of P at fixed D, from F* to no constraint [T2.7]."""
    point = WassersteinTradeoff(SPECTRUM).at(2.0, np.linspace(0, 1.0, 401) ** 2)
    assert point.realism[0] == 1
    assert point.realism[-1] == 0
    assert (np.diff(point.realism) <= 0).all()
    # In sqrt(P) the slope is about -1 / W₂(E[X | Z], X), below 2 here.
    assert np.abs(np.diff(point.realism)).max() < 0.01


def test_a_whole_surface_takes_less_than_a_second():
    """50 x 50 points in 256 dimensions, (θ, β) and (D, P); process time, as others may run."""
    spectrum = np.arange(1.0, 257.0) ** -2
    tradeoff = WassersteinTradeoff(spectrum)
    start = time.process_time()
    surface = tradeoff.surface(np.geomspace(1e-4, 10, 50)[:, None], np.linspace(0, 1, 50))
    middle = time.process_time()
    grid = np.geomspace(1e-4, 1.9, 50)[:, None] * spectrum.sum()
    targets = tradeoff.at(grid, np.linspace(0, 1, 50))
    end = time.process_time()
    assert surface.rate_nats.shape == targets.rate_nats.shape == (50, 50)
    assert middle - start < 1
    assert end - middle < 1


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("water_level", lambda t: t.surface(0.0, 0.5)),
        ("water_level", lambda t: t.surface([1.0, np.nan], 0.5)),
        ("realism", lambda t: t.surface(1.0, 1.1)),
        ("realism", lambda t: t.surface(1.0, "half")),
        ("distortion", lambda t: t.at(0.0, 0.1)),
        ("distortion", lambda t: t.at(np.inf, 0.1)),
        ("perception", lambda t: t.at(1.0, -0.1)),
        ("perception", lambda t: t.at(1.0, np.nan)),
        ("eigenvalues", lambda t: WassersteinTradeoff([])),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call(WassersteinTradeoff(SPECTRUM))


def test_results_are_plain_numbers():
    point = WassersteinTradeoff(SPECTRUM).at([1.0, 40.0], 0.1)
    assert json.loads(json.dumps(point.to_dict()))["water_level"][1] is None
