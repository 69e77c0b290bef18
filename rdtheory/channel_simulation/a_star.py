"""A* coding of scalar targets: AS* and AD* [Flamich2022].

Among the points (t, z) of a Poisson process the one with the least t/r(z) is a sample of q, as in
the Poisson functional representation. It is found in the tree of `search_tree`: no point in
the interval B of a node, or below it, has a score better than t / sup_B r, t the node's arrival.
The node of the best such bound is looked at next, until its bound is no better than the best score.

AS* splits an interval at its point, and decodes along the path; AD* splits the prior's mass in
halves, and a node's interval follows from its number: the decoder needs one step.
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.range_coder import floor_log2
from rdtheory.channel_simulation.search_tree import (
    Scalars,
    TreeSearch,
    border,
    checked_heap,
    child,
    depth_law,
    divide,
    locations,
    point,
    quantile,
    refuse_deep_trees,
    waits,
    whole_line,
)
from rdtheory.channel_simulation.simulator import Selection
from rdtheory.errors import InputError

_BATCH = 4096
"""Targets searched side by side."""


@dataclass(frozen=True)
class AStar(TreeSearch):
    """A* coding; exact, for scalar targets narrower than the prior, or equal to it.

    Attributes:
        split: "sample" (AS*) or "dyadic" (AD*).

    Raises:
        InputError: if `split` is neither; at `encode` for targets of several components, or not
            narrower than the prior: there r is unbounded, and the search would never end; if a
            search goes deeper than 61 levels: one takes about sup log2 r of them.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> a_star = AStar("dyadic")
    >>> code = a_star.encode(DiagonalGaussian([2.0], 0.09), STANDARD_NORMAL, Key(7))
    >>> bool((a_star.decode(code.received(), STANDARD_NORMAL, Key(7)) == code.sample).all())
    True
    """

    split: str = "sample"

    def __post_init__(self) -> None:
        if self.split not in ("sample", "dyadic"):
            raise InputError("split", self.split, "'sample' or 'dyadic'")

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The node of least t/r of every target."""
        scalars = Scalars(pair)
        remedy = "use BranchAndBoundGreedyPoisson(), or PoissonFunctional(epsilon=...)"
        refuse_deep_trees("sup log2 dq/dp", pair.log_sup, remedy)
        index, examined = np.empty((2, pair.count), np.int64)
        for start in range(0, pair.count, _BATCH):
            targets = np.arange(start, min(start + _BATCH, pair.count))
            search = _Search(scalars, key, targets, self.split == "sample")
            index[targets], examined[targets] = search.run()
        return Selection(index, examined, np.zeros(pair.count))

    def share(self, key: Key, targets: Array, heap: Array) -> Array:
        """f, or one half."""
        if self.split == "sample":
            return super().share(key, targets, heap)
        return np.full(heap.shape, 0.5)

    def depth_frequencies(self, information_bits: float) -> list[int]:
        """For splits in halves of mean max(3/4 I, I - 1.4) + 1/8, and as much variance.

        That is as measured for Gaussian channels up to 8 bits; beyond, the variance stays at 5.
        """
        if self.split == "sample":
            return super().depth_frequencies(information_bits)
        sixteenths = round(16 * information_bits)
        return depth_law(max(sixteenths * 3 // 4, sixteenths - 22) + 2, spread=0)

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The points of these nodes, shape (n, 1)."""
        if self.split == "sample":
            return super().sample(index, dim, key)
        depth = floor_log2(checked_heap(index))
        place = index - (1 << depth)
        masses = np.stack([place, np.ones_like(place), (1 << depth) - 1 - place])
        interval = np.ldexp(masses.astype(np.float64), -depth)
        return point(key, np.arange(len(index)), index, interval)[:, None]


class _Search:
    """Searches of some targets, side by side; row i of every array is of target `targets[i]`."""

    def __init__(self, scalars: Scalars, key: Key, targets: Array, at_sample: bool) -> None:
        self.scalars, self.key, self.targets, self.at_sample = scalars, key, targets, at_sample
        count = targets.size
        self.best, self.index = np.full(count, np.inf), np.zeros(count, np.int64)
        self.examined = np.zeros(count, np.int64)
        # The open nodes, one a column.
        self.interval, self.heap = whole_line(count)[..., None], np.ones((count, 1), np.int64)
        self.time = waits(key, targets, np.zeros(count, np.int64))[:, 1:]
        self.bound = np.full((count, 1), -np.inf)

    def run(self) -> tuple[Array, Array]:
        """The winners, and how many nodes were looked at."""
        rows, opened = np.arange(self.targets.size), 1
        while rows.size:
            self._reserve(opened + 1)
            slot = self.bound[rows, :opened].argmin(axis=1)
            going = self.bound[rows, slot] < self.best[rows]
            rows, slot = rows[going], slot[going]
            self._look_at(rows, slot, opened)
            opened += 1
        return self.index, self.examined

    def _look_at(self, rows: Array, slot: Array, column: int) -> None:
        """The nodes in these places: their points; their children, into `slot` and `column`."""
        targets, heap = self.targets[rows], self.heap[rows, slot]
        interval, time = self.interval[:, rows, slot], self.time[rows, slot]
        parts = divide(interval, locations(self.key, targets, heap))
        score = np.log(time) - self.scalars.log_ratio(border(*parts), targets)
        better = score < self.best[rows]
        self.best[rows[better]], self.index[rows[better]] = score[better], heap[better]
        self.examined[rows] += 1
        if not self.at_sample:
            parts = divide(interval, 0.5)
        waited = waits(self.key, targets, heap)
        for side, place in enumerate((slot, np.full(slot.shape, column))):
            later = time + waited[:, side] / parts[side][1]
            bound = np.log(later) - self._log_sup(parts[side], targets)
            kept = bound < self.best[rows]
            self.bound[rows, place] = np.where(kept, bound, np.inf)
            where = rows[kept], place[kept]
            self.interval[:, *where] = parts[side][:, kept]
            self.time[where], self.heap[where] = later[kept], child(heap[kept], np.int64(side))

    def _log_sup(self, interval: Array, targets: Array) -> Array:
        """ln sup r over intervals: r at the mode, or at the end next to it."""
        below, mass, above = interval
        start, end = quantile(below, mass + above), quantile(below + mass, above)
        nearest = np.clip(self.scalars.mode[targets], start, end)
        return self.scalars.log_ratio(nearest, targets)

    def _reserve(self, width: int) -> None:
        have = self.bound.shape[1]
        if width > have:
            more = ((0, 0), (0, max(have, width - have)))
            self.bound = np.pad(self.bound, more, constant_values=np.inf)
            self.time, self.heap = np.pad(self.time, more), np.pad(self.heap, more)
            self.interval = np.pad(self.interval, ((0, 0), *more))
