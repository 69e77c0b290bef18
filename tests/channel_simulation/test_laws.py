"""The laws of indices and the rates of T3: every check value, the limits of T3.13, P10, P12.

Exact recursions, direct sums and brute force are written out here once more, in their plainest
form. Monte-Carlo comparisons have a false-alarm probability of 1e-9 or less each, for fixed seeds.
"""

from math import erfc, log, sqrt

import numpy as np
import pytest
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import gammaln, ndtr

from rdtheory.channel_simulation import laws
from rdtheory.channel_simulation.laws.averaged import GaussianChannel
from rdtheory.channel_simulation.laws.index_sums import index_sum
from rdtheory.channel_simulation.laws.level_quadrature import Coordinate
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.diffusion import one_shot_bound_bits
from rdtheory.errors import InputError

SIXTEEN_BITS = sqrt(2 * 16 * log(2))
AT_ONE = (0.9, sqrt(0.19))  # a Gaussian channel of ρ = 0.9 at x = 1
TARGET_LAWS = [laws.PFRIndexLaw, laws.GRSIndexLaw, laws.GPRSIndexLaw]
SCHEMES = pytest.mark.parametrize("scheme", TARGET_LAWS)
FALSE_ALARM = 1e-9


# Check values.


def test_check_values_of_the_pfr():
    """[T3.3]; E log K at μ = 2 is 3.379912, which the page rounds to 3.37992."""
    law = laws.PFRIndexLaw(2.0, 0.3)
    assert law.kl_bits == pytest.approx(3.96593, abs=5e-6)
    assert law.mean_log2 == pytest.approx(3.37992, abs=1e-5)
    np.testing.assert_allclose(law.pmf([1, 2, 3]), [0.086900, 0.065694, 0.055307], atol=6e-7)
    law = laws.PFRIndexLaw(1.5)
    assert law.mean_log2 == pytest.approx(1.66951, abs=5e-6)
    np.testing.assert_allclose(law.pmf([1, 2, 3]), [0.377597, 0.146584, 0.085160], atol=6e-7)
    law = laws.PFRIndexLaw(np.linalg.norm([0.6, -0.5, 0.4, 0.3]), 0.7, 4)
    assert law.kl_bits == pytest.approx(1.207, abs=5e-4)
    assert law.mean_log2 == pytest.approx(1.204, abs=5e-4)


def test_index_and_sample_are_correlated_as_in_brute_force():
    """[T3.3]: 0.362 by brute force, 0.357 by the law, both of a few thousand runs."""
    draws = laws.PFRIndexLaw(2.0, 0.3).draw(np.random.default_rng(3), 100_000)
    correlation = np.corrcoef(draws.log_index, draws.projection)[0, 1]
    # Standard error (1 - ρ²)/sqrt(n): 0.0028 of ours, 0.014 of 4000 runs.
    assert correlation == pytest.approx(0.36, abs=0.04)


@pytest.mark.parametrize(
    ("dim", "correlation", "information", "divergence", "entropy", "bound"),
    [
        # The page has 1.707, 4.959 and 15.824 for E D_CS, 0.0025 to 0.004 too small: see
        # `test_layered_quantiser_attains_the_functional_information`.
        (1, 0.9, 1.198, 1.7108, 2.807, 6.205),
        (16, 0.5, 3.320, 4.9615, 5.817, 9.302),
        (64, 0.5, 13.281, 15.8266, 16.577, 20.988),
    ],
)
def test_check_values_of_gaussian_channels(
    dim, correlation, information, divergence, entropy, bound
):
    """[T3.3], and P10."""
    law = laws.GaussianChannelIndexLaw(correlation, dim)
    assert law.information_bits == law.kl_bits == pytest.approx(information, abs=5e-4)
    assert law.entropy_bits == pytest.approx(entropy, abs=5.5e-4)
    found = laws.functional_information_bits(correlation, dim)
    assert found == pytest.approx(divergence, abs=5e-5)
    assert laws.li_el_gamal_bits(law.information_bits) == pytest.approx(bound, abs=1.1e-3)
    assert information <= found <= law.entropy_bits
    assert law.entropy_bits <= laws.li_anantharam_bits(law.information_bits)


@pytest.mark.parametrize(("dim", "excess"), [(256, 0.2326), (1024, 0.2189)])
def test_check_values_of_the_redundancy(dim, excess):
    """[T3.4], with the limit 0.21435; (H(K) - I)/log n -> ½ [T3.13]. 0.2189 is 0.21897."""
    law = laws.GaussianChannelIndexLaw(0.5, dim)
    redundancy = law.entropy_bits - law.information_bits
    assert redundancy - np.log2(dim) / 2 == pytest.approx(excess, abs=7e-5)
    variance = laws.gaussian_information_variance(np.full(dim, 0.5))
    limit = laws.pfr_redundancy_bits(variance)
    assert limit - np.log2(dim) / 2 == pytest.approx(0.21435, abs=5e-6)
    assert 0 < redundancy - limit < 5 / dim


def test_check_values_of_a_chunk_of_sixteen_bits():
    """[T3.5]. The page has 19.509 for H(K): it is 19.51152 by two further quadratures."""
    law = laws.PFRIndexLaw(SIXTEEN_BITS)
    assert law.kl_bits == pytest.approx(16, rel=1e-14)
    assert law.mean_log2 == pytest.approx(15.224, abs=5e-4)
    assert law.entropy_bits == pytest.approx(19.51152, abs=5e-6)
    assert law.zipf_bits() == pytest.approx(20.271, abs=5e-4)
    assert one_shot_bound_bits(16.0) == pytest.approx(25.087, abs=5e-4)
    assert laws.li_2025_bits(16.0) == pytest.approx(21.278, abs=5e-4)
    truncated = law.survival(2.0 ** (16 + np.array([2, 10, 16])))
    np.testing.assert_allclose(truncated, [0.3446, 0.0614, 0.0081], atol=5e-5)
    np.testing.assert_array_equal(law.survival(log2_n=[18, 26, 32]), truncated)


def test_check_values_of_greedy_rejection():
    """[T3.6], [T3.7a]: x = 0 and 1, ρ = 0.9."""
    divergence = laws.channel_simulation_divergence_bits(*AT_ONE)
    assert divergence == pytest.approx(1.7167, abs=5e-5)
    greedy = laws.GRSIndexLaw(*AT_ONE)
    assert greedy.kl_bits == pytest.approx(1.1980, abs=5e-5)
    assert greedy.entropy_bits == pytest.approx(2.8956, abs=5e-5)
    assert laws.greedy_entropy_bound_bits(divergence) == pytest.approx(3.6113, abs=1.1e-4)
    for scheme in (laws.GRSIndexLaw, laws.GPRSIndexLaw):
        assert scheme(*AT_ONE).mean == pytest.approx(3.7824, abs=5e-5)
        assert scheme(0.0, sqrt(0.19)).mean == pytest.approx(2.2942, abs=5e-5)
        assert scheme(1.0).mean == np.inf


def test_check_values_of_bounds():
    """[T3.1], [T3.2]."""
    information = 3.0  # log(I + 1) = 2
    constants = {
        "li_el_gamal": 3.87030,
        "li_anantharam": 3.73117,
        "flamich_theis_asymptotic": 3.45,
        "li_2024_asymptotic": 2.0,
        "li_2025_asymptotic": 0.75976,
        "li_2025_lower_asymptotic": -0.52877,
        "ordered_random_coding": 4.0,
    }
    for name, constant in constants.items():
        assert laws.BOUNDS[name](information) - 5 == pytest.approx(constant, abs=5e-6)
    assert laws.elias_delta_code_bits(3.0) - 7 == pytest.approx(5.20985, abs=5e-6)
    assert set(constants) < set(laws.BOUNDS)
    for bound in laws.BOUNDS.values():
        assert bound([0.0, 1.0, 50.0]).shape == (3,)


@pytest.mark.parametrize(("width", "bits"), [(0.3, 3.789451), (1.0, 2.104833), (4.0, 0.651144)])
def test_check_values_of_dither(width, bits):
    """[T3.8]."""
    assert laws.dithered_uniform_bits(12 / width**2) == pytest.approx(bits, abs=5e-7)


@pytest.mark.parametrize(
    # For t = 1e-4 the page has 0.52070; two programs, one with 25 digits, have 0.520774.
    ("noise", "gap"),
    [(1e-4, 0.520774), (0.1, 0.51890), (1.0, 0.46491), (10.0, 0.25719)],
)
def test_check_values_of_the_layered_quantiser(noise, gap):
    """[T3.9b]."""
    rate = laws.direct_layered_bits(1 / noise)
    assert rate - np.log2(1 + 1 / noise) / 2 == pytest.approx(gap, abs=5.5e-6)


def test_check_values_of_gaps():
    """[T3.8], [T3.9b], [T3.9c], [T3.9d]."""
    assert pytest.approx(0.254614, abs=5e-7) == laws.UNIFORM_GAP_BITS
    assert laws.layered_gap_bits() == pytest.approx(0.520774, abs=5e-7)
    gaps = [laws.layered_gap_bits(n) for n in (8, 24, 100)]
    np.testing.assert_allclose(gaps, [1.664, 2.417, 3.431], atol=5e-4)
    # E D_CS - I, for which the page has 0.5088 and 0.5161.
    for rho, gap in ((0.9, 0.51284), (0.99, 0.52068)):
        information = GaussianChannel.of(rho).information_bits
        found = laws.functional_information_bits(rho) - information
        assert found == pytest.approx(gap, abs=5e-6)


# Limits [T3.13].


@SCHEMES
def test_equal_target_and_prior(scheme):
    law = scheme(0.0, 1.0, 3)
    np.testing.assert_array_equal(law.pmf([1, 2, 50]), [1, 0, 0])
    np.testing.assert_array_equal(law.survival([0, 1, 100]), [1, 0, 0])
    assert (law.kl_bits, law.mean, law.mean_log2) == (0, 1, 0)
    assert law.entropy_bits == pytest.approx(0, abs=1e-200)
    assert np.all(law.draw_log_index(np.random.default_rng(0), 10) == 0)
    assert (law.elias_gamma_bits, law.elias_delta_bits) == (1, 1)
    assert laws.channel_simulation_divergence_bits(0.0, 1.0, 3) == 0


def test_useless_channels():
    """ρ -> 0: H(K) -> 0, E D_CS -> 0."""
    entropies = [laws.GaussianChannelIndexLaw(rho).entropy_bits for rho in (0.05, 0.01, 0.0)]
    assert entropies[0] > 3 * entropies[1] > entropies[2] >= 0
    assert entropies[2] < 1e-100
    assert laws.functional_information_bits(0.0) == 0
    assert 0 < laws.functional_information_bits(1e-4) < 2e-4


def test_rates_at_both_ends():
    """Δ -> ∞ and t -> ∞: rate -> 0, for Δ like 2κ/Δ [T3.10]; Δ -> 0, t -> 0: the gaps."""
    assert laws.dithered_uniform_bits(12e-12) == pytest.approx(
        2 * 0.903197285568625e-6 / log(2), rel=1e-9
    )
    assert 0 < laws.direct_layered_bits(1e-8) < 1e-3
    snr = np.array([1e6, 1e12])
    information = np.log2(1 + snr) / 2
    gap = laws.dithered_uniform_bits(snr) - information
    np.testing.assert_allclose(gap, laws.UNIFORM_GAP_BITS, atol=1e-5)
    for dim in (1, 3):
        gap = dim * (laws.ball_layered_bits(snr, dim) - information)
        np.testing.assert_allclose(gap, laws.layered_gap_bits(dim), atol=1e-5)


@pytest.mark.parametrize("bits", [300.0, 1000.0, 4000.0])
def test_thousands_of_bits(bits):
    """[T3.5a]: H(K) -> I + redundancy, E ln K = C - γ_E, and what a median splits."""
    law = laws.PFRIndexLaw(sqrt(2 * bits * log(2)))
    assert law.kl_bits == pytest.approx(bits, rel=1e-14)
    limit = laws.pfr_redundancy_bits(2 * bits * log(2))
    assert 0 < law.entropy_bits - bits - limit < 1 / bits
    assert law.mean_log2 - bits == pytest.approx(-np.euler_gamma / log(2), abs=1e-7)
    log2_n = bits + np.array([-60.0, 0.0, 20.0])
    limits = laws.shift_limit_survival(log2_n, bits)
    np.testing.assert_allclose(law.survival(log2_n=log2_n), limits, atol=1 / sqrt(bits))
    # The draws' mean has the standard error sqrt(2C + π²/6)/100.
    log_k = law.draw_log_index(np.random.default_rng(5), 10_000)
    error = np.sqrt(2 * bits * log(2) + np.pi**2 / 6) / 100
    assert abs(log_k.mean() - law.mean_log2 * log(2)) < 6.2 * error


@pytest.mark.parametrize("bits", [120.0, 1000.0])
@pytest.mark.parametrize("scheme", [laws.GRSIndexLaw, laws.GPRSIndexLaw])
def test_greedy_codes_pay_log_e_bits(scheme, bits):
    """H(K) -> D_CS + log2 e (derived in `greedy`), below the bound log2(e + 1) of [T3.6a]."""
    shift = sqrt(2 * bits * log(2))
    limit = laws.gprs_entropy_limit_bits(laws.channel_simulation_divergence_bits(shift))
    assert scheme(shift).entropy_bits == pytest.approx(limit, abs=1e-6)


# Properties.


@settings(max_examples=8)
@given(st.floats(0.05, 0.99), st.sampled_from([1, 2, 5, 40]))
@example(0.999, 1)
def test_order_of_a_channel(correlation, dim):
    """P10: I <= E D_CS <= H(K_PFR) <= I + log(I + 1) + 3.732; E K <= 1 + e^(2I) (P12)."""
    law = laws.GaussianChannelIndexLaw(correlation, dim)
    information = law.information_bits
    divergence = laws.functional_information_bits(correlation, dim)
    assert information <= divergence <= law.entropy_bits
    assert law.entropy_bits <= laws.li_anantharam_bits(information)
    assert law.mean_log2 <= laws.mean_log2_li_anantharam_bits(information)
    assert law.zipf_bits() <= laws.zipf_code_bits(information)
    ratio = np.exp2(2 * information)
    assert ratio * (1 - 1e-12) <= law.mean <= 1 + ratio


TARGETS = st.tuples(
    st.one_of(st.just(0.0), st.floats(0.01, 12.0)),
    st.one_of(st.just(1.0), st.floats(0.1, 2.0)),
    st.sampled_from([1, 2, 7, 64]),
).filter(lambda target: target[:2] != (0.0, 1.0))


@settings(max_examples=10)
@given(TARGETS)
def test_order_of_greedy_codes(target):
    """P10: KL <= D_CS <= H(K_GRS) <= D_CS + log(e + 1), and for GPRS what `greedy` derives."""
    law = laws.GRSIndexLaw(*target)
    divergence = laws.channel_simulation_divergence_bits(*target)
    assert law.kl_bits <= divergence <= law.entropy_bits
    assert law.entropy_bits <= laws.greedy_entropy_bound_bits(divergence)
    entropy = laws.GPRSIndexLaw(*target).entropy_bits
    assert divergence <= entropy <= laws.gprs_entropy_limit_bits(divergence) + 0.1


@settings(max_examples=12)
@given(TARGETS, st.sampled_from(TARGET_LAWS))
def test_laws_are_laws(target, scheme):
    """P12 [T3.3b]: Σ P(K = k) = 1 - P(K > n), over octaves and one by one; codes in order."""
    law = scheme(*target)
    n = 600
    pmf, survival = law.pmf(np.arange(1, n + 1)), law.survival(np.arange(n + 1))
    np.testing.assert_allclose(-np.diff(survival), pmf, rtol=1e-7, atol=1e-10)
    assert survival[0] == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(pmf) <= 1e-10)
    assert law.code_length_bits(lambda k: np.ones(k.shape)) == pytest.approx(1, abs=1e-9)
    # The index is concave in its rank: E log K <= H(K) for decreasing P(K = k).
    assert law.mean_log2 <= law.entropy_bits <= law.elias_delta_bits
    assert law.entropy_bits <= law.zipf_bits() + 1e-9
    assert law.entropy_bits <= law.elias_gamma_bits
    assert law.mean >= 1


@settings(max_examples=10)
@given(TARGETS)
def test_bounds_of_one_target(target):
    """[T3.2a], [T3.2b]; E K <= 1 + E_q r (P12)."""
    law = laws.PFRIndexLaw(*target)
    assert law.mean_log2 <= laws.mean_log2_li_anantharam_bits(law.kl_bits)
    assert law.mean_log2 <= laws.mean_log2_li_el_gamal_bits(law.kl_bits)
    assert law.zipf_bits() <= laws.zipf_code_bits(law.kl_bits)
    shift, std, dim = target
    if std**2 >= 2:
        assert law.mean == np.inf
        return
    # E_q r = E_p r²: the normalisation of N(2μ/(2 - s²), s²/(2 - s²) I).
    log_ratio = dim / 2 * np.log(1 / (std**2 * (2 - std**2))) + shift**2 / (2 - std**2)
    with np.errstate(over="ignore"):
        assert law.mean <= (1 + np.exp(log_ratio)) * (1 + 1e-12)


# Against the plainest form of everything.


@pytest.mark.parametrize("shift", [0.3, 1.5, 3.0])
def test_recursion_of_greedy_rejection(shift):
    """[T3.7b], 5000 steps: 254 of them are the law's own, the rest its expansion."""

    def excess(h):
        u = (log(h) + shift**2 / 2) / shift
        return erfc((u - shift) / sqrt(2)) / 2 - h * erfc(u / sqrt(2)) / 2

    level, survivals = 0.0, [1.0]
    for _ in range(5000):
        level += survivals[-1]
        survivals.append(excess(level))
    law, survivals = laws.GRSIndexLaw(shift), np.array(survivals)
    n = np.array([0, 1, 2, 10, 100, 254, 255, 256, 257, 400, 1000, 4999])
    np.testing.assert_allclose(law.survival(n), survivals[n], rtol=3e-9)
    np.testing.assert_allclose(law.pmf(n + 1), survivals[n] - survivals[n + 1], rtol=3e-8)


@SCHEMES
def test_means_are_those_of_the_probabilities(scheme):
    """Σ k P(K = k) = E[K], e^(D_∞) for greedy codes [T3.7a, T3.13]; sums one by one."""
    law = scheme(1.0, 0.4)
    k = np.arange(1.0, 30_001)
    pmf = law.pmf(k)
    assert k @ pmf == pytest.approx(law.mean, rel=1e-5)  # P(K = k) falls like k^-4
    # From there on P(K > n) stands for the rest.
    rest = law.survival(k[-1])
    assert np.log2(k) @ pmf == pytest.approx(law.mean_log2, abs=30 * rest + 1e-9)
    entropy = scipy.special.entr(pmf).sum() / log(2)
    assert entropy == pytest.approx(law.entropy_bits, abs=60 * rest + 1e-9)
    j = np.floor(np.log2(k))
    gamma, delta = 2 * j + 1, j + 2 * np.floor(np.log2(j + 1)) + 1
    assert gamma @ pmf == pytest.approx(law.elias_gamma_bits, abs=60 * rest + 1e-9)
    assert delta @ pmf == pytest.approx(law.elias_delta_bits, abs=60 * rest + 1e-9)
    for length, expected in ((gamma, law.elias_gamma_bits), (delta, law.elias_delta_bits)):

        def table(index, length=length):
            return length[np.minimum(index, k.size).astype(int) - 1]

        assert law.code_length_bits(table) == pytest.approx(expected, abs=60 * rest + 1e-9)
    exponent = laws.zipf_exponent(2.0)
    zeta = scipy.special.zeta(exponent)
    zipf = law.code_length_bits(lambda k: exponent * np.log2(k) + np.log2(zeta))
    assert law.zipf_bits(2.0) == pytest.approx(zipf, rel=1e-10)


def test_mean_of_a_shift():
    """E K = 1/2 + e^(m²) Φ(m sqrt 2) for equal variances, by completing squares."""
    for m in (0.01, 1.5, 26.0):
        expected = 0.5 + np.exp(m**2) * ndtr(m * sqrt(2))
        assert laws.PFRIndexLaw(m).mean == pytest.approx(expected, rel=1e-11)
    assert laws.PFRIndexLaw(40.0).mean == np.inf  # beyond float64
    assert laws.PFRIndexLaw(1.0, 1.5).mean == np.inf


def index_bins(log_index, law):
    """Counts and probabilities of K = 1, ..., 6 and of the octaves above, up to the eleventh."""
    edges = np.concatenate([np.arange(1, 7), 2.0 ** np.arange(3, 12)])
    k = np.rint(np.exp(np.minimum(log_index, 30.0)))
    counts = np.histogram(k, np.concatenate([edges - 0.5, [np.inf]]))[0]
    survival = law.survival(edges - 1)
    return counts, survival - np.append(survival[1:], 0.0)


def assert_same_law(log_index, law):
    """Pearson's chi-square; each bin expects a hundred or more."""
    counts, probabilities = index_bins(log_index, law)
    expected = probabilities * counts.sum()
    small = expected < 100
    counts = np.append(counts[~small], counts[small].sum())
    expected = np.append(expected[~small], expected[small].sum() + 1e-9)
    statistic = np.sum((counts - expected) ** 2 / np.maximum(expected, 1.0))
    assert statistic < scipy.stats.chi2(counts.size - 1).isf(FALSE_ALARM)


@SCHEMES
@pytest.mark.parametrize(
    "target", [AT_ONE, (1.5,), (2.0, 0.3), (1.0, 0.7, 8), (0.5, 1.3, 2), (4.0,)], ids=str
)
def test_draws_have_the_law(scheme, target):
    """P12 and [T3.3g]: 100,000 draws."""
    law = scheme(*target)
    log_k = law.draw_log_index(np.random.default_rng(11), 100_000)
    assert_same_law(log_k, law)
    spread = np.std(log_k) / sqrt(100_000)
    assert abs(log_k.mean() - law.mean_log2 * log(2)) < 6.2 * spread


def test_draws_of_a_channel_have_the_law():
    law = laws.GaussianChannelIndexLaw(0.8, 3)
    assert_same_law(law.draw_log_index(np.random.default_rng(12), 40_000), law)


def test_draws_have_the_shape_asked_for():
    rng = np.random.default_rng(1)
    for law in [*(scheme(2.0) for scheme in TARGET_LAWS), laws.GaussianChannelIndexLaw(0.5)]:
        assert np.shape(law.draw_log_index(rng)) == ()
        assert law.draw_log_index(rng, (2, 3)).shape == (2, 3)


def test_samples_of_the_pfr_have_the_target():
    """[T3.3a]: u ~ N(m, s²) and the rest of ‖Z‖² is s² χ²_(d-1)."""
    draws = laws.PFRIndexLaw(2.0, 0.4, 5).draw(np.random.default_rng(2), 50_000)
    score = (draws.projection - 2) / 0.4
    assert scipy.stats.kstest(score, "norm").pvalue > FALSE_ALARM
    rest = (draws.square_norm - draws.projection**2) / 0.16
    assert scipy.stats.kstest(rest, scipy.stats.chi2(4).cdf).pvalue > FALSE_ALARM


def brute_force(shift, std, scheme, runs, count, rng):
    """Ln K of codes that run, in one dimension, s < 1 [T1.15a]."""
    z = rng.standard_normal((runs, count))
    log_r = z**2 / 2 - (z - shift) ** 2 / (2 * std**2) - log(std)
    times = np.cumsum(rng.standard_exponential((runs, count)), axis=1)
    if scheme is laws.PFRIndexLaw:
        return np.log1p(np.argmin(np.log(times) - log_r, axis=1))
    # GPRS: accept at time t if t <= σ(r); σ by the trapezoidal rule over levels.
    sets = LevelSets(shift, std)
    h = np.linspace(0, np.exp(sets.log_sup), 20_001)[:-1]
    with np.errstate(divide="ignore"):
        slope = np.exp(-sets.log_excess(np.log(h)))
    time = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2 * h[1])])
    accepted = times <= np.interp(np.exp(log_r), h, time)
    assert accepted.any(axis=1).mean() > 0.999
    return np.log1p(np.argmax(accepted, axis=1))


@pytest.mark.parametrize("scheme", [laws.PFRIndexLaw, laws.GPRSIndexLaw])
def test_codes_that_run_have_the_law(scheme):
    """P12: 10,000 runs of 400 candidates, of which sup r = 3.78 need a few; ρ = 0.9, x = 1."""
    log_k = brute_force(*AT_ONE, scheme, 10_000, 400, np.random.default_rng(4))
    assert_same_law(log_k, scheme(*AT_ONE))


def layered_bits(snr, dim):
    """[T3.9d] from its definition: E over R of -1/|B| ∫ v ln v dy, v a noncentral chi-square."""
    scores, weights = np.polynomial.legendre.leggauss(60)
    # R² snr ~ χ²_(n+2) over 1e-16 of its quantiles, and ‖y‖ from 0 to where v is 1e-18.
    ends = scipy.stats.chi2(dim + 2).ppf([1e-16, 1 - 1e-16]) ** 0.25
    root = ends[0] + (1 + scores) / 2 * np.diff(ends)  # of u: the rate is like ln u at 0
    u = root**2
    density = 4 * u * root * scipy.stats.chi2(dim + 2).pdf(u**2) * weights / 2 * np.diff(ends)
    total = 0.0
    for r, share in zip(u / sqrt(snr), density, strict=True):
        edges = np.linspace(0, r + sqrt(dim) + 9, 5)
        y = (edges[:-1, None] + (1 + scores) / 2 * np.diff(edges)[:, None]).ravel()
        dy = (weights / 2 * np.diff(edges)[:, None]).ravel()
        v = scipy.stats.ncx2(dim, y**2).cdf(r**2)
        log_area = log(2) + dim / 2 * log(np.pi) - gammaln(dim / 2)
        log_volume = dim / 2 * log(np.pi) - gammaln(dim / 2 + 1) + dim * log(r)
        shell = np.exp(log_area - log_volume + (dim - 1) * np.log(y)) * dy
        total += share * (shell @ scipy.special.entr(v))
    return total / log(2)


@pytest.mark.parametrize(("dim", "snr"), [(1, 0.1), (1, 4.0), (2, 1.0), (5, 0.5), (8, 3.0)])
def test_layered_quantiser_attains_the_functional_information(dim, snr):
    """The theorem of `quantisers`: [T3.9d] equals E D_CS [T3.6c] at any rate, to 1e-9."""
    channel = laws.functional_information_bits(sqrt(snr / (1 + snr)), dim)
    assert layered_bits(snr, dim) == pytest.approx(channel, rel=1e-9)
    assert dim * laws.ball_layered_bits(snr, dim) == pytest.approx(channel, rel=1e-9)


def test_layered_quantiser_mixes_uniform_ones():
    """[T3.9a]: E_R of the dithered uniform rate at Δ = 2R, R² snr ~ χ²_3."""
    scores, weights = np.polynomial.legendre.leggauss(60)
    root = 1.5 * (1 + scores)  # of R sqrt(snr): the rate is like ln R at 0
    density = scipy.stats.chi(3).pdf(root**2) * 2 * root * 1.5 * weights
    for snr in (0.2, 1.0, 30.0):
        mixed = density @ laws.dithered_uniform_bits(3 * snr / root**4)
        assert laws.direct_layered_bits(snr) == pytest.approx(mixed, rel=1e-9)


# The sums and quadratures below the laws.


def test_sums_over_octaves():
    """Of powers, with the rest of the series beyond 2^120; of exponentials; of steps."""
    grid = index_sum(120)
    weight = np.exp(grid.log_weight)
    for s in (1.05, 1.5, 3.0):
        rest = np.exp2(120 * (1 - s)) / (s - 1)
        total = weight @ np.exp(-s * grid.log_k) + rest
        assert total == pytest.approx(scipy.special.zeta(s), rel=3e-11)
    with np.errstate(under="ignore"):
        decay = np.exp(-np.exp(grid.log_k) / 3000)
    assert weight @ decay == pytest.approx(1 / np.expm1(1 / 3000), rel=1e-11)
    grid = index_sum(12)
    k = np.arange(1, 4096)
    expected = np.sum(np.floor(np.log2(k)) / k)
    total = np.exp(grid.log_weight - grid.log_k) @ grid.octave
    assert total == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    "target",
    [(2.0, 0.3, 1), (0.0, 0.5, 2), (1e-6, 1.0, 1), (37.0, 1.0, 1), (3.0, 0.2, 64), (1.0, 2.0, 1),
     (0.0, 0.999, 12288), (1.0, 1 - 1e-9, 1), (1.0, 1 + 1e-9, 3)],
    ids=str,
)  # fmt: skip
def test_quadrature_over_levels(target):
    """Of q, with KL = E_q ln r; of the prior's mass, whose integral is the excess."""
    sets = LevelSets(*target)
    log_r, log_weight = Coordinate(sets).target_nodes()
    weight = np.exp(log_weight)
    assert weight.sum() == pytest.approx(1, abs=1e-12)
    spread = np.sqrt(weight @ (log_r - sets.kl_nats) ** 2)
    assert abs(weight @ (log_r - sets.kl_nats)) < 1e-11 * spread
    panels = Coordinate(sets).panels()
    with np.errstate(under="ignore"):
        levels = np.exp(panels.log_weights + panels.log_h + sets.log_prior_mass(panels.log_h))
    # ∫ P_p(r >= h) dh from the first level on.
    assert levels.sum() == pytest.approx(np.exp(sets.log_excess(panels.log_first)), rel=1e-9)


# Mistakes.


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("shift", lambda: laws.PFRIndexLaw([1.0, 2.0])),
        ("shift", lambda: laws.GRSIndexLaw(-1.0)),
        ("std", lambda: laws.GPRSIndexLaw(1.0, 0.0)),
        ("dim", lambda: laws.PFRIndexLaw(1.0, 1.0, 0)),
        ("correlation", lambda: laws.GaussianChannelIndexLaw(1.0)),
        ("correlation", lambda: laws.GaussianChannelIndexLaw([0.1, 0.2])),
        ("correlation", lambda: laws.functional_information_bits(-1.5)),
        ("dim", lambda: laws.functional_information_bits(0.5, 0)),
        ("shift, std", lambda: laws.GRSIndexLaw(1e5).entropy_bits),
        ("shift, std", lambda: laws.PFRIndexLaw(1e6).entropy_bits),
        ("k", lambda: laws.PFRIndexLaw(1.0).pmf(0)),
        ("k", lambda: laws.PFRIndexLaw(1.0).pmf([1, 1.5])),
        ("k", lambda: laws.PFRIndexLaw(1.0).pmf(np.nan)),
        ("n", lambda: laws.PFRIndexLaw(1.0).survival(-1)),
        ("n, log2_n", lambda: laws.PFRIndexLaw(1.0).survival()),
        ("n, log2_n", lambda: laws.PFRIndexLaw(1.0).survival(1, log2_n=0)),
        ("log2_n", lambda: laws.PFRIndexLaw(1.0).survival(log2_n=np.nan)),
        ("information_bits", lambda: laws.PFRIndexLaw(1.0).zipf_bits(-1.0)),
        ("length", lambda: laws.PFRIndexLaw(40.0).code_length_bits(np.log2)),
        ("snr", lambda: laws.dithered_uniform_bits(0.0)),
        ("snr", lambda: laws.direct_layered_bits([1.0, np.nan])),
        ("dim", lambda: laws.ball_layered_bits(1.0, 0.5)),
        ("correlations", lambda: laws.gaussian_information_variance([2.0])),
        ("information_variance", lambda: laws.pfr_redundancy_bits(0.0)),
        ("kl_bits", lambda: laws.shift_limit_survival(1.0, 0.0)),
        ("divergence_bits", lambda: laws.gprs_entropy_limit_bits(-1.0)),
        ("dim", lambda: laws.layered_gap_bits(0)),
        *(("information_bits", lambda b=b: b(-1.0)) for b in laws.BOUNDS.values()),
    ],
)
def test_mistakes(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call()
