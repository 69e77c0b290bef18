"""Layered quantisers: exactly Gaussian noise, one whole number a component, no search [T3.9].

The noise s N, N ~ N(0, 1) and s² = v the variance that both sides know, is a mixture of uniform
laws, one for each height of the graph of f(t) = exp(-t²/2): a point uniform below the graph has
abscissa N, and given its height y it is uniform on an interval. With R² ~ χ²_3 and
R' = sqrt(-2 ln(1 - exp(-R²/2))), both sides draw

    direct    [-s R, s R]: the slice of the graph at height y = exp(-R²/2)
              [Wilson2000] [HegazyLi2022]
    shifted   [-s R', s R] or [-s R, s R'], each with probability 1/2: the slice at height y of the
              graph whose left half is turned upside down, 1 - f in place of f [Wilson2000]; never
              narrower than sqrt(8 ln 2) s, so that |k| is bounded if |x| is

and dither as `quantiser` has it. The source, as the decoder knows it, is x ~ N(0, 1 - v), so that
Z ~ N(0, 1), the prior.

The direct one costs I(X; Z | R) = E log 1/P_X(|X' - Z| <= s R), at high SNR .5208 bits more than I
[T3.9b]. That is E D_CS [T3.6a], below which no one-shot scheme can be [T3.6b] (*derived here*): a
height uniform on [0, p(z|x)] cuts out {x': |x' - z| <= s R}, which is a level set of
p(x'|z)/p(x'), so that the cost is D_CS of x given z, averaged over z; and as (x/sqrt(1-v), z) can
change places, it is that of z given x.

The recipe, for decoders by other hands: component number i of the whole batch (row by row) has the
four uniforms u_0 ... u_3 of block i of the stream DITHER of the key's first target; R² is
`chi_square` of u_0, u_1, u_2; the first of the two shifted slices is taken if u_2 >= 1/2;
U = u_3 - 1/2. All of it by the functions of `elementary`, so that it has the same bits everywhere;
k by `rounded_gaussian`.
"""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.elementary import exp_minus, log
from rdtheory.channel_simulation.quantiser import (
    DitheredQuantiser,
    KnownVariances,
    Lattice,
    chi_square,
)
from rdtheory.channel_simulation.random_streams import BLOCK, Key, Purpose, RandomStreams

_PIECE = 8192
"""Components are worked through in pieces that stay in the cache."""


@dataclass(frozen=True)
class Layered(KnownVariances, DitheredQuantiser):
    """Gaussian noise of known variance from uniform noise on random intervals.

    Attributes:
        variances: v of the target relative to the prior's, in (0, 1): a number or one a component.

    Raises:
        InputError: if a variance is not in (0, 1).
    """

    @abstractmethod
    def interval(self, uniforms: Array) -> tuple[Array, Array | float]:
        """Length of an interval in units of s, and its centre in units of the length.

        From uniforms of shape (c, 4), of which the last is not to be used.
        """

    def lattice(self, key: Key, count: int, dim: int) -> Lattice:
        """Intervals and dither of `count` targets."""
        streams = RandomStreams(key, Purpose.DITHER)
        step, dither, mean = np.empty((3, count * dim))
        for start in range(0, count * dim, _PIECE):
            piece = slice(start, min(start + _PIECE, count * dim))
            size = piece.stop - start
            uniforms = streams.uniforms(0, BLOCK * start, BLOCK * size).reshape(size, BLOCK)
            step[piece], centre = self.interval(uniforms)
            np.subtract(uniforms[:, 3], 0.5, out=dither[piece])
            np.add(dither[piece], centre, out=mean[piece])
        step, dither, mean = (array.reshape(count, dim) for array in (step, dither, mean))
        step *= self.noise_std(dim)
        return Lattice(step, dither, mean)


@dataclass(frozen=True)
class DirectLayered(Layered):
    """Intervals [-s R, s R], R² ~ χ²_3: the cheapest exact Gaussian noise of known variance.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> layered = DirectLayered(variances=0.1)
    >>> code = layered.encode(DiagonalGaussian([0.3, -1.2], 0.1), STANDARD_NORMAL, Key(7))
    >>> sample = layered.decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> code.index.shape, bool((sample == code.sample).all())
    ((2,), True)
    """

    def interval(self, uniforms: Array) -> tuple[Array, float]:
        """2 R, and centre 0."""
        return 2.0 * np.sqrt(chi_square(uniforms, 3)), 0.0


@dataclass(frozen=True)
class ShiftedLayered(Layered):
    """Intervals of R on one side and R' on the other: never short, so that |k| is bounded.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> shifted = ShiftedLayered(variances=(0.1, 0.5))
    >>> target = DiagonalGaussian([[0.3, -1.2], [0.0, 0.4]], [0.1, 0.5])
    >>> shifted.encode(target, STANDARD_NORMAL, Key(7)).index.shape
    (2, 2)
    """

    def interval(self, uniforms: Array) -> tuple[Array, Array]:
        """R + R', and centre ±(R - R')/2."""
        square = chi_square(uniforms, 3)
        # Only rounding, at R near 2^-26, can make 1 - y vanish.
        other = log(np.maximum(1.0 - exp_minus(square / 2), 2.0**-54))
        long, short = np.sqrt(square), np.sqrt(-2.0 * other)
        length = long + short
        side = np.where(uniforms[:, 2] >= 0.5, 0.5, -0.5)
        return length, (long - short) / length * side
