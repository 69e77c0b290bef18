"""The randomness that encoder and decoder share: counter-based streams, one for each purpose.

A stream is named by a key, a purpose and the number of a target, and is an endless sequence of
blocks of four 64-bit words. Block b is Philox4x64-10 [Salmon2011] with

    key       (seed, message)
    counter   (b + 1, target, purpose, attempt)

so that no two streams share a word, and any word costs the same, however far out it lies. Word w is
read as u = floor(w / 2^11) 2^-53, a uniform number in [0, 1); everything else is made from such:

    exponential   E = -ln max(u, 2^-54), from a word of its own: never 0, never infinite
    normals       the pair r cos a, r sin a, r = sqrt(2 E(u)), a = 2π (u' - 1/2), from two words in
                  a row [BoxMuller1958]; normal j of a stream comes from words 2⌊j/2⌋, 2⌊j/2⌋ + 1
    chi           the length of d normals, from block b at attempt 0, 1, ...: a normal x from its
                  first two words, u from the third; with δ = d/2 - 1/3, v = (1 + x/(3 sqrt δ))³ the
                  first attempt with v > 0 and ln u < x²/2 + δ - δv + δ ln v gives sqrt(2 δ v)
                  [MarsagliaTsang2000]; for d = 1 it is |x|

Another program that follows these lines makes the same numbers, up to the last bits of ln and tan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.errors import InputError

BLOCK = 4
"""Words of 64 bits in a block of Philox4x64."""

_PIECE = 4096
"""Normals are made in pieces that stay in the cache."""

_MANY, _FEW = 2048, 8
"""For so many numbers a target, or so few targets, runs through the streams beat jumps."""


class Purpose(IntEnum):
    """What a stream is for; streams of different purposes are independent."""

    CANDIDATES = 1
    TIMES = 2
    DITHER = 3
    RADII = 4
    SIGNS = 5
    DECODER = 6
    """Randomness of the reconstruction alone, as for ancestral sampling."""


@dataclass(frozen=True)
class Key:
    """What encoder and decoder agree on: a seed, and which of its streams are used.

    Attributes:
        seed: from 0 to 2^64 - 1.
        message: from 0 to 2^64 - 1; messages of one seed use disjoint streams.
        target: number of the first target of a batch, from 0 to 2^62 - 1; the others follow.

    Raises:
        InputError: if a number is out of range.

    >>> Key(7, message=1).from_target(5)
    Key(seed=7, message=1, target=5)
    """

    seed: int
    message: int = 0
    target: int = 0

    def __post_init__(self) -> None:
        for name, bits in (("seed", 64), ("message", 64), ("target", 62)):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not whole or not 0 <= value < 2**bits:
                raise InputError(name, repr(value), f"a whole number from 0 to 2^{bits} - 1")
            object.__setattr__(self, name, int(value))

    def from_target(self, target: int) -> "Key":
        """The key of a batch whose first target has this number."""
        return Key(self.seed, self.message, target)


@dataclass(frozen=True)
class RandomStreams:
    """The streams of one key and purpose, one for each target.

    >>> streams = RandomStreams(Key(7), Purpose.CANDIDATES)
    >>> far = streams.normals(0, 2**40, 3)
    >>> bool((far == streams.normals(0, 2**40 - 1, 4)[1:]).all())
    True
    """

    key: Key
    purpose: Purpose

    def uniforms(self, target: int, start: int, count: int) -> Array:
        """Words `start` to `start + count - 1` of one target as numbers in [0, 1), shape (count,).

        >>> RandomStreams(Key(7), Purpose.DITHER).uniforms(3, 5, 2).shape
        (2,)
        """
        skip = start % BLOCK
        generator = self._generator(target, start // BLOCK)
        return generator.random(skip + count)[skip:]

    def uniforms_at(self, targets: Array, blocks: Array, attempt: int | Array = 0) -> Array:
        """The four uniforms of block `blocks[i, ...]` of target `targets[i]`, shape (..., 4).

        `attempt` is one number or has the shape of `blocks`.

        >>> streams = RandomStreams(Key(7), Purpose.TIMES)
        >>> at = streams.uniforms_at(np.array([3, 8]), np.array([[0, 1], [5, 6]]))
        >>> at.shape, bool((at[1].ravel() == streams.uniforms(8, 20, 8)).all())
        ((2, 2, 4), True)
        """
        blocks = np.asarray(blocks)
        targets = np.asarray(targets).reshape((-1,) + (1,) * (blocks.ndim - 1)) + self.key.target
        counter = (
            blocks.astype(np.uint64) + np.uint64(1),
            np.broadcast_to(targets.astype(np.uint64), blocks.shape),
            np.full(blocks.shape, int(self.purpose), np.uint64),
            np.full(blocks.shape, attempt, np.uint64),
        )
        words = np.stack(_philox4x64(counter, (self.key.seed, self.key.message)), axis=-1)
        return (words >> np.uint64(11)) * 2.0**-53

    def exponentials(self, target: int, start: int, count: int) -> Array:
        """-ln of the uniforms `start` to `start + count - 1`, mean 1, shape (count,)."""
        return exponentials_of(self.uniforms(target, start, count))

    def exponentials_of_each(self, targets: Array, start: Array | int, count: int) -> Array:
        """`exponentials` of many targets, each from a start of its own, shape (n, count)."""
        uniforms = self._of_each(self.uniforms, self.uniforms_at, targets, start, count)
        return exponentials_of(uniforms)

    def normals(self, target: int, start: int, count: int) -> Array:
        """Normals `start` to `start + count - 1` of one target, shape (count,)."""
        skip = start % 2
        out = np.empty(skip + count + (skip + count) % 2)
        first = start - skip
        generator = self._generator(target, first // BLOCK)
        if first % BLOCK:
            out[:2] = _normals_of(generator.random(BLOCK)[2:])
        done = first % BLOCK
        u, scratch = np.empty((2, _PIECE))
        for begin in range(done, out.size, _PIECE):
            piece = out[begin : begin + _PIECE]
            generator.random(out=u[: piece.size])
            _put_normals(u[: piece.size], piece, scratch[: piece.size])
        return out[skip : skip + count]

    def normals_of_each(self, targets: Array, start: Array | int, count: int) -> Array:
        """`normals` of many targets, each from a start of its own, shape (n, count).

        >>> RandomStreams(Key(7), Purpose.CANDIDATES).normals_of_each([3, 5], [0, 2**40], 6).shape
        (2, 6)
        """
        return self._of_each(self.normals, self._normals_at, targets, start, count)

    def chi(self, target: int, start: int, count: int, dim: int) -> Array:
        """`count` lengths of vectors of `dim` normals, from block `start` on, shape (count,).

        >>> lengths = RandomStreams(Key(7), Purpose.RADII).chi(0, 0, 1000, dim=64)
        >>> bool(abs((lengths**2).mean() - 64) < 3)
        True
        """
        generator = self._generator(target, start)
        u = generator.random((count, BLOCK))
        lengths, accepted = _chi_attempt(u, dim)
        attempt, pending = 1, np.flatnonzero(~accepted)
        while pending.size:
            u = self.uniforms_at(np.full(pending.size, target), pending + start, attempt)
            lengths[pending], accepted = _chi_attempt(u, dim)
            attempt, pending = attempt + 1, pending[~accepted]
        return lengths

    def _normals_at(self, targets: Array, blocks: Array) -> Array:
        uniforms = self.uniforms_at(targets, blocks)
        return _normals_of(uniforms.reshape(-1)).reshape(uniforms.shape)

    def _of_each(
        self,
        run: Callable[[int, int, int], Array],
        jump: Callable[[Array, Array], Array],
        targets: Array,
        start: Array | int,
        count: int,
    ) -> Array:
        targets = np.asarray(targets)
        start = np.broadcast_to(np.asarray(start, np.int64), targets.shape)
        if count >= _MANY or targets.size <= _FEW:
            pairs = zip(targets.tolist(), start.tolist(), strict=True)
            return np.reshape([run(target, begin, count) for target, begin in pairs], (-1, count))
        blocks = np.arange(-(-(count + BLOCK - 1) // BLOCK))
        words = jump(targets, (start // BLOCK)[:, None] + blocks).reshape(targets.size, -1)
        return np.take_along_axis(words, (start % BLOCK)[:, None] + np.arange(count), axis=1)

    def _generator(self, target: int, block: int) -> Any:
        counter = np.array([block, target + self.key.target, int(self.purpose), 0], np.uint64)
        key = np.array([self.key.seed, self.key.message], np.uint64)
        # NumPy's Philox adds one to the counter before each block, hence b + 1 above.
        return np.random.Generator(np.random.Philox(key=key, counter=counter))


def exponentials_of(uniforms: Array) -> Array:
    """-ln max(u, 2^-54): Exp(1) from uniforms in [0, 1), neither 0 nor infinite.

    >>> exponentials_of(np.array([0.0, 1 - 2.0**-53])) > 0
    array([ True,  True])
    """
    return -np.log(np.maximum(uniforms, 2.0**-54))


def _normals_of(uniforms: Array) -> Array:
    """Box and Muller's pairs; the uniforms are spent."""
    out, scratch = np.empty_like(uniforms), np.empty_like(uniforms)
    _put_normals(uniforms, out, scratch)
    return out


def _put_normals(uniforms: Array, out: Array, scratch: Array) -> None:
    """The same in given memory. With t = tan(a/2): cos a = (1-t²)/(1+t²), sin a = 2t/(1+t²)."""
    half = uniforms.size // 2
    radius, tangent = scratch[:half], scratch[half : 2 * half]
    np.maximum(uniforms[0::2], 2.0**-54, out=radius)
    np.log(radius, out=radius)
    np.multiply(radius, -2.0, out=radius)
    np.sqrt(radius, out=radius)
    np.subtract(uniforms[1::2], 0.5, out=tangent)
    np.multiply(tangent, np.pi, out=tangent)
    np.tan(tangent, out=tangent)
    square = np.multiply(tangent, tangent, out=uniforms[:half])  # the uniforms are spent
    np.add(square, 1.0, out=square)
    np.divide(radius, square, out=radius)
    np.subtract(2.0, square, out=square)
    np.multiply(radius, square, out=out[0::2])
    np.multiply(radius, 2.0, out=radius)
    np.multiply(radius, tangent, out=out[1::2])


def _chi_attempt(uniforms: Array, dim: int) -> tuple[Array, Array]:
    x = _normals_of(np.ascontiguousarray(uniforms[:, :2]).reshape(-1))[0::2]
    if dim == 1:
        return np.abs(x), np.full(x.shape, True)
    delta = dim / 2 - 1 / 3
    root = 1 + x / (3 * delta**0.5)
    v = root * root * root
    u = uniforms[:, 2]
    square = x * x
    accepted = u < 1 - 0.0331 * square * square  # below the exact curve: spares the logarithms
    unsure = np.flatnonzero(~accepted & (v > 0))
    exact = square[unsure] / 2 + delta * (1 - v[unsure] + np.log(v[unsure]))
    accepted[unsure] = np.log(np.maximum(u[unsure], 2.0**-54)) < exact
    return np.sqrt(2 * delta * np.maximum(v, 0.0)), accepted & (v > 0)


_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def _philox4x64(counter: tuple[Array, ...], key: tuple[int, int]) -> tuple[Array, ...]:
    """Philox4x64-10 at any counters at once; NumPy's own runs through one counter in order."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = _multiply(c0, _MULTIPLIERS[0])
        high1, low1 = _multiply(c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ np.uint64(k0), low1, high0 ^ c3 ^ np.uint64(k1), low0
        k0, k1 = (k0 + _WEYL[0]) % 2**64, (k1 + _WEYL[1]) % 2**64
    return c0, c1, c2, c3


def _multiply(a: Array, b: int) -> tuple[Array, Array]:
    """The upper and the lower 64 bits of a · b, from products of 32-bit halves."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    b_low, b_high = np.uint64(b & 0xFFFFFFFF), np.uint64(b >> 32)
    a_low, a_high = a & mask, a >> shift
    middle = a_high * b_low + (a_low * b_low >> shift)
    carry = (middle & mask) + a_low * b_high
    return a_high * b_high + (middle >> shift) + (carry >> shift), a * np.uint64(b)
