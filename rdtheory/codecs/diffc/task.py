"""Training of the variational diffusion model: what `codecs.training` needs to know of it."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.diffc.configs import DenoiserConfig
from rdtheory.codecs.diffc.error_table import measured
from rdtheory.codecs.diffc.network import Denoiser
from rdtheory.codecs.diffc.variational_bound import Bound
from rdtheory.codecs.training.task import Task


class DiffcTask(Task):
    """The variational bound, in bits a dimension, of pictures of 64x64 or so."""

    name = "diffc"

    def __init__(self, config: DenoiserConfig) -> None:
        self.config = config
        self.crop = config.crop
        self._bound = Bound((config.crop, config.crop, 3))

    def initial(self, key: jax.Array) -> Denoiser:
        """An untrained denoiser: the Gaussian model's."""
        return Denoiser(self.config, key)

    def loss(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """Mean bound of a batch, bits a dimension; weighted as the configuration says."""
        emphasis = self.config.emphasis
        return self._bound.bits_per_dim(network, pictures, key, emphasis).mean()

    def held_out(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        """The bound of each picture, bits a dimension."""
        return self._bound.bits_per_dim(network, pictures, key)

    def finish(self, network: Any, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """The table of errors relative to the Wiener filter's, see `error_table`."""
        batch = eqx.filter_jit(eqx.filter_vmap(self._bound.denoised, in_axes=(None, 0, None)))

        def denoise(y: np.ndarray, noise: float) -> np.ndarray:
            pieces = np.array_split(y.astype(np.float32), max(1, len(y) // 16))
            return np.concatenate([batch(network, piece, jnp.float32(noise)) for piece in pieces])

        table = measured(denoise, pictures, np.random.default_rng(0))
        return {"errors": table.ratios.astype(np.float32)}
