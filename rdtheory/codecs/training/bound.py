"""The held-out bound of a network: bits per dimension, the same noise at every measurement."""

from collections.abc import Callable
from math import ceil

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.training.devices import shardings
from rdtheory.codecs.training.state import stream_key
from rdtheory.codecs.training.task import Task, TrainSettings


def make_bound(
    task: Task, settings: TrainSettings, pictures: np.ndarray
) -> Callable[[eqx.Module], np.ndarray]:
    """The compiled measurement: from a network to the bound of each picture, shape (n,).

    Pictures go through in batches, each spread over the devices as those of training are; the last
    one is filled up with the first pictures.
    """
    batch = min(settings.batch, len(pictures))
    count = ceil(len(pictures) / batch)
    batches = np.resize(pictures, (count, batch, *pictures.shape[1:]))
    key = stream_key(settings.seed, "held-out")
    parts, _ = shardings(batch) or (None, None)

    @eqx.filter_jit
    def of_batch(network: eqx.Module, some: jax.Array, number: jax.Array) -> jax.Array:
        return task.held_out(network, some, jax.random.fold_in(key, number))

    def bound(network: eqx.Module) -> np.ndarray:
        bits = [
            np.asarray(of_batch(network, jax.device_put(some, parts), jnp.uint32(number)))
            for number, some in enumerate(batches)
        ]
        return np.concatenate(bits)[: len(pictures)]

    return bound
