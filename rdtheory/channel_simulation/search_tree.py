"""Search trees of a Poisson process, for scalar targets.

The points of a Poisson process on (0, ∞) x R of intensity dt p(dz) form a tree. A node is an
interval B; its point is the first to arrive in B after its parent's point, later by Exp(1)/p(B).
B is split for two children, at its point or where p halves. Node h has the children 2h (left) and
2h + 1 (right); the root is node 1 and all of R. Node h of target i takes from the shared streams

    arrival     E, word 4 ⌊h/2⌋ + (h mod 2) of TIMES: the children of a node share a block
    location    f, word 4 h of CANDIDATES: the point has the fraction f of p(B) below it

An interval is kept as the prior masses below it, in it and above it, which keep their digits in
both tails of p.

The number h travels as its depth, then its path: right with the probability that p gives to the
right part. That takes -log2 p(B) bits for the path, about 0.7 a level where intervals are split at
their points, in place of the 1 bit a level that the code of a whole number h would take.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]
from scipy.special import ndtri

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import (
    Key,
    Purpose,
    RandomStreams,
    exponentials_of,
)
from rdtheory.channel_simulation.range_coder import (
    PRECISION,
    decoded,
    floor_log2,
    foreign_data,
    frequencies,
    symbols_of,
    table,
)
from rdtheory.channel_simulation.simulator import ChannelSimulator
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats

DEEPEST = 61
"""Depth of the deepest nodes that are searched (the root has depth 0): heap indices below 2^62."""


class TreeSearch(ChannelSimulator):
    """An algorithm whose index is the number of a node in the search tree of a scalar target.

    Unless a subclass says otherwise, intervals are split at their points.
    """

    def share(self, key: Key, targets: Array, heap: Array) -> Array:
        """The part of a node's prior mass that goes to its left child."""
        return locations(key, targets, heap)

    def depth_frequencies(self, information_bits: float) -> list[int]:
        """Probabilities of the depths 0 to DEEPEST, as `frequencies`.

        Of mean max(I, 11/8 I - 1.7) + 1/8, as measured for Gaussian channels: 2 ln 2 levels a bit,
        as in any tree of random splits, and of twice that variance.
        """
        sixteenths = round(16 * information_bits)
        return depth_law(max(sixteenths, sixteenths * 11 // 8 - 27) + 2, spread=1)

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The points of these nodes, shape (n, 1)."""
        interval = whole_line(len(index))
        for rows, share, right in self._path(index, key):
            left_part, right_part = divide(interval[:, rows], share)
            interval[:, rows] = np.where(right, right_part, left_part)
        return point(key, np.arange(len(index)), index, interval)[:, None]

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """-log2 of the probability of every target's node, shape (n,)."""
        probabilities = np.array(self.depth_frequencies(information_bits)) / PRECISION
        bits = -np.log2(probabilities[floor_log2(index)])
        for rows, share, right in self._path(index, key):
            bits[rows] -= np.log2(np.where(right, 1 - share, share))
        return bits

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put n nodes into a range encoder: all depths, then the paths level by level."""
        depths = table(self.depth_frequencies(information_bits))
        encoder.encode(symbols_of(floor_log2(index)), depths)
        for _, share, right in self._path(index, key):
            encoder.encode(symbols_of(right), _SIDE, 1 - share)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take `count` nodes from a range decoder; the inverse of `write`."""
        depths = table(self.depth_frequencies(information_bits))
        depth = decoded(decoder, depths, count)
        index = np.ones(count, np.int64)
        for level in range(int(depth.max(initial=0))):
            rows = np.flatnonzero(depth > level)
            share = self.share(key, rows, index[rows])
            try:
                right = decoder.decode(_SIDE, 1 - share)
            except AssertionError:
                raise foreign_data() from None
            index[rows] = 2 * index[rows] + right
        return index

    def _path(self, heap: Array, key: Key) -> Iterator[tuple[Array, Array, Array]]:
        """From the root down: targets whose node is deeper, share of the left, whether right."""
        depth = floor_log2(checked_heap(heap))
        for level in range(int(depth.max(initial=0))):
            rows = np.flatnonzero(depth > level)
            below = heap[rows] >> (depth[rows] - level - 1)
            yield rows, self.share(key, rows, below >> 1), below & 1 == 1


class Scalars:
    """Scalar targets q = N(m, ρ²).

    Raises:
        InputError: if targets have several components.
    """

    def __init__(self, pair: StandardPair) -> None:
        if pair.dim != 1:
            raise InputError(
                "target",
                f"{pair.dim} components",
                "one component a target",
                "make each component a target of its own, or use ordered random coding",
            )
        self.mean, self.std = pair.mean[:, 0], np.sqrt(pair.variances[:, 0])
        narrowing = (1 - self.std) * (1 + self.std)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.mode = np.where(self.mean == 0, 0.0, self.mean / narrowing)

    def log_ratio(self, z: Array, targets: Array) -> Array:
        """ln r(z), one z for each of these targets, without cancellation where ρ is small."""
        std = self.std[targets]
        return z * z / 2 - ((z - self.mean[targets]) / std) ** 2 / 2 - np.log(std)


def whole_line(count: int) -> Array:
    """`count` times the interval R: masses below, in and above, shape (3, count).

    >>> whole_line(2)
    array([[0., 0.], [1., 1.], [0., 0.]])
    """
    return np.tile([[0.0], [1.0], [0.0]], count)


def divide(interval: Array, share: Array | float) -> tuple[Array, Array]:
    """The parts left and right of the point that has `share` of an interval's mass below it.

    >>> left, right = divide(whole_line(1), 0.25)
    >>> left[:, 0], right[:, 0]
    (array([0.  , 0.25, 0.75]), array([0.25, 0.75, 0.  ]))
    """
    below, mass, above = interval
    left, right = mass * share, mass * (1 - share)
    return np.stack([below, left, above + right]), np.stack([below + left, right, above])


def border(left: Array, right: Array) -> Array:
    """The z where two neighbours meet.

    >>> border(*divide(whole_line(1), 0.5))
    array([0.])
    """
    return quantile(right[0], left[2])


def quantile(below: Array, above: Array) -> Array:
    """The z with prior masses Φ(z) = below and Φ(-z) = above, from the smaller one.

    >>> quantile(np.array([1e-30, 1.0]), np.array([1.0, 1e-30])).round(4)
    array([-11.464,  11.464])
    """
    z = ndtri(np.minimum(below, above))
    return np.where(below <= above, z, -z)


def point(key: Key, targets: Array, heap: Array, interval: Array) -> Array:
    """The points z of these nodes, given their intervals."""
    return border(*divide(interval, locations(key, targets, heap)))


def locations(key: Key, targets: Array, heap: Array) -> Array:
    """f of these nodes, in (0, 1)."""
    streams = RandomStreams(key, Purpose.CANDIDATES)
    return np.maximum(streams.uniforms_at(targets, heap)[..., 0], 2.0**-54)


def waits(key: Key, targets: Array, heap: Array) -> Array:
    """E of the left and of the right child of these nodes, shape (n, 2)."""
    streams = RandomStreams(key, Purpose.TIMES)
    return exponentials_of(streams.uniforms_at(targets, heap)[..., :2])


def refuse_deep_trees(name: str, nats: Array, remedy: str) -> None:
    """Raise an InputError if a search would go too deep: it takes about a level a bit."""
    most = float(bits_from_nats(np.max(nats, initial=0.0)))
    if most > DEEPEST:
        raise InputError(
            "target",
            f"one of {name} = {most:.3g} bits",
            f"at most {DEEPEST}, as the search goes about so deep",
            remedy,
        )


def child(heap: Array, right: Array) -> Array:
    """The left or the right child.

    Raises:
        InputError: if it is too deep.
    """
    if (heap >= 2**DEEPEST).any():
        raise InputError(
            "target",
            f"one whose search goes deeper than {DEEPEST} levels",
            "targets of less information",
            "use a layered quantiser, or AStar('dyadic') for narrow targets",
        )
    return 2 * heap + right


def checked_heap(heap: Array) -> Array:
    """Numbers of nodes, if they are such as a search may find."""
    good = (heap >= 1) & (heap < 2 ** (DEEPEST + 1))
    if not good.all():
        raise InputError("code.index", int(heap[~good][0]), f"1 to 2^{DEEPEST + 1} - 1")
    return heap


def depth_law(mean_sixteenths: int, spread: int) -> list[int]:
    """Frequencies of the depths 0 to DEEPEST: Poisson (spread 0) or negative binomial (1) law.

    The latter has twice the variance. One part in 16 is uniform, for targets unlike the others.

    >>> [round(n / 2**24, 3) for n in depth_law(16, spread=0)[:4]]
    [0.346, 0.346, 0.173, 0.058]
    """
    weights = [1 << 64]
    for depth in range(DEEPEST):  # whole numbers: the same on every machine
        factor = mean_sixteenths + 16 * depth * spread
        weights.append(weights[-1] * factor // (16 * (depth + 1) * (1 + spread)))
    uniform = sum(weights) // (15 * len(weights))
    return frequencies([weight + uniform for weight in weights])


_SIDE = stream.model.Bernoulli(perfect=False)
"""1 for right, of a given probability."""
