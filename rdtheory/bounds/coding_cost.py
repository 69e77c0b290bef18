"""What reverse channel coding costs: every bound beside the exact law of an index [T3.1, T3.2].

The source is Gaussian with equal eigenvalues, so that the channel X -> Y is isotropic and the law
of the index K of the Poisson functional representation (PFR) is exact [T3.3]. Below every one-shot
scheme is E D_CS [T3.6b]; a bound that another scheme obeys, or obeys as the information grows, is
held against that. (The lower bound of Li 2025 on the constant that serves all sources says nothing
of one of them.)
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.channel_simulation.laws import (
    BOUNDS,
    GaussianChannelIndexLaw,
    GRSIndexLaw,
    channel_simulation_divergence_bits,
    functional_information_bits,
    greedy_entropy_bound_bits,
)
from rdtheory.diffusion.coding_cost import one_shot_bound_bits
from rdtheory.diffusion.reconstruction import correlation
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import as_gaussian


class IndexCosts:
    """Costs of the PFR's index over Y = X + N(0, t), X Gaussian with equal eigenvalues [T3.3].

    Args:
        source: a `GaussianVector`, or eigenvalues.
        noise_variance: t > 0.

    Raises:
        InputError: if the eigenvalues differ.

    >>> round(IndexCosts([2.0, 2.0], 2.0).information.value, 12)  # 2 · ½ log2 2
    1.0
    """

    def __init__(self, source: Any, noise_variance: float) -> None:
        eigenvalues = as_gaussian(source).eigenvalues
        if np.ptp(eigenvalues) > 0:
            raise InputError("source", "eigenvalues that differ", "equal ones", "take one of them")
        rho = float(correlation(eigenvalues[0] / noise_variance))
        self.law = _law(rho, eigenvalues.shape[0])

    @property
    def information(self) -> Member:
        """I(X; Y)."""
        return Member("I", self.law.information_bits)

    @property
    def divergence(self) -> Member:
        """E D_CS, below every one-shot scheme."""
        return Member("E D_CS", _divergence(self.law.correlation, self.law.dim))

    @property
    def entropy(self) -> Member:
        """H(K)."""
        return Member("H(K)", self.law.entropy_bits)

    @property
    def prefix_code(self) -> Member:
        """H(K) + 1, which a prefix code of single indices never exceeds."""
        return Member("H(K) + 1", self.law.entropy_bits + 1)

    @property
    def mean_logarithm(self) -> Member:
        """E log2 K."""
        return Member("E log2 K", self.law.mean_log2)

    @property
    def zipf(self) -> Member:
        """Mean length under the Zipf code."""
        return Member("Zipf code", float(self.law.zipf_bits()))

    @property
    def elias_delta(self) -> Member:
        """Mean length under Elias's delta code."""
        return Member("Elias delta code", self.law.elias_delta_bits)

    @property
    def greedy(self) -> tuple[Member, ...]:
        """KL, D_CS, H(K) of greedy rejection sampling and its bound, at ‖x‖² = E‖X‖² [T3.6a]."""
        rho, dim = self.law.correlation, self.law.dim
        shift, std = rho * np.sqrt(dim), np.sqrt((1 - rho) * (1 + rho))
        law = GRSIndexLaw(shift, std, dim)
        divergence = float(channel_simulation_divergence_bits(shift, std, dim))
        return (
            Member("KL", law.kl_bits),
            Member("D_CS", divergence),
            Member("H(K)", law.entropy_bits, 1e-6),  # its law is good to 1e-7 beyond k = 256
            Member("D_CS + log(e + 1)", float(greedy_entropy_bound_bits(divergence))),
        )

    def bound(self, name: str) -> Member:
        """The bound of `BOUNDS` of that name, at I."""
        return Member("bound", float(BOUNDS[name](self.law.information_bits)))


# Every bound asks for the same ones.
_law = lru_cache(maxsize=64)(GaussianChannelIndexLaw)
_divergence = lru_cache(maxsize=64)(functional_information_bits)

_PFR = "a Gaussian source with equal eigenvalues; the Poisson functional representation"
_ANY = "a Gaussian source with equal eigenvalues; the scheme of the reference"
_LARGE = "the information grows"


def _theorem(
    name: str,
    statement: str,
    reference: str,
    label: str,
    members: Callable[[IndexCosts], tuple[Member, ...]],
    assumptions: tuple[str, ...] = (_PFR,),
) -> Theorem:
    return Theorem(
        name,
        statement,
        assumptions,
        reference,
        "both sides evaluated, the index by its exact law",
        (label, "P10"),
        lambda source, noise_variance: Chain(members(IndexCosts(source, noise_variance)), "bits"),
    )


def _others(name: str) -> Callable[[IndexCosts], tuple[Member, ...]]:
    return lambda costs: (costs.information, costs.divergence, costs.bound(name))


CODING_COST = (
    _theorem(
        "one-shot-cost",
        "I <= E D_CS <= H(K) <= length of a prefix code <= I + log(I + 1) + 5",
        "Eq. 3; Li and El Gamal 2018",
        "T1.2a",
        lambda costs: (
            costs.information,
            costs.divergence,
            costs.entropy,
            costs.prefix_code,
            Member("bound", float(one_shot_bound_bits(costs.information.value))),
        ),
    ),
    _theorem(
        "li-el-gamal",
        "H(K) <= I + log(I + 1) + 3.871",
        "Li and El Gamal 2018",
        "T3.1",
        lambda costs: (costs.entropy, costs.bound("li_el_gamal")),
    ),
    _theorem(
        "li-anantharam",
        "H(K) <= I + log(I + 1) + 3.732",
        "Li and Anantharam 2021",
        "T3.1",
        lambda costs: (costs.entropy, costs.bound("li_anantharam")),
    ),
    _theorem(
        "mean-log-index",
        "E log K <= KL + log e <= KL + e^-1 log e + 1",
        "Li and Anantharam 2021; Li and El Gamal 2018",
        "T3.2a",
        lambda costs: (
            costs.mean_logarithm,
            costs.bound("mean_log2_li_anantharam"),
            costs.bound("mean_log2_li_el_gamal"),
        ),
    ),
    _theorem(
        "zipf-code",
        "H(K) <= s E log K + log ζ(s) <= s (I + b) + log ζ(s)",
        "Li and El Gamal 2018",
        "T3.2b",
        lambda costs: (costs.entropy, costs.zipf, costs.bound("zipf_code")),
    ),
    _theorem(
        "elias-delta-code",
        "H(K) <= E length of Elias's delta code <= KL + 2 log(1 + KL) + 5.210",
        "Qiu, Finzi, Zheng, Zhang and Wilson 2026",
        "T3.2c",
        lambda costs: (costs.entropy, costs.elias_delta, costs.bound("elias_delta_code")),
    ),
    _theorem(
        "greedy-rejection",
        "KL <= D_CS <= H(K) <= D_CS + log(e + 1) for greedy rejection sampling",
        "Goc and Flamich 2024",
        "T3.6a",
        lambda costs: costs.greedy,
        (_ANY,),
    ),
    _theorem(
        "ordered-random-coding",
        "E D_CS <= KL + log(KL + 1) + 4 for ordered random coding",
        "Theis and Yosri 2022",
        "T3.7d",
        _others("ordered_random_coding"),
        (_ANY,),
    ),
    _theorem(
        "li-2025",
        "E D_CS <= I + log(I + 3.4) + 1",
        "Li 2025",
        "T3.1",
        _others("li_2025"),
        (_ANY,),
    ),
    _theorem(
        "flamich-theis-asymptotic",
        "E D_CS <= I + log(I + 1) + 3.45",
        "Flamich and Theis 2023",
        "T3.1",
        _others("flamich_theis_asymptotic"),
        (_ANY, _LARGE),
    ),
    _theorem(
        "li-2024-asymptotic",
        "E D_CS <= I + log(I + 1) + 2",
        "Li 2024",
        "T3.1",
        _others("li_2024_asymptotic"),
        (_ANY, _LARGE),
    ),
    _theorem(
        "li-2025-asymptotic",
        "E D_CS <= I + log(I + 1) + 0.760",
        "Li 2025",
        "T3.1",
        _others("li_2025_asymptotic"),
        (_ANY, _LARGE),
    ),
)
"""The bounds as theorems; their sides take a Gaussian source."""
