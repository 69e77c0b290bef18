"""R_pr(D) of a discrete source, reproductions distributed as X: entropic transport [T1.4b, T4.3b].

At regularisation ε the programme min I(X; X̂) + E d(X, X̂)/ε over couplings of p with itself has the
solution π = u_i K_ij u_j, K = e^(-d/ε), and ε = -1/R_pr'(D). With potentials a = ln(u/p),

    any a:           I + E d/ε >= 2 Σ p a - ln Σ u K u   for every coupling of p with p,
    any coupling:    min (I + E d/ε) <= its I + E d/ε,

and the difference of both is the gap. The damped symmetric iteration u ← u^(1/3) (p/Ku)^(2/3)
contracts the error of ln u by 1/3 in the limit, whatever ε, where K is positive semi-definite: it
is a Richardson iteration on 1 + π/p, whose spectrum is in [1, 2]. (Power 1/2 would give 1/2.)

As d is 0 on the diagonal, p/√n <= u <= √p: nothing can overflow or vanish however small ε is, and
no logarithm need be taken. The coupling that is reported has exactly the right marginals: rows are
scaled down to at most p, and what is missing is put on the diagonal, where it costs no distortion.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, instance, number, positive, read_only_copy
from rdtheory.errors import InputError
from rdtheory.rate_distortion.certified import CertifiedPoint
from rdtheory.rate_distortion.discrete_source import DiscreteSource, measurable
from rdtheory.rate_distortion.slope_search import search_multiplier

_POWER = 2 / 3
_RESIDUAL = 1e-2
"""Σ |row sum - p| that is accepted, as a share of the gap: each is some nats away from the dual."""

_MAX_ITERATIONS = 20_000


@dataclass(frozen=True, eq=False)
class PerfectRealismPoint(CertifiedPoint):
    """A point of R_pr(D) [T4.3b] and its potentials.

    Attributes:
        epsilon: ε = -1/slope, the regularisation; infinite at rate 0.
        potentials: a, shape (n,): u = p e^a, shifted so that Σ u K u = 1.

    >>> PerfectRealism(DiscreteSource([0.0, 1.0], [0.5, 0.5])).at_regularisation(0.5).slope
    -2.0
    """

    epsilon: float
    potentials: Array


class PerfectRealism:
    """R_pr(D) = min I(X; X̂) subject to E d(X, X̂) <= D, X̂ ~ X, for a discrete source [T1.4b, T4.3b].

    Args:
        source: the law of X, n letters.
        distortions: d, shape (n, n), symmetric, >= 0 and 0 on the diagonal;
            `source.squared_errors()` unless given.
        tolerance_nats: the largest duality gap that is accepted.

    Every method returns a `PerfectRealismPoint`, or raises a RuntimeError if no gap within the
    tolerance was reached (possible only where e^(-d/ε) is not positive semi-definite).

    >>> realism = PerfectRealism(DiscreteSource([-1.0, 1.0], [0.5, 0.5]))
    >>> point = realism.at_distortion(0.44)  # d = 4 where the sign flips: ln 2 - h(0.11)
    >>> round(point.rate_nats, 9), point.gap_nats < 1e-10
    (0.346631844, True)
    """

    def __init__(
        self, source: DiscreteSource, distortions: Any = None, *, tolerance_nats: float = 1e-10
    ) -> None:
        self.source = instance("source", source, DiscreteSource)
        self.distortions = (
            source.squared_errors()
            if distortions is None
            else _symmetric(distortions, source.points.size)
        )
        self.tolerance_nats = positive("tolerance_nats", tolerance_nats)

    @cached_property
    def largest_distortion(self) -> float:
        """E d(X, X') of two independent draws, from where on R_pr(D) = 0."""
        p = self.source.probabilities
        return float(p @ self.distortions @ p)

    def at_regularisation(self, epsilon: float) -> PerfectRealismPoint:
        """The point of R_pr(D) with dR_pr/dD = -1/ε [T4.3b].

        Raises:
            InputError: if ε is not from 1e-150 to 1e150.

        >>> realism = PerfectRealism(DiscreteSource([0.0, 1.0], [0.5, 0.5]))
        >>> round(realism.at_regularisation(1 / np.log(9.0)).distortion, 9)
        0.1
        """
        epsilon = number("epsilon", epsilon, lambda e: 1e-150 <= e <= 1e150, "from 1e-150 to 1e150")
        return self._solve(epsilon, self.source.probabilities)

    def at_distortion(self, distortion: float) -> PerfectRealismPoint:
        """R_pr(D) at D = `distortion` > 0 [T1.4b].

        Raises:
            InputError: if the distortion is not a finite number > 0.
        """
        least = 1e-100 * self.largest_distortion
        distortion = number(
            "distortion",
            distortion,
            lambda D: 0 < D < np.inf and least <= D,
            f"a finite number > 0, at least {least:.3g}",
        )
        if distortion >= self.largest_distortion * (1 - 1e-13):
            return self._no_rate()
        found = [self._no_rate()]

        def log_excess(multiplier: float) -> float:
            start = self.source.probabilities * np.exp(found[-1].potentials)
            found.append(self._solve(1 / multiplier, start))
            return float(np.log(max(found[-1].distortion / distortion, 1e-300)))

        # At high rates R_pr ≈ -½ ln D + constant, so that s = -R_pr' = 1/(2D).
        search_multiplier(log_excess, 0.5 / distortion)
        nearest = min(found, key=lambda point: abs(point.distortion - distortion))
        return replace(nearest, iterations=sum(point.iterations for point in found))

    def coupling(self, point: PerfectRealismPoint) -> Array:
        """P(X = x_i, X̂ = x_j) of a point, shape (n, n): symmetric, its marginals p [T4.3b].

        >>> realism = PerfectRealism(DiscreteSource([-1.0, 1.0], [0.5, 0.5]))
        >>> realism.coupling(realism.at_distortion(0.44)).round(9)
        array([[0.445, 0.055],
               [0.055, 0.445]])
        """
        instance("point", point, PerfectRealismPoint)
        if point.potentials.shape != self.source.points.shape:
            raise InputError("point", "one of another source", "a point of this curve")
        kernel = self._kernel(point.epsilon)
        u, missing = self._rounded(kernel, self.source.probabilities * np.exp(point.potentials))
        coupling = u[:, None] * kernel * u
        coupling[np.diag_indices_from(coupling)] += missing
        return coupling

    def _solve(self, epsilon: float, start: Array) -> PerfectRealismPoint:
        kernel, p, u = self._kernel(epsilon), self.source.probabilities, start
        for iteration in range(_MAX_ITERATIONS):
            fit = kernel @ u
            if np.abs(u * fit - p).sum() <= _RESIDUAL * self.tolerance_nats:
                return self._point(epsilon, kernel, u, iteration)
            u = u ** (1 - _POWER) * (p / fit) ** _POWER
        point = self._point(epsilon, kernel, u, _MAX_ITERATIONS)
        if not point.converged:
            raise RuntimeError(
                f"no coupling within {self.tolerance_nats:g} nats at epsilon = {epsilon:g}; "
                f"the gap stayed at {point.gap_nats:.3g}"
            )
        return point

    def _point(
        self, epsilon: float, kernel: Array, u: Array, iterations: int
    ) -> PerfectRealismPoint:
        p = self.source.probabilities
        total = float(u @ (kernel @ u))
        potentials = np.log(u / p) - np.log(total) / 2
        dual = 2 * float(p @ potentials)
        v, missing = self._rounded(kernel, u)
        distortion = float(v @ ((kernel * self.distortions) @ v))
        # I + D/ε = Σ π ln(π e^(d/ε) / (p p)), with π = v K v and what is missing on its diagonal.
        log_ratio = np.log(v / p)
        rows, diagonal = p - missing, np.maximum(v * v, 1e-300)
        primal = 2 * float(rows @ log_ratio) + float(
            missing @ (2 * log_ratio) + (diagonal + missing) @ np.log1p(missing / diagonal)
        )
        gap = primal - dual
        return PerfectRealismPoint(
            rate_nats=max(primal - distortion / epsilon, 0.0),
            distortion=distortion,
            slope=-1 / epsilon,
            gap_nats=max(gap, 0.0),
            iterations=iterations,
            converged=gap <= self.tolerance_nats,
            epsilon=epsilon,
            potentials=potentials,
        )

    def _rounded(self, kernel: Array, u: Array) -> tuple[Array, Array]:
        """v <= u such that the rows of v K v sum to at most p, and what they lack."""
        p = self.source.probabilities
        v = u * (p / np.maximum(u * (kernel @ u), p))
        return v, np.maximum(p - v * (kernel @ v), 0.0)

    def _no_rate(self) -> PerfectRealismPoint:
        potentials = np.zeros(self.source.points.size)
        return PerfectRealismPoint(
            0.0, self.largest_distortion, 0.0, 0.0, 0, True, np.inf, potentials
        )

    def _kernel(self, epsilon: float) -> Array:
        with np.errstate(over="ignore"):  # e^-∞ is right
            return np.exp(-self.distortions / epsilon)


def _symmetric(distortions: Any, size: int) -> Array:
    matrix = float64(np, "distortions", distortions)
    if matrix.shape != (size, size):
        raise InputError("distortions", f"shape {matrix.shape}", f"shape ({size}, {size})")
    check("distortions", matrix, (matrix >= 0) & (matrix < np.inf), "finite numbers >= 0")
    check("distortions", matrix, matrix == matrix.T, "a symmetric matrix")
    check("distortions", matrix.diagonal(), matrix.diagonal() == 0, "0 on the diagonal")
    return read_only_copy(measurable("distortions", matrix))
