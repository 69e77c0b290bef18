"""max over all real x̂ of ln Σ_i w_i e^(-s (x_i - x̂)²), enclosed from above [T4.3a].

ψ(x̂) = ln Σ_i w_i e^(-s (x_i - x̂)²) + s x̂² is a logarithm of a sum of exponentials of linear
functions, hence convex: between two knots a < b it lies below its chord, so that

    ln c(x̂) <= (1-τ) ln c(a) + τ ln c(b) + s (b-a)² τ (1-τ),   x̂ = (1-τ) a + τ b.

The bound is rigorous up to rounding. Intervals where it exceeds what was found are halved. Outside
the convex hull of the points every term falls, so nothing is missed there.
"""

import numpy as np

from rdtheory.arrays import Array

_EVALUATIONS = 2**24
"""Exponentials to spend: about 0.2 s."""

_HALVINGS = 60
"""From here on float64 has no number between the knots."""


def log_maximum(
    points: Array, log_weights: Array, multiplier: float, tolerance: float = 1e-10
) -> float:
    """An upper bound on max_x̂ ln Σ_i w_i e^(-s (x_i - x̂)²), tight to `tolerance` if time allows.

    Args:
        points: x, shape (n,).
        log_weights: ln w, shape (n,).
        multiplier: s > 0.
        tolerance: how far above the largest value found the bound may stay.

    >>> round(log_maximum(np.array([0.0, 1.0]), np.zeros(2), 1.0), 8)  # at 1/2: 2 e^-1/4
    0.44314718
    """
    knots = np.unique(points)
    values = _log_c(knots, points, log_weights, multiplier)
    found = bound = values.max()
    a, b, at_a, at_b = knots[:-1], knots[1:], values[:-1], values[1:]
    evaluations = 0
    for _ in range(_HALVINGS):
        if a.size == 0:
            break
        bounds = _chord_bounds(b - a, at_a, at_b, multiplier)
        bound = max(found, bounds.max())
        evaluations += a.size * points.size
        if evaluations > _EVALUATIONS:
            break
        open_ = bounds > found + tolerance
        a, b, at_a, at_b = a[open_], b[open_], at_a[open_], at_b[open_]
        middle = (a + b) / 2
        at_middle = _log_c(middle, points, log_weights, multiplier)
        found = max(found, at_middle.max(initial=-np.inf))
        a, b = np.append(a, middle), np.append(middle, b)
        at_a, at_b = np.append(at_a, at_middle), np.append(at_middle, at_b)
    return float(bound)


def _log_c(x: Array, points: Array, log_weights: Array, multiplier: float) -> Array:
    from scipy.special import logsumexp

    return logsumexp(log_weights - multiplier * (x[:, None] - points) ** 2, axis=1)


def _chord_bounds(width: Array, at_a: Array, at_b: Array, multiplier: float) -> Array:
    """max over τ of (1-τ) ln c(a) + τ ln c(b) + s (b-a)² τ (1-τ), interval by interval."""
    bend = np.maximum(multiplier * width**2, 1e-300)
    share = np.clip((at_b - at_a) / bend, -1.0, 1.0)
    return np.maximum(at_a, at_b) + bend * ((1 - np.abs(share)) / 2) ** 2
