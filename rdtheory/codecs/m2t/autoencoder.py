"""The autoencoder: ELIC's transforms, a picture to features of a sixteenth of its sides and back.

Four convolutions of stride 2, between them residual bottleneck blocks and, at two resolutions,
blocks that weight positions (He, Yang, Peng, Ma, Qin and Wang, "ELIC", CVPR 2022, arXiv 2203.10886,
without its context model; [48, 49]).
"""

from collections.abc import Callable, Iterator

import equinox as eqx
import jax

from rdtheory.codecs.m2t.configs import AutoencoderConfig

REACH = 16
"""Sides of pictures are padded to multiples of it."""


class Encoder(eqx.Module):
    """E: a picture (3, h, w) of values -1 .. 1 to features (c, h/16, w/16).

    >>> import jax.numpy as jnp
    >>> from rdtheory.codecs.m2t.configs import AUTOENCODERS
    >>> config = AUTOENCODERS["tiny"]
    >>> encoder = Encoder(config, jax.random.key(0, impl="rbg"))
    >>> encoder(jnp.zeros((3, 32, 16))).shape
    (4, 2, 1)
    """

    stages: list[eqx.Module]

    def __init__(self, config: AutoencoderConfig, key: jax.Array) -> None:
        keys, n = iter(jax.random.split(key, 64)), config.width
        bottlenecks = _repeat(config.blocks, n, keys)
        self.stages = [
            _halve(3, n, next(keys)),
            *bottlenecks(),
            _halve(n, n, next(keys)),
            *bottlenecks(),
            Weighting(n, next(keys)),
            _halve(n, n, next(keys)),
            *bottlenecks(),
            _halve(n, config.channels, next(keys)),
            Weighting(config.channels, next(keys)),
        ]

    def __call__(self, x: jax.Array) -> jax.Array:
        """The features of a picture."""
        return _through(self.stages, x)


class Decoder(eqx.Module):
    """D: features back to a picture.

    >>> import jax.numpy as jnp
    >>> from rdtheory.codecs.m2t.configs import AUTOENCODERS
    >>> decoder = Decoder(AUTOENCODERS["tiny"], jax.random.key(0, impl="rbg"))
    >>> decoder(jnp.zeros((4, 2, 1))).shape
    (3, 32, 16)
    """

    stages: list[eqx.Module]

    def __init__(self, config: AutoencoderConfig, key: jax.Array) -> None:
        keys, n = iter(jax.random.split(key, 64)), config.width
        bottlenecks = _repeat(config.blocks, n, keys)
        self.stages = [
            Weighting(config.channels, next(keys)),
            _double(config.channels, n, next(keys)),
            *bottlenecks(),
            _double(n, n, next(keys)),
            Weighting(n, next(keys)),
            *bottlenecks(),
            _double(n, n, next(keys)),
            *bottlenecks(),
            _double(n, 3, next(keys)),
        ]

    def __call__(self, y: jax.Array) -> jax.Array:
        """The picture of features."""
        return _through(self.stages, y)


class Bottleneck(eqx.Module):
    """x + 1x1(3x3(1x1(x))), with half the channels in the middle."""

    enter: eqx.nn.Conv2d
    middle: eqx.nn.Conv2d
    leave: eqx.nn.Conv2d

    def __init__(self, width: int, key: jax.Array) -> None:
        keys, half = jax.random.split(key, 3), max(1, width // 2)
        self.enter = eqx.nn.Conv2d(width, half, 1, key=keys[0])
        self.middle = eqx.nn.Conv2d(half, half, 3, padding=1, key=keys[1])
        self.leave = eqx.nn.Conv2d(half, width, 1, key=keys[2])

    def __call__(self, x: jax.Array) -> jax.Array:
        """Of the shape of x."""
        inner = jax.nn.relu(self.middle(jax.nn.relu(self.enter(x))))
        return x + self.leave(inner)


class Weighting(eqx.Module):
    """x + trunk(x) sigmoid(branch(x)): "attention" without a softmax (Cheng et al. 2020)."""

    trunk: list[Bottleneck]
    branch: list[Bottleneck]
    join: eqx.nn.Conv2d

    def __init__(self, width: int, key: jax.Array) -> None:
        keys = jax.random.split(key, 7)
        self.trunk = [Bottleneck(width, one) for one in keys[:3]]
        self.branch = [Bottleneck(width, one) for one in keys[3:6]]
        self.join = eqx.nn.Conv2d(width, width, 1, key=keys[6])

    def __call__(self, x: jax.Array) -> jax.Array:
        """Of the shape of x."""
        weights = jax.nn.sigmoid(self.join(_through(self.branch, x)))
        return x + _through(self.trunk, x) * weights


def _through(stages: list, x: jax.Array) -> jax.Array:
    for stage in stages:
        x = stage(x)
    return x


def _repeat(blocks: int, width: int, keys: Iterator[jax.Array]) -> Callable[[], list[Bottleneck]]:
    return lambda: [Bottleneck(width, next(keys)) for _ in range(blocks)]


def _halve(inputs: int, outputs: int, key: jax.Array) -> eqx.nn.Conv2d:
    return eqx.nn.Conv2d(inputs, outputs, 5, stride=2, padding=2, key=key)


def _double(inputs: int, outputs: int, key: jax.Array) -> eqx.nn.ConvTranspose2d:
    return eqx.nn.ConvTranspose2d(
        inputs, outputs, 5, stride=2, padding=2, output_padding=1, key=key
    )
