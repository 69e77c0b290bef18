"""The forward channel against linear algebra on the joint covariance, and against its ODE.

With random full covariances, not in the eigenbasis: nothing here knows the closed forms.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import sqrtm
from scipy.stats import chi2

from rdtheory import SCHEMES, GaussianVector, scheme
from rdtheory.diffusion import GaussianChannel

DIM = 5
MIX = np.random.default_rng(1).standard_normal((DIM, DIM))
COVARIANCE = MIX @ MIX.T / DIM
MEAN = np.array([3.0, -1.0, 0.0, 2.0, 5.0])
SOURCE = GaussianVector.from_covariance(COVARIANCE, MEAN)
# Rounding of 5-dimensional linear algebra with a condition number of 1e3 or so.
CLOSE = {"rtol": 1e-10, "atol": 1e-11}


@pytest.fixture(params=["diffc-f", "diffc-f-pink", "diffc-a-star", "diffc-f-star"])
def channel(request):
    return scheme(request.param, SOURCE).at(bits_per_dim=0.6).channel


def joint(channel):
    """Σ_X, Cov(Z, X) and Σ_Z in the coordinates of X and of Z."""
    to_z = channel.gains[:, None] * SOURCE.eigenvectors.T
    return (
        COVARIANCE,
        to_z @ COVARIANCE,
        to_z @ COVARIANCE @ to_z.T + np.diag(channel.noise_variances),
    )


def test_information(channel):
    """I(X; Z) = ½ ln det Σ_Z - ½ ln det Σ_{Z|X} is the rate it was operated at."""
    _, _, of_z = joint(channel)
    information = 0.5 * (np.linalg.slogdet(of_z)[1] - np.sum(np.log(channel.noise_variances)))
    assert channel.information_nats == pytest.approx(information, rel=1e-11)
    assert information == pytest.approx(0.6 * DIM * np.log(2), rel=1e-11)


def test_posterior(channel):
    """E[X|z] and Cov[X|Z] by conditioning the joint Gaussian."""
    of_x, zx, of_z = joint(channel)
    z = np.random.default_rng(2).standard_normal((3, DIM))
    expected = MEAN + z @ np.linalg.solve(of_z, zx)
    np.testing.assert_allclose(channel.posterior_mean(z), expected, **CLOSE)
    covariance = of_x - zx.T @ np.linalg.solve(of_z, zx)
    np.testing.assert_allclose(channel.posterior_covariance, covariance, **CLOSE)


def test_flow_has_the_law_of_the_source_and_is_the_optimal_map(channel):
    """T(Z) ~ X with a symmetric Jacobian in the eigenbasis: T1.6d, written with matrix roots."""
    _, _, of_z = joint(channel)
    unit = channel.flow(np.eye(DIM)) - channel.flow(np.zeros((1, DIM)))
    np.testing.assert_allclose(unit.T @ of_z @ unit, COVARIANCE, **CLOSE)
    in_z = np.diag(SOURCE.eigenvalues)
    expected = sqrtm(in_z) @ np.linalg.inv(sqrtm(of_z))
    np.testing.assert_allclose(unit @ SOURCE.eigenvectors, expected.real, **CLOSE)


@pytest.mark.parametrize("name", ["diffc-a", "diffc-f", "diffc-a-star", "diffc-f-star", "rd"])
def test_distortion_is_that_of_the_channel(name):
    """E‖X - X̂‖² from joint second moments is what the operating point says."""
    point = scheme(name, SOURCE).at(bits_per_dim=0.6)
    channel = point.channel
    of_x, zx, of_z = joint(channel)
    if name.startswith("diffc-f"):
        jacobian = (channel.flow(np.eye(DIM)) - channel.flow(np.zeros((1, DIM)))).T
        error = of_x + jacobian @ of_z @ jacobian.T - 2 * jacobian @ zx
    else:
        mmse = of_x - zx.T @ np.linalg.solve(of_z, zx)
        error = mmse if name == "rd" else 2 * mmse
    assert np.trace(error) / DIM == pytest.approx(point.distortion_per_dim, rel=1e-10)


def test_flow_solves_the_probability_flow_equation():
    """Eq. 6 in its VE form dy/dt = ½ (Σ + tI)^-1 y, integrated from t to 0 [T1.1d]."""
    level = 0.5
    channel = scheme("diffc-f", SOURCE).at(noise_level=level).channel
    y = np.random.default_rng(3).standard_normal(DIM)

    def velocity(t, y):
        return 0.5 * np.linalg.solve(COVARIANCE + t * np.eye(DIM), y)

    end = solve_ivp(velocity, (level, 0.0), y, rtol=1e-11, atol=1e-12, method="DOP853").y[:, -1]
    z = channel.gains * (SOURCE.eigenvectors.T @ y)  # VP: Z = sqrt(1 - σ²) Y [T0.1]
    np.testing.assert_allclose(channel.flow(z), MEAN + end, rtol=1e-8)


def test_isotropic_noise_is_variance_preserving():
    """Eq. 1: gains sqrt(1 - σ²) and noise σ², the same in all components, t = σ²/(1 - σ²)."""
    channel = scheme("diffc-a", SOURCE).at(noise_level=0.25).channel
    np.testing.assert_allclose(channel.noise_variances, 0.2, rtol=1e-14)
    np.testing.assert_allclose(channel.gains**2, 0.8, rtol=1e-14)


@pytest.mark.parametrize("name", ["diffc-f-pink", "diffc-a-star", "diffc-f-star"])
def test_other_noises_leave_the_marginal_of_x(name):
    """Eq. 13, 15: Z ~ X, and ρ is the gain."""
    channel = scheme(name, SOURCE).at(bits_per_dim=0.3).channel
    np.testing.assert_allclose(channel.output_variances, SOURCE.eigenvalues, rtol=1e-14)
    np.testing.assert_allclose(channel.gains, channel.correlation, rtol=1e-13)


def test_time_changed_variances():
    """T1.11: t = θ/ρ for F*, θλ/(λ - θ) or infinite for A*; λ = 0 included."""
    eigenvalues = np.array([5.0, 2.0, 0.7, 0.1])
    f_star = scheme("diffc-f-star", eigenvalues).at(water_level=0.8)
    rho = np.array([0.9231949, 0.8198039, 0.58032254, 0.12310563])  # T1.9, 8 digits
    np.testing.assert_allclose(f_star.channel.correlation, rho, atol=5e-9)
    variances = f_star.scheme.noise_variances(f_star.leading_snr)
    np.testing.assert_allclose(variances, 0.8 / rho, rtol=5e-8)
    a_star = scheme("diffc-a-star", [*eigenvalues, 0.0]).at(water_level=0.5)
    expected = [5 / 9, 2 / 3, 1.75, np.inf, np.inf]
    np.testing.assert_allclose(
        a_star.scheme.noise_variances(a_star.leading_snr), expected, rtol=1e-14
    )


@pytest.mark.parametrize("name", list(SCHEMES))
def test_samples_have_the_distortion(name):
    """n draws of ‖X - X̂‖² are a sum of M weighted χ²; its mean must be D.

    Fixed key. E‖e‖⁴ of a Gaussian e is at most 3 D², so the mean of n draws has a standard
    deviation of at most D sqrt(2/n); 6 of them: false-alarm probability below 1e-8 a scheme.
    """
    size = 100_000
    rng = np.random.default_rng(4)
    point = scheme(name, SOURCE).at(bits_per_dim=0.6)
    channel = point.channel
    x = SOURCE.sample(rng, size)
    z = channel.send(x, rng)
    reconstruct = {
        "flow": channel.flow,
        "ancestral": lambda z: channel.posterior_sample(z, rng),
        "mmse": channel.posterior_mean,
    }
    x_hat = reconstruct[point.scheme.reconstruction.name](z)
    error = np.mean(np.sum((x - x_hat) ** 2, axis=1)) / DIM
    assert abs(error / point.distortion_per_dim - 1) < 6 * np.sqrt(2 / size)


@pytest.mark.parametrize("name", ["diffc-a", "diffc-f", "diffc-a-star", "diffc-f-star"])
def test_samples_are_realistic(name):
    """Σ of squared Mahalanobis norms of n reconstructions is χ² with nM degrees of freedom.

    Fixed key; both tails together have probability 2e-9 a scheme.
    """
    size = 20_000
    rng = np.random.default_rng(5)
    point = scheme(name, SOURCE).at(bits_per_dim=0.6)
    channel = point.channel
    z = channel.send(SOURCE.sample(rng, size), rng)
    x_hat = channel.flow(z) if "-f" in name else channel.posterior_sample(z, rng)
    norms = np.sum((x_hat - MEAN) * np.linalg.solve(COVARIANCE, (x_hat - MEAN).T).T)
    assert chi2.ppf(1e-9, size * DIM) < norms < chi2.isf(1e-9, size * DIM)


def test_a_constant_component_passes_through_every_channel():
    source = GaussianVector([2.0, 0.0], mean=[0.0, 7.0])
    for name in SCHEMES:
        channel = scheme(name, source).at(bits_per_dim=1.0).channel
        z = channel.send(np.array([[1.0, 7.0]]), np.random.default_rng(6))
        for x_hat in (channel.flow(z), channel.posterior_mean(z)):
            assert x_hat[0, 1] == 7.0
        assert channel.correlation[1] == 0


def test_a_channel_of_ones_own():
    channel = GaussianChannel(GaussianVector([3.0]), gains=[0.5], noise_variances=[0.25])
    assert channel.information_nats == pytest.approx(np.log(2), rel=1e-15)
    assert channel.posterior_variances[0] == pytest.approx(0.75, rel=1e-15)
