"""When the flow is the best realistic reconstruction, and a proof that it is not always [T1.14]."""

import itertools

import numpy as np
import pytest

from rdtheory.bounds.optimal_flow import (
    CROSSED_STICKS,
    EXCHANGED,
    THIRD_RESULT,
    best_realistic_distortion,
    cyclic_gap,
    gain_of_re_pairing,
    jacobian_asymmetry,
)
from rdtheory.diffusion.independent_channel import IndependentChannel
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.errors import InputError
from rdtheory.sources.independent import IndependentComponents
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
Q = np.array([[0.6, -0.8], [0.8, 0.6]])
STICKS = MixtureChannel(CROSSED_STICKS, 4.0)


def product():
    """Two independent mixtures, rotated, as a mixture of four full covariances."""
    choices = np.array(list(itertools.product((0, 1), repeat=2)))
    covariances = [Q @ np.diag(MIXTURE.variances[choice]) @ Q.T for choice in choices]
    weights = MIXTURE.weights[choices].prod(axis=1)
    return GaussianMixtureVector(weights, MIXTURE.means[choices] @ Q.T, covariances)


def received(channel, size, seed=0):
    rng = np.random.default_rng(seed)
    return channel.send(channel.source.sample(rng, size), rng)


# Where the flow is optimal.


@pytest.mark.parametrize("noise", [1e-3, 0.2, 5.0])
def test_the_flow_attains_the_least_realistic_distortion(noise):
    """[T1.14] Quantile coupling over probabilities against the flow's integral over y: to 1e-9."""
    source = IndependentComponents((MIXTURE, Laplace(0.7), Uniform(1.5)), np.eye(3)[[1, 2, 0]])
    best = best_realistic_distortion(source, noise)
    assert IndependentChannel(source, noise).flow_distortion == pytest.approx(best, rel=1e-9)
    chain = THIRD_RESULT.sides(source, noise)
    assert chain.holds
    assert THIRD_RESULT.sides(MIXTURE, noise).holds


def test_the_least_distortion_of_a_gaussian():
    """[T2.4, T1.5c] mmse + λ(1 - ρ)² = 2λ(1 - ρ), ρ² = λ/(λ + t)."""
    best = best_realistic_distortion(IndependentComponents([normal(variance=2.0)]), 0.5)
    assert best == pytest.approx(4 * (1 - 0.8**0.5), rel=1e-11)


def test_no_pairing_of_samples_improves_an_optimal_flow():
    """[T1.14] Cyclically monotone: 300 points of a rotated product, flow tolerance 1e-10."""
    channel = MixtureChannel(product(), 0.5)
    y = received(channel, 300)
    means, reached = channel.posterior_mean(y), channel.flow(y, 1e-10)
    assert gain_of_re_pairing(means, reached) < 1e-8
    rng = np.random.default_rng(1)
    for size in (2, 3, 10, 300):
        order = rng.permutation(300)[:size]
        assert cyclic_gap(means[order], reached[order]) > 0


@pytest.mark.parametrize("source", [product(), CROSSED_STICKS.gaussian])
def test_the_jacobian_is_symmetric_where_the_flow_is_optimal(source):
    """[T1.14] To the 1e-5 of central differences: rotated products and Gaussian vectors."""
    if not isinstance(source, GaussianMixtureVector):
        source = GaussianMixtureVector([1.0], [source.mean], [source.covariance])
    channel = MixtureChannel(source, 0.5)
    asymmetry = jacobian_asymmetry(channel, received(channel, 20))
    assert asymmetry.shape == (20,)
    assert asymmetry.max() < 1e-5


# Where it is not.


def test_exchanging_two_reconstructions_improves_on_the_flow():
    """[T1.14] The proof: E‖m - X̂‖² falls by 2 · 0.1009 when T(y₁), T(y₂) are exchanged.

    The flow is known to 1e-10, as two tolerances and a forward flow from its end confirm.
    """
    y = np.array(EXCHANGED)
    means = STICKS.posterior_mean(y)
    coarse, fine = STICKS.flow(y, 1e-8), STICKS.flow(y, 1e-12)
    np.testing.assert_allclose(coarse, fine, rtol=0, atol=1e-7)
    gap = cyclic_gap(means, fine)
    assert gap < -0.1
    kept, exchanged = (np.sum((means - reached) ** 2) for reached in (fine, fine[::-1]))
    assert exchanged - kept == pytest.approx(2 * gap, rel=1e-12)


def test_the_flow_of_the_counter_example_by_another_solver():
    """The two reconstructions by scipy's LSODA and plain formulas, without the library's."""
    from scipy import integrate

    def velocity(t, y):
        density, flux = 0.0, np.zeros(2)
        for side in (-1, 1):
            output = np.array([[0.5, -0.49 * side], [-0.49 * side, 0.5]]) + t * np.eye(2)
            away = y - [3 * side, 0]
            pull = np.linalg.solve(output, away)
            part = np.exp(-away @ pull / 2) / np.sqrt(np.linalg.det(output))
            density, flux = density + part, flux + part * pull
        return flux / density / 2

    for y, reached in zip(EXCHANGED, STICKS.flow(EXCHANGED), strict=True):
        solution = integrate.solve_ivp(velocity, (4, 0), y, "LSODA", rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(reached, solution.y[:, -1], rtol=0, atol=1e-7)


def test_the_jacobian_of_the_counter_example_is_not_symmetric():
    """Mean and largest relative asymmetry of 200 received points."""
    asymmetry = jacobian_asymmetry(STICKS, received(STICKS, 200))
    assert asymmetry.mean() > 0.5
    assert asymmetry.max() > 0.8


def test_re_pairing_samples_of_the_counter_example_saves_a_tenth():
    """A transport that the flow pays 0.55 for costs 0.47; yet D_F falls by 2 to 3 % only."""
    y = received(STICKS, 500)
    means, reached = STICKS.posterior_mean(y), STICKS.flow(y, 1e-6)
    assert gain_of_re_pairing(means, reached) > 0.1


def test_asymmetry_is_that_of_a_known_map():
    """J of T ∘ m⁻¹ by differences of T along paths in m, not in y: the chain rule by hand."""
    y = np.array([1.5, 0.7])
    asymmetry = jacobian_asymmetry(STICKS, y[None])[0]
    steps = np.concatenate([np.eye(2), -np.eye(2)]) * 1e-3
    t_ahead, t_behind = np.split(STICKS.flow(y + steps, 1e-11), 2)
    m_ahead, m_behind = np.split(STICKS.posterior_mean(y + steps), 2)
    jacobian = np.linalg.lstsq(m_ahead - m_behind, t_ahead - t_behind)[0].T
    expected = np.linalg.norm(jacobian - jacobian.T) / np.linalg.norm(jacobian)
    assert asymmetry == pytest.approx(expected, rel=1e-4)


# The tools by themselves.


def test_cyclic_gap_is_half_of_what_the_next_one_costs():
    rng = np.random.default_rng(3)
    means, reached = rng.standard_normal((2, 7, 3))
    kept = np.sum((means - reached) ** 2)
    handed_on = np.sum((means - np.roll(reached, -1, axis=0)) ** 2)
    assert cyclic_gap(means, reached) == pytest.approx((handed_on - kept) / 2)
    assert cyclic_gap(means[:1], reached[:1]) == 0.0


def test_cycles_detect_a_rotation_and_no_gradient():
    """A turn by 60° is no gradient: pairs do not see it, a square does."""
    square = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    angle = np.pi / 3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = square @ turn.T
    gaps = [cyclic_gap(points, points @ turn.T) for points in (square, square[::-1])]
    assert min(gaps) < 0
    assert all(cyclic_gap(square[[i, j]], turned[[i, j]]) >= 0 for i in range(4) for j in range(i))
    assert cyclic_gap(square, square @ np.diag([3.0, 0.5])) > 0


def test_gain_of_re_pairing_is_that_of_the_best_permutation():
    means, reached = np.random.default_rng(4).standard_normal((2, 5, 2))
    costs = [
        np.sum((means - reached[list(order)]) ** 2) for order in itertools.permutations(range(5))
    ]
    assert gain_of_re_pairing(means, reached) == pytest.approx(1 - min(costs) / costs[0])
    assert gain_of_re_pairing(means, means) == 0.0


@pytest.mark.parametrize(
    ("argument", "shown", "call"),
    [
        ("source", "GaussianMixtureVector", lambda: best_realistic_distortion(CROSSED_STICKS, 1.0)),
        ("source", "GaussianVector", lambda: THIRD_RESULT.sides(CROSSED_STICKS.gaussian, 1.0)),
        (
            "noise_variance",
            "-1.0",
            lambda: best_realistic_distortion(IndependentComponents([normal()]), -1.0),
        ),
        ("posterior_means", "shape (2,)", lambda: cyclic_gap([1.0, 2.0], [1.0, 2.0])),
        ("posterior_means", "shape (0, 2)", lambda: cyclic_gap(np.ones((0, 2)), np.ones((0, 2)))),
        ("posterior_means", "abc", lambda: gain_of_re_pairing("abc", [[1.0]])),
        ("posterior_means", "nan", lambda: gain_of_re_pairing([[np.nan]], [[1.0]])),
        ("reconstructions", "shape (2, 1)", lambda: cyclic_gap([[1.0]], [[1.0], [2.0]])),
        ("reconstructions", "inf", lambda: gain_of_re_pairing([[1.0]], [[np.inf]])),
        ("y", "shape (2,)", lambda: jacobian_asymmetry(STICKS, [1.0, 2.0])),
        ("y", "shape (1, 3)", lambda: jacobian_asymmetry(STICKS, [[1.0, 2.0, 3.0]])),
        ("y", "nan", lambda: jacobian_asymmetry(STICKS, [[1.0, np.nan]])),
        (
            "noise_variance",
            "[1. 2.]",
            lambda: jacobian_asymmetry(MixtureChannel(CROSSED_STICKS, [1.0, 2.0]), [[1.0, 2.0]]),
        ),
    ],
)
def test_bad_input_is_one_line(argument, shown, call):
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{argument}: got ")
    assert shown in message.split("; allowed: ")[0]
