"""The source's first example, X ~ N(0, 1), in its own symbol σ² = t/(1 + t)."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rdtheory import scheme, sources

SIGMA2 = np.array([1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999])
NOISE_LEVEL = SIGMA2 / (1 - SIGMA2)


def test_rate_and_distortions():
    """R = -ln σ, D_A = 2σ² (Eq. 9, 10), D_F = 2(1 - sqrt(1 - σ²)) (Eq. 11, 12) [T1.5d].

    1 - sqrt(1 - σ²) is computed as σ²/(1 + sqrt(1 - σ²)); each side then rounds a few times.
    """
    ancestral = scheme("diffc-a", sources.standard()).at(noise_level=NOISE_LEVEL)
    flow = scheme("diffc-f", sources.standard()).at(noise_level=NOISE_LEVEL)
    np.testing.assert_allclose(ancestral.bits_per_dim, -np.log2(SIGMA2) / 2, rtol=1e-13)
    np.testing.assert_allclose(ancestral.distortion_per_dim, 2 * SIGMA2, rtol=1e-14)
    expected = 2 * SIGMA2 / (1 + np.sqrt(1 - SIGMA2))
    np.testing.assert_allclose(flow.distortion_per_dim, expected, rtol=1e-14)


def test_the_sent_value_is_the_reconstruction():
    """Inserting the standard normal in Eq. 6 gives dZ = 0: X̂_F = Z."""
    channel = scheme("diffc-f", sources.standard(3)).at(noise_level=0.7).channel
    z = np.random.default_rng(0).standard_normal((4, 3))
    np.testing.assert_allclose(channel.flow(z), z, rtol=1e-15)


def test_the_channel_is_the_diffusion_at_a_time():
    """Moments of dZ = -½βZ dt + sqrt(β) dW from Z_0 = x, integrated (Eq. 2) [T1.1a]."""

    def beta(t):
        return 0.1 + 3.0 * t

    moments = solve_ivp(
        lambda t, m: [-0.5 * beta(t) * m[0], beta(t) * (1 - m[1])],
        (0.0, 1.0),
        [1.0, 0.0],
        rtol=1e-12,
        atol=1e-13,
    ).y[:, -1]
    sigma2 = 1 - np.exp(-(0.1 + 1.5))  # the integral of β over (0, 1) is 1.6
    channel = scheme("diffc-a", sources.standard()).at(noise_level=sigma2 / (1 - sigma2)).channel
    assert channel.gains[0] == pytest.approx(moments[0], rel=1e-9)
    assert channel.noise_variances[0] == pytest.approx(moments[1], rel=1e-9)
