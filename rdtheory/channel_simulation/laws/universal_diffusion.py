"""Universally quantised diffusion: what steps with uniform noise cost [T3.10].

A diffusion step tells the decoder the worth of one more observation of X. If the observation has
uniform noise, a dithered quantiser sends it without any search [T3.8] (the setting of Yang, Will
and Mandt 2024, arXiv 2412.10935). For a Gaussian whose remaining variance is 1, a step of SNR d
costs

    I_UQ(d) ~ 2κ sqrt(d / 12) nats as d -> 0,   κ = -∫ Φ ln Φ = 0.9031972856...,

because the interval is wide and only its two ends are uncertain. A Gaussian observation would cost
½ ln(1 + d) ~ d/2: the square root is what many small steps lose.
"""

from math import sqrt
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.channel_simulation.laws.quantisers import dithered_uniform_bits
from rdtheory.units import bits_from_nats, nats_from_bits

EDGE_NATS = 0.903197285568625
"""κ = -∫ Φ(x) ln Φ(x) dx, what one end of a wide interval costs in units of its density."""


def uniform_diffusion_bits(information_bits: Any, steps: int) -> Array:
    """T I_UQ(d), d = e^(2I/T) - 1: T equal steps of uniform noise, bits per dimension [T3.10].

    Args:
        information_bits: I, what Gaussian noise of the same final SNR carries, bits per dimension,
            > 0, any shape.
        steps: T.

    Raises:
        InputError: if an argument is not as above.

    >>> bits = [uniform_diffusion_bits(2 / np.log(2), steps) for steps in (1, 4, 64)]
    >>> [round(float(one * np.log(2)), 4) for one in bits]  # nats; Gaussian noise: 2
    [2.1765, 2.7032, 8.4755]
    """
    information = _positive(information_bits)
    count = whole_number("steps", steps)
    return count * dithered_uniform_bits(np.expm1(2 * nats_from_bits(information) / count))


def uniform_diffusion_limit_bits(information_bits: Any, steps: int) -> Array:
    """2κ/sqrt(12) sqrt(2 I T) nats, the limit of `uniform_diffusion_bits` as T grows [T3.10].

    >>> round(float(uniform_diffusion_limit_bits(2 / np.log(2), 64) * np.log(2)), 4)
    8.3434
    """
    nats = nats_from_bits(_positive(information_bits))
    edges = 2 * EDGE_NATS / sqrt(12)
    return bits_from_nats(edges * np.sqrt(2 * nats * whole_number("steps", steps)))


def _positive(value: Any) -> Array:
    information = float64(np, "information_bits", value)
    good = (information > 0) & (information < np.inf)
    return check("information_bits", information, good, "finite numbers > 0")
