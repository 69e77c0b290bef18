"""Codebooks: independent candidates are those of the stream, circulant ones are as good.

Every two-sample test here raises a false alarm with probability at most 1e-9; keys are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from rdtheory.channel_simulation import Circulant, Independent, Key, OrderedRandomCoding
from rdtheory.channel_simulation import codebook as module
from rdtheory.channel_simulation.codebook import candidates, candidates_at
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Purpose, RandomStreams

FALSE_ALARM = 1e-9


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 64])
def test_a_candidate_is_its_own_stretch_of_the_stream(dim):
    stream = RandomStreams(Key(7), Purpose.CANDIDATES)
    found = candidates(Key(7), np.array([4, 9]), np.array([3, 1000]), 5, dim)
    np.testing.assert_array_equal(found[0].ravel(), stream.normals(4, 3 * dim, 5 * dim))
    np.testing.assert_array_equal(found[1].ravel(), stream.normals(9, 1000 * dim, 5 * dim))
    one = candidates_at(Key(7), np.array([9]), np.array([1003]), dim)
    np.testing.assert_array_equal(one[0], found[1, 2])


@pytest.mark.parametrize("dim", [1, 2, 5, 16, 100])
@pytest.mark.parametrize("shape", ["shift", "isotropic", "diagonal"])
def test_scores_by_fft_are_those_of_the_candidates(dim, shape):
    rng = np.random.default_rng(dim)
    mean = rng.normal(size=(2, dim))
    variances = {
        "shift": np.ones((2, 1)),
        "isotropic": np.full((2, 1), 0.4),
        "diagonal": rng.uniform(0.2, 1.0, (2, dim)),
    }[shape]
    pair, count = StandardPair(mean, variances), 3 * dim + 1
    book = Circulant()
    (scores,) = book.log_ratios(pair, Key(7), np.array([0, 1]), count)
    for target in (0, 1):
        z = book.at(Key(7), np.full(count, target), np.arange(1, count + 1), dim)
        direct = StandardPair(mean[target : target + 1], variances[target : target + 1])
        np.testing.assert_allclose(scores[target], direct.log_ratio(z[None])[0], atol=1e-11)


@pytest.mark.parametrize("dim", [3, 64])
def test_each_circulant_candidate_is_standard_normal(dim):
    """Kolmogorov-Smirnov on components, squared norm and two directions, over 10,000 targets."""
    count = 10_000
    z = Circulant().at(Key(1), np.arange(count), np.full(count, dim // 2 + 1), dim)
    for component in (0, dim - 1):
        assert stats.kstest(z[:, component], "norm").pvalue > FALSE_ALARM
    squares = (z**2).sum(axis=1)
    assert stats.kstest(squares, stats.chi2(dim).cdf).pvalue > FALSE_ALARM
    assert stats.kstest(z.sum(axis=1) / dim**0.5, "norm").pvalue > FALSE_ALARM


def sent(codebook, dim, count, targets, bits):
    """Projection on μ, squared norm orthogonal to it, and log index of ORC's samples."""
    mean = np.zeros((targets, dim))
    mean[:] = np.sqrt(2 * bits * np.log(2) / dim) * np.where(np.arange(dim) % 3, 1.0, -1.0)
    pair = StandardPair(mean, np.ones((targets, 1)))
    coder = OrderedRandomCoding(count, codebook)
    index = coder.select(pair, Key(2)).index
    z = coder.sample(index, dim, Key(2))
    direction = mean[0] / np.linalg.norm(mean[0])
    along = z @ direction
    return along, (z**2).sum(axis=1) - along**2, np.log(index)


def test_what_is_sent_is_the_same_with_either_codebook():
    """Two-sample Kolmogorov-Smirnov on projection, orthogonal square and index."""
    independent = sent(Independent(), 16, 2**6, 20_000, 4.0)
    circulant = sent(Circulant(), 16, 2**6, 20_000, 4.0)
    for one, other in zip(independent, circulant, strict=True):
        assert stats.ks_2samp(one, other).pvalue > FALSE_ALARM


def test_the_independent_lengths_are_needed(monkeypatch):
    """One length for all candidates of a block: the orthogonal square is no chi-square any more."""
    monkeypatch.setattr(
        module, "_radii", lambda key, target, first, count, dim: np.full(count, dim**0.5)
    )
    _, orthogonal, _ = sent(Circulant(), 32, 2**9, 2_000, 6.0)
    assert stats.kstest(orthogonal, stats.chi2(31).cdf).pvalue < 1e-30
