"""The theorems as objects: sides, assumptions, reference."""

from collections.abc import Mapping
from types import MappingProxyType

from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.coding_cost import CODING_COST
from rdtheory.bounds.curve_order import CURVE_ORDER
from rdtheory.bounds.first_result import FIRST_RESULT
from rdtheory.bounds.optimal_flow import (
    CROSSED_STICKS,
    THIRD_RESULT,
    best_realistic_distortion,
    cyclic_gap,
    gain_of_re_pairing,
    jacobian_asymmetry,
)
from rdtheory.bounds.second_result import SECOND_RESULT, flow_ratio_at_high_rate
from rdtheory.bounds.source_brackets import SOURCE_BRACKETS
from rdtheory.bounds.theorem import Theorem
from rdtheory.bounds.verdict import Verdict

THEOREMS: Mapping[str, Theorem] = MappingProxyType(
    {
        theorem.name: theorem
        for theorem in (
            FIRST_RESULT,
            SECOND_RESULT,
            THIRD_RESULT,
            *SOURCE_BRACKETS,
            *CURVE_ORDER,
            *CODING_COST,
        )
    }
)
"""All theorems by name."""

__all__ = [
    "CROSSED_STICKS",
    "THEOREMS",
    "Chain",
    "Member",
    "Theorem",
    "Verdict",
    "best_realistic_distortion",
    "cyclic_gap",
    "flow_ratio_at_high_rate",
    "gain_of_re_pairing",
    "jacobian_asymmetry",
]
