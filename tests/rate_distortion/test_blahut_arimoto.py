"""R(D) of discrete sources against closed forms and general solvers [T1.4a, T4.3a, T9.7]."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize
from scipy.special import logsumexp

from rdtheory.errors import InputError
from rdtheory.rate_distortion.blahut_arimoto import DiscreteRateDistortion, RateDistortionPoint
from rdtheory.rate_distortion.discrete_source import DiscreteSource
from rdtheory.rate_distortion.mixture_likelihood import maximise_mixture_likelihood
from rdtheory.rate_distortion.quantisation import discretise, quantise
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
SOURCES = (normal(), Laplace(scale=0.5**0.5), Uniform(half_width=1.0), MIXTURE)


def entropy(*p: float) -> float:
    return -sum(x * np.log(x) for x in p)


def random_problem(seed: int, letters: int, reproductions: int) -> DiscreteRateDistortion:
    rng = np.random.default_rng(seed)
    source = DiscreteSource(rng.normal(size=letters), rng.dirichlet(np.ones(letters)))
    return DiscreteRateDistortion(source, rng.random((letters, reproductions)))


def information_nats(p: np.ndarray, channel: np.ndarray) -> float:
    q = p @ channel
    return float(np.sum(p[:, None] * channel * np.log(channel / q)))


# Closed forms.


@pytest.mark.parametrize("distortion", [1e-6, 0.05, 0.2, 0.29])
def test_a_coin_under_hamming_distortion_has_the_textbook_rate(distortion):
    """[T1.4a]: h(p) - h(D) for D < p."""
    source = DiscreteSource([0.0, 1.0], [0.3, 0.7])
    point = DiscreteRateDistortion(source).at_distortion(distortion)
    exact = entropy(0.3, 0.7) - entropy(distortion, 1 - distortion)
    assert abs(point.rate_nats - exact) < 2e-10
    assert abs(point.distortion / distortion - 1) < 1e-9
    assert abs(point.slope / np.log(distortion / (1 - distortion)) - 1) < 1e-6


@pytest.mark.parametrize("letters", [2, 7, 60])
def test_equal_letters_under_hamming_distortion_have_the_textbook_rate(letters):
    """[T1.4a]: ln n - h(D) - D ln(n - 1)."""
    source = DiscreteSource(np.arange(float(letters)), np.full(letters, 1 / letters))
    curve = DiscreteRateDistortion(source, 1 - np.eye(letters))
    for distortion in (0.001, 0.1, 0.45):
        point = curve.at_distortion(distortion)
        exact = np.log(letters) - entropy(distortion, 1 - distortion)
        exact -= distortion * np.log(letters - 1)
        assert abs(point.rate_nats - exact) < 2e-10


def test_a_straight_piece_is_reached_between_its_ends():
    """Erasures: R(D) = (1 - D) ln 2 has one slope for all D, and mixtures of output laws."""
    source = DiscreteSource([0.0, 1.0], [0.5, 0.5])
    curve = DiscreteRateDistortion(source, [[0.0, 1e6, 1.0], [1e6, 0.0, 1.0]])
    for distortion in (0.1, 0.5, 0.83):
        point = curve.at_distortion(distortion)
        assert abs(point.distortion - distortion) < 1e-9
        assert abs(point.rate_nats - (1 - distortion) * np.log(2)) < 1e-9
        assert abs(curve.at_rate(point.rate_nats).distortion - distortion) < 1e-9


@pytest.mark.parametrize("distortion", [0.02, 0.1, 0.5, 0.9])
def test_a_gridded_normal_lies_between_its_derived_bounds(distortion):
    """[T1.4d]: R(D + e²) <= R_Q(D), and R_Q((√D + e + Δ/2)²) <= R(D), e² = E|Q - X|².

    A code for the centroid Q(X) is one for X with e² more distortion (X - Q is orthogonal to all
    functions of Q; X̂ depends on X through Q). Conversely the optimal X̂, rounded to the grid of
    spacing <= Δ, is within √D + e + Δ/2 of Q in L², the tails of X̂ (below 1e-9) aside.
    """
    quantised = discretise(normal(), 201)
    curve = DiscreteRateDistortion(quantised.law)
    error = quantised.mean_squared_error
    spacing = np.diff(quantised.law.points).max()
    lower = curve.at_distortion(distortion)
    assert -np.log(distortion + error) / 2 <= lower.rate_nats + 1e-12
    wider = (np.sqrt(distortion) + np.sqrt(error) + spacing / 2) ** 2
    upper = curve.at_distortion(wider)
    assert upper.lower_rate_nats <= -np.log(distortion) / 2 + 1e-8


def test_the_mixture_below_its_variances_attains_shannons_bound():
    """[T4.2a] check value R = 1.33072177 at D = 0.05.

    The weights are those of the trapezoidal rule, whose error for a mixture of deviation > 0.3 at
    spacing 0.02 is exp(-2π²(0.3/0.02)²) of the integrals; so the sums are the integrals.
    """
    x = np.arange(-4.2, 4.3, 0.02)
    weights = np.exp(MIXTURE.log_density(x))
    curve = DiscreteRateDistortion(DiscreteSource(x, weights / weights.sum()))
    point = curve.at_distortion(0.05)
    assert abs(point.rate_nats - 1.33072177) < 1e-8
    assert point.gap_nats < 1e-10
    # Nothing is to be won between the points of the grid either.
    assert curve.gap_on_the_line_nats(point) < 1e-6


def test_two_points_are_a_coin():
    """±1 under squared error where the reproductions are ±1: d = 4 if the sign is wrong."""
    curve = DiscreteRateDistortion(discretise(TwoPoint(), 50).law)
    point = curve.at_distortion(4 * 0.11)
    assert abs(point.rate_nats - (np.log(2) - entropy(0.11, 0.89))) < 2e-10


# General solvers.


@pytest.mark.parametrize(("seed", "letters", "reproductions"), [(0, 3, 3), (1, 4, 2), (2, 3, 5)])
def test_no_channel_of_a_general_convex_solver_does_better(seed, letters, reproductions):
    """[T1.4a] by SLSQP over all channels: I + s D is convex, its minimum unique."""
    curve = random_problem(seed, letters, reproductions)
    p, shape = curve.source.probabilities, (letters, reproductions)
    for multiplier in (2.0, 8.0):

        def cost(flat, multiplier=multiplier):
            channel = flat.reshape(shape)
            return information_nats(p, channel) + multiplier * np.sum(
                p[:, None] * channel * curve.distortions
            )

        def gradient(flat, multiplier=multiplier):
            channel = flat.reshape(shape)
            slopes = np.log(channel / (p @ channel)) + multiplier * curve.distortions
            return (p[:, None] * slopes).ravel()

        rows = np.kron(np.eye(letters), np.ones(reproductions))
        best = minimize(
            cost,
            np.full(letters * reproductions, 1 / reproductions),
            jac=gradient,
            method="SLSQP",
            bounds=[(1e-13, 1)] * (letters * reproductions),
            constraints=LinearConstraint(rows, 1, 1),
            options={"ftol": 1e-14, "maxiter": 500},
        )
        point = curve.at_slope(-multiplier)
        ours = point.rate_nats + multiplier * point.distortion
        # SLSQP stops where its steps change the cost by 1e-14; on these problems it ends within
        # 1e-7 of the minimum, and never below it but for the bound 1e-13 and rounding.
        assert ours <= best.fun + 1e-10
        assert best.fun < ours + 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_the_point_has_the_information_and_distortion_of_its_channel(seed):
    """[T4.3a]: the reverse channel W ∝ q A of the reported q, computed apart."""
    curve = random_problem(seed, 6, 9)
    point = curve.at_slope(-5.0)
    p = curve.source.probabilities
    channel = point.output_probabilities * np.exp(-5.0 * curve.distortions)
    channel /= channel.sum(axis=1, keepdims=True)
    assert abs(np.sum(p[:, None] * channel * curve.distortions) - point.distortion) < 1e-13
    # I(W) is below I + KL(q' ‖ q), q' = p W, which is what the dual is compared with.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(channel > 0, channel * np.log(channel / (p @ channel)), 0)
    assert 0 <= point.rate_nats - p @ ratio.sum(axis=1) <= 1.1e-10


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_certificate_is_a_function_of_the_output_law(source):
    """[T4.3a]: gap = ln max c, recomputed in the log domain; and the steps do not explode."""
    law = discretise(source, 401).law
    curve = DiscreteRateDistortion(law)
    for multiplier in (0.7, 5.0, 200.0):
        point = curve.at_slope(-multiplier)
        q = point.output_probabilities
        log_kernel = -multiplier * law.squared_errors()
        log_f = logsumexp(log_kernel, b=q, axis=1)
        log_c = logsumexp(log_kernel.T - log_f, b=law.probabilities, axis=1)
        assert abs(max(log_c.max(), 0) - point.gap_nats) < 1e-13
        assert point.gap_nats < np.log(2) * 1e-8
        assert point.converged
        assert point.iterations <= 60  # 10 to 35: plain Blahut-Arimoto would take 1e6


def test_what_the_dual_says_holds_at_every_other_point():
    """[T4.3a]: the tangent of a poor solution still lies below the curve."""
    law = discretise(MIXTURE, 101).law
    poor = DiscreteRateDistortion(law, tolerance_nats=0.05).at_slope(-3.0)
    curve = DiscreteRateDistortion(law)
    assert poor.gap_nats > 1e-4
    for distortion in (0.01, 0.1, 0.3, 1.0):
        rate = curve.at_distortion(distortion).rate_nats
        assert poor.tangent_nats(distortion) <= rate
    same = curve.at_distortion(poor.distortion)
    assert poor.lower_rate_nats <= same.lower_rate_nats <= same.rate_nats <= poor.rate_nats


def test_a_uniform_source_at_a_low_rate_gets_few_atoms():
    """Where plain Blahut-Arimoto is sublinear."""
    law = discretise(Uniform(half_width=1.0), 401).law
    point = DiscreteRateDistortion(law).at_distortion(0.1)
    assert point.gap_nats < 1e-10
    heavy = np.flatnonzero(point.output_probabilities > 1e-6)
    assert 1 <= np.count_nonzero(np.diff(heavy) > 1) < 10


def test_the_mixing_law_of_two_far_components_is_found():
    K = np.array([[1.0, 1e-200, 0.3], [1e-200, 1.0, 0.3]])
    q, _ = maximise_mixture_likelihood(K, np.array([0.5, 0.5]), np.full(3, 1 / 3), 1e-12)
    # At q = (½, ½, 0): c_3 = 0.3 · 2 = 0.6 < 1, so that the third gets nothing.
    assert q.round(9).tolist() == [0.5, 0.5, 0.0]


# Laws of the curve.


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), letters=st.sampled_from([2, 5]), scale=st.floats(-3, 3))
def test_the_curve_scales_falls_and_is_convex(seed, letters, scale):
    """[P16], and slope = dR/dD lies between neighbouring difference quotients."""
    rng = np.random.default_rng(seed)
    points, p = rng.normal(size=letters), rng.dirichlet(np.ones(letters)) + 1e-6
    curve = DiscreteRateDistortion(DiscreteSource(points, p / p.sum()))
    c = 10.0**scale
    scaled = DiscreteRateDistortion(DiscreteSource(c * points, p / p.sum()))
    if curve.largest_distortion < 1e-6:
        return
    shares = np.array([0.02, 0.2, 0.5, 0.8, 0.97])
    found = [curve.at_distortion(share * curve.largest_distortion) for share in shares]
    again = [scaled.at_distortion(share * scaled.largest_distortion) for share in shares]
    assert np.allclose([a.rate_nats for a in found], [b.rate_nats for b in again], atol=1e-9)
    rates = np.array([point.rate_nats for point in found])
    quotients = np.diff(rates) / np.diff([point.distortion for point in found])
    slopes = np.array([point.slope for point in found])
    slack = 1e-9 / np.diff(shares) / curve.largest_distortion
    assert np.all(quotients < slack)
    assert np.all(slopes[:-1] <= quotients + slack)
    assert np.all(quotients <= slopes[1:] + slack)


@pytest.mark.parametrize("seed", [77338972])
def test_a_step_longer_than_predicted_would_run_in_circles(seed):
    """Five letters at 2 % of the largest distortion, where full second-order steps cycle."""
    rng = np.random.default_rng(seed)
    points, p = rng.normal(size=5), rng.dirichlet(np.ones(5))
    curve = DiscreteRateDistortion(DiscreteSource(points, p))
    assert curve.at_distortion(0.02 * curve.largest_distortion).gap_nats < 1e-10


@pytest.mark.parametrize("seed", range(3))
def test_random_problems_of_all_shapes_are_solved_from_any_start(seed):
    rng = np.random.default_rng(seed)
    for _ in range(100):
        m, n = rng.choice([2, 3, 5, 10, 30], size=2)
        p = rng.dirichlet(np.full(m, rng.choice([0.1, 1, 10]))) + 1e-100
        K = np.exp(-(10 ** rng.uniform(-2, 3)) * rng.exponential(size=(m, n)) ** 3)
        K[:, 0] = np.maximum(K[:, 0], 1e-140)
        start = 0.99 * rng.dirichlet(np.full(n, 0.1)) + 0.01 / n
        q, iterations = maximise_mixture_likelihood(K, p / p.sum(), start, 1e-10)
        assert iterations <= 40
        assert (K.T @ (p / p.sum() / (K @ q))).max() <= 1 + 1.1e-10


def test_rates_and_distortions_are_inverse():
    curve = DiscreteRateDistortion(discretise(Laplace(scale=1.0), 101).law)
    for rate in (1e-3, 0.3, 2.0):
        point = curve.at_rate(rate)
        assert abs(point.rate_nats - rate) < 1e-9
        assert abs(curve.at_distortion(point.distortion).rate_nats - rate) < 1e-9


def test_both_ends_of_the_curve():
    law = DiscreteSource([0.0, 1.0, 5.0], [0.5, 0.3, 0.2])
    curve = DiscreteRateDistortion(law)
    assert curve.smallest_distortion == 0
    least = curve.at_slope(-1e6)
    assert abs(least.rate_nats - law.entropy_nats) < 1e-9
    for rest in (curve.at_distortion(curve.largest_distortion), curve.at_rate(0)):
        assert (rest.rate_nats, rest.gap_nats, rest.slope) == (0, 0, 0)
        assert rest.distortion == curve.largest_distortion
        assert rest.output_probabilities.tolist() == [0, 1, 0]
    # Flat slopes: one reproduction for all, and a rate that no rounding makes negative.
    flat = curve.at_slope(-1e-6)
    assert 0 <= flat.rate_nats < 1e-9
    # I + s D is within the gap of its least value, so that D is within gap/s,
    # and rounding of 1e-16 nats is 1e-10 there.
    assert abs(flat.distortion - curve.largest_distortion) <= flat.gap_nats / 1e-6 + 1e-9


def test_a_letter_that_hardly_ever_occurs_does_no_harm():
    law = DiscreteSource([0.0, 1.0, 7.0], [0.5, 0.5, 1e-280])
    point = DiscreteRateDistortion(law, 1 - np.eye(3)).at_distortion(0.11)
    assert abs(point.rate_nats - (np.log(2) - entropy(0.11, 0.89))) < 2e-10


def test_one_letter_needs_no_rate():
    curve = DiscreteRateDistortion(DiscreteSource([3.0], [1.0]))
    assert curve.at_slope(-1.0).rate_nats == 0
    assert curve.at_distortion(0.5).rate_nats == 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_gap_on_the_line_bounds_every_reproduction(source):
    """Beside the largest ln c of 20000 reproductions, which it must exceed but hardly."""
    law = discretise(source, 61).law
    curve = DiscreteRateDistortion(law)
    for multiplier in (1.5, 30.0):
        point = curve.at_slope(-multiplier)
        log_kernel = -multiplier * law.squared_errors()
        log_f = logsumexp(log_kernel, b=point.output_probabilities, axis=1)
        x = np.linspace(law.points.min() - 1, law.points.max() + 1, 20_001)
        log_c = np.log(law.probabilities) - log_f - multiplier * (x[:, None] - law.points) ** 2
        largest = max(logsumexp(log_c, axis=1).max(), point.gap_nats)
        bound = curve.gap_on_the_line_nats(point)
        # ln c has curvature >= -2s, so that 20000 points at spacing h miss at most s h²/4.
        missed = multiplier * (x[1] - x[0]) ** 2 / 4
        assert largest - 1e-12 <= bound <= largest + missed + 1e-9


def test_an_atom_between_two_points_shows_as_a_gap_on_the_line():
    curve = DiscreteRateDistortion(DiscreteSource([-1.0, 1.0], [0.5, 0.5]))
    point = curve.at_slope(-0.25)  # q = (½, ½), c(0) = e^-¼ / (½ + ½ e^-1)
    exact = -0.25 - np.log((1 + np.exp(-1)) / 2)
    assert abs(curve.gap_on_the_line_nats(point) - exact) < 1e-9


# Quantisation.


@pytest.mark.parametrize("source", [*SOURCES, TwoPoint()], ids=lambda source: source.name)
@pytest.mark.parametrize("count", [2, 10, 401])
def test_quantisation_keeps_mean_and_variance(source, count):
    """Centroids: E Q = E X and Var Q + E(Q - X)² = Var X. Errors of panels are 1e-13 each."""
    quantised = discretise(source, count)
    assert abs(quantised.law.mean - source.mean) < 1e-12
    total = quantised.law.variance + quantised.mean_squared_error
    assert abs(total - source.variance) < 1e-12 * count


def test_the_quantiser_of_a_normal_law_has_its_textbook_error():
    """One bit: points ±sqrt(2/π), error 1 - 2/π (Max 1960)."""
    halves = quantise(normal(), [0.0])
    assert np.allclose(halves.law.points, [-np.sqrt(2 / np.pi), np.sqrt(2 / np.pi)], atol=1e-14)
    assert abs(halves.mean_squared_error - (1 - 2 / np.pi)) < 1e-13


def test_quantisation_sees_a_far_tail():
    """The cell beyond 30 scales of a Laplace law: probability ½ e^-30, centroid one scale on."""
    law = quantise(Laplace(scale=1.0), [0.0, 30.0]).law
    assert abs(law.probabilities[-1] / (np.exp(-30) / 2) - 1) < 1e-12
    assert abs(law.points[-1] - 31) < 1e-11


# Bad input, and what comes out.


@pytest.mark.parametrize(
    ("points", "probabilities", "argument"),
    [
        ([], [], "points"),
        ([[0.0]], [1.0], "points"),
        ([0.0, np.nan], [0.5, 0.5], "points"),
        (["a", "b"], [0.5, 0.5], "points"),
        ([0.0, 1.0], [1.0], "probabilities"),
        ([0.0, 1.0], [0.5, 0.6], "probabilities"),
        ([0.0, 1.0], [1.0, 0.0], "probabilities"),
        ([0.0, 1.0], [1.5, -0.5], "probabilities"),
        ([0.0, 1.0], [np.nan, 0.5], "probabilities"),
    ],
)
def test_a_law_that_is_none_is_refused(points, probabilities, argument):
    with pytest.raises(InputError, match=f"^{argument}"):
        DiscreteSource(points, probabilities)


BAD = (0.0, np.nan, np.inf, "one", None, [0.1, 0.2], 1j)


@pytest.mark.parametrize("bad", [*BAD, -0.1], ids=repr)
def test_a_distortion_that_no_code_has_is_refused(bad):
    curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
    with pytest.raises(InputError, match=r"^distortion"):
        curve.at_distortion(bad)


@pytest.mark.parametrize("bad", [*BAD, 0.1, -np.inf], ids=repr)
def test_a_slope_that_no_curve_has_is_refused(bad):
    curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
    with pytest.raises(InputError, match=r"^slope"):
        curve.at_slope(bad)


@pytest.mark.parametrize("bad", [*BAD[1:], -0.1, 0.7], ids=repr)
def test_a_rate_beyond_the_entropy_is_refused(bad):
    curve = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
    with pytest.raises(InputError, match=r"^rate_nats"):
        curve.at_rate(bad)


@pytest.mark.parametrize("bad", [[0.0, 1.0], [[0.0], [np.inf]], [[0.0]], "d", np.zeros((2, 0))])
def test_distortions_that_are_no_matrix_are_refused(bad):
    source = DiscreteSource([0.0, 1.0], [0.5, 0.5])
    with pytest.raises(InputError, match=r"^distortions"):
        DiscreteRateDistortion(source, bad)
    curve = DiscreteRateDistortion(source, np.eye(2))
    point = curve.at_slope(-1.0)
    with pytest.raises(InputError, match=r"^distortions"):
        curve.gap_on_the_line_nats(point)


def test_other_bad_arguments_are_refused():
    source = DiscreteSource([0.0, 1.0], [0.5, 0.5])
    with pytest.raises(InputError, match=r"^source"):
        DiscreteRateDistortion([0.5, 0.5])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^tolerance_nats"):
        DiscreteRateDistortion(source, tolerance_nats=0.0)
    with pytest.raises(InputError, match=r"^points"):
        DiscreteSource([-1e200, 1e200], [0.5, 0.5]).squared_errors()
    for edges in ([], [1.0, 0.0], [np.inf], [[0.0]], "edge"):
        with pytest.raises(InputError, match=r"^edges"):
            quantise(normal(), edges)
    for count in (0, 1, 2.5, "many"):
        with pytest.raises(InputError, match=r"^count"):
            discretise(normal(), count)  # type: ignore[arg-type]
    for tail in (0.0, 0.5, np.nan, "tail"):
        with pytest.raises(InputError, match=r"^tail_probability"):
            discretise(normal(), 10, tail)  # type: ignore[arg-type]


def test_a_tolerance_beyond_float64_is_not_claimed():
    curve = DiscreteRateDistortion(discretise(MIXTURE, 101).law, tolerance_nats=1e-30)
    with pytest.raises(RuntimeError, match="gap"):
        curve.at_slope(-3.0)


def test_a_point_is_ready_for_json():
    point = DiscreteRateDistortion(DiscreteSource([0.0, 1.0], [0.5, 0.5])).at_slope(-2.0)
    assert isinstance(point, RateDistortionPoint)
    data = json.loads(json.dumps(point.to_dict()))
    assert data["lower_rate_nats"] == point.rate_nats - point.gap_nats
    assert data["output_probabilities"] == pytest.approx([0.5, 0.5])
    assert not point.output_probabilities.flags.writeable
