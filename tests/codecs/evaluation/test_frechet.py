"""The Fréchet distance against matrix roots by other means, and closed forms."""

import mpmath
import numpy as np
import pytest
from scipy.linalg import sqrtm

from rdtheory.codecs.evaluation.frechet import frechet_distance


def with_covariance(rng, mean, root, count):
    """Vectors whose sample mean and sample covariance are these exactly."""
    x = rng.normal(size=(count, len(mean)))
    x -= x.mean(axis=0)
    left, _, right = np.linalg.svd(x, full_matrices=False)
    return mean + np.sqrt(count - 1) * left @ right @ root.T


@pytest.mark.parametrize("dim", [2, 7, 25])
def test_against_the_root_of_the_product(dim):
    rng = np.random.default_rng(dim)
    x = rng.normal(size=(300, dim)) @ rng.normal(size=(dim, dim)) + rng.normal(size=dim)
    y = rng.normal(size=(200, dim)) @ rng.normal(size=(dim, dim))
    a, b = np.cov(x.T), np.cov(y.T)
    shift = x.mean(axis=0) - y.mean(axis=0)
    expected = shift @ shift + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(expected, rel=1e-9)


def test_against_many_digits():
    rng = np.random.default_rng(5)
    roots = rng.normal(size=(2, 3, 3))
    x, y = (with_covariance(rng, np.zeros(3), root, 40) for root in roots)
    with mpmath.workdps(40):
        a, b = (mpmath.matrix(root) * mpmath.matrix(root).T for root in roots)
        values = mpmath.eig(a * b, left=False, right=False)
        common = sum(mpmath.sqrt(mpmath.re(value)) for value in values)
        expected = sum((a + b)[i, i] for i in range(3)) - 2 * common
    assert frechet_distance(x, y) == pytest.approx(float(expected), rel=1e-11)


def test_commuting_covariances():
    """With common axes it is the distance of means and of deviations."""
    rng = np.random.default_rng(7)
    axes = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    s, t = np.array([3.0, 1.0, 0.5, 0.0]), np.array([1.0, 1.0, 2.0, 0.25])
    x = with_covariance(rng, np.zeros(4), axes * s, 30)
    y = with_covariance(rng, np.array([1.0, 0.0, -2.0, 0.0]), axes * t, 50)
    assert frechet_distance(x, y) == pytest.approx(5 + np.sum((s - t) ** 2), rel=1e-12)


def test_fewer_vectors_than_components():
    x = np.random.default_rng(8).normal(size=(3, 25))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(x, x + 2.0) == pytest.approx(100, rel=1e-7)
    assert frechet_distance(np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]])) == 3.0
