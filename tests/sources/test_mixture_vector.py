"""Gaussian mixtures in any dimension against mpmath, brute-force sums and closed forms [T4.1b]."""

from functools import partial

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

from rdtheory.errors import InputError
from rdtheory.sources.mixture_vector import GaussianMixtureVector

INF = np.inf
PLANE = GaussianMixtureVector(
    [0.3, 0.45, 0.25],
    [[-1.5, 0.0], [1.0, 1.0], [1.0, -2.0]],
    [[[1.0, 0.8], [0.8, 1.0]], [[0.3, -0.2], [-0.2, 0.5]], [[0.1, 0.0], [0.0, 1.5]]],
)


def random_mixture(components, dim, seed=0):
    """Full covariances with condition numbers up to about 10³."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((components, dim, dim))
    covariances = factors @ np.swapaxes(factors, 1, 2) + 0.01 * np.eye(dim)
    means = 2 * rng.standard_normal((components, dim))
    return GaussianMixtureVector(rng.dirichlet(np.full(components, 3.0)), means, covariances)


def exact_posterior(source, y, noise):
    """ln p_t(y), E[X | y], Cov[X | y] by textbook conditioning at 60 digits."""
    sent = [i for i in range(source.dim) if noise[i] < INF]
    with mp.workdps(60):
        observed = mp.matrix([mp.mpf(float(y[i])) for i in sent])
        parts = []
        for weight, mean, covariance in zip(
            source.weights, source.means, source.covariances, strict=True
        ):
            prior, full = mp.matrix(mean.tolist()), mp.matrix(covariance.tolist())
            cross = mp.matrix(source.dim, len(sent))
            output = mp.matrix(len(sent), len(sent))
            for b, j in enumerate(sent):
                for i in range(source.dim):
                    cross[i, b] = full[i, j]
                for a, i in enumerate(sent):
                    output[a, b] = full[i, j] + (mp.mpf(float(noise[i])) if i == j else 0)
            residual = observed - mp.matrix([prior[i] for i in sent])
            inverse = output**-1
            quadratic = (residual.T * inverse * residual)[0]
            density = mp.mpf(float(weight)) * mp.exp(-quadratic / 2)
            density /= mp.sqrt((2 * mp.pi) ** len(sent) * mp.det(output))
            parts.append(
                (density, prior + cross * inverse * residual, full - cross * inverse * cross.T)
            )
        total = mp.fsum(part[0] for part in parts)
        mean = sum((share / total * one for share, one, _ in parts), mp.zeros(source.dim, 1))
        covariance = mp.zeros(source.dim, source.dim)
        for share, one, inside in parts:
            covariance += share / total * (inside + (one - mean) * (one - mean).T)
        flat = np.array([float(v) for v in mean])
        return (
            float(mp.log(total)),
            flat,
            np.array(covariance.tolist(), dtype=object).astype(float),
        )


NOISES = [
    pytest.param([0.3] * 3, 0.3, id="isotropic"),
    pytest.param([0.3, 1e-3, 20.0], [0.3, 1e-3, 20.0], id="any"),
    pytest.param([0.5, INF, 0.1], [0.5, INF, 0.1], id="one coordinate not sent"),
    pytest.param([1e-9] * 3, 1e-9, id="hardly any"),
    pytest.param([1e9] * 3, 1e9, id="nearly all"),
    pytest.param([1e12, 1e-6, 1.0], [1e12, 1e-6, 1.0], id="very different"),
]


@pytest.mark.parametrize(("full", "noise"), NOISES)
@pytest.mark.parametrize("reach", [1.0, 40.0])
def test_density_and_posterior_are_those_of_conditioning(full, noise, reach):
    """[T4.1b] Rounding is amplified by condition numbers of up to 10³ and, in ln p, by |y|²."""
    source = random_mixture(3, 3)
    for y in reach * np.random.default_rng(1).standard_normal((4, 3)):
        log_density, mean, covariance = exact_posterior(source, y, full)
        np.testing.assert_allclose(source.log_density(y, noise), log_density, rtol=1e-12)
        np.testing.assert_allclose(
            source.posterior_mean(y, noise), mean, rtol=0, atol=1e-11 * reach
        )
        atol = 1e-10 * np.abs(covariance).max()
        actual = source.posterior_covariance(y, noise)
        np.testing.assert_allclose(actual, covariance, rtol=0, atol=atol)
        trace = source.posterior_variance(y, noise)
        np.testing.assert_allclose(trace, np.trace(covariance), rtol=1e-10)


@pytest.mark.parametrize("noise", [0.0, 0.3, [0.3, 1e-3, 20.0], [0.5, INF, 0.1]])
def test_the_score_is_the_derivative_of_the_log_density(noise):
    """Central differences over 1e-5: good to 1e-10 of the third derivative plus 1e-16/1e-5."""
    source, y = random_mixture(3, 3, seed=2), np.random.default_rng(3).standard_normal((5, 3))
    steps = 1e-5 * np.eye(3)
    ahead, behind = (source.log_density(y[:, None] + step, noise) for step in (steps, -steps))
    slopes = (ahead - behind) / 2e-5
    score = source.score(y, noise)
    np.testing.assert_allclose(score, slopes, rtol=0, atol=1e-6 * np.abs(score).max())
    if np.ndim(noise):
        assert np.all(score[:, np.isinf(noise)] == 0)


def test_posterior_mean_is_tweedies():
    """E[X | y] = y + t ∇ ln p_t(y) [T1.13b], by two unlike formulas."""
    source, y = random_mixture(4, 5), 3 * np.random.default_rng(4).standard_normal((6, 2, 5))
    tweedie = y + 0.7 * source.score(y, 0.7)
    np.testing.assert_allclose(source.posterior_mean(y, 0.7), tweedie, rtol=0, atol=1e-12)


def test_the_jacobian_of_the_posterior_mean_is_covariance_over_noise():
    """D E[X | y] = Cov[X | y]/t; central differences over 1e-5."""
    y, steps = np.array([[0.3, -0.4], [1.0, 2.0]]), 1e-5 * np.eye(2)
    mean = partial(PLANE.posterior_mean, noise_variance=0.5)
    slopes = (mean(y[:, None] + steps) - mean(y[:, None] - steps)) / 2e-5
    jacobian = PLANE.posterior_covariance(y, 0.5) / 0.5
    np.testing.assert_allclose(np.swapaxes(slopes, 1, 2), jacobian, rtol=0, atol=1e-8)


def test_posterior_moments_are_those_of_a_sum_over_the_plane():
    """Bayes' rule on a grid of step 0.04, by scipy's densities: good to rounding."""
    axis = np.arange(-12, 12, 0.04)
    x = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    prior = sum(
        weight * stats.multivariate_normal(mean, covariance).pdf(x)
        for weight, mean, covariance in zip(
            PLANE.weights, PLANE.means, PLANE.covariances, strict=True
        )
    )
    y, noise = np.array([0.4, -0.9]), np.array([0.3, 0.8])
    joint = prior * stats.multivariate_normal(y, np.diag(noise)).pdf(x)
    total = joint.sum()
    mean = np.einsum("ab,abi->i", joint, x) / total
    covariance = np.einsum("ab,abi,abj->ij", joint, x - mean, x - mean) / total
    log_density = np.log(total * 0.04**2)
    np.testing.assert_allclose(PLANE.log_density(y, noise), log_density, rtol=1e-12)
    np.testing.assert_allclose(PLANE.posterior_mean(y, noise), mean, rtol=1e-12)
    np.testing.assert_allclose(PLANE.posterior_covariance(y, noise), covariance, rtol=1e-11)


def test_one_component_is_a_gaussian():
    """Linear posterior mean and a covariance that does not depend on y: to 1e-12."""
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    source = GaussianMixtureVector([1.0], [[1.0, -1.0]], covariance[None])
    y = np.array([[3.0, 2.0], [-70.0, 80.0]])
    gain = covariance @ np.linalg.inv(covariance + 0.4 * np.eye(2))
    np.testing.assert_allclose(source.posterior_mean(y, 0.4), [1, -1] + (y - [1, -1]) @ gain.T)
    expected = covariance - gain @ covariance
    for actual in source.posterior_covariance(y, 0.4):
        np.testing.assert_allclose(actual, expected, rtol=1e-12)
    law = stats.multivariate_normal([1, -1], covariance + 0.4 * np.eye(2))
    np.testing.assert_allclose(source.log_density(y, 0.4), law.logpdf(y), rtol=1e-12)


def test_on_the_line_posteriors_are_ratios_of_integrals():
    """M = 1 with the mixture of [T4.2], mpmath's quadrature at 30 digits."""
    source = GaussianMixtureVector([0.3, 0.7], [[-1.5], [0.8]], [0.1, 0.3])
    with mp.workdps(30):

        def moment(power, y, t):
            def joint(x):
                prior = sum(
                    w * mp.npdf(x, m, mp.sqrt(v))
                    for w, m, v in (
                        (mp.mpf(3) / 10, mp.mpf(-3) / 2, mp.mpf(1) / 10),
                        (mp.mpf(7) / 10, mp.mpf(4) / 5, mp.mpf(3) / 10),
                    )
                )
                return x**power * prior * mp.npdf(y, x, mp.sqrt(t))

            return mp.quad(joint, [-8, -2, -1, 0, 1, 2, 8])

        for y, t in ((0.0, 0.2), (2.5, 4.0)):
            total, first, second = (moment(power, mp.mpf(y), mp.mpf(t)) for power in range(3))
            mean = first / total
            assert source.log_density([y], t) == pytest.approx(float(mp.log(total)), rel=1e-12)
            assert source.posterior_mean([y], t)[0] == pytest.approx(float(mean), rel=1e-12)
            variance = float(second / total - mean**2)
            assert source.posterior_variance([y], t) == pytest.approx(variance, rel=1e-12)


def test_the_three_ways_to_give_covariances_agree():
    means = [[0.0, 1.0], [2.0, 3.0]]
    full = GaussianMixtureVector([0.5, 0.5], means, [np.eye(2) * 0.3, np.eye(2) * 0.7])
    for given in ([0.3, 0.7], [[0.3, 0.3], [0.7, 0.7]]):
        other = GaussianMixtureVector([0.5, 0.5], means, given)
        np.testing.assert_array_equal(other.covariances, full.covariances)


def test_moments_are_those_of_the_components():
    source = random_mixture(4, 3, seed=6)
    second = np.einsum(
        "k,kij->ij",
        source.weights,
        source.covariances + source.means[:, :, None] * source.means[:, None],
    )
    expected = second - np.outer(source.mean, source.mean)
    np.testing.assert_allclose(source.covariance, expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(source.gaussian.covariance, expected, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(source.gaussian.mean, source.mean)


def test_isotropic_noise_is_equal_noise_everywhere():
    """One number takes the way of eigenvectors, a vector that of Cholesky."""
    source, y = random_mixture(3, 4), np.random.default_rng(5).standard_normal((7, 4))
    for name in ("log_density", "score", "posterior_mean", "posterior_covariance"):
        one, other = (getattr(source, name)(y, noise) for noise in (0.2, [0.2] * 4))
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_what_is_not_sent_is_not_looked_at():
    source = random_mixture(3, 3)
    y = np.array([0.5, np.nan, -0.2])
    marginal = GaussianMixtureVector(
        source.weights, source.means[:, [0, 2]], source.covariances[:, [0, 2]][:, :, [0, 2]]
    )
    noise = [0.5, INF, 0.1]
    np.testing.assert_allclose(
        source.log_density(y, noise), marginal.log_density(y[[0, 2]], [0.5, 0.1]), rtol=1e-13
    )
    mean = marginal.posterior_mean(y[[0, 2]], [0.5, 0.1])
    np.testing.assert_allclose(source.posterior_mean(y, noise)[[0, 2]], mean, rtol=1e-12)
    nothing = source.posterior_mean(np.full(3, np.nan), INF)
    np.testing.assert_allclose(nothing, source.mean, rtol=1e-13)
    np.testing.assert_allclose(
        source.posterior_covariance(np.full(3, np.nan), INF), source.covariance, atol=1e-13
    )


def test_rotations_change_nothing():
    """[P17] p_t(Qy), E[X | Qy] = Q E[X | y] for isotropic noise."""
    source, y = random_mixture(3, 3), np.random.default_rng(8).standard_normal((6, 3))
    q = np.linalg.qr(np.random.default_rng(9).standard_normal((3, 3)))[0]
    turned = GaussianMixtureVector(source.weights, source.means @ q.T, q @ source.covariances @ q.T)
    np.testing.assert_allclose(turned.log_density(y @ q.T, 0.3), source.log_density(y, 0.3))
    for name in ("score", "posterior_mean"):
        one, other = getattr(turned, name)(y @ q.T, 0.3), getattr(source, name)(y, 0.3)
        np.testing.assert_allclose(one, other @ q.T, rtol=0, atol=1e-12)


def test_without_noise_y_is_x():
    y = np.array([[0.3, -0.4], [5.0, 2.0]])
    np.testing.assert_array_equal(PLANE.posterior_covariance(y, 0.0).round(20), np.zeros((2, 2, 2)))
    np.testing.assert_allclose(PLANE.posterior_mean(y, 0.0), y, rtol=1e-14)
    drawn = PLANE.sample_posterior(y, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(drawn, y, rtol=1e-14)


def test_next_to_no_noise_is_what_is_left():
    """[T9] tr Cov[X | y] = t M - O(t²), to rounding, also where t is lost beside C."""
    for noise in (1e-12, 1e-40, 1e-100):
        variance = PLANE.posterior_variance([0.3, -0.4], noise)
        assert variance == pytest.approx(2 * noise, rel=1e-10)


def test_the_far_tails_do_not_overflow():
    """[T9] At 40, 10^6 and 10^100 standard deviations; the widest component is alone there."""
    source = GaussianMixtureVector([0.5, 0.5], [[0.0, 0.0], [1.0, 0.0]], [1.0, 4.0])
    for reach in (40.0, 1e6, 1e100):
        y = np.array([reach, -reach])
        shares = source.posterior_mean(y, 1.0)
        np.testing.assert_allclose(shares, [1 + 0.8 * (reach - 1), -0.8 * reach], rtol=1e-14)
        assert source.log_density(y, 1.0) < 0
        np.testing.assert_allclose(source.score(y, 1.0), [-(reach - 1) / 5, reach / 5], rtol=1e-14)
        assert source.posterior_variance(y, 1.0) == pytest.approx(1.6)


# Draws.

DRAWS = 40_000
FALSE_ALARM = 1e-9
"""Of each family of tests for a fresh seed; the seed is fixed, so they pass or fail for good."""


def assert_draws_follow(draws, weights, means, covariances, directions):
    """Kolmogorov and Smirnov's test of projections against the mixtures that they are."""
    for direction in directions:
        centres = means @ direction
        deviations = np.sqrt(np.einsum("i,kij,j->k", direction, covariances, direction))

        def cdf(x, centres=centres, deviations=deviations):
            return stats.norm.cdf((x[:, None] - centres) / deviations) @ weights

        assert stats.kstest(draws @ direction, cdf).pvalue > FALSE_ALARM / len(directions)


DIRECTIONS = [
    np.array([1.0, 0.0]),
    np.array([0.0, 1.0]),
    np.array([0.6, 0.8]),
    np.array([0.8, -0.6]),
]


def test_samples_follow_the_mixture():
    draws = PLANE.sample(np.random.default_rng(10), DRAWS)
    assert draws.shape == (DRAWS, 2)
    assert_draws_follow(draws, PLANE.weights, PLANE.means, PLANE.covariances, DIRECTIONS)


@pytest.mark.parametrize("noise", [[0.3, 0.3], [0.2, 3.0], [0.5, INF]])
def test_posterior_samples_follow_the_posterior(noise):
    """[T1.1b] Given y, X is a mixture again: textbook conditioning, component by component."""
    y, sent = np.array([0.1, -0.6]), np.isfinite(noise)
    output = PLANE.covariances[:, sent][:, :, sent] + np.diag(np.array(noise)[sent])
    gains = PLANE.covariances[:, :, sent] @ np.linalg.inv(output)
    residuals = y[sent] - PLANE.means[:, sent]
    densities = [
        stats.multivariate_normal(np.zeros(sent.sum()), covariance).pdf(residual)
        for covariance, residual in zip(output, residuals, strict=True)
    ]
    weights = PLANE.weights * densities
    draws = PLANE.sample_posterior(np.tile(y, (DRAWS, 1)), noise, np.random.default_rng(11))
    assert_draws_follow(
        draws,
        weights / weights.sum(),
        PLANE.means + np.einsum("kis,ks->ki", gains, residuals),
        PLANE.covariances - gains @ PLANE.covariances[:, sent],
        DIRECTIONS,
    )


def test_posterior_samples_keep_the_shape_and_belong_to_their_y():
    y = np.array([[[-30.0, 0.0], [30.0, 0.0]]])
    source = GaussianMixtureVector([0.5, 0.5], [[-30.0, 0.0], [30.0, 0.0]], [1.0, 1.0])
    drawn = source.sample_posterior(y, 1.0, np.random.default_rng(0))
    assert drawn.shape == y.shape
    assert np.all(np.sign(drawn[..., 0]) == np.sign(y[..., 0]))


# Bad input.

GOOD = ([0.5, 0.5], [[0.0, 0.0], [1.0, 0.0]], [1.0, 1.0])


def replaced(index, value):
    return lambda: GaussianMixtureVector(*GOOD[:index], value, *GOOD[index + 1 :])


@pytest.mark.parametrize(
    ("argument", "shown", "call"),
    [
        ("weights", "nan", replaced(0, [0.5, np.nan])),
        ("weights", "0.0", replaced(0, [1.0, 0.0])),
        ("weights", "-0.5", replaced(0, [1.5, -0.5])),
        ("weights", "1.1", replaced(0, [0.5, 0.6])),
        ("weights", "shape (0,)", replaced(0, [])),
        ("weights", "shape ()", replaced(0, 1.0)),
        ("weights", "abc", replaced(0, "abc")),
        ("means", "shape (3, 2)", replaced(1, np.zeros((3, 2)))),
        ("means", "shape (2,)", replaced(1, [0.0, 1.0])),
        ("means", "shape (2, 0)", replaced(1, np.zeros((2, 0)))),
        ("means", "inf", replaced(1, [[0.0, INF], [0.0, 0.0]])),
        ("means", "1e+200", replaced(1, [[0.0, 0.0], [1e200, 0.0]])),
        ("means", "{}", replaced(1, {})),
        ("covariances", "shape (3,)", replaced(2, [1.0, 1.0, 1.0])),
        ("covariances", "shape ()", replaced(2, 1.0)),
        ("covariances", "nan", replaced(2, [1.0, np.nan])),
        ("covariances", "0.0", replaced(2, [1.0, 0.0])),
        ("covariances", "-1.0", replaced(2, [1.0, -1.0])),
        ("covariances", "0.5", replaced(2, [np.eye(2), [[1.0, 0.5], [0.0, 1.0]]])),
        ("covariances", "-1", replaced(2, [np.eye(2), [[1.0, 2.0], [2.0, 1.0]]])),
        ("covariances", "1e-20 and 0.25", replaced(2, [1e-20, 1e-20])),
        ("eigenvalues", "e+", replaced(2, [1e160, 1e160])),
        ("noise_variance", "-1.0", lambda: PLANE.score([0.0, 0.0], -1.0)),
        ("noise_variance", "nan", lambda: PLANE.score([0.0, 0.0], np.nan)),
        ("noise_variance", "1e+200", lambda: PLANE.score([0.0, 0.0], 1e200)),
        ("noise_variance", "shape (3,)", lambda: PLANE.score([0.0, 0.0], [1.0, 1.0, 1.0])),
        ("noise_variance", "abc", lambda: PLANE.score([0.0, 0.0], "abc")),
        ("y", "shape (3,)", lambda: PLANE.log_density([0.0, 0.0, 0.0])),
        ("y", "shape ()", lambda: PLANE.posterior_mean(0.0, 1.0)),
        ("y", "nan", lambda: PLANE.posterior_mean([0.0, np.nan], 1.0)),
        ("y", "inf", lambda: PLANE.posterior_mean([0.0, -INF], 1.0)),
        ("y", "1e+200", lambda: PLANE.log_density([0.0, 1e200])),
        ("size", "0", lambda: PLANE.sample(np.random.default_rng(0), 0)),
        ("size", "1.5", lambda: PLANE.sample(np.random.default_rng(0), 1.5)),
    ],
)
def test_bad_input_is_one_line(argument, shown, call):
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{argument}: got ")
    assert shown in message.split("; allowed: ")[0]
