"""The channel-simulation divergence, which bounds every code from below [T3.6].

    D_CS[q ‖ p] = -∫ w(h) log w(h) dh over 0 < h < sup r,   w(h) = P_p(r >= h),   ∫ w dh = 1

[GocFlamich2024]; no scheme sends a sample of q with fewer bits [FlamichSriramuWagner2025].
"""

from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.laws.averaged import GaussianChannel
from rdtheory.channel_simulation.laws.level_quadrature import Coordinate
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.units import bits_from_nats


def channel_simulation_divergence_bits(shift: Any, std: Any = 1.0, dim: int = 1) -> Array:
    """D_CS[q ‖ p] in bits for q = N(μ, s² I_d), p = N(0, I_d) [T3.6a].

    Args:
        shift: ‖μ‖ >= 0.
        std: s > 0; any shape that broadcasts against `shift`, which is the shape of the result.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> round(float(channel_simulation_divergence_bits(0.9, np.sqrt(0.19))), 4)
    1.7167
    """
    sets = LevelSets(shift, std, dim)
    out = np.array([_divergence_bits(sets.take(i)) for i in np.ndindex(sets.shift.shape)])
    return out.reshape(sets.shift.shape)[()]


def functional_information_bits(correlation: float, dim: int = 1) -> float:
    """E_X D_CS over X ~ N(0, I_d), q = N(ρX, (1 - ρ²) I_d), in bits [T3.6b, T3.6c].

    Args:
        correlation: ρ, from -1 to 1, both excluded.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> round(functional_information_bits(0.5, dim=16), 3)
    4.962
    """
    return mean_divergence_bits(GaussianChannel.of(correlation, dim))


def mean_divergence_bits(channel: GaussianChannel) -> float:
    """E_X D_CS of a channel, in bits.

    >>> round(mean_divergence_bits(GaussianChannel.of_snr(1.0)), 5)
    0.96491
    """
    radius, weight = channel.radii(max_step=0.3)  # D_CS is smooth in ‖x‖
    divergence = [_divergence_bits(channel.targets(one)) for one in radius]
    return float(weight @ np.array(divergence))


def _divergence_bits(sets: LevelSets) -> float:
    if sets.equal:
        return 0.0
    log_h, weight = Coordinate(sets).whole_nodes()
    log_w = sets.log_prior_mass(log_h)
    with np.errstate(under="ignore"):
        # w ln w is 0 at w = 0, where the logarithm is infinite.
        return bits_from_nats(weight @ (np.exp(log_h + log_w) * np.minimum(-log_w, 1e300)))
