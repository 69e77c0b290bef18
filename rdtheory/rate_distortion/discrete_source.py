"""A law on finitely many points of the line, and squared errors between points [T4.3]."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, read_only_copy
from rdtheory.errors import InputError


@dataclass(frozen=True, eq=False)
class DiscreteSource:
    """P(X = x_i) = p_i.

    Args:
        points: x, shape (n,), finite, in any order.
        probabilities: p, shape (n,), > 0; they sum to 1 up to 1e-9 and are normalised.

    Raises:
        InputError: on wrong shapes, points that are not finite, probabilities that are no law.

    >>> coin = DiscreteSource([-1.0, 1.0], [0.5, 0.5])
    >>> coin.mean, coin.variance, round(coin.entropy_nats, 6)
    (0.0, 1.0, 0.693147)
    """

    points: Array
    probabilities: Array

    def __post_init__(self) -> None:
        points = _vector("points", self.points)
        check("points", points, np.isfinite(points), "finite numbers")
        p = _vector("probabilities", self.probabilities)
        if p.shape != points.shape:
            raise InputError("probabilities", f"shape {p.shape}", f"shape {points.shape}")
        # Smaller ones have no accurate reciprocal, and nobody can tell them from 0.
        positive = (p >= 1e-290) & (p <= 1 + 1e-9)
        check("probabilities", p, positive, "1e-290 to 1", "leave out letters that never occur")
        if not abs(p.sum() - 1) <= 1e-9:
            raise InputError("probabilities", f"a sum of {p.sum()}", "a sum of 1")
        object.__setattr__(self, "points", read_only_copy(points))
        object.__setattr__(self, "probabilities", read_only_copy(p / p.sum()))

    @cached_property
    def mean(self) -> float:
        """E X."""
        return float(self.probabilities @ self.points)

    @cached_property
    def variance(self) -> float:
        """E (X - E X)²."""
        return float(self.probabilities @ (self.points - self.mean) ** 2)

    @cached_property
    def entropy_nats(self) -> float:
        """H(X) = -Σ p ln p: the rate at distortion 0."""
        return -float(self.probabilities @ np.log(self.probabilities))

    def squared_errors(self, reproductions: Any = None) -> Array:
        """The matrix (x_i - x̂_j)², shape (n, k).

        Args:
            reproductions: x̂, shape (k,); the points themselves unless given.

        >>> DiscreteSource([0.0, 1.0], [0.5, 0.5]).squared_errors([0.5])
        array([[0.25],
               [0.25]])
        """
        if reproductions is None:
            reproductions = self.points
        reproductions = _vector("reproductions", reproductions)
        check("reproductions", reproductions, np.isfinite(reproductions), "finite numbers")
        with np.errstate(over="ignore"):
            squares = (self.points[:, None] - reproductions) ** 2
        return measurable("points", squares)


def measurable(name: str, distortions: Array) -> Array:
    """Distortions whose largest is 0 or from 1e-150 to 1e150: slopes are then within float64.

    >>> measurable("points", np.array([1e200]))
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: points: got a distortion of 1e+200; allowed: 0, or 1e-150 to 1e150
    """
    largest = float(np.abs(distortions).max())
    if not (largest == 0 or 1e-150 <= largest <= 1e150):
        given = f"a distortion of {largest:g}"
        raise InputError(name, given, "0, or 1e-150 to 1e150")
    return distortions


def _vector(name: str, value: Any) -> Array:
    array = float64(np, name, value)
    if array.ndim != 1 or array.size == 0:
        raise InputError(name, f"shape {array.shape}", "shape (n,), n >= 1")
    return array
