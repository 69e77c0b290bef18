"""The price of reverse kernels of fixed variance, as DDPM has them [T5.1a].

A step of a progressive code raises the SNR of component i from s_i to s_i + Δs_i (`Progression`).
With x_i = Δs_i/(1 + s_i) it costs

    exact reverse kernels      Σ ½ ln(1 + x_i) nats [T1.3b]
    kernels of fixed variance  Σ ½ x_i nats, the variance being β̃, that of Z_s given Z_t and X

For isotropic noise and SNR = 1/t the second is ½ ΔSNR · mmse(SNR): the steps add up to the left
Riemann sum of I = ½ ∫ mmse dSNR, which exceeds the integral, as the mmse falls.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rdtheory.arrays import Array, namespace
from rdtheory.diffusion.progression import Progression
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats


@dataclass(frozen=True, eq=False)
class FixedVarianceCost:
    """What T steps with kernels of fixed variance cost [T5.1a].

    Attributes:
        step_bits: cost of each step, shape (T,).
        total_bits: their sum.
        information_bits: the cost with exact kernels, I(X; Z) at the last step.
        excess_bits: the difference, without a cancellation.

    >>> FixedVarianceCost(np.array([2.0, 3.0]), 5.0, 4.0, 1.0).to_dict()["excess_bits"]
    1.0
    """

    step_bits: Array
    total_bits: Array
    information_bits: Array
    excess_bits: Array

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON."""
        return {
            field.name: np.asarray(getattr(self, field.name)).tolist() for field in fields(self)
        }


def fixed_variance_cost(progression: Progression) -> FixedVarianceCost:
    """Σ_k ½ (s_{k+1} - s_k) mmse(s_k) nats: T steps with kernels of fixed variance [T5.1a].

    Args:
        progression: the steps, from zero rate to its last point; any noise family.

    Raises:
        InputError: if it is none.

    >>> from rdtheory.diffusion import scheme
    >>> levels = np.geomspace(1e3, 1 / 15, 10)
    >>> steps = Progression(scheme("diffc-a", [3.0, 0.8, 0.15]), noise_level=levels)
    >>> cost = fixed_variance_cost(steps)
    >>> (cost.total_bits * np.log(2)).round(9), (cost.information_bits * np.log(2)).round(9)
    (np.float64(5.558158936), np.float64(3.786122875))
    """
    if not isinstance(progression, Progression):
        raise InputError("progression", type(progression).__name__, "a Progression")
    xp, snr = namespace(progression.snr), progression.snr
    before = xp.concat([xp.zeros((1, snr.shape[1])), snr[:-1]])
    growth = (snr - before) / (1 + before)
    step_bits = bits_from_nats(xp.sum(growth, axis=-1) / 2)
    return FixedVarianceCost(
        step_bits=step_bits,
        total_bits=xp.sum(step_bits),
        information_bits=bits_from_nats(xp.sum(progression.step_information_nats)),
        excess_bits=bits_from_nats(xp.sum(_excess(growth)) / 2),
    )


def _excess(x: Array) -> Array:
    """x - ln(1 + x) for x >= 0.

    With u = x/(2 + x), ln(1 + x) = 2 artanh u, and x - 2u = x u: for small x the series of artanh
    leaves no cancellation.
    """
    xp, u = namespace(x), x / (2 + x)
    series = xp.zeros_like(u)
    for power in range(17, 1, -2):
        series = series * u * u + 1 / power
    return xp.where(u < 0.1, x * u - 2 * u**3 * series, x - xp.log1p(x))
