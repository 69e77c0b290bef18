"""Choosing the step whose prefix has a desired size; one message or several.

Claims 1, 5, 6, 12 and 13 of the source.

A progressive stream is encoded once. For every desired number of bytes the last step that fits is
found; its prefix decodes to that step's Z. The same steps, sent as separate messages at different
times, give the same bytes in the end.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from rdtheory import scheme
from rdtheory.channel_simulation import decode_vectors, encode_vectors
from rdtheory.sources import from_spec
from simulations.measures import distortion_per_dim


@dataclass(frozen=True)
class Config:
    """A progressive stream and desired sizes, as shares of the whole.

    Attributes:
        source: SPEC of the source.
        scheme: noise and reconstruction.
        bits_per_dim: rate after the last step.
        steps: T.
        vectors: n.
        sizes: how many desired sizes are tried, evenly from 0 to the whole stream.
        seed: of source and shared randomness.
    """

    source: str = "patches"
    scheme: str = "diffc-f"
    bits_per_dim: float = 0.5
    steps: int = 8
    vectors: int = 16
    sizes: int = 9
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Step, bytes and distortion for every desired size."""
    operated = scheme(config.scheme, from_spec(config.source))
    x = operated.source.sample(np.random.default_rng(config.seed), config.vectors)
    sent = encode_vectors(
        x, operated, seed=config.seed, steps=config.steps, bits_per_dim=config.bits_per_dim
    )
    ends = [0, *sent.step_ends]
    messages = [sent.data[start:end] for start, end in pairwise(ends)]
    rows = []
    for desired in np.linspace(0, len(sent.data), config.sizes).astype(int):
        step = sent.step_within(desired)
        if step == 0:
            rows.append({"desired_bytes": desired, "step": 0, "bytes": 0})
            continue
        received = decode_vectors(b"".join(messages[:step]), operated.source)
        rows.append(
            {
                "desired_bytes": desired,
                "step": step,
                "bytes": sent.step_ends[step - 1],
                "steps_received": received.steps,
                "distortion_per_dim": distortion_per_dim(x, received.vectors),
            }
        )
    return {"rows": rows, "message_bytes": [len(message) for message in messages]}
