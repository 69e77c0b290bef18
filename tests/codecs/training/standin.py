"""A network that takes no time: each pixel is predicted from its left neighbour.

Run as a program it trains to the end in a folder, from pictures made on the spot.
"""

import sys
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.training import Task, TrainSettings, run_training
from rdtheory.codecs.training.data import PictureSource
from rdtheory.codecs.training.state import stream_key

SETTINGS = TrainSettings(
    steps=1200,
    batch=4,
    learning_rate=1e-2,
    warmup=10,
    held_out_every=60,
    held_out_pictures=10,
    checkpoint_every=20,
    ema_decay=0.9,
)


@dataclass(frozen=True)
class Config:
    crop: int = 8
    gain: float = 1.0


CONFIGS = {"usual": Config()}


class Predictor(eqx.Module):
    """Colours of a pixel are N(weight · left neighbour + bias, exp(2 spread))."""

    weight: jax.Array
    bias: jax.Array
    spread: jax.Array
    gain: np.ndarray


class Standin(Task):
    name = "standin"

    def __init__(self, config: Config = Config()) -> None:
        self.config, self.crop = config, config.crop

    def initial(self, key):
        weight = 0.1 * chances(key, 9).reshape(3, 3)
        zeros = jnp.zeros(3, jnp.float32)
        return Predictor(weight, zeros, zeros, np.float32(self.config.gain)[None])

    def loss(self, network, pictures, key):
        return self.held_out(network, pictures, key).mean()

    def held_out(self, network: Any, pictures, key):
        noise = chances(key, pictures.size).reshape(pictures.shape)
        values = (pictures.astype(jnp.float32) + noise) / 128 - 1
        predicted = network.gain * (values[:, :, :-1] @ network.weight.T + network.bias)
        scaled = (values[:, :, 1:] - predicted) * jnp.exp(-network.spread)
        nats = scaled**2 / 2 + network.spread + jnp.float32(0.5 * log(2 * np.pi))
        return nats.mean((1, 2, 3)) / jnp.float32(log(2))

    def finish(self, network, pictures):
        return {"mean": pictures.mean((0, 1, 2)), "weight": np.asarray(network.weight)}


def untrained():
    """The network that a run begins with."""
    return Standin().initial(stream_key(SETTINGS.seed, "weights"))


def chances(key, count):
    """Numbers of [0, 1) that depend on a key: JAX's own take seconds to compile."""
    word = jax.random.key_data(key).sum(dtype=jnp.uint32) * jnp.uint32(2654435761)
    start = (word >> 8).astype(jnp.float32) / 2**24
    return (start + 0.618034 * jnp.arange(count, dtype=jnp.float32)) % 1.0


def smooth_pictures(count: int, side: int, seed: int) -> list[np.ndarray]:
    """Random walks along the rows, clipped: neighbours are alike."""
    walks = np.random.default_rng(seed).normal(size=(count, side, side, 3)).cumsum(axis=2)
    return list((128 + 20 * walks).clip(0, 255).astype(np.uint8))


def source(count: int = 20, side: int = 20, seed: int = 0) -> PictureSource:
    return PictureSource(f"walks{seed}", 1.0, smooth_pictures(count, side, seed), seed, 0)


def train(out: Path) -> None:
    """Train to the end in a folder."""
    run_training(
        Standin(),
        SETTINGS,
        [source()],
        [source(seed=1)],
        out,
        configuration="standin",
        resume=True,
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]))
