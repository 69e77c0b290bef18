"""Integrals over the line by Gauss and Legendre's rule on panels that are halved where need be.

On a panel of half-width H the rule of n = 16 nodes gives the integral and, by the discrete Legendre
transform of the same values, the coefficients c_k of the integrand. The error is taken to be

    2H (|c_14| + |c_15|),

the integral of what the polynomial of degree 15 hardly resolves. For an integrand analytic about
the panel, where |c_k| falls like ρ^-k and the error of the rule like ρ^-2n, that is far too much;
where something narrow hides in a corner of the panel, it is about right. Panels are halved until
these errors are a given share of each integral.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from rdtheory.arrays import Array
from rdtheory.errors import InputError

NODES, WEIGHTS = legendre.leggauss(16)
"""Abscissas and weights on [-1, 1]."""

_COEFFICIENTS = (legendre.legvander(NODES, 15) * (np.arange(16) + 0.5)).T * WEIGHTS
"""Values at the nodes to Legendre coefficients: the rule makes the transform exact."""

_LEGENDRE_SLOPES = np.zeros((16, 16))
"""Coefficients of the derivative of the k-th Legendre polynomial in column k."""
for _k in range(1, 16):
    _LEGENDRE_SLOPES[:_k, _k] = legendre.legder(np.eye(16)[_k, : _k + 1])

_DERIVATIVE = legendre.legvander(NODES, 15) @ _LEGENDRE_SLOPES @ _COEFFICIENTS
"""Values at the nodes to derivatives there."""

_MOST_PASSES = 60
_MOST_PANELS = 20_000
_SHARE = 3e-11
"""Error of each integral allowed to one panel."""


@dataclass(frozen=True, eq=False)
class LineIntegrals:
    """Integrals of k functions over one interval, with their certificate.

    Attributes:
        values: shape (k,).
        errors: the estimated error of each, shape (k,).
        edges: the panels that resolve all the functions, shape (panels + 1,).
    """

    values: Array
    errors: Array
    edges: Array


def panel_nodes(left: Array, right: Array) -> Array:
    """The nodes of the panels [left, right], shape (panels, 16).

    >>> x = panel_nodes(np.array([0.0, 1.0]), np.array([1.0, 3.0]))
    >>> round(float(np.sum(np.array([[0.5], [1.0]]) * WEIGHTS * x**2)), 12)  # 3³/3
    9.0
    """
    half = (right - left)[..., None] / 2
    return left[..., None] + half * (1 + NODES)


def integrate(
    functions: Callable[[Array], Array], edges: Array, floors: Array | float = 0.0
) -> LineIntegrals:
    """The integrals of k functions over [edges[0], edges[-1]], good to 1e-10, most to 1e-14.

    Args:
        functions: takes nodes, shape (panels, 16), returns the k integrands there, (k, panels, 16).
        edges: first panels, increasing; features much narrower than a panel may be overlooked.
        floors: shape (k,): the error is measured against the integral or this, if larger.

    Raises:
        InputError: if the functions are so rough that they would take more than 20000 panels.

    >>> done = integrate(lambda x: np.stack([np.exp(-x), np.sqrt(x)]), np.array([0.0, 1.0]))
    >>> done.values.round(10)
    array([0.63212056, 0.66666667])
    """
    left, right, place = edges[:-1], edges[1:], 0.0
    values, errors = _rule(functions, left, right)
    for _ in range(_MOST_PASSES):
        # Against what the integrals are now: crude panels may have made them far too large.
        size = np.maximum(np.abs(values.sum(axis=1)), floors)
        rough = np.any(errors > _SHARE * size[:, None], axis=0)
        if not rough.any():
            edges = np.append(np.sort(left), edges[-1])
            return LineIntegrals(values.sum(axis=1), errors.sum(axis=1), edges)
        middle: Array = left[rough] + (right[rough] - left[rough]) / 2
        place = float(left[rough][0])
        if 2 * middle.size > _MOST_PANELS or np.any(middle == left[rough]):
            break
        new_left: Array = np.concatenate([left[rough], middle])
        new_right: Array = np.concatenate([middle, right[rough]])
        new_values, new_errors = _rule(functions, new_left, new_right)
        left, right = _replace(left, rough, new_left), _replace(right, rough, new_right)
        values = _replace(values, rough, new_values)
        errors = _replace(errors, rough, new_errors)
    raise InputError(
        "function",
        f"an integrand that stays rough near {place!r}",
        "functions smooth between their break points",
        "name the points where it is not smooth",
    )


def _replace(whole: Array, rough: Array, parts: Array) -> Array:
    """The panels that are not rough, then the parts of those that are."""
    return np.concatenate([whole[..., ~rough], parts], axis=-1)


def unresolved_share(values: Array) -> Array:
    """(|c_14| + |c_15|)/max |f| <= 1 for values f at the nodes of panels, shape (.., 16).

    >>> x = panel_nodes(np.array([0.0]), np.array([1.0]))
    >>> float(unresolved_share(np.exp(x))[0]) < 1e-13 < 0.1 < float(unresolved_share(x > 0.4)[0])
    True
    """
    tail = np.abs(values @ _COEFFICIENTS[-2:].T).sum(axis=-1)
    largest = np.max(np.abs(values), axis=-1)
    return np.minimum(tail / np.where(largest > 0, largest, 1.0), 1.0)


def slope_at(place: Array, values: Array) -> Array:
    """The derivative, at a place in [-1, 1] each, of the polynomials through values at the nodes.

    >>> slope_at(np.array([0.5]), NODES[None] ** 3).round(12)
    array([0.75])
    """
    slopes = legendre.legvander(place, 15) @ _LEGENDRE_SLOPES
    return (values @ _COEFFICIENTS.T * slopes).sum(axis=-1)


def slopes_on_panels(x: Array, values: Array) -> Array:
    """Derivatives at the nodes x of panels of the polynomials through the values there.

    >>> x = panel_nodes(np.array([1.0]), np.array([3.0]))
    >>> bool(np.allclose(slopes_on_panels(x, x**3), 3 * x**2))
    True
    """
    half = (x[:, -1:] - x[:, :1]) / (NODES[-1] - NODES[0])
    return values @ _DERIVATIVE.T / half


def graded_edges(low: float, high: float, points: Array, scales: Array) -> Array:
    """Edges in [low, high] at points p and at p ± s 2^k, k = 0, 1, ..: panels fine near each point.

    Args:
        low: the left end.
        high: the right end.
        points: where functions change quickly, shape (n,).
        scales: over which distance they do, > 0, shape (n,).

    >>> graded_edges(0.0, 10.0, np.array([2.0]), np.array([1.0]))
    array([ 0.,  1.,  2.,  3.,  4.,  6., 10.])
    """
    within = (points >= low) & (points <= high)
    points, scales = points[within], scales[within]
    longest = np.max((high - low) / scales, initial=2.0)
    steps = 2.0 ** np.arange(np.ceil(np.log2(longest)))
    away = scales[:, None] * steps
    centres = points[:, None]
    edges = np.concatenate([points, (centres - away).ravel(), (centres + away).ravel()])
    inside = edges[(edges > low) & (edges < high)]
    return np.unique(np.concatenate([[low], inside, [high]]))


def _rule(functions: Callable[[Array], Array], left: Array, right: Array) -> tuple[Array, Array]:
    """Integrals and estimated errors of all functions over all panels, shape (k, panels)."""
    values = functions(panel_nodes(left, right))
    half = (right - left) / 2
    largest = np.max(np.abs(values), axis=-1)
    share = unresolved_share(values)
    return half * (values @ WEIGHTS), 2 * half * largest * share
