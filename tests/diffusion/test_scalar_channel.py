"""DiffC of scalar sources [T4.1]: double integrals in mpmath, identities, check values."""

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy import stats
from scipy.special import ndtr

from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform
from rdtheory.testing import scalar_oracles as oracles

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
UNIT_LAPLACE = Laplace(0.5**0.5)
SOURCES = {
    "laplace": Laplace(1.0),
    "uniform": Uniform(1.0),
    "two points": TwoPoint(1.0),
    "mixture": MIXTURE,
}
FALSE_ALARM = 1e-9
GOAL = 1e-9
"""The accuracy that is promised, relative."""

PINS = [
    ("uniform", 0.2, "0.48277957836539097521", "0.11939506034488731844", "0.13276695780499529455"),
    (
        "uniform",
        1e-6,
        "6.182867123622978245",
        "9.9909680271443137465e-7",
        "9.9924774722193632495e-7",
    ),
    (
        "uniform",
        0.01,
        "1.667113468906180787",
        "0.0090968027144313746464",
        "0.0092477472219363249507",
    ),
    (
        "uniform",
        1e4,
        "0.000016666388895061537046",
        "0.33332222259257728486",
        "0.66290545292572752249",
    ),
    (
        "two points",
        0.01,
        "0.69314718055994530942",
        "2.3883834712593693218e-23",
        "3.0479412096642104264e-23",
    ),
    (
        "two points",
        0.2,
        "0.65873438109387960872",
        "0.038462811369382677444",
        "0.050694637354936527863",
    ),
    (
        "two points",
        1e4,
        "0.000049997500166645837665",
        "0.99990000999833376652",
        "1.9840425747414735852",
    ),
    ("laplace", 0.2, "1.151819454429827796", "0.17517665244376178361", "0.18062361038758563626"),
    ("mixture", 0.2, "0.91007869666360552705", "0.13565505038815243734", None),
]
"""Source, t, I, mmse, D_F: `scalar_oracles.channel` at 30 digits, 20 of them kept."""


@pytest.mark.parametrize(("name", "t", "information", "mmse", "distortion"), PINS)
def test_channels_are_the_double_integrals(name, t, information, mmse, distortion):
    """I, mmse and D_F by their definitions [T4.1a], [T4.1c]."""
    channel = ScalarChannel(SOURCES[name], t)
    assert channel.information_nats == pytest.approx(float(information), rel=GOAL)
    assert channel.mmse == pytest.approx(float(mmse), rel=GOAL)
    if distortion is not None:
        assert channel.flow_distortion == pytest.approx(float(distortion), rel=GOAL)


def test_the_pinned_values_are_the_oracles():
    """One of them computed now."""
    with mp.workdps(30):
        values = oracles.channel(oracles.two_point(1), mpf("0.2"))
        found = [values.information_nats, values.mmse, values.flow_distortion]
        pinned = next(pin[2:] for pin in PINS if pin[:2] == ("two points", 0.2))
        for one, other in zip(found, pinned, strict=True):
            assert abs(one / mpf(other) - 1) < mpf(10) ** -18


def test_a_normal_source_has_its_closed_forms():
    """[T1.5a], [T1.5b], [T1.5c], by quadrature, from t = 1e-12 to 1e12 times the variance."""
    for t in 2.0 * np.logspace(-12, 12, 9):
        channel = ScalarChannel(normal(2.0, mean=-3.0), t)
        mmse = 2 * t / (2 + t)
        assert channel.information_nats == pytest.approx(np.log1p(2 / t) / 2, rel=1e-12)
        assert channel.mmse == pytest.approx(mmse, rel=1e-12)
        assert channel.flow_distortion == pytest.approx(
            4 * (t / (2 + t)) / (1 + np.sqrt(2 / (2 + t))), rel=1e-12
        )
        assert channel.output_fisher_information == pytest.approx(1 / (2 + t), rel=1e-12)
        assert channel.gaussian_divergence_nats <= 1e-12 * channel.information_nats


@pytest.mark.parametrize("t", [0.003, 0.04, 0.2, 1.0, 30.0, 1e4])
def test_two_points_have_the_distortion_of_a_sign(t):
    """D_F = 4 Φ(-1/√t) [T4.1f]."""
    channel = ScalarChannel(TwoPoint(1.0), t)
    assert channel.flow_distortion == pytest.approx(4 * ndtr(-1 / np.sqrt(t)), rel=1e-11)


# Identities.


@pytest.mark.parametrize("ratio", [1e-3, 0.05, 1.0, 20.0])
@pytest.mark.parametrize("name", list(SOURCES))
def test_the_information_grows_by_half_the_mmse(name, ratio):
    """dI/dSNR = mmse/2 [P6], [T4.1a]: the change of I is the integral of the mmse."""
    source = SOURCES[name]
    snr = 1 / (ratio * source.variance)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    ends = snr * np.array([1.0, 1.2])
    snrs = snr * (1.1 + 0.1 * nodes)
    mmse = np.array([ScalarChannel(source, 1 / s).mmse for s in snrs])
    low, high = (ScalarChannel(source, 1 / s).information_nats for s in ends)
    # I is known to 1e-15 of the information of a Gaussian.
    rounding = 4e-15 * np.log1p(snr * source.variance)
    assert high - low == pytest.approx(0.05 * snr * (weights @ mmse), rel=1e-10, abs=rounding)


@pytest.mark.parametrize("ratio", [1e-3, 0.05, 1.0, 20.0])
@pytest.mark.parametrize("name", list(SOURCES))
def test_mmse_and_fisher_information_of_the_output_determine_each_other(name, ratio):
    """Mmse = t - t² J [T4.1a], and h(Y) = -∫ p ln p by a plain sum."""
    source = SOURCES[name]
    t = ratio * source.variance
    channel = ScalarChannel(source, t)
    by_score = t - t**2 * channel.output_fisher_information
    assert channel.mmse == pytest.approx(by_score, rel=1e-10, abs=1e-13 * t)
    look = source.features(t)
    y = np.linspace(look.low, look.high, 50_001)
    log_density = source.log_density(y, t)
    # The trapezoidal rule is exact to rounding for a density that is analytic about √t steps.
    entropy = -(look.high - look.low) / 50_000 * np.sum(np.exp(log_density) * log_density)
    assert channel.output_entropy_nats == pytest.approx(entropy, abs=1e-11)


@pytest.mark.parametrize("name", list(SOURCES))
def test_the_information_at_high_noise_is_that_of_a_gaussian(name):
    """I = ½ ln(1 + Var/t) - O(t⁻³): no cancellation in h(Y) - ½ ln 2πe t."""
    source = SOURCES[name]
    for t in source.variance * np.array([1e6, 1e9, 1e12]):
        channel = ScalarChannel(source, t)
        assert channel.information_nats == pytest.approx(
            np.log1p(source.variance / t) / 2, rel=1e-12
        )
        assert channel.flow_ratio == pytest.approx(1.0, abs=2 * np.sqrt(source.variance / t))


@pytest.mark.parametrize("name", ["laplace", "uniform", "mixture"])
def test_the_information_at_low_noise_is_the_entropy(name):
    """I → h(X) - ½ ln 2πe t."""
    source = SOURCES[name]
    t = 1e-12
    limit = source.entropy_nats - np.log(2 * np.pi * np.e * t) / 2
    assert ScalarChannel(source, t).information_nats == pytest.approx(limit, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-20, 7.0, 1e15])
def test_scaling_x_and_the_noise_leaves_the_rate(scale):
    """[P16], [T0.1]."""
    for one, other in (
        (Laplace(1.0), Laplace(scale)),
        (Uniform(1.0), Uniform(scale)),
        (TwoPoint(1.0), TwoPoint(scale)),
        (MIXTURE, GaussianMixture([0.3, 0.7], scale * MIXTURE.means, scale**2 * MIXTURE.variances)),
    ):
        before, after = ScalarChannel(one, 0.3), ScalarChannel(other, 0.3 * scale**2)
        assert after.information_nats == pytest.approx(before.information_nats, rel=1e-11)
        assert after.flow_ratio == pytest.approx(before.flow_ratio, rel=1e-9)
        assert after.mmse == pytest.approx(scale**2 * before.mmse, rel=1e-11)


# Check values of the theory page.


@pytest.mark.parametrize(
    ("source", "t", "information", "upper"),
    [
        (MIXTURE, 0.2, 0.9101, 1.0351),
        (MIXTURE, 0.03, 1.6508, 1.7009),
        (UNIT_LAPLACE, 0.2, 0.8616, 0.8863),
    ],
)
def test_members_of_the_first_result(source, t, information, upper):
    """I <= R*(D/2) - KL_Z, the upper side of Eq. 17 [T1.12], [P7]."""
    channel = ScalarChannel(source, t)
    assert channel.information_nats == pytest.approx(information, abs=5.1e-5)
    best = np.log(source.variance / channel.mmse) / 2
    member = best - channel.gaussian_divergence_nats
    assert member == pytest.approx(upper, abs=5.1e-5)
    assert channel.information_nats <= member


@pytest.mark.parametrize(
    ("t", "mmse", "low", "high"),
    [(0.2, 0.1356550504, 0.10146, 0.17421), (0.03, 0.0265481792, 0.02618, 0.02935)],
)
def test_mmse_of_the_reference_mixture(t, mmse, low, high):
    """[T4.2c], with its bracket."""
    channel = ScalarChannel(MIXTURE, t)
    assert channel.mmse == pytest.approx(mmse, abs=5.1e-11)
    assert low < channel.mmse < high


def test_flow_distortions_of_the_optima():
    """D_F of [T4.3] at t = 0.2."""
    assert ScalarChannel(MIXTURE, 0.2).flow_distortion == pytest.approx(0.1457, abs=5.1e-5)
    assert ScalarChannel(UNIT_LAPLACE, 0.2).flow_distortion == pytest.approx(0.1672, abs=5.1e-5)


def test_the_ratio_tends_to_one_half_for_smooth_densities():
    """½ + G t/8 [T1.13c], with the residuals of the page at t = 1e-3 [P8]."""
    t, g = 1e-3, MIXTURE.fisher_information
    channel = ScalarChannel(MIXTURE, t)
    assert channel.flow_ratio - (0.5 + g * t / 8) == pytest.approx(-4.9e-6, abs=5.1e-8)
    residual = channel.flow_distortion - (t - 0.75 * g * t**2)
    assert residual == pytest.approx(2.6e-8, abs=5.1e-10)


@pytest.mark.parametrize(
    ("source", "t", "ratio", "digits"),
    [
        (UNIT_LAPLACE, 0.01, 0.502090, 6),
        (UNIT_LAPLACE, 0.001, 0.500235, 6),
        (TwoPoint(1.0), 0.01, 0.63808, 5),
    ],
)
def test_ratios_outside_the_assumptions(source, t, ratio, digits):
    """[T1.13d], [P8]."""
    assert round(ScalarChannel(source, t).flow_ratio, digits) == ratio


def test_the_uniform_source_approaches_one_half_with_the_root_of_t():
    """½ + c √t [T1.13d], c by its own integral."""
    gains = [
        (ScalarChannel(Uniform(1.0), t).flow_ratio - 0.5) / np.sqrt(t) for t in (1e-2, 1e-3, 1e-4)
    ]
    assert [round(gain, 4) for gain in gains] == [0.0830, 0.0777, 0.0762]
    v = np.linspace(-38, 12, 2_000_001)
    below, density = ndtr(-v), np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)
    error = v - np.exp(stats.norm.logpdf(v) - stats.norm.logsf(v)) + density - v * below
    c = np.sum(below * error**2) * (v[1] - v[0]) / 2
    assert c == pytest.approx(0.0754722538, abs=1e-10)
    tiny = ScalarChannel(Uniform(1.0), 1e-10).flow_ratio
    assert (tiny - 0.5) / 1e-5 == pytest.approx(c, rel=1e-4)


# Sending.


@pytest.mark.parametrize("name", list(SOURCES))
def test_both_reconstructions_follow_the_source_at_their_distortion(name):
    """Perfect realism, Kolmogorov-Smirnov (the sign of two points by its count); D by its mean.

    40000 draws, fixed key; false alarm 1e-9 each: 6.1 standard errors for the means.
    """
    source, rng, n = SOURCES[name], np.random.default_rng(11), 40_000
    channel = ScalarChannel(source, 0.4)
    x = source.sample(rng, n)
    y = channel.send(x, rng)
    for end, distortion in (
        (channel.ancestral(y, rng), channel.ancestral_distortion),
        (channel.flow(y), channel.flow_distortion),
        (channel.posterior_mean(y), channel.mmse),
    ):
        errors = (x - end) ** 2
        assert abs(errors.mean() - distortion) < 6.1 * errors.std() / np.sqrt(n)
    for end in (channel.ancestral(y, rng), channel.flow(y)):
        if name == "two points":
            assert stats.binomtest(int(np.sum(end > 0)), n, 0.5).pvalue > FALSE_ALARM
        else:
            assert stats.kstest(end, source.cdf).pvalue > FALSE_ALARM


# Extremes and bad input.


@pytest.mark.parametrize("t", [1e-12, 1e-6, 1e6, 1e12])
@pytest.mark.parametrize("name", list(SOURCES))
def test_extreme_noise_gives_no_warning(name, t):
    numbers = ScalarChannel(SOURCES[name], t).to_dict()
    assert all(np.isfinite(value) for key, value in numbers.items() if key != "source")


@pytest.mark.parametrize("variance", [0.1, 0.01])
@pytest.mark.parametrize("t", [1e-4, 0.01, 0.2, 5.0])
def test_leaps_of_the_flow_are_integrated(variance, t):
    """Where T leaps over a valley of p, the integral over x = T(y) has nothing narrow.

    D_F = ∫ p(x) E[(X - x)² | Y = S(x)] dx, S = F_Y⁻¹ ∘ F_X, by the trapezoidal rule on both
    components, exact to rounding for what is analytic and 0 at both ends.
    """
    source = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [variance, 0.3])
    channel = ScalarChannel(source, t)
    total = 0.0
    for weight, mean, spread in zip(*source._parameters, strict=True):
        z = np.linspace(-8.2, 8.2, 1501)
        x = mean + np.sqrt(spread) * z
        lower = source.cdf(x) < 0.5
        y = np.empty(x.shape)
        y[lower] = source.quantile(source.cdf(x[lower]), t)
        # The upper tail is that of the mirrored mixture.
        mirrored = GaussianMixture(source.weights, -source.means, source.variances)
        y[~lower] = -mirrored.quantile(source.sf(x[~lower]), t)
        error = source.posterior_variance(y, t) + (source.posterior_mean(y, t) - x) ** 2
        total += weight * np.sum(np.exp(-(z**2) / 2) * error) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    assert channel.flow_distortion == pytest.approx(total, rel=GOAL)


def test_a_distortion_below_float64_has_no_ratio():
    channel = ScalarChannel(TwoPoint(1.0), 1e-6)
    assert channel.mmse == 0
    assert channel.information_nats == pytest.approx(np.log(2), abs=1e-13)
    with pytest.raises(InputError, match=r"^noise_variance: "):
        _ = channel.flow_ratio


@pytest.mark.parametrize("t", [0.0, -1.0, np.nan, np.inf, 1e200, "low", [1.0, 2.0], None])
def test_bad_noise_is_refused(t):
    with pytest.raises(InputError, match=r"^noise_variance: "):
        ScalarChannel(Laplace(1.0), t)


def test_a_source_must_be_scalar():
    with pytest.raises(InputError, match=r"^source: "):
        ScalarChannel([1.0, 2.0], 1.0)  # pyright: ignore[reportArgumentType]
