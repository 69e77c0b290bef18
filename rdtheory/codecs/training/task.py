"""What a network must offer to be trained, and how long and how fast it is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import equinox as eqx
import jax
import numpy as np

from rdtheory.codecs.training.weights import Weights
from rdtheory.errors import InputError


class Task(ABC):
    """A network and its loss.

    What is trained are the leaves of the network that are JAX arrays of floating point; they are
    kept in float32. Everything else in it (NumPy arrays, integers, functions) is a constant that
    the configuration determines.

    Attributes:
        name: as on the command line, "diffc" say.
        config: a frozen dataclass of what JSON can hold: all that `initial` depends on but the key.
        crop: side of the training crops, pixels.
    """

    name: str
    config: Any
    crop: int

    @abstractmethod
    def initial(self, key: jax.Array) -> eqx.Module:
        """The untrained network."""

    def begun(self, network: eqx.Module, weights: Weights) -> eqx.Module:
        """The network with weights of an earlier training.

        Raises:
            StreamError: if they do not fit.
        """
        return weights.into(network)

    @abstractmethod
    def loss(self, network: eqx.Module, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """What is minimised: the mean loss of uint8 pictures (n, crop, crop, 3), bits per dim."""

    @abstractmethod
    def held_out(self, network: eqx.Module, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """The bound that is reported: bits per dimension of each picture, shape (n,)."""

    @abstractmethod
    def finish(self, network: eqx.Module, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """Tables to ship beside the weights.

        Args:
            network: with the weights as they will be shipped, rounded to half precision.
            pictures: held-out crops, uint8 (n, crop, crop, 3); n may be larger than a batch.
        """


@dataclass(frozen=True)
class TrainSettings:
    """How a network is trained.

    The learning rate rises linearly over the first `warmup` steps and falls by a cosine to
    `final_fraction` of itself at the end of training: after `steps` steps or `hours` hours,
    whichever is first.

    Attributes:
        steps: the most steps.
        hours: the most hours, those before an interruption counted; None for no limit.
        batch: pictures a step.
        learning_rate: of Adam, at its highest.
        warmup: steps.
        final_fraction: of the learning rate, at the end.
        weight_decay: of matrices and kernels, not of biases and other vectors.
        clip_norm: longest gradient.
        ema_decay: of the average of the weights; step k uses min(ema_decay, (1 + k)/(10 + k)).
        held_out_every: steps between measurements of the bound.
        held_out_pictures: crops that it is measured on.
        checkpoint_every: steps.
        seed: of weights, batches and noise.

    Raises:
        InputError: if a setting is out of range.

    >>> settings = TrainSettings(steps=100, warmup=10, learning_rate=1e-3)
    >>> round(settings.rate(step=4, elapsed_seconds=0.0), 6)
    0.000498
    """

    steps: int = 100_000
    hours: float | None = None
    batch: int = 32
    learning_rate: float = 3e-4
    warmup: int = 200
    final_fraction: float = 0.02
    weight_decay: float = 1e-4
    clip_norm: float = 1.0
    ema_decay: float = 0.999
    held_out_every: int = 1000
    held_out_pictures: int = 256
    checkpoint_every: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "held_out_every", "held_out_pictures", "checkpoint_every"):
            if not 1 <= getattr(self, name) < 2**31:
                raise InputError(name, getattr(self, name), "a whole number >= 1 and < 2^31")
        for name in ("warmup", "seed"):
            if not 0 <= getattr(self, name) < 2**31:
                raise InputError(name, getattr(self, name), "a whole number >= 0 and < 2^31")
        for name in ("learning_rate", "clip_norm", "hours"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise InputError(name, value, "a finite number > 0")
        for name in ("final_fraction", "weight_decay", "ema_decay"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(name, getattr(self, name), "a number from 0 to 1")

    def done(self, step: int, elapsed_seconds: float) -> float:
        """The fraction of the training that is over, >= 1 at its end."""
        of_steps = step / self.steps
        return (
            of_steps if self.hours is None else max(of_steps, elapsed_seconds / 3600 / self.hours)
        )

    def rate(self, step: int, elapsed_seconds: float) -> float:
        """The learning rate of a step, the first of which is number 0."""
        rising = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        done = min(1.0, self.done(step, elapsed_seconds))
        falling = self.final_fraction + (1 - self.final_fraction) * (1 + cos(pi * done)) / 2
        return self.learning_rate * rising * falling
