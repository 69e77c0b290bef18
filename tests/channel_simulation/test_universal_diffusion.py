"""Steps with uniform noise [T3.10]."""

import numpy as np
import pytest
from mpmath import erfc, inf, log, mp, quad, sqrt

from rdtheory import InputError
from rdtheory.channel_simulation.laws.universal_diffusion import (
    EDGE_NATS,
    uniform_diffusion_bits,
    uniform_diffusion_limit_bits,
)

TWO_NATS = 2 / np.log(2)


def nats(steps, information=TWO_NATS):
    return float(uniform_diffusion_bits(information, steps)) * np.log(2)


def test_check_values_of_the_page():
    """[T3.10]: I = 2 nats in 1, 4, 64 steps; one step of SNR 0.001."""
    assert [round(nats(steps), 4) for steps in (1, 4)] == [2.1765, 2.7032]
    assert nats(64) == pytest.approx(8.4755, abs=6e-5)
    assert nats(1, np.log1p(1e-3) / 2 / np.log(2)) == pytest.approx(0.0164900509, rel=1e-9)


def test_the_constant_of_an_edge():
    """κ = -∫ Φ ln Φ [T3.10]."""
    with mp.workdps(40):
        cdf = lambda x: erfc(-x / sqrt(2)) / 2  # noqa: E731
        kappa = -quad(lambda x: cdf(x) * log(cdf(x)), [-inf, -8, -2, 0, 2, 8, inf])
        assert float(kappa) == pytest.approx(EDGE_NATS, rel=1e-15)


def test_one_step_against_the_definition():
    """h(N + U) - ln Δ by quadrature with 30 digits, Δ² = 12/d."""
    snr = 2.5
    with mp.workdps(30):
        half = sqrt(mp.mpf(3) / snr)
        cdf = lambda x: erfc(-x / sqrt(2)) / 2  # noqa: E731

        def integrand(y):
            v = cdf(y + half) - cdf(y - half)
            return -v * log(v) / (2 * half)

        expected = float(quad(integrand, [-12, -half, 0, half, 12]))
    assert nats(1, np.log1p(snr) / 2 / np.log(2)) == pytest.approx(expected, rel=1e-10)


def test_the_square_root_law():
    """The ratio to the limit tends to 1 as the steps grow: the next term is d/2 a step."""
    ratios = [
        float(uniform_diffusion_bits(1.0, t) / uniform_diffusion_limit_bits(1.0, t))
        for t in (10, 1000, 10**5)
    ]
    assert ratios[0] > ratios[1] > ratios[2] > 1
    assert ratios[2] == pytest.approx(1, abs=3e-3)


@pytest.mark.parametrize("bits", [-1.0, 0.0, np.nan, np.inf, "many"])
def test_bad_information(bits):
    with pytest.raises(InputError, match="information_bits"):
        uniform_diffusion_bits(bits, 2)


def test_bad_steps():
    with pytest.raises(InputError, match="steps"):
        uniform_diffusion_bits(1.0, 0)
