"""The law of an eigenvalue in the limit of many dimensions, and means over it [T6].

A sum over eigenvalues, per dimension, tends to the mean of a function over a law. Here a law is
given by an angle φ in [0, π]: its eigenvalue λ(φ) and its density w(φ). Means are Gauss-Legendre
sums over intervals, which are halved until halving any of them changes none of

    E ln(1 + λ/t)   and   E λ/(λ + t),   t from 1000 λ₁ down to 1e-30 λ₁

by more than 1e-15 of its value. A function of λ may have a kink, as water-filling has at λ = θ; for
it intervals are cut where λ(φ) passes the kink.
"""

from collections.abc import Callable
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from rdtheory.arrays import check, float64, number
from rdtheory.errors import InputError

OfAngle = Callable[[np.ndarray], Any]
"""A function of a vector of angles, elementwise."""


class SpectralLaw:
    """E f(λ) = ∫ f(λ(φ)) w(φ) dφ over φ in [0, π] [T6.1a, T6.3].

    Args:
        eigenvalue: λ(φ) >= 0, piecewise smooth; 512 angles decide where to look closer.
        weight: w(φ) >= 0, on the open interval; what its integral lacks of 1 has λ = 0.

    Attributes:
        leading_eigenvalue: λ₁, the largest λ(φ).
        relative_error: of means, estimated by halving all intervals once more.

    Raises:
        InputError: if λ or w is negative, NaN, infinite or too rough, or if λ₁ is not from 1e-150
            to 1e150.

    >>> law = SpectralLaw(lambda angle: 2 + np.cos(angle), lambda angle: 0 * angle + 1 / np.pi)
    >>> eigenvalues, weights = law.nodes()
    >>> round(float(weights @ np.log(eigenvalues)), 12)  # ln((2 + sqrt 3)/2)
    0.623810716365
    """

    def __init__(self, eigenvalue: OfAngle, weight: OfAngle) -> None:
        self._functions = {"eigenvalue": eigenvalue, "weight": weight}
        for name, function in self._functions.items():
            if not callable(function):
                raise InputError(name, function, "a function of an array")
        starts, stops, self.relative_error = self._intervals()
        peak = self._peak(np.union1d(starts, stops))
        self.leading_eigenvalue = float(self._values("eigenvalue", np.array([peak]))[0])
        self._edges = np.unique(np.concatenate([starts, stops, [peak]]))
        self._smooth = self._nodes(self._edges)
        self._angles = np.union1d(self._edges, _angles(self._edges[:-1], self._edges[1:]))
        self._eigenvalues = self._values("eigenvalue", self._angles)

    def nodes(self, kink: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues λ_j and weights w_j, shape (N,): E f(λ) = Σ w_j f(λ_j).

        Args:
            kink: the eigenvalue at which f has a kink, if it has one; finite.
        """
        if kink is None:
            return self._smooth
        kink = number("kink", kink, isfinite, "a finite number")
        above = self._eigenvalues > kink
        (passed,) = np.nonzero(above[1:] != above[:-1])
        if not passed.size:
            return self._smooth
        from scipy.optimize import root_scalar

        def excess(angle: float) -> float:
            return self._values("eigenvalue", np.array([angle]))[0] - kink

        brackets = zip(self._angles[passed], self._angles[passed + 1], strict=True)
        cuts = [root_scalar(excess, bracket=ends, xtol=1e-18, rtol=1e-15).root for ends in brackets]
        return self._nodes(np.union1d(self._edges, cuts))

    def _intervals(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Where intervals start and stop, and the largest relative change by halving them."""
        edges = np.linspace(0.0, np.pi, _FIRST + 1)
        starts, stops = edges[:-1], edges[1:]
        largest = self._values("eigenvalue", np.union1d(edges, _angles(starts, stops))).max()
        if not 1e-150 <= largest <= 1e150:
            raise InputError(
                "eigenvalue", f"{largest!r} as the largest", "a largest one from 1e-150 to 1e150"
            )
        accepted, sums, errors = [], np.float64(0.0), 0.0
        for _ in range(_MOST_HALVINGS):
            middles = (starts + stops) / 2
            fine = self._means(starts, middles, largest) + self._means(middles, stops, largest)
            change = np.abs(fine - self._means(starts, stops, largest))
            good = (change <= 1e-15 * (sums + fine.sum(axis=0))).all(axis=-1)
            sums, errors = sums + fine[good].sum(axis=0), errors + change[good].sum(axis=0)
            accepted.append((starts[good], stops[good]))
            starts, stops, middles = starts[~good], stops[~good], middles[~good]
            if not starts.size and not sums.all():
                raise InputError("weight", "0 wherever the eigenvalue is not", "a density")
            if not starts.size:
                starts, stops = (np.concatenate(ends) for ends in zip(*accepted, strict=True))
                return starts, stops, float(np.max(errors / sums))
            starts, stops = np.append(starts, middles), np.append(middles, stops)
            if starts.size > _MOST_INTERVALS:
                break
        raise InputError("eigenvalue", "a function that is too rough", "a piecewise smooth one")

    def _means(self, starts: np.ndarray, stops: np.ndarray, largest: float) -> np.ndarray:
        """E ln(1 + λ/t) and E λ/(λ + t) over each interval, shape (intervals, 2 levels)."""
        eigenvalues, weights = self._nodes_of(starts, stops)
        snr = eigenvalues[..., None] / (largest * _LEVELS)
        terms = np.concatenate([np.log1p(snr), snr / (1 + snr)], axis=-1)
        return np.einsum("ij,ijk->ik", weights, terms)

    def _peak(self, edges: np.ndarray) -> float:
        """The φ of the largest eigenvalue."""
        angles = np.union1d(edges, _angles(edges[:-1], edges[1:]))
        highest = int(np.argmax(self._values("eigenvalue", angles)))
        if highest in (0, angles.size - 1):
            return float(angles[highest])
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda angle: -self._values("eigenvalue", np.array([angle]))[0],
            bounds=(angles[highest - 1], angles[highest + 1]),
            method="bounded",
            options={"xatol": 1e-12},
        )
        candidates = np.array([angles[highest], found.x])
        return float(candidates[np.argmax(self._values("eigenvalue", candidates))])

    def _nodes(self, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        eigenvalues, weights = self._nodes_of(edges[:-1], edges[1:])
        return eigenvalues.reshape(-1), weights.reshape(-1)

    def _nodes_of(self, starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues and weights in each interval, shape (intervals, 16)."""
        angles = _angles(starts, stops)
        _, weights = _gauss_legendre()
        weights = self._values("weight", angles) * (stops - starts)[:, None] / 2 * weights
        return self._values("eigenvalue", angles), weights

    def _values(self, name: str, angles: np.ndarray) -> np.ndarray:
        values = float64(np, name, self._functions[name](angles.reshape(-1)))
        if values.shape != (angles.size,):
            raise InputError(name, f"values of shape {values.shape}", f"shape ({angles.size},)")
        good = (values >= 0) & np.isfinite(values)
        return check(name, values, good, "finite values >= 0").reshape(angles.shape)


def _angles(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The Gauss-Legendre nodes of each interval, shape (intervals, 16)."""
    nodes, _ = _gauss_legendre()
    return ((starts + stops)[:, None] + (stops - starts)[:, None] * nodes) / 2


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(16)


_LEVELS = 10.0 ** np.arange(3, -31, -1)

_FIRST, _MOST_INTERVALS, _MOST_HALVINGS = 32, 4096, 64
"""Intervals at first, intervals to be halved, and halvings: those of a jump are of width 1e-17."""
