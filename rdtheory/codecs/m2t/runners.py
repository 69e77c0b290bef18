"""A transformer run for coding: predictions of one group of tokens after another.

Encoder and decoder call the same compiled functions on arrays of the same shapes, so that on one
machine they find the same bits. They compute in double precision: what other machines find differs
by some 1e-14, which rounding to a lattice takes away but for one number in 10^10.

A step of M2T has few tokens, and takes as long as reading all weights. So each block has arrays of
its own, and is a call of its own: a loop over blocks inside one compiled function would copy their
weights and the keys and values before each use.
"""

from abc import ABC, abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from rdtheory.codecs.m2t.schedule import Schedule
from rdtheory.codecs.m2t.slots import grouped, together
from rdtheory.codecs.m2t.transformer import Block, Cache, Transformer


class Runner(ABC):
    """Predicts groups, each from those uncovered before.

    Args:
        network: the transformer.
        schedule: of its groups.
        patches: P, coded at the same time and independently.
        log_scale: log2 q.
    """

    def __init__(
        self, network: Transformer, schedule: Schedule, patches: int, log_scale: float = 0.0
    ) -> None:
        config = network.config
        self.schedule, self.step, self._log_scale = schedule, 0, np.float64(log_scale)
        self._shape = patches, config.tokens, config.channels
        self._tokens: np.ndarray = np.zeros(self._shape)
        with jax.enable_x64(True):
            double = jax.tree.map(_double, network)
            self._blocks = double.layers()
        self._ends = eqx.tree_at(lambda one: one.blocks, double, None)

    @abstractmethod
    def predict(self) -> tuple[np.ndarray, np.ndarray]:
        """Candidates for the next group, shape (P, n), and predictions (P, n, c, 3, N_M)."""

    def uncover(self, locations: np.ndarray, tokens: np.ndarray) -> None:
        """Tell the tokens of a group, shape (P, n, c), and go on to the next."""
        np.put_along_axis(self._tokens, locations[..., None], tokens, axis=1)
        self.step += 1


class TogetherRunner(Runner):
    """MT: every step looks at all tokens, those not known yet hidden [70].

    Of `entropy`, all hidden tokens are candidates.
    """

    def __init__(
        self, network: Transformer, schedule: Schedule, patches: int, log_scale: float = 0.0
    ) -> None:
        super().__init__(network, schedule, patches, log_scale)
        self._slots = together(network.config.tokens)
        self._known: np.ndarray = np.zeros(self._shape[:2], bool)

    def predict(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Runner`."""
        places = self._slots.carried, self._slots.predicted, self._log_scale
        with jax.enable_x64(True):
            x = _enter(self._ends, self._tokens, self._known, *places)
            for block in self._blocks:
                x = _look_around(block, x)
            found = np.asarray(_leave(self._ends, x))
        if self.schedule.location == "entropy":
            hidden = np.argsort(self._known, axis=1, kind="stable")
            locations = hidden[:, : int((~self._known[0]).sum())]
        else:
            group = self.schedule.groups[self.step]
            locations = np.broadcast_to(group, (len(found), len(group)))
        return locations, np.take_along_axis(found, locations[..., None, None, None], axis=1)

    def uncover(self, locations: np.ndarray, tokens: np.ndarray) -> None:
        """See `Runner`."""
        super().uncover(locations, tokens)
        np.put_along_axis(self._known, locations, True, axis=1)


class GroupedRunner(Runner):
    """M2T and full AR: every step looks at the new group, and keeps its keys and values [82]."""

    def __init__(
        self, network: Transformer, schedule: Schedule, patches: int, log_scale: float = 0.0
    ) -> None:
        super().__init__(network, schedule, patches, log_scale)
        self._slots = grouped(schedule)
        shape = patches, len(self._slots.carried), network.config.width
        with jax.enable_x64(True):
            self._kept = [Cache(jnp.zeros(shape), jnp.zeros(shape)) for _ in self._blocks]

    def predict(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Runner`."""
        part, slots = self._slots.slices[self.step], self._slots
        carried, predicted = slots.carried[part], slots.predicted[part]
        carries = carried < slots.tokens
        tokens = self._tokens[:, np.where(carries, carried, 0)]
        known, start = np.broadcast_to(carries, tokens.shape[:2]), np.int32(part.start)
        with jax.enable_x64(True):
            x = _enter(self._ends, tokens, known, carried, predicted, self._log_scale)
            for layer, block in enumerate(self._blocks):
                x, self._kept[layer] = _look_back(block, x, start, self._kept[layer])
            found = np.asarray(_leave(self._ends, x))
        asked = predicted < slots.tokens
        locations = np.broadcast_to(predicted[asked], (len(tokens), int(asked.sum())))
        return locations, found[:, asked]


def runner_for(
    way: str, network: Transformer, schedule: Schedule, patches: int, log_scale: float = 0.0
) -> Runner:
    """A fresh runner of a way to code, "m2t", "mt" or "ar"; other arguments as of `Runner`."""
    kind = TogetherRunner if way == "mt" else GroupedRunner
    return kind(network, schedule, patches, log_scale)


@eqx.filter_jit
def _enter(
    network: Transformer, tokens: ArrayLike, known: ArrayLike, *places: ArrayLike
) -> jax.Array:
    def one(tokens: jax.Array, known: jax.Array) -> jax.Array:
        return network.slots(tokens, known, *places)

    return jax.vmap(one)(jnp.asarray(tokens), jnp.asarray(known))


@eqx.filter_jit(donate="all-except-first")
def _look_around(block: Block, x: jax.Array) -> jax.Array:
    return jax.vmap(lambda one: block(one, *block.remembered(one), jnp.asarray(True)))(x)


@eqx.filter_jit(donate="all-except-first")
def _look_back(
    block: Block, x: jax.Array, start: ArrayLike, kept: Cache
) -> tuple[jax.Array, Cache]:
    return jax.vmap(block.advance, (0, None, 0))(x, start, kept)


@eqx.filter_jit
def _leave(network: Transformer, x: jax.Array) -> jax.Array:
    return jax.vmap(network.predictions)(x)


def _double(leaf: Any) -> Any:
    is_number = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
    return leaf.astype(jnp.float64) if is_number else leaf
