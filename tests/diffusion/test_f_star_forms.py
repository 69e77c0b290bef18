"""The forms of F* [T1.9a-f] against each other, and why the library's are the stable ones [T9]."""

import numpy as np
import pytest
from mpmath import log, mp, mpf, sqrt
from scipy.linalg import sqrtm

from rdtheory import GaussianVector, scheme

LEVEL = 0.8
SPECTRUM = [5.0, 2.0, 0.7, 0.1]


def rho_of(spectrum, level):
    return scheme("diffc-f-star", spectrum).at(water_level=level).channel.correlation


@pytest.mark.parametrize("ratio", [1e-12, 1e-3, 1.0, 1e3, 1e12])
def test_both_forms_of_the_correlation(ratio):
    """[T1.9a], [T1.9b], [T1.9d]: with 100 digits; Eq. 15's level is half of θ [T9.2]."""
    with mp.workdps(100):
        variance, level = mpf(1), mpf(ratio)
        root = sqrt(level**2 + 4 * variance**2)
        stable, plain = 2 * variance / (level + root), (root - level) / (2 * variance)
        source = (sqrt(variance**2 + (level / 2) ** 2) - level / 2) / variance
        remaining = (level * root - level**2) / (2 * variance**2)
        for other in (plain, source):
            assert abs(other - stable) < mpf(10) ** -40 * stable
        assert abs(remaining - (1 - stable**2)) < mpf(10) ** -40
        rho, rate = float(stable), float(-log(remaining) / 2 / log(2))
    assert rho_of([1.0], ratio)[0] == pytest.approx(rho, rel=1e-13)
    found = scheme("diffc-f-star", [1.0]).at(water_level=ratio).bits_per_dim
    assert found == pytest.approx(rate, rel=1e-12)


def test_a_difference_of_correlations_would_cancel():
    """[T9.1], [T9.2]: at θ = 1e-17, 1 - ρ² in floats is 0, and the rate infinite."""
    point = scheme("diffc-f-star", [1.0]).at(water_level=1e-17)
    assert 1 - rho_of([1.0], 1e-17)[0] ** 2 == 0
    assert point.bits_per_dim == pytest.approx(-np.log2(1e-17) / 2, rel=1e-12)
    assert point.distortion_per_dim == pytest.approx(1e-17, rel=1e-12)


def objective(sigma, cross):
    """I + D/(2θ) of X, X̂ ~ N(0, Σ) with Cov(X, X̂) = C; infinite beyond the feasible set [T9.4].

    A joint covariance is one if all its eigenvalues are positive: an even number of negative ones
    leaves the determinant positive.
    """
    eigenvalues = np.linalg.eigvalsh(np.block([[sigma, cross], [cross.T, sigma]]))
    if eigenvalues[0] <= 0:
        return np.inf
    information = np.linalg.slogdet(sigma)[1] - np.log(eigenvalues).sum() / 2
    return information + np.trace(sigma - cross) / LEVEL


@pytest.fixture(scope="module")
def sigma():
    rotation = np.linalg.qr(np.random.default_rng(5).standard_normal((4, 4)))[0]
    return rotation * SPECTRUM @ rotation.T


def test_the_matrix_form_is_the_channel(sigma):
    """[T1.9e]: Cov(X, Z) = (Σ² + θ²/4)^½ - θ/2."""
    half = LEVEL / 2 * np.eye(4)
    cross = np.real(sqrtm(sigma @ sigma + half @ half)) - half
    channel = scheme("diffc-f-star", GaussianVector.from_covariance(sigma))
    channel = channel.at(water_level=LEVEL).channel
    found = channel.source.covariance_of(channel.correlation * channel.source.eigenvalues)
    np.testing.assert_allclose(found, cross, atol=1e-12)


def test_no_other_cross_covariance_is_better(sigma):
    """[T1.9f], [T1.4b]: the gradient vanishes, and the problem is convex.

    Central differences over 1e-4 of a function of order 1 with rounding 1e-15: 1e-8, plus a third
    derivative times 1e-8.
    """
    half = LEVEL / 2 * np.eye(4)
    best = np.real(sqrtm(sigma @ sigma + half @ half)) - half
    here = objective(sigma, best)
    for row, column in np.ndindex(4, 4):
        step = np.zeros((4, 4))
        step[row, column] = 1e-4
        ahead, behind = objective(sigma, best + step), objective(sigma, best - step)
        assert abs(ahead - behind) / 2e-4 < 1e-5
        assert min(ahead, behind) > here - 1e-12
    rng = np.random.default_rng(6)
    for _ in range(200):
        other = best + rng.standard_normal((4, 4)) * 10 ** rng.uniform(-3, 0)
        assert objective(sigma, other) >= here


@pytest.mark.parametrize("directions", [1, 2])
def test_the_sign_of_a_determinant_does_not_keep_to_the_feasible_set(sigma, directions):
    """[T9.4]: outside, the logarithm alone looks better than the optimum, whatever the sign."""
    half = LEVEL / 2 * np.eye(4)
    best = np.real(sqrtm(sigma @ sigma + half @ half)) - half
    vectors = np.linalg.eigh(sigma)[1][:, :directions]
    outside = best + 40 * vectors @ vectors.T
    sign, value = np.linalg.slogdet(np.block([[sigma, outside], [outside.T, sigma]]))
    assert sign == (-1) ** directions
    careless = np.linalg.slogdet(sigma)[1] - value / 2 + np.trace(sigma - outside) / LEVEL
    assert careless < objective(sigma, best)
    assert objective(sigma, outside) == np.inf
