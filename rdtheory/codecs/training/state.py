"""The state of a training, and the step that advances it.

One step of AdamW [Loshchilov and Hutter 2019] with the gradient g clipped to the norm c,
g ← g min(1, c/‖g‖), then the average of the weights θ,

    a_{k+1} = d_k a_k + (1 - d_k) θ_{k+1},   d_k = min(d, (1 + k)/(10 + k)),   a_0 = θ_0.

Leaves whose gradient is 0 stay as they are: what a loss does not train does not decay.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from rdtheory.codecs.training.devices import shardings
from rdtheory.codecs.training.task import Task, TrainSettings
from rdtheory.codecs.training.weights import trained_and_fixed


class TrainState(eqx.Module):
    """All that changes with a step: arrays alone.

    Attributes:
        network: the trained part of it.
        average: of that over the steps.
        optimiser: moments.
        step: how many were made, int32.
    """

    network: Any
    average: Any
    optimiser: Any
    step: jax.Array


def initial_state(network: eqx.Module, settings: TrainSettings) -> tuple[TrainState, Any]:
    """The state before the first step, and the network's constants."""
    trained, fixed = trained_and_fixed(network)
    optimiser = _optimiser(settings).init(trained)  # pyright: ignore[reportArgumentType]
    state = TrainState(trained, trained, optimiser, jnp.zeros((), jnp.int32))
    # Each leaf its own memory: a step uses it up, and could not do so twice.
    return jax.tree.map(jnp.copy, state), fixed


Step = Callable[[TrainState, jax.Array, jax.Array], tuple[TrainState, jax.Array]]


def make_step(task: Task, settings: TrainSettings, fixed: Any) -> Step:
    """The compiled step: (state, pictures, learning rate) to (state, loss).

    The state that it is given is used up. On several devices each takes its part of the batch, and
    gradients are averaged over them: the same step but for the order of sums.
    """
    optimiser = _optimiser(settings)

    def step(
        state: TrainState, pictures: jax.Array, rate: jax.Array
    ) -> tuple[TrainState, jax.Array]:
        key = jax.random.fold_in(stream_key(settings.seed, "noise"), state.step)

        def loss_of(trained: Any) -> jax.Array:
            return task.loss(eqx.combine(trained, fixed), pictures, key).astype(jnp.float32)

        loss, gradient = jax.value_and_grad(loss_of)(state.network)
        direction, moments = optimiser.update(gradient, state.optimiser, state.network)
        network = jax.tree.map(
            lambda old, d, g: jnp.where(jnp.any(g != 0), old - rate * d, old),
            state.network,
            direction,
            gradient,
        )
        k = state.step.astype(jnp.float32)
        decay = jnp.minimum(jnp.float32(settings.ema_decay), (1 + k) / (10 + k))
        average = jax.tree.map(
            lambda old, new: decay * old + (1 - decay) * new, state.average, network
        )
        return TrainState(network, average, moments, state.step + 1), loss

    if (spread := shardings(settings.batch)) is None:
        return jax.jit(step, donate_argnums=0)
    parts, whole = spread
    return jax.jit(step, donate_argnums=0, in_shardings=(whole, parts, whole), out_shardings=whole)


def stream_key(seed: int, use: str) -> jax.Array:
    """The key of one use of randomness: "weights", "noise" or "held-out"."""
    return jax.random.fold_in(jax.random.key(seed), ("weights", "noise", "held-out").index(use))


def _optimiser(settings: TrainSettings) -> optax.GradientTransformation:
    """Makes the direction of a step of learning rate 1, to be subtracted."""
    return optax.chain(
        optax.clip_by_global_norm(settings.clip_norm),
        optax.scale_by_adam(),
        optax.add_decayed_weights(settings.weight_decay, mask=_decayed),
    )


def _decayed(trained: Any) -> Any:
    """True for matrices and kernels: more than one axis longer than 1."""
    return jax.tree.map(lambda leaf: sum(n > 1 for n in leaf.shape) > 1, trained)
