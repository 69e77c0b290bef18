"""The kernel distance against its double sum, and its expectation under equality."""

import numpy as np
import pytest

from rdtheory.codecs.evaluation.kernel_distance import embedding, kernel_distance


def kernel(first, second):
    """Of two pictures: the mean over their windows."""
    dim = first.shape[1]
    return np.mean([(x @ y / dim + 1) ** 3 for x in first for y in second])


def by_definition(first, second):
    """Gretton et al. 2012, Eq. 4."""
    count, total = len(first), 0.0
    for i in range(count):
        for j in range(count):
            if i != j:
                total += kernel(first[i], first[j]) + kernel(second[i], second[j])
                total -= kernel(first[i], second[j]) + kernel(first[j], second[i])
    return total / (count * (count - 1))


def embedded(pictures):
    return np.stack([embedding(one) for one in pictures])


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_against_the_double_sum(dim):
    rng = np.random.default_rng(dim)
    first, second = (
        [rng.normal(loc, 1, (rng.integers(1, 6), dim)) for _ in range(7)] for loc in (0.0, 0.7)
    )
    expected = by_definition(first, second)
    assert kernel_distance(embedded(first), embedded(second)) == pytest.approx(expected, rel=1e-10)


def test_the_embedding_is_that_of_the_kernel():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 2500, 25))  # more windows than are embedded together
    expected = np.mean((x @ y.T / 25 + 1) ** 3)
    assert embedding(x) @ embedding(y) == pytest.approx(expected, rel=1e-10)
    assert embedding(x).shape == (28 * 27 * 26 // 6,)


def test_no_bias_under_equality_however_pairs_depend():
    """800 draws of 5 pairs, y_i near x_i and of the same law; windows depend on each other.

    The mean is within 4.9 standard errors of 0 but for one seed in a million. With all pairs in the
    mixed sum, i = j as well, as for independent sets, it is far outside: the test sees the bias.
    """
    rng = np.random.default_rng(11)
    found, with_equal = [], []
    for _ in range(800):
        picture = rng.normal(size=(5, 1, 2))
        x, y = (
            0.9 * picture + 0.4 * (rng.normal(size=(5, 1, 2)) + rng.normal(size=(5, 3, 2)))
            for _ in range(2)
        )
        a, b = embedded(x), embedded(y)
        found.append(kernel_distance(a, b))
        off = [(np.sum(s.sum(axis=0) ** 2) - np.sum(s**2)) / 20 for s in (a, b)]
        with_equal.append(sum(off) - 2 * a.mean(axis=0) @ b.mean(axis=0))
    for values, most, least in ((found, 4.9, 0), (with_equal, np.inf, 10)):
        error = np.std(values) / np.sqrt(len(values))
        assert least <= abs(np.mean(values)) / error <= most


def test_other_laws_are_told_apart():
    rng = np.random.default_rng(12)
    x, y = rng.normal(size=(2, 200, 4, 3))
    near = abs(kernel_distance(embedded(x), embedded(y)))
    assert kernel_distance(embedded(x), embedded(1.5 * y)) > 5 * near
    assert kernel_distance(embedded(x), embedded(x)) == 0.0
