"""The level sets {r >= h} of r = dq/dp, q = N(μ, s² I_d), p = N(0, I_d) [T3.3d, T3.3e, T3.12].

All that reverse channel coding needs to know about such a pair are, for a level h = e^k,

    P_p(r >= h), P_q(r >= h)    the prior's and the target's mass
    E_p[(r - h)_+]              the excess, = P_q(r >= h) - h P_p(r >= h)
    h(z) = E_p[(r(z) - r)_+]    the odds against the index 1 at z, = r(z) - 1 + excess at r(z)

and they depend on μ through m = ‖μ‖ alone. For s = 1 level sets are half-spaces, for s < 1 balls
about c = μ/(1 - s²), for s > 1 their complements: there p and q change places, since p is a
narrower Gaussian seen from q, with the ratio 1/r, and what was above a level is below.

Everything is in the logarithmic domain, good to about 1e-13 (2e-11 at worst; relative to the
logarithm where that is large). Half-spaces have closed forms [T3.12d]; balls go through `contour`.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from scipy.special import erfcx, log_ndtr

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.channel_simulation.contour import (
    Level,
    LogRatio,
    increasing_root,
    log_complement,
    log_inversion,
    log_option,
    log_tail,
)
from rdtheory.errors import InputError

_CERTAIN = 40.0
"""For ln r above this ln h(z) = ln r to the last bit, as 0 <= r - h(z) <= 1."""


class LevelSets:
    """The level sets of dq/dp for q = N(μ, s² I_d), p = N(0, I_d); one pair or an array of them.

    Args:
        shift: m = ‖μ‖ >= 0.
        std: s > 0, any shape that broadcasts against `shift`; their common shape is that of the
            pairs. Levels broadcast against it.
        dim: d, the number of dimensions.

    Raises:
        InputError: if a shift is negative, a std not positive, or the shapes do not fit.

    >>> sets = LevelSets(shift=1.5)
    >>> round(float(sets.expected_better(0.8, 3.0)), 6)
    0.203975
    >>> sets.horizon(0.8, [0.1, 0.01, 0.001]).round(5)
    array([  6.74135,  38.9296 , 133.58478])
    """

    def __init__(self, shift: Any, std: Any = 1.0, dim: int = 1) -> None:
        shift, std = float64(np, "shift", shift), float64(np, "std", std)
        check("shift", shift, (shift >= 0) & (shift <= 1e9), "numbers from 0 to 1e9")
        check("std", std, (std >= 1e-9) & (std <= 1e9), "numbers from 1e-9 to 1e9")
        self.dim = whole_number("dim", dim)
        try:
            self.shift, self.std = np.broadcast_arrays(shift, std)
        except ValueError:
            given = f"shapes {shift.shape} and {std.shape}"
            raise InputError("shift, std", given, "shapes that broadcast") from None

    def take(self, index: Any) -> "LevelSets":
        """Some of the pairs: those that NumPy's indexing picks.

        >>> LevelSets([0.5, 1.5]).take([1]).kl_nats
        array([1.125])
        """
        return LevelSets(self.shift[index], self.std[index], self.dim)

    @property
    def kl_nats(self) -> Array:
        """KL(q ‖ p) = d/2 (s² - 1 - ln s²) + m²/2, in nats.

        >>> round(float(LevelSets(2.0, 0.3).kl_nats / np.log(2)), 5)  # bits
        3.96593
        """
        log_variance = 2 * np.log(self.std)
        return (self.dim * (np.expm1(log_variance) - log_variance) + self.shift**2) / 2

    @property
    def log_sup(self) -> Array:
        """D_∞ = ln sup r = m²/(2 (1 - s²)) - d ln s; infinite for s >= 1, 0 for q = p [T3.12d].

        >>> LevelSets([0.0, 2.0], [1.0, 0.3]).log_sup.round(6)
        array([0.      , 3.401775])
        """
        bounded = self.std < 1
        std = np.where(bounded, self.std, 0.5)
        top = self.shift**2 / (2 * (1 - std) * (1 + std)) - self.dim * np.log(std)
        return np.where(bounded, top, np.where(self.equal, 0.0, np.inf))[()]

    @property
    def curvature(self) -> Array:
        """g = 1/s² - 1: that of ln r along a line, its sign that of 1 - s.

        >>> LevelSets(1.0, [0.5, 1.0, 2.0]).curvature
        array([ 3.  ,  0.  , -0.75])
        """
        return ((1 - self.std) * (1 + self.std) / self.std**2)[()]

    @property
    def equal(self) -> Array:
        """Where q = p.

        >>> LevelSets([0.0, 1.0]).equal
        array([ True, False])
        """
        return ((self.shift == 0) & (self.std == 1))[()]

    def log_ratio(self, offset: Any) -> Array:
        """ln r at a signed distance x from the level set through μ, towards smaller r.

        ln r = -d ln s + m²/2 - m x - g x²/2, where for half-spaces x = m - u with u = μ·z/m, for
        balls about c x = ‖z - c‖ - ‖μ - c‖, and for s > 1 x = ‖μ - c‖ - ‖z - c‖.

        >>> float(LevelSets(2.0).log_ratio(0.5))  # u = 1.5
        1.0
        """
        x = float64(np, "offset", offset)
        at_mean = self.shift**2 / 2 - self.dim * np.log(self.std)
        return (at_mean - x * (self.shift + self.curvature * x / 2))[()]

    def log_prior_mass(self, log_h: Any, below: bool = False) -> Array:
        """ln P_p(r >= h), or ln P_p(r < h) if `below` [T3.3e].

        >>> round(float(np.exp(LevelSets(1.0).log_prior_mass(0.5))), 8)  # P(u >= 1)
        0.15865525
        """
        return self._log_mass(log_h, 0, below)

    def log_target_mass(self, log_h: Any, below: bool = False) -> Array:
        """ln P_q(r >= h), or ln P_q(r < h) if `below` [T3.3e].

        >>> round(float(np.exp(LevelSets(1.0).log_target_mass(0.5))), 8)
        0.5
        """
        return self._log_mass(log_h, 1, below)

    def log_excess(self, log_h: Any) -> Array:
        """ln E_p[(r - h)_+] = ln(P_q(r >= h) - h P_p(r >= h)) [T3.12a].

        >>> round(float(LevelSets(1.0).log_excess(800.0)), 6)  # 800 standard deviations out
        -319614.413166
        """
        return self._log_option(log_h, call=True)

    def log_h(self, log_ratio: Any) -> Array:
        """ln h(z) = ln E_p[(r(z) - r)_+] as a function of ln r(z) [T3.3d, T3.3h].

        Given z, the index of the Poisson functional representation is geometric of mean 1 + h.

        >>> sets = LevelSets(np.sqrt(200 * np.log(2)))  # 100 bits
        >>> sets.log_h(sets.log_ratio([3.0, 0.0, -3.0])).round(5)
        array([ 33.99242,  69.31472, 104.63702])
        """
        log_r = _no_nan("log_ratio", log_ratio)
        log_r, shift, std = np.broadcast_arrays(log_r, self.shift, self.std)
        out = log_r.copy()
        some = log_r <= _CERTAIN
        if some.any():
            sets = LevelSets(shift[some], std[some], self.dim)
            out[some] = sets._log_option(log_r[some], call=False)
        return out[()]

    def log_density(self, log_ratio: Any, gap: Any = None) -> Array:
        """ln of the density of ln r under q.

        Args:
            log_ratio: ln r.
            gap: the distance of ln r from its end, ln sup r (s < 1) or ln inf r (s > 1), if that is
                known to more digits than their difference.

        Raises:
            InputError: if q = p, where ln r = 0.

        >>> density = np.exp(LevelSets(2.0).log_density(2.0))  # ln r = 2u - 2 with u ~ N(2, 1)
        >>> round(float(2 * np.pi * (2 * density) ** 2), 12)
        1.0
        """
        if np.any(self.equal):
            raise InputError("shift, std", "0 and 1", "q other than p", "ln r is constant there")
        cut = self._cut("log_ratio", log_ratio, gap)
        out = np.full(cut.k.shape, -np.inf)
        free = np.full(cut.level[0].shape, np.inf)
        # From q, where r' = 1/r, the density under "p" is wanted itself.
        tilt = np.where(cut.swapped, 0.0, cut.level[0])
        out[cut.inside] = tilt + log_inversion(cut.ratio, cut.level, (), cut.ratio.branch, free)
        return out[()]

    def expected_better(self, best_score: Any, time: Any) -> Array:
        """N(s*, t) = E_p[(s* r - t)_+], how many later points are expected to beat s* [T3.12a].

        Args:
            best_score: s* > 0, the smallest score so far.
            time: t >= 0, when it is asked.

        >>> round(float(LevelSets(2.0, 0.3).expected_better(0.5, 4.0)), 5)
        0.25156
        """
        best, time = _positive("best_score", best_score), float64(np, "time", time)
        check("time", time, time >= 0, "numbers >= 0")
        with np.errstate(divide="ignore", under="ignore"):
            log_best = np.log(best)
            return np.exp(log_best + self.log_excess(np.log(time) - log_best))

    def horizon(self, best_score: Any, epsilon: Any) -> Array:
        """t_ε(s*): the time from which on N(s*, t) <= ε; 0 if s* <= ε [T3.12c].

        Args:
            best_score: s* > 0.
            epsilon: ε > 0, the bound on the error in total variation.

        >>> float(LevelSets(2.0).horizon(0.05, 0.1))
        0.0
        """
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(self.log_horizon(np.log(_positive("best_score", best_score)), epsilon))

    def log_horizon(self, log_best_score: Any, epsilon: Any) -> Array:
        """ln t_ε(s*) as a function of ln s*; -inf if s* <= ε [T3.12c].

        >>> round(float(LevelSets(2.0).log_horizon(900.0, 0.1)), 6)
        986.595013
        """
        log_best = _no_nan("log_best_score", log_best_score)
        target = np.log(_positive("epsilon", epsilon)) - log_best
        target, shift, std = np.broadcast_arrays(target, self.shift, self.std)
        out = np.where(target > -np.inf, -np.inf, np.inf)
        some = (target < 0) & (target > -np.inf)
        if some.any():
            out[some] = LevelSets(shift[some], std[some], self.dim)._level_of_excess(-target[some])
        return (log_best + out)[()]

    def _level_of_excess(self, loss: Array) -> Array:
        """The k with ln E_p[(r - e^k)_+] = -loss, for a vector of numbers > 0."""
        low = np.log(-np.expm1(-loss))  # as the excess is at least 1 - h, and just that for q = p
        high = self._chernoff_level(loss)

        def function(k: Array) -> tuple[Array, Array]:
            # ln(-ln excess) is k near the bottom and about 2 ln k far out: nearly straight.
            log_excess = self.log_excess(k)
            slope = np.exp(k + self.log_prior_mass(k) - log_excess) / -log_excess
            return np.log(-log_excess / loss), slope

        def converged(value: Array, slope: Array) -> Array:
            return self.equal | (np.abs(value) <= 1e-12 * slope * (1 + np.abs(high)))

        with np.errstate(divide="ignore", invalid="ignore"):  # flat where the excess is 1, or q = p
            root = increasing_root(function, (low + high) / 2, low, high, converged)
        return np.where(self.equal, low, root)

    def _chernoff_level(self, loss: Array) -> Array:
        """A level above: excess <= h^-θ E_p r^(1 + θ) for any θ > 0; none is above the top."""
        ratio = LogRatio(self.curvature, self.shift**2, self.dim)
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = np.sqrt(2 * loss / ratio.bend(np.ones(loss.shape))[0])
            end = np.where(self.std > 1, -1 / self.curvature - 1, np.inf)  # M is infinite there
            theta = np.minimum(theta, 0.9 * end)
            return np.fmin((ratio.value(1 + theta) + loss) / theta, self.log_sup)

    def _log_mass(self, log_h: Any, pole: int, below: bool) -> Array:
        """ln of the mass of {ln r >= k}, or of the rest, under p (pole 0) or q (pole 1)."""
        if np.all((self.std == 1) & (self.shift > 0)):
            score = (pole - 0.5) * self.shift - _no_nan("log_h", log_h) / self.shift
            return log_ndtr(-score if below else score)
        cut = self._cut("log_h", log_h)
        out = np.where(cut.above ^ below, -np.inf, 0.0)
        poles = np.where(cut.swapped, 1.0 - pole, pole)
        out[cut.inside] = log_tail(cut.ratio, cut.level, poles, cut.swapped == below)
        return out[()]

    def _log_option(self, log_h: Any, call: bool) -> Array:
        """ln E_p[(r - h)_+], in finance a call, or ln E_p[(h - r)_+], a put [T3.12a, T3.3d]."""
        if np.all((self.std == 1) & (self.shift > 0.1)):
            k = _no_nan("log_h", log_h)
            # A put is a call seen from q, and half-spaces look the same from there.
            return _half_space_call(k, self.shift) if call else k + _half_space_call(-k, self.shift)
        cut = self._cut("log_h", log_h)
        # Beyond the ends of r nothing is random: 1 - h below or h - 1 above.
        certain = log_complement(-np.abs(cut.k)) + (0.0 if call else cut.k)
        out = np.where(cut.above == call, -np.inf, certain)
        # From q: E_p (r - h)_+ = h E_q (1/h - 1/r)_+.
        value = log_option(cut.ratio, cut.level, cut.swapped ^ call)
        out[cut.inside] = value + np.where(cut.swapped, cut.k[cut.inside], 0.0)
        return out[()]

    def _cut(self, name: str, log_h: Any, gap: Any = None) -> "_Cut":
        k, shift, std = np.broadcast_arrays(_no_nan(name, log_h), self.shift, self.std)
        swapped = std > 1
        narrow = np.where(swapped, 1 / std, std)
        base = LevelSets(np.where(swapped, shift / std, shift), narrow, self.dim)
        level = np.where(swapped, -k, k)
        with np.errstate(invalid="ignore"):  # infinity minus itself
            gap = np.broadcast_to(base.log_sup - level if gap is None else gap, k.shape)
        inside = (gap > 0) & np.isfinite(k) & ~base.equal
        by_sign = np.isinf(k) | base.equal
        return _Cut(
            k=k,
            inside=inside,
            above=np.where(by_sign, k > 0, ~swapped),
            swapped=swapped[inside],
            ratio=LogRatio(base.curvature[inside], base.shift[inside] ** 2, self.dim),
            level=(level[inside], np.where(np.isinf(gap), 0.0, gap)[inside]),
        )


@dataclass(frozen=True, eq=False)
class _Cut:
    """Levels k, those inside the range of ln r as a problem for `contour`.

    Attributes:
        k: the levels, of the common shape.
        inside: whether a level is inside the range.
        above: whether it is above, of those that are not inside.
        swapped: whether p and q have changed places, of those inside; shape (n,).
        ratio: the targets of those inside.
        level: the levels inside, as seen after the change of places.
    """

    k: Array
    inside: Array
    above: Array
    swapped: Array
    ratio: LogRatio
    level: Level


def _half_space_call(k: Array, shift: Array) -> Array:
    """ln(Φ(m - u) - e^k Φ(-u)), u = (k + m²/2)/m."""
    u = k / shift + shift / 2
    v = shift - u
    with np.errstate(divide="ignore", invalid="ignore"):  # at infinite levels, in what is not used
        log_share = np.minimum(k + log_ndtr(-u) - log_ndtr(v), 0.0)
        inner = log_ndtr(v) + log_complement(log_share)
        # In the tail a difference of Mills ratios, as e^k φ(u) = φ(v); far from it they overflow.
        x, y = np.maximum(-v, 0.0) / sqrt(2), np.maximum(u, 0.0) / sqrt(2)
        outer = np.log((erfcx(x) - erfcx(y)) / 2) - v * v / 2
    return np.where(v < 0, outer, inner)[()]


def _no_nan(name: str, value: Any) -> Array:
    array = float64(np, name, value)
    return check(name, array, ~np.isnan(array), "numbers, infinite ones too")


def _positive(name: str, value: Any) -> Array:
    array = float64(np, name, value)
    return check(name, array, (array > 0) & (array < np.inf), "finite numbers > 0")
