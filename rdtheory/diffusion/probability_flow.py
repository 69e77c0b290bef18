"""The probability flow of a Gaussian mixture under isotropic noise (Eq. 6) [T1.1c, T1.1d].

dy/dt = -½ ∇ ln p_t(y) carries p_t along: backwards in t to the reconstruction T(y), forwards back
to y. It is solved in the coordinates in which it stands still for a Gaussian source,

    z = (Σ + t)^(-1/2) (y - E X),    t = ε expm1(u),    ε the smallest eigenvalue of any C_k,

so that z is of order one, regular at t = 0, and exact for a single component.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.sources.mixture_vector import GaussianMixtureVector

_PIECE = 4096
"""Numbers integrated as one system: few enough for a common step, many enough for few calls."""


def flow_between(
    source: GaussianMixtureVector, points: Array, start: float, end: float, tolerance: float
) -> Array:
    """The points of shape (n, M) carried along dy/dt = -½ ∇ ln p_t from t = start to end [T1.1d].

    Args:
        source: the mixture.
        points: finite vectors, shape (n, M).
        start: noise variance at the points, >= 0.
        end: noise variance to carry them to, >= 0.
        tolerance: largest local error of a coordinate in units of 1 + |z|, in any step.

    Raises:
        ArithmeticError: if the solver fails.

    >>> source = GaussianMixtureVector([1.0], [[0.0]], [3.0])
    >>> flow_between(source, np.array([[2.0]]), 1.0, 0.0, 1e-9).round(9)  # 2 sqrt(3/4)
    array([[1.73205081]])
    """
    from scipy.integrate import solve_ivp

    shortest = float(source.component_spectra[0].min())
    eigenvalues = source.gaussian.eigenvalues

    def velocity(u: float, flat: Array) -> Array:
        t = shortest * np.expm1(u)
        scales = np.sqrt(eigenvalues + t)
        z = flat.reshape(-1, source.dim)
        score = source.score(source.gaussian.from_components(z * scales), t)
        pull = score @ source.gaussian.eigenvectors * scales + z
        return (-(t + shortest) / 2 * pull / (eigenvalues + t)).ravel()

    z = source.gaussian.to_components(points) / np.sqrt(eigenvalues + start)
    span = float(np.log1p(start / shortest)), float(np.log1p(end / shortest))
    rows = max(1, _PIECE // source.dim)
    for first in range(0, len(z), rows):
        piece = z[first : first + rows]
        # The solver bounds the root mean square over the system: this bounds the largest.
        local = max(tolerance / piece.size**0.5, 1e-13)
        solution = solve_ivp(velocity, span, piece.ravel(), "DOP853", rtol=local, atol=local)
        if not solution.success:
            raise ArithmeticError(f"the probability flow was not solved: {solution.message}")
        z[first : first + rows] = solution.y[:, -1].reshape(piece.shape)
    return source.gaussian.from_components(z * np.sqrt(eigenvalues + end))
