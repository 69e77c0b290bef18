"""Independent components in a rotated basis against products and Gaussian closed forms [T1.14]."""

import numpy as np
import pytest
from scipy import stats

from rdtheory.diffusion.independent_channel import IndependentChannel
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.sources.independent import IndependentComponents
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform

Q = np.array([[0.6, -0.8], [0.8, 0.6]])
MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
SOURCE = IndependentComponents((MIXTURE, normal(variance=2.0, mean=1.0)), Q)
PRODUCT = GaussianMixtureVector(
    MIXTURE.weights,
    np.stack([MIXTURE.means, [1.0, 1.0]], axis=1) @ Q.T,
    [Q @ np.diag([variance, 2.0]) @ Q.T for variance in MIXTURE.variances],
)
"""The same law, of which a mixture of full covariances knows no independence."""

Y = np.random.default_rng(0).standard_normal((3, 4, 2)) * 3


def test_moments_are_those_of_the_product():
    np.testing.assert_allclose(SOURCE.mean, PRODUCT.mean, rtol=1e-14)
    np.testing.assert_allclose(SOURCE.covariance, PRODUCT.covariance, rtol=1e-14)
    np.testing.assert_allclose(SOURCE.gaussian.covariance, PRODUCT.covariance, rtol=1e-14)


@pytest.mark.parametrize("noise", [0.0, 0.2, 30.0])
@pytest.mark.parametrize("name", ["log_density", "score", "posterior_mean", "posterior_variance"])
def test_vector_methods_are_those_of_the_product(name, noise):
    """[P17] One acts component by component, the other by full matrices: to 1e-12."""
    one, other = (getattr(source, name)(Y, noise) for source in (SOURCE, PRODUCT))
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 * max(1, np.abs(other).max()))


def test_the_flow_is_that_of_the_product():
    """[T1.14] Quantile maps against the probability flow at tolerance 1e-11."""
    reached = MixtureChannel(PRODUCT, 0.5).flow(Y, 1e-11)
    np.testing.assert_allclose(SOURCE.flow(Y, 0.5), reached, rtol=0, atol=1e-9)


def test_totals_are_those_of_the_product():
    """[P17, P18] I, mmse, D_A to 1e-9; D_F to the 1e-7 of the mixture."""
    sums, whole = IndependentChannel(SOURCE, 0.5), MixtureChannel(PRODUCT, 0.5)
    for name in ("information_nats", "gaussian_divergence_nats", "output_entropy_nats", "mmse"):
        assert getattr(sums, name) == pytest.approx(getattr(whole, name).value, abs=1e-9)
    assert sums.ancestral_distortion == 2 * sums.mmse
    assert sums.flow_distortion == pytest.approx(whole.flow_distortion.value, rel=2e-7)


def test_gaussian_components_have_closed_forms():
    """[T1.6] λ = (5, 2, 0.7, 0.1) at t = 1/2, to 1e-10."""
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    parts = [normal(variance=value) for value in (5.0, 2.0, 0.7, 0.1)]
    channel = IndependentChannel(IndependentComponents(parts, rotation), 0.5)
    assert channel.information_nats == pytest.approx(2.532561739690163, rel=1e-10)
    assert channel.ancestral_distortion == pytest.approx(2.459090909090909, rel=1e-10)
    assert channel.flow_distortion == pytest.approx(1.336748023295278, rel=1e-10)


def test_copies_cost_as_many_times():
    """[P18]"""
    one = ScalarChannel(Laplace(0.5), 0.3)
    three = IndependentChannel(IndependentComponents([Laplace(0.5)] * 3), 0.3)
    for name in ("information_nats", "mmse", "flow_distortion"):
        assert getattr(three, name) == pytest.approx(3 * getattr(one, name), rel=1e-14)


def test_entropy_and_fisher_information_add_up():
    """[T4.2] h = 1.2517941692, G = 4.8565132619; N(0, 2) has ½ ln 4πe and ½."""
    assert SOURCE.entropy_nats == pytest.approx(1.2517941692 + np.log(4 * np.pi * np.e) / 2)
    assert SOURCE.fisher_information == pytest.approx(4.8565132619 + 0.5, rel=1e-9)
    assert IndependentComponents([Uniform(1.0), Laplace(1.0)]).fisher_information == np.inf


def test_components_and_back():
    np.testing.assert_allclose(SOURCE.from_components(SOURCE.to_components(Y)), Y, atol=1e-14)
    np.testing.assert_allclose(SOURCE.to_components(Q[:, 1]), [0.0, 1.0], atol=1e-15)


def test_samples_reconstructions_and_what_is_sent_follow_their_laws():
    """Kolmogorov and Smirnov in the basis of S, 4 · 2 tests, false alarm 1e-9 in all."""
    rng = np.random.default_rng(2)
    channel = IndependentChannel(SOURCE, 0.4)
    x = SOURCE.sample(rng, 20_000)
    y = channel.send(x, rng)
    for draws, noise in (
        (x, 0.0),
        (y, 0.4),
        (channel.flow(y), 0.0),
        (channel.ancestral(y, rng), 0.0),
    ):
        assert draws.shape == (20_000, 2)
        for component, column in zip(SOURCE.components, (draws @ Q).T, strict=True):
            law = stats.kstest(column, lambda s, c=component, t=noise: c.cdf(s, t))
            assert law.pvalue > 1e-9 / 8
    error = np.mean(np.sum((x - channel.posterior_mean(y)) ** 2, axis=1))
    assert error == pytest.approx(channel.mmse, rel=0.06)  # s.e. 0.7 %: 8 of them


@pytest.mark.parametrize(
    ("argument", "shown", "call"),
    [
        ("components", "()", lambda: IndependentComponents(())),
        ("components", "1.0", lambda: IndependentComponents((1.0, 2.0))),
        ("components", "3", lambda: IndependentComponents(3)),
        ("components", "abc", lambda: IndependentComponents("abc")),
        ("components", "GaussianMixture", lambda: IndependentComponents(normal())),
        ("rotation", "shape (3, 3)", lambda: IndependentComponents([normal()] * 2, np.eye(3))),
        ("rotation", "nan", lambda: IndependentComponents([normal()], [[np.nan]])),
        ("rotation", "3.0", lambda: IndependentComponents([normal()], [[2.0]])),
        ("rotation", "abc", lambda: IndependentComponents([normal()], "abc")),
        ("y", "shape (3,)", lambda: SOURCE.score([1.0, 2.0, 3.0])),
        ("y", "shape ()", lambda: SOURCE.flow(1.0, 1.0)),
        ("y", "nan", lambda: SOURCE.log_density([0.0, np.nan])),
        ("x", "shape (3,)", lambda: SOURCE.to_components([1.0, 2.0, 3.0])),
        ("noise_variance", "-1.0", lambda: SOURCE.score([1.0, 2.0], -1.0)),
        ("noise_variance", "[1.0, 1.0]", lambda: SOURCE.score([1.0, 2.0], [1.0, 1.0])),
        ("noise_variance", "abc", lambda: SOURCE.score([1.0, 2.0], "abc")),
        ("noise_variance", "0.0", lambda: IndependentChannel(SOURCE, 0.0)),
        ("noise_variance", "inf", lambda: IndependentChannel(SOURCE, np.inf)),
        ("source", "GaussianMixture", lambda: IndependentChannel(normal(), 1.0)),
        ("size", "0", lambda: SOURCE.sample(np.random.default_rng(0), 0)),
    ],
)
def test_bad_input_is_one_line(argument, shown, call):
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{argument}: got ")
    assert shown in message.split("; allowed: ")[0]
