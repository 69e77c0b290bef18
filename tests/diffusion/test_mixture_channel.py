"""DiffC on Gaussian mixtures against brute force, products, closed forms and simulation [T4.1]."""

import itertools
import json
from functools import partial

import mpmath as mp
import numpy as np
import pytest
from scipy import integrate, stats

from rdtheory.diffusion.estimate import Estimate
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.diffusion.probability_flow import flow_between
from rdtheory.errors import InputError
from rdtheory.sources.mixture_vector import GaussianMixtureVector

INF = np.inf
LINE = GaussianMixtureVector([0.3, 0.7], [[-1.5], [0.8]], [0.1, 0.3])
"""The mixture of [T4.2]."""
PLANE = GaussianMixtureVector(
    [0.3, 0.45, 0.25],
    [[-1.5, 0.0], [1.0, 1.0], [1.0, -2.0]],
    [[[1.0, 0.8], [0.8, 1.0]], [[0.3, -0.2], [-0.2, 0.5]], [[0.1, 0.0], [0.0, 1.5]]],
)
TOTALS = ("information_nats", "gaussian_divergence_nats", "output_entropy_nats", "mmse")
FALSE_ALARM = 1e-9
"""Of each Monte-Carlo test for a fresh seed; seeds are fixed, so they pass or fail for good."""


def copies(dim):
    """`dim` independent copies of `LINE`: a mixture of 2^dim components."""
    choices = np.array(list(itertools.product((0, 1), repeat=dim)))
    return GaussianMixtureVector(
        LINE.weights[choices].prod(axis=1),
        LINE.means[choices, 0],
        LINE.covariances[choices, 0, 0],
    )


def turn(vectors, seed=1):
    dim = vectors.shape[-1]
    return vectors @ np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0].T


def turned(source, seed=1):
    covariances = np.swapaxes(turn(source.covariances, seed), 1, 2)
    return GaussianMixtureVector(source.weights, turn(source.means, seed), turn(covariances, seed))


def by_sum(source, noise):
    """I and mmse by sums over the plane, densities by scipy, mmse_i = t_i - t_i² J_i [T4.1a]."""
    step = 0.1 * min(noise) ** 0.5
    axis = np.arange(-3 - 9 * (1.5 + max(noise)) ** 0.5, 3 + 9 * (1.5 + max(noise)) ** 0.5, step)
    y = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    density, flux = 0.0, 0.0
    for weight, mean, covariance in zip(
        source.weights, source.means, source.covariances, strict=True
    ):
        output = covariance + np.diag(noise)
        part = weight * stats.multivariate_normal(mean, output).pdf(y)
        density = density + part
        flux = flux - part[..., None] * ((y - mean) @ np.linalg.inv(output))
    cell, there = step**2, density > 1e-300
    entropy = -np.sum(density[there] * np.log(density[there])) * cell
    fisher = np.sum(flux[there] ** 2 / density[there][:, None], axis=0) * cell
    information = entropy - np.sum(np.log(2 * np.pi * np.e * np.array(noise))) / 2
    return information, np.sum(noise - np.array(noise) ** 2 * fisher)


# Information and mmse.


@pytest.mark.parametrize("noise", [[0.5, 0.5], [0.3, 2.0], [4.0, 4.0]])
def test_information_and_mmse_are_those_of_a_sum_over_the_plane(noise):
    """[T4.1a] The sum is good to rounding: steps of 1/10 of the noise's deviation, 9 of Y's."""
    channel = MixtureChannel(PLANE, noise)
    information, mmse = by_sum(PLANE, noise)
    assert channel.information_nats.value == pytest.approx(information, abs=1e-10)
    assert channel.mmse.value == pytest.approx(mmse, rel=1e-9)
    assert channel.ancestral_distortion.value == 2 * channel.mmse.value


def test_the_reference_mixture():
    """[T4.2] I = 0.9101, mmse = 0.1356550504 at t = 0.2; 1.6508, 0.0265481792 at t = 0.03."""
    for noise, information, mmse in ((0.2, 0.9101, 0.1356550504), (0.03, 1.6508, 0.0265481792)):
        channel = MixtureChannel(LINE, noise)
        assert channel.information_nats.value == pytest.approx(information, abs=5e-5)
        assert channel.mmse.value == pytest.approx(mmse, abs=5e-11)


@pytest.mark.parametrize("noise", [0.2, 1e-3, 30.0])
def test_on_the_line_integrals_are_those_of_mpmath(noise):
    """[T4.1a] h(Y) and J(Y) by mpmath at 30 digits."""
    with mp.workdps(30):
        t = mp.mpf(noise)
        parts = [
            (mp.mpf(3) / 10, mp.mpf(-3) / 2, mp.sqrt(mp.mpf(1) / 10 + t)),
            (mp.mpf(7) / 10, mp.mpf(4) / 5, mp.sqrt(mp.mpf(3) / 10 + t)),
        ]
        reach = 12 * mp.sqrt(mp.mpf(3) / 10 + t)
        edges = [-reach - 2, -2, -1, -0.5, 0, 0.8, 2, reach + 2]

        def integrands(y):
            p = sum(w * mp.npdf(y, m, s) for w, m, s in parts)
            slope = sum(-w * (y - m) / s**2 * mp.npdf(y, m, s) for w, m, s in parts)
            return mp.mpc(-p * mp.log(p), slope**2 / p)

        both = mp.quad(integrands, edges)
        information = float(both.real - mp.log(2 * mp.pi * mp.e * t) / 2)
        mmse = float(t - t**2 * both.imag)
    channel = MixtureChannel(LINE, noise)
    assert channel.information_nats.value == pytest.approx(information, abs=1e-10)
    assert channel.output_entropy_nats.value == pytest.approx(float(both.real), abs=1e-10)
    assert channel.mmse.value == pytest.approx(mmse, rel=1e-9)


def test_one_component_is_exact():
    """[T1.6] R, D_A, D_F of the Gaussian (5, 2, 0.7, 0.1) at t = 1/2, turned: to 1e-12."""
    gaussian = GaussianMixtureVector([1.0], [[0.0, 1.0, 2.0, 3.0]], [np.diag([5, 2, 0.7, 0.1])])
    channel = MixtureChannel(turned(gaussian), 0.5)
    for name, value in (
        ("information_nats", 2.532561739690163),
        ("ancestral_distortion", 2.459090909090909),
        ("flow_distortion", 1.336748023295278),
    ):
        estimate = getattr(channel, name)
        assert estimate.value == pytest.approx(value, rel=1e-12)
        assert estimate.error < 1e-12
    assert channel.gaussian_divergence_nats.value == pytest.approx(0.0, abs=1e-13)


@pytest.mark.parametrize("noise", [1e-4, 0.2, 50.0])
def test_two_copies_cost_twice(noise):
    """[P18]"""
    one, two = MixtureChannel(LINE, noise), MixtureChannel(copies(2), noise)
    for name in TOTALS:
        assert getattr(two, name).value == pytest.approx(2 * getattr(one, name).value, abs=3e-10)


def test_rotations_and_scales():
    """[P16, P17] Of the flow's distortion, whose tolerance is 1e-7, on the line."""
    base = MixtureChannel(PLANE, 0.5)
    other = turned(PLANE)
    scaled = GaussianMixtureVector(other.weights, 100 * other.means, 1e4 * other.covariances)
    for channel, factor in ((MixtureChannel(other, 0.5), 1), (MixtureChannel(scaled, 5e3), 1e4)):
        information = channel.information_nats.value
        assert information == pytest.approx(base.information_nats.value, abs=1e-10)
        assert channel.mmse.value == pytest.approx(factor * base.mmse.value, rel=1e-9)
    y = np.array([[0.3, -1.0], [-2.0, 2.0], [4.0, 0.5]])
    reached = turn(base.flow(y))
    np.testing.assert_allclose(MixtureChannel(other, 0.5).flow(turn(y)), reached, atol=1e-7)
    np.testing.assert_allclose(
        MixtureChannel(scaled, 5e3).flow(100 * turn(y)), 100 * reached, atol=1e-5
    )
    line = GaussianMixtureVector(LINE.weights, 100 * LINE.means, 1e4 * LINE.covariances)
    flow = MixtureChannel(LINE, 0.5).flow_distortion.value
    assert MixtureChannel(line, 5e3).flow_distortion.value == pytest.approx(1e4 * flow, rel=3e-7)


def test_the_derivative_of_information_is_half_the_mmse():
    """[P6] dI/dSNR; Richardson's differences of order 4 over 2 % of the SNR, good to 1e-7."""
    snr, step = 2.0, 0.02

    def information(shift):
        return MixtureChannel(PLANE, 1 / (snr + shift)).information_nats.value

    near, far = (information(k * step) - information(-k * step) for k in (1, 2))
    slope = (8 * near - far) / (12 * step)
    assert slope == pytest.approx(MixtureChannel(PLANE, 1 / snr).mmse.value / 2, rel=1e-6)


def test_what_is_not_sent_is_left_out():
    """I of the marginal; the mmse adds what the sent coordinate says of the other."""
    marginal = GaussianMixtureVector(
        PLANE.weights, PLANE.means[:, :1], PLANE.covariances[:, :1, :1]
    )
    channel = MixtureChannel(PLANE, [0.5, INF])
    alone = MixtureChannel(marginal, 0.5)
    for name in TOTALS[:3]:
        assert getattr(channel, name).value == pytest.approx(getattr(alone, name).value, abs=1e-10)
    nearly = MixtureChannel(PLANE, [0.5, 1e9])
    assert channel.mmse.value == pytest.approx(nearly.mmse.value, rel=1e-8)
    y = channel.send(np.zeros((3, 2)), np.random.default_rng(0))
    assert np.isnan(y[:, 1]).all()
    assert np.isfinite(channel.posterior_mean(y)).all()
    assert np.isfinite(channel.ancestral(y, np.random.default_rng(1))).all()


@pytest.mark.parametrize("noise", [1e-3, 1.0])
def test_errors_hold_also_where_the_grid_is_slow(noise):
    """Components 30 times as wide as others. Errors against copies on the line, which are easy."""
    line = GaussianMixtureVector([0.5, 0.5], [[0.0], [1.0]], [1.0, 1e-3])
    choices = np.array(list(itertools.product((0, 1), repeat=2)))
    plane = GaussianMixtureVector(
        line.weights[choices].prod(axis=1), line.means[choices, 0], line.covariances[choices, 0, 0]
    )
    one, two = MixtureChannel(line, noise), MixtureChannel(plane, noise)
    for name in TOTALS:
        estimate, exact = getattr(two, name), getattr(one, name)
        assert exact.error < 1e-10
        assert abs(estimate.value - 2 * exact.value) <= estimate.error + 2 * exact.error


# Sampled integrals, in more than two dimensions.

LARGEST = float(stats.t(15).isf(FALSE_ALARM / 2))
"""How far a mean of 16 scramblings may be off, in standard errors."""


def test_sampled_totals_are_within_their_errors():
    """[P18] Three copies against one."""
    one, three = MixtureChannel(LINE, 0.2), MixtureChannel(turned(copies(3)), 0.2)
    for name in TOTALS:
        estimate = getattr(three, name)
        assert estimate.method == "quasi-Monte-Carlo"
        assert abs(estimate.value - 3 * getattr(one, name).value) < LARGEST * estimate.error
        assert estimate.error < 5e-4


def test_more_points_make_errors_smaller_and_the_seed_matters():
    source = copies(3)
    coarse, fine = (MixtureChannel(source, 0.2, points).mmse for points in (64, 4096))
    assert fine.error < coarse.error / 8
    again = MixtureChannel(source, 0.2, 64).mmse
    assert again == coarse
    assert MixtureChannel(source, 0.2, 64, seed=1).mmse != coarse


def test_sampled_flow_distortion():
    """[P18] Three copies, few points: within its standard error."""
    one = MixtureChannel(LINE, 0.2).flow_distortion.value
    flow = MixtureChannel(copies(3), 0.2, points=32).flow_distortion
    assert abs(flow.value - 3 * one) < LARGEST * flow.error


# The flow.


def quantile_map(y, noise):
    """F_X⁻¹(F_Y(y)) of `LINE`, by bisection of the smaller tail [T1.1d]."""
    deviations = np.sqrt(LINE.covariances[:, 0, 0])

    def tail(x, sides, spread):
        return stats.norm.sf(sides * (x[:, None] - LINE.means[:, 0]), scale=spread) @ LINE.weights

    wide = np.sqrt(deviations**2 + noise)
    side = np.where(tail(y, 1, wide) < 0.5, 1, -1)[:, None]
    target = tail(y, side, wide)
    low, high = np.full_like(y, -100.0), np.full_like(y, 100.0)
    for _ in range(100):
        middle = (low + high) / 2
        right = (tail(middle, side, deviations) > target) == (side[:, 0] > 0)
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return (low + high) / 2


@pytest.mark.parametrize("noise", [1e-3, 0.2, 3.0, 100.0])
@pytest.mark.parametrize("tolerance", [1e-6, 1e-9, 1e-12])
def test_on_the_line_the_flow_is_the_quantile_map(noise, tolerance):
    """[T1.1d] Steps are good to the tolerance; ten of them add up at most, the map contracting."""
    y = np.linspace(-4, 4, 81) * (1 + noise) ** 0.5
    reached = MixtureChannel(LINE, noise).flow(y[:, None], tolerance)[:, 0]
    np.testing.assert_allclose(reached, quantile_map(y, noise), rtol=0, atol=10 * tolerance + 1e-13)


def test_the_flow_of_a_product_is_componentwise():
    """[T1.14]"""
    y = np.random.default_rng(2).standard_normal((5, 2, 2)) * 2
    reached = MixtureChannel(copies(2), 0.5).flow(y)
    assert reached.shape == y.shape
    np.testing.assert_allclose(reached.ravel(), quantile_map(y.ravel(), 0.5), rtol=0, atol=1e-8)


def test_the_flow_of_one_component_is_linear():
    """[T1.6d] Σ^½ (Σ + t)^-½ at 40 standard deviations too."""
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    channel = MixtureChannel(GaussianMixtureVector([1.0], [[1.0, 0.0]], covariance[None]), 0.7)
    values, basis = np.linalg.eigh(covariance)
    gain = basis * np.sqrt(values / (values + 0.7)) @ basis.T
    y = np.array([[0.5, 1.0], [60.0, -60.0], [-1e9, 0.0]])
    np.testing.assert_allclose(channel.flow(y), [1.0, 0.0] + (y - [1.0, 0.0]) @ gain.T, rtol=1e-9)


def test_variance_preserving_and_variance_exploding_flows_agree():
    """[T1.1c, T1.1d] dz/ds = -½ z - ½ ∇ ln p(z), β = 1, by another solver, scipy's densities."""
    noise, y = 0.5, np.array([0.7, -1.2])

    def velocity(s, z):
        keep = np.exp(-s)
        density, flux = 0.0, np.zeros(2)
        for weight, mean, covariance in zip(
            PLANE.weights, PLANE.means, PLANE.covariances, strict=True
        ):
            output = keep * covariance + (1 - keep) * np.eye(2)
            part = weight * stats.multivariate_normal(keep**0.5 * mean, output).pdf(z)
            density, flux = (
                density + part,
                flux - part * np.linalg.solve(output, z - keep**0.5 * mean),
            )
        return -z / 2 - flux / density / 2

    end = float(np.log1p(noise))
    solution = integrate.solve_ivp(
        velocity, (end, 0), y * np.exp(-end / 2), "LSODA", rtol=1e-11, atol=1e-11
    )
    reached = MixtureChannel(PLANE, noise).flow(y, 1e-11)
    np.testing.assert_allclose(reached, solution.y[:, -1], rtol=0, atol=1e-8)


def test_the_flow_carries_the_law_of_y_to_that_of_x():
    """[T1.1c] X̂_F ~ X: Kolmogorov and Smirnov's test of four projections of 4000 draws."""
    rng = np.random.default_rng(3)
    channel = MixtureChannel(PLANE, 2.0)
    draws = channel.flow(channel.send(PLANE.sample(rng, 4000), rng), 1e-6)
    for direction in ([1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, -0.6]):
        direction = np.array(direction)
        centres = PLANE.means @ direction
        deviations = np.sqrt(np.einsum("i,kij,j->k", direction, PLANE.covariances, direction))

        def cdf(x, centres=centres, deviations=deviations):
            return stats.norm.cdf((x[:, None] - centres) / deviations) @ PLANE.weights

        assert stats.kstest(draws @ direction, cdf).pvalue > FALSE_ALARM / 4


def test_flow_there_and_back():
    x = PLANE.sample(np.random.default_rng(4), 50)
    there = flow_between(PLANE, x, 0.0, 3.0, 1e-11)
    np.testing.assert_allclose(flow_between(PLANE, there, 3.0, 0.0, 1e-11), x, rtol=0, atol=1e-8)


def test_pieces_make_no_difference(monkeypatch):
    y = np.random.default_rng(5).standard_normal((30, 2))
    whole = MixtureChannel(PLANE, 0.5).flow(y)
    monkeypatch.setattr("rdtheory.diffusion.probability_flow._PIECE", 8)
    np.testing.assert_allclose(MixtureChannel(PLANE, 0.5).flow(y), whole, rtol=0, atol=1e-8)


# Distortions.


@pytest.mark.parametrize("noise", [0.03, 0.2, 3.0])
def test_flow_distortion_on_the_line(noise):
    """[T4.1c] mmse + ∫ p (E[X | y] - T)² dy over y by a fine sum: T by bisection."""
    channel = MixtureChannel(LINE, noise)
    y = np.linspace(-12, 12, 4801) * (1 + noise) ** 0.5
    jump = channel.posterior_mean(y[:, None])[:, 0] - quantile_map(y, noise)
    density = np.exp(LINE.log_density(y[:, None], noise))
    excess = np.sum(density * jump**2) * (y[1] - y[0])
    expected = channel.mmse.value + excess
    # T is steep between the components: the sum is worth less than the quadrature.
    assert channel.flow_distortion.value == pytest.approx(expected, rel=1e-6)


def test_flow_distortion_of_two_copies():
    """[P18]"""
    one, two = MixtureChannel(LINE, 0.2).flow_distortion, MixtureChannel(copies(2), 0.2)
    assert two.flow_distortion.value == pytest.approx(2 * one.value, rel=2e-7)


def test_flow_halves_the_error_at_high_rate():
    """[P8, T1.13c] D_F/D_A = ½ + G t/(8M), G = 4.8565132619 for each of two copies."""
    channel = MixtureChannel(copies(2), 1e-3)
    ratio = channel.flow_distortion.value / channel.ancestral_distortion.value
    assert ratio == pytest.approx(0.5 + 4.8565132619e-3 / 8, abs=6e-6)


@pytest.mark.parametrize("noise", [0.1, 2.0])
def test_distortions_are_those_of_simulation(noise):
    """Means of 2000 squared errors, within the normal quantile of the false alarm."""
    rng = np.random.default_rng(6)
    channel = MixtureChannel(PLANE, noise)
    x = PLANE.sample(rng, 2000)
    y = channel.send(x, rng)
    for reached, expected in (
        (channel.posterior_mean(y), channel.mmse),
        (channel.ancestral(y, rng), channel.ancestral_distortion),
        (channel.flow(y, 1e-6), channel.flow_distortion),
    ):
        errors = np.sum((x - reached) ** 2, axis=1)
        limit = stats.norm.isf(FALSE_ALARM / 6) * errors.std() / len(errors) ** 0.5
        assert abs(errors.mean() - expected.value) < limit


def test_order_of_the_distortions():
    """mmse <= D_F and D_A = 2 mmse <= 2 tr Σ; little noise: D_F/(tM) -> 1 [T1.18]."""
    for noise in (1e-6, 1e6):
        channel = MixtureChannel(PLANE, noise)
        total = np.trace(PLANE.covariance)
        assert channel.mmse.value <= channel.flow_distortion.value <= 2 * total
        assert channel.mmse.value <= total
    tiny = MixtureChannel(PLANE, 1e-6)
    assert tiny.flow_distortion.value == pytest.approx(2e-6, rel=1e-4)
    assert channel.information_nats.value == pytest.approx(total / 2e6, rel=1e-5)


# Estimates and bad input.


def test_estimates_add_up():
    one, other = Estimate(1.0, 0.1, "quadrature"), Estimate(2.0, 0.2, "quadrature")
    assert (one + other).to_dict() == pytest.approx(
        {"value": 3.0, "error": 0.3, "method": "quadrature"}
    )
    assert (5 - 3 * one).value == 2.0
    assert (5 - 3 * one).error == pytest.approx(0.3)
    assert float(other) == 2.0
    channel = MixtureChannel(PLANE, 0.5)
    for name in (*TOTALS, "ancestral_distortion"):
        json.dumps(getattr(channel, name).to_dict())


@pytest.mark.parametrize(
    ("argument", "shown", "call"),
    [
        ("noise_variance", "0.0", partial(MixtureChannel, PLANE, 0.0)),
        ("noise_variance", "-1.0", partial(MixtureChannel, PLANE, -1.0)),
        ("noise_variance", "nan", partial(MixtureChannel, PLANE, np.nan)),
        ("noise_variance", "inf", partial(MixtureChannel, PLANE, INF)),
        ("noise_variance", "inf", partial(MixtureChannel, PLANE, [INF, INF])),
        ("noise_variance", "0.0", partial(MixtureChannel, PLANE, [1.0, 0.0])),
        ("noise_variance", "shape (3,)", partial(MixtureChannel, PLANE, [1.0] * 3)),
        ("noise_variance", "abc", partial(MixtureChannel, PLANE, "abc")),
        ("noise_variance", "[0.5 1. ]", lambda: MixtureChannel(PLANE, [0.5, 1]).flow([0.0, 0])),
        ("noise_variance", "inf", lambda: MixtureChannel(PLANE, [0.5, INF]).flow_distortion),
        ("points", "1000", partial(MixtureChannel, PLANE, 1.0, 1000)),
        ("points", "2097152", partial(MixtureChannel, PLANE, 1.0, 2**21)),
        ("points", "0", partial(MixtureChannel, PLANE, 1.0, 0)),
        ("seed", "-1", partial(MixtureChannel, PLANE, 1.0, 64, -1)),
        ("seed", "abc", partial(MixtureChannel, PLANE, 1.0, 64, "abc")),
        ("source", "GaussianVector", partial(MixtureChannel, PLANE.gaussian, 1.0)),
        ("tolerance", "0.0", lambda: MixtureChannel(PLANE, 1.0).flow([0.0, 0.0], 0.0)),
        ("tolerance", "nan", lambda: MixtureChannel(PLANE, 1.0).flow([0.0, 0.0], np.nan)),
        ("tolerance", "1e-15", lambda: MixtureChannel(PLANE, 1.0).flow([0.0, 0.0], 1e-15)),
        ("tolerance", "[1e-09", lambda: MixtureChannel(PLANE, 1.0).flow([0.0, 0.0], [1e-9] * 2)),
        ("y", "nan", lambda: MixtureChannel(PLANE, 1.0).flow([0.0, np.nan])),
        ("y", "shape (3,)", lambda: MixtureChannel(PLANE, 1.0).flow([0.0] * 3)),
        ("y", "shape (1,)", lambda: MixtureChannel(PLANE, 1.0).posterior_mean([0.0])),
        ("x", "inf", lambda: MixtureChannel(PLANE, 1.0).send([INF, 0.0], np.random.default_rng(0))),
    ],
)
def test_bad_input_is_one_line(argument, shown, call):
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{argument}: got ")
    assert shown in message.split("; allowed: ")[0]
