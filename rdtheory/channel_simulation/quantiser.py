"""Channel simulation by dithered quantisation: noise whose law both sides know, made of intervals.

In coordinates where the prior of Z is N(0, 1), a component of the target is Z = x + noise: x is the
encoder's, and N(0, σ²) as the decoder knows it. Both sides draw an interval of length w about a
centre c such that a number uniform on it, averaged over the intervals, has the law of the noise.
With a dither U ~ Unif(-1/2, 1/2), which both have too,

    k = round(x/w + U + c/w)        Z = (k - U) w

make Z - x uniform on the interval, whatever x is [Schuchman1964] [ZamirFeder1992] [HegazyLi2022].
Given w, c and U, k is a rounded Gaussian of mean U + c/w and deviation σ/w; its entropy is the
rate I(X; Z | w, c) [T3.8, T3.9a].
"""

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64
from rdtheory.channel_simulation import rounded_gaussian
from rdtheory.channel_simulation.elementary import log, sine
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.simulator import ChannelSimulator, Selection
from rdtheory.errors import InputError

_SAME = 1e-9
"""Relative difference up to which a target's variance is the one that both sides know."""


class AdditiveNoise(ChannelSimulator):
    """Targets x + noise, the variances of noise and source known to both sides."""

    @property
    @abstractmethod
    def noise_variances(self) -> Array:
        """Of Z - x, relative to the prior's: a number, or one for each component."""

    @property
    @abstractmethod
    def source_variances(self) -> Array:
        """σ², of x as the decoder knows it, relative to the prior's."""

    def noise_std(self, dim: int) -> Array:
        """Deviation of every component's noise, shape (d,)."""
        return np.sqrt(_each(self.noise_variances, dim))

    def source_std(self, dim: int) -> Array:
        """σ of every component, shape (d,)."""
        return np.sqrt(_each(self.source_variances, dim))

    def means(self, pair: StandardPair) -> Array:
        """x of targets that have the known noise, shape (n, d).

        Raises:
            InputError: if the variances are not those that the decoder knows.
        """
        known = _each(self.noise_variances, pair.dim)
        given = np.broadcast_to(pair.variances, pair.mean.shape)
        good = np.abs(given - known) <= _SAME * known
        if not good.all():
            row, column = np.argwhere(~good)[0]
            given = f"variance {given[row, column]} of component {column} (relative to the prior's)"
            raise InputError("target", given, f"{known[column]}, which both sides know")
        return pair.mean


@dataclass(frozen=True)
class KnownVariances(AdditiveNoise):
    """Gaussian noise of variances that both sides know.

    Attributes:
        variances: v of the target relative to the prior's, in (0, 1): a number or one a component.

    Raises:
        InputError: if a variance is not in (0, 1).
    """

    variances: float | tuple[float, ...]

    def __post_init__(self) -> None:
        array = float64(np, "variances", self.variances)
        if array.ndim > 1 or array.size == 0:
            raise InputError("variances", f"shape {array.shape}", "a number or a row of numbers")
        good = (array > 0) & (array < 1)
        check("variances", array, good, "numbers in (0, 1): the target's relative to the prior's")
        plain = float(array) if array.ndim == 0 else tuple(array.tolist())
        object.__setattr__(self, "variances", plain)

    @property
    def noise_variances(self) -> Array:
        """The variances v."""
        return np.asarray(self.variances)

    @property
    def source_variances(self) -> Array:
        """1 - v, as Z ~ N(0, 1)."""
        return 1 - self.noise_variances


@dataclass(frozen=True, eq=False)
class Lattice:
    """What both sides know of every component before k is sent.

    Attributes:
        step: w, shape (n, d).
        dither: U, shape (n, d).
        mean: of x/w + U + c/w, which is that of k: U + c/w, shape (n, d).
    """

    step: Array
    dither: Array
    mean: Array

    def nearest(self, x: Array) -> Array:
        """k, int64, shape (n, d)."""
        return np.rint(in_steps(x, self.step) + self.mean).astype(np.int64)

    def points(self, k: Array) -> Array:
        """Z = (k - U) w, shape (n, d)."""
        return (k - self.dither) * self.step


class DitheredQuantiser(AdditiveNoise):
    """Noise that is uniform on intervals which do not depend on the index.

    The index of a target is k, whole numbers of any sign, shape (d,).
    """

    @abstractmethod
    def lattice(self, key: Key, count: int, dim: int) -> Lattice:
        """Intervals and dither of `count` targets."""

    def index_shape(self, dim: int) -> tuple[int, ...]:
        """One whole number a component."""
        return (dim,)

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """k of every component; exact, and without any search."""
        lattice = _lattice(self, key, pair.count, pair.dim)
        k = lattice.nearest(self.means(pair))
        return Selection(k, np.ones(pair.count, np.int64), np.zeros(pair.count))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """Z of these k, shape (n, d)."""
        return _lattice(self, key, len(index), dim).points(index)

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """-log2 of the probability of every target's k given intervals and dither, shape (n,)."""
        mean, std = self._law(key, *index.shape)
        return rounded_gaussian.ideal_bits(index, mean, std).sum(axis=1)

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put the k of n targets into a range encoder."""
        rounded_gaussian.encode(index, *self._law(key, *index.shape), encoder)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take the k of `count` targets from a range decoder; the inverse of `write`."""
        return rounded_gaussian.decode(*self._law(key, count, dim), decoder)

    def _law(self, key: Key, count: int, dim: int) -> tuple[Array, Array]:
        """Mean and deviation of every k, as the decoder knows it."""
        lattice = _lattice(self, key, count, dim)
        return lattice.mean, self.source_std(dim) / lattice.step


@lru_cache(maxsize=1)
def _lattice(quantiser: DitheredQuantiser, key: Key, count: int, dim: int) -> Lattice:
    """The last one is kept, for it is most of the work and an encoder needs it four times."""
    lattice = quantiser.lattice(key, count, dim)
    for array in (lattice.step, lattice.dither, lattice.mean):
        array.setflags(write=False)
    return lattice


def in_steps(x: Array, step: Array) -> Array:
    """x/w.

    Raises:
        InputError: if it is 2^53 or more: float64 could not tell the k apart.

    >>> in_steps(np.array([1.0]), np.array([1e-20]))
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: target: got 1.0; allowed: means (relative to the prior's deviation)
    below 2^53 steps of the quantiser
    """
    with np.errstate(over="ignore"):
        steps = x / step
    allowed = "means (relative to the prior's deviation) below 2^53 steps of the quantiser"
    check("target", x, np.abs(steps) < rounded_gaussian.LARGEST, allowed)
    return steps


def chi_square(uniforms: Array, degrees: int) -> Array:
    """χ² of so many degrees of freedom from independent uniforms, shape (...).

    With ⌊degrees/2⌋ = h: -2 ln (u_0 u_1 ... u_{h-1}), each u at least 2^-54; for odd degrees plus
    the square of a normal, -2 ln(u_h) sin²(π (u_{h+1} - 1/2)). Of operations that give the same
    bits everywhere.

    Args:
        uniforms: in [0, 1), shape (..., h) or for odd degrees (..., h + 2), or more than that.
        degrees: up to 36.

    >>> chi_square(np.full((2, 3), 0.5), 3) / np.log(4)
    array([1., 1.])
    """
    half = degrees // 2
    product = np.maximum(uniforms[..., 0], 2.0**-54)
    for factor in range(1, half):
        product = product * np.maximum(uniforms[..., factor], 2.0**-54)
    total = log(product)
    if degrees % 2:
        s = sine(uniforms[..., half + 1] - 0.5)
        total = total + log(np.maximum(uniforms[..., half], 2.0**-54)) * (s * s)
    return -2.0 * total


def _each(variances: Array, dim: int) -> Array:
    if variances.ndim and variances.size != dim:
        raise InputError("target", f"{dim} components", f"{variances.size}, as the quantiser has")
    return np.broadcast_to(variances, (dim,))
