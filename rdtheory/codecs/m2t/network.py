"""Autoencoder and transformers together, and the bits of their tokens.

M2T, full AR    the bits of all tokens, from one pass over slots group by group (Eq. 2)
MT              of tokens hidden at random, 5 to 99 % of a patch, as many bits as they would
                take if all were hidden so (Eq. 1)
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.m2t.autoencoder import Decoder, Encoder
from rdtheory.codecs.m2t.configs import M2tConfig
from rdtheory.codecs.m2t.mixture import log_probability
from rdtheory.codecs.m2t.schedule import Schedule, schedule
from rdtheory.codecs.m2t.slots import Slots, together
from rdtheory.codecs.m2t.transformer import Transformer

LEAST_HIDDEN, MOST_HIDDEN = 0.05, 0.99


class Network(eqx.Module):
    """E, D, and a transformer for each way to code.

    >>> from rdtheory.codecs.m2t.configs import CONFIGS
    >>> network = Network(CONFIGS["tiny"], jax.random.key(0, impl="rbg"))
    >>> sorted(network.transformers)
    ['ar', 'm2t', 'mt']
    """

    config: M2tConfig = eqx.field(static=True)
    encoder: Encoder
    decoder: Decoder
    transformers: dict[str, Transformer]

    def __init__(self, config: M2tConfig, key: jax.Array) -> None:
        first, second, *others = jax.random.split(key, 2 + len(config.ways))
        self.config = config
        self.encoder = Encoder(config.autoencoder, first)
        self.decoder = Decoder(config.autoencoder, second)
        self.transformers = {
            way: Transformer(config.transformer, one)
            for way, one in zip(config.ways, others, strict=True)
        }


def usual_schedule(config: M2tConfig, way: str) -> Schedule:
    """The schedule that a way is trained for; MT's transformer takes any.

    >>> from rdtheory.codecs.m2t.configs import CONFIGS
    >>> usual_schedule(CONFIGS["tiny"], "ar").location
    'raster'
    """
    side = config.transformer.side
    if way == "ar":
        return schedule("raster", side, side**2)
    return schedule("qlds", side, config.steps, config.alpha)


def grouped_bits(
    transformer: Transformer, slots: Slots, tokens: jax.Array, log_scale: jax.Array
) -> jax.Array:
    """-log2 P of all tokens of a patch, shape (w, c), by one pass with teacher forcing (Eq. 2).

    Args:
        transformer: of M2T or full AR.
        slots: of its schedule.
        tokens: of a patch, whole or with noise, shape (w, c).
        log_scale: log2 q.
    """
    known = slots.carried < slots.tokens
    carried = tokens[np.where(known, slots.carried, 0)]
    given = transformer.slots(carried, known, slots.carried, slots.predicted, log_scale)
    found = transformer(given, jnp.asarray(slots.visible))
    asked = slots.predicted < slots.tokens
    logs = log_probability(found[asked], tokens[slots.predicted[asked]])
    order = np.argsort(slots.predicted[asked])
    return -logs[order] / jnp.log(2.0)


def hidden_bits(
    transformer: Transformer, tokens: jax.Array, log_scale: jax.Array, key: jax.Array
) -> jax.Array:
    """-log2 P of tokens of a patch if all were hidden so, an estimate of shape (w, c) (Eq. 1).

    Args:
        transformer: of MT.
        tokens: of a patch, whole or with noise, shape (w, c).
        log_scale: log2 q.
        key: of what is hidden.
    """
    slots, (share_key, place_key) = together(len(tokens)), jax.random.split(key)
    share = jax.random.uniform(share_key, minval=LEAST_HIDDEN, maxval=MOST_HIDDEN)
    count = jnp.clip(jnp.round(share * len(tokens)), 1, len(tokens))
    hidden = jnp.argsort(jax.random.uniform(place_key, (len(tokens),))) < count
    given = transformer.slots(tokens, ~hidden, slots.carried, slots.predicted, log_scale)
    found = transformer(given, jnp.asarray(slots.visible))
    bits = -log_probability(found, tokens) / jnp.log(2.0)
    return jnp.where(hidden[:, None], bits * len(tokens) / count, 0.0)
