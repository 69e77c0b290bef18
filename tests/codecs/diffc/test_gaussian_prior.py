"""The Gaussian prior against quadrature of Bayes' rule, mpmath and an ODE solver."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from rdtheory.codecs.diffc.gaussian_prior import GaussianPrior
from rdtheory.errors import InputError


def no_normals(shape):
    return np.zeros(shape)


def test_the_denoiser_is_the_mean_of_the_posterior_and_the_errors_its_variance():
    eigenvalues, noise = np.array([2.0, 0.3, 1.0]), np.array([0.5, 0.5, 4.0])
    observed = np.array([[1.5, -0.2, 3.0]])
    prior = GaussianPrior(1, eigenvalues)
    mean, errors = prior.denoise(observed, noise)[0], prior.errors(noise)
    for i, (variance, t, y) in enumerate(zip(eigenvalues, noise, observed[0], strict=True)):

        def moment(power, variance=variance, t=t, y=y):
            return quad(
                lambda x: x**power * np.exp(-(x**2) / variance / 2 - (y - x) ** 2 / t / 2), -20, 20
            )[0]

        assert mean[i] == pytest.approx(moment(1) / moment(0), abs=1e-9)
        variance = moment(2) / moment(0) - (moment(1) / moment(0)) ** 2
        assert errors[i] == pytest.approx(variance, rel=1e-8)


def test_errors_are_good_to_the_last_digits_at_all_noise_levels():
    levels = 10.0 ** np.arange(-30, 31, 3)
    for variance in (1e-12, 1.0, 1e12):
        errors = GaussianPrior(1, np.full(len(levels), variance)).errors(levels)
        exact = [mpmath.mpf(variance) * t / (variance + mpmath.mpf(t)) for t in levels]
        assert np.allclose(errors, np.array(exact, float), rtol=1e-15, atol=0)


def test_what_is_not_sent_is_not_looked_at():
    prior, noise = GaussianPrior(2, np.array([3.0, 2.0, 0.0])), np.array([np.inf, 1.0, 1.0])
    observed = np.array([[np.nan, 3.0, 1.0], [np.inf, -3.0, 1.0]])
    assert prior.denoise(observed, noise).tolist() == [[0, 2, 0], [0, -2, 0]]
    assert prior.errors(noise).tolist() == [3.0, 2 / 3, 0.0]
    for how in ("ancestral", "flow"):
        # With normals of 1: sqrt(λ) of what is not sent, and nothing of what has no variance.
        found = prior.reconstruct(how, observed, noise, np.ones)
        assert found[:, 0].tolist() == [3**0.5, 3**0.5]
        assert found[:, 2].tolist() == [0, 0]


def test_the_flow_is_that_of_the_differential_equation():
    """dy/dt = -½ ∇ ln p_t = y/(λ + t)/2, from t to 0 [T1.1d]."""
    eigenvalues, noise = np.array([2.0, 0.3]), np.array([0.7, 0.7])
    y = np.array([1.5, -0.2])
    solved = solve_ivp(
        lambda t, at: at / (eigenvalues + t) / 2, (0.7, 0.0), y, rtol=1e-11, atol=1e-13
    )
    found = GaussianPrior(1, eigenvalues).reconstruct("flow", y[None], noise, no_normals)
    assert np.allclose(found[0], solved.y[:, -1], rtol=1e-9)


def test_ancestral_samples_have_the_moments_of_the_posterior():
    """200,000 draws: standard errors of mean and variance 0.0014 and 0.002; six are allowed."""
    prior, noise = GaussianPrior(200_000, np.array([2.0])), np.array([0.5])
    drawn = prior.reconstruct(
        "ancestral", np.full((200_000, 1), 1.5), noise, np.random.default_rng(0).standard_normal
    )
    assert abs(drawn.mean() - 1.2) < 0.009
    assert abs(drawn.var() - 0.4) < 0.4 * 0.02


def test_the_posterior_mean_is_a_reconstruction_too():
    prior, noise, y = GaussianPrior(1, np.array([2.0])), np.array([0.5]), np.array([[1.5]])
    assert prior.reconstruct("mmse", y, noise, no_normals) == pytest.approx(1.2)


def test_bad_input_is_named():
    prior = GaussianPrior(1, np.ones(2))
    with pytest.raises(InputError, match="reconstruction: got 'best'; allowed: ancestral, flow"):
        prior.reconstruct("best", np.zeros((1, 2)), np.ones(2), no_normals)
    for noise in (np.array([1.0, 0.0]), np.array([1.0, -1.0]), np.array([1.0, np.nan])):
        with pytest.raises(InputError, match="noise_variances"):
            prior.errors(noise)
        with pytest.raises(InputError, match="noise_variances"):
            prior.denoise(np.zeros((1, 2)), noise)
