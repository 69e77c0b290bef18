"""A variational diffusion model as a model of DiffC: pictures of any size, isotropic noise.

The network knows noise variances from `NOISE_LEAST` to `NOISE_MOST`. Above, the Gaussian model is
used as it is; below, what the network makes of Y at the least noise t_0, drawn back to y in
proportion (Tweedie): x̂ = y + (t/t_0) (x̂_0(y) - y).

A grey picture x is the luma √3 x of a coloured one whose chromas are known to be 0. The network
sees them with noise of the same variance as the luma's, from a stream of its own.
"""

from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.codecs.diffc.configs import DenoiserConfig
from rdtheory.codecs.diffc.cosine_field import COLOURS, picture_spectrum
from rdtheory.codecs.diffc.error_table import ErrorTable
from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.codecs.diffc.network import Denoiser
from rdtheory.codecs.diffc.reverse_steps import walk
from rdtheory.codecs.diffc.stationary import CosinePrior
from rdtheory.codecs.diffc.variational_bound import NOISE_LEAST, NOISE_MOST
from rdtheory.codecs.training.config import config_from
from rdtheory.codecs.training.weights import load_weights, trained_and_fixed
from rdtheory.container import StreamError
from rdtheory.diffusion.reconstruction import Normals
from rdtheory.errors import InputError

STEPS = 32
"""S of ancestral and flow reconstructions."""

_CHROMA = Key(0, 2**33)


class VariationalModel(DiffusionModel):
    """A trained denoiser.

    Args:
        network: the denoiser.
        table: of its errors.
        fingerprint: of both.
        steps: S, of ancestral and flow reconstructions.

    >>> from rdtheory.codecs.diffc.configs import CONFIGS
    >>> untrained = Denoiser(CONFIGS["tiny"], jax.random.key(0, impl="rbg"))
    >>> model = VariationalModel(untrained, ErrorTable(np.ones((24, 11, 3))), 7)
    >>> model.prior((8, 6, 3)).denoise(np.ones((1, 144)), np.ones(144)).shape
    (1, 144)
    """

    name: ClassVar[str] = "variational"

    def __init__(
        self, network: Denoiser, table: ErrorTable, fingerprint: int, steps: int = STEPS
    ) -> None:
        # In single precision, whatever JAX was set to when it was made.
        self.network, self.table = eqx.combine(*trained_and_fixed(network)), table
        self.fingerprint, self.steps = fingerprint, steps

    @classmethod
    def from_file(cls, path: Path) -> "VariationalModel":
        """A model from a file of weights.

        Raises:
            StreamError: if it is damaged or of another kind.
            OSError: if it cannot be read.
        """
        weights = load_weights(path, "diffc")
        config = config_from(DenoiserConfig, weights.config, path.name)
        if set(weights.tables) != {"errors"}:
            raise StreamError(path.name, sorted(weights.tables), "a table of errors")
        untrained = eqx.filter_eval_shape(Denoiser, config, jax.random.key(0))
        network = weights.into(untrained)
        return cls(network, ErrorTable(weights.tables["errors"]), weights.fingerprint)

    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> "VariationalPrior":
        """The prior of pictures of a shape.

        Raises:
            InputError: if it is not that of a picture.
        """
        if len(shape) != 3:
            raise InputError("media", "a sound", "pictures", "take the model gaussian")
        return VariationalPrior(self, shape)


def shipped_small() -> VariationalModel:
    """The configuration `small` as trained for the package; its card is in `data/small.md`."""
    return VariationalModel.from_file(Path(__file__).parent / "data" / "small.safetensors")


class VariationalPrior(CosinePrior):
    """One picture in the cosine basis, denoised by the network."""

    isotropic_only = True

    def __init__(self, model: VariationalModel, shape: tuple[int, ...]) -> None:
        super().__init__(shape, picture_spectrum(shape))
        self._model, self._shape = model, shape
        # Of luma and chromas: what one grey value is worth.
        self._unit = 1.0 if shape[2] == 3 else 3.0

    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """E[X | Y] as the network has learned it: see the module."""
        noise = float(noise_variances[0])
        if noise * self._unit > NOISE_MOST:
            return super().denoise(observed, noise_variances)
        level = max(noise, NOISE_LEAST / self._unit)
        wiener = super().denoise(observed, np.full_like(noise_variances, level))
        error = float(super().errors(np.full_like(noise_variances, level)).mean())
        y, w = self.from_components(observed), self.from_components(wiener)
        found = self._denoised(y, w, level, error)
        return self.to_components(y + noise / level * (found - y))

    def errors(self, noise_variances: Array) -> Array:
        """e from the table, shape (M,)."""
        noise = float(noise_variances[0]) * self._unit
        if noise > NOISE_MOST:
            return super().errors(noise_variances)
        spectrum = self._unit * self.eigenvalues
        return self._model.table.errors(self._shape, spectrum, noise) / self._unit

    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """X̂ from Y: the posterior mean, or S steps of the reverse process or of its flow."""
        noise = float(noise_variances[0])
        if noise * self._unit > NOISE_MOST:
            if how == "mmse":
                return self.denoise(observed, noise_variances)
            # A sample of Y at the most noise that the network knows, by the Gaussian model.
            observed, noise = self._entered(observed, noise_variances, normals)

        def denoise(y: Array, t: float) -> Array:
            return self.denoise(y, np.full_like(noise_variances, t))

        return walk(denoise, observed, noise, how, normals, self._model.steps)

    def _entered(
        self, observed: Array, noise_variances: Array, normals: Normals
    ) -> tuple[Array, float]:
        """Y at the most noise t' from Y at t, the exact reverse kernel of the Gaussian model."""
        level = NOISE_MOST / self._unit
        mean = super().denoise(observed, noise_variances)
        spread = np.sqrt(super().errors(noise_variances))
        x = mean + spread * normals(observed.shape)
        share = level / noise_variances
        seen = np.where(np.isinf(noise_variances), 0.0, observed)
        chance = np.sqrt(level * (1 - share)) * normals(observed.shape)
        return x + share * (seen - x) + chance, level

    def _denoised(self, y: Array, w: Array, level: float, error: float) -> Array:
        """x̂ of values of the shape."""
        if self._shape[2] == 3:
            return _run(self._model.network, y, w, level, error)
        noise = RandomStreams(_CHROMA, Purpose.DECODER).normals(0, 0, 2 * y.size)
        chromas = np.sqrt(3 * level) * noise.reshape(*y.shape[:2], 2)
        coloured = np.concatenate([np.sqrt(3) * y, chromas], axis=-1) @ COLOURS
        grey = np.repeat(w, 3, axis=-1)
        found = _run(self._model.network, coloured, grey, 3 * level, error)
        return found.mean(axis=-1, keepdims=True)


def _run(network: Denoiser, y: Array, w: Array, level: float, error: float) -> Array:
    # In single precision, whatever the program around it has chosen.
    with jax.enable_x64(False):
        planes = (jnp.asarray(x.transpose(2, 0, 1), jnp.float32) for x in (y, w))
        found = _jitted(network, *planes, jnp.float32(level), jnp.float32(error))
        return np.asarray(found, np.float64).transpose(1, 2, 0)


@eqx.filter_jit
def _jitted(network: Denoiser, *inputs: Any) -> jax.Array:
    return network(*inputs)
