"""The walk back against the closed forms of finite-step samplers [T5.3, T5.4]."""

from itertools import pairwise

import numpy as np
import pytest

from rdtheory.codecs.diffc.reverse_steps import levels, walk
from rdtheory.diffusion import AncestralSampler, Ddim
from rdtheory.errors import InputError

EIGENVALUES = np.array([9.0, 1.0, 0.01])


def wiener(y, t):
    return EIGENVALUES / (EIGENVALUES + t) * y


@pytest.mark.parametrize("steps", [1, 2, 5, 40])
@pytest.mark.parametrize("noise", [0.03, 4.0])
def test_flow_is_ddim(noise, steps):
    # On a Gaussian source DDIM multiplies each component by a number that is known [T5.3a].
    y = np.array([[1.0, -2.0, 0.3]])
    found = walk(wiener, y, noise, "flow", np.zeros, steps)
    sampler = Ddim(EIGENVALUES, levels(noise, steps)[:-1])
    shrunk = np.sqrt(EIGENVALUES / (EIGENVALUES + noise)) * y
    np.testing.assert_allclose(found, sampler.run(shrunk, np.random.default_rng(0)), rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 3, 12])
def test_ancestral_has_the_variance_of_its_closed_form(steps):
    # 200,000 samples: the relative error of a variance is 0.0032; six of them at 2e-9.
    rng, noise, count = np.random.default_rng(5), 2.0, 200_000
    y = rng.normal(size=(count, 3)) * np.sqrt(EIGENVALUES + noise)
    found = walk(wiener, y, noise, "ancestral", rng.standard_normal, steps)
    sampler = AncestralSampler(EIGENVALUES, levels(noise, steps)[:-1])
    variances = sampler.output.output_variances
    np.testing.assert_allclose(found.var(axis=0), variances, rtol=6 * np.sqrt(2 / count))


def test_mmse_is_the_denoiser():
    y = np.ones((1, 3))
    assert (walk(wiener, y, 2.0, "mmse", np.zeros, 5) == wiener(y, 2.0)).all()


def test_unknown_reconstruction_is_refused():
    with pytest.raises(InputError, match="ancestral, flow, mmse"):
        walk(wiener, np.ones((1, 3)), 2.0, "best", np.zeros, 5)


@pytest.mark.parametrize("noise", [1e-9, 1e-5, 20.0])
def test_levels_fall_to_nothing(noise):
    path = levels(noise, 7)
    assert path[0] == pytest.approx(noise)
    assert path[-1] == 0
    assert all(t >= s for t, s in pairwise(path))
