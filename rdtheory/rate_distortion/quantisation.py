"""A real random variable X rounded to finitely many points, with the exact error [T4.5].

The line is cut into cells; Q(X) is the centroid E[X | cell]. Probabilities and moments come from
the distribution function alone, so that sources with atoms or kinks need no care:

    E[U; cell] = ∫ G(u) du,   E[U²; cell] = 2 ∫ u G(u) du,   G(u) = P(U > u; cell),

U = |X - e| the distance from an edge e of the cell: integrals of positive numbers, halved until
they are accurate. The two outer cells are infinite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rdtheory.arrays import Array, check, float64, instance, number, whole_number
from rdtheory.errors import InputError
from rdtheory.rate_distortion.discrete_source import DiscreteSource

_NODES = np.sin(np.linspace(-0.5, 0.5, 9) * np.pi) / 2 + 0.5
_WEIGHTS = np.linalg.solve(np.vander(_NODES, increasing=True).T, 1 / np.arange(1.0, 10.0))
"""Clenshaw and Curtis's rule on [0, 1]: it sees the ends, so that no atom beside them is missed."""

_MOST_CELLS = 10_000

_HALVINGS = 60
"""Enough to close in on an atom."""

_SHARE = 1e-13
"""Error of a panel, relative to the integral over its cell."""


@runtime_checkable
class RealVariable(Protocol):
    """What is asked of a source: a `ScalarSource` of `rdtheory.sources` offers it."""

    def cdf(self, y: Any) -> Any:
        """P(X <= y), for a vector of finite y."""

    def sf(self, y: Any) -> Any:
        """P(X > y), accurate in its own tail."""

    def quantile(self, p: Any) -> Any:
        """The y with P(X <= y) = p."""


@dataclass(frozen=True, eq=False)
class Quantisation:
    """Q(X), the centroid of the cell that X falls into.

    Attributes:
        law: the distribution of Q(X); cells without probability are left out.
        mean_squared_error: E (Q(X) - X)².

    >>> from rdtheory.sources import TwoPoint
    >>> quantise(TwoPoint(), [0.0]).mean_squared_error
    0.0
    """

    law: DiscreteSource
    mean_squared_error: float


def discretise(source: RealVariable, count: int, tail_probability: float = 1e-9) -> Quantisation:
    """Q(X) for `count` cells of one width, the outer ones extended to infinity [T4.5].

    Args:
        source: what is quantised.
        count: number of cells, from 2 to 10 000.
        tail_probability: what the grid leaves out on either side, > 0 and < 1/2.

    Raises:
        InputError: if an argument is not as above.

    >>> from rdtheory.sources.two_point import TwoPoint
    >>> discretise(TwoPoint(), 401).law.points.round(12)
    array([-1.,  1.])
    """
    instance("source", source, RealVariable)
    if whole_number("count", count, most=_MOST_CELLS) == 1:
        raise InputError("count", count, "a whole number >= 2")
    tail = number(
        "tail_probability",
        tail_probability,
        lambda p: 1e-15 <= p < 0.5,
        "a number from 1e-15 to below 1/2",
    )
    low, high = (float(end) for end in source.quantile(np.array([tail, 1 - tail])))
    return quantise(source, np.linspace(low, high, count + 1)[1:-1])


def quantise(source: RealVariable, edges: Any) -> Quantisation:
    """Q(X) for the cells (-∞, e_1], (e_1, e_2], .., (e_k, ∞) [T4.5].

    Args:
        source: what is quantised.
        edges: e, shape (k,), k >= 1, finite and increasing.

    Raises:
        InputError: if the edges are not as above.

    >>> from rdtheory.sources.uniform import Uniform
    >>> halves = quantise(Uniform(half_width=1.0), [0.0])
    >>> halves.law.points, round(halves.mean_squared_error, 12)
    (array([-0.5,  0.5]), 0.083333333333)
    """
    instance("source", source, RealVariable)
    edges = float64(np, "edges", edges)
    if edges.ndim != 1 or edges.size == 0:
        raise InputError("edges", f"shape {edges.shape}", "shape (k,), k >= 1")
    check("edges", edges, np.isfinite(edges), "finite numbers")
    if (np.diff(edges) <= 0).any():
        raise InputError("edges", edges, "increasing numbers")
    masses, centroids, errors = _cells(source, edges)
    real = masses > 1e-290
    law = DiscreteSource(centroids[real], masses[real])
    return Quantisation(law, float(errors[real].sum()))


def _cells(source: RealVariable, edges: Array) -> tuple[Array, Array, Array]:
    """P(cell), E[X | cell] and E[(X - E[X | cell])²; cell] of all cells, from left to right."""
    # Distances run rightwards from the left edge, but leftwards in the first cell.
    origins = np.concatenate([edges[:1], edges])
    signs = np.ones(origins.size)
    signs[0] = -1.0
    lengths = np.concatenate([[np.inf], np.diff(edges), [np.inf]])
    low, high = source.quantile(np.array([0.1, 0.9]))
    scales = np.where(np.isinf(lengths), (high - low) or 1.0, lengths)
    last = lengths.size - 1

    def beyond(cell: Array, distance: Array) -> Array:
        """G(u): the probability of the part of the cell that is farther than u."""
        x = origins[cell] + signs[cell] * distance
        end = origins[cell] + np.where(np.isinf(lengths), 0.0, lengths)[cell]
        below, above = source.cdf(x), source.sf(x)
        by_below, by_above = source.cdf(end) - below, above - source.sf(end)
        inner = np.maximum(np.where(below < above, by_below, by_above), 0.0)
        return np.where(cell == 0, below, np.where(cell == last, above, inner))

    cells = np.arange(lengths.size)
    masses = beyond(cells, np.zeros(cells.size))
    first, second = _moments(beyond, np.isinf(lengths), scales)
    mean = first / np.where(masses > 0, masses, 1.0)
    return masses, origins + signs * mean, np.maximum(second - first * mean, 0.0)


def _moments(
    beyond: Callable[[Array, Array], Array], infinite: Array, scales: Array
) -> tuple[Array, Array]:
    """∫ G du and 2 ∫ u G du of every cell, over u = s v or u = s v/(1 - v), 0 <= v <= 1."""

    def rule(cell: Array, left: Array, width: Array) -> Array:
        v = left[:, None] + width[:, None] * _NODES
        rest = np.where(infinite[cell, None], np.maximum(1 - v, 2.0**-53), 1.0)
        u = scales[cell, None] * v / rest
        index = np.broadcast_to(cell[:, None], v.shape)
        weights = (scales[cell] * width)[:, None] * _WEIGHTS / rest**2
        weighted = weights * beyond(index.ravel(), u.ravel()).reshape(v.shape)
        return np.stack([weighted, 2 * u * weighted]).sum(axis=2)

    # Panels (cell, left end, width), whose integrals are `whole` until both halves say the same.
    cell, left, width = np.arange(scales.size), np.zeros(scales.size), np.ones(scales.size)
    whole = rule(cell, left, width)
    size = whole.copy()
    totals = np.zeros(whole.shape)
    for _ in range(_HALVINGS):
        width = width / 2
        first, second = rule(cell, left, width), rule(cell, left + width, width)
        both = first + second
        np.maximum.at(size.T, cell, both.T)
        good = np.all(np.abs(both - whole) <= _SHARE * size[:, cell], axis=0)
        np.add.at(totals.T, cell[good], both[:, good].T)
        rough = ~good
        left = np.concatenate([left[rough], (left + width)[rough]])
        whole = np.concatenate([first[:, rough], second[:, rough]], axis=1)
        cell, width = np.tile(cell[rough], 2), np.tile(width[rough], 2)
        if cell.size == 0:
            break
    np.add.at(totals.T, cell, whole.T)
    return totals[0], totals[1]
