"""What laws and rates tend to: many dimensions, large KL, high signal-to-noise ratio."""

from typing import Any

import numpy as np
from scipy.special import digamma, gammaln, ndtr

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.units import bits_from_nats, nats_from_bits

UNIFORM_GAP_BITS = float(np.log2(2 * np.pi * np.e / 12) / 2)
"""½ log2(2πe/12) = 0.2546: uniform against Gaussian noise of equal variance at high SNR [T3.8]."""


def gaussian_information_variance(correlations: Any) -> Array:
    """V = Var i(X; Z) = Σ ρ_i² in nats², of a Gaussian channel [T3.4].

    Args:
        correlations: ρ_i, shape (..., n), from -1 to 1.

    Raises:
        InputError: if one is outside [-1, 1].

    >>> gaussian_information_variance([0.5, 0.5, 0.5, 0.5])
    np.float64(1.0)
    """
    rho = float64(np, "correlations", correlations)
    check("correlations", rho, abs(rho) <= 1, "numbers in [-1, 1]")
    return np.sum(rho**2, axis=-1)


def pfr_redundancy_bits(information_variance: Any) -> Array:
    """H(K) - I -> ½ log2(2πeV) - γ_E/ln 2 for the PFR, as V grows [T3.4].

    Args:
        information_variance: V in nats², > 0, any shape: `gaussian_information_variance`, or 2 KL
            (in nats) for one target N(m, 1), p = N(0, 1) [T3.5a].

    Raises:
        InputError: if one is not positive.

    >>> round(float(pfr_redundancy_bits(0.25)), 5)  # ρ = 0.5, but for ½ log2 n
    0.21435
    """
    variance = float64(np, "information_variance", information_variance)
    check("information_variance", variance, variance > 0, "numbers > 0")
    return bits_from_nats(np.log(2 * np.pi * np.e * variance) / 2 - np.euler_gamma)


def shift_limit_survival(log2_n: Any, kl_bits: Any) -> Array:
    """P(K > n) -> Φ((C - ln n)/sqrt(2C)): the PFR for a mean shift of large KL C [T3.5a].

    ln h is asymptotically N(C, 2C); ln K - ln h stays bounded in probability.

    Args:
        log2_n: log2 n.
        kl_bits: C in bits, > 0.

    Raises:
        InputError: if a KL is not positive.

    >>> round(float(shift_limit_survival(1000.0, 1000.0)), 3)
    0.5
    """
    kl, log2_n = float64(np, "kl_bits", kl_bits), float64(np, "log2_n", log2_n)
    check("kl_bits", kl, kl > 0, "numbers > 0")
    return ndtr(nats_from_bits(kl - log2_n) / np.sqrt(2 * nats_from_bits(kl)))


def gprs_entropy_limit_bits(divergence_bits: Any) -> Array:
    """H(K) -> D_CS + log2 e for GPRS and GRS as the KL grows (derived in `greedy`).

    Args:
        divergence_bits: D_CS, >= 0.

    Raises:
        InputError: if it is negative.

    >>> round(float(gprs_entropy_limit_bits(16.0)), 4)
    17.4427
    """
    divergence = float64(np, "divergence_bits", divergence_bits)
    check("divergence_bits", divergence, divergence >= 0, "numbers >= 0")
    return divergence + np.log2(np.e)


def layered_gap_bits(dim: int = 1) -> float:
    """n/2 log2(2πe) - E log2 vol: layered quantiser - I at high SNR, in all [T3.9b, T3.9d].

    vol is that of a ball of radius R, R² ~ χ²_(n+2).

    Args:
        dim: n.

    Raises:
        InputError: if it is no whole number >= 1.

    >>> [round(layered_gap_bits(n), 3) for n in (1, 8, 24, 100)]
    [0.521, 1.664, 2.417, 3.431]
    """
    half = whole_number("dim", dim) / 2
    mean_log_square = digamma(half + 1) + np.log(2)
    log_volume = half * (np.log(np.pi) + mean_log_square) - gammaln(half + 1)
    return float(bits_from_nats(half * np.log(2 * np.pi * np.e) - log_volume))
