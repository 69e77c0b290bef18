"""Eq. 3-5: bounds, the price of a wrong marginal, joint against one message a step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from rdtheory import GaussianVector, scheme
from rdtheory.diffusion import (
    GaussianChannel,
    Progression,
    assumed_marginal_nats,
    one_shot_bound_bits,
    schedule_cost,
)


def test_one_shot_bound():
    """Eq. 3 at hand-computed points: I + log2(I + 1) + 5."""
    np.testing.assert_allclose(one_shot_bound_bits([0.0, 1.0, 3.0, 1023.0]), [5, 7, 10, 1038])


def test_check_value_of_the_chain():
    """T1.3b: λ = (4, 1, 0.2), SNR 0 to 20 in any steps: 4.524204752 nats."""
    source = GaussianVector([4.0, 1.0, 0.2])
    for snrs in ([20.0], [1.0, 20.0], np.geomspace(1e-3, 20.0, 50)):
        steps = Progression(scheme("diffc-a", source), noise_level=1 / np.asarray(snrs))
        total = steps.step_information_nats.sum()
        assert total == pytest.approx(4.524204752, abs=5e-10)
        # The formula as the page has it, step by step.
        before = np.concatenate([[0.0], snrs[:-1]])
        each = [
            0.5 * np.log1p((s - b) * source.eigenvalues / (1 + source.eigenvalues * b)).sum()
            for b, s in zip(before, snrs, strict=True)
        ]
        np.testing.assert_allclose(steps.step_information_nats, each, rtol=1e-12)


def test_bounds_of_a_schedule():
    """The joint message pays the overhead once, single messages T times."""
    cost = schedule_cost(Progression(scheme("diffc-f", [4.0, 1.0]), bits_per_dim=[1.0, 2.0, 4.0]))
    np.testing.assert_allclose(cost.step_bits, [2.0, 2.0, 4.0], rtol=1e-12)
    assert cost.information_bits == pytest.approx(8.0, rel=1e-12)
    assert cost.joint_bound_bits == pytest.approx(8 + np.log2(9) + 5, rel=1e-12)
    expected = 8 + 2 * np.log2(3) + np.log2(5) + 15
    assert cost.stepwise_bound_bits == pytest.approx(expected, rel=1e-12)
    assert cost.to_dict()["step_bits"] == pytest.approx([2.0, 2.0, 4.0])


@pytest.mark.parametrize("assumed", [0.3, 1.0, 5.0])
def test_wrong_marginal_by_quadrature(assumed):
    """C = E_X KL(N(gX, n) ‖ N(0, v)), the integral over X done numerically [T1.2b]."""
    variance, gain, noise = 2.0, 0.6, 0.4
    channel = GaussianChannel(GaussianVector([variance]), [gain], [noise])

    def integrand(x):
        kl = 0.5 * (noise / assumed + (gain * x) ** 2 / assumed - 1 + np.log(assumed / noise))
        return norm.pdf(x, scale=np.sqrt(variance)) * kl

    expected, error = quad(integrand, -40, 40, epsabs=1e-13, epsrel=1e-13)
    assert error < 1e-10
    assert assumed_marginal_nats(channel, assumed) == pytest.approx(expected, rel=1e-10)


@given(st.floats(0.01, 100.0))
def test_a_wrong_marginal_never_helps(assumed):
    """T1.2c: the excess over I(X; Z) is a divergence."""
    channel = GaussianChannel(GaussianVector([2.0, 0.5]), [0.6, 0.8], [0.4, 0.1])
    information = channel.information_nats
    assert assumed_marginal_nats(channel, assumed) >= information * (1 - 1e-15)
    right = assumed_marginal_nats(channel, channel.output_variances)
    assert right == pytest.approx(information, rel=1e-15)
