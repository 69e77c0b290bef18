"""Rate, distortion and perception: realism constraints, common randomness, transport [T2]."""

from rdtheory.perception.common_randomness import (
    CommonRandomness,
    CommonRandomnessPoints,
    common_randomness_distortion,
)
from rdtheory.perception.common_randomness_perception import (
    WeakPerception,
    WeakPerceptionPoint,
    weak_perception_distortion,
)
from rdtheory.perception.continuous_realism import RealismLowerBound, realism_lower_bound
from rdtheory.perception.decoders import (
    DecoderPoint,
    scaled_flow,
    score_scaling_excess,
    stochastic_decoder,
)
from rdtheory.perception.divergence import DivergenceTradeoff, ReverseDivergenceTradeoff
from rdtheory.perception.fixed_representation import (
    RepresentationTradeoff,
    reconstruct,
    squared_distance,
    tradeoff_at_channel,
)
from rdtheory.perception.perfect_realism import PerfectRealism, PerfectRealismPoint
from rdtheory.perception.query import SmallestRate, smallest_rate
from rdtheory.perception.scalar import ScalarTradeoff, scalar_tradeoff
from rdtheory.perception.scalar_realism import scalar_perfect_realism
from rdtheory.perception.tradeoff import TradeoffPoints
from rdtheory.perception.wasserstein import WassersteinTradeoff

__all__ = [
    "CommonRandomness",
    "CommonRandomnessPoints",
    "DecoderPoint",
    "DivergenceTradeoff",
    "PerfectRealism",
    "PerfectRealismPoint",
    "RealismLowerBound",
    "RepresentationTradeoff",
    "ReverseDivergenceTradeoff",
    "ScalarTradeoff",
    "SmallestRate",
    "TradeoffPoints",
    "WassersteinTradeoff",
    "WeakPerception",
    "WeakPerceptionPoint",
    "common_randomness_distortion",
    "realism_lower_bound",
    "reconstruct",
    "scalar_perfect_realism",
    "scalar_tradeoff",
    "scaled_flow",
    "score_scaling_excess",
    "smallest_rate",
    "squared_distance",
    "stochastic_decoder",
    "tradeoff_at_channel",
    "weak_perception_distortion",
]
