"""PFR, ORC and MRC: the sample's law, decoding, stated errors, and that broken copies are caught.

Every Kolmogorov-Smirnov or binomial test here raises a false alarm with probability at most 1e-9;
there are fewer than 200, and keys are fixed.
"""

import numpy as np
import pytest
from scipy import integrate, stats

from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    Circulant,
    DiagonalGaussian,
    Key,
    MinimalRandomCoding,
    OrderedRandomCoding,
    PoissonFunctional,
    TruncatedPoissonFunctional,
    poisson_functional,
    race,
)
from rdtheory.channel_simulation.gaussian_pair import standardise
from rdtheory.channel_simulation.random_streams import Purpose, RandomStreams
from rdtheory.errors import InputError

SAMPLES = 20_000
FALSE_ALARM = 1e-9


def targets(dim, shift, variances=1.0, samples=SAMPLES, seed=0):
    """Means of length `shift` in random directions."""
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal((samples, dim))
    mean = shift * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    return DiagonalGaussian(mean, variances)


def noise(code, target):
    """(Z - μ)/sqrt(v): standard normal, independent of μ, if the code is exact."""
    return (code.sample - target.mean) / np.sqrt(target.variances)


def worst_pvalue(code, target):
    """The least p-value of: each component, the component along μ, the squared norm; and their
    independence of the direction of μ (rank correlation with its first component)."""
    values = noise(code, target)
    along = (values * target.mean).sum(-1) / np.linalg.norm(target.mean, axis=-1)
    pvalues = [stats.kstest(values[:, i], "norm").pvalue for i in range(values.shape[1])]
    pvalues.append(stats.kstest(along, "norm").pvalue)
    squares = (values**2).sum(-1)
    pvalues.append(stats.kstest(squares, stats.chi2(values.shape[1]).cdf).pvalue)
    if target.dim > 1:
        pvalues.append(stats.spearmanr(values[:, 0], target.mean[:, 0]).pvalue)
    return min(pvalues)


EXACT = {
    "exact": PoissonFunctional(),
    "certified": PoissonFunctional(epsilon=1e-4),
}


@pytest.mark.parametrize(
    ("name", "dim", "shift", "variance"),
    [
        ("exact", 1, 0.5, 0.5),
        ("exact", 1, 2.0, 0.09),
        ("exact", 2, 1.0, 0.5),
        ("exact", 8, 0.7, 0.7),
        ("certified", 1, 1.0, 1.0),
        ("certified", 2, 1.5, 1.0),
        ("certified", 8, 1.0, 1.0),
    ],
)
def test_the_sample_has_the_target_law(name, dim, shift, variance):
    """ε = 1e-4 moves a distribution function of 20,000 samples by 1 % of its standard error."""
    target = targets(dim, shift, variance)
    coder = EXACT[name]
    code = coder.encode(target, STANDARD_NORMAL, Key(3))
    assert worst_pvalue(code, target) > FALSE_ALARM
    again = coder.decode(code.received(), STANDARD_NORMAL, Key(3))
    np.testing.assert_array_equal(again, code.sample)
    assert (code.index <= code.candidates).all()
    assert (code.error <= 1e-4).all()


@pytest.mark.parametrize("coder", [PoissonFunctional(), TruncatedPoissonFunctional(2**9)])
def test_variances_may_differ_between_components(coder):
    rng = np.random.default_rng(1)
    variances = np.array([0.3, 0.7, 0.95])
    target = DiagonalGaussian(rng.normal(size=(SAMPLES, 3)) * [0.8, 0.5, 0.2], variances)
    code = coder.encode(target, STANDARD_NORMAL, Key(4))
    values = noise(code, target)
    for i in range(3):
        assert stats.kstest(values[:, i], "norm").pvalue > FALSE_ALARM


def test_any_prior():
    """Mean and variance of the prior are taken out and put back."""
    prior = DiagonalGaussian([2.0, -1.0], [4.0, 0.25])
    rng = np.random.default_rng(2)
    mean = prior.mean + rng.normal(size=(SAMPLES, 2)) * np.sqrt(prior.variances) * 0.7
    target = DiagonalGaussian(mean, np.array([2.0, 0.1]))
    code = PoissonFunctional().encode(target, prior, Key(5))
    assert worst_pvalue(code, target) > FALSE_ALARM
    again = PoissonFunctional().decode(code.received(), prior, Key(5))
    np.testing.assert_array_equal(again, code.sample)


@pytest.mark.parametrize(("epsilon", "variance"), [(0.0, 0.5), (1e-4, 1.0)])
def test_one_stream_for_candidates_and_times_is_caught(epsilon, variance, monkeypatch):
    """The flaw of a known library: candidate and arrival time made from the same words."""

    class Shared(RandomStreams):
        def __init__(self, key, purpose):
            super().__init__(key, Purpose.CANDIDATES)

    monkeypatch.setattr(poisson_functional, "RandomStreams", Shared)
    target = targets(1, 1.2, variance)
    code = PoissonFunctional(epsilon).encode(target, STANDARD_NORMAL, Key(3))
    assert worst_pvalue(code, target) < 1e-30


def test_silent_truncation_is_caught_and_stated():
    """Two bits of padding for 7 bits: the test of the law fails, and the code says so itself."""
    target = targets(1, np.sqrt(2 * 7 * np.log(2)))
    code = TruncatedPoissonFunctional(2**9).encode(target, STANDARD_NORMAL, Key(3))
    assert worst_pvalue(code, target) < 1e-30
    along = noise(code, target) * np.sign(target.mean)
    assert along.mean() < -0.3
    distance = stats.kstest(along.ravel(), "norm").statistic
    assert distance < code.error.mean()
    assert code.error.mean() > 0.2


@pytest.mark.parametrize("count", [2, 2**3, 2**5])
def test_the_stated_error_of_truncation_is_how_often_it_matters(count):
    """Exact and truncated PFR share candidates and times: the index differs iff it is above N.

    Given the race, a target's stated error is the probability of that; Hoeffding's bound with
    20,000 targets: a deviation above 0.023 has probability 1e-9.
    """
    target = targets(2, 1.8, 0.3)
    exact = PoissonFunctional().encode(target, STANDARD_NORMAL, Key(6))
    cut = TruncatedPoissonFunctional(count).encode(target, STANDARD_NORMAL, Key(6))
    differs = exact.index != cut.index
    np.testing.assert_array_equal(differs, exact.index > count)
    assert abs(differs.mean() - cut.error.mean()) < 0.023
    assert differs.mean() > 0.003


def test_certified_search_errs_as_often_as_stated():
    """ε = 0.1 against the exact search: at most 1 - exp(-ε), and not much less [T3.12b].

    Hoeffding with 5,000 targets: a deviation above 0.0463 has probability 1e-9.
    """
    target = targets(1, 2.0, 0.3, samples=5_000)
    exact = PoissonFunctional().encode(target, STANDARD_NORMAL, Key(7))
    certified = PoissonFunctional(epsilon=0.1).encode(target, STANDARD_NORMAL, Key(7))
    differs = (exact.index != certified.index).mean()
    stated = 1 - np.exp(-0.1)
    assert certified.error.max() == pytest.approx(stated)
    assert 0.4 * stated < differs < stated + 0.0463
    assert certified.candidates.mean() < exact.candidates.mean()


@pytest.mark.parametrize("kind", [OrderedRandomCoding, MinimalRandomCoding])
def test_importance_sampling_with_two_candidates_has_the_law_of_the_integral(kind):
    """N = 2: density φ(z) E[2 r(z) / (r(z) + r(z'))], by quadrature."""
    mean = 1.2
    grid = np.linspace(-7.0, 7.0, 2001)
    log_r = mean * grid - mean**2 / 2
    weights = stats.norm.pdf(grid)
    ratio = 2 / (1 + np.exp(log_r[None, :] - log_r[:, None]))
    density = weights * integrate.simpson(ratio * weights, x=grid, axis=1)
    mass = integrate.cumulative_simpson(density, x=grid, initial=0.0)
    assert mass[-1] == pytest.approx(1.0, abs=1e-9)
    target = DiagonalGaussian(np.full((SAMPLES, 1), mean))
    code = kind(2).encode(target, STANDARD_NORMAL, Key(8))
    found = stats.kstest(code.sample.ravel(), lambda z: np.interp(z, grid, mass))
    assert found.pvalue > FALSE_ALARM


@pytest.mark.parametrize("kind", [OrderedRandomCoding, MinimalRandomCoding])
@pytest.mark.parametrize("dim", [1, 8])
def test_importance_sampling_stays_within_its_stated_error(kind, dim):
    target = targets(dim, 1.5)
    for count in (2**2, 2**5, 2**9):
        code = kind(count).encode(target, STANDARD_NORMAL, Key(9))
        values = noise(code, target)
        along = (values * target.mean).sum(-1) / np.linalg.norm(target.mean, axis=-1)
        # Dvoretzky, Kiefer and Wolfowitz: 20,000 samples stray by more than .0232 once in 1e9.
        assert stats.kstest(along, "norm").statistic < code.error.mean() + 0.0232
        again = kind(count).decode(code.received(), STANDARD_NORMAL, Key(9))
        np.testing.assert_array_equal(again, code.sample)


def test_sorted_times_make_small_indices():
    target = targets(1, 1.5)
    ordered = OrderedRandomCoding(2**9).encode(target, STANDARD_NORMAL, Key(9))
    minimal = MinimalRandomCoding(2**9).encode(target, STANDARD_NORMAL, Key(9))
    assert np.log2(ordered.index).mean() < np.log2(minimal.index).mean() - 3
    assert ordered.ideal_bits.mean() < minimal.ideal_bits.mean() - 3


def test_times_of_ordered_coding_are_sorted_exponentials():
    """t_k N^-1 are the order statistics of N exponentials: the k-th has mean Σ 1/(N - i + 1)."""
    coder = OrderedRandomCoding(5)
    exponentials = np.random.default_rng(0).exponential(size=(SAMPLES, 5))
    times = coder.times(exponentials, 0, np.zeros((SAMPLES, 1)))
    halves = coder.times(exponentials[:, :2], 0, np.zeros((SAMPLES, 1)))
    rest = coder.times(exponentials[:, 2:], 2, halves[:, -1:])
    np.testing.assert_allclose(np.hstack([halves, rest]), times, rtol=1e-14)
    shuffled = np.random.default_rng(1).permuted(times / 5, axis=1)[:, 0]
    assert stats.kstest(shuffled, "expon").pvalue > FALSE_ALARM


def test_pieces_do_not_change_the_winner(monkeypatch):
    """The race is run in pieces; whatever their size, the same candidate wins."""
    pair = standardise(targets(16, 2.0, samples=3), STANDARD_NORMAL)
    coder = OrderedRandomCoding(2**10)
    expected = coder.select(pair, Key(3)).index
    monkeypatch.setattr("rdtheory.channel_simulation.codebook._PIECE", 700)
    monkeypatch.setattr(race, "_BATCH", 1)
    np.testing.assert_array_equal(coder.select(pair, Key(3)).index, expected)


def test_nothing_to_send_costs_nothing():
    target = DiagonalGaussian(np.zeros((100, 3)))
    code = PoissonFunctional().encode(target, STANDARD_NORMAL, Key(0))
    assert (code.index == 1).all()
    assert (code.candidates == 1).all()
    assert (code.error == 0).all()


@pytest.mark.parametrize(
    ("coder", "target", "message"),
    [
        (PoissonFunctional(), DiagonalGaussian([1.0]), "about 2\\^inf candidates"),
        (PoissonFunctional(), DiagonalGaussian([9.0], 0.5), "needs about 2\\^117 candidates"),
        (PoissonFunctional(epsilon=0.01), DiagonalGaussian([9.0]), "use ordered random coding"),
    ],
)
def test_too_long_searches_are_refused_with_an_estimate(coder, target, message):
    with pytest.raises(InputError, match=message):
        coder.encode(target, STANDARD_NORMAL, Key(0))


@pytest.mark.parametrize(
    "coder", [OrderedRandomCoding(2**10), MinimalRandomCoding(2**10), TruncatedPoissonFunctional(8)]
)
def test_hopeless_targets_are_refused(coder):
    with pytest.raises(InputError, match=r"about 2\^289 candidates; allowed: at most .* bits"):
        coder.encode(DiagonalGaussian([20.0], 0.25), STANDARD_NORMAL, Key(0))


@pytest.mark.parametrize(
    ("target", "prior"),
    [((2,), (3, 2)), ((3, 2), (4, 3, 2)), ((3, 2), (4, 2)), ((3, 2), (3,)), ((3, 1), (2,))],
)
def test_a_prior_of_another_shape_is_refused(target, prior):
    coder = PoissonFunctional()
    targets = DiagonalGaussian(np.zeros(target), 0.5)
    with pytest.raises(InputError, match="prior: got shape"):
        coder.encode(targets, DiagonalGaussian(np.zeros(prior)), Key(0))
    code = coder.encode(targets, STANDARD_NORMAL, Key(0)).received()
    with pytest.raises(InputError, match="prior: got shape"):
        coder.decode(code, DiagonalGaussian(np.zeros(prior)), Key(0))


def test_a_ratio_beyond_floats_is_refused():
    with pytest.raises(InputError, match="target: got inf"):
        PoissonFunctional().encode(
            DiagonalGaussian([0.0], 1e300), DiagonalGaussian([0.0], 1e-300), Key(0)
        )


def test_the_wrong_key_is_refused():
    target = DiagonalGaussian([1.0], 0.5)
    coder = PoissonFunctional()
    code = coder.encode(target, STANDARD_NORMAL, Key(1)).received()
    for key in (Key(2), Key(1, 1), Key(1, 0, 1)):
        with pytest.raises(InputError, match="another key"):
            coder.decode(code, STANDARD_NORMAL, key)
    with pytest.raises(InputError, match="another key"):
        TruncatedPoissonFunctional(64).decode(code, STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize("bad", [0, -3, 2**62, 1.5])
def test_an_impossible_index_is_refused(bad):
    coder = PoissonFunctional()
    code = coder.encode(DiagonalGaussian([[1.0, 1.0]], 0.5), STANDARD_NORMAL, Key(1)).received()
    object.__setattr__(code, "index", np.array([bad]))
    with pytest.raises(InputError, match=r"code\.index"):
        coder.decode(code, STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: DiagonalGaussian([np.nan]),
        lambda: DiagonalGaussian([1.0], 0.0),
        lambda: DiagonalGaussian([1.0], [-1.0]),
        lambda: DiagonalGaussian([1.0, 2.0], [1.0, 2.0, 3.0]),
        lambda: OrderedRandomCoding(0),
        lambda: OrderedRandomCoding(2**31),
        lambda: PoissonFunctional(epsilon=-1.0),
        lambda: PoissonFunctional(epsilon=np.nan),
        lambda: PoissonFunctional().encode(
            DiagonalGaussian([1.0, 2.0, 3.0]), DiagonalGaussian([0.0, 0.0]), Key(0)
        ),
    ],
)
def test_bad_input_is_one_line(make):
    with pytest.raises(InputError) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_candidate_two_to_the_thirty_is_found_at_once():
    """Constant cost: beyond what could have been counted through in the time of a test."""
    for codebook in (None, Circulant()):
        coder = OrderedRandomCoding(2**30, codebook) if codebook else PoissonFunctional()
        sample = coder.sample(np.array([2**30]), 1024, Key(1))
        assert np.isfinite(sample).all()
