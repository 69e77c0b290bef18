"""The arc length of a diffusion, which rules the price of few steps [T5.1b].

Kernels of fixed variance cost about L²/T nats more than exact ones in T steps of equal arc length,

    L = ∫ ½ ‖mmse_vec(s)‖₂ ds,   mmse_i = λ_i/(1 + λ_i s),   SNR s = 1/t from 0 up (isotropic noise)

which is the best schedule as T grows. In w = ln(1 + λ₁ s) and with p_i = λ_i/λ₁,

    dL/dw = ½ sqrt(Σ f_i²),   f_i = p_i / (p_i + (1 - p_i) e^-w)

The f are logistic functions of w. Their phases at w + iy are between 0 and y, so that the sum of
their squares has no zero where |y| < π/2: the speed is analytic there, and Gauss-Legendre
quadrature with n nodes on an interval of length 2 errs by (1 + π²/4)^(1/2) + π/2 = 3.43 to the
power of -2n.
"""

from typing import Any

import numpy as np

from rdtheory.arrays import number, whole_number
from rdtheory.diffusion.samplers import MOST_STEPS
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector, as_gaussian


def arc_length(source: GaussianVector | Any, noise_level: float) -> float:
    """L = ∫ ½ ‖mmse_vec(s)‖₂ ds over SNR s from 0 to 1/t, to 1e-13; L² is in nats [T5.1b].

    For equal eigenvalues L² = I²/M. NumPy only.

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.
        noise_level: t > 0; SNRs λ₁/t up to 1e300.

    Raises:
        InputError: if the source or the noise level is not valid.

    >>> round(float(arc_length([3.0], 1.0) / np.log(2)), 12)  # M = 1: L = I, here a bit
    1.0
    """
    ratios, end = _path(source, noise_level)
    pieces = int(np.ceil(end / 2))
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = end / (2 * pieces)
    centres = half * (1 + 2 * np.arange(pieces))
    return float(half * sum(weights @ _speed(ratios, centre + half * nodes) for centre in centres))


def arc_length_noise_levels(
    source: GaussianVector | Any, noise_level: float, steps: int
) -> np.ndarray:
    """t_1 > .. > t_T: T steps of equal arc length from pure noise to t_T = `noise_level` [T5.1b].

    The arcs are equal to about 1e-11. NumPy only.

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.
        noise_level: t > 0, where the steps end; SNRs λ₁/t up to 1e300.
        steps: T, up to a million.

    Raises:
        InputError: if an argument is not valid.

    >>> arc_length_noise_levels([1.0], 0.125, 2).round(6)  # SNR 2 and 8: twice a factor of 3
    array([0.5  , 0.125])
    """
    ratios, end = _path(source, noise_level)
    steps = whole_number("steps", steps, MOST_STEPS)
    from scipy.integrate import solve_ivp

    length = arc_length(source, noise_level)
    path = solve_ivp(
        lambda _, share: length / end / _speed(ratios, end * share),
        (0.0, 1.0),
        [0.0],
        method="DOP853",
        t_eval=np.arange(1, steps) / steps,
        rtol=1e-12,
        atol=1e-12,
    )
    if not path.success:
        raise RuntimeError(f"no schedule found: {path.message}")
    # s = (e^w - 1)/λ₁, such that the last one is the noise level to its last digit.
    share = np.expm1(end) / np.expm1(end * path.y[0]) if steps > 1 else np.empty(0)
    return noise_level * np.append(share, 1.0)


def _path(source: GaussianVector | Any, noise_level: float) -> tuple[np.ndarray, float]:
    """p_i and the last w."""
    source = as_gaussian(source)
    level = number("noise_level", noise_level, lambda t: 0 < t < np.inf, "a finite number > 0")
    leading = source.leading_eigenvalue
    with np.errstate(over="ignore"):
        snr = np.float64(leading) / level
    if not 1e-300 <= snr <= 1e300:
        raise InputError("noise_level", noise_level, f"SNRs {leading}/t from 1e-300 to 1e300")
    return np.asarray(source.eigenvalues) / leading, float(np.log1p(snr))


def _speed(ratios: np.ndarray, w: np.ndarray) -> np.ndarray:
    """dL/dw, shape of the vector w."""
    logistic = ratios / (ratios + (1 - ratios) * np.exp(-w)[:, None])
    return np.linalg.norm(logistic, axis=-1) / 2
