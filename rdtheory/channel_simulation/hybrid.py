"""Hybrid coding [TheisYosri2022] [T3.11]: a dithered lattice, and a few candidates for the rest.

In the coordinates u = Φ(z) the prior is uniform on [0, 1]^d. Targets that are narrow there sit in a
window of width 1/M in every component. With f_n uniform on [0, 1)^d, exactly one of the points

    u = (f_n + k)/M,    k in {0, ..., M - 1}^d

falls into a window, wherever it is, and it is uniform there. So candidate n is that point, a few
candidates are enough to pick one by ordered random coding, by their densities under q, and k says
which cell they are in: d log2 M bits that need no search, and the index n for what remains.

What lies outside the window, a part τ of q, is lost. With N candidates of relative densities w, of
mean 1 - τ and mean square χ over the window, c = χ/(1 - τ)², the sample is within

    τ + min( (1 - τ) c/(c + N), ½ sqrt((χ - (1 - τ)²)/N) )       (*derived here*)

of q in total variation. For the winner has the density N w E 1/(w + S), S the sum of the N - 1
others, which is at least N w/(w + E S); what is missing, in parts of q, is below w/(w + N (1 - τ)),
whose mean under q Jensen's inequality bounds. The second form is half the deviation of the mean of
w. For q = N(m, v), v < 2, χ is a product over the components of

    e^{m²/(2 - v)} (v (2 - v))^{-1/2} P(window)/M,    P = N(2 m/(2 - v), v/(2 - v)).

The recipe, for decoders by other hands: f_n are the uniforms (n - 1) d to n d - 1 of the stream
DITHER, those that are 0 replaced by 2^-54.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from rdtheory.arrays import Array, check
from rdtheory.channel_simulation.gaussian_pair import (
    DiagonalGaussian,
    StandardPair,
    standardise,
)
from rdtheory.channel_simulation.index_codes import Zipf
from rdtheory.channel_simulation.ordered_random import OrderedRandomCoding
from rdtheory.channel_simulation.random_streams import BLOCK, Key, Purpose, RandomStreams
from rdtheory.channel_simulation.range_coder import (
    decode_uniform,
    encode_uniform,
    whole_numbers,
)
from rdtheory.channel_simulation.search_tree import quantile
from rdtheory.channel_simulation.simulator import ChannelSimulator, Selection

_FINEST = 44
"""Float64 has some hundred numbers in a cell as small as that."""

_MOST_CANDIDATES = 2**20

_BATCH = 2**16
"""Numbers of the candidates of targets that are looked at together."""


@dataclass(frozen=True)
class Hybrid(ChannelSimulator):
    """Hybrid coding: for any Gaussian target; the stated error is what window and race lose.

    The decoder must know both parameters; `fitting` chooses the cells.

    Attributes:
        log2_cells: log2 M, from 0 to 44.
        candidates: N, from 1 to 2^20.

    Raises:
        InputError: if a parameter is out of range.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> target = DiagonalGaussian([0.8, -0.2], 1e-6)
    >>> hybrid = Hybrid.fitting(target, STANDARD_NORMAL)
    >>> code = hybrid.encode(target, STANDARD_NORMAL, Key(7))
    >>> hybrid.log2_cells, code.index.shape, bool(code.error < 0.05)
    (8, (3,), True)
    """

    log2_cells: int
    candidates: int = 2**8

    def __post_init__(self) -> None:
        whole_numbers("log2_cells", self.log2_cells, 0, _FINEST)
        whole_numbers("candidates", self.candidates, 1, _MOST_CANDIDATES)

    @classmethod
    def fitting(
        cls,
        target: DiagonalGaussian,
        prior: DiagonalGaussian,
        candidates: int = 2**8,
        tail: float = 1e-3,
    ) -> "Hybrid":
        """The most cells for which every target's window holds all of it but `tail`.

        Args:
            target: the targets.
            prior: as for `encode`.
            candidates: N.
            tail: the largest τ, above 0.

        Raises:
            InputError: if a parameter is out of range.

        >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian
        >>> Hybrid.fitting(DiagonalGaussian([0.0], 1e-12), STANDARD_NORMAL).log2_cells
        18
        """
        check("tail", tail, np.asarray(tail > 0), "numbers > 0")
        pair, fits = standardise(target, prior), 0
        for log2_cells in range(1, _FINEST + 1):
            if (_Windows(pair, log2_cells).outside > tail).any():
                break
            fits = log2_cells
        return cls(fits, candidates)

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """n and k of the winner of every target."""
        windows = _Windows(pair, self.log2_cells)
        index = np.empty((pair.count, 1 + pair.dim), np.int64)
        together = max(1, _BATCH // (self.candidates * pair.dim))
        for start in range(0, pair.count, together):
            targets = np.arange(start, min(start + together, pair.count))
            index[targets] = self._race(windows, key, targets)
        examined = np.full(pair.count, self.candidates)
        return Selection(index, examined, windows.error(self.candidates))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The points of these n and k, shape (n, d)."""
        number, cells = self._parts(index)
        return _points(cells, _dither(key, number, dim), self.log2_cells)

    def index_shape(self, dim: int) -> tuple[int, ...]:
        """n, k_1, ..., k_d."""
        return (1 + dim,)

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """-log2 of the probability of every target's n, and log2 M bits a component."""
        number, cells = self._parts(index)
        code = self._code_of_number(information_bits, cells.shape[1])
        return code.ideal_bits(number) + self.log2_cells * cells.shape[1]

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put all n, then all k, into a range encoder."""
        number, cells = self._parts(index)
        self._code_of_number(information_bits, cells.shape[1]).encode(number, encoder)
        encode_uniform(cells.reshape(-1), np.full(cells.size, self.log2_cells), encoder)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take n and k of `count` targets from a range decoder; the inverse of `write`."""
        number = self._code_of_number(information_bits, dim).decode(count, decoder)
        cells = decode_uniform(np.full(count * dim, self.log2_cells), decoder)
        return np.column_stack([number, cells.reshape(count, dim)])

    def _race(self, windows: "_Windows", key: Key, targets: Array) -> Array:
        """n and k of some targets, shape (k, 1 + d)."""
        dithers = _dithers(key, targets, self.candidates, windows.dim)
        cells = windows.cells(targets, dithers)
        log_density = windows.log_density(targets, _points(cells, dithers, self.log2_cells))
        waits = RandomStreams(key, Purpose.TIMES).exponentials_of_each(targets, 0, self.candidates)
        times = OrderedRandomCoding(self.candidates).times(waits, 0, np.zeros((targets.size, 1)))
        winner = np.argmin(np.log(times) - log_density, axis=1)
        return np.column_stack([winner + 1, cells[np.arange(targets.size), winner]])

    def _parts(self, index: Array) -> tuple[Array, Array]:
        number = whole_numbers("code.index", index[:, 0], 1, self.candidates)
        return number, whole_numbers("code.index", index[:, 1:], 0, 2**self.log2_cells - 1)

    def _code_of_number(self, information_bits: float, dim: int) -> Zipf:
        """For the information that the cells leave."""
        rest = max(0.0, information_bits - dim * self.log2_cells)
        return Zipf(rest, largest=self.candidates)


class _Windows:
    """The windows of the targets of a pair: where they begin, and what q has inside.

    Attributes:
        outside: τ, shape (n,).
    """

    def __init__(self, pair: StandardPair, log2_cells: int) -> None:
        self.dim, self.log2_cells = pair.dim, log2_cells
        self._mean, self._variances = np.broadcast_arrays(pair.mean, pair.variances)
        start = self._best_start()
        self._cell = np.floor(start).astype(np.int64)
        self._fraction = start - self._cell
        ends = self._ends(start)
        below, above = _tails(self._mean, self._variances, *ends)
        with np.errstate(divide="ignore"):
            self.outside = -np.expm1(np.log1p(-np.minimum(below + above, 1.0)).sum(axis=1))
        self._log_square = self._log_mean_square(*ends)

    def error(self, candidates: int) -> Array:
        """The bound on the total variation, shape (n,)."""
        inside, square = 1 - self.outside, np.exp(np.minimum(self._log_square, 700.0))
        relative = square / np.maximum(inside, 1e-300) ** 2
        few = inside * relative / (relative + candidates)
        many = np.sqrt(np.maximum(square - inside**2, 0.0) / candidates) / 2
        return np.minimum(self.outside + np.minimum(few, many), 1.0)

    def cells(self, targets: Array, dithers: Array) -> Array:
        """The k with (f + k)/M in the window, for dithers f of shape (k, c, d)."""
        return self._cell[targets, None] + (dithers < self._fraction[targets, None])

    def log_density(self, targets: Array, z: Array) -> Array:
        """ln r(z) but for a constant, for z of shape (k, c, d)."""
        return _log_ratio(z, self._mean[targets, None], self._variances[targets, None]).sum(-1)

    def _best_start(self) -> Array:
        """Where windows begin, in cells: so that r is the same at both ends, shape (n, d)."""
        low, high = np.zeros(self._mean.shape), np.full(self._mean.shape, 2.0**self.log2_cells - 1)
        for _ in range(40):
            middle = (low + high) / 2
            left, right = (
                _log_ratio(np.clip(end, -38, 38), self._mean, self._variances)
                for end in self._ends(middle)
            )
            low, high = np.where(right > left, middle, low), np.where(right > left, high, middle)
        return high

    def _ends(self, start: Array) -> tuple[Array, Array]:
        cell = np.floor(start).astype(np.int64)
        fraction = start - cell
        return tuple(_points(cell + side, fraction, self.log2_cells) for side in (0, 1))

    def _log_mean_square(self, start: Array, end: Array) -> Array:
        """ln χ, shape (n,)."""
        m, v = self._mean, self._variances
        tame = v < 2  # else it is infinite or, in a finite window, too large to be of use
        rest = np.where(tame, 2 - v, 1.0)
        below, above = _tails(2 * m / rest, v / rest, start, end)
        with np.errstate(divide="ignore"):
            log_mass = np.log(np.maximum(1 - below - above, 0.0))
        terms = m * m / rest - np.log(v * rest) / 2 + log_mass - self.log2_cells * np.log(2)
        return np.where(tame, terms, np.inf).sum(axis=1)


def _points(cells: Array, fractions: Array, log2_cells: int) -> Array:
    """z with Φ(z) = (f + k)/M."""
    count = 1 << log2_cells
    return quantile((cells + fractions) / count, (count - 1 - cells + (1 - fractions)) / count)


def _log_ratio(z: Array, mean: Array, variances: Array) -> Array:
    """ln r(z) of every component, but for a constant, without cancellation for small v."""
    return (z * z - (z - mean) ** 2 / variances) / 2


def _tails(mean: Array, variances: Array, start: Array, end: Array) -> tuple[Array, Array]:
    """The masses of N(mean, variances) below `start` and above `end`."""
    std = np.sqrt(variances)
    return ndtr((start - mean) / std), ndtr((mean - end) / std)


def _dithers(key: Key, targets: Array, count: int, dim: int) -> Array:
    """f_1, ..., f_count of these targets, shape (k, count, d)."""
    stream = RandomStreams(key, Purpose.DITHER)
    uniforms = [stream.uniforms(target, 0, count * dim) for target in targets.tolist()]
    return np.maximum(np.reshape(uniforms, (-1, count, dim)), 2.0**-54)


def _dither(key: Key, number: Array, dim: int) -> Array:
    """f_n, n = `number[i]`, of target i, shape (n, d)."""
    word = (number - 1) * dim
    blocks = word[:, None] // BLOCK + np.arange(-(-dim // BLOCK) + 1)
    uniforms = RandomStreams(key, Purpose.DITHER).uniforms_at(np.arange(len(number)), blocks)
    words = (word % BLOCK)[:, None] + np.arange(dim)
    return np.maximum(np.take_along_axis(uniforms.reshape(len(number), -1), words, 1), 2.0**-54)
