"""One-dimensional sources [T4.1]: closed forms against integrals in mpmath, tails, samplers."""

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy import stats

from rdtheory.errors import InputError
from rdtheory.sources.cut_normal import cut_normal, sample_cut_normal
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform
from rdtheory.testing import scalar_oracles as oracles

REFERENCE = ([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
SOURCES = {
    "laplace": Laplace(0.7),
    "uniform": Uniform(1.3),
    "two points": TwoPoint(0.8),
    "mixture": GaussianMixture(*REFERENCE),
    "normal": normal(2.0, mean=0.5),
}
LAWS = {
    "laplace": lambda: oracles.laplace(0.7),
    "uniform": lambda: oracles.uniform(1.3),
    "two points": lambda: oracles.two_point(0.8),
    "mixture": lambda: oracles.mixture(*REFERENCE),
    "normal": lambda: oracles.mixture([1], [0.5], [2.0]),
}
NAMES = list(SOURCES)
CONTINUOUS = [name for name in NAMES if name != "two points"]
FALSE_ALARM = 1e-9


def outputs(source, t, deviations):
    """Points at which Y is 0, 1, .. standard deviations from its mean."""
    return source.mean + np.array(deviations) * np.sqrt(source.variance + t)


# Closed forms against integrals.


@pytest.mark.parametrize("t", [1e-4, 0.3, 300.0])
@pytest.mark.parametrize("name", NAMES)
def test_density_score_and_posterior_are_the_integrals_that_define_them(name, t):
    """[T4.1b], [T4.1d], [T4.1e], [T4.1f], [T1.13b]."""
    source = SOURCES[name]
    y = outputs(source, t, [-1.745, -0.3, 0.45, 1.7])
    with mp.workdps(25):
        law = LAWS[name]()
        exact = [oracles.moments(law, float(value), t) for value in y]
        density, mean, variance = np.array(exact).T
        score = np.array([(m - mpf(value)) / mpf(t) for m, value in zip(mean, y, strict=True)])
    # 1e-13 relative, absolute on the natural scale: the source's width, 1/√t for a score. The
    # exponent y²/2t of a density may be 700, whose last place is 1e-13.
    close = {"rtol": 3e-12, "atol": 1e-40}
    np.testing.assert_allclose(np.exp(source.log_density(y, t)), density.astype(float), **close)
    np.testing.assert_allclose(source.posterior_variance(y, t), variance.astype(float), **close)
    width = np.sqrt(min(source.variance, t))
    np.testing.assert_allclose(
        source.posterior_mean(y, t), mean.astype(float), rtol=0, atol=1e-13 * np.abs(y).max()
    )
    np.testing.assert_allclose(source.score(y, t), score.astype(float), rtol=0, atol=1e-11 / width)


@pytest.mark.parametrize("t", [1e-4, 0.3, 300.0])
@pytest.mark.parametrize("name", NAMES)
def test_distribution_functions_are_accurate_in_both_tails(name, t):
    source = SOURCES[name]
    y = outputs(source, t, [-4.0, -1.0, 0.2, 4.0])
    with mp.workdps(25):
        law = LAWS[name]()
        exact = [oracles.output_cdf(law, float(value), t) for value in y]
        below = np.array([float(p) for p in exact])
        above = np.array([float(oracles.output_sf(law, float(v), t)) for v in y])
    np.testing.assert_allclose(source.cdf(y, t), below, rtol=1e-11)
    np.testing.assert_allclose(source.sf(y, t), above, rtol=1e-11)


def test_constants_of_the_sources():
    """Variance, entropy and G of [T4.1d], [T4.1e] and of the mixture of [T4.2]."""
    laplace, uniform, mixture = SOURCES["laplace"], SOURCES["uniform"], SOURCES["mixture"]
    assert laplace.variance == pytest.approx(2 * 0.49)
    assert laplace.entropy_nats == pytest.approx(1 + np.log(1.4))
    assert laplace.fisher_information == pytest.approx(1 / 0.49)
    assert uniform.variance == pytest.approx(1.69 / 3)
    assert uniform.entropy_nats == pytest.approx(np.log(2.6))
    assert uniform.fisher_information == np.inf
    assert TwoPoint(0.8).entropy_nats == -np.inf
    assert mixture.variance == pytest.approx(1.3509, abs=1e-14)
    assert mixture.entropy_nats == pytest.approx(1.2517941692, abs=6e-11)
    assert mixture.fisher_information == pytest.approx(4.8565132619, abs=6e-11)
    assert normal(3.0).fisher_information == pytest.approx(1 / 3)


def test_a_mixture_of_equal_components_is_that_component():
    """[T4.1b] leaves one Gaussian alone, also through the quadratures and the root finder."""
    split, whole = GaussianMixture([0.25, 0.75], [1.0, 1.0], [2.0, 2.0]), normal(2.0, mean=1.0)
    y = np.linspace(-30, 30, 13)
    assert split.entropy_nats == pytest.approx(whole.entropy_nats, abs=1e-12)
    assert split.fisher_information == pytest.approx(whole.fisher_information, rel=1e-12)
    for function in ("log_density", "score", "posterior_mean", "posterior_variance", "flow"):
        np.testing.assert_allclose(
            getattr(split, function)(y, 0.7), getattr(whole, function)(y, 0.7), rtol=1e-13
        )


# The flow and quantiles.


@pytest.mark.parametrize("t", [1e-6, 0.3, 40.0])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_flow_takes_the_law_of_y_to_that_of_x(name, t):
    """T = F_X⁻¹ ∘ F_Y [T1.1d], in both tails: F_X(T(y)) = F_Y(y) relative to the smaller tail."""
    source = SOURCES[name]
    y = outputs(source, t, np.linspace(-7, 7, 29))
    end = source.flow(y, t)
    assert np.all(np.diff(end) >= 0)
    lower = y < source.quantile(0.5, t)
    # Near an end of the support F_X(x) moves by 1e-16 when x moves by one place.
    rounding = 4e-16 if name == "uniform" else 0.0
    for some, tail in ((lower, source.cdf), (~lower, source.sf)):
        wanted = tail(y[some], t)
        assert np.all(np.abs(tail(end[some]) - wanted) <= 1e-11 * wanted + rounding)


def test_the_flow_of_a_normal_source_is_a_gain():
    """Sqrt(λ/(λ + t)) [T1.5c], at 40 standard deviations too."""
    y = np.linspace(-40, 40, 17) * np.sqrt(2.5)
    np.testing.assert_allclose(normal(2.0).flow(y, 0.5), y * np.sqrt(0.8), rtol=1e-12, atol=1e-15)


def test_the_flow_of_two_points_is_the_sign():
    """[T4.1f]."""
    np.testing.assert_array_equal(TwoPoint(2.0).flow([-1e-9, 1e-9, 30.0], 0.2), [-2.0, 2.0, 2.0])


@pytest.mark.parametrize("t", [0.0, 1e-5, 2.0])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_quantiles_invert_the_distribution_function(name, t):
    source = SOURCES[name]
    p = np.array([1e-300, 1e-20, 0.01, 0.4, 0.5, 0.93, 1 - 1e-10])
    y = source.quantile(p, t)
    low, high = p[:4], p[4:]
    slack = 1e-11 + 1e-15 / low * (name == "uniform" and t == 0)
    assert np.all(np.abs(source.cdf(y[:4], t) / low - 1) <= slack)
    np.testing.assert_allclose(source.sf(y[4:], t), 1 - high, rtol=1e-11)


def test_two_points_have_the_quantiles_of_atoms():
    np.testing.assert_array_equal(TwoPoint(1.0).quantile([0.1, 0.5, 0.500001]), [-1, -1, 1])
    np.testing.assert_array_equal(TwoPoint(1.0).cdf([-1.1, -1.0, 0.0, 1.0]), [0, 0.5, 0.5, 1])
    np.testing.assert_array_equal(TwoPoint(1.0).sf([-1.1, -1.0, 0.0, 1.0]), [1, 0.5, 0.5, 0])


# Extremes and scales.


@pytest.mark.parametrize("t", [1e-12, 1e-6, 1e-2, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows_at_forty_standard_deviations(name, t):
    """[T9.3]; warnings are errors."""
    source = SOURCES[name]
    y = outputs(source, t, np.linspace(-40, 40, 41))
    for function in ("log_density", "score", "posterior_mean", "posterior_variance", "flow"):
        assert np.all(np.isfinite(getattr(source, function)(y, t))), function
    assert np.all(np.diff(source.posterior_mean(y, t)) >= -1e-12 * source.variance**0.5)
    assert np.all(source.posterior_variance(y, t) <= max(t, 4 * source.variance) + 1e-300)
    np.testing.assert_allclose(source.cdf(y, t) + source.sf(y, t), 1, rtol=1e-10)


def test_far_tails_have_their_limits():
    """Laplace: score ∓1/b [T9.3]; uniform: posterior at the end, exponential of scale t/gap."""
    np.testing.assert_allclose(Laplace(2.0).score([-1e4, 1e4], 0.3), [0.5, -0.5], rtol=1e-15)
    uniform, gap, t = Uniform(1.0), 200.0, 0.01
    assert uniform.posterior_mean(1 + gap, t) == pytest.approx(
        1 - t / gap * (1 - 2 * t / gap**2), abs=1e-14
    )
    assert uniform.posterior_variance(1 + gap, t) == pytest.approx((t / gap) ** 2, rel=1e-6)
    assert uniform.log_density(1 + gap, t) == pytest.approx(-(gap**2) / 2 / t, rel=1e-5)


def test_no_noise_gives_x_itself_also_among_others():
    source = Laplace(1.0)
    y = np.array([[-2.0], [0.5]])
    t = np.array([0.0, 0.3])
    assert source.posterior_mean(y, t).shape == (2, 2)
    np.testing.assert_array_equal(source.posterior_mean(y, t)[:, :1], y)
    np.testing.assert_array_equal(source.posterior_variance(y, t)[:, 0], 0)
    np.testing.assert_array_equal(source.flow(y, t)[:, :1], y)
    np.testing.assert_array_equal(source.score(y, t)[:, 0], [1.0, -1.0])
    np.testing.assert_array_equal(source.log_density(y, t)[:, 1], source.log_density(y[:, 0], 0.3))


@pytest.mark.parametrize("scale", [1e-30, 3.0, 1e40])
def test_scaling_x_and_the_noise_scales_everything(scale):
    """[P16], [T0.1]."""
    y, t = np.linspace(-5, 5, 7), 0.4
    mixture = GaussianMixture(*REFERENCE)
    scaled = GaussianMixture(REFERENCE[0], scale * mixture.means, scale**2 * mixture.variances)
    pairs = [(Laplace(1.0), Laplace(scale)), (Uniform(1.0), Uniform(scale)), (mixture, scaled)]
    for one, other in [*pairs, (TwoPoint(1.0), TwoPoint(scale))]:
        arguments = scale * y, scale**2 * t
        for function, power in (("posterior_mean", 1), ("posterior_variance", 2), ("flow", 1)):
            np.testing.assert_allclose(
                getattr(other, function)(*arguments),
                scale**power * getattr(one, function)(y, t),
                rtol=1e-11,
                atol=1e-13 * scale**power,
            )
        np.testing.assert_allclose(other.cdf(*arguments), one.cdf(y, t), rtol=1e-11)


# The normal law cut to an interval.


@pytest.mark.parametrize(
    ("centre", "t", "low", "high"),
    [
        (0.0, 1.0, 0.0, np.inf),
        (0.3, 1.0, -1.0, 2.0),
        (-40.0, 1.0, 0.0, 3.0),
        (1e6, 1e12, -1.0, 1.0),
        (0.9999, 1e-6, -1.0, 1.0),
        (3.0, 1.0, -np.inf, -2.0),
    ],
)
def test_moments_of_the_cut_normal_are_its_integrals(centre, t, low, high):
    law = cut_normal(np.array([centre]), np.array([t]), low, high)
    with mp.workdps(30):
        m, v, mode = mpf(centre), mpf(t), min(max(mpf(centre), low), high)
        reach = min(14 * mp.sqrt(v), 80 * v / max(abs(mode - m), mpf(10) ** -20))
        start, end = max(mpf(low), mode - reach), min(mpf(high), mode + reach)
        edges = mp.linspace(start, end, 9)

        def moment(function):
            def integrand(x):
                return function(x) * mp.exp(-((x - m) ** 2 - (mode - m) ** 2) / (2 * v))

            return mp.quad(integrand, edges)

        mass = moment(lambda x: 1)
        mean = moment(lambda x: x - mode) / mass
        variance = moment(lambda x: (x - mode - mean) ** 2) / mass
        log_mass = mp.log(mass / mp.sqrt(2 * mp.pi * v)) - (mode - m) ** 2 / (2 * v)
    # The exponents cut at e^-40 leave 4e-18 and rounding of the exponent 40 times 1e-16.
    assert law.excess[0] == pytest.approx(float(mean), rel=3e-14, abs=1e-14 * float(variance**0.5))
    assert law.variance[0] == pytest.approx(float(variance), rel=3e-14)
    assert law.log_mass[0] == pytest.approx(float(log_mass), rel=1e-14, abs=3e-14)


@pytest.mark.parametrize(
    ("centre", "t", "low", "high"),
    [(0.3, 1.0, -1.0, 2.0), (-3.0, 1.0, 0.0, np.inf), (0.7, 1.0, -np.inf, 0.0), (5.0, 99.0, 0, 1)],
)
def test_draws_of_the_cut_normal_follow_it(centre, t, low, high):
    """Kolmogorov-Smirnov, false alarm 1e-9."""
    rng = np.random.default_rng(7)
    centres = np.full(20_000, centre)
    draws = sample_cut_normal(centres, np.full(20_000, t), low, high, rng)
    ends = (np.array([low, high]) - centre) / np.sqrt(t)
    law = stats.truncnorm(*ends, loc=centre, scale=np.sqrt(t))
    assert stats.kstest(draws, law.cdf).pvalue > FALSE_ALARM


# Samplers, 20000 draws each, Kolmogorov-Smirnov, false alarm 1e-9.


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_the_source(name):
    source = SOURCES[name]
    draws = source.sample(np.random.default_rng(3), 20_000)
    assert stats.kstest(draws, source.cdf).pvalue > FALSE_ALARM


@pytest.mark.parametrize(("y", "t"), [(0.2, 0.3), (-3.0, 0.5), (1.0, 30.0)])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_posterior_draws_follow_bayes(name, y, t):
    """P(x | y) ∝ p(x) exp(-(x - y)²/2t), summed on a grid."""
    source = SOURCES[name]
    grid = np.linspace(-25, 25, 200_001)
    log_p = source.log_density(grid) - (grid - y) ** 2 / (2 * t)
    cdf = np.cumsum(np.exp(log_p - log_p.max()))
    outputs_ = np.full(20_000, y)
    draws = source.sample_posterior(outputs_, t, np.random.default_rng(4))
    # A step of the grid, 2.5e-4, has at most 1e-3 of the mass: not seen by 20000 draws.
    law = stats.kstest(
        draws, lambda x: np.interp(x, grid, (cdf - np.diff(cdf, prepend=0) / 2) / cdf[-1])
    )
    assert law.pvalue > FALSE_ALARM


def test_posterior_draws_of_two_points_have_their_mean():
    """A binomial count of 20000, two-sided false alarm 1e-9."""
    source, y, t = TwoPoint(1.0), 0.2, 0.5
    draws = source.sample_posterior(np.full(20_000, y), t, np.random.default_rng(5))
    assert set(draws.tolist()) == {-1.0, 1.0}
    expected = (1 + np.tanh(y / t)) / 2
    assert stats.binomtest(int(np.sum(draws > 0)), 20_000, expected).pvalue > FALSE_ALARM


# Bad input.


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: Laplace(0.0), "scale"),
        (lambda: Laplace("wide"), "scale"),
        (lambda: Laplace([1.0, 2.0]), "scale"),
        (lambda: Uniform(-1.0), "half_width"),
        (lambda: Uniform(np.nan), "half_width"),
        (lambda: TwoPoint(np.inf), "amplitude"),
        (lambda: normal(0.0), "variances"),
        (lambda: normal(1.0, mean=np.nan), "means"),
        (lambda: GaussianMixture([], [], []), "weights"),
        (lambda: GaussianMixture([0.5, 0.6], [0, 1], [1, 1]), "weights"),
        (lambda: GaussianMixture([0.5, 0.5], [0], [1, 1]), "means"),
        (lambda: GaussianMixture([1.5, -0.5], [0, 1], [1, 1]), "weights"),
        (lambda: Laplace(1.0).log_density(np.nan, 1.0), "y"),
        (lambda: Laplace(1.0).log_density("x", 1.0), "y"),
        (lambda: Laplace(1.0).score(0.0, -1.0), "noise_variance"),
        (lambda: Laplace(1.0).score(0.0, np.inf), "noise_variance"),
        (lambda: Laplace(1.0).score(np.zeros(3), np.ones(2)), "noise_variance"),
        (lambda: Laplace(1.0).quantile(0.0), "p"),
        (lambda: Laplace(1.0).quantile([0.5, 1.0]), "p"),
        (lambda: Laplace(1.0).sample(7, 3), "rng"),
        (lambda: Laplace(1.0).sample(np.random.default_rng(0), 0), "size"),
        (lambda: TwoPoint().score(0.3), "noise_variance"),
        (lambda: Uniform(1.0).score(1.5), "y"),
    ],
)
def test_bad_input_is_one_clear_line(call, argument):
    with pytest.raises(InputError, match=f"^{argument}: got ") as caught:
        call()
    assert "\n" not in str(caught.value)


def test_empty_arrays_stay_empty():
    for source in SOURCES.values():
        for function in ("log_density", "posterior_mean", "posterior_variance", "flow", "cdf"):
            assert getattr(source, function)(np.empty((0, 3)), 0.5).shape == (0, 3)
