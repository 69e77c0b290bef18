"""The shared candidates z_1, z_2, ... ~ N(0, I_d) of every target: independent or circulant.

Independent: candidate k of target i is normals (k-1) d to k d - 1 of its stream; it can be made
without the others.

Circulant (*derived here*): d candidates from one vector g of d normals. Candidate l = 0 .. d-1 of
block b is s ∘ roll(g_b, -l) R_l / |g_b|, with R_l the length of d normals of its own and s a vector
of signs of the target. As g/|g| is uniform on the sphere, so are its rolls with signs: each
candidate is exactly N(0, I), but they are not independent of each other. The d inner products with
a vector come from one FFT: O(ln d) a candidate in place of O(d).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.errors import InputError

_PIECE = 2**16
"""Numbers of a piece of candidates, which stays in the cache."""


def candidates(key: Key, targets: Array, first: Array | int, count: int, dim: int) -> Array:
    """Candidates first+1 .. first+count of every target, shape (n, count, dim).

    Args:
        key: the shared randomness.
        targets: numbers of the streams, shape (n,).
        first: how many candidates to skip, one number or shape (n,).
        count: how many to make.
        dim: d.

    >>> candidates(Key(7), np.array([0, 5]), 3, 2, 4).shape
    (2, 2, 4)
    """
    streams = RandomStreams(key, Purpose.CANDIDATES)
    start = np.asarray(first, np.int64) * dim
    return streams.normals_of_each(targets, start, count * dim).reshape(-1, count, dim)


def candidates_at(key: Key, targets: Array, index: Array, dim: int) -> Array:
    """Candidate number `index[i]` >= 1 of target `targets[i]`, shape (n, dim), in O(dim) each.

    Raises:
        InputError: if an index is below 1 or beyond the stream.

    >>> one = candidates_at(Key(7), np.array([5]), np.array([2**30]), 4)
    >>> bool((one == candidates(Key(7), np.array([5]), 2**30 - 1, 1, 4)[:, 0]).all())
    True
    """
    return candidates(key, targets, _checked(index, dim) - 1, 1, dim)[:, 0]


class Codebook(ABC):
    """The candidates of some targets, and their density ratios piece by piece."""

    @abstractmethod
    def log_ratios(
        self, pair: StandardPair, key: Key, targets: Array, count: int
    ) -> Iterator[Array]:
        """ln r of candidates 1 to `count` of these targets, in pieces of shape (n, ...)."""

    @abstractmethod
    def at(self, key: Key, targets: Array, index: Array, dim: int) -> Array:
        """Candidate number `index[i]` of target `targets[i]`, shape (n, dim)."""


@dataclass(frozen=True)
class Independent(Codebook):
    """Independent candidates: the reference.

    >>> z = Independent().at(Key(7), np.array([0, 1]), np.array([1, 1]), 3)
    >>> bool((z[0] == z[1]).any())
    False
    """

    def log_ratios(
        self, pair: StandardPair, key: Key, targets: Array, count: int
    ) -> Iterator[Array]:
        """ln r of candidates 1 to `count` of these targets, in pieces of shape (n, ...)."""
        step = max(1, _PIECE // (pair.dim * len(targets)))
        for first in range(0, count, step):
            z = candidates(key, targets, first, min(step, count - first), pair.dim)
            yield pair.log_ratio(z, targets)

    def at(self, key: Key, targets: Array, index: Array, dim: int) -> Array:
        """Candidate number `index[i]` of target `targets[i]`, shape (n, dim)."""
        return candidates_at(key, targets, index, dim)


@dataclass(frozen=True)
class Circulant(Codebook):
    """d candidates from d normals; scores by FFT. For blocks of hundreds of components.

    >>> pair = StandardPair(np.full((1, 64), 0.2), np.ones((1, 1)))
    >>> (ratios,) = Circulant().log_ratios(pair, Key(7), np.array([0]), 128)
    >>> z = Circulant().at(Key(7), np.zeros(128, int), np.arange(1, 129), 64)
    >>> bool(np.allclose(ratios[0], pair.log_ratio(z[None])[0], atol=1e-12))
    True
    """

    def log_ratios(
        self, pair: StandardPair, key: Key, targets: Array, count: int
    ) -> Iterator[Array]:
        """ln r of candidates 1 to `count` of these targets, in pieces of shape (n, ...)."""
        each = (self._log_ratios(pair, key, target, count) for target in targets.tolist())
        for pieces in zip(*each, strict=True):
            yield np.stack(pieces)

    def _log_ratios(self, pair: StandardPair, key: Key, target: int, count: int) -> Iterator[Array]:
        dim = pair.dim
        a, b, constant = pair.weights
        linear = np.fft.rfft(b[target] * _signs(key, target, dim)).conj()
        square = np.fft.rfft(a[target]).conj()
        step = max(1, _PIECE // dim)
        for first in range(0, -(-count // dim), step):
            rows = min(step, -(-count // dim) - first)
            g = _generators(key, target, first, rows, dim)
            lengths = _radii(key, target, first * dim, rows * dim, dim).reshape(rows, dim)
            norms = np.sqrt(np.einsum("bd,bd->b", g, g))[:, None]
            inner = np.fft.irfft(np.fft.rfft(g) * linear, dim)
            total = inner * (lengths / norms) + constant[target]
            if not pair.isotropic:
                total += np.fft.irfft(np.fft.rfft(g * g) * square, dim) * (lengths / norms) ** 2
            elif not pair.is_shift:
                total += a[target, 0] * lengths**2
            yield total.reshape(-1)[: count - first * dim]

    def at(self, key: Key, targets: Array, index: Array, dim: int) -> Array:
        """Candidate number `index[i]` of target `targets[i]`, shape (n, dim)."""
        numbers = (_checked(index, dim) - 1).tolist()
        out = np.empty((len(numbers), dim))
        for row, (target, number) in enumerate(zip(targets.tolist(), numbers, strict=True)):
            block, roll = divmod(number, dim)
            (g,) = _generators(key, target, block, 1, dim)
            scale = _radii(key, target, number, 1, dim) / np.sqrt(np.einsum("d,d->", g, g))
            out[row] = _signs(key, target, dim) * np.roll(g, -roll) * scale
        return out


def _checked(index: Array, dim: int) -> Array:
    index, most = np.asarray(index), 2**62 // dim
    if (index < 1).any() or (index > most).any():
        raise InputError("code.index", f"{index.min()} to {index.max()}", f"1 to {most}")
    return index


def _generators(key: Key, target: int, block: int, rows: int, dim: int) -> Array:
    streams = RandomStreams(key, Purpose.CANDIDATES)
    return streams.normals(target, block * dim, rows * dim).reshape(rows, dim)


def _radii(key: Key, target: int, first: int, count: int, dim: int) -> Array:
    return RandomStreams(key, Purpose.RADII).chi(target, first, count, dim)


def _signs(key: Key, target: int, dim: int) -> Array:
    return np.where(RandomStreams(key, Purpose.SIGNS).uniforms(target, 0, dim) < 0.5, -1.0, 1.0)
