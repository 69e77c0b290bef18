"""Channel simulation against mpmath, independent quadratures and brute force [T3.3]-[T3.12].

Level sets are compared with 50-digit numbers, from a shift of 0.01 (7e-5 bits) to 37 (988 bits).
Tolerance: 1e-12 relative, and what the rounding of the given level itself does: a float64 number
ln h, and the sum κ - a L² that it is compared with, have errors of 2^-52 (|κ| + |ln h|), which
move the logarithm of a mass by as much times its derivative (near sup r, about d/(2 (κ - ln h))).

Laws of the index are compared with quadratures that are good to 1e-12 (PFR) and a few times 1e-10
(GRS, GPRS: an expansion of the tail), to 1e-9 relative.

Samples. A test has a false alarm with probability at most `ALARM` = 1e-9, exactly, not only for
many runs: the divergence of the frequencies of B bins from their probabilities obeys
P(n KL >= x) <= e^-x (e x/(B - 1))^(B - 1) for x > B - 1 (Agrawal 2020, arXiv 1904.02291), and the
distance of a distribution function P(sup > y) <= 2 e^(-2 n y²) (Massart 1990). There are fewer
than 100 such comparisons: the file has a false alarm with probability below 1e-7, once, for its
seeds are fixed.
"""

from functools import cache

import numpy as np
import pytest
import scipy.special
import scipy.stats
from mpmath import mp, mpf

from rdtheory.channel_simulation import laws
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.testing import channel_brute_force as brute
from rdtheory.testing import channel_oracles as exact
from rdtheory.testing.channel_greedy_oracles import TailedLaw, gprs_law, grs_law, level_table
from rdtheory.testing.channel_law_oracles import GeometricMixture, Geometry, channel_law, pfr_law
from rdtheory.testing.channel_oracles import Pair

ALARM = 1e-9
ACCURACY = 1e-12
LAW_ACCURACY = 1e-9

EQUAL = [Pair(m) for m in (0.01, 0.3, 1.5, 5.0, 12.0, 37.0)]
ONE = [Pair(m, s) for s in (0.999, 0.9, 0.5, 0.05, 1.2) for m in (0.01, 0.3, 1.5, 5.0, 12.0)]
MORE = [
    *(Pair(m, s, 2) for s in (0.9, 0.05) for m in (0.01, 1.5)),
    *(Pair(m, s, 8) for s in (0.5, 1.2) for m in (0.3, 1.5)),
    Pair(0.05, 0.999, 8),
    Pair(5.0, 0.5, 8),
    Pair(12.0, 0.5, 2),
    Pair(12.0, 0.05, 8),
    Pair(0.0, 0.5, 1),
    Pair(0.0, 0.5, 8),
    Pair(1.5, 1.0, 8),
]


def float_of(value) -> float:
    with mp.workdps(60):
        return float(value)


def relative(actual, expected) -> float:
    """The relative error of a float64 number."""
    with mp.workdps(60):
        return abs(float(mpf(float(actual)) / expected - 1))


# --------------------------------------------------------------------------------- level sets


def levels(pair: Pair) -> list[float]:
    """Ln r at 6, 2 and 0 standard deviations of q from its middle, as far as they exist."""
    away = np.array([-6.0, -2.0, 0.0, 2.0, 6.0])
    if pair.std == 1:
        return list(pair.shift * (pair.shift / 2 + away))
    shape = Geometry.of(pair)
    middle = np.hypot(pair.std**2 * shape.centre, pair.std * np.sqrt(pair.dim - 1))
    radius = middle + pair.std * away
    return list(shape.peak - shape.slope * radius[radius > 0.05 * pair.std] ** 2)


def log_and_slope(mass, log_level):
    """Ln of a mass of mpmath at a level, and the size of its derivative in ln h."""
    with mp.workdps(60):
        step = mpf(10) ** -12
        value, beside = mp.log(mass(log_level)), mp.log(mass(mpf(log_level) - step))
        return value, float(abs(value - beside) / step)


@pytest.mark.parametrize("pair", [*EQUAL, *ONE, *MORE], ids=str)
def test_level_sets(pair):
    """[T3.3e], [T3.12d]."""
    ours = LevelSets(pair.shift, pair.std, pair.dim)
    size = abs(Geometry.of(pair).peak) if pair.std != 1 else pair.shift**2
    chosen = levels(pair)
    if pair.dim > 1 and pair.std in (0.999, 0.9):
        chosen = chosen[:2]
    for log_level in chosen:
        rounding = 2.0**-52 * (size + abs(log_level))
        for actual, mass in (
            (ours.log_prior_mass, lambda x: exact.masses(pair, x).prior_above),
            (ours.log_target_mass, lambda x: exact.masses(pair, x).target_above),
            (ours.log_excess, lambda x: exact.excess(pair, x)),
        ):
            expected, slope = log_and_slope(mass, log_level)
            with mp.workdps(60):
                error = float(abs(mpf(float(actual(log_level))) - expected))
            limit = ACCURACY * max(1.0, float(abs(expected))) + 4 * rounding * slope
            assert error <= limit, (actual, log_level, error, limit)


@pytest.mark.parametrize("pair", [*EQUAL, *ONE, *MORE], ids=str)
def test_divergence_and_supremum(pair):
    ours = LevelSets(pair.shift, pair.std, pair.dim)
    # s² - 1 - ln s² is of order (1 - s)², which float64 forms lose where s is near 1.
    lost = 2.0**-52 * pair.dim * abs(1 - pair.std)
    assert abs(float(ours.kl_nats) - float_of(exact.kl(pair))) <= (
        ACCURACY * float_of(exact.kl(pair)) + lost
    )
    if pair.std < 1:
        assert relative(ours.log_sup, exact.d_inf(pair)) <= ACCURACY
    else:
        assert ours.log_sup == np.inf


@pytest.mark.parametrize("pair", [*EQUAL, Pair(2.0, 0.3), Pair(1.5, 0.5, 8), Pair(0.3, 1.2, 2)])
def test_expected_better_and_horizon(pair):
    """[T3.12a], [T3.12c], P21: N(s*, t_ε) = ε; the horizon is 0 where s* <= ε."""
    ours = LevelSets(pair.shift, pair.std, pair.dim)
    for best in (0.003, 0.8, 40.0):
        for time in (1e-3 * best, 0.4 * best, 1.7 * best):
            expected = exact.expected_better(pair, best, time)
            actual = ours.expected_better(best, time)
            assert relative(actual, expected) <= 1e-11 or (actual == 0 and expected < 1e-300)
        assert relative(ours.expected_better(best, 0.0), best) <= ACCURACY
        for epsilon in (0.1, 1e-3, 1e-6):
            horizon = float(ours.horizon(best, epsilon))
            if best <= epsilon:
                assert horizon == 0
                continue
            if horizon == np.inf:  # beyond float64
                assert exact.expected_better(pair, best, np.finfo(float).max) > epsilon
                continue
            # t is right to 1e-9, so N is to 1e-9 times its logarithmic slope.
            above = exact.expected_better(pair, best, horizon * (1 - LAW_ACCURACY))
            below = exact.expected_better(pair, best, horizon * (1 + LAW_ACCURACY))
            assert below <= epsilon <= above


# ----------------------------------------------------------------------------- laws of the index

LAWS = [
    *(Pair(m) for m in (0.01, 0.3, 1.5, 5.0, 12.0)),
    *(Pair(m, 0.999) for m in (0.01, 1.5, 12.0)),
    *(Pair(m, 0.9) for m in (0.0, 1.5, 12.0)),
    *(Pair(m, 0.5) for m in (0.01, 1.5, 5.0)),
    *(Pair(m, 0.05) for m in (0.3, 2.0, 12.0)),
    *(Pair(m, 1.2) for m in (0.01, 0.7)),
    Pair(1.5, 0.9, 2),
    Pair(1.5, 0.5, 2),
    Pair(0.3, 0.05, 2),
    Pair(0.7, 1.2, 2),
    Pair(1.5, 1.0, 8),
    Pair(5.0, 0.9, 8),
    Pair(0.3, 0.5, 8),
    Pair(1.5, 0.5, 8),
    Pair(0.3, 1.2, 8),
]
INDICES = (1, 2, 3, 10, 100)


def near(actual, expected) -> bool:
    """To `LAW_ACCURACY`, and 1e-16 for what the abscissas of the oracles leave out."""
    return abs(float(actual) - expected) <= LAW_ACCURACY * expected + 1e-16


def assert_law(ours, law, indices=INDICES):
    """Probabilities, E log K and H(K) to `LAW_ACCURACY`, relative."""
    for k in indices:
        assert near(ours.pmf(k), law.pmf(k)), k
    assert relative(ours.mean_log2, law.mean_log2) <= LAW_ACCURACY
    assert relative(ours.entropy_bits, law.entropy_bits) <= LAW_ACCURACY


@pytest.mark.parametrize("pair", LAWS, ids=str)
def test_pfr_law(pair):
    """[T3.3c], [T3.3f]."""
    ours, law = laws.PFRIndexLaw(pair.shift, pair.std, pair.dim), pfr_law(pair)
    assert_law(ours, law)
    assert relative(ours.kl_bits, float_of(exact.kl(pair)) / np.log(2)) <= 1e-10
    assert relative(ours.mean, law.mean) <= LAW_ACCURACY
    for n in (0, 1, 10, 1000, 10**6):
        assert near(ours.survival(n), law.survival(n)), n


@pytest.mark.parametrize("m", [0.01, 1.5, 12.0, 26.0])
def test_pfr_mean_in_closed_form(m):
    """E K = e^{m²} Φ(m √2) + 1/2 for equal variances, to 4e293."""
    with mp.workdps(60):
        mean = mp.exp(mpf(m) ** 2) * mp.ncdf(m * mp.sqrt(2)) + mpf(1) / 2
    assert relative(laws.PFRIndexLaw(m).mean, mean) <= LAW_ACCURACY


def test_pfr_law_of_988_bits():
    """[T3.5a] at m = 37: E ln K = E ln h - γ_E and ln h = m u - m²/2, both to e^{-m²/8} = 5e-75."""
    law = laws.PFRIndexLaw(37.0)
    assert relative(law.kl_bits, 37.0**2 / 2 / np.log(2)) <= ACCURACY
    assert relative(law.mean_log2, (37.0**2 / 2 - np.euler_gamma) / np.log(2)) <= LAW_ACCURACY
    log_k = law.draw_log_index(np.random.default_rng(31), 4_000)
    # Ln K = ln h + ln Exp(1): compare ln K with draws of the two by way of E and Var.
    error = np.sqrt((37.0**2 + np.pi**2 / 6) / 4_000)
    assert abs(np.mean(log_k) - (37.0**2 / 2 - np.euler_gamma)) <= 6.5 * error


@pytest.mark.parametrize(("correlation", "dim"), [(0.9, 1), (0.5, 1), (0.5, 2), (0.5, 8)])
def test_channel_law(correlation, dim):
    """[T3.3e], [T3.3f] averaged over x."""
    ours, law = laws.GaussianChannelIndexLaw(correlation, dim), channel_law(correlation, dim)
    information = -dim / 2 * np.log2(1 - correlation**2)
    assert relative(ours.information_bits, information) <= 1e-12
    assert_law(ours, law)
    assert relative(ours.mean, law.mean) <= LAW_ACCURACY
    assert near(ours.survival(10), law.survival(10))


GREEDY = [
    Pair(0.01),
    Pair(1.5),
    Pair(5.0),
    Pair(12.0),
    Pair(0.01, 0.999),
    Pair(0.9, 0.19**0.5),
    Pair(0.0, 0.5),
    Pair(2.0, 0.05),
    Pair(0.7, 1.2),
    Pair(1.0, 0.7, 2),
    Pair(0.7, 1.2, 2),
    Pair(0.8, 0.6, 8),
]


@pytest.mark.parametrize("pair", GREEDY, ids=str)
@pytest.mark.parametrize("scheme", ["GRS", "GPRS"])
def test_greedy_law(pair, scheme):
    """[T3.7a], [T3.7b], and the definition of GPRS."""
    kind, law = {
        "GRS": (laws.GRSIndexLaw, grs_law),
        "GPRS": (laws.GPRSIndexLaw, gprs_law),
    }[scheme]
    ours = kind(pair.shift, pair.std, pair.dim)
    assert_law(ours, law(pair), (1, 2, 3, 10, 200))
    if pair.std < 1:
        assert relative(ours.mean, mp.exp(exact.d_inf(pair))) <= LAW_ACCURACY
    else:
        assert ours.mean == np.inf


@pytest.mark.parametrize("pair", GREEDY, ids=str)
def test_channel_simulation_divergence(pair):
    """[T3.6a]."""
    ours = laws.channel_simulation_divergence_bits(pair.shift, pair.std, pair.dim)
    assert relative(ours, level_table(pair).divergence_bits) <= LAW_ACCURACY


@pytest.mark.parametrize(("correlation", "dim"), [(0.9, 1), (0.5, 2), (0.5, 8)])
def test_functional_information(correlation, dim):
    """E D_CS over a Gaussian channel [T3.6b]."""
    ours = laws.functional_information_bits(correlation, dim)
    assert relative(ours, channel_law(correlation, dim).divergence_bits) <= LAW_ACCURACY


# ---------------------------------------------------------------------------------- statistics

LAST = 256
"""Bins of K: 1, 2, 3-4, 5-8, ..., 129-256, and all beyond (or cut off, index 0)."""


def frequencies(index) -> np.ndarray:
    index = np.where(np.asarray(index) > 0, index, LAST + 1)
    place = np.ceil(np.log2(np.minimum(index, LAST + 1))).astype(int)
    return np.bincount(place, minlength=10)


def probabilities(law) -> np.ndarray:
    if type(law) in (GeometricMixture, TailedLaw):
        pmf = np.array([law.pmf(k) for k in range(1, LAST + 1)])
    else:
        pmf = law.pmf(np.arange(1, LAST + 1))
    total = np.cumsum(pmf)
    edges = total[2 ** np.arange(9) - 1]
    # Where P(K > 256) is all rounding, 1e-12 keeps a bin that has no run.
    return np.maximum(np.diff(np.concatenate([[0.0], edges, [1.0]])), 1e-12)


def divergence(index, law) -> float:
    """N KL(frequencies ‖ probabilities), nats."""
    counts = frequencies(index)
    return float(scipy.special.rel_entr(counts, counts.sum() * probabilities(law)).sum())


@cache
def limit(bins: int) -> float:
    """The x beyond B - 1 with e^-x (e x/(B - 1))^(B - 1) = `ALARM`."""
    free = bins - 1
    x = np.linspace(free, 40 * free, 100_001)
    bound = -x + free * np.log(np.e * x / free)
    return float(x[np.argmax(bound <= np.log(ALARM))])


def distance(values, distribution) -> float:
    """Sup |F_n - F| of a sample, in units of its limit at `ALARM`."""
    values = np.sort(values)
    n = len(values)
    cdf = distribution(values)
    away = np.max(np.maximum(cdf - np.arange(n) / n, np.arange(1, n + 1) / n - cdf))
    return float(away / np.sqrt(np.log(2 / ALARM) / (2 * n)))


ALTERED = 12.0
"""Nats granted to certified runs. With ε = 1e-5, 10,000 runs have more than 6 that are not those
of exact PFR with probability 2e-11; each moves n KL by at most 2 nats while frequencies are within
a factor e of the probabilities, and F_n by 1e-4, a thirtieth of its limit."""

RUNS = [
    (Pair(2.0, 0.3), 20_000),
    (Pair(1.0, 0.7, 2), 20_000),
    (Pair(0.8, 0.6, 8), 10_000),
    (Pair(1.0), 10_000),
    (Pair(1.0, 1.0, 8), 5_000),
]
SCHEMES = {
    "PFR": (brute.simulate_pfr, laws.PFRIndexLaw),
    "GRS": (brute.simulate_grs, laws.GRSIndexLaw),
    "GPRS": (brute.simulate_gprs, laws.GPRSIndexLaw),
}


@cache
def law_of(scheme: str, pair: Pair):
    return SCHEMES[scheme][1](pair.shift, pair.std, pair.dim)


@cache
def simulated(scheme: str, pair: Pair, runs: int):
    seed = sorted(SCHEMES).index(scheme)
    return SCHEMES[scheme][0](pair, runs, np.random.default_rng([2026, seed, runs]))


@pytest.mark.parametrize(("pair", "runs"), RUNS, ids=str)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_brute_force_has_the_law(scheme, pair, runs):
    """[T3.3c], [T3.7b], GPRS: index by index."""
    ours = law_of(scheme, pair)
    granted = ALTERED if scheme == "PFR" and pair.std == 1 else 0.0
    assert divergence(simulated(scheme, pair, runs).index, ours) <= limit(10) + granted


@pytest.mark.parametrize(("pair", "runs"), RUNS[:3], ids=str)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_brute_force_samples_the_target(scheme, pair, runs):
    """[T3.3a]: u ~ N(m, s²) and the rest of z ~ N(0, s² I). Runs cut off are counted as misses."""
    found = simulated(scheme, pair, runs)
    done = found.index > 0
    missed = np.mean(~done) / np.sqrt(np.log(2 / ALARM) / (2 * runs))
    u = (found.projection[done] - pair.shift) / pair.std
    assert distance(u, scipy.special.ndtr) <= 1 + missed
    if pair.dim > 1:
        rest = (found.norm2[done] - found.projection[done] ** 2) / pair.std**2
        chi2 = scipy.stats.chi2(pair.dim - 1)
        assert distance(rest, chi2.cdf) <= 1 + missed


@pytest.mark.parametrize(("pair", "runs"), RUNS, ids=str)
def test_index_given_the_sample(pair, runs):
    """[T3.3c] K given z is geometric: its distribution function, smoothed, is uniform.

    Ln h is interpolated between the abscissas of the oracle, to 1e-3 or better.
    """
    found, law = simulated("PFR", pair, runs), pfr_law(pair)
    order = np.argsort(law.log_r)
    log_r = brute.log_ratio(pair, found.projection, found.norm2)
    log_h = np.interp(log_r, law.log_r[order], law.log_h[order])
    log_miss = -np.logaddexp(0, -log_h)  # ln h/(1 + h)
    smooth = np.random.default_rng(1).random(runs)
    place = 1 - np.exp(found.index * log_miss)
    place -= smooth * np.exp((found.index - 1) * log_miss - np.logaddexp(0, log_h))
    assert distance(place, lambda x: x) <= 1.1
    # Nor does it depend on z: the upper and the lower half of the samples apart.
    upper = found.projection > pair.shift
    for half in (upper, ~upper):
        assert distance(place[half], lambda x: x) <= 1.1


@pytest.mark.parametrize("pair", [Pair(2.0, 0.3), Pair(1.0), Pair(0.8, 0.6, 8), Pair(0.3, 1.2, 2)])
@pytest.mark.parametrize("scheme", ["PFR", "GPRS"])
def test_draws_have_the_law(scheme, pair):
    """[T3.3g]."""
    ours = law_of(scheme, pair)
    log_k = ours.draw_log_index(np.random.default_rng(17), 50_000)
    index = np.rint(np.exp(np.minimum(log_k, 30)))
    assert np.all(abs(np.log(index) - np.minimum(log_k, 30)) < 1e-9)  # integers
    assert divergence(index, ours) <= limit(10)
    law = {"PFR": pfr_law, "GPRS": gprs_law}[scheme](pair)
    assert divergence(index, law) <= limit(10)


def test_channel_draws_have_the_law():
    ours = laws.GaussianChannelIndexLaw(0.9, 2)
    log_k = ours.draw_log_index(np.random.default_rng(19), 50_000)
    assert divergence(np.rint(np.exp(np.minimum(log_k, 30))), ours) <= limit(10)


@pytest.mark.parametrize("pair", [Pair(5.0), Pair(12.0), Pair(12.0, 0.9, 8)], ids=str)
def test_draws_of_long_indices(pair):
    """18 to 104 bits: ln K against P(K > n)."""
    log_k = laws.PFRIndexLaw(pair.shift, pair.std, pair.dim).draw_log_index(
        np.random.default_rng(23), 4_000
    )
    law = pfr_law(pair)
    # At integers P(K <= k) jumps by P(K = k) <= 0.01: granted, as F_n is compared on both sides.
    cdf = [1 - law.survival(np.floor(np.exp(x) * (1 + 1e-12))) for x in np.sort(log_k)]
    jump = law.pmf(1) / np.sqrt(np.log(2 / ALARM) / 8_000)
    assert distance(log_k, lambda _: np.array(cdf)) <= 1 + jump


# ------------------------------------------------------------------------ mistakes are noticed


def broken(pair: Pair) -> GeometricMixture:
    """The law of PFR with r in the place of h (which is noticed where r is not large)."""
    law = pfr_law(pair)
    return GeometricMixture(law.log_r, law.weight, law.log_r, law.log_above)


@pytest.mark.parametrize(("pair", "runs"), [RUNS[1], *RUNS[3:]], ids=str)
def test_the_ratio_in_place_of_h_is_noticed(pair, runs):
    index = simulated("PFR", pair, runs).index
    assert divergence(index, broken(pair)) > limit(10) + ALTERED


@pytest.mark.parametrize(("pair", "runs"), RUNS, ids=str)
@pytest.mark.parametrize(("scheme", "other"), [("GPRS", "PFR"), ("PFR", "GRS")])
def test_the_law_of_another_scheme_is_noticed(scheme, other, pair, runs):
    ours = law_of(other, pair)
    assert divergence(simulated(scheme, pair, runs).index, ours) > limit(10) + ALTERED


class _OneStream:
    """A clock that draws the normals of the candidates again: z decides its own waiting time."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def standard_exponential(self, shape):
        return -np.log(scipy.special.ndtr(self.rng.standard_normal(shape)))


def test_candidates_and_times_of_one_stream_are_noticed():
    pair = Pair(2.0, 0.3)
    ours = laws.PFRIndexLaw(pair.shift, pair.std, pair.dim)
    honest = brute.simulate_pfr(pair, 20_000, np.random.default_rng(5), np.random.default_rng(6))
    assert divergence(honest.index, ours) <= limit(10)
    mixed = brute.simulate_pfr(pair, 20_000, np.random.default_rng(5), _OneStream(5))
    assert divergence(mixed.index, ours) > limit(10)
    assert distance((mixed.projection - 2.0) / 0.3, scipy.special.ndtr) > 1


@pytest.mark.parametrize("scheme", ["PFR", "GPRS"])
def test_a_wrong_shift_of_three_percent_is_noticed(scheme):
    ours = SCHEMES[scheme][1](2.0, 0.3, 1)
    index = np.rint(np.exp(ours.draw_log_index(np.random.default_rng(29), 200_000)))
    assert divergence(index, ours) <= limit(10)
    assert divergence(index, SCHEMES[scheme][1](2.06, 0.3, 1)) > limit(10)
