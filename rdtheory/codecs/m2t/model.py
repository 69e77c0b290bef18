"""A trained network as a model of the codec: pictures to tokens and back, and its runners."""

from functools import cache
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.m2t.autoencoder import REACH
from rdtheory.codecs.m2t.configs import M2tConfig
from rdtheory.codecs.m2t.network import Network
from rdtheory.codecs.training.config import config_from
from rdtheory.codecs.training.weights import load_weights, trained_and_fixed
from rdtheory.errors import InputError


class M2tModel:
    """An autoencoder and its transformers.

    Args:
        network: with its weights.
        fingerprint: of them; a stream names it.

    >>> from rdtheory.codecs.m2t.configs import CONFIGS
    >>> model = M2tModel(Network(CONFIGS["tiny"], jax.random.key(0, impl="rbg")), 7)
    >>> tokens = model.tokens(np.zeros((20, 33, 3)), 0.0)
    >>> tokens.shape, model.values(tokens, 0.0, (20, 33, 3)).shape
    ((2, 3, 4), (20, 33, 3))
    """

    def __init__(self, network: Network, fingerprint: int) -> None:
        # In single precision, whatever JAX was set to when it was made.
        self.network = eqx.combine(*trained_and_fixed(network))
        self.fingerprint = fingerprint

    @classmethod
    def from_file(cls, path: Path) -> "M2tModel":
        """A model from a file of weights.

        Raises:
            StreamError: if it is damaged or of another kind.
            OSError: if it cannot be read.
        """
        weights = load_weights(path, "m2t")
        config = config_from(M2tConfig, weights.config, path.name)
        untrained = eqx.filter_eval_shape(Network, config, jax.random.key(0))
        return cls(weights.into(untrained), weights.fingerprint)

    @property
    def config(self) -> M2tConfig:
        """Sizes."""
        return self.network.config

    def features(self, values: Array) -> np.ndarray:
        """E of a picture, shape (ceil(h/16), ceil(w/16), c).

        Args:
            values: -1 .. 1, shape (h, w, 3) or (h, w, 1): grey is taken as colour.
        """
        coloured = np.broadcast_to(values, (*values.shape[:2], 3))
        height, width, _ = values.shape
        padding = (0, -height % REACH), (0, -width % REACH), (0, 0)
        padded = np.pad(coloured, padding, mode="edge").transpose(2, 0, 1)
        with jax.enable_x64(False):
            found = _run(self.network.encoder, jnp.asarray(padded, jnp.float32))
        return np.asarray(found, np.float64).transpose(1, 2, 0)

    def tokens(self, values: Array, log_scale: float) -> np.ndarray:
        """y, whole numbers, shape (ceil(h/16), ceil(w/16), c)."""
        return rounded(self.features(values), log_scale)

    def values(self, tokens: np.ndarray, log_scale: float, shape: tuple[int, ...]) -> np.ndarray:
        """x̂ of tokens, of a shape (h, w, 3) or (h, w, 1)."""
        features = (tokens / 2.0**log_scale).transpose(2, 0, 1)
        with jax.enable_x64(False):
            found = _run(self.network.decoder, jnp.asarray(features, jnp.float32))
        made = np.asarray(found, np.float64).transpose(1, 2, 0)[: shape[0], : shape[1]]
        return made.mean(axis=2, keepdims=True) if shape[2] == 1 else made


def model_named(model: str | Path | M2tModel) -> M2tModel:
    """A model by its name or by a file of weights.

    Args:
        model: a model is itself; "default" and "small" are the package's.

    Raises:
        InputError: if there is none.
        StreamError: if a file is damaged.

    >>> model_named("small").config.transformer.tokens
    64
    """
    if isinstance(model, M2tModel):
        return model
    if model in ("default", "small"):
        return _shipped()
    path = Path(model)
    if not path.is_file():
        raise InputError("model", repr(str(model)), "small, or a file of weights")
    return M2tModel.from_file(path)


@cache
def _shipped() -> M2tModel:
    """The configuration `small` as trained for the package; its card is in `data/small.md`."""
    return M2tModel.from_file(Path(__file__).parent / "data" / "small.safetensors")


def rounded(features: np.ndarray, log_scale: float) -> np.ndarray:
    """Features times q as whole numbers, int64.

    >>> rounded(np.array([0.4, -1.3]), 1.0)
    array([ 1, -3])
    """
    limit = 2.0**30  # what a forged network finds must fit into a number of the stream
    return np.rint(np.clip(features * 2.0**log_scale, -limit, limit)).astype(np.int64)


@eqx.filter_jit
def _run(network: eqx.Module, x: jax.Array) -> jax.Array:
    return network(x)  # pyright: ignore[reportCallIssue]
