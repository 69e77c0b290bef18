"""Decoders between ancestral sampling, the flow and the posterior mean [T5.5, T5.6]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from rdtheory import GaussianVector, InputError
from rdtheory.diffusion import GaussianChannel
from rdtheory.diffusion.reconstruction import Ancestral, Flow
from rdtheory.perception.decoders import scaled_flow, score_scaling_excess, stochastic_decoder
from rdtheory.perception.fixed_representation import tradeoff_at_channel
from rdtheory.testing import strategies as rd


def isotropic(spectrum, noise):
    spectrum = np.asarray(spectrum, dtype=float)
    return GaussianChannel(
        GaussianVector(spectrum), np.ones_like(spectrum), np.full_like(spectrum, noise)
    )


def test_check_values():
    """[T5.5]: λ = 2.3, t = 1.9."""
    found = stochastic_decoder(isotropic([2.3], 1.9), [0.0, 0.5, 1.0, 1.5])
    expected = [1.195940798, 1.442764897, 2.080952381, 2.871037920]
    np.testing.assert_allclose(found.distortion, expected, atol=5e-10)


@given(rd.spectra(decades=4.0), st.floats(-4, 4))
def test_the_ends_are_flow_ancestral_and_mmse(spectrum, log_noise):
    """η = 0, 1 and c = 1, 2 [P13, T5.6a]."""
    channel = isotropic(spectrum, spectrum.max() * 10.0**log_noise)
    flow, ancestral = (2 * spectrum @ how.split(channel.snr)[0] for how in (Flow(), Ancestral()))
    found = stochastic_decoder(channel, [0.0, 1.0])
    np.testing.assert_allclose(found.distortion, [flow, ancestral], rtol=1e-12)
    np.testing.assert_array_equal(found.output_variances, [spectrum, spectrum])
    scaled = scaled_flow(channel, [1.0, 2.0])
    np.testing.assert_allclose(scaled.distortion, [flow, ancestral / 2], rtol=1e-12)
    assert scaled.perception[0] == 0


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0, 1.7])
def test_the_moments_of_the_stochastic_differential_equation(eta):
    """dy = -½ (1 + η²) ∇ln p dt + η dW backwards from t to 0, by solve_ivp to 1e-11 [T5.5]."""
    variance, noise = 2.3, 1.9

    def moments(_, state, time):
        covariance, power = state
        rate = -(1 + eta**2) / 2 / (variance + time)
        return [rate * covariance, 2 * rate * power + eta**2]

    solution = solve_ivp(
        lambda s, state: moments(s, state, noise - s),
        (0, noise),
        [variance, variance + noise],
        rtol=1e-11,
        atol=1e-12,
    )
    covariance, power = solution.y[:, -1]
    found = stochastic_decoder(isotropic([variance], noise), eta)
    assert power == pytest.approx(variance, rel=1e-8)
    assert found.distortion == pytest.approx(variance + power - 2 * covariance, rel=1e-8)


@pytest.mark.parametrize("scale", [1.0, 1.3, 2.0])
def test_the_gain_of_the_scaled_flow(scale):
    """dy/dt = -(c/2) ∇ln p: its gain by solve_ivp [T5.6a]."""
    variance, noise = 2.3, 1.9
    gain = solve_ivp(
        lambda s, y: -scale / 2 * y / (variance + noise - s),
        (0, noise),
        [1.0],
        rtol=1e-11,
        atol=1e-12,
    ).y[0, -1]
    found = scaled_flow(isotropic([variance], noise), scale)
    assert found.output_variances[0] == pytest.approx(gain**2 * (variance + noise), rel=1e-8)
    expected = variance * (1 - gain) ** 2 + gain**2 * noise
    assert found.distortion == pytest.approx(expected, rel=1e-8)
    deviation = gain * np.sqrt(variance + noise)
    expected = (np.sqrt(variance) - deviation) ** 2
    assert found.perception == pytest.approx(expected, rel=1e-7, abs=1e-16)


@given(st.floats(-4, 4), st.floats(-6, 6), st.floats(1.0, 2.0), st.integers(1, 5))
def test_equal_components_lose_nothing(log_variance, log_noise, scale, dim):
    """Scalar: exactly on the curve [T2.4] [T5.6a]."""
    channel = isotropic(np.full(dim, 10.0**log_variance), 10.0**log_noise)
    assert abs(score_scaling_excess(channel, scale)) < 1e-13


@given(rd.spectra(), st.floats(-12, 12), st.floats(1.0, 2.0))
def test_score_scaling_never_beats_the_curve(spectrum, log_noise, scale):
    """By Minkowski's inequality; and D_c lies between the mmse and the flow."""
    channel = isotropic(spectrum, 10.0**log_noise)
    assert score_scaling_excess(channel, scale) > -1e-13
    ends = tradeoff_at_channel(channel, [0.0, np.finfo(float).max])
    found = scaled_flow(channel, scale).distortion
    assert ends.distortion[1] * (1 - 1e-13) <= found <= ends.distortion[0] * (1 + 1e-13)


@pytest.mark.parametrize(("count", "percent"), [(1, 0.22), (10, 0.90), (100, 2.1), (1000, 3.4)])
def test_the_worst_loss_that_is_known(count, percent):
    """One large and n equal small eigenvalues: the figures of [T5.6b], to their last digit."""

    def loss(x):
        small, noise, scale = 10.0 ** x[0], 10.0 ** x[1], 1 + 1 / (1 + np.exp(-x[2]))
        channel = isotropic(np.r_[1.0, np.full(count, small)], noise)
        return -100 * float(score_scaling_excess(channel, scale))

    worst = min(
        (minimize(loss, start, method="Nelder-Mead") for start in ([-1, -1, 0], [-3, -2, 0])),
        key=lambda found: found.fun,
    )
    digits = len(str(percent).split(".")[1])
    assert -worst.fun == pytest.approx(percent, abs=0.6 * 10.0**-digits)


def test_nothing_received_stays_real():
    """A component without rate: η keeps its variance, c > 1 makes it 0."""
    channel = GaussianChannel(GaussianVector([2.0, 1.0]), [1.0, 0.0], [1.0, 1.0])
    assert stochastic_decoder(channel, 0.5).distortion > 2
    np.testing.assert_allclose(scaled_flow(channel, [1.0, 1.5]).output_variances[:, 1], [1, 0])


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("stochasticity", lambda channel: stochastic_decoder(channel, -0.1)),
        ("stochasticity", lambda channel: stochastic_decoder(channel, np.inf)),
        ("scale", lambda channel: scaled_flow(channel, 0.9)),
        ("scale", lambda channel: score_scaling_excess(channel, np.nan)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call(isotropic([1.0], 1.0))
