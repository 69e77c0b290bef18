"""The exact laws of the indices of greedy rejection: in steps (GRS), in time (GPRS) [T3.7].

Both accept a candidate if its ratio r is above a level h that rises with what has been covered. In
steps [Harsha2010] it rises from L_k to L_(k+1) = L_k + S(L_k), S(h) = E_p[(r - h)_+], and
P(K > k) = S(L_(k+1)) [T3.7b]. In time [Flamich2023] candidates arrive at the rate 1 and the level
rises at the rate S; given the level h at acceptance, K - 1 is Poisson of mean λ(h) = σ(h) + ln S(h)
(`greedy_levels`): the candidates that were too low, which come independently of those accepted.

Mean: e^(D_∞) for both [T3.7a]. Entropy of GPRS for large KL (derived here): λ has the density wS in
the time σ, and dσ = dh/S, so that ln K ≈ ln σ gives

    H(K) ≈ -∫ wS ln(wS) dσ = -∫ w ln w dh - ∫ w ln S dh = D_CS + 1 nat,

since ∫ w ln S dh = ∫_0^1 ln S dS = -1. The continuous scheme pays log e bits above the bound D_CS.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import gammainc, gammaln

from rdtheory.arrays import Array
from rdtheory.channel_simulation.contour import log_complement
from rdtheory.channel_simulation.laws.geometric_mixture import log_sum_exp
from rdtheory.channel_simulation.laws.greedy_levels import GreedyLevels, smooth
from rdtheory.channel_simulation.laws.target_law import TargetLaw
from rdtheory.units import NATS_PER_BIT

_SMALL = 12
"""GPRS: below this index a sum over levels, from it on an average over times of arrival."""

_FIRST = 256
"""GRS: steps that are done one by one, 2^8."""

_GAMMA = 0.75 * np.arange(-22, 17)
"""Standard scores of the time of the k-th arrival, for a trapezoidal rule."""

_FRACTIONS, _WEIGHTS = (leggauss(4)[0] + 1) / 2, leggauss(4)[1] / 2
"""GRS: between one level and the next, for the mean of w."""


class _GreedyLaw(TargetLaw):
    @property
    def mean(self) -> float:
        """E[K] = sup r = e^(D_∞); infinite for s >= 1 [T3.7a]."""
        with np.errstate(over="ignore"):
            return float(np.exp(self._sets.log_sup))

    @cached_property
    def _levels(self) -> GreedyLevels:
        return GreedyLevels(self._sets)


class GPRSIndexLaw(_GreedyLaw):
    """The law of K for greedy Poisson rejection sampling [Flamich2023].

    Args:
        shift: m = ‖μ‖ >= 0, a number.
        std: s > 0, a number.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> law = GPRSIndexLaw(0.9, np.sqrt(0.19))  # a Gaussian channel, ρ = 0.9, at x = 1
    >>> round(law.mean, 4), round(float(law.pmf(1)), 4)
    (3.7824, 0.4224)
    """

    def draw_log_index(self, rng: np.random.Generator, size: Any = None) -> Array:
        """ln K of independent exact draws, O(1) each.

        >>> draws = GPRSIndexLaw(2.0, 0.3).draw_log_index(np.random.default_rng(1), 10**4)
        >>> bool(draws.min() == 0)
        True
        """
        loss, normal = rng.standard_exponential(size), rng.standard_normal(size)
        if self._sets.equal:
            return np.zeros(np.shape(loss))[()]
        # The survival at acceptance is uniform. Beyond e^34 whole numbers are finer than float64.
        with np.errstate(under="ignore"):
            log_rejected = self._rejected_of_loss(np.log(loss))
            rejected = rng.poisson(np.exp(np.minimum(log_rejected, 34.0)))
            large = log_rejected + normal * np.exp(-log_rejected / 2)
        return np.where(log_rejected < 34, np.log1p(rejected), large)[()]

    def _log_pmf(self, log_k: Array) -> Array:
        if self._sets.equal:
            return np.where(log_k == 0, 0.0, -np.inf)
        out = np.empty(log_k.shape)
        small = log_k < np.log(_SMALL - 0.5)
        out[small] = self._small_log_pmf(np.exp(log_k[small]))
        # P(K = k) = E g(Γ_k), g the density of λ.
        out[~small] = _average_at_arrival(self._log_density, log_k[~small])
        return out

    def _log_survival(self, log_n: Array) -> Array:
        if self._sets.equal:
            return np.where(log_n == -np.inf, 0.0, -np.inf)
        out = np.empty(log_n.shape)
        small = log_n < np.log(_SMALL - 0.5)
        # P(Poisson(λ) >= n) = P(Γ_n <= λ), so P(K > n) = E S(Γ_n).
        n = np.exp(log_n[small])[:, None]
        levels = self._levels
        with np.errstate(divide="ignore", under="ignore"):
            late = np.log(gammainc(n, np.exp(np.minimum(levels.log_rejected.ravel(), 300.0))))
            accepted = log_sum_exp(levels.log_accepted.ravel() + late)
        out[small] = np.where(n[:, 0] == 0, 0.0, accepted)
        out[~small] = _average_at_arrival(self._log_late_survival, log_n[~small])
        return out

    def _octaves(self) -> int:
        if self._sets.equal:
            return 0
        return int(self._levels.log_rejected.max() / NATS_PER_BIT)

    def _small_log_pmf(self, k: Array) -> Array:
        """ln of the average of e^-λ λ^(k-1)/(k-1)! over levels of acceptance."""
        levels = self._levels
        log_rejected, log_accepted = levels.log_rejected.ravel(), levels.log_accepted.ravel()
        with np.errstate(under="ignore", over="ignore"):
            log_none = log_accepted - np.exp(log_rejected)
        log_rejected = np.maximum(log_rejected, -1e300)  # 0 times -inf
        terms = log_none + (k[:, None] - 1) * log_rejected - gammaln(k)[:, None]
        out = log_sum_exp(terms)
        with np.errstate(divide="ignore", under="ignore"):
            return np.where(k == 1, np.logaddexp(out, np.log(levels.first_mass)), out)

    # Functions of ln λ (where λ is not tiny) and of ln(-ln S), between the levels.

    @cached_property
    def _log_density(self) -> Any:
        """ln of the density g = wS/(1 - w) of λ."""
        levels = self._levels
        log_density = levels.log_mass + levels.log_survival - levels.log_rest
        some = levels.log_rejected > -3
        return smooth(levels.log_rejected[some], log_density[some])

    @cached_property
    def _log_late_survival(self) -> Any:
        some = self._levels.log_rejected > -3
        return smooth(self._levels.log_rejected[some], self._levels.log_survival[some])

    @cached_property
    def _rejected_of_loss(self) -> Any:
        """ln λ as a function of ln(-ln S); λ < e^-50 is none."""
        levels = self._levels
        some = (levels.log_rejected > -60) & (levels.log_survival < 0)
        loss = np.log(-levels.log_survival[some])
        return smooth(loss, levels.log_rejected[some])


class GRSIndexLaw(_GreedyLaw):
    """The law of K for greedy rejection sampling [Harsha2010].

    The first 256 steps are those of the recursion [T3.7b]. Later steps are small beside the level,
    and their number is a smooth function of it, up to O(k^-2):

        k(h) = σ + ½ ln S + (w - V)/12 + constant,    V(h) = ∫_0^h w²/S dη = ∫ w² dσ,

    which is Euler and Maclaurin's answer to k(h + S(h)) = k(h) + 1.

    Args:
        shift: m = ‖μ‖ >= 0, a number.
        std: s > 0, a number.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> law = GRSIndexLaw(0.9, np.sqrt(0.19))  # a Gaussian channel, ρ = 0.9, at x = 1
    >>> round(law.entropy_bits, 4), round(law.mean, 4)
    (2.8956, 3.7824)
    """

    _single = 8

    def draw_log_index(self, rng: np.random.Generator, size: Any = None) -> Array:
        """ln K of independent exact draws, O(1) each.

        >>> draws = GRSIndexLaw(2.0, 0.3).draw_log_index(np.random.default_rng(1), 10**4)
        >>> bool(draws.min() == 0)
        True
        """
        loss = np.asarray(rng.standard_exponential(size))
        k = np.searchsorted(-self._first_log_survivals, loss, side="right")
        log_k = np.log(k)
        late = k >= self._first_log_survivals.size
        if late.any() and not self._sets.equal:
            log_steps = self._steps_of_loss(np.log(loss[late]))
            whole = np.floor(np.exp(np.minimum(log_steps, 36.0)))
            log_k[late] = np.where(log_steps < 36, np.log(whole), log_steps)
        return log_k[()]

    def _log_pmf(self, log_k: Array) -> Array:
        out = np.empty(log_k.shape)
        small = log_k < np.log(_FIRST - 0.5)
        # S_k - S_(k+1) without a difference: ln S is accurate where S is almost 1.
        k = np.rint(np.exp(log_k[small])).astype(int)
        log_s = self._first_log_survivals
        if self._sets.equal:
            return np.where(log_k == 0, 0.0, -np.inf)
        out[small] = log_s[k - 1] + log_complement(log_s[k] - log_s[k - 1])
        out[~small] = self._late_log_pmf(log_k[~small])
        return out

    def _log_survival(self, log_n: Array) -> Array:
        if self._sets.equal:
            return np.where(log_n == -np.inf, 0.0, -np.inf)
        out = np.empty(log_n.shape)
        small = log_n < np.log(_FIRST - 0.5)
        out[small] = self._first_log_survivals[np.rint(np.exp(log_n[small])).astype(int)]
        out[~small] = self._late_log_survival(np.logaddexp(log_n[~small], 0.0))
        return out

    def _octaves(self) -> int:
        return 0 if self._sets.equal else int(self._late[0][-1] / NATS_PER_BIT)

    @cached_property
    def _first_log_survivals(self) -> Array:
        """ln S_1, ..., ln S_256; ln S_1 alone if q = p."""
        level, log_s = 0.0, [0.0]
        while len(log_s) < _FIRST and not self._sets.equal:
            level += np.exp(log_s[-1])
            log_s.append(float(self._sets.log_excess(np.log(level))))
        return np.array(log_s)

    @cached_property
    def _late(self) -> tuple[Array, Array, Array]:
        """ln k(h) at increasing levels, with ln S and ln of the mean of w between h and h + S."""
        levels = self._levels
        with np.errstate(under="ignore"):
            correction = levels.log_survival / 2
            correction += (np.exp(levels.log_mass) - np.exp(levels.log_square_mass)) / 12
            some = levels.log_time > np.log(_FIRST / 4)
            correction = correction[some] + self._constant(correction)
            k, log_time, log_survival = (
                x[some] for x in (levels.log_h, levels.log_time, levels.log_survival)
            )
            log_steps = log_time + np.log1p(correction * np.exp(-log_time))
            above = k[:, None] + np.log1p(_FRACTIONS * np.exp(log_survival - k)[:, None])
            masses = self._sets.log_prior_mass(above) + np.log(_WEIGHTS)
        return log_steps, log_survival, log_sum_exp(masses)

    def _constant(self, correction: Array) -> float:
        """The constant of k(h), from step 256; 1 if S is 1 until then, as L_k = k - 1."""
        log_s, levels = self._first_log_survivals[-1], self._levels
        if log_s == 0:
            return 1.0
        time = np.exp(smooth(*_ordered(levels.log_survival, levels.log_time))(np.log(-log_s)))
        rest = smooth(*_ordered(levels.log_survival, correction))(np.log(-log_s))
        return float(_FIRST - time - rest)

    @cached_property
    def _late_log_pmf(self) -> Any:
        log_steps, log_survival, log_mass = self._late
        return smooth(log_steps, log_survival + log_mass)

    @cached_property
    def _late_log_survival(self) -> Any:
        return smooth(*self._late[:2])

    @cached_property
    def _steps_of_loss(self) -> Any:
        return smooth(*_ordered(self._late[1], self._late[0]))


def _ordered(log_survival: Array, values: Array) -> tuple[Array, Array]:
    """ln(-ln S), which increases, and the values, without levels where nothing has happened yet."""
    some = log_survival < 0
    return np.log(-log_survival[some]), values[some]


def _average_at_arrival(log_function: Any, log_n: Array) -> Array:
    """ln E f(Γ_n) for the time Γ_n of the n-th arrival, as a function of ln Γ_n."""
    with np.errstate(under="ignore", over="ignore"):
        y = _GAMMA * np.exp(-log_n / 2)[:, None]
        n = np.exp(np.minimum(log_n, 14.0))[:, None]
        # ln of the density n (y - e^y + 1); for large n its Taylor series.
        exact = n * (y - np.expm1(y))
        series = -(_GAMMA**2) / 2 * (1 + y / 3)
    log_weights = np.where(log_n[:, None] < 14, exact, series)
    log_weights -= log_sum_exp(log_weights)[:, None]
    return log_sum_exp(log_weights + log_function(log_n[:, None] + y))
