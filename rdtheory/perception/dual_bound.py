"""Lower bounds on the rate of every code that meets a request, from the multipliers [T2.2-T2.6].

The requests of this package are convex programmes that fall apart into components. For any
multipliers the least value of the Lagrangian is a lower bound on the rate, and it is the sum of
the least values over single components. Each of those is the least value of a convex function of
one number, which lies above its tangents: the bound holds, to rounding, wherever the tangent is
drawn, and meets the rate where it is drawn at the optimum.
"""

from typing import NamedTuple

import numpy as np

from rdtheory.arrays import Array
from rdtheory.perception.measure import Measure
from rdtheory.perception.shared_code import SharedCode


class Point(NamedTuple):
    """Where the tangents are drawn: u and 1 - u², shape (M,).

    >>> Point(0.8, 0.36).shortfall
    0.36
    """

    deviation: Array
    shortfall: Array


def private_bound(
    eigenvalues: Array,
    measure: Measure,
    water_level: float,
    multiplier: float,
    distortion: float,
    perception: float,
    point: Point,
) -> float:
    """Σ min_u {r + d/(2θ) + κ p} - D/(2θ) - κP <= R(D, P) with unlimited R_c [T2.2, T2.3].

    Given u the best ρ has ρ/(1 - ρ²) = su, s = λ/θ; what is left is convex in u², and nothing is
    gained beyond u = 1. For KL(X ‖ X̂) the bound is on Gaussian outputs.

    Args:
        eigenvalues: λ > 0, shape (M,).
        measure: of perception.
        water_level: θ.
        multiplier: κ; infinite for u = 1, perfect realism.
        distortion: D.
        perception: P.
        point: where the tangents are drawn.

    >>> from rdtheory.perception.wasserstein import Wasserstein
    >>> one, zero = np.ones(1), np.zeros(1)  # F*: θ = λ(1 - ρ²)/ρ
    >>> bound = private_bound(one, Wasserstein(), 1.5, np.inf, 1.0, 0.0, Point(one, zero))
    >>> round(bound, 12)
    0.143841036226
    """
    s = eigenvalues / water_level
    u, shortfall = point
    root = np.hypot(1.0, 2 * s * u)
    rho = 2 * s * u / (1 + root)
    # 1 - ρ/u = (1 + root - 2s)/(1 + root), where root and 2s may be large and nearly equal
    beyond = (1 + (1 - 4 * s * s * shortfall) / (root + 2 * s)) / (1 + root)
    noise = s * u * rho  # ρ²/(1 - ρ²)
    value = np.log1p(noise) / 2 + s / 2 * (1 / (1 + noise) + (u * beyond) ** 2)
    if multiplier < np.inf:
        slope = s / 2 * beyond
        if multiplier > 0:
            value = value + multiplier * measure.perception(eigenvalues, u, shortfall)
            slope = slope + multiplier * measure.slope(eigenvalues, u, shortfall) / (2 * u)
        # The tangent at u² is least at an end of [0, 1].
        value = value - np.where(slope > 0, slope * u * u, -slope * shortfall)
        value = value - (multiplier * perception / eigenvalues.size if multiplier > 0 else 0.0)
    return float(np.sum(value - distortion / (2 * water_level * eigenvalues.size)))


def shared_bound(
    eigenvalues: Array,
    code: SharedCode,
    distortion: float,
    perception: float,
    common_nats: float,
) -> float:
    """(Σ min_{R_i, S_i} {mR_i + nS_i + d_β} - nR_c - βP/(1 - β) - D) / (m + n) <= R [T2.6].

    d_β = λ(1 - ρ² + β(ρ² + 1 - 2ρτ)), and (W - sqrt(P))² >= βW² - βP/(1 - β) for every β. Given R_i
    the best S_i is known; what is left is convex in R_i, which is at most the code's own rate.

    Args:
        eigenvalues: λ > 0, shape (M,).
        code: where the multipliers come from and the tangents are drawn.
        distortion: D.
        perception: P.
        common_nats: R_c.

    >>> code = SharedCode(np.array([2.0, 1.0]), 1.0, 1.0, 1.0, 0.0)
    >>> round(shared_bound(np.array([2.0, 1.0]), code, 4.0, 0.0, 0.0), 12)
    0.34657359028
    """
    m, beta = 2 * code.level, code.realism
    n = m * code.ratio * beta
    snr = code.encoder_snr
    left = 1 / (1 + snr)
    rho = np.sqrt(snr * left)
    if n > 0:
        gain = 2 * eigenvalues / m / code.ratio
        twice = 2 * gain * rho
        tau_by_rho = 2 * gain / (1 + np.hypot(1.0, twice))
        used = twice * (tau_by_rho * rho / 2)  # τ²/(1 - τ²)
        spent = n * np.log1p(used) / 2
    else:
        tau_by_rho, spent = np.divide(1.0, rho, where=rho > 0, out=np.ones_like(rho)), 0.0
        used = np.inf
    tau = tau_by_rho * rho
    used_left = 1 / (1 + used)
    distance = (left / (1 + rho)) ** 2 + 2 * rho * used_left / (1 + tau)
    rate = np.log1p(snr) / 2
    value = m * rate + spent + eigenvalues * (left + beta * distance)
    slope = m - 2 * eigenvalues * left * ((1 - beta) + beta * tau_by_rho)
    total = rate.sum()
    value = value - np.where(slope > 0, slope * rate, -slope * (total - rate))
    budget = n * common_nats if n > 0 else 0.0
    if perception > 0:
        budget += beta * perception / max(1 - beta, 2.0**-53)
    return float((value.sum() - budget - distortion) / (m + n))
