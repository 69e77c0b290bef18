"""Searches among candidates: laws of samples and indices, decoding, cost, refusals.

Every test of a law has fixed keys and rejects at 1e-9: that is its false-alarm probability.
"""

from itertools import pairwise
from math import exp, log, log2, sqrt

import numpy as np
import pytest
from constriction import stream
from scipy import stats

from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    AStar,
    BranchAndBoundGreedyPoisson,
    DiagonalGaussian,
    GreedyPoisson,
    GreedyRejection,
    Hybrid,
    Key,
    a_star,
    branch_and_bound,
)
from rdtheory.channel_simulation.gaussian_pair import standardise
from rdtheory.channel_simulation.laws.greedy import GPRSIndexLaw, GRSIndexLaw
from rdtheory.channel_simulation.laws.pfr import PFRIndexLaw
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.channel_simulation.random_streams import Purpose, RandomStreams, exponentials_of
from rdtheory.channel_simulation.time_change import TimeChange
from rdtheory.container import StreamError
from rdtheory.errors import InputError
from rdtheory.units import NATS_PER_BIT

FALSE_ALARM = 1e-9
SAMPLES = 20_000

AS, AD, BRANCHING = AStar(), AStar("dyadic"), BranchAndBoundGreedyPoisson()
TREES = [AS, AD, BRANCHING]
GLOBAL = [GreedyRejection(), GreedyPoisson()]
EXACT = [*TREES, *GLOBAL]


def name(value):
    return repr(value) if isinstance(value, tuple(map(type, EXACT))) else None


def of_kl(bits):
    """q = N(sqrt(1 - ρ²), ρ²) with ρ = 2^-bits: its KL is `bits` exactly."""
    std = 2.0**-bits
    return sqrt(1 - std * std), std


def shifted(bits):
    """q = N(m, 1) of this KL."""
    return sqrt(2 * bits * NATS_PER_BIT), 1.0


def repeated(mean, std, count=SAMPLES):
    return DiagonalGaussian(np.tile(np.atleast_1d(mean), (count, 1)), std * std)


def encoded(algorithm, target, key, prior=STANDARD_NORMAL):
    """The code, after a look at whether the decoder makes of its index what the encoder did."""
    code = algorithm.encode(target, prior, key)
    assert np.array_equal(algorithm.decode(code.received(), prior, key), code.sample)
    return code


def residuals(code, target):
    return (code.sample - target.mean) / np.sqrt(target.variances)


def p_value(sample, law):
    return stats.kstest(sample, law.cdf).pvalue


SCALARS = [of_kl(0.5), of_kl(2), of_kl(4)]
SHIFTS = [shifted(0.5), shifted(2), shifted(4)]


@pytest.mark.parametrize(
    ("algorithm", "mean", "std"),
    [(algorithm, *target) for algorithm in EXACT for target in SCALARS]
    + [(BRANCHING, *target) for target in SHIFTS],
    ids=name,
)
def test_scalar_samples_are_of_q(algorithm, mean, std):
    target = repeated(mean, std)
    code = encoded(algorithm, target, Key(11))
    assert p_value(residuals(code, target)[:, 0], stats.norm) > FALSE_ALARM
    assert (code.error == 0).all()


@pytest.mark.parametrize("algorithm", GLOBAL, ids=name)
@pytest.mark.parametrize(("dim", "shift", "std"), [(2, 0.9, 0.8), (8, 0.4, 0.9), (8, 0.0, 0.85)])
def test_vector_samples_are_of_q(algorithm, dim, shift, std):
    target = repeated(np.full(dim, shift / sqrt(dim)), std)
    code = encoded(algorithm, target, Key(12))
    noise = residuals(code, target)
    along = noise.sum(axis=1) / sqrt(dim)
    assert p_value(along, stats.norm) > FALSE_ALARM
    across = (noise**2).sum(axis=1) - along**2
    assert p_value(across, stats.chi2(dim - 1)) > FALSE_ALARM


@pytest.mark.parametrize(
    ("algorithm", "mean", "std"),
    [
        (AS, 8.0, 0.1),
        (AS, -8.0, 0.1),
        (AD, 8.0, 0.1),
        (AD, -8.0, 1e-3),
        (AD, 0.3, 2.0**-40),
        (AS, 0.3, 2.0**-20),
        (BRANCHING, 8.0, 0.1),
        (BRANCHING, -8.0, 0.1),
        (BRANCHING, 0.3, 2.0**-20),
    ],
    ids=name,
)
def test_deep_tails_and_narrow_targets(algorithm, mean, std):
    """Up to 56 bits of KL: masses and positions keep their digits."""
    target = repeated(mean, std, 4000)
    code = encoded(algorithm, target, Key(13))
    assert p_value(residuals(code, target)[:, 0], stats.norm) > FALSE_ALARM


def test_targets_of_a_batch_differ():
    """Each has its own table and its own streams; and which others there are does not matter."""
    rng = np.random.default_rng(1)
    mean, std = rng.normal(size=(SAMPLES, 1)), rng.uniform(0.05, 0.9, (SAMPLES, 1))
    target = DiagonalGaussian(mean * np.sqrt(1 - std * std), std * std)
    some = DiagonalGaussian(target.mean[:50], target.variances[:50])
    for algorithm in TREES:
        code = encoded(algorithm, target, Key(14))
        assert p_value(residuals(code, target)[:, 0], stats.norm) > FALSE_ALARM
        assert np.array_equal(encoded(algorithm, some, Key(14)).index, code.index[:50])


def test_samples_in_units_of_the_prior():
    prior = DiagonalGaussian(3.0, 4.0)
    for algorithm in EXACT:
        target = DiagonalGaussian(np.full((2000, 1), 5.0), 1.0)
        code = encoded(algorithm, target, Key(15), prior)
        assert p_value(residuals(code, target)[:, 0], stats.norm) > FALSE_ALARM


# What shares a stream is caught by these tests.


class SharedStream(GreedyPoisson):
    """The mistake of a known library: arrival times from the words that make the candidates."""

    def acceptance(self, pair, change, key):
        streams, time = RandomStreams(key, Purpose.CANDIDATES), np.zeros(pair.count)

        def accepts(targets, first, log_ratio):
            waits = streams.exponentials_of_each(targets, first, log_ratio.shape[1])
            times = time[targets, None] + np.cumsum(waits, axis=1)
            time[targets] = times[:, -1]
            return times <= change.time(log_ratio, targets)

        return accepts


def test_shared_streams_fail_the_test_of_the_law():
    target = repeated(*of_kl(2))
    code = encoded(SharedStream(), target, Key(11))
    assert p_value(residuals(code, target)[:, 0], stats.norm) < FALSE_ALARM


@pytest.mark.parametrize("algorithm", TREES, ids=name)
def test_trees_of_shared_streams_fail_the_test_of_the_law(algorithm, monkeypatch):
    def waits(key, targets, heap):
        streams = RandomStreams(key, Purpose.CANDIDATES)
        children = [streams.uniforms_at(targets, 2 * heap + side)[:, 0] for side in (0, 1)]
        return exponentials_of(np.stack(children, axis=1))

    for module in (a_star, branch_and_bound):
        monkeypatch.setattr(module, "waits", waits)
    target = repeated(*of_kl(2))
    code = encoded(algorithm, target, Key(11))
    assert p_value(residuals(code, target)[:, 0], stats.norm) < FALSE_ALARM


# The index.


def chi_square_p(index, law):
    """1, ..., 16 one by one, then by octaves, as long as ten are expected."""
    edges = [*range(17), 32, 64, 128, 256, 512, 1024]
    inside = 1 - law.survival(edges)
    expected = np.append(np.diff(inside), 1 - inside[-1]) * len(index)
    observed = np.histogram(index, [*(edge + 0.5 for edge in edges), np.inf])[0]
    last = int(np.argmax(np.append(expected, 0.0) < 10))
    merge = lambda cells: np.append(cells[:last], cells[last:].sum())  # noqa: E731
    return stats.chisquare(merge(observed), merge(expected), sum_check=False).pvalue


@pytest.mark.parametrize(
    ("algorithm", "law"),
    [(GreedyRejection(), GRSIndexLaw), (GreedyPoisson(), GPRSIndexLaw)],
    ids=["GRS", "GPRS"],
)
@pytest.mark.parametrize(
    ("dim", "shift", "std"),
    [(1, *of_kl(0.5)), (1, *of_kl(2)), (1, *of_kl(4)), (2, 0.9, 0.8), (8, 0.4, 0.9)],
)
def test_index_law_of_greedy_rejection(algorithm, law, dim, shift, std):
    law = law(shift, std, dim)
    code = encoded(algorithm, repeated(np.full(dim, shift / sqrt(dim)), std), Key(16))
    assert np.array_equal(code.candidates, code.index)
    assert chi_square_p(code.index, law) > FALSE_ALARM
    # The mean is e^(D_∞) [T3.7a]; cut off at 48 times that, where the tail is too heavy to test.
    assert law.mean == pytest.approx(exp(LevelSets(shift, std, dim).log_sup), rel=1e-12)
    cut = int(48 * law.mean)
    below = law.survival(np.arange(cut))
    mean, square = below.sum(), (below * (2 * np.arange(cut) + 1)).sum()
    error = sqrt((square - mean * mean) / SAMPLES)
    # By Bernstein's inequality 9 standard errors have probability < 1e-9, as the cut-off is below
    # 30 standard deviations.
    assert cut < 30 * error * sqrt(SAMPLES)
    assert abs(np.minimum(code.index, cut).mean() - mean) < 9 * error


@pytest.mark.parametrize(
    ("algorithm", "law"),
    [(BRANCHING, GPRSIndexLaw), (AS, PFRIndexLaw), (AD, PFRIndexLaw)],
    ids=["branch and bound", "AS*", "AD*"],
)
def test_the_root_is_chosen_as_often_as_the_first_candidate(algorithm, law):
    """The first point of all is that of the root, however the tree is split."""
    for shift, std in (of_kl(0.5), of_kl(2)):
        first = float(law(shift, std).pmf(1))
        chosen = int((encoded(algorithm, repeated(shift, std), Key(17)).index == 1).sum())
        assert stats.binomtest(chosen, SAMPLES, first).pvalue > FALSE_ALARM


@pytest.mark.parametrize("algorithm", TREES, ids=name)
def test_steps_grow_linearly(algorithm):
    """[T3.7c]: at most 2 + 1.4 KL steps on average (2 ln 2 a bit for splits at points)."""
    for bits in (2, 4, 8, 12, 16, 20):
        code = encoded(algorithm, repeated(*of_kl(bits), count=1000), Key(18))
        assert code.candidates.mean() < 2 + 1.4 * bits


def test_steps_of_shifts_grow_linearly():
    """Branch and bound does not mind that sup r is infinite."""
    for bits in (1, 2, 4, 8):
        code = encoded(BRANCHING, repeated(*shifted(bits), count=1000), Key(18))
        assert code.candidates.mean() < 2 + 1.4 * bits


# Lengths.


@pytest.mark.parametrize("algorithm", [*EXACT, Hybrid(2, 32)], ids=repr)
def test_indices_travel(algorithm):
    target = repeated(*of_kl(3), count=3000)
    code = encoded(algorithm, target, Key(19))
    encoder = stream.queue.RangeEncoder()
    algorithm.write(code.index, code.information_bits, Key(19), encoder)
    back = algorithm.read(3000, 1, code.information_bits, Key(19), encoder.get_decoder())
    assert np.array_equal(back, code.index)
    # The coder's own cost: 64 bits at the end, and probabilities rounded to 24 bits.
    assert abs(code.actual_bits - code.ideal_bits.sum()) < 64 + 1e-3 * 3000


@pytest.mark.parametrize("algorithm", TREES, ids=name)
def test_nodes_cost_little_more_than_the_information(algorithm):
    for bits in (1, 2, 4, 6, 8):
        code = encoded(algorithm, repeated(*of_kl(bits), count=5000), Key(20))
        assert code.ideal_bits.mean() < bits + log2(bits + 1) + 1


@pytest.mark.parametrize("algorithm", TREES, ids=name)
def test_probabilities_of_nodes_sum_to_one(algorithm):
    """The paths to the nodes of a depth have probability 1 together, given the depth."""
    depth, frequencies = 6, algorithm.depth_frequencies(3.0)
    assert sum(frequencies) == 2**24
    nodes = [np.array([node]) for node in range(2**depth, 2 ** (depth + 1))]  # of one target
    total = sum(2.0 ** -algorithm.ideal_bits(node, 3.0, Key(21))[0] for node in nodes)
    assert total == pytest.approx(frequencies[depth] / 2**24, rel=1e-12)


@pytest.mark.parametrize("algorithm", [*TREES, Hybrid(3, 16)], ids=repr)
def test_foreign_bytes_give_indices_or_a_clean_error(algorithm):
    rng = np.random.default_rng(2)
    for _ in range(20):
        words = rng.integers(0, 2**32, 200, dtype=np.uint32)
        try:
            index = algorithm.read(100, 1, 3.0, Key(22), stream.queue.RangeDecoder(words))
        except StreamError:
            continue
        assert np.isfinite(algorithm.sample(index, 1, Key(22))).all()


# Hybrid coding.


@pytest.mark.parametrize("candidates", [4, 32, 256])
@pytest.mark.parametrize("bits", [0.5, 2, 4, 30])
def test_hybrid_keeps_within_its_stated_error(candidates, bits):
    """[T3.11]."""
    mean, std = of_kl(bits)
    one = DiagonalGaussian([mean], std * std)
    hybrid = Hybrid.fitting(one, STANDARD_NORMAL, candidates, tail=0.003)
    target = repeated(mean, std)
    code = encoded(hybrid, target, Key(23))
    distance = stats.kstest(residuals(code, target)[:, 0], stats.norm.cdf).statistic
    # Dvoretzky, Kiefer, Wolfowitz and Massart: the distance of an empirical law from its own.
    noise = sqrt(log(2 / FALSE_ALARM) / (2 * SAMPLES))
    assert distance < code.error[0] + noise
    assert code.error[0] < 0.003 + 2.6 / candidates


def test_hybrid_in_many_dimensions_of_unequal_variances():
    mean, std = np.array([0.5, -1.0, 0.2]), np.array([0.01, 0.02, 0.015])
    hybrid = Hybrid.fitting(DiagonalGaussian(mean, std * std), STANDARD_NORMAL, 512)
    target = repeated(mean, std, 5000)
    code = encoded(hybrid, target, Key(24))
    noise = sqrt(log(2 / FALSE_ALARM) / (2 * 5000))
    for component in residuals(code, target).T:
        distance = stats.kstest(component, stats.norm.cdf).statistic
        assert distance < code.error[0] + noise
    assert code.error[0] < 0.1
    assert (code.candidates == 512).all()


def test_hybrid_with_one_candidate_is_uniform_in_the_window():
    mean, std = of_kl(6)
    code = encoded(Hybrid(4, 1), repeated(mean, std), Key(25))
    u = stats.norm.cdf(code.sample[:, 0])
    assert p_value((u - u.min()) / (u.max() - u.min()), stats.uniform) > FALSE_ALARM
    assert np.ptp(u) < 1 / 16


def test_hybrid_windows_at_the_ends():
    """Far out a window is at an end of [0, 1]; no point is infinite."""
    for mean in (-9.0, 9.0, 30.0):
        code = encoded(Hybrid(44, 8), repeated(mean, 0.5, 100), Key(26))
        assert np.isfinite(code.sample).all()


def test_hybrid_is_exact_where_the_target_is_the_prior():
    code = encoded(Hybrid(0, 4), repeated(0.0, 1.0, 10), Key(27))
    assert (code.error == 0).all()
    assert encoded(Hybrid(0, 4), repeated(0.0, 2.0, 10), Key(27)).error.min() == 1


# Edges.


@pytest.mark.parametrize("algorithm", EXACT, ids=name)
def test_the_prior_itself_needs_one_candidate(algorithm):
    code = encoded(algorithm, repeated(0.0, 1.0, 2000), Key(28))
    assert (code.index == 1).all()
    assert (code.candidates == 1).all()
    assert code.ideal_bits.mean() < 1.2


@pytest.mark.parametrize(
    ("algorithm", "target", "words"),
    [
        (GreedyRejection(), repeated(1.0, 1.0, 2), "2^inf candidates"),
        (GreedyRejection(), repeated(*of_kl(20), 2), "BranchAndBoundGreedyPoisson"),
        (GreedyPoisson(100), repeated(*of_kl(8), 2), "at most most_candidates = 100"),
        (GreedyPoisson(), repeated([3.0, 4.0], 0.9, 2), "ordered random coding"),
        (GreedyPoisson(), DiagonalGaussian([[0.0, 0.0]], [0.5, 0.6]), "one variance"),
        (AS, repeated(1.0, 1.0, 2), "BranchAndBoundGreedyPoisson"),
        (AD, repeated(0.0, 1.1, 2), "PoissonFunctional"),
        (AS, repeated(0.3, 2.0**-50, 50), "deeper than 61 levels"),
        (AD, repeated([1.0, 1.0], 0.5, 2), "one component a target"),
        (BRANCHING, repeated([1.0, 1.0], 0.5, 2), "one component a target"),
        (BRANCHING, repeated(0.0, 1.01, 2), "times the prior's"),
        (BRANCHING, repeated(20.0, 1.0, 2), "KL = 289 bits"),
    ],
    ids=range(12),
)
def test_refusals_are_one_line(algorithm, target, words):
    with pytest.raises(InputError) as caught:
        algorithm.encode(target, STANDARD_NORMAL, Key(29))
    message = str(caught.value)
    assert words in message
    assert message.startswith("target: got")
    assert "\n" not in message


@pytest.mark.parametrize(
    "make",
    [
        lambda: AStar("random"),
        lambda: GreedyRejection(0),
        lambda: GreedyPoisson(1.5),
        lambda: Hybrid(45),
        lambda: Hybrid(-1),
        lambda: Hybrid(3, 0),
        lambda: Hybrid(3, 2**21),
        lambda: Hybrid.fitting(DiagonalGaussian([0.0], 0.1), STANDARD_NORMAL, tail=0.0),
    ],
)
def test_parameters_are_checked(make):
    with pytest.raises(InputError):
        make()


@pytest.mark.parametrize(
    ("algorithm", "index"),
    [
        (AS, [0]),
        (AD, [2**62]),
        (BRANCHING, [-3]),
        (GreedyPoisson(), [0]),
        (Hybrid(3, 16), [[17, 0]]),
        (Hybrid(3, 16), [[1, 8]]),
        (Hybrid(3, 16), [[1, -1]]),
    ],
)
def test_decoders_refuse_foreign_indices(algorithm, index):
    with pytest.raises(InputError, match=r"code\.index"):
        algorithm.sample(np.array(index), 1, Key(30))


# The time change.

TABLES = [
    (1.0, 0.5, 1),
    (0.0, 0.2, 1),
    (2.0, 1.0, 1),
    (6.0, 1.0, 1),
    (0.05, 1.0, 1),
    (3.0, 0.999, 1),
    (4.0, 0.01, 1),
    (1.0, 0.5, 2),
    (0.5, 0.8, 8),
    (1.0, 0.99, 64),
]


@pytest.mark.parametrize(("shift", "std", "dim"), TABLES)
def test_time_change_against_direct_quadrature(shift, std, dim):
    """g by closed form or contour; σ by Gauss and Legendre in ln h, 20 nodes a cell."""
    sets = LevelSets(shift, std, dim)
    change = TimeChange(np.array([shift]), np.array([std]), dim)
    top = min(float(sets.log_sup), shift * shift / 2 - dim * log(std) + 4 * shift * std)
    levels = np.concatenate([np.linspace(-18, top - 2, 12), top - 2.0 ** -np.arange(9)])
    nodes, weights = np.polynomial.legendre.leggauss(20)
    cells = [np.linspace(low, high, 17) for low, high in pairwise(levels)]
    start, half = np.array([c[:-1] for c in cells]), np.array([np.diff(c) / 2 for c in cells])
    k = (start + half)[..., None] + half[..., None] * nodes
    rates = np.exp(k - np.maximum(sets.log_excess(k), -100.0))
    pieces = (rates @ weights * half).sum(axis=1)
    times = np.cumsum(np.append(np.exp(levels[0]), pieces))
    zero, excess = np.zeros(levels.size, np.int64), np.exp(sets.log_excess(levels))
    assert np.abs(change.excess(levels, zero) - excess).max() < 1e-12
    # How much an error counts: the probability to come so far, and to be accepted at all so soon.
    weight = excess * np.minimum(times, 1.0)
    found = np.minimum(change.time(levels, zero), 1e300)
    assert (np.abs(found / times - 1) * weight).max() < 1e-10


def test_time_change_where_targets_are_almost_the_prior():
    shift = np.array([0.0, 0.0, 1e-300, 1e-12, 1e-6, 0.0])
    std = np.array([1.0, 1 - 1e-16, 1.0, 1.0, 1.0, 1 - 1e-9])
    change = TimeChange(shift, std, 1)
    levels = np.tile(np.linspace(-30, 1, 50), (6, 1))
    time, excess = (of(levels, np.arange(6)) for of in (change.time, change.excess))
    assert not np.isnan(time).any()
    assert (time[:, -1] == np.inf).all()
    # Where r is hardly ever below h.
    assert np.allclose(excess[1:, :40], -np.expm1(levels[1:, :40]), atol=1e-9)


def test_stated_information_is_that_of_the_pair():
    target = repeated(*of_kl(2), 3)
    code = encoded(BRANCHING, target, Key(31))
    pair = standardise(target, STANDARD_NORMAL)
    assert code.information_bits == pytest.approx(pair.kl_nats[0] / NATS_PER_BIT)
