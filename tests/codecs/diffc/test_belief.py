"""The belief of any model against the closed forms of a Gaussian source, and against Bayes."""

import numpy as np
import pytest

from rdtheory.codecs.diffc.belief import Belief
from rdtheory.codecs.diffc.stationary import CosinePrior
from rdtheory.diffusion.posterior import Posterior

EIGENVALUES = np.array([900.0, 30.0, 2.0, 0.05])


@pytest.fixture
def prior():
    return CosinePrior((2, 2, 1), EIGENVALUES)


def levels(*rows):
    return [np.array(row, dtype=float) * np.ones(4) for row in rows]


@pytest.mark.parametrize(
    "path",
    [
        levels([5.0], [1.0], [1e-3]),
        levels([5.0, 5.0, np.inf, np.inf], [1.0, 0.9, 3.0, np.inf], [0.5, 0.9, 1.0, 0.2]),
    ],
    ids=["isotropic", "unequal, some not sent"],
)
def test_equals_the_posterior_of_a_gaussian_source(prior, path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1, 4)) * np.sqrt(EIGENVALUES)
    belief, posterior = Belief.before_anything(prior), Posterior.before_anything(EIGENVALUES, 1)
    for noise in path:
        step, snr = belief.step(noise), EIGENVALUES / noise
        v = step.variances(np.ones(4))
        # v has 21 bits; all else is exact.
        np.testing.assert_allclose(v, posterior.variances(snr)[0], rtol=2e-6)
        means = step.residuals(x) * np.sqrt(v)
        np.testing.assert_allclose(means, posterior.targets(x, snr), rtol=2e-6, atol=1e-12)
        z = np.where(v < 1, rng.normal(size=(1, 4)), 0.0)
        belief, posterior = step.after(z, v), posterior.after(z, snr)
        np.testing.assert_allclose(belief.mean, posterior.mean, rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(EIGENVALUES / belief.noise_variances, posterior.snr[0])


def test_two_observations_are_worth_one_by_the_sum_of_their_precisions(prior):
    # Whatever the messages were, Y is the observation that Bayes' rule makes of all of them.
    rng = np.random.default_rng(2)
    belief, seen = Belief.before_anything(prior), []
    for noise in levels([7.0], [2.0], [0.3]):
        step = belief.step(noise)
        v, z = step.variances(np.full(4, 2.0)), rng.normal(size=(1, 4))
        spread = np.sqrt(2.0 * belief.errors + step.observation_noise)
        seen.append((belief.mean + spread * z, step.observation_noise))
        belief = step.after(z, v)
    precision = sum(1 / tau for _, tau in seen)
    combined = sum(w / tau for w, tau in seen) / precision
    np.testing.assert_allclose(1 / precision, belief.noise_variances, rtol=1e-12)
    np.testing.assert_allclose(combined, belief.observed, rtol=1e-5)


def test_steps_of_any_length_cost_the_same_in_all(prior):
    # Telescoping: -1/2 Σ log v = 1/2 log(1 + λ/t), so nothing is lost by the number of steps.
    for count in (1, 2, 7):
        belief, total = Belief.before_anything(prior), np.zeros(4)
        for noise in np.geomspace(1e3, 0.1, count + 1)[1:]:
            step = belief.step(np.full(4, noise))
            v = step.variances(np.ones(4))
            total -= np.log(v) / 2
            belief = step.after(np.zeros((1, 4)), v)
        np.testing.assert_allclose(total, np.log1p(EIGENVALUES / 0.1) / 2, atol=2e-6 * count)


def test_what_is_not_sent_changes_nothing(prior):
    belief = Belief.before_anything(prior).step(np.full(4, 3.0)).after(np.ones((1, 4)), np.ones(4))
    again = belief.step(np.full(4, 3.0))
    assert (again.ratios() == 0).all()
    assert (again.variances(np.full(4, 8.0)) == 1).all()
    assert (again.after(np.ones((1, 4)), np.ones(4)).observed == belief.observed).all()
