"""Laws of the index of greedy schemes by quadrature, for the pairs of `channel_oracles`.

GRS, greedy rejection [T3.7b]. GPRS, greedy Poisson rejection: of the points (t_i, z_i) of a
unit-rate Poisson process, accept the first with t_i <= σ(r(z_i)), σ(η) = ∫_0^η dη'/S(η'). At time
t = σ(η) nothing has been accepted with probability S(η), so that T has density w(η) dη; the
points rejected before T = t are Poisson with mean t + ln S = ∫_0^η (1 - w)/S dη'.

Symbols as in `channel_oracles`. S(η) is the integral of w from the top, never a difference: all
sums are of positive terms.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import exp, inf, log, sqrt
from typing import TypeAlias

import numpy as np
from mpmath import mp

from rdtheory.testing.channel_law_oracles import (
    NODES,
    WEIGHTS,
    Geometry,
    LevelSets,
    level_sets,
    log_poisson_pmf,
    neg_xlogx,
    panels,
)
from rdtheory.testing.channel_oracles import Pair, d_inf

Array: TypeAlias = np.ndarray

_VANDER = np.polynomial.legendre.legvander(NODES, 16)
_COEFFICIENTS = (WEIGHTS[:, None] * _VANDER[:, :16] * (np.arange(16) + 0.5)).T
"""Values at the nodes -> coefficients of Legendre polynomials."""
_SLOPES = np.polynomial.legendre.legder(np.eye(16))
_DERIVATIVE = _VANDER[:, :15] @ _SLOPES @ _COEFFICIENTS
"""Values at the nodes -> derivatives there."""
_PRIMITIVES = (_VANDER[:, 2:] - _VANDER[:, :-2]) / (2 * np.arange(1, 16) + 1)
_CUMULATIVE = np.hstack([_VANDER[:, :1] + _VANDER[:, 1:2], _PRIMITIVES]) @ _COEFFICIENTS
"""Values at the nodes -> integrals from -1 to each node."""


def _running(width: Array, values: Array) -> Array:
    """∫ of the values from the first edge to each abscissa; `width` are the weights."""
    whole = (width * values).sum(axis=1)
    before = np.concatenate([[0.0], np.cumsum(whole)[:-1]])
    return before[:, None] + (width * values / WEIGHTS) @ _CUMULATIVE.T


@dataclass(frozen=True)
class LevelTable:
    """Functions of the level η at rising abscissas, one row for each panel.

    Attributes:
        log_level: ln η.
        width: weights of the integral over η.
        above: w(η).
        below: 1 - w(η).
        excess: S(η).
        first: the first level; below it w = 1 to 1e-20 (unless a start was asked for).
        edges: of the panels: u, -ln L (s < 1) or L (s > 1), which rise with the level.
    """

    log_level: Array
    width: Array
    above: Array
    below: Array
    excess: Array
    first: float
    edges: Array

    @property
    def rejected(self) -> Array:
        """∫ (1 - w)/S from the first level: t + ln S(t), the mean of K - 1 in GPRS."""
        return _running(self.width, self.below / self.excess)

    @property
    def divergence_bits(self) -> float:
        """D_CS = -∫ w log w dη [T3.6a]."""
        return float(np.sum(neg_xlogx(self.above) * self.width)) / log(2)

    def resampled(self, edges: list[Array]) -> "LevelTable":
        """The same functions on other panels, whose `edges` are not found, by interpolation.

        Args:
            edges: for each panel, edges in [-1, 1] of the panels that it becomes; empty: none.
        """
        rows: list[tuple[Array, ...]] = []
        for i, inner in enumerate(edges):
            if len(inner) < 2:
                continue
            x, weight = panels(inner)
            basis = np.polynomial.legendre.legvander(x, 15) @ _COEFFICIENTS
            fields = (self.log_level, self.above, self.below, self.excess)
            log_level, *others = (basis @ field[i] for field in fields)
            rows.append((log_level, basis @ (self.width[i] / WEIGHTS) * weight, *others))
        joined = [np.concatenate(field) for field in zip(*rows, strict=True)]
        names = ("log_level", "width", "above", "below", "excess")
        return replace(self, **dict(zip(names, joined, strict=True)), edges=np.array([]))


def _coordinate(pair: Pair, log_level: float) -> float:
    if pair.std == 1:
        return log_level / pair.shift + pair.shift / 2
    shape = Geometry.of(pair)
    square = (shape.peak - log_level) / shape.slope
    return -log(square) / 2 if pair.std < 1 else sqrt(square)


@cache
def level_table(pair: Pair, start: float | None = None) -> LevelTable:
    """The table from ln η = `start` (or from where w = 1) to where 1e-20 is left of S.

    >>> round(level_table(Pair(0.9, 0.19**0.5)).divergence_bits, 4)
    1.7167
    """
    m, s = pair.shift, pair.std
    shape = Geometry.of(pair) if s != 1 else Geometry(0, 1, inf)
    if s == 1:
        low, high = min(-12.0, 2 * m - 14), m + 14
    elif s < 1:
        low, high = -log((shape.peak + 60) / shape.slope) / 2, 40.0
    else:
        curve = 0.5 + shape.slope
        low, high = 1e-9, (shape.centre + sqrt(shape.centre**2 + 240 * curve)) / (2 * curve)

    def at(coordinate: Array) -> tuple[LevelSets, Array]:
        x = np.exp(-coordinate) if s < 1 else coordinate
        found = level_sets(pair, x)
        return found, found.slope * (-x if s < 1 else 1)

    scan = np.linspace(low, high, 3000)
    found, _ = at(scan)
    with np.errstate(divide="ignore"):
        log_above, log_below = np.log(found.prior_above), np.log(found.prior_below)
    # ln S, roughly: S = w (sup r - η)/(1 + d/2) near the top.
    left = np.log(np.minimum(1, shape.slope * np.exp(-2 * scan))) if s < 1 else 0
    keep = (found.log_level + log_below > -46) & (found.log_level + log_above + left > -46)
    begin = -inf if start is None else _coordinate(pair, start)
    inside = np.flatnonzero(keep & (scan > begin))
    part = slice(max(inside[0] - 1, 0), inside[-1] + 2)
    scan = scan[part]
    # Panels no longer than these changes.
    limits = ((found.log_level, 1.5), (log_above, 2.0), (log_below, 4.0))
    steps = [abs(np.diff(values[part])) / longest for values, longest in limits]
    arcs = np.concatenate([[0], np.cumsum(np.max([*steps, np.diff(scan) / 0.5], axis=0))])
    inner = np.interp(np.arange(1, arcs[-1]), arcs, scan)
    begin = max(begin, scan[0])
    edges = np.concatenate([[begin], inner[inner > begin + 1e-9], [scan[-1]]])
    coordinate, weight = panels(edges)
    found, slope = at(coordinate.ravel())
    width = (np.exp(found.log_level) * slope).reshape(weight.shape) * weight
    log_level, above, below = (
        values.reshape(weight.shape)
        for values in (found.log_level, found.prior_above, found.prior_below)
    )
    upwards = slice(None, None, -1)
    excess = _running(width[upwards, upwards], above[upwards, upwards])[upwards, upwards]
    first = exp(at(np.array([begin]))[0].log_level[0])
    return LevelTable(log_level, width, above, below, excess, first, edges)


# ------------------------------------------------------------------------------------------------
# Laws: probabilities one by one, then a density in continuous k
# ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TailedLaw:
    """A law of K: probabilities of 1..n + 1, and their continuation to all real k > n.

    Attributes:
        direct: P(K = k), k = 1..n + 1.
        tail_k: abscissas k > n.
        tail_pmf: P(K = k) there.
        tail_weight: weights of the integral over k.
        mean: E K = e^{D_∞} [T3.7a].
    """

    direct: Array
    tail_k: Array
    tail_pmf: Array
    tail_weight: Array
    mean: float

    def pmf(self, k: int) -> float:
        """P(K = k) for k <= n + 1."""
        return float(self.direct[k - 1])

    def expectation(self, f: Callable[[Array, Array], Array]) -> float:
        """Σ_k P f(k, P), by Euler and Maclaurin from n on."""
        k = np.arange(1.0, len(self.direct) + 1)
        terms = self.direct * f(k, np.maximum(self.direct, 1e-300))
        end = terms[-1] + terms[-2] / 2 + (terms[-1] - terms[-3]) / 24
        tail = self.tail_pmf * f(self.tail_k, np.maximum(self.tail_pmf, 1e-300))
        return float(terms.sum() - end + tail @ self.tail_weight)

    @property
    def total(self) -> float:
        """Σ_k P(K = k)."""
        return self.expectation(lambda k, pmf: np.ones_like(k))

    @cached_property
    def entropy_bits(self) -> float:
        """H(K)."""
        return self.expectation(lambda k, pmf: -np.log2(pmf))

    @cached_property
    def mean_log2(self) -> float:
        """E log2 K."""
        return self.expectation(lambda k, pmf: np.log2(k))


def grs_steps(pair: Pair, steps: int) -> tuple[Array, Array]:
    """L_1..L_n and S_1..S_n of [T3.7b] in float64, S interpolated in `level_table`.

    >>> levels, survivals = grs_steps(Pair(0.9, 0.19**0.5), 3)
    >>> levels[:2], round(float(survivals[1]), 6)
    (array([0., 1.]), 0.551684)
    """
    table = level_table(pair)
    levels, survivals = [0.0], [1.0]
    while len(levels) < steps:
        level = levels[-1] + survivals[-1]
        left = 1 - level
        if level > table.first:
            x = _coordinate(pair, log(level))
            i = int(np.clip(np.searchsorted(table.edges, x) - 1, 0, len(table.excess) - 1))
            low, high = table.edges[i : i + 2]
            place = (2 * x - low - high) / (high - low)
            left = float(np.polynomial.legendre.legval(place, _COEFFICIENTS @ table.excess[i]))
        levels.append(level)
        survivals.append(left)
    return np.array(levels), np.array(survivals)


@cache
def grs_law(pair: Pair, steps: int = 600) -> TailedLaw:
    """The law of the index of GRS: `steps` of the recursion, then its continuation.

    k is continued to a function of the level with k(η + S(η)) = k(η) + 1 (Abel's equation):
    dk/dη = (1 + S'/2 - (S S')'/12 + ...)/S, S' = -w, whose next term is of order 1/k³.

    >>> round(grs_law(Pair(0.9, 0.19**0.5)).entropy_bits, 4)
    2.8956
    """
    levels, survivals = grs_steps(pair, steps + 1)
    y, weight = (part.ravel() for part in panels(np.linspace(-50.0, 0.0, 201)))
    # P(K = 1) = 1 - S_2 = ∫_0^1 w: the latter, over ln η, where the difference would lose digits.
    first = _above(pair, y) @ (weight * np.exp(y)) if survivals[1] > 0.9 else 1 - survivals[1]
    direct = np.concatenate([[first], _accepted(pair, np.log(levels[1:]), survivals[1:])])
    table = level_table(pair, log(levels[steps - 1]))
    with mp.workdps(30):
        mean = float(mp.exp(d_inf(pair)))
    density = table.width / WEIGHTS
    curvature = (table.above @ _DERIVATIVE.T) / density  # w'
    scale = 1 - table.above / 2 - (table.above**2 - table.excess * curvature) / 12
    rate = scale / table.excess
    k = steps + _running(table.width, rate)
    pmf = _accepted(pair, table.log_level, table.excess)
    return TailedLaw(direct, k.ravel(), pmf.ravel(), (table.width * rate).ravel(), mean)


def _accepted(pair: Pair, log_level: Array, excess: Array) -> Array:
    """P(K = k) = S_k - S_{k+1} = ∫ w from L_k = η to η + S(η)."""
    x, weight = panels(np.array([0.0, 1.0]))
    further = np.log1p(np.multiply.outer(excess / np.exp(log_level), x[0]))
    return excess * (_above(pair, log_level[..., None] + further) @ weight[0])


def _above(pair: Pair, log_level: Array) -> Array:
    """The mass w(η) = P_p(r >= η)."""
    if pair.std == 1:
        x = log_level / pair.shift + pair.shift / 2
    else:
        shape = Geometry.of(pair)
        x = np.sqrt(np.maximum((shape.peak - log_level) / shape.slope, 0))
    return level_sets(pair, x.ravel()).prior_above.reshape(x.shape)


@cache
def gprs_law(pair: Pair, direct: int = 1200) -> TailedLaw:
    """The law of the index of GPRS: K - 1 is Poisson(m(η)), m = t + ln S, η of density w.

    P(K = k) = E f(G), f the density of m and G ~ Gamma(k), of mean and variance k.

    >>> round(gprs_law(Pair(0.9, 0.19**0.5)).total, 12)
    1.0
    """
    table = level_table(pair)
    # Poisson laws up to the mean 2n need panels of at most 2.5 of their standard deviations.
    coarse = table.rejected
    ends = np.maximum(np.concatenate([coarse[:, 0], coarse[-1:, -1]]), 0.3)
    counts = np.sqrt(np.minimum(ends[1:], direct)) * np.diff(np.log(ends)) / 2.5
    needed = np.where(ends[:-1] < 2 * direct, counts, 0).astype(int) + 1
    table = table.resampled([np.linspace(-1, 1, n + 1) for n in needed])
    m = table.rejected
    k = np.arange(1.0, direct + 2)
    pmf = np.exp(log_poisson_pmf(k[:, None] - 1, m.ravel())) @ (table.above * table.width).ravel()
    pmf[0] += table.first
    # The tail: slopes of F = ln f in v = ln m, along each panel.
    starts = [_where(row, direct) for row in m]
    late = np.array(starts) < 1
    log_f = np.log(table.above * table.excess / table.below)
    speed = table.below * table.width / WEIGHTS / (table.excess * m)
    slopes = [log_f]
    for _ in range(4):
        slopes.append((slopes[-1] @ _DERIVATIVE.T) / speed)
    log_pmf = log_f + np.where(late[:, None], _log_gamma_moment(m, *slopes[1:]), 0)
    edges = [np.array([start, 1.0]) if start < 1 else np.array([]) for start in starts]
    tail = table.resampled(edges)
    parts = []
    for i in np.flatnonzero(late):
        basis = np.polynomial.legendre.legvander(panels(edges[i])[0][0], 15) @ _COEFFICIENTS
        parts.append((basis @ m[i], np.exp(basis @ log_pmf[i])))
    tail_k, tail_pmf = (np.concatenate(part) for part in zip(*parts, strict=True))
    weight = (tail.below * tail.width / tail.excess).ravel()
    with mp.workdps(30):
        return TailedLaw(pmf, tail_k, tail_pmf, weight, float(mp.exp(d_inf(pair))))


def _log_gamma_moment(k: Array, a: Array, a2: Array, a3: Array, a4: Array) -> Array:
    """Ln(E f(G)/f(k)), G ~ Gamma(k), of f with the derivatives a, a2... of ln f in ln k.

    A power is exact: E G^a = R(a) k^a, ln R = ln Γ(k + a) - ln Γ(k) - a ln k. Otherwise ln f has
    the expansion of a cumulant generating function: R and its derivatives are averaged.
    """
    square = a * (a - 1)
    log_power = square / (2 * k) - square * (2 * a - 1) / (12 * k**2) + square**2 / (12 * k**3)
    c1 = (2 * a - 1) / (2 * k) - (6 * square + 1) / (12 * k**2)
    c2 = 1 / k - (2 * a - 1) / (2 * k**2)
    rest = a2 / 2 * (c2 + c1**2) + a3 / 2 * c1 * c2 + (a4 + 3 * a2**2) / 8 * c2**2
    return (log_power + np.log1p(rest.clip(-0.5, 0.5))).clip(-0.5, 0.5)


def _where(values: Array, target: float) -> float:
    """The place in [-1, 1] where the rising interpolant of one panel passes `target`; or an end."""
    coefficients = _COEFFICIENTS @ values
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        below = np.polynomial.legendre.legval(middle, coefficients) < target
        low, high = (middle, high) if below else (low, middle)
    return -1.0 if high < -1 + 1e-15 else 1.0 if low > 1 - 1e-15 else high


def acceptance_times(pair: Pair) -> tuple[Array, Array]:
    """Ln η and σ(η) = ∫_0^η dη'/S, so densely that linear interpolation errs by 1e-5.

    >>> log_level, time = acceptance_times(Pair(1.5))
    >>> bool(np.all(np.diff(log_level) > 0) and np.all(np.diff(time) > 0))
    True
    """
    table = level_table(pair)
    fine = table.resampled([np.linspace(-1, 1, 17)] * len(table.above))
    time = fine.rejected - np.log(fine.excess)
    small = np.linspace(-40, log(table.first), 500)[:-1]  # w = 1, S = 1 - η
    below = -np.log1p(-np.exp(small))
    level = fine.log_level.ravel()
    return np.concatenate([small, level]), np.concatenate([below, time.ravel()])
