"""Masking schedules: which of the w = side² tokens of a patch are coded at which of the S steps.

How many: f(x) = w (x/S)^α tokens after x steps, in whole numbers, at least one at each step (the
power schedule). Where, by an order of all tokens that is cut into groups:

    raster        row by row; with S = w the fully autoregressive case
    random        a permutation by a seed
    qlds          cells of the grid as a low-discrepancy sequence meets them: groups spread evenly,
                  and so do unions of the first groups; Roberts' R2, k (1/g, 1/g²) mod 1, g³ = g + 1
    checkerboard  the cells of one colour, then the others'
    entropy       at each step those that are easiest to predict: known to coders only as they go

(Neural data compression with masked transformer models, [0057] to [0065]; Mentzer, Agustsson and
Tschannen 2023, arXiv 2304.07313.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from rdtheory.arrays import number, whole_number
from rdtheory.errors import InputError

ORDERS = ("raster", "random", "qlds", "checkerboard")
"""Orders that are known before coding."""

LOCATIONS = (*ORDERS, "entropy")

MOST_SIDE = 64

_G = 1.32471795724474602596
"""The real root of g³ = g + 1."""


@dataclass(frozen=True)
class Schedule:
    """A schedule of S steps, or for `entropy` the sizes of its groups alone.

    Attributes:
        side: of the square patch, tokens.
        location: one of `LOCATIONS`.
        sizes: tokens of each group, S numbers that sum to w.
        order: all tokens, by row and column in one number, in the order of groups; empty for
            `entropy`.

    >>> schedule("qlds", 24, 12).sizes
    (2, 9, 16, 24, 33, 41, 51, 60, 70, 80, 90, 100)
    """

    side: int
    location: str
    sizes: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def groups(self) -> list[np.ndarray]:
        """Tokens of each step, S arrays.

        >>> [group.tolist() for group in schedule("checkerboard", 2).groups]
        [[0, 3], [1, 2]]
        """
        return np.split(np.array(self.order, dtype=int), np.cumsum(self.sizes)[:-1])

    @property
    def steps(self) -> np.ndarray:
        """At which step, from 0, each token is coded: whole numbers, shape (side, side).

        >>> schedule("raster", 2, 4).steps
        array([[0, 1],
               [2, 3]])
        """
        found = np.empty(len(self.order), int)
        found[list(self.order)] = np.repeat(np.arange(len(self.sizes)), self.sizes)
        return found.reshape(self.side, self.side)


def schedule(
    location: str, side: int, steps: int | None = None, alpha: float = 2.2, seed: int = 0
) -> Schedule:
    """The schedule of S steps over a patch of side x side tokens.

    Args:
        location: one of `LOCATIONS`.
        side: up to 64.
        steps: S, up to side²; 12 if not given, or as many as there are tokens; two for
            `checkerboard`, whatever is given.
        alpha: α, from 0.1 to 10; 1 gives groups of equal size.
        seed: of `random`.

    Raises:
        InputError: if an argument is out of range.

    >>> schedule("raster", 3, 9).order
    (0, 1, 2, 3, 4, 5, 6, 7, 8)
    """
    if location not in LOCATIONS:
        raise InputError("location", repr(location), ", ".join(LOCATIONS))
    side = whole_number("side", side, MOST_SIDE)
    tokens = side**2
    steps = min(12, tokens) if steps is None else whole_number("steps", steps, tokens)
    alpha = number("alpha", alpha, lambda a: 0.1 <= a <= 10, "a number from 0.1 to 10")
    if location == "checkerboard":
        sizes = tuple(size for size in (tokens - tokens // 2, tokens // 2) if size)
    else:
        sizes = group_sizes(tokens, steps, alpha)
    order = () if location == "entropy" else tuple(_order(location, side, seed).tolist())
    return Schedule(side, location, sizes, order)


def group_sizes(tokens: int, steps: int, alpha: float) -> tuple[int, ...]:
    """Differences of w (x/S)^α rounded, each at least 1, which sum to w [61].

    >>> group_sizes(16, 4, 1.0), group_sizes(5, 4, 10.0)
    ((4, 4, 4, 4), (1, 1, 1, 2))
    """
    wanted = np.rint(tokens * (np.arange(1, steps + 1) / steps) ** alpha).astype(int)
    uncovered, sizes = 0, []
    for step, total in enumerate(wanted.tolist()):
        # One for this step, and one for each that follows.
        total = min(max(total, uncovered + 1), tokens - (steps - 1 - step))
        sizes.append(total - uncovered)
        uncovered = total
    return tuple(sizes)


def _order(location: str, side: int, seed: int) -> np.ndarray:
    tokens = np.arange(side**2)
    if location == "random":
        return np.random.default_rng(seed).permutation(tokens)
    if location == "checkerboard":
        dark = (tokens // side + tokens % side) % 2
        return np.argsort(dark, kind="stable")
    if location == "qlds":
        return np.fromiter(islice(_cells(side), side**2), int)
    return tokens


def _cells(side: int) -> Iterator[int]:
    """Cells of the grid, each when the sequence falls into it for the first time."""
    seen, k = set(), 0
    while True:
        k += 1
        row, column = (int(side * (k / power % 1)) for power in (_G, _G**2))
        if (row, column) not in seen:
            seen.add((row, column))
            yield row * side + column
