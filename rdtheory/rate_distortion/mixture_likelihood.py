"""The most likely mixing law: max over q of Σ p_i ln (K q)_i, what Blahut-Arimoto climbs [T4.3a].

Blahut-Arimoto is expectation maximisation for this concave problem (Kiefer and Wolfowitz 1956): it
crawls where atoms of q must vanish. Here it is solved as a complementarity problem in the manner of
linear programming, by Mehrotra's predictor and corrector (1992). With f = K q,

    K'ν + z = 1,   f_i ν_i = p_i,   q_j z_j = 0,   all > 0,

are the optimality conditions, and the linear ones hold from the start: what remains is to bring the
products to (p, 0). A step costs one Cholesky decomposition of K' diag(ν/f) K + diag(z/q), and 5 to
30 steps reach a gap of 1e-11, whether q ends as a density or as two atoms.
"""

from collections.abc import Callable

import numpy as np

from rdtheory.arrays import Array

_RIDGE = 1e-13
"""Relative: the kernel is numerically of low rank, and so would be the matrix without it."""

_NOTHING = 1e-30
"""Mean of q z, which is the gap but for rounding: from here on there is only rounding."""

_CAUTIOUS_FROM = 40
"""One problem in a thousand makes predictor and corrector run in circles: then steps without them,
one length for all, converge in some 20 more."""

_CAUTIOUS_CENTRE = 0.1
"""The share of the mean product that a cautious step aims at."""

_TO_THE_BOUNDARY = 0.99
"""The part of the way to the nearest bound that a step may go."""


def maximise_mixture_likelihood(
    kernel: Array, weights: Array, start: Array, tolerance: float, max_iterations: int = 100
) -> tuple[Array, int]:
    """q that maximises Σ p_i ln (K q)_i, up to a gap ln max_j c_j [T4.3a] within `tolerance`.

    Args:
        kernel: K, shape (m, n), >= 0, no row of zeros.
        weights: p, shape (m,), > 0, of sum 1.
        start: a q > 0, shape (n,).
        tolerance: nats.
        max_iterations: when to give up.

    Returns:
        q, of sum 1, and the number of steps.

    Raises:
        RuntimeError: if the gap stays above the tolerance.

    >>> K = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> q, _ = maximise_mixture_likelihood(K, np.array([0.6, 0.4]), np.ones(2) / 2, 1e-12)
    >>> q.round(9)
    array([0.8, 0.2])
    """
    q, f = start, kernel @ start
    c = kernel.T @ (weights / f)
    nu = weights / (1.1 * c.max() * f)
    z = 1 - kernel.T @ nu
    for iteration in range(max_iterations):
        if np.log(c.max() * q.sum()) <= tolerance:
            return q / q.sum(), iteration
        mean_product = q @ z / q.size
        if mean_product < _NOTHING:
            break
        try:
            direction = _newton(kernel, q, z, f, nu)
        except np.linalg.LinAlgError:
            break
        centre, correction = _CAUTIOUS_CENTRE * mean_product, (0.0, 0.0)
        if iteration < _CAUTIOUS_FROM:
            dq, dz, df, dnu = direction(weights - f * nu, -q * z)
            primal, dual = _longest(q, dq, f, df), _longest(z, dz, nu, dnu)
            predicted = (q + primal * dq) @ (z + dual * dz) / q.size
            centre = mean_product * (predicted / mean_product) ** 3
            correction = primal * dual * df * dnu, primal * dual * dq * dz
        dq, dz, df, dnu = direction(
            weights - f * nu - correction[0], centre - q * z - correction[1]
        )
        primal, dual = _longest(q, dq, f, df), _longest(z, dz, nu, dnu)
        if iteration >= _CAUTIOUS_FROM:
            primal = dual = min(primal, dual)
        q, z, nu = q + primal * dq, z + dual * dz, nu + dual * dnu
        f = kernel @ q
        c = kernel.T @ (weights / f)
    gap = np.log(c.max() * q.sum())
    raise RuntimeError(f"no mixing law within {tolerance:g} nats; the gap stayed at {gap:.3g}")


def gap_nats(kernel: Array, weights: Array, q: Array) -> float:
    """ln max_j c_j, c = K'(p / K q): how far any q of sum 1 can be from the maximum [T4.3a]."""
    return float(np.log((kernel.T @ (weights / (kernel @ q))).max()))


def _newton(
    kernel: Array, q: Array, z: Array, f: Array, nu: Array
) -> Callable[[Array, Array], tuple[Array, Array, Array, Array]]:
    """(dq, dz, df, dν) that change the products f ν and q z by given amounts, to first order."""
    from scipy.linalg import cho_factor, cho_solve

    root = kernel * np.sqrt(nu / f)[:, None]
    matrix = root.T @ root
    diagonal = matrix.reshape(-1)[:: q.size + 1]
    diagonal += diagonal * _RIDGE + z / q
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)

    def direction(change_f: Array, change_q: Array) -> tuple[Array, Array, Array, Array]:
        right = kernel.T @ (change_f / f) + change_q / q
        dq = cho_solve(factor, right, check_finite=False)
        df = kernel @ dq
        return dq, (change_q - z * dq) / q, df, (change_f - nu * df) / f

    return direction


def _longest(x: Array, dx: Array, y: Array, dy: Array) -> float:
    """The longest step <= 1 that keeps x and y positive."""
    steepest = max(-(dx / x).min(), -(dy / y).min())
    return min(1.0, _TO_THE_BOUNDARY / max(steepest, _TO_THE_BOUNDARY))
