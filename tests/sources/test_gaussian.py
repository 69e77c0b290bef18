"""Gaussian vectors against independent oracles; the exact sums of `arrays` against fractions."""

from fractions import Fraction
from math import fsum, ulp

import numpy as np
import pytest
from scipy import stats

from rdtheory import GaussianVector
from rdtheory.arrays import exact_sum, prefix_sums
from rdtheory.sources import as_gaussian

SIZES = (0, 1, 2, 127, 128, 129, 16383, 16384, 16385)


def random_source(dim, seed=0):
    """Eigenvalues over 4 decades, a random rotation and a mean."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    return GaussianVector(10.0 ** rng.uniform(-2, 2, dim), rotation, rng.standard_normal(dim))


# Covariance and coordinates.


@pytest.mark.parametrize("dim", [1, 2, 7, 64])
def test_covariance_round_trip(dim):
    source = random_source(dim)
    again = GaussianVector.from_covariance(source.covariance, source.mean)
    largest = source.eigenvalues.max()
    np.testing.assert_allclose(
        again.eigenvalues, np.sort(source.eigenvalues)[::-1], rtol=0, atol=1e-12 * largest
    )
    np.testing.assert_allclose(again.covariance, source.covariance, rtol=0, atol=1e-12 * largest)
    np.testing.assert_array_equal(again.mean, source.mean)


def test_covariance_is_the_sum_over_eigenvectors():
    source = random_source(5)
    expected = np.zeros((5, 5))
    for value, vector in zip(source.eigenvalues, source.eigenvectors.T, strict=True):
        expected += value * np.outer(vector, vector)
    np.testing.assert_allclose(source.covariance, expected, rtol=1e-12, atol=1e-12)


def test_covariance_without_eigenvectors_is_diagonal():
    np.testing.assert_array_equal(GaussianVector([2.0, 0.5]).covariance, np.diag([2.0, 0.5]))


def test_eigenvalues_below_zero_by_rounding_count_as_zero():
    vector = np.array([[1.0], [2.0], [3.0]]) / 7
    source = GaussianVector.from_covariance(vector @ vector.T)
    np.testing.assert_allclose(source.eigenvalues, [14 / 49, 0, 0], rtol=0, atol=1e-16)
    assert np.all(source.eigenvalues >= 0)


def test_asymmetry_of_rounding_is_averaged():
    covariance = np.array([[2.0, 1.0 + 1e-11], [1.0 - 1e-11, 2.0]])
    np.testing.assert_allclose(
        GaussianVector.from_covariance(covariance).eigenvalues, [3.0, 1.0], rtol=1e-14
    )


@pytest.mark.parametrize("shape", [(7,), (1, 7), (3, 4, 7), (0, 7)])
def test_components_and_back(shape):
    source = random_source(7)
    x = np.random.default_rng(1).standard_normal(shape)
    components = source.to_components(x)
    assert components.shape == shape
    np.testing.assert_allclose(source.from_components(components), x, rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        source.to_components(source.from_components(x)), x, rtol=0, atol=1e-13
    )


def test_components_are_inner_products_with_the_eigenvectors():
    source = random_source(4)
    x = np.array([1.0, -2.0, 0.5, 3.0])
    expected = [
        sum(vector[j] * (x[j] - source.mean[j]) for j in range(4))
        for vector in source.eigenvectors.T
    ]
    np.testing.assert_allclose(source.to_components(x), expected, rtol=1e-13)


def test_the_eigenvectors_diagonalise():
    covariance = random_source(6).covariance
    source = GaussianVector.from_covariance(covariance)
    in_basis = source.eigenvectors.T @ covariance @ source.eigenvectors
    atol = 1e-12 * source.eigenvalues[0]
    np.testing.assert_allclose(in_basis, np.diag(source.eigenvalues), rtol=0, atol=atol)
    np.testing.assert_allclose(source.eigenvectors.T @ source.eigenvectors, np.eye(6), atol=1e-13)
    assert np.all(np.diff(source.eigenvalues) <= 0)


def test_as_gaussian():
    source = GaussianVector([2.0, 1.0])
    assert as_gaussian(source) is source
    np.testing.assert_array_equal(as_gaussian([2, 1]).eigenvalues, [2.0, 1.0])
    assert as_gaussian([[2.0, 1.0], [1.0, 2.0]]).eigenvalues == pytest.approx([3.0, 1.0])


def test_what_is_given_is_not_changed():
    eigenvalues = np.array([1.0, 3.0, 2.0])
    source = GaussianVector(eigenvalues)
    assert source.leading_eigenvalue == 3.0
    assert source.total_variance == 6.0
    np.testing.assert_array_equal(eigenvalues, [1.0, 3.0, 2.0])
    assert source.eigenvalues.tolist() == [1.0, 3.0, 2.0]


# Samples.

DRAWS = 200_000
FALSE_ALARM = 1e-9
"""Of each of the three tests for a fresh seed; the seed is fixed, so they pass or fail for good."""


@pytest.fixture(scope="module")
def whitened():
    """Draws in the eigenbasis over their standard deviation: independent N(0, 1)."""
    source = random_source(5)
    draws = source.sample(np.random.default_rng(2206_08889), DRAWS)
    assert draws.shape == (DRAWS, 5)
    # Not by the source's own `to_components`.
    return (draws - source.mean) @ source.eigenvectors / np.sqrt(source.eigenvalues)


def test_variances_of_samples(whitened):
    """The sum of n squares of N(0, 1) is chi-square with n degrees of freedom."""
    each = FALSE_ALARM / whitened.shape[1]
    low, high = stats.chi2(DRAWS).ppf([each / 2, 1 - each / 2])
    sums = np.sum(whitened**2, axis=0)
    assert np.all((low < sums) & (sums < high))


def test_means_of_samples(whitened):
    """The sum of n N(0, 1) is N(0, n)."""
    each = FALSE_ALARM / whitened.shape[1]
    limit = stats.norm.isf(each / 2) * DRAWS**0.5
    assert np.all(np.abs(whitened.sum(axis=0)) < limit)


def test_components_of_samples_are_uncorrelated(whitened):
    """√n ρ̂ / sqrt(1 - ρ̂²) of n pairs around a known mean has Student's law, n - 1 degrees."""
    products = whitened.T @ whitened
    scale = np.sqrt(np.diag(products))
    correlations = (products / np.outer(scale, scale))[np.triu_indices(5, 1)]
    student = correlations * np.sqrt((DRAWS - 1) / (1 - correlations**2))
    assert np.all(np.abs(student) < stats.t(DRAWS - 1).isf(FALSE_ALARM / correlations.size / 2))


def test_the_same_seed_gives_the_same_draws():
    source = random_source(3)
    first, second = (source.sample(np.random.default_rng(5), 4) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_constant_components_have_constant_samples():
    source = GaussianVector([1.0, 0.0], mean=[0.0, 3.0])
    assert np.all(source.sample(np.random.default_rng(0), 10)[:, 1] == 3.0)


# Exact sums, differences and prefix sums.


def spectra(size):
    rng = np.random.default_rng(size)
    return [
        np.full(size, 0.1),
        10.0 ** rng.uniform(-12, 12, size),
        np.sort(10.0 ** rng.uniform(-3, 3, size)),
    ]


@pytest.mark.parametrize("size", SIZES[1:])
def test_exact_sum(size):
    for terms in spectra(size):
        total, rest = exact_sum(terms)
        assert total == fsum(terms)
        exact = sum(map(Fraction, terms.tolist()))
        assert abs(exact - Fraction(total) - Fraction(rest)) <= exact / 2**100


def test_exact_sum_of_nothing():
    assert exact_sum(np.empty(0)) == (0.0, 0.0)


def test_exact_sum_of_a_million():
    total, rest = exact_sum(np.full(1_000_000, 0.1))
    exact = 1_000_000 * Fraction(0.1)
    assert total == float(exact)
    assert abs(exact - Fraction(total) - Fraction(rest)) <= exact / 2**100


def test_exact_sum_takes_any_sign_and_order():
    terms = np.array([1.0, 1e100, 1.0, -1e100])
    assert exact_sum(terms) == (2.0, 0.0)


@pytest.mark.parametrize("size", [*SIZES, 1_000_000])
def test_prefix_sums(size):
    """Good to 500 · 2^-53, as promised: here three rows of 128 deep at most."""
    for terms in spectra(size)[: 1 if size > 20_000 else 3]:
        sums = prefix_sums(np, size, lambda piece, terms=terms: terms[piece])
        assert sums.shape == (size + 1,)
        assert sums[0] == 0.0
        exact = [Fraction(0)]
        for term in terms.tolist()[:20_000]:
            exact.append(exact[-1] + Fraction(term))
        if size > 20_000:  # equal terms
            exact = [Fraction(terms[0]) * k for k in range(0, size + 1, 997)]
            sums = sums[::997]
        for actual, right in zip(sums.tolist(), exact, strict=True):
            assert abs(Fraction(actual) - right) <= 500 * right / 2**53


def test_prefix_sums_ask_for_every_term_once():
    asked = []

    def terms(piece):
        asked.extend(range(piece.start, piece.stop))
        return np.ones(piece.stop - piece.start)

    sums = prefix_sums(np, 40_000, terms)
    assert asked == list(range(40_000))
    np.testing.assert_array_equal(sums, np.arange(40_001.0))


@pytest.mark.parametrize("size", SIZES[1:])
def test_total_variance_minus(size):
    """Tr Σ - count · share, to its last place, down to differences of 2^-52 of tr Σ."""
    for eigenvalues in spectra(size):
        source = GaussianVector(eigenvalues)
        total = sum(map(Fraction, eigenvalues.tolist()))
        mean = float(total / size)
        shares = mean * (1 - np.array([0.5, 1e-3, 1e-9, 1e-15, 2.0**-52, 2.0**-53, 0.0]))
        differences = source.total_variance_minus(shares, size)
        for share, actual in zip(shares.tolist(), differences.tolist(), strict=True):
            exact = total - size * Fraction(share)
            # Two roundings of half a unit in the last place; tr Σ itself is known to 2^-100.
            assert abs(Fraction(actual) - exact) <= Fraction(ulp(float(exact))) + total / 2**100


def test_total_variance_minus_a_number():
    source = GaussianVector([5.0, 2.0, 0.7, 0.1])
    exact = sum(map(Fraction, (5.0, 2.0, 0.7, 0.1))) - Fraction(7.8)
    assert source.total_variance_minus(np.float64(7.8)) == float(exact)
    assert source.total_variance_minus(np.float64(1.95), 4) == float(
        sum(map(Fraction, (5.0, 2.0, 0.7, 0.1))) - 4 * Fraction(1.95)
    )
