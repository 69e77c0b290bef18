"""What a block costs beside the information that it carries, for a padding [T3.5, T3.5b].

A block of C bits is a shift by m = sqrt(2 C ln 2) of a standard normal, in any dimension: what
matters of a candidate is its projection u on the shift, so one number each is enough. Chosen among
N = 2^(C + padding) the projection's law q̃ is not N(m, 1) but short and narrow; it carries

    KL(q̃ ‖ p) = -h(q̃) + E u²/2 + ½ ln 2π   nats, h by Vasicek's estimator,

which is less than C. Bits are those of the range coder.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]
from scipy.stats import differential_entropy

from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    DiagonalGaussian,
    Key,
    OrderedRandomCoding,
    TruncatedPoissonFunctional,
)
from rdtheory.channel_simulation.index_codes import AdaptiveDyadic, IndexCode, Zipf
from rdtheory.units import bits_from_nats, nats_from_bits


@dataclass(frozen=True)
class Config:
    """Blocks of one size.

    Attributes:
        block_bits: C.
        padding_bits: N = 2^(C + padding).
        method: "orc" or "pfr".
        blocks: how many are sent.
        seed: of the shared randomness.
    """

    block_bits: float = 14.0
    padding_bits: float = 2.0
    method: str = "orc"
    blocks: int = 1000
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Bits, information carried, and the law of the projection."""
    shift = np.sqrt(2 * nats_from_bits(config.block_bits))
    count = 2 ** int(np.ceil(config.block_bits + config.padding_bits))
    coders = {"orc": OrderedRandomCoding, "pfr": TruncatedPoissonFunctional}
    target = DiagonalGaussian(np.full((config.blocks, 1), shift))
    code = coders[config.method](count).encode(target, STANDARD_NORMAL, Key(config.seed))
    assert code.sample is not None
    along = code.sample.ravel()
    nats = np.mean(along**2) / 2 + np.log(2 * np.pi) / 2 - differential_entropy(along)
    bits = {
        "zipf": _bits(Zipf(config.block_bits, largest=count), code.index) / config.blocks,
        "adaptive": _bits(AdaptiveDyadic(), code.index) / config.blocks,
    }
    carried = bits_from_nats(nats)
    return {
        "bits": bits,
        "information_bits": carried,
        "ratio": {name: value / carried for name, value in bits.items()},
        "shortfall": shift - along.mean(),
        "standard_deviation": along.std(),
    }


def _bits(code: IndexCode, index: np.ndarray) -> int:
    encoder = stream.queue.RangeEncoder()
    code.encode(index, encoder)
    return int(encoder.num_bits())
