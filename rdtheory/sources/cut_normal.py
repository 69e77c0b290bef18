"""The normal law N(m, t) cut to an interval: what noise leaves of a flat prior.

With c the point of [low, high] nearest to m and g = |c - m|, the density at c ± x goes like
exp(-g x/t - x²/2t). All moments are sums of positive terms over the stretch where that exponent is
below 40: nothing cancels, be the interval far in the tail of the bell or a speck on it. (The closed
forms, 1 + α h - h² with the hazard h = φ(α)/Φ(-α), lose α⁴ units in the last place [T9.3].)
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from rdtheory.arrays import Array

_DROP = 40.0
"""Beyond a drop of the density by e^-40 lies less than 1e-16 of the mass."""

_NODES, _WEIGHTS = legendre.leggauss(56)
"""A bell cut at e^-40 on both sides is integrated to 1e-15 by 56 nodes."""


@dataclass(frozen=True, eq=False)
class CutNormal:
    """N(m, t) given that it lies in [low, high], elementwise.

    Attributes:
        log_mass: ln P(low < N(m, t) < high).
        mode: c, the point of [low, high] nearest to m.
        excess: the mean less c.
        variance: of the cut law.

    >>> half = cut_normal(np.zeros(1), np.ones(1), 0.0, np.inf)
    >>> round(float(half.excess[0]), 12), round(float(np.exp(half.log_mass[0])), 12)  # √(2/π), ½
    (0.797884560803, 0.5)
    """

    log_mass: Array
    mode: Array
    excess: Array
    variance: Array

    @property
    def mean(self) -> Array:
        """The mean of the cut law."""
        return self.mode + self.excess


def cut_normal(
    centre: Array, variance: Array, low: float | Array, high: float | Array
) -> CutNormal:
    """The law N(m, t) cut to [low, high].

    Args:
        centre: m, any shape.
        variance: t > 0, of that shape.
        low: left end, may be -inf.
        high: right end, may be inf.

    >>> far = cut_normal(np.array([-1e6]), np.ones(1), 0.0, np.inf)  # exponential
    >>> float(far.excess[0].round(15)), float(far.variance[0].round(21))
    (1e-06, 1e-12)
    """
    mode = np.clip(centre, low, high)
    gap = np.abs(mode - centre)
    reach = _reach(gap, variance)
    start, end = np.maximum(low - mode, -reach), np.minimum(high - mode, reach)
    half = (end - start) / 2
    away = (start + half)[..., None] + half[..., None] * _NODES
    slope = (mode - centre) / variance
    exponent = -away * (slope[..., None] + away / (2 * variance[..., None]))
    weights = np.exp(exponent) * _WEIGHTS
    mass = weights.sum(axis=-1)
    excess = (weights * away).sum(axis=-1) / mass
    spread = (weights * (away - excess[..., None]) ** 2).sum(axis=-1) / mass
    scale = half / np.sqrt(2 * np.pi * variance)
    steep = (gap / np.sqrt(variance)) ** 2 / 2
    return CutNormal(np.log(mass * scale) - steep, mode, excess, spread)


def sample_cut_normal(
    centre: Array,
    variance: Array,
    low: float | Array,
    high: float | Array,
    rng: np.random.Generator,
) -> Array:
    """One exact draw of each N(m, t) cut to [low, high], by rejection.

    Where at least an eighth of N(m, t) lies in the interval, it is proposed itself; elsewhere the
    density without its quadratic term x²/2t, which at least half of the proposals survive.

    Args:
        centre: m, any shape.
        variance: t > 0, of that shape.
        low: left end, may be -inf.
        high: right end, may be inf; one end is finite or both are, unless m is between them.
        rng: the source of randomness.

    >>> x = sample_cut_normal(np.full(3, -9.0), np.ones(3), 0.0, np.inf, np.random.default_rng(0))
    >>> bool(np.all((x > 0) & (x < 3)))
    True
    """
    centre, variance, low, high = np.broadcast_arrays(centre, variance, low, high)
    draws = np.empty(centre.shape)
    pending = np.ones(centre.shape, dtype=bool)
    while pending.any():
        m, t, a, b = centre[pending], variance[pending], low[pending], high[pending]
        deviation = np.sqrt(t)
        mode = np.clip(m, a, b)
        gap = np.abs(mode - m)
        wide = (gap < deviation) & (b - a > deviation)
        bell = m + deviation * rng.standard_normal(m.shape)
        tilted = _tilted(mode, m, t, a, b, rng.random(m.shape))
        x = np.where(wide, bell, tilted)
        survival = np.exp(-((tilted - mode) ** 2) / (2 * t))
        accepted = np.where(wide, (x >= a) & (x <= b), rng.random(m.shape) < survival)
        places = np.flatnonzero(pending.ravel())[accepted]
        draws.ravel()[places] = x[accepted]
        pending.ravel()[places] = False
    return draws


def _reach(gap: Array, variance: Array) -> Array:
    """Where g x/t + x²/2t = 40, by the root without a difference."""
    room = 2 * _DROP * variance
    return room / (gap + np.hypot(gap, np.sqrt(room)))


def _tilted(mode: Array, m: Array, t: Array, low: Array, high: Array, u: Array) -> Array:
    """The quantile at u of the density exp(-|x - m| g/t) on [low, high], flat for g = 0.

    For g > 0 the mode is an end of the interval; with g = 0 only finite ones are asked for.
    """
    rate = np.abs(mode - m) / t
    width = high - low
    flat = rate * np.where(np.isfinite(width), width, 0.0) < 1e-8
    flat &= np.isfinite(width) | (rate == 0)
    drop = np.where(flat, 1.0, rate) * width
    depth = np.where(
        flat,
        u * np.where(np.isfinite(width), width, 0.0),
        -np.log1p(u * np.expm1(-drop)) / np.where(flat, 1.0, rate),
    )
    return np.where(m > mode, mode - depth, np.where(m < mode, mode, low) + depth)
