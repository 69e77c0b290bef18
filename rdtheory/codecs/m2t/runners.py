"""A transformer run for coding: predictions of one group of tokens after another.

Encoder and decoder call the same compiled functions on arrays of the same shapes, so that on one
machine they find the same bits. They compute in double precision: what other machines find differs
by some 1e-14, which rounding to a lattice takes away but for one number in 10^10.
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
from rdtheory.codecs.m2t.transformer import Cache, Transformer


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
            self._network = jax.tree.map(_double, network)

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
        self._known: np.ndarray = np.zeros(self._shape[:2], bool)

    def predict(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Runner`."""
        with jax.enable_x64(True):
            given = self._tokens, self._known, self._log_scale
            found = np.asarray(_predict_all(self._network, *given))
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
        with jax.enable_x64(True):
            empty = self._network.empty_cache(len(self._slots.carried))
            self._cache = jax.tree.map(lambda x: jnp.stack(patches * [x]), empty)

    def predict(self) -> tuple[np.ndarray, np.ndarray]:
        """See `Runner`."""
        part, slots = self._slots.slices[self.step], self._slots
        carried, predicted = slots.carried[part], slots.predicted[part]
        known = carried < slots.tokens
        tokens = self._tokens[:, np.where(known, carried, 0)]
        places = known, carried, predicted, self._log_scale
        with jax.enable_x64(True):
            start = np.int32(part.start)
            found, self._cache = _advance(self._network, self._cache, start, tokens, *places)
        asked = predicted < slots.tokens
        locations = np.broadcast_to(predicted[asked], (len(tokens), int(asked.sum())))
        return locations, np.asarray(found)[:, asked]


def runner_for(
    way: str, network: Transformer, schedule: Schedule, patches: int, log_scale: float = 0.0
) -> Runner:
    """A fresh runner of a way to code, "m2t", "mt" or "ar"; other arguments as of `Runner`."""
    kind = TogetherRunner if way == "mt" else GroupedRunner
    return kind(network, schedule, patches, log_scale)


@eqx.filter_jit
def _predict_all(
    network: Transformer, tokens: ArrayLike, known: ArrayLike, log_scale: ArrayLike
) -> jax.Array:
    slots = together(network.config.tokens)

    def one(tokens: jax.Array, known: jax.Array) -> jax.Array:
        inputs = network.slots(tokens, known, slots.carried, slots.predicted, log_scale)
        return network(inputs, jnp.asarray(slots.visible))

    return jax.vmap(one)(jnp.asarray(tokens), jnp.asarray(known))


@eqx.filter_jit
def _advance(
    network: Transformer,
    cache: Cache,
    start: ArrayLike,
    tokens: ArrayLike,
    *places: ArrayLike,
) -> tuple[jax.Array, Cache]:
    def one(cache: Cache, tokens: jax.Array) -> tuple[jax.Array, Cache]:
        return network.advance(cache, jnp.asarray(start), network.slots(tokens, *places))

    return jax.vmap(one)(cache, jnp.asarray(tokens))


def _double(leaf: Any) -> Any:
    is_number = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
    return leaf.astype(jnp.float64) if is_number else leaf
