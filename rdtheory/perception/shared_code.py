"""A Gaussian code that shares randomness, component by component [T2.5, T2.6].

U_i carries R_i nats of X_i and S_i of X̂_i, and only R = Σ R_i is sent, as Σ (S_i - R_i) = R_c is
shared. With correlations ρ² = 1 - e^{-2 R_i} and τ² = 1 - e^{-2 S_i}, and squared distance

    W² = Σ λ (ρ² + 1 - 2ρτ),   P = (1 - β)² W²,   D = Σ λ (1 - ρ²) + β² W²,

the best code for the multipliers m = 2μ of R and n = rβm of R + R_c satisfies [T2.6c]

    ρ / (1 - ρ²) = (λ/μ)((1 - β)ρ + βτ),   τ / (1 - τ²) = (λ/μ)(ρ/r),

with zero rate where (λ/μ)(1 - β) + (λ/μ)² β/r <= 1. r = 1 shares nothing, r = 0 everything. For
β = 1, perfect realism, there is a closed form [T2.5d].
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array, namespace
from rdtheory.errors import InputError
from rdtheory.perception.wasserstein import cubic_root

_LEAST_LOG_RATIO = -200.0
"""Of r: what a code can share at less is infinite for all purposes."""

_MOST_COMMON = 1e12
"""Nats, more than r can share; still larger numbers would drown the code's own."""

_FAR = 1e-9
"""Of the target, relative; of a rate also absolute: such a code is at an end of the search."""


def losses(rate: Array, common: Array) -> tuple[Array, Array, Array, Array]:
    """a = e^{-2R}, b = e^{-2(R + R_c)}, ρ = sqrt(1 - a) and τ = sqrt(1 - b) of one component.

    >>> losses(np.float64(0.0), np.float64(np.inf))
    (np.float64(1.0), np.float64(0.0), np.float64(0.0), np.float64(1.0))
    """
    xp = namespace(rate, common)
    exponents = tuple(-2 * xp.minimum(nats, 1e4) for nats in (rate, rate + xp.minimum(common, 1e4)))
    a, b = (xp.exp(exponent) for exponent in exponents)  # e^{-1e4} is 0
    rho, tau = (xp.sqrt(-xp.expm1(exponent)) for exponent in exponents)
    return a, b, rho, tau


class SharedCode:
    """A code by the SNR of its two ends, ρ²/(1 - ρ²) and τ²/(1 - τ²) [T2.5d, T2.6c].

    Args:
        eigenvalues: λ > 0, shape (M,).
        level: μ > 0.
        ratio: r in [0, 1].
        realism: β in [0, 1], with what it lacks to 1.

    >>> SharedCode(np.array([2.0, 1.0]), 1.0, 1.0, 1.0, 0.0).rate_nats.round(6)  # ½ ln 2: A*
    np.float64(0.346574)
    """

    def __init__(
        self, eigenvalues: Array, level: float, ratio: float, realism: float, rest: float
    ) -> None:
        self._eigenvalues = eigenvalues
        self.level, self.ratio, self.realism, self._rest = level, ratio, realism, rest
        scaled = eigenvalues / level
        self.encoder_snr, self.decoder_snr = (
            _realistic(scaled, ratio) if rest == 0 else _general(scaled, ratio, realism, rest)
        )

    @property
    def rate_nats(self) -> Array:
        """R = ½ Σ ln(1 + SNR)."""
        return np.log1p(self.encoder_snr).sum() / 2

    @property
    def common_nats(self) -> Array:
        """R_c = Σ (S_i - R_i), infinite for r = 0 unless nothing is sent."""
        if self.ratio == 0:
            return np.float64(np.inf if self.encoder_snr.any() else 0.0)
        if self.ratio == 1:
            return np.float64(0.0)
        return (np.log1p(self.decoder_snr) - np.log1p(self.encoder_snr)).sum() / 2

    @property
    def distortion(self) -> Array:
        """D."""
        mmse = self._eigenvalues @ (1 / (1 + self.encoder_snr))
        return mmse + self.realism**2 * self._squared_distance

    @property
    def perception(self) -> Array:
        """P."""
        return self._rest**2 * self._squared_distance

    @cached_property
    def _squared_distance(self) -> Array:
        """W² = Σ λ ((1 - ρ)² + 2ρ(1 - τ))."""
        sent_less = 1 / (1 + self.encoder_snr)
        used_less = 1 / (1 + self.decoder_snr)
        rho = np.sqrt(self.encoder_snr * sent_less)
        tau = np.sqrt(1 - used_less)
        terms = (sent_less / (1 + rho)) ** 2 + 2 * rho * (used_less / (1 + tau))
        return self._eigenvalues @ terms


def _realistic(scaled: Array, ratio: float) -> tuple[Array, Array]:
    """The closed form [T2.5d]: SNR = 1/a - 1 and 1/b - 1, neither by a subtraction."""
    over = np.maximum((scaled - np.sqrt(ratio)) * (scaled + np.sqrt(ratio)), 0.0)  # s² - r
    root = np.hypot(1 - ratio, 2 * scaled)
    sent = 2 * over / (root + 1 + ratio)
    if ratio == 0:
        return sent, np.full(sent.shape, np.inf)
    return sent, over / (1 + sent) * ((root + 1 - ratio) / (root + 1 + ratio)) / ratio


def _general(scaled: Array, ratio: float, realism: float, rest: float) -> tuple[Array, Array]:
    """By Newton from the right of the root of a concave function, as in [T2.2]."""
    rho = cubic_root(scaled, np.float64(realism), np.float64(rest))  # τ = 1, beyond the root
    if ratio == 0:
        return _snr(scaled, rho, rest * rho + realism), np.full(rho.shape, np.inf)
    gain = scaled / ratio
    # τ <= ρ · gain bounds the SNR too, and says which rates are zero.
    bound = np.maximum(scaled * (rest + realism * gain) - 1, 0.0)
    rho = np.minimum(rho, np.sqrt(bound / (1 + bound)))
    for _ in range(60):
        tau, slope = _partner(gain, rho)
        u = rest * rho + realism * tau
        left = 1 - rho * rho
        value = scaled * left * u - rho
        falling = scaled * (left * (rest + realism * slope) - 2 * rho * u) - 1
        step = np.where(falling < 0, value / np.minimum(falling, -1e-300), 0.0)
        rho = np.clip(rho - step, 0.0, 1.0)
        if (step <= 1e-9 * rho).all():  # the next step would be rounding
            break
    tau, _ = _partner(gain, rho)
    twice = 2 * gain * rho
    return _snr(scaled, rho, rest * rho + realism * tau), twice * (tau / 2)


def _partner(gain: Array, rho: Array) -> tuple[Array, Array]:
    """τ with τ/(1 - τ²) = gain · ρ, and dτ/dρ."""
    twice = 2 * gain * rho
    root = np.hypot(1.0, twice)
    return twice / (1 + root), 2 * gain / root / (1 + root)


def _snr(scaled: Array, rho: Array, u: Array) -> Array:
    """ρ²/(1 - ρ²), with 1 - ρ² = ρ/(s u) where ρ is near 1."""
    near = rho > 0.5
    return np.where(near, rho * scaled * u, rho * rho / np.where(near, 1.0, 1 - rho * rho))


class Search:
    """Codes with a given rate or distortion and a given R_c: two nested monotone equations.

    At fixed r either quantity is monotone in the level, and where it is held R_c falls with r. A
    search that follows another begins where that one ended.

    Args:
        quantity: the attribute of the code that the level is found for.
        goal: its value.
        common_nats: R_c >= 0.
    """

    def __init__(self, quantity: str, goal: float, common_nats: float) -> None:
        self._quantity, self._goal = quantity, goal
        self._common = common_nats if common_nats == np.inf else min(common_nats, _MOST_COMMON)
        self._level = MonotoneRoot(-80.0, 240.0, 0.0)
        self._log_ratio = MonotoneRoot(_LEAST_LOG_RATIO, 0.0, -1.0)

    def __call__(self, family: Callable[[float, float], SharedCode]) -> SharedCode:
        """The code of a family (x, r), in which the level grows with -x."""

        def at(ratio: float) -> SharedCode:
            def excess(x: float) -> float:
                value = getattr(family(x, ratio), self._quantity)
                return float(np.log(max(value, 1e-300)) - np.log(self._goal))

            return family(self._level(excess), ratio)

        def excess(log_ratio: float) -> float:
            return float(at(float(np.exp(log_ratio))).common_nats - self._common)

        if self._common in (0, np.inf):
            code = at(0.0 if self._common else 1.0)
        else:
            code = at(float(np.exp(self._log_ratio(excess))))
        found = float(getattr(code, self._quantity))
        if abs(found - self._goal) > _FAR * (self._goal + (self._quantity == "rate_nats")):
            raise InputError(self._quantity, self._goal, f"what float64 reaches, about {found:.3g}")
        return code


class MonotoneRoot:
    """Where a monotone function passes 0 in [low, high], by Brent's method around a guess.

    The guess is the root that was found last. Where there is no root, the end next to it.

    >>> root = MonotoneRoot(-10.0, 10.0, 0.0)
    >>> root(lambda x: 3.0 - x), root(lambda x: x - 11.0)
    (3.0, 10.0)
    """

    def __init__(self, low: float, high: float, guess: float) -> None:
        self._low, self._high, self._guess = low, high, guess

    def __call__(self, excess: Callable[[float], float]) -> float:
        """The root of `excess`."""
        from scipy.optimize import root_scalar

        reach = 0.5
        low = high = self._guess
        below = above = excess(self._guess)
        while below * above > 0 and (low > self._low or high < self._high):
            low, high = max(self._guess - reach, self._low), min(self._guess + reach, self._high)
            below, above = excess(low), excess(high)
            reach *= 3
        if below * above > 0:
            self._guess = low if abs(below) < abs(above) else high
        elif below * above < 0:
            self._guess = root_scalar(
                excess, bracket=(low, high), method="brentq", xtol=1e-14, rtol=1e-15
            ).root
        else:
            self._guess = low if below == 0 else high
        return self._guess


def levels(eigenvalues: Array, realism: float, rest: float) -> Callable[[float, float], SharedCode]:
    """(x, r) -> the code at μ = λ₁/(s₀ + e^x), s₀ being λ₁/μ where the rate becomes zero.

    >>> levels(np.array([1.0]), 1.0, 0.0)(-80.0, 0.5).rate_nats.round(9)
    np.float64(0.0)
    """
    leading = float(eigenvalues.max())

    def code(x: float, ratio: float) -> SharedCode:
        start = 2 / (rest + np.hypot(rest, 2 * np.sqrt(realism / ratio))) if ratio else 0.0
        if ratio == 0 and realism == 0:
            start = 1.0
        return SharedCode(eigenvalues, leading / (start + np.exp(x)), ratio, realism, rest)

    return code
