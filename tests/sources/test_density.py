"""Densities given as functions [T4.1]: the closed-form sources again, certificates, refusals."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.sources.density import DensitySource
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
NARROW = GaussianMixture([0.5, 0.5], [-1.5, 0.8], [1e-6, 0.3])
PAIRS = {
    "laplace": (Laplace(1.0), DensitySource(lambda x: 3 - np.abs(x), breaks=(0.0,))),
    "uniform": (Uniform(1.0), DensitySource(np.zeros_like, support=(-1.0, 1.0))),
    "normal": (normal(4.0, mean=1e3), DensitySource(lambda x: -((x - 1e3) ** 2) / 8)),
    "mixture": (MIXTURE, DensitySource(MIXTURE.log_density)),
    "narrow": (NARROW, DensitySource(NARROW.log_density, breaks=(-1.5,))),
}
FALSE_ALARM = 1e-9


def student(freedom):
    return DensitySource(lambda x: -(freedom + 1) / 2 * np.log1p(x**2 / freedom))


def beta(a, b):
    return DensitySource(lambda x: (a - 1) * np.log(x) + (b - 1) * np.log1p(-x), support=(0.0, 1.0))


@pytest.mark.parametrize("name", list(PAIRS))
def test_constants_are_those_of_the_closed_form(name):
    closed, source = PAIRS[name]
    assert source.relative_error < 1e-13
    assert source.mean == pytest.approx(closed.mean, rel=1e-15, abs=1e-15)
    assert source.variance == pytest.approx(closed.variance, rel=1e-13)
    assert source.entropy_nats == pytest.approx(closed.entropy_nats, abs=1e-12)
    assert source.fisher_information == pytest.approx(closed.fisher_information, rel=1e-10)


def test_the_normaliser_is_reported():
    assert PAIRS["laplace"][1].log_normaliser == pytest.approx(3 + np.log(2), rel=1e-15)
    assert PAIRS["uniform"][1].log_normaliser == pytest.approx(np.log(2), rel=1e-15)


@pytest.mark.parametrize("ratio", [1e-12, 1e-6, 1e-3, 0.2, 10.0, 1e4, 1e12])
@pytest.mark.parametrize("name", list(PAIRS))
def test_functions_of_y_are_those_of_the_closed_form(name, ratio):
    """At every noise level and up to 20 standard deviations [T4.1b], [T4.1d], [T4.1e].

    Tolerances: the place x of the posterior is known to 1e-16 |x|, which in units of its width,
    √t or that of X, is what limits scores and variances at small noise; exponents of size E carry
    1e-16 E, so do logarithms of densities.
    """
    closed, source = PAIRS[name]
    t = ratio * closed.variance
    width = closed.variance**0.5
    y = closed.mean + np.linspace(-20, 20, 21) * np.sqrt(closed.variance + t)
    for function, scale in (("posterior_mean", width), ("flow", width), ("score", t**-0.5)):
        one, other = getattr(closed, function)(y, t), getattr(source, function)(y, t)
        rounding = np.abs(y).max() * 1e-15 / min(width, t**0.5)
        assert np.all(np.abs(one - other) <= (1e-11 + 30 * rounding) * scale + 1e-12 * np.abs(one))
    one, other = closed.log_density(y, t), source.log_density(y, t)
    assert np.all(np.abs(one - other) <= 1e-12 + (1e-14 + 4 * rounding / 100) * np.abs(one))
    near = closed.mean + np.linspace(-0.9, 0.9, 7) * np.sqrt(closed.variance + t)
    np.testing.assert_allclose(
        source.posterior_variance(near, t),
        closed.posterior_variance(near, t),
        rtol=1e-11 + 100 * rounding,
    )
    for function in ("cdf", "sf"):
        np.testing.assert_allclose(
            getattr(source, function)(y, t), getattr(closed, function)(y, t), rtol=1e-11 + rounding
        )


@pytest.mark.parametrize("name", list(PAIRS))
def test_the_source_itself_is_that_of_the_closed_form(name):
    closed, source = PAIRS[name]
    p = np.array([1e-200, 1e-5, 0.2, 0.5, 0.77, 1 - 1e-9])
    x = closed.quantile(p)
    np.testing.assert_allclose(source.quantile(p), x, rtol=1e-12, atol=1e-13)
    inner = x[1:-1]
    np.testing.assert_allclose(source.cdf(inner), closed.cdf(inner), rtol=1e-12)
    np.testing.assert_allclose(source.log_density(inner), closed.log_density(inner), atol=1e-12)
    inner = inner[inner != 0]  # at its kink the score of the Laplace source is a convention
    width = closed.variance**0.5
    np.testing.assert_allclose(
        source.score(inner), closed.score(inner), rtol=1e-9, atol=1e-11 / width
    )


@pytest.mark.parametrize("ratio", [1e-6, 0.2, 1e4])
@pytest.mark.parametrize("name", ["laplace", "uniform", "mixture"])
def test_channels_are_those_of_the_closed_form(name, ratio):
    """To 1e-10: both are quadratures of 1e-10 at worst."""
    closed, source = PAIRS[name]
    one, other = (ScalarChannel(x, ratio * closed.variance) for x in (closed, source))
    for quantity in ("information_nats", "mmse", "flow_distortion", "output_fisher_information"):
        assert getattr(other, quantity) == pytest.approx(getattr(one, quantity), rel=1e-10)


def test_student_is_known_by_its_constants():
    """Heavy tails: variance ν/(ν - 2), G = (ν + 1)/(ν + 3), entropy of scipy."""
    source = student(5)
    assert source.variance == pytest.approx(5 / 3, rel=1e-11)
    assert source.fisher_information == pytest.approx(6 / 8, rel=1e-11)
    assert source.entropy_nats == pytest.approx(stats.t(5).entropy(), rel=1e-12)
    norm = gammaln(2.5) + np.log(np.pi * 5) / 2 - gammaln(3.0)
    assert source.log_normaliser == pytest.approx(norm, rel=1e-12)
    np.testing.assert_allclose(
        source.quantile([0.01, 0.9]), stats.t(5).ppf([0.01, 0.9]), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (beta(2.5, 3.0), None),
        (beta(2.0, 4.0), np.inf),
        (beta(1.0, 1.0), np.inf),
        (DensitySource(lambda x: -x, support=(0.0, np.inf)), np.inf),
        (DensitySource(lambda x: np.where(x > 0, -x, x - 1), breaks=(0.0,)), np.inf),
        (DensitySource(lambda x: np.where(x > 0, -x, 2 * x), breaks=(0.0,)), 2.0),
    ],
)
def test_fisher_information_is_infinite_where_the_density_leaps(source, expected):
    """p ~ d^k at an end: finite for k > 1 only; a kink is harmless [T1.13a]."""
    if expected is None:
        expected = _beta_fisher(2.5, 3.0)
    assert source.fisher_information == pytest.approx(expected, rel=1e-9)


def _beta_fisher(a, b):
    """∫ p ((a - 1)/x - (b - 1)/(1 - x))² of Beta(a, b), by moments of Beta(a - 2, b) and so on."""
    total = (a + b - 1) * (a + b - 2)
    square_low = (a - 1) ** 2 * total / ((a - 1) * (a - 2))
    square_high = (b - 1) ** 2 * total / ((b - 1) * (b - 2))
    return square_low + square_high - 2 * total


def test_separate_supports_make_the_flow_leap():
    """Two uniform pieces, weights ½: T jumps over the gap at the median."""

    def log_density(x):
        return np.where(np.abs(np.abs(x) - 2) < 1, 0.0, -np.inf)

    source = DensitySource(log_density, support=(-3, 3), breaks=(-1.0, 1.0))
    assert source.variance == pytest.approx(4 + 1 / 3, rel=1e-13)
    np.testing.assert_allclose(source.flow([-1e-6, 1e-6], 0.05), [-1, 1], atol=1e-5)
    two_points = ScalarChannel(source, 100.0)
    assert two_points.flow_distortion < two_points.ancestral_distortion


def test_draws_follow_the_density():
    """Kolmogorov-Smirnov, 5000 draws, false alarm 1e-9; the posterior against the closed form's."""
    source, rng = PAIRS["laplace"][1], np.random.default_rng(1)
    assert stats.kstest(source.sample(rng, 5000), Laplace(1.0).cdf).pvalue > FALSE_ALARM
    y = np.full(5000, 0.4)
    one = Laplace(1.0).sample_posterior(y, 0.3, rng)
    other = source.sample_posterior(y, 0.3, rng)
    assert stats.ks_2samp(one, other).pvalue > FALSE_ALARM
    assert np.unique(other).size > 4990  # continuous: no grid shows through


def test_a_function_may_be_defined_up_to_a_factor_of_any_size():
    shifted = DensitySource(lambda x: 1e4 - x**2 / 2)
    # The last place of 1e4 is 2e-12.
    assert shifted.variance == pytest.approx(1.0, rel=1e-11)
    assert shifted.log_density(0.0) == pytest.approx(-np.log(2 * np.pi) / 2, abs=1e-11)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: DensitySource(3.0), "log_density_function"),
        (lambda: DensitySource(lambda x: x), "log_density"),
        (lambda: DensitySource(lambda x: np.zeros_like(x)), "log_density"),
        (lambda: DensitySource(lambda x: np.full_like(x, np.nan)), "log_density"),
        (lambda: DensitySource(lambda x: np.full_like(x, -np.inf)), "log_density"),
        (lambda: DensitySource(lambda x: np.full_like(x, np.inf)), "log_density"),
        (lambda: DensitySource(lambda x: 0.0), "log_density"),
        (lambda: DensitySource(lambda x: np.full(x.shape, "p")), "log_density"),
        (lambda: DensitySource(lambda x: -(x**2), support=(1.0, 0.0)), "support"),
        (lambda: DensitySource(lambda x: -(x**2), support=(0.0,)), "support"),
        (lambda: DensitySource(lambda x: -(x**2), support=(0.0, np.nan)), "support"),
        (lambda: DensitySource(lambda x: -(x**2), breaks=(np.inf,)), "breaks"),
        (lambda: DensitySource(lambda x: -(x**2), support=(0.0, 1.0), breaks=(2.0,)), "breaks"),
        (lambda: student(1.5), "log_density"),
        (lambda: DensitySource(lambda x: -(x**2) + 1e-4 * np.sin(1e5 * x)), "log_density"),
        (lambda: DensitySource(lambda x: (-(x**2)).astype(np.float32)), "log_density"),
    ],
)
def test_what_cannot_be_resolved_is_refused(make, argument):
    with pytest.raises(InputError, match=rf"^{argument}(_function)?: got ") as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("means", "deviations"),
    [
        ([0.0, 100.0], [1.0, 1e-2]),
        ([0.0, 20.0], [1.0, 1e-3]),
        ([0.0, 1e6], [1.0, 1.0]),
        ([0.0, 7.0, 1e5], [1e-5, 1.0, 30.0]),
        ([-1e3, 1e3], [1e-3, 1e-3]),
    ],
)
def test_narrow_modes_are_found_without_being_named(means, deviations):
    """Half of the mass was missed without a word, or the valleys took too many panels."""
    weights = np.full(len(means), 1 / len(means))
    mixture = GaussianMixture(weights, means, np.square(deviations))
    found = DensitySource(mixture.log_density)
    # A mode of width s at m is resolved to 1e-16 |m|/s.
    assert found.log_normaliser == pytest.approx(0, abs=1e-9)
    assert found.mean == pytest.approx(mixture.mean, rel=1e-9, abs=1e-9 * mixture.variance**0.5)
    assert found.variance == pytest.approx(mixture.variance, rel=1e-9)


def test_heavy_tails_leave_no_warnings():
    """Student's law of 7 degrees: panels out to 1e77, and a noise far below their rounding."""
    source = DensitySource(lambda x: -4 * np.log1p(x * x / 7))
    assert source.quantile([1e-300, 0.5], 0.3)[1] == pytest.approx(0, abs=1e-12)
    assert np.isfinite(source.log_density([-40.0, 40.0], 1e-12)).all()


def test_little_noise_takes_little_work():
    """Moments about y itself: x - y is exact, so that no rounding is taken for roughness."""
    source = DensitySource(lambda x: 2 * np.log(x) + 3 * np.log1p(-x), support=(0.0, 1.0))
    channel = ScalarChannel(source, 1e-12 * source.variance)
    # mmse = t - t² J_t, and t J_t is some 1e-12 of the Fisher information times Var X.
    assert channel.mmse == pytest.approx(channel.noise_variance, rel=1e-9)
