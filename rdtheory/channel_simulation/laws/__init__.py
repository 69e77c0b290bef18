"""Exact laws of the index that channel simulation sends, bounds, and limits [T3].

A law says what an index costs without sending one: its probabilities, entropy and mean code
lengths from one bit to thousands, and draws of the index in O(1).
"""

from rdtheory.channel_simulation.laws.asymptotics import (
    UNIFORM_GAP_BITS,
    gaussian_information_variance,
    gprs_entropy_limit_bits,
    layered_gap_bits,
    pfr_redundancy_bits,
    shift_limit_survival,
)
from rdtheory.channel_simulation.laws.averaged import GaussianChannelIndexLaw
from rdtheory.channel_simulation.laws.bounds import (
    BOUNDS,
    elias_delta_code_bits,
    flamich_theis_asymptotic_bits,
    greedy_entropy_bound_bits,
    li_2024_asymptotic_bits,
    li_2025_asymptotic_bits,
    li_2025_bits,
    li_2025_lower_asymptotic_bits,
    li_anantharam_bits,
    li_el_gamal_bits,
    mean_log2_li_anantharam_bits,
    mean_log2_li_el_gamal_bits,
    ordered_random_coding_bits,
    zipf_code_bits,
)
from rdtheory.channel_simulation.laws.divergence import (
    channel_simulation_divergence_bits,
    functional_information_bits,
)
from rdtheory.channel_simulation.laws.greedy import GPRSIndexLaw, GRSIndexLaw
from rdtheory.channel_simulation.laws.index_law import IndexLaw, zipf_exponent
from rdtheory.channel_simulation.laws.pfr import IndexDraws, PFRIndexLaw
from rdtheory.channel_simulation.laws.quantisers import (
    ball_layered_bits,
    direct_layered_bits,
    dithered_uniform_bits,
)

__all__ = [
    "BOUNDS",
    "UNIFORM_GAP_BITS",
    "GPRSIndexLaw",
    "GRSIndexLaw",
    "GaussianChannelIndexLaw",
    "IndexDraws",
    "IndexLaw",
    "PFRIndexLaw",
    "ball_layered_bits",
    "channel_simulation_divergence_bits",
    "direct_layered_bits",
    "dithered_uniform_bits",
    "elias_delta_code_bits",
    "flamich_theis_asymptotic_bits",
    "functional_information_bits",
    "gaussian_information_variance",
    "gprs_entropy_limit_bits",
    "greedy_entropy_bound_bits",
    "layered_gap_bits",
    "li_2024_asymptotic_bits",
    "li_2025_asymptotic_bits",
    "li_2025_bits",
    "li_2025_lower_asymptotic_bits",
    "li_anantharam_bits",
    "li_el_gamal_bits",
    "mean_log2_li_anantharam_bits",
    "mean_log2_li_el_gamal_bits",
    "ordered_random_coding_bits",
    "pfr_redundancy_bits",
    "shift_limit_survival",
    "zipf_code_bits",
    "zipf_exponent",
]
