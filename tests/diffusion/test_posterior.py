"""What the decoder knows, step by step, against plain Bayes, and the channel's decoders."""

import numpy as np
import pytest

from rdtheory import scheme
from rdtheory.diffusion import RECONSTRUCTIONS, Posterior, Progression

EIGENVALUES = np.array([4.0, 1.0, 0.25, 0.0])
LEVELS = np.array([[3.0, 0.0, 0.1, 0.0], [3.0, 2.0, 0.1, 0.0], [50.0, 1e-9, 1e6, 0.0]])


def steps():
    """Random samples of each step, and the posterior after each."""
    rng = np.random.default_rng(0)
    state = Posterior.before_anything(EIGENVALUES, vectors=5)
    for level in np.maximum.accumulate(LEVELS):
        z = rng.standard_normal(state.mean.shape)
        after = state.after(z, level)
        yield state, level, z, after
        state = after


def test_steps_are_bayesian_updates():
    """Prior N(μ, λ/(1+s)); observation y of noise λ/Δs; the posterior by precisions."""
    for before, level, z, after in steps():
        for i in range(3):
            gained = level[i] - before.snr[0, i]
            if gained == 0:
                np.testing.assert_array_equal(after.mean[:, i], before.mean[:, i])
                continue
            prior, noise = EIGENVALUES[i] / (1 + before.snr[0, i]), EIGENVALUES[i] / gained
            y = before.mean[:, i] + z[:, i] * np.sqrt(prior + noise)
            precision = 1 / prior + 1 / noise
            expected = (before.mean[:, i] / prior + y / noise) / precision
            np.testing.assert_allclose(after.mean[:, i], expected, rtol=1e-12, atol=1e-14)
            assert EIGENVALUES[i] / (1 + after.snr[0, i]) == pytest.approx(1 / precision)


def test_targets_are_observations_in_units_of_the_prior():
    x = np.random.default_rng(1).normal(size=(5, 4)) * np.sqrt(EIGENVALUES)
    for before, level, _, _ in steps():
        means, variances = before.targets(x, level), before.variances(level)
        for i in range(4):
            gained = level[i] - before.snr[0, i]
            if gained == 0:
                assert (means[:, i] == 0).all()
                assert (variances[:, i] == 1).all()
                continue
            prior = EIGENVALUES[i] / (1 + before.snr[0, i]) + EIGENVALUES[i] / gained
            expected = (x[:, i] - before.mean[:, i]) / np.sqrt(prior)
            np.testing.assert_allclose(means[:, i], expected, rtol=1e-12)
            np.testing.assert_allclose(variances[:, i], EIGENVALUES[i] / gained / prior, rtol=1e-12)


def test_informations_of_the_steps_are_those_of_the_progression():
    """-½ ln v summed over components is [T1.3b]."""
    progression = Progression(scheme("diffc-f-star", [4.0, 1.0, 0.2]), bits_per_dim=[0.5, 1.0, 2.0])
    state = Posterior.before_anything(np.array([4.0, 1.0, 0.2]), vectors=1)
    for level, nats in zip(progression.snr, progression.step_information_nats, strict=True):
        assert -np.log(state.variances(level)).sum() / 2 == pytest.approx(nats, rel=1e-12)
        state = state.after(np.zeros((1, 3)), level)


def test_what_is_not_received_stays_as_it_was():
    state = Posterior.before_anything(EIGENVALUES, vectors=2)
    received = np.array([[True, False, True, True], [False, False, True, True]])
    after = state.after(np.ones((2, 4)), LEVELS[2], received)
    assert (after.mean[~received] == 0).all()
    assert (after.snr[~received] == 0).all()
    np.testing.assert_array_equal(after.snr[received], np.tile(LEVELS[2], (2, 1))[received])


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_reconstructions_are_those_of_the_channel(name):
    """From one observation, with the same decoder's noise: `GaussianChannel` and `Posterior`."""
    operated = scheme("diffc-f", [4.0, 1.0, 0.2])
    point = operated.at(bits_per_dim=1.0)
    channel, eigenvalues = point.channel, operated.source.eigenvalues
    z = np.random.default_rng(2).normal(size=(6, 3))
    mean, snr = channel.posterior_mean(z), np.tile(channel.snr, (6, 1))
    state = Posterior(eigenvalues, mean, snr)
    normals = np.random.default_rng(3).standard_normal
    expected = {
        "ancestral": lambda: channel.posterior_sample(z, np.random.default_rng(3)),
        "flow": lambda: channel.flow(z),
        "mmse": lambda: channel.posterior_mean(z),
    }[name]()
    np.testing.assert_allclose(
        state.reconstruct(RECONSTRUCTIONS[name], normals), expected, rtol=1e-12, atol=1e-14
    )


def test_nothing_received_is_reconstructed_as_the_source():
    """At SNR 0 flow and ancestral sampling draw from the source, the posterior mean is 0."""
    state = Posterior.before_anything(EIGENVALUES, vectors=50_000)
    for name, how in RECONSTRUCTIONS.items():
        found = state.reconstruct(how, np.random.default_rng(4).standard_normal)
        expected = 0 * EIGENVALUES if name == "mmse" else EIGENVALUES
        # Six standard errors of a variance from 50,000 draws: 3.8 %.
        np.testing.assert_allclose((found**2).mean(axis=0), expected, rtol=0.038)
