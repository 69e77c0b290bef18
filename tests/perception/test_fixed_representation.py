"""Distortion against perception at a fixed representation [T2.4]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from rdtheory import GaussianVector, InputError, scheme
from rdtheory.diffusion import GaussianChannel
from rdtheory.perception.fixed_representation import (
    reconstruct,
    squared_distance,
    tradeoff_at_channel,
)
from rdtheory.perception.wasserstein import WassersteinTradeoff
from rdtheory.testing import strategies as rd

SPECTRUM = [5.0, 2.0, 0.7, 0.1]
CHANNEL = GaussianChannel(GaussianVector(SPECTRUM), np.ones(4), np.full(4, 0.5))


@given(rd.spectra(decades=4.0), st.floats(-3, 3))
def test_the_ends_are_the_flow_and_the_posterior_mean(spectrum, log_noise):
    """D(0) is that of the flow, D(W₂²) the mmse."""
    noise = spectrum.max() * 10.0**log_noise
    channel = GaussianChannel(
        GaussianVector(spectrum), np.ones_like(spectrum), np.full_like(spectrum, noise)
    )
    found = tradeoff_at_channel(channel, [0.0, squared_distance(channel), 1e9 * noise])
    flow = scheme("diffc-f", spectrum).at(noise_level=noise)
    expected = flow.distortion_per_dim * len(spectrum)
    assert found.distortion[0] == pytest.approx(expected, rel=1e-12)
    mmse = channel.posterior_variances.sum()
    np.testing.assert_allclose(found.distortion[1:], mmse, rtol=1e-14)
    np.testing.assert_array_equal(found.realism[[0, 2]], [1.0, 0.0])


def test_the_best_realism_is_the_one_that_a_search_finds():
    """Over all u of X̂_i = u_i/ρ_i · E[X | Z]: the best is the interpolation [T2.4]."""
    rho, eigenvalues = CHANNEL.correlation, np.array(SPECTRUM)
    for budget in (0.001, 0.01, 0.05):

        def lagrangian(u, price):
            return eigenvalues * ((1 - rho**2) + (u - rho) ** 2 + price * (1 - u) ** 2)

        def dual(log_price, budget=budget):
            price = np.exp(log_price)
            grid = np.linspace(0, 1, 20001)[:, None]
            return -(lagrangian(grid, price).min(0).sum() - price * budget)

        # The grid of 5e-5 leaves λ (5e-5)² / 4 of error.
        best = -minimize_scalar(dual, bounds=(-3, 5), method="bounded").fun
        assert tradeoff_at_channel(CHANNEL, budget).distortion == pytest.approx(best, abs=1e-8)


def test_the_estimator_does_what_is_claimed():
    """2^18 draws: D and the variances within 6 standard errors (false alarm 1e-8 for 5 numbers)."""
    rng = np.random.default_rng(7)
    claim = tradeoff_at_channel(CHANNEL, 0.02)
    x = CHANNEL.source.sample(rng, 1 << 18)
    x_hat = reconstruct(CHANNEL, CHANNEL.send(x, rng), claim.realism)
    error = np.sum((x - x_hat) ** 2, axis=1)
    assert abs(error.mean() - claim.distortion) < 6 * error.std() / 512
    deviation = (1 - claim.realism) * CHANNEL.correlation + claim.realism
    variances = deviation**2 * np.array(SPECTRUM)
    assert (np.abs(x_hat.var(0) / variances - 1) < 6 * np.sqrt(2) / 512).all()
    reached = np.array(SPECTRUM) @ (1 - deviation) ** 2
    assert claim.perception == pytest.approx(reached, rel=1e-12)


def test_the_surface_is_reached_at_its_own_representation():
    """[T2.2c]: X̂ = (1 - β) E[X | Z] + β X̂_pr with the ρ of (θ, β)."""
    point = WassersteinTradeoff([2.0]).at(0.8, 0.02)
    rho2 = -np.expm1(-2 * point.rate_nats)
    channel = GaussianChannel(GaussianVector([2.0]), [np.sqrt(rho2)], [2.0 * (1 - rho2)])
    found = tradeoff_at_channel(channel, 0.02)
    assert found.distortion == pytest.approx(0.8, rel=1e-12)
    assert found.realism == pytest.approx(float(point.realism), rel=1e-10)


def test_nothing_received_is_rebuilt_as_noise():
    """λ = 0 and zero gain: no division by 0."""
    channel = GaussianChannel(GaussianVector([2.0, 1.0, 0.0]), [1.0, 0.0, 1.0], [1.0, 1.0, 0.0])
    found = tradeoff_at_channel(channel, 0.0)
    assert found.distortion == pytest.approx(2 * (2 * (1 - np.sqrt(2 / 3)) + 1), rel=1e-14)
    assert reconstruct(channel, np.ones(3), 1.0)[1] == 1


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("perception", lambda: tradeoff_at_channel(CHANNEL, -1.0)),
        ("perception", lambda: tradeoff_at_channel(CHANNEL, np.nan)),
        ("realism", lambda: reconstruct(CHANNEL, np.zeros(4), 1.5)),
        ("z", lambda: reconstruct(CHANNEL, np.zeros(3), 0.5)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call()
