"""Bounds on H(K), on E log2 K and on lengths, as functions of the information [T3.1, T3.2, T3.7d].

I is I(X; Z), or KL(q ‖ p) for one target where the bound is stated for it; everything is in bits.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import zeta

from rdtheory.arrays import Array, check, float64
from rdtheory.channel_simulation.laws.index_law import zipf_exponent

LOG2_E = float(np.log2(np.e))

_MEAN_EXCESS = 1 + LOG2_E / np.e
"""e^-1 log e + 1, b of [T3.2c]."""


def li_el_gamal_bits(information_bits: Any) -> Array:
    """H(K) <= I + log(I + 1) + 3.8703: PFR [LiElGamal2018] [T3.1].

    >>> round(float(li_el_gamal_bits(3.0)) - 5, 4)  # e^-1 log e + 2 + log(e^-1 log e + 2)
    3.8703
    """
    constant = _MEAN_EXCESS + 1
    return _with_logarithm(information_bits, constant + np.log2(constant))


def li_anantharam_bits(information_bits: Any) -> Array:
    """H(K) <= I + log(I + 1) + 3.7312: PFR, Li and Anantharam 2021 [T3.1].

    >>> round(float(li_anantharam_bits(3.0)) - 5, 4)  # log e + 1 + log(log e + 1)
    3.7312
    """
    constant = LOG2_E + 1
    return _with_logarithm(information_bits, constant + np.log2(constant))


def flamich_theis_asymptotic_bits(information_bits: Any) -> Array:
    """I + log(I + 1) + 3.45 as I grows, Flamich and Theis 2023 [T3.1].

    >>> float(flamich_theis_asymptotic_bits(3.0))
    8.45
    """
    return _with_logarithm(information_bits, 3.45)


def li_2024_asymptotic_bits(information_bits: Any) -> Array:
    """I + log(I + 1) + 2 as I grows, Li 2024 [T3.1].

    >>> float(li_2024_asymptotic_bits(3.0))
    7.0
    """
    return _with_logarithm(information_bits, 2.0)


def li_2025_bits(information_bits: Any) -> Array:
    """I + log(I + 3.4) + 1, one-shot, by another scheme than the PFR, Li 2025 [T3.1].

    >>> round(float(li_2025_bits(16.0)), 3)
    21.278
    """
    information = _information(information_bits)
    return information + np.log2(information + 3.4) + 1


def li_2025_asymptotic_bits(information_bits: Any) -> Array:
    """I + log(I + 1) + Σ 2^(-k-1) k log k - log log e as I grows, Li 2025 [T3.1].

    >>> round(float(li_2025_asymptotic_bits(3.0)) - 5, 5)
    0.75976
    """
    k = np.arange(1, 80)
    constant = float(np.sum(0.5 ** (k + 1) * k * np.log2(k))) - np.log2(LOG2_E)
    return _with_logarithm(information_bits, constant)


def li_2025_lower_asymptotic_bits(information_bits: Any) -> Array:
    """I + log(I + 1) - log log e: no scheme has a smaller constant for all sources [T3.1].

    >>> round(float(li_2025_lower_asymptotic_bits(3.0)) - 5, 5)
    -0.52877
    """
    return _with_logarithm(information_bits, -float(np.log2(LOG2_E)))


def mean_log2_li_el_gamal_bits(information_bits: Any) -> Array:
    """E log K <= KL + e^-1 log e + 1 for the PFR [LiElGamal2018] [T3.2a].

    >>> round(float(mean_log2_li_el_gamal_bits(3.0)), 5)
    4.53074
    """
    return _information(information_bits) + _MEAN_EXCESS


def mean_log2_li_anantharam_bits(information_bits: Any) -> Array:
    """E log K <= KL + log e for the PFR [T3.2a], from E[log K | z] <= log(1 + r).

    >>> round(float(mean_log2_li_anantharam_bits(3.0)), 5)
    4.4427
    """
    return _information(information_bits) + LOG2_E


def zipf_code_bits(information_bits: Any) -> Array:
    """s (I + b) + log ζ(s), s = 1 + 1/(I + b), b = e^-1 log e + 1: the PFR's Zipf code [T3.2b].

    >>> round(float(zipf_code_bits(16.0)), 3)
    22.71
    """
    information = _information(information_bits)
    exponent = zipf_exponent(information)
    return exponent * (information + _MEAN_EXCESS) + np.log2(zeta(exponent))


def elias_delta_code_bits(information_bits: Any) -> Array:
    """KL + 2 log(1 + KL) + 5.20985: the PFR's index in Elias's delta code [T3.2c].

    >>> round(float(elias_delta_code_bits(3.0)) - 7, 5)  # 1 + b + 2 log(1 + b)
    5.20985
    """
    information = _information(information_bits)
    constant = 1 + _MEAN_EXCESS + 2 * np.log2(1 + _MEAN_EXCESS)
    return information + 2 * np.log2(1 + information) + constant


def ordered_random_coding_bits(information_bits: Any) -> Array:
    """KL + log(KL + 1) + 4: ordered random coding [TheisYosri2022] [T3.7d].

    >>> float(ordered_random_coding_bits(3.0))
    9.0
    """
    return _with_logarithm(information_bits, 4.0)


def greedy_entropy_bound_bits(divergence_bits: Any) -> Array:
    """H(K) <= D_CS + log(e + 1) for greedy rejection sampling [GocFlamich2024] [T3.6a].

    Args:
        divergence_bits: D_CS, not KL.

    >>> round(float(greedy_entropy_bound_bits(1.7167)), 4)
    3.6113
    """
    return _information(divergence_bits, "divergence_bits") + np.log2(np.e + 1)


BOUNDS: Mapping[str, Callable[[Any], Array]] = MappingProxyType(
    {
        "li_el_gamal": li_el_gamal_bits,
        "li_anantharam": li_anantharam_bits,
        "flamich_theis_asymptotic": flamich_theis_asymptotic_bits,
        "li_2024_asymptotic": li_2024_asymptotic_bits,
        "li_2025": li_2025_bits,
        "li_2025_asymptotic": li_2025_asymptotic_bits,
        "li_2025_lower_asymptotic": li_2025_lower_asymptotic_bits,
        "mean_log2_li_el_gamal": mean_log2_li_el_gamal_bits,
        "mean_log2_li_anantharam": mean_log2_li_anantharam_bits,
        "zipf_code": zipf_code_bits,
        "elias_delta_code": elias_delta_code_bits,
        "ordered_random_coding": ordered_random_coding_bits,
    }
)
"""Name to bound, in bits, as a function of the information in bits."""


def _with_logarithm(information_bits: Any, constant: float) -> Array:
    """I + log(I + 1) + constant."""
    information = _information(information_bits)
    return information + np.log2(information + 1) + constant


def _information(value: Any, name: str = "information_bits") -> Array:
    information = float64(np, name, value)
    return check(name, information, information >= 0, "numbers >= 0")
