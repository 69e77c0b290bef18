"""Reference values of DiffC for a Gaussian vector, to at least 60 significant digits.

What it implements: R*(D) [T1.4d], the six DiffC schemes [T1.6], [T1.7], [T1.8] (Eq. 13, 14),
[T1.9] (Eq. 15), their signal-to-noise ratio [T1.10] and noise variance [T1.11], each in its most
literal textbook form. Nothing here is rewritten for stability: where a form cancels, mpmath is
given the digits that the cancellation costs (`_working_digits` derives how many). That makes this
module slow, short and independent of the float64 code that it checks; it shares no formula with
it but the theorem.

Symbols: λ an eigenvalue of the covariance of X, t and θ noise level and water level, τ = t/λ the
relative level of pink noise, ρ the correlation of X and Z, R in nats (total), D summed over
dimensions. Floats are taken as the exact numbers that they are.

| scheme | level | component rate | component distortion |
| --- | --- | --- | --- |
| rd | θ | -ln γ, γ² = min(1, θ/λ) | λ γ² |
| rd-half, diffc-a-star | θ | the same | 2 λ γ² |
| diffc-f-star | θ of [T1.9] | -½ ln(1 - ρ²), ρ = (√(θ² + 4λ²) - θ)/(2λ) | 2 λ (1 - ρ) |
| diffc-a | t | ½ ln(1 + λ/t) | 2 λ t/(λ + t) |
| diffc-f | t | the same | 2 λ (1 - √(λ/(λ + t))) |
| diffc-a-pink | τ | -½ ln γ², γ² = τ/(1 + τ) | 2 γ² λ |
| diffc-f-pink | τ | the same | 2 (1 - √(1 - γ²)) λ |
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from mpmath import mp, mpf

from rdtheory.errors import InputError

Mpf: TypeAlias = Any
"""A number of mpmath (`mpmath.mpf`), which declares no types."""

Number: TypeAlias = float | Mpf

DIGITS = 60
"""Significant digits that every returned number has, unless asked otherwise."""

_GUARD = 20
"""Digits on top of every derived loss: sums of 1e6 terms, factors 2, roundings."""


@dataclass(frozen=True)
class Spectrum:
    """The distinct eigenvalues λ >= 0 of a covariance and how often each occurs.

    Attributes:
        values: distinct eigenvalues, finite, >= 0, at least one of them > 0.
        counts: multiplicity of each, >= 1; their sum is M.

    Raises:
        InputError: if the eigenvalues or the counts are not as above.

    >>> Spectrum((2.0, 0.0), (3, 1)).dim
    4
    """

    values: tuple[Number, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.counts):
            raise InputError("counts", self.counts, f"one count for each of {len(self.values)}")
        if any(n < 1 for n in self.counts):
            raise InputError("counts", self.counts, "integers >= 1")
        if not all(mp.isfinite(v) and v >= 0 for v in self.values):
            raise InputError("values", self.values, "finite eigenvalues >= 0")
        if not any(v > 0 for v in self.values):
            raise InputError("values", self.values, "at least one eigenvalue > 0")

    @classmethod
    def of(cls, eigenvalues: Iterable[Number]) -> "Spectrum":
        """The spectrum of these eigenvalues, equal ones grouped, in decreasing order.

        Args:
            eigenvalues: M numbers >= 0; only exactly equal ones are grouped.

        >>> Spectrum.of([0.5, 2.0, 0.5])
        Spectrum(values=(2.0, 0.5), counts=(1, 2))
        """
        found = Counter(v if isinstance(v, mpf) else float(v) for v in eigenvalues)
        values = tuple(sorted(found, reverse=True))
        return cls(values, tuple(found[v] for v in values))

    @property
    def dim(self) -> int:
        """The number of dimensions M, zero eigenvalues included.

        >>> Spectrum((1.0,), (1_000_000,)).dim
        1000000
        """
        return sum(self.counts)


@dataclass(frozen=True)
class Oracle:
    """One operating point of one scheme; tuples have one entry for each distinct eigenvalue.

    Attributes:
        level: the family's parameter (t, τ or θ), as given to `evaluate` or found by `at_*`.
        rate_nats: R, total, nats.
        distortion: D = E|X - X̂|², summed over dimensions.
        snr_db: [T1.10a] 10 log10(2 E|X|²) - 10 log10 D.
        noise_level: VE noise variance t_1 of the component of largest eigenvalue [T1.11]; may be
            infinite.
        component_rates_nats: R_i of one dimension with that eigenvalue, nats.
        component_distortions: D_i of one dimension with that eigenvalue.
        component_snr_db: [T1.10b] 10 log10(2 λ_i/D_i); where λ_i = 0, its limit at zero rate.

    >>> float(evaluate("diffc-a", Spectrum.of([1.0]), 1.0).distortion)
    1.0
    """

    level: Mpf
    rate_nats: Mpf
    distortion: Mpf
    snr_db: Mpf
    noise_level: Mpf
    component_rates_nats: tuple[Mpf, ...]
    component_distortions: tuple[Mpf, ...]
    component_snr_db: tuple[Mpf, ...]


# ------------------------------------------------------------------------------------------------
# The textbook: (λ, level) -> (R_i, D_i) and (λ, level) -> t_i, for λ > 0
# ------------------------------------------------------------------------------------------------


def _water_filling(lam: Mpf, theta: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.4d] (Eq. 8) with the noise of [T1.8]: the reconstruction is the posterior mean."""
    gamma = mp.sqrt(min(mpf(1), theta / lam))
    return -mp.log(gamma), lam * gamma**2


def _ancestral_star(lam: Mpf, theta: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.8] (Eq. 13, 14)."""
    gamma = mp.sqrt(min(mpf(1), theta / lam))
    return -mp.log(gamma), 2 * lam * gamma**2


def _flow_star(lam: Mpf, theta: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.9] (Eq. 15 with θ_source = θ/2 [T1.9d])."""
    rho = _rho_flow_star(lam, theta)
    return -mp.log(1 - rho**2) / 2, 2 * lam * (1 - rho)


def _rho_flow_star(lam: Mpf, theta: Mpf) -> Mpf:
    """[T1.9a], the form of Eq. 15."""
    return (mp.sqrt(theta**2 + 4 * lam**2) - theta) / (2 * lam)


def _ancestral(lam: Mpf, t: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.6a, b]."""
    return mp.log(1 + lam / t) / 2, 2 * lam * t / (lam + t)


def _flow(lam: Mpf, t: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.6a, c]."""
    return mp.log(1 + lam / t) / 2, 2 * lam * (1 - mp.sqrt(lam / (lam + t)))


def _ancestral_pink(lam: Mpf, tau: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.7]."""
    gamma2 = tau / (1 + tau)
    return -mp.log(gamma2) / 2, 2 * gamma2 * lam


def _flow_pink(lam: Mpf, tau: Mpf) -> tuple[Mpf, Mpf]:
    """[T1.7]."""
    gamma2 = tau / (1 + tau)
    return -mp.log(gamma2) / 2, 2 * (1 - mp.sqrt(1 - gamma2)) * lam


def _noise_water_filling(lam: Mpf, theta: Mpf) -> Mpf:
    """[T1.11], A*."""
    return theta * lam / (lam - theta) if theta < lam else mp.inf


def _noise_flow_star(lam: Mpf, theta: Mpf) -> Mpf:
    """[T1.11], F*."""
    return theta / _rho_flow_star(lam, theta)


def _noise_isotropic(lam: Mpf, t: Mpf) -> Mpf:
    """[T1.6]: t itself."""
    return t


def _noise_pink(lam: Mpf, tau: Mpf) -> Mpf:
    """[T1.7]: proportional to λ."""
    return tau * lam


_COMPONENT: dict[str, Callable[[Mpf, Mpf], tuple[Mpf, Mpf]]] = {
    "rd": _water_filling,
    "rd-half": _ancestral_star,  # R*(D/2): the same function of θ as A* [T1.8]
    "diffc-a": _ancestral,
    "diffc-f": _flow,
    "diffc-a-pink": _ancestral_pink,
    "diffc-f-pink": _flow_pink,
    "diffc-a-star": _ancestral_star,
    "diffc-f-star": _flow_star,
}
_NOISE: dict[str, Callable[[Mpf, Mpf], Mpf]] = {
    "rd": _noise_water_filling,
    "rd-half": _noise_water_filling,
    "diffc-a": _noise_isotropic,
    "diffc-f": _noise_isotropic,
    "diffc-a-pink": _noise_pink,
    "diffc-f-pink": _noise_pink,
    "diffc-a-star": _noise_water_filling,
    "diffc-f-star": _noise_flow_star,
}
SCHEMES = tuple(_COMPONENT)
"""The names that the functions of this module take."""


# ------------------------------------------------------------------------------------------------
# One operating point
# ------------------------------------------------------------------------------------------------


def evaluate(scheme: str, spectrum: Spectrum, level: Number, *, digits: int = DIGITS) -> Oracle:
    """R = Σ n_i R_i, D = Σ n_i D_i, SNR = 10 log10(2 Σ n_i λ_i / D) of a scheme [T1.4]-[T1.11].

    Args:
        scheme: one of `SCHEMES`.
        spectrum: eigenvalues λ_i and their counts n_i.
        level: > 0 or infinite (no channel: zero rate). The VE noise variance t for diffc-a and
            diffc-f; τ = t_i/λ_i for pink noise; the water level θ for rd, rd-half and
            diffc-a-star; θ of [T1.9], twice that of Eq. 15, for diffc-f-star.
        digits: significant digits of each returned number.

    Returns:
        The operating point; rates in nats, distortions in squared units of X, SNR in dB.

    Raises:
        InputError: on an unknown scheme or a level that is not > 0.

    The check value of [T1.9]:

    >>> point = evaluate("diffc-f-star", Spectrum.of([5.0, 2.0, 0.7, 0.1]), 0.8)
    >>> print(mp.nstr(point.rate_nats, 15), mp.nstr(point.distortion, 15))
    1.72669403239423 2.25176275115497
    """
    _require_scheme(scheme)
    level = _exact(level)
    if mp.isnan(level) or level <= 0:
        raise InputError("level", level, "a number > 0, or infinity")
    lams = [_exact(v) for v in spectrum.values]
    with mp.workdps(_working_digits(scheme, spectrum, level, digits)):
        # At zero rate X̂ is independent of X: with the law of X, or the mean of X for "rd".
        zero_rate_distortion = mpf(1) if scheme == "rd" else mpf(2)
        rates, distortions, snrs = [], [], []
        for lam in lams:
            if lam == 0 or level == mp.inf:
                rate, distortion = mpf(0), zero_rate_distortion * lam
            else:
                rate, distortion = _COMPONENT[scheme](lam, level)
            rates.append(rate)
            distortions.append(distortion)
            snrs.append(_snr_db(lam, distortion) if lam else _snr_db(mpf(1), zero_rate_distortion))
        rate = mp.fdot(spectrum.counts, rates)
        distortion = mp.fdot(spectrum.counts, distortions)
        snr = _snr_db(mp.fdot(spectrum.counts, lams), distortion)
        noise = mp.inf if level == mp.inf else _NOISE[scheme](max(lams), level)
    with mp.workdps(digits + 5):
        return Oracle(
            level=level,
            rate_nats=+rate,
            distortion=+distortion,
            snr_db=+snr,
            noise_level=+noise,
            component_rates_nats=tuple(+x for x in rates),
            component_distortions=tuple(+x for x in distortions),
            component_snr_db=tuple(+x for x in snrs),
        )


def _snr_db(power: Mpf, distortion: Mpf) -> Mpf:
    """[T1.10]."""
    return 10 * mp.log10(2 * power / distortion)


def _working_digits(scheme: str, spectrum: Spectrum, level: Mpf, digits: int) -> int:
    """Decimal digits to compute with, so that `digits` of every result are left.

    Smooth schemes. Let x be a ratio level/λ (τ for pink noise). Where x is large, the forms above
    lose at most 4 log10 x digits: √(θ² + 4λ²) - θ loses 2 log10 x, and ln(1 - ρ²) the digits of
    ρ² ~ 1/x² once more; 1 + λ/t, 1 - γ² and log10(2 λ/D) lose less. Where x is small, they lose
    log10(1/x): 1 - ρ, 1 - ρ² and 1 - √(1 - γ²) subtract numbers that differ by about x.

    Water filling. Only ln(λ/θ), λ - θ and 2 Σλ/D can lose digits, where θ is near λ. Two unequal
    numbers of b bits differ by 2^-b relative to either, so they lose b bits at most (and the sum
    over the spectrum log10 M more).
    """
    lams = [_exact(v) for v in spectrum.values if v > 0]
    if level == mp.inf:
        loss = 0
    elif scheme in ("rd", "rd-half", "diffc-a-star"):
        loss = mp.log10(2) * max(53, level.bc, *(lam.bc for lam in lams))
    elif scheme.endswith("-pink"):
        loss = max(4 * mp.log10(level), -mp.log10(level))
    else:
        loss = max(4 * mp.log10(level / min(lams)), mp.log10(max(lams) / level))
    return digits + int(mp.ceil(loss)) + len(str(spectrum.dim)) + _GUARD


def _exact(x: Number) -> Mpf:
    """The same number as an mpf, whatever the precision of the caller."""
    if isinstance(x, mpf):
        return x
    with mp.workprec(max(mp.prec, 53)):
        return mpf(float(x))


def _require_scheme(scheme: str) -> None:
    if scheme not in _COMPONENT:
        raise InputError("scheme", scheme, "one of " + ", ".join(SCHEMES))


# ------------------------------------------------------------------------------------------------
# Inverses
# ------------------------------------------------------------------------------------------------


def at_rate(scheme: str, spectrum: Spectrum, rate_nats: Number, *, digits: int = DIGITS) -> Oracle:
    """The operating point with R(level) = rate_nats: the inverse of `evaluate` in the rate.

    Args:
        scheme: one of `SCHEMES`.
        spectrum: the eigenvalues and their counts.
        rate_nats: R >= 0, total, nats; 0 gives the infinite level.
        digits: significant digits of each returned number.

    Raises:
        InputError: if the rate is negative or not finite.

    F* in the check value of [T1.16]:

    >>> point = at_rate("diffc-f-star", Spectrum.of([5.0, 2.0, 0.7, 0.1, 0.01]), 2.0)
    >>> print(mp.nstr(point.distortion, 4))
    1.882
    """
    _require_scheme(scheme)
    target = _exact(rate_nats)
    if not mp.isfinite(target) or target < 0:
        raise InputError("rate_nats", target, "a finite number >= 0")
    # At low rate R/M is at most of the order of λ_1/t (or of 1 - θ/λ_1).
    smallness = target / spectrum.dim
    return _solve(scheme, spectrum, _rate, target, smallness, digits)


def at_distortion(
    scheme: str, spectrum: Spectrum, distortion: Number, *, digits: int = DIGITS
) -> Oracle:
    """The operating point with D(level) = distortion: the inverse of `evaluate` in D.

    Args:
        scheme: one of `SCHEMES`.
        spectrum: the eigenvalues and their counts.
        distortion: summed over dimensions, 0 < D <= 2 tr Σ (tr Σ for rd); the largest gives the
            infinite level.
        digits: significant digits of each returned number.

    Raises:
        InputError: if the distortion is outside that range.

    >>> point = at_distortion("diffc-a-star", Spectrum.of([5.0, 2.0, 0.7, 0.1]), 3.2)
    >>> print(mp.nstr(point.rate_nats, 15), mp.nstr(point.level, 15))
    2.01267584536757 0.5
    """
    _require_scheme(scheme)
    target = _exact(distortion)
    with mp.workdps(_INPUT_DIGITS):
        largest = evaluate(scheme, spectrum, mp.inf, digits=_INPUT_DIGITS).distortion
        smallness = _zero_if_rounded(1 - target / largest, digits)
        if not (target > 0 and smallness >= 0):
            raise InputError("distortion", target, f"0 < distortion <= {mp.nstr(largest, 17)}")
        target = mp.fneg(target, exact=True)
    return _solve(scheme, spectrum, _minus_distortion, target, smallness, digits)


def at_snr(scheme: str, spectrum: Spectrum, snr_db: Number, *, digits: int = DIGITS) -> Oracle:
    """The operating point with SNR(level) = snr_db [T1.10a]: the inverse of `evaluate` in the SNR.

    Args:
        scheme: one of `SCHEMES`.
        spectrum: the eigenvalues and their counts.
        snr_db: dB, >= 0 (>= 10 log10 2 for rd); the smallest gives the infinite level.
        digits: significant digits of each returned number.

    Raises:
        InputError: if the SNR is outside that range.

    >>> point = at_snr("diffc-a", Spectrum.of([1.0]), 20.0)  # D = 2/100, R = ½ ln 100
    >>> print(mp.nstr(point.rate_nats, 15))
    2.30258509299405
    """
    _require_scheme(scheme)
    target = _exact(snr_db)
    with mp.workdps(_INPUT_DIGITS):
        smallest = evaluate(scheme, spectrum, mp.inf, digits=_INPUT_DIGITS).snr_db
        smallness = _zero_if_rounded((target - smallest) / 10, digits)
        if not (mp.isfinite(target) and smallness >= 0):
            raise InputError("snr_db", target, f"{mp.nstr(smallest, 17)} <= snr_db < infinity")
    return _solve(scheme, spectrum, _snr, target, smallness, digits)


def at_noise_level(
    scheme: str, spectrum: Spectrum, noise_level: Number, *, digits: int = DIGITS
) -> Oracle:
    """The operating point with t_1(level) = noise_level: the inverse of `evaluate` in t_1 [T1.11].

    Args:
        scheme: one of `SCHEMES`.
        spectrum: the eigenvalues and their counts.
        noise_level: VE noise variance of the component of largest eigenvalue, > 0 or infinite.
        digits: significant digits of each returned number.

    Raises:
        InputError: if the noise level is not > 0.

    >>> point = at_noise_level("diffc-a-star", Spectrum.of([4.0]), 4.0)
    >>> print(mp.nstr(point.level, 15), mp.nstr(point.rate_nats, 15))
    2.0 0.346573590279973
    """
    _require_scheme(scheme)
    target = _exact(noise_level)
    if mp.isnan(target) or target <= 0:
        raise InputError("noise_level", target, "a number > 0, or infinity")
    with mp.workdps(_INPUT_DIGITS):
        # Solved as 1/t_1, which is finite at every level. One division at this precision loses
        # nothing that `digits` asks for.
        smallness = max(map(_exact, spectrum.values)) / target
    with mp.workdps(digits + _GUARD):
        inverse = 1 / target
    return _solve(scheme, spectrum, _inverse_noise, inverse, smallness, digits)


_INPUT_DIGITS = 400
"""Digits with which a given D or SNR is compared with its value at zero rate."""


def _zero_if_rounded(smallness: Mpf, digits: int) -> Mpf:
    """0 where a D or an SNR is that of zero rate, rounded to `digits` (up or down)."""
    return mpf(0) if abs(smallness) < mpf(10) ** -digits else smallness


def _rate(point: Oracle) -> Mpf:
    return point.rate_nats


def _minus_distortion(point: Oracle) -> Mpf:
    return -point.distortion


def _snr(point: Oracle) -> Mpf:
    return point.snr_db


def _inverse_noise(point: Oracle) -> Mpf:
    return 1 / point.noise_level


def _solve(
    scheme: str,
    spectrum: Spectrum,
    quantity: Callable[[Oracle], Mpf],
    target: Mpf,
    smallness: Mpf,
    digits: int,
) -> Oracle:
    """The point where `quantity`, which falls as the level rises, equals `target`.

    A bracket of u = ln(level) is halved until it is narrow, then shrunk by the Illinois method
    (secant through the ends, the value at an end that stays is halved), and halved again whenever
    three steps did not halve it. Every step keeps the sign change, so the result is right whatever
    the path to it.

    Precision. `smallness` e measures how near zero rate the target is. An error du of u is a
    relative error of at most the order of du/e in any returned total (the worst case is water
    filling, where R ~ ½ (ln λ_1 - u)). A relative error r of `quantity` is an error of at most the
    order of r/e of u (the worst case is D, flat at zero rate). Hence du = 10^-(digits + g) e and
    r = 10^-(digits + g) e², with a guard of g digits in the one and more in the other. Where the
    water level has just reached a further component, the rate of that component, itself of the
    order of du, has this accuracy in absolute terms only.
    """
    if smallness == 0:
        return evaluate(scheme, spectrum, mp.inf, digits=digits)
    lost = max(0, int(mp.ceil(-mp.log10(smallness))))
    with mp.workdps(digits + 2 * lost + 2 * _GUARD):
        tolerance = mpf(10) ** -(digits + lost + _GUARD // 2)

        def excess(u: Mpf) -> Any:
            point = evaluate(scheme, spectrum, mp.exp(u), digits=digits + 2 * lost + _GUARD)
            return quantity(point) - target

        largest = mpf(1) if scheme.endswith("-pink") else max(map(_exact, spectrum.values))
        low, high, f_low, f_high = _bracket(excess, mp.log(largest))
        widths = [high - low]
        kept = 0  # which end the last step kept: -1 low, 1 high
        for step in count():
            width = high - low
            if width <= tolerance:
                break
            slow = step >= 3 and width > widths[-4] / 2
            if width > mpf(1) / 8 or slow:
                u, kept = (low + high) / 2, 0
            else:
                u = high - f_high * width / (f_high - f_low)
                # A step that lands on an end is moved inwards, so that the bracket can close.
                u = min(max(u, low + tolerance / 2), high - tolerance / 2)
            f = excess(u)
            if f > 0:
                low, f_low = u, f
                f_high = f_high / 2 if kept == 1 else f_high
                kept = 1
            else:
                high, f_high = u, f
                f_low = f_low / 2 if kept == -1 else f_low
                kept = -1
            widths.append(high - low)
        level = mp.exp((low + high) / 2)
    return evaluate(scheme, spectrum, level, digits=digits)


def _bracket(excess: Callable[[Mpf], Any], start: Mpf) -> tuple[Mpf, Mpf, Mpf, Mpf]:
    """(low, high, excess(low) > 0, excess(high) <= 0), by doubling steps away from `start`."""
    low = high = start
    f_low = f_high = excess(start)
    step = mpf(1)
    while f_high > 0:
        low, f_low = high, f_high
        high = high + step
        f_high = excess(high)
        step *= 2
    while f_low <= 0:
        high, f_high = low, f_low
        low = low - step
        f_low = excess(low)
        step *= 2
    return low, high, f_low, f_high
