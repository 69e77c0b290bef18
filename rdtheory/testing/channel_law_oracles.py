"""Laws of the index of PFR by quadrature, to about 1e-12, for the pairs of `channel_oracles`.

One pair [T3.3c] or the average over a Gaussian channel [T3.3e]. Symbols as in `channel_oracles`.

Abscissas and weights are those of Gauss and Legendre (16 points for each panel), the masses are
float64 sums of positive terms, and so are the results: nothing cancels. The two differences there
are, h = r A - B and 1/(1 + h), are harmless: h >= r - 1, so that an error of 1e-16 r is one of at
most 3e-16 (1 + h).
"""

from dataclasses import dataclass
from functools import cache, cached_property
from math import erfc, lgamma, log, pi, sqrt
from typing import TypeAlias

import numpy as np

from rdtheory.testing.channel_oracles import Pair

Array: TypeAlias = np.ndarray

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def panels(edges: Array) -> tuple[Array, Array]:
    """Abscissas and weights of the panels between the edges, one row for each panel.

    >>> x, weight = panels(np.array([0.0, 1.0, 3.0]))
    >>> x.shape, round(float(np.sum(weight * x**2)), 12)
    ((2, 16), 9.0)
    """
    half = np.diff(edges)[:, None] / 2
    return edges[:-1, None] + half * (1 + NODES), half * WEIGHTS


def neg_xlogx(x: Array) -> Array:
    """-x ln x, 0 at 0 [T9.5].

    >>> neg_xlogx(np.array([0.0, 1.0])) + 0.0
    array([0., 0.])
    """
    return -x * np.log(np.where(x > 0, x, 1))


# ------------------------------------------------------------------------------------------------
# float64 masses of the level sets: sums of positive terms
# ------------------------------------------------------------------------------------------------

_erfc = np.vectorize(erfc, otypes=[float])


def _normal_cdf(x: Array) -> Array:
    return _erfc(-x / np.sqrt(2)) / 2


_STIRLING = np.array(
    [0.0] + [lgamma(k + 1) - (k + 0.5) * log(k) + k - log(2 * pi) / 2 for k in range(1, 20)]
)
"""Ln k! less Stirling's formula, for k < 20."""


_LOG_FACTORIAL = np.array([lgamma(k + 1) for k in range(1000)])


def log_poisson_pmf(k: Array | float, mean: Array | float) -> Array:
    """Ln P(Poisson(mean) = k) by its deviance: no difference of large numbers.

    >>> round(float(np.exp(2 + log_poisson_pmf(3, 2.0))), 12)  # 2³/3!
    1.333333333333
    """
    k, mean = np.broadcast_arrays(np.asarray(k, float), np.asarray(mean, float))
    away = k - mean
    with np.errstate(all="ignore"):
        deviance = np.where(abs(away) < mean, k * np.log1p(away / mean), k * np.log(k / mean))
        series = 1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * k**2)) / k**2) / k**2
        remainder = np.where(k < 20, _STIRLING[np.minimum(k, 19).astype(int)], series / k)
        full = away - deviance - np.log(2 * np.pi * k) / 2 - remainder
    return np.where(k == 0, -mean, np.where(mean > 0, full, -np.inf))


def _radial(radius: Array, centre: float, dim: int) -> tuple[Array, Array, Array]:
    """Density of ‖Z - c‖ at the radii, P(‖Z - c‖ <= radius) and its complement; Z ~ N(0, I_d)."""
    if dim > 1:
        blocks = [radius[i : i + 16] for i in range(0, len(radius), 16)]
        parts = [_radial_even(block, centre, dim // 2) for block in blocks]
        density, near, far = (np.concatenate(part) for part in zip(*parts, strict=True))
        return density, near, far
    inner = np.minimum(radius, 0.5)[:, None] * NODES
    near = np.exp(-((centre + inner) ** 2) / 2) @ WEIGHTS * radius / np.sqrt(2 * np.pi)
    wide = _normal_cdf(radius - centre) - _normal_cdf(-radius - centre)
    far = _normal_cdf(-radius - centre) + _normal_cdf(centre - radius)
    density = np.exp(-((radius - centre) ** 2) / 2) + np.exp(-((radius + centre) ** 2) / 2)
    return density / np.sqrt(2 * np.pi), np.where(radius < 0.5, near, wide), far


def _radial_even(radius: Array, centre: float, half: int) -> tuple[Array, Array, Array]:
    """{‖Z - c‖² <= x} is {N >= d/2 + J}, J ~ Poisson(‖c‖²/2) and N ~ Poisson(x/2)."""
    y, mean = radius[:, None] ** 2 / 2, centre**2 / 2
    low, high = min(y.min(), mean), max(y.max(), mean)
    first = max(0, int(low - 12 * sqrt(low)) - 40)
    k = np.arange(first, int(high + 12 * sqrt(high)) + 40 + half)
    j = k[: len(k) - half]
    if k[-1] < 1000 and mean > 0:  # the plain form, faster, loses 1000 · 7 · 1e-16 at most
        points = np.exp(k * np.log(y) - y - _LOG_FACTORIAL[k])
        weight = np.exp(j * log(mean) - mean - _LOG_FACTORIAL[j])
    else:
        points, weight = np.exp(log_poisson_pmf(k, y)), np.exp(log_poisson_pmf(j, mean))
    least, most = np.cumsum(points[:, ::-1], axis=1)[:, ::-1], np.cumsum(points, axis=1)
    before = slice(half - 1, -1)  # N = d/2 - 1 + J
    density = radius * (points[:, before] @ weight)
    return density, least[:, half:] @ weight, most[:, before] @ weight


@dataclass(frozen=True)
class Geometry:
    """c, a and κ of a pair with s ≠ 1: ln r = κ - a L² (see `channel_oracles`)."""

    centre: float
    slope: float
    peak: float

    @classmethod
    def of(cls, pair: Pair) -> "Geometry":
        """Those of the pair.

        >>> Geometry.of(Pair(3.0, 0.5)).centre
        4.0
        """
        square = (1 - pair.std) * (1 + pair.std)  # 1 - s²
        peak = -pair.dim * log(pair.std) + pair.shift**2 / (2 * square)
        return cls(pair.shift / abs(square), square / (2 * pair.std**2), peak)


@dataclass(frozen=True)
class LevelSets:
    """At abscissas x (u or L): ln η, its derivative in x, the density of q, P_p and P_q."""

    log_level: Array
    slope: Array
    density: Array
    prior_above: Array
    prior_below: Array
    target_below: Array


def level_sets(pair: Pair, x: Array) -> LevelSets:
    """The level sets {r >= η} whose boundary is at x (u where s = 1, else L).

    >>> float(level_sets(Pair(2.0), np.array([0.0])).prior_above[0])
    0.5
    """
    m, s = pair.shift, pair.std
    if s == 1:
        density = np.exp(-((x - m) ** 2) / 2) / np.sqrt(2 * np.pi)
        below = _normal_cdf(x), _normal_cdf(x - m)
        return LevelSets(m * x - m**2 / 2, m + 0 * x, density, _normal_cdf(-x), *below)
    shape = Geometry.of(pair)
    _, near, far = _radial(x, shape.centre, pair.dim)
    density, target_near, target_far = _radial(x / s, s * shape.centre, pair.dim)
    sides = (near, far, target_far) if s < 1 else (far, near, target_near)
    return LevelSets(shape.peak - shape.slope * x**2, -2 * shape.slope * x, density / s, *sides)


# ------------------------------------------------------------------------------------------------
# A mixture of geometric laws [T3.3c]
# ------------------------------------------------------------------------------------------------

_DIRECT = 200
"""Probabilities P(K = k) that are summed one by one; beyond, k is a continuous variable."""


@dataclass(frozen=True)
class GeometricMixture:
    """K given h is geometric with success 1/(1 + h) [T3.3c]; a law of ln h by its quadrature.

    Attributes:
        log_h: ln h at the abscissas.
        weight: their probabilities.
        log_r: ln r(z) at the abscissas.
        log_above: ln P_p(r >= r(z)) at the abscissas.
    """

    log_h: Array
    weight: Array
    log_r: Array
    log_above: Array

    def pmf(self, k: float) -> float:
        """P(K = k); smooth in k."""
        return float(self._pmf(np.array([k], float))[0])

    def _pmf(self, k: Array) -> Array:
        log_h, weight = self._likely
        rate, start = np.logaddexp(0, -log_h), np.logaddexp(0, log_h)
        return np.exp(-np.multiply.outer(k - 1, rate) - start) @ weight

    @cached_property
    def _likely(self) -> tuple[Array, Array]:
        """Ln h and weight without what only E h notices."""
        likely = self.weight > 1e-19
        return self.log_h[likely], self.weight[likely]

    def survival(self, n: float) -> float:
        """P(K > n) = E (h/(1 + h))^n [T3.3f]: the total variation of truncation [T3.5b]."""
        return float(np.exp(-n * np.logaddexp(0, -self.log_h)) @ self.weight)

    @property
    def mean(self) -> float:
        """E K = 1 + E h [T3.3f]."""
        return float(np.sum(self.weight) + np.exp(self.log_h) @ self.weight)

    @cached_property
    def mean_log2(self) -> float:
        """E log2 K, by ln k = ∫_0^∞ (e^-t - e^-kt)/t dt averaged over the geometric law.

        The integrand is e^-t h x/(1 + h x), x = 1 - e^-t, in ln t: analytic for |Im ln t| < π/2,
        where it decays, so that the trapezoidal rule of step 0.2 is exact to e^-49.
        """
        log_h, weight = self._likely
        log_t = np.arange(-max(log_h.max(), 0) - 40, 6.7, 0.2)
        x = np.log(-np.expm1(-np.exp(log_t)))
        part = 1 / (1 + np.exp(-np.add.outer(log_h, x).clip(-700)))
        return float(weight @ part @ np.exp(-np.exp(log_t))) * 0.2 / log(2)

    @cached_property
    def entropy_bits(self) -> float:
        """H(K): a sum up to `_DIRECT`, then Euler and Maclaurin from half-way to the next k."""
        direct = self._pmf(np.arange(1.0, _DIRECT + 1))
        start = _DIRECT + 0.5
        last = max(self._likely[0].max(), log(start)) + 4
        v, weights = panels(np.linspace(log(start), last, int(last - log(start)) + 2))
        tail = neg_xlogx(self._pmf(np.exp(v.ravel()))) * np.exp(v.ravel())
        ends = neg_xlogx(self._pmf(np.array([start - 0.5, start + 0.5])))
        total = neg_xlogx(direct).sum() + tail @ weights.ravel() + (ends[1] - ends[0]) / 24
        return float(total) / log(2)

    @property
    def divergence_bits(self) -> float:
        """D_CS [T3.6a] as E_q[-ln P_p(r >= r(Z))] - 1 nats: its integral by parts."""
        return float(-self.log_above @ self.weight - 1) / log(2)


@cache
def pfr_law(pair: Pair) -> GeometricMixture:
    """The law of the index of PFR.

    The abscissas cover q and q²/p (the law that E h weighs by, where it exists) up to 8.5
    standard deviations, whose mass beyond is 2e-17.

    >>> round(pfr_law(Pair(2.0, 0.3)).mean_log2, 6)
    3.379912
    """
    return _pfr_law(pair)


def _pfr_law(pair: Pair) -> GeometricMixture:
    m, s, reach = pair.shift, pair.std, 8.5
    tilted = s / sqrt(2 - s**2) if s**2 < 2 else s
    if s == 1:
        low, high, steepest = m - reach, 2 * m + reach, m
    else:
        shape = Geometry.of(pair)
        middle, wide = s**2 * shape.centre, reach + sqrt(pair.dim)
        # Distance of the mean 2 μ/(2 - s²) of q²/p from c: μ s²/((1 - s²)(2 - s²)).
        other = middle / (2 - s**2) if s**2 < 2 else middle
        low = max(0.0, min(middle - reach * s, other - reach * tilted))
        high = max(middle + wide * s, other + wide * tilted)
        steepest = 2 * abs(shape.slope) * high
    # A panel is no longer than a standard deviation, nor than a change of ln r by 2.5: (1 + 1/h)^-k
    # is bounded for |Im ln h| < π/2 only.
    edges = np.linspace(low, high, int((high - low) * max(1 / min(s, tilted), steepest / 2.5)) + 2)
    if low == 0 and s != 1:  # ln P_p(r >= r(z)) is singular at L = 0
        edges = np.concatenate([[0.0], edges[1] * 0.25 ** np.arange(16.0, 0.0, -1.0), edges[1:]])
    x, weight = (part.ravel() for part in panels(edges))
    at = level_sets(pair, x)
    large = np.maximum(at.log_level, 0)
    with np.errstate(divide="ignore"):
        scaled = np.exp(at.log_level - large) * at.prior_below - np.exp(-large) * at.target_below
        log_h = large + np.log(np.maximum(scaled, 1e-300))
        log_above = np.maximum(np.log(at.prior_above), -1e6)
    return GeometricMixture(log_h, weight * at.density, at.log_level, log_above)


@cache
def channel_law(correlation: float, dim: int) -> GeometricMixture:
    """The law of the index of PFR averaged over a Gaussian channel [T3.3e]: ‖x‖ is chi_d.

    >>> round(channel_law(0.9, 1).entropy_bits, 3)
    2.807
    """
    std = sqrt((1 - correlation) * (1 + correlation))
    tilted = sqrt(2 / std**2 - 1)  # of each x_i under the joint law weighed by r, as E h is
    low, middle, high = max(0.0, sqrt(dim) - 8.5), sqrt(dim) + 8.5, (sqrt(dim) + 8.5) * tilted
    likely = np.linspace(low, middle, 9 if dim < 16 else 5)
    edges = np.concatenate([likely, np.linspace(middle, high, 2 + int((high - middle) / 3))[1:]])
    norm, weight = (part.ravel() for part in panels(edges))
    density, _, _ = _radial(norm, 0.0, dim)
    parts = []
    for x, w in zip(norm, weight * density, strict=True):
        law = _pfr_law(Pair(correlation * x, std, dim))
        part = np.stack([law.log_h, w * law.weight, law.log_r, law.log_above])
        parts.append(part[:, part[1] * (1 + np.exp(law.log_h)) > 1e-19])
    return GeometricMixture(*np.concatenate(parts, axis=1))
