"""The autoencoder: ELIC's transforms, a picture to features of a sixteenth of its sides and back.

Four convolutions of stride 2, between them residual bottleneck blocks and, at two resolutions,
blocks that weight positions (He, Yang, Peng, Ma, Qin and Wang, "ELIC", CVPR 2022, arXiv 2203.10886,
without its context model; [48, 49]).
"""

from collections.abc import Callable, Iterator

import equinox as eqx
import jax
import jax.numpy as jnp

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
            Halving(3, n, next(keys)),
            *bottlenecks(),
            Halving(n, n, next(keys)),
            *bottlenecks(),
            Weighting(n, next(keys)),
            Halving(n, n, next(keys)),
            *bottlenecks(),
            Halving(n, config.channels, next(keys)),
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
            Doubling(config.channels, n, next(keys)),
            *bottlenecks(),
            Doubling(n, n, next(keys)),
            Weighting(n, next(keys)),
            *bottlenecks(),
            Doubling(n, n, next(keys)),
            *bottlenecks(),
            Doubling(n, 3, next(keys)),
        ]

    def __call__(self, y: jax.Array) -> jax.Array:
        """The picture of features."""
        return _through(self.stages, y)


class Halving(eqx.Module):
    """A 5x5 convolution of stride 2.

    Computed as one of 3x3 and stride 1 on squares of 2x2 pixels, its kernel filled up to 6x6: on
    processors XLA is five times slower with the gradients of strided convolutions.
    """

    conv: eqx.nn.Conv2d

    def __init__(self, inputs: int, outputs: int, key: jax.Array) -> None:
        self.conv = eqx.nn.Conv2d(inputs, outputs, 5, stride=2, padding=2, key=key)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Of half the sides, which must be even."""
        channels, height, width = x.shape
        squares = x.reshape(channels, height // 2, 2, width // 2, 2).transpose(0, 2, 4, 1, 3)
        kernel = jnp.pad(self.conv.weight, ((0, 0), (0, 0), (0, 1), (0, 1)))
        small = kernel.reshape(-1, channels, 3, 2, 3, 2).transpose(0, 1, 3, 5, 2, 4)
        return _three_by_three(
            squares.reshape(4 * channels, height // 2, width // 2),
            small.reshape(-1, 4 * channels, 3, 3),
        ) + jnp.asarray(self.conv.bias)


class Doubling(eqx.Module):
    """A transposed 5x5 convolution of stride 2, computed as `Halving` is."""

    conv: eqx.nn.ConvTranspose2d

    def __init__(self, inputs: int, outputs: int, key: jax.Array) -> None:
        self.conv = eqx.nn.ConvTranspose2d(
            inputs, outputs, 5, stride=2, padding=2, output_padding=1, key=key
        )

    def __call__(self, x: jax.Array) -> jax.Array:
        """Of twice the sides."""
        channels, height, width = x.shape
        kernel = jnp.pad(self.conv.weight, ((0, 0), (0, 0), (1, 0), (1, 0)))
        # Even pixels see the kernel's odd rows and columns, filled up as it is.
        parts = kernel.reshape(-1, channels, 3, 2, 3, 2)[:, :, :, ::-1, :, ::-1]
        small = parts.transpose(0, 3, 5, 1, 2, 4).reshape(-1, channels, 3, 3)
        squares = _three_by_three(x, small).reshape(-1, 2, 2, height, width)
        pixels = squares.transpose(0, 3, 1, 4, 2).reshape(-1, 2 * height, 2 * width)
        return pixels + jnp.asarray(self.conv.bias)


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


def _three_by_three(x: jax.Array, kernel: jax.Array) -> jax.Array:
    return jax.lax.conv_general_dilated(x[None], kernel, (1, 1), ((1, 1), (1, 1)))[0]
