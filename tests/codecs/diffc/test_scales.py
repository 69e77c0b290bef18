"""Scales: bands of equal information, the cheapest exponent, and their code."""

from itertools import pairwise

import numpy as np
import pytest
from constriction import stream
from scipy.stats import multivariate_normal

from rdtheory.codecs.diffc import scales


def test_bands_share_the_information():
    rng = np.random.default_rng(0)
    ratios = rng.exponential(size=5000) ** 3
    parts = scales.bands(ratios, 1)
    assert sorted(np.concatenate(parts)) == list(range(5000))
    bits = [0.5 * np.log2(1 + ratios[part]).sum() for part in parts]
    assert len(parts) == scales.MOST_BANDS
    assert max(bits) - min(bits) <= np.log2(1 + ratios).max()
    edges = [(ratios[part].max(), ratios[part].min()) for part in parts]
    assert all(low >= high for (_, low), (high, _) in pairwise(edges))


@pytest.mark.parametrize("ratios", [np.zeros(6), np.full(3, 1e-30), np.ones(1)])
def test_little_information_is_one_band(ratios):
    (band,) = scales.bands(ratios, 1)
    assert band.size == ratios.size


def test_best_is_the_cheapest_of_all_by_the_divergence_itself():
    # KL(N(x, τ) ‖ N(x̂, g e + τ)) by SciPy's densities, on a case of each kind.
    rng = np.random.default_rng(3)
    for factor in (0.01, 0.3, 1.0, 40.0):
        e, tau = rng.exponential(size=30) + 0.1, rng.exponential(size=30) + 0.1
        x = np.sqrt(factor * e) * rng.normal(size=30)
        (found,) = scales.best((x / np.sqrt(tau))[None], e / tau, [np.arange(30)])

        def cost(k, x=x, e=e, tau=tau):
            prior = multivariate_normal(np.zeros(30), np.diag(2.0 ** (k / 2) * e + tau))
            # E_q ln q does not depend on k; E_q ln p = ln p(x) - Σ τ/(2 (g e + τ)).
            return -prior.logpdf(x) + 0.5 * np.sum(tau / (2.0 ** (k / 2) * e + tau))

        assert cost(found) == min(map(cost, range(-24, 25)))


def test_true_errors_are_found_again():
    # Twenty thousand components: the best exponent is the true one but for 1e-9.
    rng = np.random.default_rng(4)
    for k in (-10, 0, 7):
        ratios = rng.exponential(size=20000) + 0.5
        errors = 2.0 ** (k / 4) * np.sqrt(ratios) * rng.normal(size=(1, 20000))
        assert scales.best(errors, ratios, [np.arange(20000)]) == [k]


@pytest.mark.parametrize("exponents", [[0], [-24, 24, 0], [24] * 8, list(range(-4, 4))])
@pytest.mark.parametrize("expected", [-24, 0, 24])
def test_code_round_trips(exponents, expected):
    encoder = stream.queue.RangeEncoder()
    near = [expected] * len(exponents)
    scales.write(exponents, near, encoder)
    assert scales.read(near, encoder.get_decoder()) == exponents


def test_a_good_guess_is_cheap():
    encoder = stream.queue.RangeEncoder()
    exponents = [4, 5, 7, 2] * 250
    scales.write(exponents, [k - 3 for k in exponents], encoder)
    assert encoder.num_bits() < 1.7 * 1000  # log2 3 for a law that halves with each unit


def test_factors_are_powers_of_two():
    k = np.arange(-24, 25)
    np.testing.assert_allclose(scales.factors(k), 2.0 ** (k / 2), rtol=1e-15)
