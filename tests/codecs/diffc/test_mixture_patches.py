"""Mixtures of blocks against dense mixtures of `rdtheory.sources`, quadrature and draws.

`NoisyMixture` knows neither blocks nor scales; it has tests of its own against brute force.
"""

from functools import partial

import numpy as np
import pytest
from scipy.linalg import block_diag

from rdtheory.codecs.diffc import mixture_prior
from rdtheory.codecs.diffc.block_mixture import BlockMixture
from rdtheory.codecs.diffc.data import make_patches
from rdtheory.codecs.diffc.gaussian_prior import GaussianPrior
from rdtheory.codecs.diffc.mixture_patches import MixturePatches
from rdtheory.codecs.diffc.mixture_prior import MixturePrior
from rdtheory.codecs.diffc.patch_basis import orthonormal, stored
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.sources import GaussianMixtureVector

NOISES = {
    "isotropic": np.full(4, 0.3),
    "of each component": np.array([0.01, 2.0, 30.0, 0.2]),
    "some not sent": np.array([0.1, np.inf, 0.5, np.inf]),
    "a whole block not sent": np.array([np.inf, np.inf, 0.5, 0.7]),
    "nothing sent": np.full(4, np.inf),
}


def random_mixture(seed=0, components=3, blocks=2, size=2):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(components, 3.0))
    means = rng.normal(size=(components, blocks, size))
    means -= np.tensordot(weights, means, axes=1)
    factors = np.tril(rng.normal(size=(components, blocks, size, size)))
    factors[..., range(size), range(size)] = rng.uniform(0.3, 1.5, (components, blocks, size))
    return BlockMixture(weights, means, factors)


def dense(mixture):
    """The same mixture without blocks."""
    covariances = np.array([block_diag(*blocks) for blocks in mixture.covariances])
    means = mixture.means.reshape(len(mixture.weights), -1)
    return GaussianMixtureVector(mixture.weights, means, covariances)


def prior_of(mixture, vectors=1):
    return MixturePrior(vectors, mixture, np.diag(dense(mixture).covariance).copy())


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES.keys())
def test_what_an_observation_says_is_what_the_dense_mixture_says(noise):
    mixture = random_mixture()
    y = np.random.default_rng(1).normal(size=(300, 4)) * 3
    law, reference = mixture.observed(noise), dense(mixture).observed(noise)
    hidden = np.where(np.isinf(noise), np.nan, y)
    assert np.allclose(law.posterior_mean(hidden), reference.posterior_mean(y), atol=1e-12)
    assert np.allclose(law.score(hidden), reference.score(y), atol=1e-12)
    within = np.diagonal(reference.component_posterior_covariances, axis1=1, axis2=2)
    assert np.allclose(law.component_variances, within, atol=1e-13)
    assert np.allclose(law.spread(hidden).sum(axis=1), reference.between_components(y), atol=1e-12)


def test_the_posterior_mean_is_that_of_bayes_rule():
    """By the rectangle rule, which is exact to rounding for what falls off like a Gaussian."""
    mixture = random_mixture(3, components=2, blocks=2, size=1)
    axis = np.linspace(-12, 12, 1201)
    x = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    y, noise = np.array([0.7, -1.1]), np.array([0.4, 1.5])
    density = np.exp(-np.sum((x - y) ** 2 / noise, axis=1) / 2) * sum(
        w * np.prod(np.exp(-(((x - m[:, 0]) / s[:, 0, 0]) ** 2) / 2) / s[:, 0, 0], axis=1)
        for w, m, s in zip(mixture.weights, mixture.means, mixture.factors, strict=True)
    )
    expected = density @ x / density.sum()
    assert np.allclose(mixture.observed(noise).posterior_mean(y[None])[0], expected, atol=1e-12)


def test_high_and_low_noise_keep_their_digits():
    """1e-12 of the variance, where C - C A⁻¹ C would be rounding; and 10^12 times it."""
    mixture = random_mixture()
    for noise in (1e-12, 1e12):
        law, reference = (one.observed(np.full(4, noise)) for one in (mixture, dense(mixture)))
        within = np.diagonal(reference.component_posterior_covariances, axis1=1, axis2=2)
        assert np.allclose(law.component_variances, within, rtol=1e-9, atol=0)


@pytest.mark.parametrize("noise", list(NOISES.values())[:3], ids=list(NOISES)[:3])
def test_posterior_samples_have_the_moments_of_the_posterior(noise):
    """40,000 draws for one y: 20 moments within six standard errors, false alarm 4e-8."""
    mixture, count = random_mixture(), 40_000
    y = np.array([0.5, -1.0, 0.8, 0.3])
    rng = np.random.default_rng(0)
    law = mixture.observed(noise)
    drawn = law.sample_posterior(
        np.tile(y, (count, 1)), rng.random(count), rng.standard_normal((2, count, 4))
    )
    reference = dense(mixture).observed(noise)
    mean, covariance = reference.posterior_mean(y), reference.posterior_covariance(y)
    assert_within(drawn, mean)
    products = (drawn - mean)[:, :, None] * (drawn - mean)[:, None]
    assert_within(products.reshape(count, -1), covariance.reshape(-1))


def assert_within(draws, expected, standard_errors=6):
    error = draws.std(axis=0) / len(draws) ** 0.5
    assert (np.abs(draws.mean(axis=0) - expected) <= standard_errors * error).all()


@pytest.mark.parametrize("noise", list(NOISES.values())[:4], ids=list(NOISES)[:4])
def test_errors_are_those_of_the_denoiser(noise, monkeypatch):
    """200,000 draws, six standard errors, and 2^-9 for the rounding: false alarm 1e-8."""
    monkeypatch.setattr(mixture_prior, "DRAWS", 100_000)
    mixture = random_mixture(seed=5)
    x = dense(mixture).sample(np.random.default_rng(0), 200_000)
    noisy = (
        np.random.default_rng(1).normal(size=x.shape) * np.where(np.isinf(noise), 0, noise) ** 0.5
    )
    prior = prior_of(mixture)
    squares = (x - prior.denoise(x + noisy, noise)) ** 2
    error = squares.std(axis=0) / len(x) ** 0.5
    found = prior.errors(noise)
    assert (np.abs(found - squares.mean(axis=0)) < 6 * 1.5 * error + found / 512).all()
    # Not what the linear estimate has: the mixture is further from a Gaussian than that.
    assert (found < 0.97 * prior.eigenvalues / (1 + prior.eigenvalues / noise)).any()


def test_errors_with_the_usual_number_of_draws_are_good_to_a_few_percent(monkeypatch):
    """Against quasi-Monte-Carlo of `MixtureChannel`: a sum over components.

    Draws serve what is owed to not knowing k, about as much as it is from one to the next: of 256
    the mean is good to six standard errors of 1/16, and of 25,600 to a tenth of that.
    """
    means = np.array([0.9, -0.6])[:, None, None] * np.ones((2, 2, 2))
    factors = np.array([0.2, 0.4])[:, None, None, None] * np.ones((2, 2, 1, 1)) * np.eye(2)
    mixture = BlockMixture(np.array([0.4, 0.6]), means, factors)
    for noise in (1.0, 2.0, 4.0):
        exact = MixtureChannel(dense(mixture), noise).mmse.value
        levels = np.full(4, noise)
        between = exact - mixture.weights @ mixture.observed(levels).component_variances.sum(axis=1)
        assert between > 0.3 * exact
        for draws, allowed in ((256, 6 / 16), (25_600, 6 / 160)):
            mixture_prior._errors.cache_clear()
            monkeypatch.setattr(mixture_prior, "DRAWS", draws)
            found = prior_of(mixture).errors(levels).sum()
            assert abs(found - exact) < allowed * between + exact / 1024


def test_errors_are_variances_before_anything_was_sent():
    prior = MixturePatches().prior((8, 8, 3))
    assert (prior.errors(np.full(192, np.inf)) == prior.eigenvalues).all()


def test_errors_are_the_same_on_a_machine_with_other_last_digits(monkeypatch):
    """Another machine's linear algebra may differ by 1e-12: none of the 192 numbers changes.

    A chance of 192 * 2e-12 * 2^9, 2e-7, that one would for good reason.
    """
    prior, noise = MixturePatches().prior((8, 8, 3)), np.full(192, 0.01)
    found, exact = prior.errors(noise), mixture_prior._errors
    rng = np.random.default_rng(0)
    monkeypatch.setattr(
        mixture_prior, "_errors", lambda *a: exact(*a) * (1 + 1e-12 * rng.normal(size=192))
    )
    assert (prior.errors(noise) == found).all()


def test_a_single_component_is_the_gaussian_prior():
    eigenvalues = np.array([2.0, 0.7, 0.1, 0.01])
    factors = np.sqrt(eigenvalues).reshape(2, 2, 1) * np.eye(2)
    gaussian = GaussianPrior(50, eigenvalues)
    mixture = BlockMixture(np.ones(1), np.zeros((1, 2, 2)), factors[None])
    prior = MixturePrior(50, mixture, eigenvalues)
    y = np.random.default_rng(0).normal(size=(50, 4))
    for noise in NOISES.values():
        assert (prior.errors(noise) == gaussian.errors(noise)).all()
        sent = np.isfinite(noise)
        for how in ("mmse", "flow"):
            one, two = (p.reconstruct(how, y, noise, np.zeros) for p in (prior, gaussian))
            assert np.allclose(one[:, sent], two[:, sent], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_flow_approaches_that_of_an_adaptive_solver(seed, monkeypatch):
    """`MixtureChannel.flow`, to 1e-6; of Heun's method a square is a 16th at twice the steps."""
    mixture = random_mixture(seed)
    prior, source = prior_of(mixture), dense(mixture)
    y = source.sample(np.random.default_rng(0), 60)
    y += np.random.default_rng(1).normal(size=y.shape) * 0.3**0.5
    exact = MixtureChannel(source, 0.3).flow(y, 1e-6)
    squares = []
    for steps in (6, 12, 24):
        monkeypatch.setattr(mixture_prior, "FLOW_STEPS", steps)
        found = prior.reconstruct("flow", y, np.full(4, 0.3), np.zeros)
        squares.append(np.mean((found - exact) ** 2 / prior.eigenvalues))
    assert squares[-1] < 1e-8  # of moves whose mean square is 0.02
    assert 10 < squares[0] / squares[1] < 25
    assert 10 < squares[1] / squares[2] < 25


@pytest.mark.parametrize("how", ["ancestral", "flow"])
@pytest.mark.parametrize("noise", list(NOISES.values())[:3], ids=list(NOISES)[:3])
def test_reconstructions_are_distributed_as_the_source(how, noise):
    """10,000 draws; first, second and fourth moments against those of as many of the source.

    24 moments within six standard errors, false alarm 5e-8.
    """
    mixture, count = random_mixture(), 10_000
    prior, rng = prior_of(mixture, count), np.random.default_rng(0)
    x, own = (dense(mixture).sample(rng, count) for _ in range(2))
    noisy = x + rng.normal(size=x.shape) * np.where(np.isinf(noise), np.nan, noise) ** 0.5
    found = prior.reconstruct(how, noisy, noise, rng.standard_normal)

    def moments(rows):
        products = rows[:, :, None] * rows[:, None]
        return np.concatenate([rows, products.reshape(len(rows), -1), rows**4], axis=1)

    one, two = moments(found), moments(own)
    error = np.sqrt((one.var(axis=0) + two.var(axis=0)) / count)
    assert (np.abs(one.mean(axis=0) - two.mean(axis=0)) < 6 * error).all()


def test_the_decoder_s_randomness_may_be_the_same_each_time_it_is_asked():
    """Of normals that start anew with every call no two parts may be alike.

    X and N of Matheron's rule would cancel: the variance of 20,000 draws has an error of 1 %.
    """
    mixture = BlockMixture(np.ones(1), np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)))
    prior = prior_of(mixture, 20_000)

    def restarted(shape):
        return np.random.default_rng(0).standard_normal(shape)

    ask = partial(prior.reconstruct, observed=np.zeros((20_000, 1)), normals=restarted)
    assert ask("ancestral", noise_variances=np.ones(1)).var() == pytest.approx(0.5, rel=0.06)
    assert ask("flow", noise_variances=np.full(1, np.inf)).var() == pytest.approx(1.0, rel=0.06)


@pytest.mark.parametrize("shape", [(8, 8, 1), (8, 8, 3)])
def test_the_table_is_a_mixture_of_mean_0_and_of_the_variances_it_says(shape):
    prior = MixturePatches().prior(shape)
    source = dense(prior.mixture)
    assert np.allclose(prior.eigenvalues, np.diag(source.covariance), rtol=1e-6)
    assert np.abs(source.mean / np.sqrt(prior.eigenvalues)).max() < 1e-4
    assert source.weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_grey_pictures_have_the_luma_of_colour_pictures():
    values = np.random.default_rng(0).uniform(-1, 1, (16, 24, 1))
    grey, colour = (MixturePatches().prior((16, 24, planes)) for planes in (1, 3))
    luma = colour.to_components(np.repeat(values, 3, axis=2))[:, :64]
    assert np.allclose(luma, 3**0.5 * grey.to_components(values), rtol=0, atol=1e-12)
    y = luma + 0.1 * np.random.default_rng(1).normal(size=luma.shape)
    noise = np.concatenate([np.full(64, 0.01), np.full(128, np.inf)])
    padded = np.concatenate([y, np.zeros((len(y), 128))], axis=1)
    expected = colour.denoise(padded, noise)[:, :64] / 3**0.5
    assert np.allclose(grey.denoise(y / 3**0.5, np.full(64, 0.01 / 3)), expected, atol=1e-12)


def test_expectation_maximisation_finds_two_scales():
    """40,000 rows of two Gaussians of variances 1/16 and 2: found to a few percent."""
    rng = np.random.default_rng(0)
    labels = rng.random(40_000) < 0.3
    rows = rng.normal(size=(40_000, 2, 4)) * np.where(labels, 0.25, 2**0.5)[:, None, None]
    weights, means, covariances = make_patches.fit(rows.astype(np.float32), 2, 10, rng)
    order = np.argsort(weights)
    assert weights[order] == pytest.approx([0.3, 0.7], abs=0.02)
    assert np.abs(means).max() < 0.1
    for found, variance in zip(covariances[order], (1 / 16, 2.0), strict=True):
        assert np.allclose(found, variance * np.eye(4), atol=0.1 * variance)


def test_the_table_is_made_from_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(make_patches, "PATCHES", 3000)
    monkeypatch.setattr(make_patches, "COMPONENTS", 4)
    monkeypatch.setattr(make_patches, "ROUNDS", 3)
    rng = np.random.default_rng(0)
    fields = np.cumsum(rng.normal(size=(30, 32, 32, 3)) * 12, axis=1) + 128
    np.savez(tmp_path / "in.npz", images=fields.clip(0, 255).astype(np.uint8))
    arguments = ["mixture", str(tmp_path / "in.npz"), "--out", str(tmp_path)]
    assert make_patches.main(arguments) == 0
    with np.load(tmp_path / "mixture_patches.npz") as table:
        found = dict(table)
    shipped = stored("mixture_patches")
    assert set(found) == set(shipped)
    assert {key: found[key].dtype for key in found if "input" not in key} == {
        key: shipped[key].dtype for key in shipped if "input" not in key
    }
    # The variances of patches cut out anew, in the basis that was found.
    values = fields.clip(0, 255).astype(np.uint8)[:, 5:13, 7:15] / 127.5 - 1
    planes = (values @ make_patches.COLOURS.T).reshape(30, 64, 3) - found["means"].T
    components = np.einsum("npc,cpk->nck", planes, orthonormal(found["eigenvectors"]))
    ratio = np.sum(components**2, axis=(0, 2)) / 30 / found["eigenvalues"].sum(axis=1)
    assert (ratio > 0.6).all()
    assert (ratio < 1.6).all()
