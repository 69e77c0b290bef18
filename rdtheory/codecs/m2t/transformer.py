"""The one transformer of MT, M2T and full AR: pre-norm, with Gaussian mixtures at its output.

    slot = dense(y/5 or the mask) + carried(where the token sits) + predicted(which is asked for)
           + log2 q times a vector, q the quantisation scale

then blocks  x + attention(norm x),  x + perceptron(norm x), and from a last norm 3 N_M numbers for
each of the c channels of the token asked for: weights, means, scales [52-54]. Two ways to run it:
all slots in one pass, or group after group, with the keys and values of earlier groups kept.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from rdtheory.codecs.m2t.configs import TransformerConfig

INPUT_SCALE = 5.0
"""δ: tokens are divided by it [53]."""


class Cache(NamedTuple):
    """Keys and values of a block at all slots so far, each of shape (N, width)."""

    keys: jax.Array
    values: jax.Array


class Transformer(eqx.Module):
    """Predicts tokens from those known; see the module.

    >>> from rdtheory.codecs.m2t.configs import TRANSFORMERS
    >>> from rdtheory.codecs.m2t.slots import together
    >>> config = TRANSFORMERS["tiny"]
    >>> network = Transformer(config, jax.random.key(0, impl="rbg"))
    >>> slots, nothing = together(config.tokens), jnp.zeros((config.tokens, config.channels))
    >>> inputs = network.slots(nothing, jnp.zeros(16, bool), slots.carried, slots.predicted)
    >>> network(inputs, jnp.asarray(slots.visible)).shape  # slots, channels, (w, μ, s), mixtures
    (16, 4, 3, 3)
    """

    config: TransformerConfig = eqx.field(static=True)
    mask: jax.Array
    dense: eqx.nn.Linear
    carried: jax.Array
    predicted: jax.Array
    scale: jax.Array
    blocks: "Block"
    norm: eqx.nn.LayerNorm
    leave: eqx.nn.Linear

    def __init__(self, config: TransformerConfig, key: jax.Array) -> None:
        keys = iter(jax.random.split(key, 7))
        self.config = config
        self.mask = 0.1 * jax.random.normal(next(keys), (config.channels,))
        self.dense = eqx.nn.Linear(config.channels, config.width, key=next(keys))
        # The last row of each stands for none.
        shape = config.tokens + 1, config.width
        self.carried = 0.02 * jax.random.normal(next(keys), shape)
        self.predicted = 0.02 * jax.random.normal(next(keys), shape)
        self.scale = 0.02 * jax.random.normal(next(keys), (config.width,))
        # One block with a first axis of layers everywhere: compiled once, run many times.
        layers = jax.random.split(next(keys), config.layers)
        self.blocks = eqx.filter_vmap(lambda key: Block(config, key))(layers)
        self.norm = eqx.nn.LayerNorm(config.width)
        outputs = 3 * config.mixtures * config.channels
        self.leave = eqx.nn.Linear(config.width, outputs, key=next(keys))

    def slots(
        self,
        tokens: jax.Array,
        known: ArrayLike,
        carried: ArrayLike,
        predicted: ArrayLike,
        log_scale: ArrayLike = 0.0,
    ) -> jax.Array:
        """The input of slots, shape (n, width).

        Args:
            tokens: y that each slot carries, shape (n, c).
            known: whether it carries it, or the mask, shape (n,).
            carried: where that token sits, shape (n,), w for none.
            predicted: which one is asked for, shape (n,), w for none.
            log_scale: log2 q.
        """
        shown = jnp.where(jnp.asarray(known)[:, None], tokens / INPUT_SCALE, self.mask)
        places = self.carried[jnp.asarray(carried)] + self.predicted[jnp.asarray(predicted)]
        return jax.vmap(self.dense)(shown) + places + log_scale * self.scale

    def __call__(self, slots: jax.Array, visible: jax.Array) -> jax.Array:
        """Predictions of all slots in one pass, shape (N, c, 3, N_M).

        Args:
            slots: shape (N, width).
            visible: which slot sees which, shape (N, N).
        """
        arrays, constants = eqx.partition(self.blocks, eqx.is_array)

        def through(x: jax.Array, layer: Any) -> tuple[jax.Array, None]:
            block = eqx.combine(layer, constants)
            return block(x, *block.remembered(x), visible), None

        return self.predictions(jax.lax.scan(through, slots, arrays)[0])

    def layers(self) -> list["Block"]:
        """The blocks one by one, each with arrays of its own."""
        arrays, constants = eqx.partition(self.blocks, eqx.is_array)
        return [
            eqx.combine(jax.tree.map(lambda x, layer=layer: x[layer], arrays), constants)
            for layer in range(self.config.layers)
        ]

    def predictions(self, x: jax.Array) -> jax.Array:
        """Of slots after the last block, shape (n, c, 3, N_M)."""
        found = jax.vmap(self.leave)(jax.vmap(self.norm)(x))
        return found.reshape(len(x), self.config.channels, 3, self.config.mixtures)


class Block(eqx.Module):
    """Attention and a perceptron, each added to what it was given normalised."""

    heads: int = eqx.field(static=True)
    first: eqx.nn.LayerNorm
    query: eqx.nn.Linear
    key_value: eqx.nn.Linear
    join: eqx.nn.Linear
    second: eqx.nn.LayerNorm
    widen: eqx.nn.Linear
    narrow: eqx.nn.Linear

    def __init__(self, config: TransformerConfig, key: jax.Array) -> None:
        keys, width = iter(jax.random.split(key, 5)), config.width
        self.heads = config.heads
        self.first, self.second = eqx.nn.LayerNorm(width), eqx.nn.LayerNorm(width)
        self.query = eqx.nn.Linear(width, width, key=next(keys))
        self.key_value = eqx.nn.Linear(width, 2 * width, key=next(keys))
        self.join = eqx.nn.Linear(width, width, key=next(keys))
        self.widen = eqx.nn.Linear(width, config.hidden, key=next(keys))
        self.narrow = eqx.nn.Linear(config.hidden, width, key=next(keys))

    def remembered(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Keys and values of slots, each of shape (n, width): what later ones will look at."""
        keys, values = jnp.split(jax.vmap(self.key_value)(jax.vmap(self.first)(x)), 2, axis=-1)
        return keys, values

    def advance(self, x: jax.Array, start: ArrayLike, kept: Cache) -> tuple[jax.Array, Cache]:
        """x of a group of slots after this block, and the longer cache.

        Args:
            x: of the group, shape (n, width).
            start: number of the group's first slot.
            kept: keys and values of all N slots, filled up to `start`.
        """
        longer = Cache(
            *(
                jax.lax.dynamic_update_slice_in_dim(before, new, jnp.asarray(start), axis=0)
                for before, new in zip(kept, self.remembered(x), strict=True)
            )
        )
        visible = jnp.arange(len(longer.keys)) < start + len(x)
        return self(x, longer.keys, longer.values, visible), longer

    def __call__(
        self, x: jax.Array, keys: jax.Array, values: jax.Array, visible: jax.Array
    ) -> jax.Array:
        """x, shape (n, width), after attention to what is visible, shape (n, N) or (N,)."""
        queries = jax.vmap(self.query)(jax.vmap(self.first)(x))
        q, k, v = (one.reshape(len(one), self.heads, -1) for one in (queries, keys, values))
        scores = jnp.einsum("ihd,jhd->hij", q, k) / jnp.sqrt(q.shape[-1])
        # Not JAX's own attention: its softmax is in single precision, whatever it is given.
        shares = jax.nn.softmax(jnp.where(visible, scores, -jnp.inf), axis=-1)
        seen = jnp.einsum("hij,jhd->ihd", shares, v)
        x = x + jax.vmap(self.join)(seen.reshape(x.shape))
        inner = jax.vmap(self.widen)(jax.vmap(self.second)(x))
        return x + jax.vmap(self.narrow)(jax.nn.gelu(inner))
