"""Dithered quantisers: the noise's law whatever x is, decoding, rates, recipe, hard input.

Kolmogorov-Smirnov statistics are compared with the bound of Dvoretzky, Kiefer, Wolfowitz and
Massart, so that a test that is right fails with probability at most 1e-9 at any sample size; the
other statistical tests, with the normal or χ² limit of their statistic, about 1e-9. Keys are fixed.
"""

from functools import lru_cache

import mpmath
import numpy as np
import pytest
from constriction import stream
from scipy import stats
from scipy.special import digamma, gammaln, ndtr, xlogy

from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key, rounded_gaussian
from rdtheory.channel_simulation.dithered_uniform import DitheredUniform, UniformNoise
from rdtheory.channel_simulation.elementary import exp_minus, log, sine
from rdtheory.channel_simulation.geometric_code import Geometric
from rdtheory.channel_simulation.layered import DirectLayered, ShiftedLayered
from rdtheory.channel_simulation.n_ball import NBall, acceptance
from rdtheory.channel_simulation.quantiser import chi_square
from rdtheory.channel_simulation.random_streams import Purpose, RandomStreams
from rdtheory.channel_simulation.range_coder import bytes_of, decoder_of
from rdtheory.errors import InputError

FALSE_ALARM = 1e-9
NORMAL_LIMIT = stats.norm.isf(FALSE_ALARM / 2)
SAMPLES = 24_000
KEY = Key(5)
LAYERED = (DirectLayered, ShiftedLayered)


def variance_at(snr_db):
    """V of a target whose source has this signal-to-noise ratio: v/(1 - v) = 1/SNR."""
    return 1 / (1 + 10 ** (snr_db / 10))


def source(variance, dim=1, samples=SAMPLES, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((samples, dim)) * np.sqrt(1 - np.asarray(variance))


def has_law(values, cdf):
    """Whether values may be independent and of this law: false for one in 1e9 that are."""
    distance = stats.kstest(np.ravel(values), cdf).statistic
    return distance <= np.sqrt(np.log(2 / FALSE_ALARM) / (2 * np.size(values)))


def independent(values, cdf, x, cells=10):
    """χ² of the counts in cells of equal probability under the law, for each tenth of x."""
    column = np.minimum((cdf(values) * cells).astype(int), cells - 1)
    row = np.argsort(np.argsort(x)) * cells // x.size
    counts = np.zeros((cells, cells))
    np.add.at(counts, (row, column), 1)
    expected = counts.sum(axis=1, keepdims=True) / cells
    return ((counts - expected) ** 2 / expected).sum() < stats.chi2.isf(
        FALSE_ALARM, cells * (cells - 1)
    )


def gaussian_noise(code, target):
    return (code.sample - target.mean) / np.sqrt(target.variances)


def round_trip(simulator, code, key):
    """The index after a journey through real bytes."""
    encoder = stream.queue.RangeEncoder()
    index = code.index.reshape(-1, *simulator.index_shape(code.dim))
    simulator.write(index, code.information_bits, key, encoder)
    decoder = stream.queue.RangeDecoder(encoder.get_compressed())
    read = simulator.read(len(index), code.dim, code.information_bits, key, decoder)
    assert encoder.num_bits() == code.actual_bits
    return read.reshape(code.index.shape)


def check_code(simulator, target, prior=STANDARD_NORMAL, key=KEY):
    """Encode; decode what travels; both from the index and from the bytes."""
    code = simulator.encode(target, prior, key)
    np.testing.assert_array_equal(simulator.decode(code.received(), prior, key), code.sample)
    np.testing.assert_array_equal(round_trip(simulator, code, key), code.index)
    assert (code.error == 0).all()
    return code


# The law of the noise


@pytest.mark.parametrize("snr_db", [-20, 0, 20, 60])
@pytest.mark.parametrize("kind", LAYERED)
def test_layered_noise_is_gaussian_and_independent(kind, snr_db):
    v = variance_at(snr_db)
    target = DiagonalGaussian(source(v), v)
    values = gaussian_noise(check_code(kind(v), target), target).ravel()
    assert has_law(values, ndtr)
    assert independent(values, ndtr, target.mean.ravel())
    # Given x, Σ x noise is normal of variance Σ x².
    x = target.mean.ravel()
    assert abs(x @ values) < NORMAL_LIMIT * np.sqrt(x @ x)


@pytest.mark.parametrize("x", [0.0, 0.3, -1.0, 1e6])
@pytest.mark.parametrize("kind", LAYERED)
def test_layered_noise_has_its_law_at_every_x(kind, x):
    """Also where the source would hardly be: the dither makes it so, not the source."""
    target = DiagonalGaussian(np.full((SAMPLES, 1), x), 0.3)
    assert has_law(gaussian_noise(check_code(kind(0.3), target), target), ndtr)


@pytest.mark.parametrize("kind", LAYERED)
def test_layered_components_are_independent_of_each_other(kind):
    v = (0.01, 0.3, 0.9)
    prior = DiagonalGaussian([1.0, -2.0, 0.5], [4.0, 0.1, 1e-6])
    scale = np.sqrt(prior.variances)
    target = DiagonalGaussian(prior.mean + scale * source(v, 3), v * prior.variances)
    values = gaussian_noise(check_code(kind(v), target, prior), target)
    assert has_law(values, ndtr)
    assert has_law(values.sum(axis=1) / np.sqrt(3), ndtr)
    assert has_law((values**2).sum(axis=1), stats.chi2(3).cdf)
    assert independent(values[:, 0], ndtr, values[:, 1])


@pytest.mark.parametrize("step", [1e-3, 1.0, 30.0])
def test_dithered_uniform_noise(step):
    target = UniformNoise(source(0.0), step)
    code = check_code(DitheredUniform(step), target)
    values = ((code.sample - target.mean) / step + 0.5).ravel()
    assert has_law(values, stats.uniform.cdf)
    assert independent(values, stats.uniform.cdf, target.mean.ravel())


@pytest.mark.parametrize(("n", "snr_db"), [(2, 0), (3, 20), (4, -20), (8, 20)])
def test_n_ball_noise_is_gaussian_in_n_dimensions(n, snr_db):
    v = np.geomspace(1.0, 0.5, n) * variance_at(snr_db)
    target = DiagonalGaussian(source(v, n, SAMPLES // n), v)
    code = check_code(NBall(v, n), target)
    values = gaussian_noise(code, target)
    assert has_law(values[:, 0], ndtr)
    assert has_law((values**2).sum(axis=1), stats.chi2(n).cdf)
    assert has_law(values.sum(axis=1) / np.sqrt(n), ndtr)
    assert independent(values[:, -1], ndtr, target.mean[:, -1])
    # The number of trials is geometric, of mean 1/a and variance (1 - a)/a².
    a = acceptance(n)
    spread = np.sqrt((1 - a) / len(values)) / a
    assert abs(code.candidates.mean() - 1 / a) < NORMAL_LIMIT * spread


def test_n_ball_of_many_blocks_a_target():
    target = DiagonalGaussian(source(0.1, 12, 2000), 0.1)
    code = check_code(NBall(0.1, 3), target)
    assert code.index.shape == (2000, 4, 4)
    values = gaussian_noise(code, target)
    assert has_law(values[:, ::3], ndtr)  # one of each block
    assert has_law((values**2).sum(axis=1), stats.chi2(12).cdf)


class WrongRadius(DirectLayered):
    """χ² of one degree of freedom in place of three."""

    def interval(self, uniforms):
        return 2 * np.sqrt(chi_square(np.roll(uniforms, 1, axis=1)[:, 2:], 1)), 0.0


class SharedDither(DirectLayered):
    """The radius made from the word of the dither."""

    def interval(self, uniforms):
        return super().interval(uniforms[:, ::-1])


class HalfTheStep(DirectLayered):
    """The radius in place of the diameter."""

    def interval(self, uniforms):
        length, centre = super().interval(uniforms)
        return length / 2, centre


class OneSide(ShiftedLayered):
    """Always the first of the two slices."""

    def interval(self, uniforms):
        return super().interval(np.maximum(uniforms, 0.5))


@pytest.mark.parametrize("kind", [WrongRadius, SharedDither, HalfTheStep, OneSide])
def test_broken_copies_are_caught(kind):
    """At one x: averaged over x, a dither that is not independent of the step may pass."""
    target = DiagonalGaussian(np.zeros((SAMPLES, 1)), 0.1)
    code = kind(0.1).encode(target, STANDARD_NORMAL, KEY)
    assert not has_law(gaussian_noise(code, target), ndtr)


def test_a_broken_ball_is_caught(monkeypatch):
    """Without rejection the noise of a block is uniform on cubes."""
    name = "rdtheory.channel_simulation.n_ball._first_accepted"
    monkeypatch.setattr(name, lambda key, blocks, steps: np.ones(len(blocks), np.int64))
    target = DiagonalGaussian(source(0.1, 3), 0.1)
    code = NBall(0.1, 3).encode(target, STANDARD_NORMAL, KEY)
    assert not has_law((gaussian_noise(code, target) ** 2).sum(axis=1), stats.chi2(3).cdf)


# Rates


def mean_divergence(v):
    """E D_CS [T3.6a, T3.6c] of N(x, v) and N(0, 1), x ~ N(0, 1 - v), in bits.

    With h = exp(D_∞ - u²/2) the level set has half-width u sqrt(v/(1 - v)) about x/(1 - v).
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    x = np.abs(nodes) * np.sqrt(1 - v)
    log_sup = (x * x / (1 - v) - np.log(v)) / 2
    u, du = np.polynomial.legendre.leggauss(400)
    top = np.sqrt(2 * log_sup.max() + 90)
    u, du = (u + 1) / 2 * top, du * top / 2
    centre, half = (x / (1 - v))[:, None], u * np.sqrt(v / (1 - v))
    w = ndtr(half - centre) - ndtr(-half - centre)
    inner = (-xlogy(w, w) * np.exp(log_sup[:, None] - u * u / 2) * u) @ du
    return weights @ inner / weights.sum() / np.log(2)


@lru_cache
def layered_rate(kind, v):
    """I(X; Z | intervals) by quadrature over R [T3.9a], in bits, from that of uniform noise."""
    r, dr = np.polynomial.legendre.leggauss(150)
    r, dr = 4.5 * (r + 1), 4.5 * dr
    length = 2 * r if kind is DirectLayered else r + np.sqrt(-2 * np.log(-np.expm1(-r * r / 2)))
    rates = [DitheredUniform(step, 1 - v).rate_bits_per_dim for step in length * np.sqrt(v)]
    return rates @ (stats.chi(3).pdf(r) * dr)


@pytest.mark.parametrize("snr_db", [-10, 0, 10, 20])
def test_direct_layered_costs_the_divergence(snr_db):
    """The identity of `layered`: no exact one-shot scheme is cheaper. Quadrature to 1e-7."""
    v = variance_at(snr_db)
    assert layered_rate(DirectLayered, v) == pytest.approx(mean_divergence(v), abs=2e-7)


@pytest.mark.parametrize(("noise", "gap"), [(0.1, 0.51890), (1, 0.46491), (10, 0.25719)])
def test_direct_layered_gap_of_the_theory_page(noise, gap):
    """[T3.9b]: X ~ N(0, 1), noise of variance t; v = t/(1 + t). To the digits given."""
    v = noise / (1 + noise)
    assert layered_rate(DirectLayered, v) + np.log2(v) / 2 == pytest.approx(gap, abs=6e-6)


@pytest.mark.parametrize(
    ("snr_db", "overhead"),
    [(-20, 0.097), (-10, 0.257), (0, 0.465), (10, 0.519), (20, 0.521), (40, 0.521)],
)
@pytest.mark.parametrize("kind", LAYERED)
def test_real_bytes_of_layered_quantisers(kind, snr_db, overhead):
    """Ideal bits agree with the rate within their standard error, bytes within 0.001 of them."""
    v = variance_at(snr_db)
    code = kind(v).encode(DiagonalGaussian(source(v), v), STANDARD_NORMAL, Key(9))
    rate = layered_rate(kind, v)
    error = code.ideal_bits.std() / np.sqrt(SAMPLES)
    assert abs(code.ideal_bits.mean() - rate) < NORMAL_LIMIT * error
    # The range coder adds at most a word at the end.
    assert -1e-4 <= code.actual_bits / SAMPLES - code.ideal_bits.mean() <= 0.001 + 64 / SAMPLES
    if kind is DirectLayered:
        assert rate + np.log2(v) / 2 == pytest.approx(overhead, abs=6e-4)


@pytest.mark.parametrize("kl_bits", [1, 2, 4, 6, 8])
def test_real_bytes_are_within_a_hundredth_of_the_divergence(kl_bits):
    """Control variate: the ideal bits differ from their mean, bytes do not from the ideal bits."""
    v = 2.0 ** (-2 * kl_bits)
    code = DirectLayered(v).encode(DiagonalGaussian(source(v), v), STANDARD_NORMAL, Key(9))
    excess = code.actual_bits / SAMPLES - code.ideal_bits.mean()
    assert layered_rate(DirectLayered, v) + excess - mean_divergence(v) <= 0.01


@pytest.mark.parametrize(("step", "bits"), [(0.3, 3.789451), (1, 2.104833), (4, 0.651144)])
def test_rate_of_dithered_uniform(step, bits):
    """P11 [T3.8]: entropy given the dither = information; check values of the theory page."""
    dithered = DitheredUniform(step)
    assert dithered.rate_bits_per_dim == pytest.approx(bits, abs=6e-7)
    code = dithered.encode(UniformNoise(source(0.0), step), STANDARD_NORMAL, Key(2))
    error = code.ideal_bits.std() / np.sqrt(SAMPLES)
    assert abs(code.ideal_bits.mean() - bits) < NORMAL_LIMIT * error
    assert code.actual_bits / SAMPLES == pytest.approx(code.ideal_bits.mean(), abs=0.004)
    assert code.information_bits == dithered.rate_bits_per_dim


def test_limits_of_the_uniform_rate():
    """[T3.13]: nothing for wide noise; ½ log2(2πe/12) above Gaussian noise for narrow."""
    assert DitheredUniform(1e4).rate_bits_per_dim < 1e-3
    gap = DitheredUniform(1e-4).rate_bits_per_dim - np.log2(1 + 12e8) / 2
    assert gap == pytest.approx(np.log2(2 * np.pi * np.e / 12) / 2, abs=1e-6)


@pytest.mark.parametrize("n", [2, 4, 8])
def test_rate_of_n_balls(n):
    """[T3.9d] and H(T) - log2(1/a); at 60 dB the limit of high SNR holds to 1e-3."""
    v = variance_at(60)
    code = NBall(v, n).encode(DiagonalGaussian(source(v, n, 8000), v), STANDARD_NORMAL, Key(3))
    mean_log_radius = (digamma(n / 2 + 1) + np.log(2)) / 2
    log_volume = n / 2 * np.log(np.pi) - gammaln(n / 2 + 1) + n * mean_log_radius
    gap = (n / 2 * np.log(2 * np.pi * np.e) - log_volume) / np.log(2)
    if n == 8:
        assert gap == pytest.approx(1.664, abs=6e-4)
    a = acceptance(n)
    trials = -(1 - a) / a * np.log2(1 - a)
    overhead = code.ideal_bits + n * np.log2(v) / 2
    error = overhead.std() / np.sqrt(8000)
    assert abs(overhead.mean() - gap - trials) < NORMAL_LIMIT * error + 1e-3
    assert code.actual_bits / 8000 == pytest.approx(code.ideal_bits.mean(), abs=0.002 * n + 0.008)


# The parts


def test_elementary_functions_are_precise():
    """Relative error below 2^-51, also next to 1, where ln vanishes."""
    rng = np.random.default_rng(0)
    u = np.concatenate([rng.random(500), 1 - 2.0 ** -rng.uniform(1, 53, 200), [2.0**-54, 1, 0.5]])
    t = np.concatenate([rng.random(300) * 700, 2.0 ** -rng.uniform(0, 60, 200), [0.0]])
    w = np.concatenate([rng.random(500) - 0.5, [-0.5, 0.0, 1e-300]])
    cases = (
        (log, mpmath.log, u),
        (exp_minus, lambda x: mpmath.exp(-x), t),
        (sine, mpmath.sinpi, w),
    )
    for ours, exact, at in cases:
        for value, x in zip(ours(at), at, strict=True):
            truth = exact(mpmath.mpf(float(x)))
            assert abs(value - truth) <= abs(truth) * mpmath.mpf(2) ** -51


@pytest.mark.parametrize("degrees", [2, 3, 4, 5, 10])
def test_chi_square(degrees):
    uniforms = np.random.default_rng(degrees).random((50_000, 7))
    assert has_law(chi_square(uniforms, degrees), stats.chi2(degrees).cdf)


SPREADS = 10.0 ** np.arange(-9, 16)


@pytest.mark.parametrize("offset", [0, 1, 300, 512, 513, 10**6, 2**53 - 1])
def test_rounded_gaussians_of_any_spread_and_distance(offset):
    for sign in (-1, 1):
        k = np.full(SPREADS.shape, sign * offset)
        mean = np.linspace(-1, 1, SPREADS.size)
        encoder = stream.queue.RangeEncoder()
        rounded_gaussian.encode(k, mean, SPREADS, encoder)
        read = rounded_gaussian.decode(mean, SPREADS, encoder.get_decoder())
        np.testing.assert_array_equal(read, k)
        assert encoder.num_bits() <= 90 * SPREADS.size + 64


@pytest.mark.parametrize("std", [0.01, 0.3, 1.0, 20.0, 31.9, 32.1, 1000.0])
def test_rounded_gaussian_probabilities(std):
    """They sum to 1; the code's lengths are -log2 of them, to 3e-4 bits on average."""
    reach = int(9 * std) + 3
    k = np.arange(-reach, reach + 1)
    mean = np.full(k.shape, 0.4)
    bits = rounded_gaussian.ideal_bits(k, mean, np.full(k.shape, std))
    assert np.exp2(-bits).sum() == pytest.approx(1, abs=1e-9)
    sent = np.rint(0.4 + std * np.random.default_rng(1).standard_normal(SAMPLES)).astype(np.int64)
    mean, spread = np.full(SAMPLES, 0.4), np.full(SAMPLES, std)
    encoder = stream.queue.RangeEncoder()
    rounded_gaussian.encode(sent, mean, spread, encoder)
    ideal = rounded_gaussian.ideal_bits(sent, mean, spread).sum()
    assert encoder.num_bits() - ideal <= 64 + 5e-4 * SAMPLES


@pytest.mark.parametrize(
    ("k", "std"), [(0, 1e-9), (0, 3e5), (3, 0.05), (40, 1.0), (10**7, 3.0), (10**8, 3e6), (5, 1e12)]
)
def test_rounded_gaussian_ideal_bits_far_out(k, std):
    with mpmath.workdps(60):
        edges = [mpmath.mpf(k) + s - mpmath.mpf(0.25) for s in (-0.5, 0.5)]
        tails = [mpmath.erfc(edge / mpmath.mpf(std) / mpmath.sqrt(2)) / 2 for edge in edges]
        exact = float(-mpmath.log(tails[0] - tails[1], 2))
    bits = rounded_gaussian.ideal_bits(np.array([k]), np.array([0.25]), np.array([std]))
    assert bits[0] == pytest.approx(exact, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("success", [0.5, acceptance(2), acceptance(8), acceptance(10)])
def test_geometric_code(success):
    code = Geometric(success)
    trials = np.random.default_rng(0).geometric(success, SAMPLES)
    trials[:3] = 1, 10_000, 10**5
    encoder = stream.queue.RangeEncoder()
    code.encode(trials, encoder)
    np.testing.assert_array_equal(code.decode(SAMPLES, encoder.get_decoder()), trials)
    typical = trials[3:]
    encoder = stream.queue.RangeEncoder()
    code.encode(typical, encoder)
    assert encoder.num_bits() - code.ideal_bits(typical).sum() <= 64 + 1e-3 * SAMPLES
    first = np.arange(1, int(40 / success))
    assert np.exp2(-code.ideal_bits(first)).sum() == pytest.approx(1, abs=1e-12)


# The recipe, by another hand


def uniforms(key, purpose, count):
    return RandomStreams(key, purpose).uniforms(0, 0, count)


@pytest.mark.parametrize("kind", LAYERED)
def test_recipe_of_layered_quantisers(kind):
    """The module's docstring, followed with NumPy's functions; k of the encoder."""
    key, v = Key(11, 3), np.array([0.2, 0.7])
    u = uniforms(key, Purpose.DITHER, 4 * 10).reshape(5, 2, 4)
    normal = np.sqrt(-2 * np.log(u[..., 1])) * np.sin(np.pi * (u[..., 2] - 0.5))
    square = normal**2 - 2 * np.log(u[..., 0])
    other = np.sqrt(-2 * np.log(1 - np.exp(-square / 2)))
    radius = np.sqrt(square)
    if kind is DirectLayered:
        left, right = -radius, radius
    else:
        first = u[..., 2] >= 0.5
        left, right = np.where(first, -other, -radius), np.where(first, radius, other)
    step = (right - left) * np.sqrt(v)
    dither = u[..., 3] - 0.5
    x = source(v, 2, 5)
    k = np.rint(x / step + dither + (left + right) / 2 / (right - left))
    code = kind(v).encode(DiagonalGaussian(x, v), STANDARD_NORMAL, key)
    np.testing.assert_array_equal(code.index, k)
    np.testing.assert_allclose(code.sample, (k - dither) * step, rtol=1e-12)


def test_recipe_of_n_balls():
    key, v, n = Key(11, 3), 0.05, 5
    x = source(v, n, 3)
    streams = RandomStreams(key, Purpose.DITHER)
    radii = uniforms(key, Purpose.RADII, 3 * 5).reshape(3, 5)  # h = 3, W = 5
    code = NBall(v, n).encode(DiagonalGaussian(x, v), STANDARD_NORMAL, key)
    for i, u in enumerate(radii):
        normal = np.sqrt(-2 * np.log(u[3])) * np.sin(np.pi * (u[4] - 0.5))
        radius = np.sqrt(v * (normal**2 - 2 * np.log(u[0] * u[1] * u[2])))
        dithers = np.array([streams.uniforms_at([0], [2 * i, 2 * i + 1], t) for t in range(60)])
        dithers = dithers.reshape(60, 8)[:, :n] - 0.5
        points = x[i] / (2 * radius) + dithers
        k = np.rint(points)
        z = (k - dithers) * 2 * radius
        trial = np.flatnonzero(((z - x[i]) ** 2).sum(axis=1) <= radius**2)[0]
        np.testing.assert_array_equal(code.index[i, 0], [trial + 1, *k[trial]])
        np.testing.assert_allclose(code.sample[i], z[trial], rtol=1e-12)


def test_recipe_of_dithered_uniform():
    key, x = Key(11, 3), source(0.0, 2, 4)
    dither = uniforms(key, Purpose.DITHER, 8).reshape(4, 2) - 0.5
    code = DitheredUniform(0.7).encode(UniformNoise(x, 0.7), STANDARD_NORMAL, key)
    np.testing.assert_array_equal(code.index, np.rint(x / 0.7 + dither))
    np.testing.assert_array_equal(code.sample, (code.index - dither) * 0.7)


@pytest.mark.parametrize(
    ("simulator", "expected"),
    [
        (DirectLayered(0.01), "b53afc05f4efb1f2f4c57e6380d27fd5"),
        (ShiftedLayered(0.01), "23a04603a4db70495f47660c8042560e"),
        (NBall(0.01, 4), "ab7fc2533d5be673b5057dfa40c32b54"),
    ],
    ids=["direct", "shifted", "ball"],
)
def test_bytes_that_were_once_sent_can_be_read(simulator, expected):
    """Pinned: other bytes mean that old streams can no longer be decoded."""
    x = np.linspace(-2, 2, 16).reshape(4, 4)
    x[3, 3] = 1e5
    code = simulator.encode(DiagonalGaussian(x, 0.01), STANDARD_NORMAL, Key(1))
    encoder = stream.queue.RangeEncoder()
    simulator.write(code.index, code.information_bits, Key(1), encoder)
    assert bytes_of(encoder).hex() == expected
    read = simulator.read(4, 4, code.information_bits, Key(1), decoder_of(bytes.fromhex(expected)))
    np.testing.assert_array_equal(read, code.index)


def test_a_prefix_of_a_batch_is_the_batch_of_a_prefix():
    for simulator in (DirectLayered(0.1), ShiftedLayered(0.1), NBall(0.1, 2)):
        x = source(0.1, 4, 50)
        whole = simulator.encode(DiagonalGaussian(x, 0.1), STANDARD_NORMAL, Key(2))
        part = simulator.encode(DiagonalGaussian(x[:7], 0.1), STANDARD_NORMAL, Key(2))
        np.testing.assert_array_equal(part.sample, whole.sample[:7])


def test_keys_and_shapes():
    """Leading dimensions are kept; another key or message means other noise."""
    layered, target = DirectLayered(0.1), DiagonalGaussian(source(0.1, 6, 20).reshape(4, 5, 6), 0.1)
    one, two = (layered.encode(target, STANDARD_NORMAL, Key(seed)) for seed in (1, 2))
    assert one.sample.shape == one.index.shape == (4, 5, 6)
    assert one.ideal_bits.shape == one.candidates.shape == (4, 5)
    assert (one.sample != two.sample).all()
    message = layered.encode(target, STANDARD_NORMAL, Key(1, 1))
    assert (one.sample != message.sample).all()


@pytest.mark.parametrize("simulator", [DirectLayered(0.1), NBall(0.1, 2)])
def test_batches_of_one_message_have_noise_of_their_own(simulator):
    target = DiagonalGaussian(np.zeros((400, 4)), 0.1)
    noises = [
        simulator.encode(target, STANDARD_NORMAL, Key(1, target=first)).sample for first in range(3)
    ]
    assert np.unique(noises).size == np.size(noises)


# Hard input

SIMULATORS = {
    "direct": (DirectLayered(0.1), lambda x: DiagonalGaussian(x, 0.1)),
    "shifted": (ShiftedLayered(0.1), lambda x: DiagonalGaussian(x, 0.1)),
    "ball": (NBall(0.1, 2), lambda x: DiagonalGaussian(x, 0.1)),
    "uniform": (DitheredUniform(0.5), lambda x: UniformNoise(x, 0.5)),
}


@pytest.fixture(params=SIMULATORS)
def simulator_and_target(request):
    return SIMULATORS[request.param]


@pytest.mark.parametrize("x", [1e2, -1e4, 1e6, 1e12])
def test_outliers_survive(simulator_and_target, x):
    """x a million deviations out costs a few words, and does no harm to what is around it."""
    simulator, target_of = simulator_and_target
    means = source(0.1, 2, 400)
    plain = simulator.encode(target_of(means), STANDARD_NORMAL, Key(4))
    means[7, 0] = x
    code = check_code(simulator, target_of(means), key=Key(4))
    assert abs(code.sample[7, 0] - x) < 10
    assert np.isfinite(code.ideal_bits).all()
    assert code.actual_bits - plain.actual_bits < 250
    np.testing.assert_array_equal(np.delete(code.sample, 7, 0), np.delete(plain.sample, 7, 0))


def test_means_too_large_for_float64_are_refused(simulator_and_target):
    simulator, target_of = simulator_and_target
    for x in (1e17, -1e300, 1.7e308):
        with pytest.raises(InputError, match=r"target: got .* below 2\^53 steps"):
            simulator.encode(target_of(np.full((3, 2), x)), STANDARD_NORMAL, Key(4))


@pytest.mark.parametrize("v", [1e-300, 1e-30, 1e-12, 1 - 1e-12, 1 - 2.0**-53])
@pytest.mark.parametrize("kind", LAYERED)
def test_extreme_variances(kind, v):
    """x within the source's law, or within 2^52 steps where that is beyond float64."""
    spread = min(np.sqrt(1 - v), 2.0**48 * np.sqrt(v))
    x = spread * np.random.default_rng(0).standard_normal((300, 1))
    target = DiagonalGaussian(x, v)
    code = check_code(kind(v), target)
    if v > 1e-20:
        assert has_law(gaussian_noise(code, target), ndtr)


@pytest.mark.parametrize("step", [1e-140, 1e-30, 1e30, 1e140])
def test_extreme_steps(step):
    x = 1e10 * min(step, 1.0) * np.random.default_rng(0).standard_normal((300, 1))
    check_code(DitheredUniform(step), UniformNoise(x, step))


@pytest.mark.parametrize("seed", range(8))
def test_foreign_bytes_give_wrong_numbers_or_a_clean_error(simulator_and_target, seed):
    simulator, _ = simulator_and_target
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**32, int(rng.integers(0, 40)), dtype=np.uint32)
    if seed % 2:
        words[:] = 2**32 - 1 if seed % 4 == 1 else 0
    try:
        index = simulator.read(500, 2, 0.0, Key(1), stream.queue.RangeDecoder(words))
        assert np.isfinite(simulator.sample(index, 2, Key(1))).all()
    except InputError:
        return
    assert index.dtype == np.int64


def test_the_wrong_key_algorithm_or_dimension_is_refused(simulator_and_target):
    simulator, target_of = simulator_and_target
    code = simulator.encode(target_of([0.3, 0.1]), STANDARD_NORMAL, Key(1)).received()
    with pytest.raises(InputError, match="another key"):
        simulator.decode(code, STANDARD_NORMAL, Key(2))
    with pytest.raises(InputError, match="another key"):
        DirectLayered(0.2).decode(code, STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize("kind", [*LAYERED, lambda v: NBall(v, 2)])
def test_targets_of_other_variances_are_refused(kind):
    with pytest.raises(InputError, match=r"got variance 0\.2 .* 0\.1, which both sides know"):
        kind(0.1).encode(DiagonalGaussian([0.3, 0.1], 0.2), STANDARD_NORMAL, Key(1))
    with pytest.raises(InputError, match="of component 1"):
        kind((0.1, 0.3)).encode(DiagonalGaussian([0.3, 0.1], 0.1), STANDARD_NORMAL, Key(1))
    with pytest.raises(InputError, match="target: got 4 components"):
        kind((0.1, 0.3)).encode(DiagonalGaussian(np.zeros(4), 0.1), STANDARD_NORMAL, Key(1))
    # What rounding does to a variance is no other variance.
    kind(0.1).encode(DiagonalGaussian([0.3, 0.1], 0.1 * (1 + 1e-10)), STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize("v", [0.0, 1.0, -0.1, np.nan, np.inf, "x", [], [[0.1]], [0.1, 2.0]])
@pytest.mark.parametrize("kind", [*LAYERED, lambda v: NBall(v, 2)])
def test_bad_variances(kind, v):
    with pytest.raises(InputError, match="variances: got"):
        kind(v)


@pytest.mark.parametrize("n", [0, 1, 11, 50, 10**9, 2.0, True, "3"])
def test_bad_ball_dimensions(n):
    with pytest.raises(InputError, match="ball_dim: got"):
        NBall(0.1, n)


def test_ball_dimensions_divide_the_components():
    with pytest.raises(InputError, match="target: got 3 components; allowed: a multiple of 2"):
        NBall(0.1, 2).encode(DiagonalGaussian(np.zeros(3), 0.1), STANDARD_NORMAL, Key(1))


def test_trials_out_of_range_are_refused():
    ball = NBall(0.1, 2)
    code = ball.encode(DiagonalGaussian(np.zeros((3, 2)), 0.1), STANDARD_NORMAL, Key(1)).received()
    for trial in (0, -5, 2**40):
        code.index[0, 0, 0] = trial
        with pytest.raises(InputError, match=r"code.index: got"):
            ball.decode(code, STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, [1.0], "x"])
def test_bad_uniform_noise(value):
    with pytest.raises(InputError, match="step: got"):
        DitheredUniform(value)
    with pytest.raises(InputError, match="source_variance: got"):
        DitheredUniform(1.0, value)
    if not isinstance(value, list):
        with pytest.raises(InputError, match="width: got"):
            UniformNoise([0.0], value)


@pytest.mark.parametrize("mean", [np.nan, np.inf, "x"])
def test_bad_means(mean):
    with pytest.raises(InputError, match="mean: got"):
        UniformNoise(mean, 1.0)


def test_uniform_noise_of_another_width_is_refused():
    with pytest.raises(InputError, match="target: got"):
        DitheredUniform(0.5).encode(UniformNoise([0.1], 0.4), STANDARD_NORMAL, Key(1))


@pytest.mark.parametrize("success", [0.0, 1.0, np.nan])
def test_bad_success(success):
    with pytest.raises(InputError, match="success: got"):
        Geometric(success)
