"""What realism and a lack of common randomness cost at the distortion of the operating point."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.explorer.choice import MOST_COMMON
from rdtheory.explorer.view import View
from rdtheory.perception import CommonRandomness, SmallestRate, WassersteinTradeoff, smallest_rate
from rdtheory.sources import GaussianVector
from rdtheory.units import bits_from_nats, nats_from_bits

_SLACKS = np.linspace(0.0, 1.0, 21)
_COMMON = np.append(np.linspace(0.0, 1.0, 6), [1.5, 2.0, MOST_COMMON])


@dataclass(frozen=True, eq=False)
class RealismCurves:
    """Least rates at one distortion, bits per dimension.

    Attributes:
        deviation_percent: W₂(X̂, X), in percent of sqrt(tr Σ).
        bits_at_deviation: R(D, P) with P = W₂², common randomness without limit [T2.2].
        common_bits_per_dim: R_c.
        bits_at_common: R(D, R_c) at perfect realism [T2.5].
    """

    deviation_percent: np.ndarray
    bits_at_deviation: np.ndarray
    common_bits_per_dim: np.ndarray
    bits_at_common: np.ndarray


def realism_curves(view: View) -> RealismCurves:
    """The two curves through the least rates at D of the operating point."""
    source, distortion = view.source, total_distortion(view)
    perceptions = perception_at(source, distortion, _SLACKS)
    priced = WassersteinTradeoff(source).at(distortion, perceptions)
    shared = CommonRandomness(source).at_distortion(
        distortion, nats_from_bits(_COMMON) * source.dim
    )
    return RealismCurves(
        deviation_percent(source, perceptions),
        bits_from_nats(priced.rate_nats) / source.dim,
        _COMMON,
        bits_from_nats(shared.rate_nats) / source.dim,
    )


def least_rate(view: View) -> SmallestRate:
    """R(D, P, R_c) at D of the operating point, with the perception and R_c asked for."""
    return smallest_rate(view.source, **constraints(view))


def constraints(view: View) -> dict[str, Any]:
    """What is asked of `smallest_rate`, without what does not bind."""
    choice, distortion = view.choice, total_distortion(view)
    asked = {"distortion": distortion}
    if choice.slack < 1:
        asked["perception"] = float(perception_at(view.source, distortion, choice.slack))
        if choice.common_bits_per_dim < np.inf:
            asked["common_randomness_bits"] = choice.common_bits_per_dim * view.source.dim
    return asked


def perception_at(
    source: GaussianVector, distortion: float, slack: float | np.ndarray
) -> np.ndarray:
    """P = W₂² for W₂ as a share of that of the R(D) code, where perception costs nothing."""
    free = WassersteinTradeoff(source).at(distortion, np.inf).perception
    return np.square(slack) * free


def deviation_percent(source: GaussianVector, perception: np.ndarray) -> np.ndarray:
    """W₂ in percent of sqrt(tr Σ)."""
    return 100 * np.sqrt(perception / source.total_variance)


def total_distortion(view: View) -> float:
    """D of the operating point, summed over dimensions."""
    return float(view.point.distortion_per_dim) * view.source.dim
