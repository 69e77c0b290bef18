"""How much of a truncated block's error [T3.5b] do the steps that follow pay back?

A standard normal vector is sent in T steps of one block each. The first step chooses among too few
candidates; its sample is short along the target and the decoder's E[X | Z] has an error larger than
the theory's λ/(1 + s). The next step's target is computed anew from what the decoder has. If the
following steps are exact the excess shrinks by ((1 + s)/(1 + s'))² a step, as old observations lose
weight; relative to what an error costs then, λ/(1 + s'), by (1 + s)/(1 + s').
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory import scheme, sources
from rdtheory.channel_simulation import BlockSettings, Key
from rdtheory.channel_simulation.message import encode_message
from rdtheory.channel_simulation.plan import Plan
from rdtheory.diffusion import Posterior, Progression


@dataclass(frozen=True)
class Config:
    """Blocks of a standard normal vector.

    Attributes:
        dim: M, components of a vector: one block.
        block_bits: information of a step.
        padding_bits: of the truncated steps.
        steps: T.
        vectors: n.
        following: "exact" or "truncated": how the steps after the first are sent.
        seed: of everything.
    """

    dim: int = 32
    block_bits: float = 12.0
    padding_bits: float = 0.0
    steps: int = 4
    vectors: int = 200
    following: str = "exact"
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Excess of E‖X - E[X|Z]‖² over theory after each step, relative to theory."""
    operated = scheme("diffc-f", sources.standard(config.dim))
    rates = config.block_bits / config.dim * np.arange(1, config.steps + 1)
    levels = Progression(operated, bits_per_dim=rates).snr
    x = operated.source.sample(np.random.default_rng(config.seed), config.vectors)
    truncated = BlockSettings(config.block_bits, config.padding_bits, config.block_bits / 2)
    exact = BlockSettings(crossover_bits=0.0)
    state = Posterior.before_anything(operated.source.eigenvalues, config.vectors)
    excess, before = [], 0 * levels[0]
    for step, snr in enumerate(levels):
        cut = step == 0 or config.following == "truncated"
        plan = Plan((1 + before) / (1 + snr), config.vectors, truncated if cut else exact)
        message = encode_message(state.targets(x, snr), plan, Key(config.seed, step))
        state, before = state.after(message.sample, snr, message.received), snr
        squares = np.mean((x - state.mean) ** 2, axis=1) * (1 + snr[0])
        excess.append((squares.mean() - 1, squares.std() / np.sqrt(config.vectors)))
    predicted = excess[0][0] * (1 + levels[0, 0]) / (1 + levels[:, 0])
    return {
        "bits": config.block_bits * np.arange(1, config.steps + 1),
        "excess": np.array(excess)[:, 0],
        "standard_error": np.array(excess)[:, 1],
        "predicted_if_exact": predicted,
    }
