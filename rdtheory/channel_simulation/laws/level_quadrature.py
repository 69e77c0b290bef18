"""Integrals over the one number that a level set of dq/dp depends on.

The coordinate. Level sets are spheres of radius R about c (planes for s = 1); let R₀ = ‖μ - c‖ =
m/|g|, g = 1/s² - 1. A sphere is found by t = R₀/s + η, where R/s = ln(1 + exp(t - e^-t)): as η runs
through all real numbers R runs from 0 to infinity, fast where it is small; densities fall doubly
exponentially below and like a normal law above. For s -> 1, R₀/s is infinite and η is the normal
score of the half-space. With a = R/s - R₀/s, computed without a difference,

    ln r = its value at μ ∓ s a (m + |g| s a/2),     the sign of s - 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from scipy.special import wrightomega

from rdtheory.arrays import Array
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.errors import InputError

_REACH = 10.0
"""Standard deviations to go on both sides: 1e-23 of a normal law is beyond."""

_STEP = 0.35
"""Largest step in ln r. A geometric law is analytic in ln h to ±iπ/2, hence errors e^(-π²/step)."""

_PANEL = 0.8
"""Largest change of ln r, and of ln P_p, over a panel of eight abscissas."""

_GAUSS, _GAUSS_WEIGHTS = legendre.leggauss(8)

_LOWEST = -42.0
"""ln of the lowest level of interest: what happens at levels below has probability e^-42."""

_MOST = 2_000_000
"""Nodes: 16 MB for each number that is known of them."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Level sets found by η, from large r (for s <= 1) to small.

    Attributes:
        log_ratio: ln r.
        gap: the distance of ln r from its end, 0 for half-spaces.
        slope: |d ln r/dη|.
    """

    log_ratio: Array
    gap: Array
    slope: Array


@dataclass(frozen=True, eq=False)
class Coordinate:
    """The coordinate η of the level sets of one pair.

    >>> Coordinate(LevelSets(2.0)).levels(np.array([-1.0, 0.0])).log_ratio  # μ + 1 and μ
    array([4., 2.])
    """

    sets: LevelSets

    @property
    def centre(self) -> float:
        """R₀/s, infinite for half-spaces."""
        curvature = abs(float(self.sets.curvature))
        if curvature == 0:
            return np.inf
        return float(self.sets.shift / self.sets.std) / curvature

    def levels(self, eta: Array) -> Levels:
        """The level sets at η, a vector."""
        m, s, g = float(self.sets.shift), float(self.sets.std), abs(float(self.sets.curvature))
        radius, rate, beyond = scaled_radius(self.centre + eta)
        away = eta + beyond
        log_ratio = self.sets.log_ratio(s * away if s <= 1 else -s * away)
        steepness = m + g * s * away
        if g == 0:
            return Levels(log_ratio, gap=np.zeros(eta.shape), slope=steepness)
        steepness = np.where(radius > 1, steepness, g * s * radius)
        return Levels(log_ratio, gap=g * (s * radius) ** 2 / 2, slope=s * rate * steepness)

    def target_range(self) -> tuple[float, float]:
        """Where all of q is, but about 1e-18."""
        centre, dim = self.centre, self.sets.dim
        if np.isinf(centre):
            return -_REACH, _REACH
        typical = np.hypot(centre, np.sqrt(dim))
        middle = dim / (typical + centre)
        low = middle - _REACH if typical > _REACH else smallest_radius(dim) - centre
        return low, middle + _REACH

    def target_nodes(self) -> tuple[Array, Array]:
        """ln r at the nodes of a trapezoidal rule, and the logarithms of their weights under q.

        >>> log_r, log_weight = Coordinate(LevelSets(2.0)).target_nodes()
        >>> weight = np.exp(log_weight)
        >>> round(float(weight.sum()), 12), round(float(weight @ log_r), 12)  # KL = 2 nats
        (1.0, 2.0)
        """
        if self.sets.equal:
            return np.zeros(1), np.zeros(1)
        low, high = self.target_range()
        # Farther out than this the step may be coarser than the rule, by the square root of 2.
        ends = np.array([max(low, high - 1.5 * _REACH), high - _REACH / 2])
        steepest = self.levels(ends).slope.max()
        count = int((high - low) / min(0.2, _STEP / steepest)) + 2
        if count > _MOST:
            raise self._too_far()
        eta, step = np.linspace(low, high, count, retstep=True)
        at = self.levels(eta)
        gap = at.gap if np.isfinite(self.centre) else None
        with np.errstate(divide="ignore"):
            log_weight = self.sets.log_density(at.log_ratio, gap) + np.log(at.slope * step)
        return at.log_ratio, log_weight

    def whole_range(self) -> tuple[float, float]:
        """Where q or p is, up to 1e-18, without levels below e^-42."""
        low, high = self.target_range()
        m, s, dim = float(self.sets.shift), float(self.sets.std), self.sets.dim
        # p is a law about the same centre: the origin is m farther from it than μ, or nearer.
        origin = self.centre * s + (m if s <= 1 else -m)
        typical = np.hypot(origin, np.sqrt(dim))
        middle = dim / (typical + origin)
        if s <= 1:
            return low, max(high, min((middle + m + _REACH) / s, self._lowest()))
        prior = (middle - m - _REACH) / s if typical > _REACH else -np.inf
        first = max(prior, self._lowest(), smallest_radius(dim) - self.centre)
        return min(low, first), high

    def whole_nodes(self) -> tuple[Array, Array]:
        """ln h at the nodes of a trapezoidal rule over all of p and q, and the weights of dh/h.

        >>> sets = LevelSets(2.0)
        >>> log_h, weight = Coordinate(sets).whole_nodes()
        >>> round(float(weight @ np.exp(sets.log_density(log_h))), 12)  # of ln r under q
        1.0
        """
        low, high = self.whole_range()
        step = 0.1 * min(1.0, 1 / float(self.sets.std))
        eta, step = np.linspace(low, high, int((high - low) / step) + 2, retstep=True)
        at = self.levels(eta)
        return at.log_ratio, at.slope * step

    def panels(self) -> "Panels":
        """Panels over all of p and q."""
        low, high = self.whole_range()
        s, dim = float(self.sets.std), self.sets.dim
        # As many panels as changes of ln r, of ln P_p (as R^d at most) and of R/s and R.
        eta = np.linspace(low, high, 2001)
        at = self.levels(eta)
        radius, rate, _ = scaled_radius(self.centre + eta)
        scales = at.slope / _PANEL + dim * rate / (radius * _PANEL) + 3 * max(1.0, s)
        count = np.concatenate([[0.0], np.cumsum((scales[1:] + scales[:-1]) / 2 * np.diff(eta))])
        if count[-1] > _MOST / _GAUSS.size:
            raise self._too_far()
        edges = np.interp(np.linspace(0, count[-1], int(count[-1]) + 2), count, eta)
        half = np.diff(edges)[:, None] / 2
        nodes = edges[:-1, None] + half * (1 + _GAUSS)
        if s <= 1:
            nodes, half = nodes[::-1, ::-1], half[::-1]
        at = self.levels(nodes.ravel())
        with np.errstate(divide="ignore"):
            return Panels(
                log_first=float(self.levels(np.array([high if s <= 1 else low])).log_ratio[0]),
                log_h=at.log_ratio.reshape(nodes.shape),
                log_width=np.log(at.slope.reshape(nodes.shape) * half),
            )

    def _lowest(self) -> float:
        """An η where ln r is about -42, a little less; infinitely far if it is above everywhere."""
        m, s, g = float(self.sets.shift), float(self.sets.std), abs(float(self.sets.curvature))
        height = float(self.sets.log_ratio(0.0)) - _LOWEST
        if s <= 1:
            return 2 * height / (m + np.sqrt(m * m + 2 * g * height)) / s + 1
        square = m * m - 2 * g * height
        return -2 * height / (m + np.sqrt(square)) / s - 1 if square > 0 else -np.inf

    def _too_far(self) -> InputError:
        kl = float(self.sets.kl_nats)
        return InputError(
            "shift, std", f"a KL of {kl:.3g} nats", "smaller ones", "split it into chunks"
        )


@dataclass(frozen=True, eq=False)
class Panels:
    """Integrals over levels k = ln h: eight abscissas in each of many panels, k increasing.

    Attributes:
        log_first: k where the first panel begins.
        log_h: k, shape (panels, 8).
        log_width: ln of dk/dx, -1 < x < 1 along a panel; same shape.
    """

    log_first: float
    log_h: Array
    log_width: Array

    def take(self, kept: Array) -> "Panels":
        """Some of the panels, from the first on."""
        return Panels(self.log_first, self.log_h[kept], self.log_width[kept])

    @property
    def log_weights(self) -> Array:
        """ln of the weights that make ∫ f dk a sum over the abscissas."""
        return self.log_width + np.log(_GAUSS_WEIGHTS)

    def log_cumulative(self, log_values: Array, log_start: float) -> Array:
        """ln of e^start + ∫ exp(log_values) dk from the first level to each.

        >>> panels = Coordinate(LevelSets(2.0)).panels()
        >>> risen = panels.log_cumulative(panels.log_h, panels.log_first)  # of dh, from h
        >>> bool(abs(risen - panels.log_h).max() < 1e-9)
        True
        """
        scaled = log_values + self.log_width
        top = scaled.max(axis=1, keepdims=True)
        top = np.where(np.isfinite(top), top, 0.0)
        with np.errstate(under="ignore", divide="ignore"):
            values = np.exp(scaled - top)
            within = top + np.log(np.maximum(values @ _CUMULATIVE, 0.0))
            whole = top[:, 0] + np.log(values @ _GAUSS_WEIGHTS)
            before = np.logaddexp.accumulate(np.concatenate([[log_start], whole[:-1]]))
            return np.logaddexp(before[:, None], within)


def _cumulative_weights() -> Array:
    """c with Σ_j f(x_j) c_ji = the integral of the interpolating polynomial from -1 to x_i."""
    size = _GAUSS.size
    integrals = legendre.legint(np.eye(size), lbnd=-1)
    at_nodes = legendre.legvander(_GAUSS, size) @ integrals
    return np.linalg.solve(legendre.legvander(_GAUSS, size - 1).T, at_nodes.T)


_CUMULATIVE = _cumulative_weights()


def scaled_radius(t: Array) -> tuple[Array, Array, Array]:
    """R = ln(1 + exp(t - e^-t)), dR/dt, and R - t to its last digits.

    >>> radius, rate, beyond = scaled_radius(np.array([-3.0, 0.0, 40.0]))
    >>> radius.round(6), rate.round(6)
    (array([ 0.      ,  0.313262, 40.      ]), array([0.      , 0.537883, 1.      ]))
    """
    with np.errstate(under="ignore"):
        inward = np.exp(-t)
        y = t - inward
        residue = np.log1p(np.exp(-np.abs(y)))
        rate = (1 + inward) * np.exp(-np.logaddexp(0.0, -y))
    beyond = np.where(y > 0, -inward + residue, residue - np.minimum(t, 1.0))
    return np.logaddexp(0.0, y), rate, beyond


def smallest_radius(dim: int) -> float:
    """The t below which a ball has less than e^-42 of the mass of the unit ball, R^d.

    >>> radius = scaled_radius(np.array([smallest_radius(2)]))[0]
    >>> (2 * np.log(radius)).round(6)
    array([-42.])
    """
    return -float(np.log(wrightomega(42.0 / dim)))
