"""Exactly Gaussian noise in blocks of n components, by dithered lattices and rejection [T3.9d].

Gaussian noise in n dimensions is uniform on balls: of radius s r with r² ~ χ²_{n+2}, s² = v the
variance that both sides know. Uniform noise on the ball comes from that on the cube around it: both
sides draw dithers U_1, U_2, ... ~ Unif(-1/2, 1/2)^n; the encoder takes the first number T of trial
for which the point of the lattice

    k = round(x/w + U_T)        Z = (k - U_T) w        w = 2 s r

falls within the ball about x [LingLi2024]. Trials succeed with probability a_n = V_n/2^n, the share
of the ball in the cube, whatever x is. The index is (T, k_1, ..., k_n): T by the code of a
geometric law, k as a rounded Gaussian given r and U_T. At high SNR it costs the gap of [T3.9d] and
H(T) - log2(1/a_n) < log2 e more than I. For n = 8 that is .39 bits a component, against .52 for the
direct layered quantiser, at 63 trials a block; below n = 6 there is no gain. T costs as much at low
SNR: there this is the wrong scheme.

The recipe, for decoders by other hands: blocks of n components in a row are counted over the whole
batch, i = 0, 1, ...; all streams are those of the key's first target. With h = ⌊(n + 2)/2⌋, and
W = h for even n, h + 2 for odd n, r² of block i is `chi_square` of uniforms i W to i W + W - 1 of
the stream RADII. Dither j = 0 ... n - 1 of trial t is u - 1/2 with u number j of the uniforms of
Philox blocks i B to i B + B - 1, B = ⌈n/4⌉, at attempt t - 1 of the stream DITHER.
"""

from dataclasses import dataclass
from math import ceil, pi
from typing import Any

import numpy as np

from rdtheory.arrays import Array, whole_number
from rdtheory.channel_simulation import rounded_gaussian
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.geometric_code import Geometric
from rdtheory.channel_simulation.quantiser import (
    KnownVariances,
    Lattice,
    chi_square,
    in_steps,
)
from rdtheory.channel_simulation.random_streams import BLOCK, Key, Purpose, RandomStreams
from rdtheory.channel_simulation.range_coder import whole_numbers
from rdtheory.channel_simulation.simulator import Selection
from rdtheory.errors import InputError
from rdtheory.progress import track

_LARGEST_BALL = 10
"""For which a block takes 401 trials."""

_TOGETHER = 2**14
"""Numbers of the dithers that are tried at a time."""


@dataclass(frozen=True)
class NBall(KnownVariances):
    """Gaussian noise of known variance in blocks: cheaper than layered, slower, for high SNR.

    Attributes:
        variances: v of the target relative to the prior's, in (0, 1): a number or one a component.
        ball_dim: n, from 2 to 10; it divides the number of components.

    Raises:
        InputError: if a variance is not in (0, 1) or n is out of range.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> ball = NBall(variances=0.01, ball_dim=3)
    >>> code = ball.encode(DiagonalGaussian([0.3, -1.2, 0.7], 0.01), STANDARD_NORMAL, Key(7))
    >>> sample = ball.decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> code.index.shape, bool((sample == code.sample).all())
    ((1, 4), True)
    """

    ball_dim: int

    def __post_init__(self) -> None:
        super().__post_init__()
        n = whole_number("ball_dim", self.ball_dim)
        if n == 1:
            raise InputError("ball_dim", 1, "2 to 10", "for 1 use the direct layered quantiser")
        if n > _LARGEST_BALL:
            trials = f"about {1 / acceptance(n):.2g}" if n < 100 else "more than 1e100"
            raise InputError("ball_dim", n, "2 to 10", f"it would take {trials} trials a block")

    def index_shape(self, dim: int) -> tuple[int, ...]:
        """T and k for every block of a target."""
        if dim % self.ball_dim:
            raise InputError("target", f"{dim} components", f"a multiple of {self.ball_dim}")
        return (dim // self.ball_dim, 1 + self.ball_dim)

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """T and k of every block; exact."""
        blocks, _ = self.index_shape(pair.dim)
        x = self.means(pair).reshape(-1, self.ball_dim)
        steps = self._steps(key, pair.count, pair.dim)
        scaled, trials = in_steps(x, steps), np.empty(len(x), np.int64)
        together = max(256, int(_TOGETHER * acceptance(self.ball_dim)) // self.ball_dim)
        for start in track(range(0, len(x), together), "coding blocks"):
            piece = np.arange(start, min(start + together, len(x)))
            trials[piece] = _first_accepted(key, piece, scaled[piece])
        dither = _dithers(key, np.arange(len(x)), trials, self.ball_dim)
        k = Lattice(steps, dither, dither).nearest(x)
        index = np.column_stack([trials, k]).reshape(pair.count, blocks, -1)
        candidates = trials.reshape(pair.count, blocks).sum(axis=1)
        return Selection(index, candidates, np.zeros(pair.count))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """Z of these trials and k, shape (n, d)."""
        trials, k = self._parts(index)
        lattice = self._lattice(key, len(index), dim, trials)
        return lattice.points(k).reshape(len(index), dim)

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """-log2 of the probability of every target's trials and k, shape (n,)."""
        trials, k = self._parts(index)
        bits = rounded_gaussian.ideal_bits(k, *self._law(key, len(index), trials))
        bits[:, 0] += Geometric(acceptance(self.ball_dim)).ideal_bits(trials)
        return bits.reshape(len(index), -1).sum(axis=1)

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put the trials, then the k, of n targets into a range encoder."""
        trials, k = self._parts(index)
        Geometric(acceptance(self.ball_dim)).encode(trials, encoder)
        rounded_gaussian.encode(k, *self._law(key, len(index), trials), encoder)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take trials and k of `count` targets from a range decoder; the inverse of `write`."""
        blocks, parts = self.index_shape(dim)
        trials = Geometric(acceptance(self.ball_dim)).decode(count * blocks, decoder)
        k = rounded_gaussian.decode(*self._law(key, count, trials), decoder)
        return np.column_stack([trials, k]).reshape(count, blocks, parts)

    def _parts(self, index: Array) -> tuple[Array, Array]:
        trials, k = index[..., 0].reshape(-1), index[..., 1:].reshape(-1, self.ball_dim)
        return whole_numbers("code.index", trials, 1, Geometric.largest), k

    def _law(self, key: Key, count: int, trials: Array) -> tuple[Array, Array]:
        """Mean and deviation of the k of every block, shape (blocks of all targets, n)."""
        dim = trials.size // max(count, 1) * self.ball_dim
        lattice = self._lattice(key, count, dim, trials)
        std = np.tile(self.source_std(dim), count).reshape(-1, self.ball_dim)
        return lattice.mean, std / lattice.step

    def _lattice(self, key: Key, count: int, dim: int, trials: Array) -> Lattice:
        dither = _dithers(key, np.arange(len(trials)), trials, self.ball_dim)
        return Lattice(self._steps(key, count, dim), dither, dither)

    def _steps(self, key: Key, count: int, dim: int) -> Array:
        """W of every component, shape (blocks of all targets, n)."""
        n, blocks = self.ball_dim, self.index_shape(dim)[0] * count
        words = (n + 2) // 2 + 2 * (n % 2)
        uniforms = RandomStreams(key, Purpose.RADII).uniforms(0, 0, blocks * words)
        radii = np.sqrt(chi_square(uniforms.reshape(blocks, words), n + 2))
        std = np.tile(self.noise_std(dim), count).reshape(-1, n)
        return 2.0 * radii[:, None] * std


def acceptance(n: int) -> float:
    """a_n = V_n/2^n, the share of a ball in the cube around it; a_n = a_{n-2} π/(2 n).

    >>> round(1 / acceptance(8), 2)
    63.07
    """
    return 1.0 if n < 2 else acceptance(n - 2) * pi / (2 * n)


def _first_accepted(key: Key, blocks: Array, steps: Array) -> Array:
    """T of these blocks, whose x/w is `steps`, shape (c, n)."""
    n, first = steps.shape[1], 0
    trials, pending = np.empty(len(blocks), np.int64), np.arange(len(blocks))
    while pending.size:
        # No more than are expected to be needed, and than stay in the cache.
        count = min(ceil(1 / acceptance(n)), max(1, _TOGETHER // (pending.size * n)))
        dither = _dithers(key, blocks[pending, None], first + 1 + np.arange(count), n)
        points = steps[pending, None] + dither
        points -= np.rint(points)
        accepted = np.einsum("bcn,bcn->bc", points, points) <= 0.25
        earliest = accepted.argmax(axis=1)
        found = accepted[np.arange(pending.size), earliest]
        trials[pending[found]] = first + earliest[found] + 1
        pending, first = pending[~found], first + count
    return trials


def _dithers(key: Key, blocks: Array, trials: Array, n: int) -> Array:
    """Dithers of these trials of these blocks, shape (..., n); the two broadcast."""
    blocks, trials = np.broadcast_arrays(blocks, trials)
    width = -(-n // BLOCK)
    numbers = blocks[..., None] * width + np.arange(width)
    streams = RandomStreams(key, Purpose.DITHER)
    uniforms = streams.uniforms_at(np.zeros(1, np.int64), numbers, trials[..., None] - 1)
    return uniforms.reshape(*blocks.shape, width * BLOCK)[..., :n] - 0.5
