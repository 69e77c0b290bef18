"""The denoiser of a variational diffusion model: a Wiener filter plus a learned residual.

    x̂(y, t) = w + sqrt(ε) f(y, w, t),    w = E*[X | Y], the Gaussian model's posterior mean,
                                         ε = its mean squared error a pixel at noise t

f is a fully convolutional U-Net whose last layer starts at zero, so that the untrained denoiser is
the Gaussian model's. It looks at y, at w and at what w took for noise, each scaled to unit size,
and at Fourier features of y of period one grey level, which tell where the 256 values of a pixel
are (Kingma, Salimans, Poole and Ho 2021, arXiv 2107.00630).
"""

from collections.abc import Sequence
from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp

from rdtheory.codecs.diffc.configs import DenoiserConfig

_EMBEDDING = 32
"""Fourier features of ln t, which is from -12.5 to 3."""


class Denoiser(eqx.Module):
    """x̂(y, t) of one picture; see the module.

    >>> from rdtheory.codecs.diffc.configs import CONFIGS
    >>> network = Denoiser(CONFIGS["tiny"], jax.random.key(0, impl="rbg"))
    >>> y = jnp.ones((3, 10, 7))
    >>> bool((network(y, 0.5 * y, jnp.float32(1.0), jnp.float32(0.5)) == 0.5 * y).all())
    True
    """

    config: DenoiserConfig = eqx.field(static=True)
    level: eqx.nn.MLP
    enter: eqx.nn.Conv2d
    down: list[list["Block"]]
    shrink: list[eqx.nn.Conv2d]
    middle: "Attention | None"
    up: list[list["Block"]]
    grow: list[eqx.nn.Conv2d]
    leave: eqx.nn.Conv2d

    def __init__(self, config: DenoiserConfig, key: jax.Array) -> None:
        keys = iter(jax.random.split(key, 1024))
        widths, area = config.widths, config.patch**2
        hidden = 2 * widths[0]
        self.config = config
        self.level = eqx.nn.MLP(2 * _EMBEDDING, hidden, hidden, 1, jax.nn.silu, key=next(keys))
        self.enter = _conv(21 * area, widths[0], 3, next(keys))
        self.down = [
            [Block(width, hidden, next(keys)) for _ in range(count)]
            for width, count in zip(widths, config.blocks, strict=True)
        ]
        self.shrink = [_conv(4 * a, b, 1, next(keys)) for a, b in pairwise(widths)]
        self.middle = Attention(widths[-1], next(keys)) if config.attention else None
        self.up = [
            [Block(width, hidden, next(keys)) for _ in range(count)]
            for width, count in zip(widths[:-1], config.blocks[:-1], strict=True)
        ]
        self.grow = [_conv(b, 4 * a, 1, next(keys)) for a, b in pairwise(widths)]
        leave = _conv(widths[0], 3 * area, 3, next(keys))
        self.leave = jax.tree.map(jnp.zeros_like, leave)

    def __call__(self, y: jax.Array, w: jax.Array, t: jax.Array, error: jax.Array) -> jax.Array:
        """x̂ from y and w of shape (3, h, w) at noise variance t and Wiener error ε, scalars."""
        height, width = y.shape[1:]
        features = jnp.concatenate(
            [y / jnp.sqrt(0.3 + t), w, (y - w) / jnp.sqrt(t + error), _grey_levels(y)]
        )
        padding = [(0, 0), (0, -height % self.config.reach), (0, -width % self.config.reach)]
        features = jnp.pad(features, padding, mode="edge")
        condition = self.level(_fourier((jnp.log(t) + 5.0) / 8.0))
        x = self.enter(_to_channels(features, self.config.patch))
        kept = []
        for blocks, shrink in zip(self.down[:-1], self.shrink, strict=True):
            x = _through(blocks, x, condition)
            kept.append(x)
            x = shrink(_to_channels(x, 2))
        x = _through(self.down[-1], x, condition)
        x = x if self.middle is None else self.middle(x)
        for blocks, grow, skip in zip(self.up[::-1], self.grow[::-1], kept[::-1], strict=True):
            x = _through(blocks, skip + _to_pixels(grow(x), 2), condition)
        residual = _to_pixels(self.leave(_normal(x)), self.config.patch)
        return w + jnp.sqrt(error) * residual[:, :height, :width]


class Block(eqx.Module):
    """A residual block: two convolutions, scaled and shifted by the noise level."""

    first: eqx.nn.Conv2d
    second: eqx.nn.Conv2d
    condition: eqx.nn.Linear

    def __init__(self, width: int, hidden: int, key: jax.Array) -> None:
        keys = jax.random.split(key, 3)
        self.first = _conv(width, width, 3, keys[0])
        self.second = jax.tree.map(lambda x: 0.1 * x, _conv(width, width, 3, keys[1]))
        self.condition = eqx.nn.Linear(hidden, 2 * width, key=keys[2])

    def __call__(self, x: jax.Array, condition: jax.Array) -> jax.Array:
        """x and its residual, shape (width, h, w)."""
        scale, shift = jnp.split(self.condition(condition)[:, None, None], 2)
        inner = self.first(jax.nn.silu(_normal(x)))
        return x + self.second(jax.nn.silu(_normal(inner) * (1 + scale) + shift))


class Attention(eqx.Module):
    """Each position attends to all."""

    heads: eqx.nn.MultiheadAttention

    def __init__(self, width: int, key: jax.Array) -> None:
        self.heads = eqx.nn.MultiheadAttention(4, width, key=key)

    def __call__(self, x: jax.Array) -> jax.Array:
        """x and what its positions tell each other, shape (width, h, w)."""
        positions = _normal(x).reshape(x.shape[0], -1).T
        return x + self.heads(positions, positions, positions).T.reshape(x.shape)


def _conv(inputs: int, outputs: int, size: int, key: jax.Array) -> eqx.nn.Conv2d:
    return eqx.nn.Conv2d(inputs, outputs, size, padding=size // 2, key=key)


def _through(blocks: Sequence[Block], x: jax.Array, condition: jax.Array) -> jax.Array:
    for block in blocks:
        x = block(x, condition)
    return x


def _normal(x: jax.Array) -> jax.Array:
    """Channels of each position scaled to mean square 1: the same for pictures of any size."""
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=0, keepdims=True) + 1e-6)


def _grey_levels(y: jax.Array) -> jax.Array:
    """cos and sin of π and 2π times the grey level, shape (12, h, w)."""
    phase = jnp.concatenate([jnp.pi * 127.5 * y, 2 * jnp.pi * 127.5 * y])
    return jnp.concatenate([jnp.cos(phase), jnp.sin(phase)])


def _fourier(x: jax.Array) -> jax.Array:
    phase = x * 2.0 ** jnp.linspace(-1.0, 4.0, _EMBEDDING)
    return jnp.concatenate([jnp.cos(phase), jnp.sin(phase)])


def _to_channels(x: jax.Array, side: int) -> jax.Array:
    """(c, h, w) to (c side², h/side, w/side)."""
    c, h, w = x.shape
    x = x.reshape(c, h // side, side, w // side, side)
    return x.transpose(0, 2, 4, 1, 3).reshape(c * side**2, h // side, w // side)


def _to_pixels(x: jax.Array, side: int) -> jax.Array:
    """The inverse of `_to_channels`."""
    c, h, w = x.shape
    x = x.reshape(c // side**2, side, side, h, w)
    return x.transpose(0, 3, 1, 4, 2).reshape(c // side**2, h * side, w * side)
