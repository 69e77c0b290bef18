"""R_pr(D) of discrete sources against closed forms and general solvers [T1.4b, T1.4c, T4.3b]."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize

from rdtheory.errors import InputError
from rdtheory.perception.perfect_realism import PerfectRealism
from rdtheory.rate_distortion.blahut_arimoto import DiscreteRateDistortion
from rdtheory.rate_distortion.discrete_source import DiscreteSource
from rdtheory.rate_distortion.quantisation import discretise
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
LAPLACE = Laplace(scale=0.5**0.5)
SOURCES = (normal(), LAPLACE, Uniform(half_width=1.0), MIXTURE)
COIN = DiscreteSource([0.0, 1.0], [0.5, 0.5])


def random_source(seed: int, letters: int) -> DiscreteSource:
    rng = np.random.default_rng(seed)
    return DiscreteSource(rng.normal(size=letters), rng.dirichlet(np.ones(letters)))


def divergence_nats(coupling: np.ndarray, p: np.ndarray) -> float:
    """KL(π ‖ p p), which is the information if the marginals are p."""
    product = np.outer(p, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(coupling > 0, coupling * np.log(coupling / product), 0)
    return float(terms.sum())


# Closed forms.


@pytest.mark.parametrize("distortion", [1e-9, 0.05, 0.2, 0.4])
def test_a_biased_coin_has_the_rate_of_its_only_symmetric_coupling(distortion):
    """Marginals (p, 1-p) and P(X ≠ X̂) = D leave one coupling: its information in closed form."""
    p = np.array([0.3, 0.7])
    coupling = np.array([[0.3 - distortion / 2, distortion / 2], [distortion / 2, 0.0]])
    coupling[1, 1] = 0.7 - distortion / 2
    point = PerfectRealism(DiscreteSource([0.0, 1.0], p)).at_distortion(distortion)
    assert abs(point.rate_nats - divergence_nats(coupling, p)) < 2e-10
    assert abs(point.distortion / distortion - 1) < 1e-8


@pytest.mark.parametrize("distortion", [0.02, 0.2, 1.0, 1.9])
def test_a_gridded_normal_lies_between_its_derived_bounds(distortion):
    """[T1.5e, T1.9f], and [T4.5] with the same argument the other way.

    X and X̂ quantised are within √D + 2e of each other, e² = E|Q - X|²; and Q, Q̂ with a little
    noise of their cells, drawn apart, are distributed as X and X̂ within √D + 2e.
    """

    def exact(D):
        return -np.log(D / 2 * (2 - D / 2)) / 2 if D < 2 else 0.0

    quantised = discretise(normal(), 401)
    realism = PerfectRealism(quantised.law)
    shift = 2 * np.sqrt(quantised.mean_squared_error)
    wider = realism.at_distortion((np.sqrt(distortion) + shift) ** 2)
    assert wider.lower_rate_nats <= exact(distortion)
    point = realism.at_distortion(distortion)
    assert point.rate_nats >= exact((np.sqrt(distortion) + shift) ** 2) - 1e-12
    # Rates between quantised and continuous differ by O(Δ²): 2e-3 here at the smallest D.
    assert abs(point.rate_nats - exact(distortion)) < 2e-4 / distortion


@pytest.mark.parametrize(
    ("source", "distortion", "diffc_f", "optimum"),
    [(MIXTURE, 0.1457, 0.9101, 0.8888), (LAPLACE, 0.1672, 0.8616, 0.859)],
    ids=["mixture", "Laplace"],
)
def test_the_flow_is_beaten_by_as_much_as_the_check_values_say(
    source, distortion, diffc_f, optimum
):
    """[T4.3b] check values at t = 0.2; D_F is printed to 4 digits, which is 3e-4 of the rate."""
    point = PerfectRealism(discretise(source, 401).law).at_distortion(distortion)
    assert abs(point.rate_nats - optimum) < 5e-4
    assert point.rate_nats < diffc_f  # [P15]
    assert point.gap_nats < np.log(2) * 1e-8


# General solvers.


@pytest.mark.parametrize(("seed", "letters"), [(0, 2), (1, 3), (2, 4)])
def test_no_coupling_of_a_general_convex_solver_does_better(seed, letters):
    """[T1.4b] by SLSQP over all couplings with both marginals p."""
    source = random_source(seed, letters)
    p, d = source.probabilities, source.squared_errors()
    ones, eye = np.ones(letters), np.eye(letters)
    marginals = np.vstack([np.kron(eye, ones), np.kron(ones, eye)[:-1]])
    for epsilon in (0.3, 2.0):

        def cost(flat, epsilon=epsilon):
            return flat @ np.log(flat / np.outer(p, p).ravel()) + flat @ d.ravel() / epsilon

        def gradient(flat, epsilon=epsilon):
            return np.log(flat / np.outer(p, p).ravel()) + 1 + d.ravel() / epsilon

        best = minimize(
            cost,
            np.outer(p, p).ravel(),
            jac=gradient,
            method="SLSQP",
            bounds=[(1e-13, 1)] * letters**2,
            constraints=LinearConstraint(marginals, np.r_[p, p[:-1]], np.r_[p, p[:-1]]),
            options={"ftol": 1e-14, "maxiter": 500},
        )
        point = PerfectRealism(source).at_regularisation(epsilon)
        ours = point.rate_nats + point.distortion / epsilon
        # SLSQP ends within 1e-7 of the minimum here; never below but for the bound 1e-13.
        assert ours <= best.fun + 1e-10
        assert best.fun < ours + 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_no_other_coupling_does_better_to_first_order(seed):
    """Brute force: the linear programme min <gradient, π> over couplings is solved by ours."""
    source = random_source(seed, 8)
    realism = PerfectRealism(source)
    point = realism.at_regularisation(0.5)
    coupling = realism.coupling(point)
    p = source.probabilities
    gradient = (np.log(coupling / np.outer(p, p)) + source.squared_errors() / 0.5).ravel()
    ones, eye = np.ones(8), np.eye(8)
    marginals = np.vstack([np.kron(eye, ones), np.kron(ones, eye)[:-1]])
    least = linprog(gradient, A_eq=marginals, b_eq=np.r_[p, p[:-1]], bounds=(0, None)).fun
    # HiGHS is feasible to 1e-7 times the gradient.
    assert coupling.ravel() @ gradient <= least + 1e-6


# The certificate.


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("epsilon", [1e-4, 0.01, 0.3, 5.0])
def test_the_certificate_holds_at_every_regularisation(source, epsilon):
    """[T4.3b]: primal and dual recomputed from coupling and potentials alone; < 1e-8 bits."""
    law = discretise(source, 201).law
    p, d = law.probabilities, law.squared_errors()
    realism = PerfectRealism(law)
    point = realism.at_regularisation(epsilon)
    coupling = realism.coupling(point)
    assert coupling.min() >= 0
    assert np.abs(coupling - coupling.T).max() < 1e-16
    assert np.abs(coupling.sum(axis=1) - p).max() < 1e-15
    rate = divergence_nats(coupling, p)
    distortion = float(np.sum(coupling * d))
    # Sums of 4e4 terms, of logarithms up to 700: 1e-12.
    assert abs(point.rate_nats - rate) < 1e-12
    assert abs(point.distortion - distortion) < 1e-12 * max(distortion, 1e-3)
    a = point.potentials
    tilt = np.exp(np.log(np.outer(p, p)) + a[:, None] + a - d / epsilon)
    dual = 2 * p @ a - np.log(tilt.sum())
    assert dual <= rate + distortion / epsilon + 1e-12
    assert abs(rate + distortion / epsilon - dual - point.gap_nats) < 2e-12
    assert point.gap_nats < np.log(2) * 1e-8
    assert point.iterations <= 60  # the error falls by 1/3 a step, whatever epsilon


def test_what_the_dual_says_holds_at_every_other_point():
    """A solution stopped early still bounds the curve from both sides."""
    law = discretise(MIXTURE, 101).law
    poor = PerfectRealism(law, tolerance_nats=1.0).at_regularisation(0.3)
    realism = PerfectRealism(law)
    assert poor.gap_nats > 1e-4
    for distortion in (0.01, 0.1, 0.5, 2.0):
        assert poor.tangent_nats(distortion) <= realism.at_distortion(distortion).rate_nats
    same = realism.at_distortion(poor.distortion)
    assert poor.lower_rate_nats <= same.rate_nats <= poor.rate_nats


# Laws of the curve.


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), letters=st.sampled_from([2, 5, 12]), scale=st.floats(-3, 3))
def test_the_curve_scales_falls_is_convex_and_above_that_without_realism(seed, letters, scale):
    """[P15, P16, T1.4c]: R(D) <= R_pr(D) <= R(D/2), the right side at reproductions anywhere."""
    source = random_source(seed, letters)
    realism, plain = PerfectRealism(source), DiscreteRateDistortion(source)
    c = 10.0**scale
    scaled = PerfectRealism(DiscreteSource(c * source.points, source.probabilities))
    shares = np.array([0.05, 0.3, 0.6, 0.9])
    found = [realism.at_distortion(share * realism.largest_distortion) for share in shares]
    again = [scaled.at_distortion(share * scaled.largest_distortion) for share in shares]
    rates = np.array([point.rate_nats for point in found])
    distortions = np.array([point.distortion for point in found])
    assert np.allclose(rates, [point.rate_nats for point in again], rtol=0, atol=1e-8)
    quotients = np.diff(rates) / np.diff(distortions)
    slopes = np.array([point.slope for point in found])
    slack = 1e-9 / realism.largest_distortion
    assert np.all(slopes[:-1] <= quotients + slack)
    assert np.all(quotients <= slopes[1:] + slack)
    for point in found:
        assert plain.at_distortion(point.distortion).lower_rate_nats <= point.rate_nats + 1e-12
        # Sampling the posterior of the optimum of R(D/2) is realistic and doubles D, if
        # reproductions are posterior means; on the grid they are not, and D is less than 2 D/2.
        half = point.distortion / 2
        if half > 1e-6 * realism.largest_distortion:
            assert point.lower_rate_nats <= plain.at_distortion(half).rate_nats + 1e-9


def test_both_ends_of_the_curve():
    source = random_source(5, 6)
    realism = PerfectRealism(source)
    assert realism.largest_distortion == pytest.approx(2 * source.variance, rel=1e-12)
    rest = realism.at_distortion(3 * source.variance)
    assert (rest.rate_nats, rest.slope, rest.gap_nats) == (0, 0, 0)
    assert np.allclose(
        realism.coupling(rest), np.outer(source.probabilities, source.probabilities), atol=1e-16
    )
    least = realism.at_regularisation(1e-9)
    assert least.rate_nats == pytest.approx(source.entropy_nats, rel=1e-12)
    assert least.distortion == 0


def test_a_letter_that_hardly_ever_occurs_does_no_harm():
    source = DiscreteSource([0.0, 1.0, 7.0], [0.5, 0.5, 1e-280])
    for epsilon in (1e-6, 0.5, 1e6):
        point = PerfectRealism(source).at_regularisation(epsilon)
        coin = PerfectRealism(COIN).at_regularisation(epsilon)
        assert abs(point.rate_nats - coin.rate_nats) < 1e-10


def test_a_kernel_that_is_not_positive_is_solved_or_refused():
    """Far pairs (1,2), (3,4) at no distance across: e^(-d/ε) has a negative eigenvalue."""
    d = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    source = DiscreteSource([0.0, 1.0, 2.0], [0.3, 0.3, 0.4])
    point = PerfectRealism(source, d).at_regularisation(0.2)
    assert point.gap_nats < 1e-10


# Bad input, and what comes out.


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "low", None, [0.1]], ids=repr)
def test_a_distortion_or_regularisation_that_is_none_is_refused(bad):
    realism = PerfectRealism(COIN)
    with pytest.raises(InputError, match=r"^distortion"):
        realism.at_distortion(bad)
    with pytest.raises(InputError, match=r"^epsilon"):
        realism.at_regularisation(bad)
    with pytest.raises(InputError, match=r"^tolerance_nats"):
        PerfectRealism(COIN, tolerance_nats=bad)


@pytest.mark.parametrize(
    "bad",
    [
        [[0.0, 1.0]],
        [[0.0, 1.0], [2.0, 0.0]],
        [[1.0, 1.0], [1.0, 1.0]],
        [[0.0, -1.0], [-1.0, 0.0]],
        [[0.0, np.nan], [np.nan, 0.0]],
        "matrix",
    ],
    ids=repr,
)
def test_a_matrix_that_is_no_distance_is_refused(bad):
    with pytest.raises(InputError, match=r"^distortions"):
        PerfectRealism(COIN, bad)


def test_a_source_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"^source"):
        PerfectRealism(np.array([0.5, 0.5]))  # type: ignore[arg-type]


def test_a_point_is_ready_for_json():
    realism = PerfectRealism(COIN)
    for point in (realism.at_regularisation(0.4), realism.at_distortion(0.2)):
        data = json.loads(json.dumps(point.to_dict()))
        assert data["slope"] == -1 / data["epsilon"]
        assert data["lower_rate_nats"] == point.rate_nats - point.gap_nats
        assert len(data["potentials"]) == 2
        assert not point.potentials.flags.writeable
