"""Training of the codec: rate and distortion end to end, or the transformers alone [68, 84].

The loss is R + λ q² D: R in bits a dimension of the picture, of features times q with uniform noise
in place of rounding; D the mean squared error in grey levels, of rounded ones whose gradient passes
as if they were not. Each picture draws its scale q; what is minimised is the mean of loss / q,
whose terms are alike in size: fine scales would outweigh the others.
"""

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.m2t.configs import M2tConfig
from rdtheory.codecs.m2t.network import Network, grouped_bits, hidden_bits, usual_schedule
from rdtheory.codecs.m2t.patches import into_patches
from rdtheory.codecs.m2t.slots import grouped
from rdtheory.codecs.training.leaves import named_leaves
from rdtheory.codecs.training.task import Task
from rdtheory.codecs.training.weights import Weights, trained_and_fixed


class M2tTask(Task):
    """R + λ q² D; see the module."""

    name = "m2t"

    def __init__(self, config: M2tConfig) -> None:
        self.config = config
        self.crop = config.crop
        self._slots = {
            way: grouped(usual_schedule(config, way)) for way in config.ways if way != "mt"
        }

    def initial(self, key: jax.Array) -> Network:
        """Random weights."""
        return Network(self.config, key)

    def begun(self, network: eqx.Module, weights: Weights) -> eqx.Module:
        """The network with weights of an earlier training; ways new to it begin as the first."""
        first, tensors = self.config.ways[0], dict(weights.tensors)
        for name in named_leaves(trained_and_fixed(network)[0]):
            part, _, leaf = name.partition(".")
            source = f"{part}.{first}.{leaf.partition('.')[2]}"
            if name not in tensors and source in tensors:
                tensors[name] = tensors[source]
        return replace(weights, tensors=tensors).into(network)

    def loss(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """Mean over q; the bits of ways after the first are added, for their own training."""
        scale_key, noise_key, hide_key = jax.random.split(key, 3)
        least, most = self.config.log_scales
        log_scales = jax.random.uniform(scale_key, (len(pictures),), minval=least, maxval=most)
        scaled = self._scaled(network, pictures, log_scales)
        noisy = scaled + jax.random.uniform(noise_key, scaled.shape, minval=-0.5, maxval=0.5)
        first, *others = self.config.ways
        bits = self._bits(network, first, noisy, log_scales, hide_key, pictures)
        total = bits + self._weight(log_scales) * self._error(network, scaled, log_scales, pictures)
        for way in others:
            total += self._bits(
                network, way, jax.lax.stop_gradient(noisy), log_scales, hide_key, pictures
            )
        return (total / jnp.exp2(log_scales)).mean()

    def held_out(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """R + λ q² D of rounded features, R of the first way; log2 q is spread evenly."""
        least, most = self.config.log_scales
        log_scales = jnp.linspace(least, most, len(pictures))
        scaled = self._scaled(network, pictures, log_scales)
        first = self.config.ways[0]
        bits = self._bits(network, first, jnp.round(scaled), log_scales, key, pictures)
        return bits + self._weight(log_scales) * self._error(network, scaled, log_scales, pictures)

    def finish(self, network: Any, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """No tables."""
        return {}

    def _scaled(self, network: Network, pictures: jax.Array, log_scales: jax.Array) -> jax.Array:
        """Features times q, shape (B, c, h/16, w/16)."""
        values = (pictures.astype(jnp.float32) / 127.5 - 1).transpose(0, 3, 1, 2)
        features = jax.vmap(network.encoder)(values)
        if self.config.fixed_autoencoder:
            features = jax.lax.stop_gradient(features)
        return features * jnp.exp2(log_scales)[:, None, None, None]

    def _bits(
        self,
        network: Network,
        way: str,
        tokens: jax.Array,
        log_scales: jax.Array,
        key: jax.Array,
        pictures: jax.Array,
    ) -> jax.Array:
        """R of each picture, bits a dimension, shape (B,)."""
        transformer, side = network.transformers[way], self.config.transformer.side

        def of_patch(patch: jax.Array, log_scale: jax.Array, key: jax.Array) -> jax.Array:
            if way == "mt":
                return hidden_bits(transformer, patch, log_scale, key).sum()
            return grouped_bits(transformer, self._slots[way], patch, log_scale).sum()

        def of_picture(tokens: jax.Array, log_scale: jax.Array, key: jax.Array) -> jax.Array:
            patches = into_patches(tokens.transpose(1, 2, 0), side)
            keys = jax.random.split(key, len(patches))
            return jax.vmap(of_patch, (0, None, 0))(patches, log_scale, keys).sum()

        keys = jax.random.split(key, len(tokens))
        return jax.vmap(of_picture)(tokens, log_scales, keys) / pictures[0].size

    def _error(
        self, network: Network, scaled: jax.Array, log_scales: jax.Array, pictures: jax.Array
    ) -> jax.Array:
        """D of each picture, grey levels squared, shape (B,); 0 if only transformers learn."""
        if self.config.fixed_autoencoder:
            return jnp.zeros(len(pictures))
        rounded = scaled + jax.lax.stop_gradient(jnp.round(scaled) - scaled)
        found = jax.vmap(network.decoder)(rounded / jnp.exp2(log_scales)[:, None, None, None])
        values = 127.5 * (found.transpose(0, 2, 3, 1) + 1)
        return jnp.mean((values - pictures) ** 2, axis=(1, 2, 3))

    def _weight(self, log_scales: jax.Array) -> jax.Array:
        return self.config.distortion_weight * jnp.exp2(log_scales) ** 2
