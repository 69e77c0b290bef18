"""What the index of an algorithm costs for one Gaussian target: by its exact law, or by sampling.

PFR, GRS and GPRS have exact laws [T3.3, T3.7]. The others are run: a thousand indices or more say
the mean of log2 K and of the code's lengths to within the standard errors that come along.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from rdtheory.arrays import check, float64, whole_number
from rdtheory.channel_simulation.a_star import AStar
from rdtheory.channel_simulation.branch_and_bound import BranchAndBoundGreedyPoisson
from rdtheory.channel_simulation.gaussian_pair import STANDARD_NORMAL, DiagonalGaussian
from rdtheory.channel_simulation.index_codes import Zipf
from rdtheory.channel_simulation.laws import (
    BOUNDS,
    GPRSIndexLaw,
    GRSIndexLaw,
    PFRIndexLaw,
    channel_simulation_divergence_bits,
)
from rdtheory.channel_simulation.laws.index_law import IndexLaw
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.channel_simulation.minimal_random import MinimalRandomCoding
from rdtheory.channel_simulation.ordered_random import OrderedRandomCoding
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.simulator import ChannelSimulator
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats

LAWS: Mapping[str, Callable[[float, float, int], IndexLaw]] = MappingProxyType(
    {"pfr": PFRIndexLaw, "grs": GRSIndexLaw, "gprs": GPRSIndexLaw}
)
"""Methods of exact law."""

SAMPLED: Mapping[str, Callable[[int], ChannelSimulator]] = MappingProxyType(
    {
        "orc": OrderedRandomCoding,
        "mrc": MinimalRandomCoding,
        "as-star": lambda candidates: AStar("sample"),
        "ad-star": lambda candidates: AStar("dyadic"),
        "gprs-bb": lambda candidates: BranchAndBoundGreedyPoisson(),
    }
)
"""Methods that are run, from how many candidates importance sampling gets."""

_PADDING_BITS = 4
_LARGEST_BITS = 20


@dataclass(frozen=True)
class IndexCost:
    """The index of one method for one target; lengths in bits.

    Attributes:
        method: its name.
        kl_bits: KL(q ‖ p).
        mean_log2_index: E log2 K.
        entropy_bits: H(K); for sampled methods that of the dyadic class of K plus the bits within
            the class, an upper bound.
        zipf_bits: mean length under the Zipf code of kl_bits.
        mean_index: E K; None if it is infinite.
        bounds: D_CS, which no method beats, and upper bounds for this kl_bits.
        standard_error_bits: of mean_log2_index; 0 for exact laws.
        samples: how many indices were drawn; 0 for exact laws.
    """

    method: str
    kl_bits: float
    mean_log2_index: float
    entropy_bits: float
    zipf_bits: float
    mean_index: float | None
    bounds: dict[str, float] = field(default_factory=dict)
    standard_error_bits: float = 0.0
    samples: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def index_cost(method: str, mean: float, std: float, dim: int = 1, seed: int = 0) -> IndexCost:
    """Cost of sending a sample of N(mean · 1, std² I) with the prior N(0, I), in `dim` components.

    Args:
        method: one of `LAWS` or `SAMPLED`.
        mean: of every component.
        std: of every component, > 0.
        dim: d.
        seed: of sampled methods.

    Raises:
        InputError: if an argument is out of range, or the method cannot serve this target.

    >>> cost = index_cost("pfr", 2.0, 0.3)
    >>> round(cost.kl_bits, 5), round(cost.mean_log2_index, 5)
    (3.96593, 3.37991)
    """
    if method not in LAWS and method not in SAMPLED:
        raise InputError("method", repr(method), ", ".join([*LAWS, *SAMPLED]))
    mean_value = float64(np, "target_mean", mean)
    check("target_mean", mean_value, np.isfinite(mean_value), "a finite number")
    shift = abs(float(mean_value)) * whole_number("dim", dim) ** 0.5
    sets = LevelSets(shift, std, dim)
    kl_bits = float(bits_from_nats(sets.kl_nats))
    bounds = {
        "channel_simulation_divergence": float(channel_simulation_divergence_bits(shift, std, dim)),
        **{name: float(bound(kl_bits)) for name, bound in BOUNDS.items()},
    }
    if method in LAWS:
        law = LAWS[method](shift, std, dim)
        return IndexCost(
            method,
            kl_bits,
            law.mean_log2,
            law.entropy_bits,
            law.zipf_bits(),
            law.mean if np.isfinite(law.mean) else None,
            bounds,
        )
    return _sampled(method, float(mean_value), float(std), dim, kl_bits, bounds, seed)


def _sampled(
    method: str,
    mean: float,
    std: float,
    dim: int,
    kl_bits: float,
    bounds: dict[str, float],
    seed: int,
) -> IndexCost:
    if method in ("orc", "mrc") and kl_bits > _LARGEST_BITS:
        raise InputError(
            "target",
            f"one of {kl_bits:.1f} bits, about 2^{kl_bits + _PADDING_BITS:.0f} candidates",
            f"at most {_LARGEST_BITS} bits for {method}",
            "use method pfr, whose law is exact at any rate",
        )
    candidates = 2 ** int(np.ceil(kl_bits + _PADDING_BITS))
    samples = int(np.clip(2**26 / (candidates * dim), 200, 10_000))
    target = DiagonalGaussian(np.full((samples, dim), mean), std**2)
    code = SAMPLED[method](candidates).encode(target, STANDARD_NORMAL, Key(seed))
    log2_index = np.log2(code.index)
    classes = np.floor(log2_index)
    frequency = np.unique(classes, return_counts=True)[1] / samples
    return IndexCost(
        method,
        kl_bits,
        float(log2_index.mean()),
        float(classes.mean() - frequency @ np.log2(frequency)),
        float(Zipf(kl_bits).ideal_bits(code.index).mean()),
        float(code.index.mean()),
        bounds,
        float(log2_index.std() / np.sqrt(samples)),
        samples,
    )
