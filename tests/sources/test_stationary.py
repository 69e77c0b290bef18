"""Stationary processes: the AR(1) by its tridiagonal inverse, Szegő's limit, spectral densities."""

from math import log, sqrt

import numpy as np
import pytest
from mpmath import mp

from rdtheory import scheme
from rdtheory.sources import StationaryProcess, ar1


@pytest.mark.parametrize("rho", [0.9, -0.5, 0.0, 0.999])
@pytest.mark.parametrize("dim", [1, 2, 3, 64])
def test_ar1_inverse_is_tridiagonal(rho, dim):
    """(1 - ρ²) Σ⁻¹ has 1, 1 + ρ², .., 1 + ρ², 1 on the diagonal and -ρ beside it."""
    source = ar1(rho).vector(dim)
    inverse = np.diag([1.0, *[1 + rho**2] * (dim - 2), 1.0][:dim]) / (1 - rho**2)
    if dim == 1:
        inverse = np.eye(1)
    beside = np.full(dim - 1, -rho / (1 - rho**2))
    inverse += np.diag(beside, 1) + np.diag(beside, -1)
    np.testing.assert_allclose(source.covariance @ inverse, np.eye(dim), rtol=0, atol=1e-10)
    expected = 1 / np.linalg.eigvalsh(inverse)  # increasing, so these are decreasing
    # Both eigendecompositions are good to M 2^-52 of the largest eigenvalue of their matrix.
    np.testing.assert_allclose(source.eigenvalues, expected, rtol=1e-10)


@pytest.mark.parametrize(("rho", "dim"), [(0.9, 6), (-0.3, 5), (0.99, 4)])
def test_ar1_eigenvalues_with_fifty_digits(rho, dim):
    with mp.workdps(50):
        matrix = mp.matrix(dim, dim)
        for i in range(dim):
            for j in range(dim):
                matrix[i, j] = mp.mpf(rho) ** abs(i - j)
        exact = sorted(
            (float(value) for value in mp.eigsy(matrix, eigvals_only=True)), reverse=True
        )
    source = ar1(rho).vector(dim)
    # M 2^-52 of the largest, of which eigh and the rounding of ρ^k take a share each.
    np.testing.assert_allclose(
        source.eigenvalues, exact, rtol=0, atol=2 * dim * 2.0**-52 * exact[0]
    )
    assert source.total_variance == pytest.approx(dim, rel=1e-14)


def closed_form(a, innovation, t):
    """[T6.1b]: nats and D_A per dimension of an AR(1), isotropic noise of variance t."""
    first, second = innovation + t * (1 + a * a), 2 * a * t
    q = sqrt(first**2 - second**2)
    return log((first + q) / (2 * t)) / 2, 2 * t * innovation / q


def test_closed_form_has_the_known_values():
    """[T6.1b], as printed: 11 digits."""
    rate, distortion = closed_form(0.9, 0.19, 0.3)
    assert rate == pytest.approx(0.35837905673, abs=1e-11)
    assert distortion == pytest.approx(0.22999161084, abs=1e-11)


def test_rate_and_distortion_tend_to_the_closed_form():
    """The error is c/M [T6.1a]: M times it settles, and no larger than the known 0.4469848."""
    rate, distortion = closed_form(0.9, 0.19, 0.3)
    scaled = []
    for dim in (64, 128, 256):
        point = scheme("diffc-a", ar1(0.9).vector(dim)).at(noise_level=0.3)
        scaled.append(
            [
                dim * (point.bits_per_dim * log(2) - rate),
                dim * (point.distortion_per_dim - distortion),
            ]
        )
    assert np.abs(scaled).max() <= 0.4469849
    # c/M and, for this Markov process, nothing but what falls exponentially with M besides.
    np.testing.assert_allclose(scaled[1:], scaled[:-1], rtol=0, atol=1e-8)


def test_largest_error_of_szego():
    """[T6.1a]: M times the largest error of F*, A* and isotropic A, F is 0.4469848."""
    frequencies = np.pi * (np.arange(2**18) + 0.5) / 2**18
    density = 0.19 / (1 - 1.8 * np.cos(frequencies) + 0.81)
    dim = 256
    source, errors = ar1(0.9).vector(dim), []
    for name, level in (
        ("diffc-f-star", "water_level"),
        ("diffc-a-star", "water_level"),
        ("diffc-a", "noise_level"),
        ("diffc-f", "noise_level"),
    ):
        if name == "diffc-f-star":
            rho = 2 * density / (0.3 + np.sqrt(0.09 + 4 * density**2))
        elif name == "diffc-a-star":
            rho = np.sqrt(np.maximum(1 - 0.3 / density, 0))
        else:
            rho = np.sqrt(density / (density + 0.3))
        loss = rho**2 if "-a" in name else rho
        point = scheme(name, source).at(**{level: 0.3})
        rate, distortion = -np.mean(np.log1p(-(rho**2))) / 2, np.mean(2 * density * (1 - loss))
        errors += [point.bits_per_dim * log(2) - rate, point.distortion_per_dim - distortion]
    assert dim * np.abs(errors).max() == pytest.approx(0.4469848, abs=2e-5)


# Spectral densities.


@pytest.mark.parametrize("rho", [0.9, -0.6, 0.0])
def test_density_of_the_ar1(rho):
    process = StationaryProcess.from_spectral_density(
        lambda w: (1 - rho**2) / (1 - 2 * rho * np.cos(w) + rho**2)
    )
    lags = np.arange(200)
    np.testing.assert_allclose(process.autocovariance(lags), rho**lags, rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        process.vector(32).eigenvalues, ar1(rho).vector(32).eigenvalues, rtol=1e-11
    )


@pytest.mark.parametrize("points", [8, 64, 2**14])
def test_density_of_the_ma1(points):
    """X_n = W_n + b W_{n-1}: r_0 = 1 + b², r_1 = b, and λ_k = 1 + b² + 2b cos(kπ/(M+1))."""
    b = 0.7
    process = StationaryProcess.from_spectral_density(
        lambda w: 1 + b**2 + 2 * b * np.cos(w), points
    )
    lags = points // 4
    expected = np.zeros(lags)
    expected[:2] = 1 + b**2, b
    np.testing.assert_allclose(process.autocovariance(np.arange(lags)), expected, atol=1e-15)
    dim = min(lags, 20)
    exact = 1 + b**2 + 2 * b * np.cos(np.arange(1, dim + 1) * np.pi / (dim + 1))
    np.testing.assert_allclose(process.vector(dim).eigenvalues, exact, rtol=1e-12)


def test_white_noise():
    process = StationaryProcess.from_spectral_density(np.ones_like, points=4)
    np.testing.assert_array_equal(process.autocovariance(np.arange(1)), [1.0])
    np.testing.assert_array_equal(ar1(0.0).vector(3).eigenvalues, [1.0, 1.0, 1.0])


def test_a_process_by_its_autocovariances():
    process = StationaryProcess(lambda lag: np.where(lag == 0, 2, 0))
    np.testing.assert_array_equal(process.vector(3).covariance, 2 * np.eye(3))
