"""DiffC on a Gaussian source with real bits: Z_t sent at once, or in T steps (Eq. 1, 3, 4, 5).

Measured: bytes against information and bounds; distortion of every reconstruction against its
curve; realism against draws of the source itself; and all that for the prefix of every step.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory import scheme
from rdtheory.channel_simulation import BlockSettings, decode_vectors, encode_vectors
from rdtheory.diffusion import one_shot_bound_bits
from rdtheory.sources import from_spec
from simulations.measures import against_theory, realism


@dataclass(frozen=True)
class Config:
    """One stream.

    Attributes:
        source: SPEC of the source.
        scheme: whose noise is used; all reconstructions are measured.
        bits_per_dim: rate after the last step.
        steps: T, of equal information; 1 sends Z_t at once.
        vectors: n.
        block_bits, padding_bits: of the blocks.
        seed: of source and shared randomness.
    """

    source: str = "patches"
    scheme: str = "diffc-f-star"
    bits_per_dim: float = 0.391
    steps: int = 1
    vectors: int = 64
    block_bits: float = 14.0
    padding_bits: float = 2.0
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Send, receive every prefix, measure."""
    operated = scheme(config.scheme, from_spec(config.source))
    source = operated.source
    x = source.sample(np.random.default_rng(config.seed), config.vectors)
    rates = config.bits_per_dim * np.arange(1, config.steps + 1) / config.steps
    settings = BlockSettings(config.block_bits, config.padding_bits)
    sent = encode_vectors(x, operated, seed=config.seed, settings=settings, bits_per_dim=rates)
    leading_snr = operated.at(bits_per_dim=rates).leading_snr
    rows = []
    for end, snr, information in zip(
        sent.step_ends, leading_snr, np.cumsum(sent.information_bits), strict=True
    ):
        prefix = sent.data[:end]

        def decode(name: str, prefix: bytes = prefix) -> np.ndarray:
            return decode_vectors(prefix, source, name).vectors

        rows.append(
            {
                "bits": 8 * end,
                "information_bits": information,
                "reconstructions": against_theory(operated, snr, x, decode),
            }
        )
    each = sent.information_bits / config.vectors
    errors = np.concatenate(sent.block_errors)
    return {
        "steps": rows,
        "bound_bits_at_once": one_shot_bound_bits(each.sum()) * config.vectors,
        "bound_bits_stepwise": one_shot_bound_bits(each).sum() * config.vectors,
        "header_bits": 8 * sent.header_bytes,
        "blocks": errors.size,
        "block_error_bound": errors.mean() if errors.size else 0.0,
        "realism_of_source": realism(source, x),
    }
