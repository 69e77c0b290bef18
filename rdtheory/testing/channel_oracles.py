"""Reference values for channel simulation of q = N(μ, s² I_d) by p = N(0, I_d), 50 digits.

From the definitions, in mpmath: level sets of r = q/p [T3.3e], h(z) [T3.3d], E_p[(r - η)_+],
N(s*, t) [T3.12a], D_CS [T3.6a], the recursion of GRS [T3.7b], dither [T3.8], [T3.9a].
`channel_law_oracles` has the laws of the index, `channel_brute_force` the schemes themselves.

Symbols. c = μ/(1 - s²) centre and L distance from it, where s ≠ 1; u the projection on μ, where
s = 1; ln r = κ - a L², a = (1 - s²)/(2 s²), or m u - m²/2. w(η) = P_p(r >= η) and
S(η) = E_p[(r - η)_+] = ∫_η^∞ w. Floats are taken as the exact numbers that they are. d is 1 or
even where s ≠ 1, so that all central laws of chi-square are sums of Poisson probabilities.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from mpmath import mp, mpf

from rdtheory.errors import InputError

Mpf: TypeAlias = Any
"""A number of mpmath (`mpmath.mpf`), which declares no types."""

DIGITS = 50
"""Significant digits of every mpmath number that is returned."""

_WORK = 75
"""Digits to begin with: a difference may lose 20; one that loses more is computed again."""


@dataclass(frozen=True)
class Pair:
    """The target q = N(μ, s² I_d) and the coding distribution p = N(0, I_d).

    Attributes:
        shift: m = ‖μ‖ >= 0, and > 0 if s = 1.
        std: s > 0.
        dim: d, 1 or even unless s = 1.

    Raises:
        InputError: if they are not as above.

    >>> Pair(2.0, 0.3)
    Pair(shift=2.0, std=0.3, dim=1)
    """

    shift: float
    std: float = 1.0
    dim: int = 1

    def __post_init__(self) -> None:
        if not (self.shift >= 0 and self.std > 0 and (self.shift > 0 or self.std != 1)):
            raise InputError("shift, std", (self.shift, self.std), "m >= 0, s > 0, not (0, 1)")
        if self.dim < 1 or (self.std != 1 and self.dim != 1 and self.dim % 2):
            raise InputError("dim", self.dim, "1 or an even number, or any where std is 1")


# ------------------------------------------------------------------------------------------------
# mpmath: ratio, level sets, h, excess
# ------------------------------------------------------------------------------------------------


def kl(pair: Pair) -> Mpf:
    """KL(q‖p) = ½ (d (s² - 1 - ln s²) + m²), nats.

    >>> print(mp.nstr(kl(Pair(2.0, 0.3)) / mp.ln(2), 6))
    3.96593
    """
    with mp.workdps(_WORK):
        square = mpf(pair.std) ** 2
        return (pair.dim * (square - 1 - mp.log(square)) + mpf(pair.shift) ** 2) / 2


def d_inf(pair: Pair) -> Mpf:
    """D_∞ = ln sup r [T1.15c], nats; infinite where s >= 1.

    >>> print(mp.nstr(mp.exp(d_inf(Pair(2.0, 0.3))), 5))
    30.017
    """
    with mp.workdps(_WORK):
        return _peak(pair) if pair.std < 1 else mp.inf


def log_ratio(pair: Pair, projection: Any, norm2: Any) -> Mpf:
    """Ln r(z) for u = μ·z/m and ‖z‖², from the two densities."""
    with mp.workdps(_WORK):
        m, s, u, norm2 = mpf(pair.shift), mpf(pair.std), mpf(projection), mpf(norm2)
        return -pair.dim * mp.log(s) - (norm2 - 2 * m * u + m**2) / (2 * s**2) + norm2 / 2


def _peak(pair: Pair) -> Mpf:
    """κ = ln r at L = 0, the largest value of ln r where s < 1, the smallest where s > 1."""
    return -pair.dim * mp.log(pair.std) + mpf(pair.shift) ** 2 / (2 * (1 - mpf(pair.std) ** 2))


@dataclass(frozen=True)
class Masses:
    """P_p(r >= η), P_q(r >= η) and their complements, each to 50 digits relative."""

    prior_above: Mpf
    target_above: Mpf
    prior_below: Mpf
    target_below: Mpf


def masses(pair: Pair, log_level: Any) -> Masses:
    """The masses of {r >= η}, η = exp(log_level), and of its complement [T3.3e], [T3.12d].

    >>> print(mp.nstr(masses(Pair(2.0), 0.0).target_above, 6))  # Φ(m/2)
    0.841345
    """
    return _accurate(lambda: _masses(pair, log_level))


def _masses(pair: Pair, log_level: Any) -> Masses:
    m, s, level = mpf(pair.shift), mpf(pair.std), mpf(log_level)
    if s == 1:
        u = level / m + m / 2
        return Masses(_phi(-u), _phi(m - u), _phi(u), _phi(u - m))
    centre = abs(m / (1 - s**2))
    square = (_peak(pair) - level) * 2 * s**2 / (1 - s**2)  # L², negative: no such level
    radius = mp.sqrt(max(square, mpf(0)))
    near, far = _ball(radius, centre, pair.dim)
    # c - μ = μ s²/(1 - s²)
    target_near, target_far = _ball(radius / s, s * centre, pair.dim)
    if s < 1:
        return Masses(near, target_near, far, target_far)
    return Masses(far, target_far, near, target_near)


def _phi(x: Mpf) -> Mpf:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def ball(radius: Any, centre: Any, dim: int) -> tuple[Mpf, Mpf]:
    """P(‖Z - c‖ <= radius) and its complement for Z ~ N(0, I_d): the noncentral chi-square.

    d = 1: two normal tails. Even d: the mixture over j ~ Poisson(λ/2), λ = ‖c‖², of the central
    laws of d + 2j degrees of freedom. The lower mass of those falls with j and is summed from
    large to small j, the upper mass the other way, so that each recursion only adds.

    >>> print(*(mp.nstr(mass, 6) for mass in ball(1.0, 0.0, 2)))  # 1 - e^-½, e^-½
    0.393469 0.606531
    """
    return _accurate(lambda: _ball(mpf(radius), mpf(centre), dim))


def _ball(radius: Mpf, centre: Mpf, dim: int) -> tuple[Mpf, Mpf]:
    if radius == 0:
        return mpf(0), mpf(1)
    if dim == 1:
        far = _phi(-radius - centre) + _phi(centre - radius)
        return _difference(_phi(radius - centre), _phi(-radius - centre)), far
    y, mean = radius**2 / 2, centre**2 / 2
    low = high = mode = int(mean)
    stride = 1 + int(mp.sqrt(mode))
    tiny = _log_poisson(mode, mean) - mp.log(10) * (mp.dps + 3)
    while mean and _log_poisson(high, mean) > tiny:
        high += stride
    while low > 0 and _log_poisson(low, mean) > tiny:
        low = max(0, low - stride)
    near = mp.fsum(_mixture(high, -1, y, mean, dim // 2))
    return near, mp.fsum(_mixture(low, 1, y, mean, dim // 2))


def _mixture(j: int, way: int, y: Mpf, mean: Mpf, half: int) -> Iterator[Mpf]:
    """P(J = j) P(a, y) for way = -1, P(J = j) Q(a, y) for way = 1; a = d/2 + j; from j on."""
    mass = (_lower_gamma if way < 0 else _upper_gamma)(half + j, y)
    weight, step = mp.exp(_log_poisson(j, mean)), mp.exp(_log_poisson(half + j, y))
    largest = last = mpf(0)
    while True:
        term = weight * mass
        yield term
        # The terms are log-concave in j: once they fall and are tiny, so is all that is left.
        largest = max(largest, term)
        if j + way < 0 or not mean or (term < last and term < largest * mp.eps):
            return
        last = term
        if way < 0:
            step *= (half + j) / y
            mass += step  # P(a - 1, y) = P(a, y) + y^(a-1) e^-y/Γ(a)
            weight *= j / mean
        else:
            mass += step  # Q(a + 1, y) = Q(a, y) + y^a e^-y/Γ(a + 1)
            step *= y / (half + j + 1)
            weight *= mean / (j + 1)
        j += way


def _log_poisson(j: int, mean: Mpf) -> Mpf:
    return j * mp.log(mean) - mean - mp.loggamma(j + 1) if mean else mpf(0)


def _lower_gamma(a: int, y: Mpf) -> Mpf:
    """P(a, y) = P(Poisson(y) >= a), from the term a upwards."""
    term = total = mp.exp(_log_poisson(a, y))
    while not (a > y and term < total * mp.eps):
        a += 1
        term *= y / a
        total += term
    return total


def _upper_gamma(a: int, y: Mpf) -> Mpf:
    """Q(a, y) = P(Poisson(y) < a), from the term a - 1 downwards."""
    a -= 1
    term = total = mp.exp(_log_poisson(a, y))
    while a > 0 and not (a < y and term < total * mp.eps):
        term *= a / y
        a -= 1
        total += term
    return total


class _LostDigitsError(ArithmeticError):
    """Fewer than `DIGITS` digits are left of a difference."""


def _difference(a: Mpf, b: Mpf) -> Mpf:
    """The difference a - b >= 0 of two numbers, if enough of the working digits are left."""
    if a - b < a * mpf(10) ** (DIGITS + 5 - mp.dps):
        raise _LostDigitsError
    return a - b


def _accurate(function: Callable[[], Any]) -> Any:
    """What `function` returns at the first precision that leaves `DIGITS` digits."""
    for digits in (_WORK, 2 * _WORK, 4 * _WORK, 16 * _WORK):
        with mp.workdps(digits):
            try:
                return function()
            except _LostDigitsError:
                continue
    raise ArithmeticError("a difference that loses more than a thousand digits")


def gap(pair: Pair, log_r: Any) -> Mpf:
    """h(z) = r P_p(r' < r) - P_q(r' < r) [T3.3d] at a point of ratio r(z) = exp(log_r).

    The check value of [T3.5a] at C = 100 bits, u = m:

    >>> m = mp.sqrt(200 * mp.ln(2))
    >>> print(mp.nstr(mp.log(gap(Pair(float(m)), m**2 / 2)), 9))
    69.3147181
    """

    def function() -> Mpf:
        at = _masses(pair, log_r)
        return _difference(mp.exp(mpf(log_r)) * at.prior_below, at.target_below)

    return _accurate(function)


def excess(pair: Pair, log_level: Any) -> Mpf:
    """S(η) = E_p[(r - η)_+] = P_q(r >= η) - η P_p(r >= η), η = exp(log_level) < sup r."""

    def function() -> Mpf:
        at = _masses(pair, log_level)
        return _difference(at.target_above, mp.exp(mpf(log_level)) * at.prior_above)

    return _accurate(function)


def expected_better(pair: Pair, best_score: Any, time: Any) -> Mpf:
    """N(s*, t) = E_p[(s* r - t)_+] [T3.12a].

    >>> print(mp.nstr(expected_better(Pair(1.5), 0.8, 3.0), 6))
    0.203975
    """
    with mp.workdps(_WORK):
        best, time = mpf(best_score), mpf(time)
        return best * excess(pair, mp.log(time / best)) if time else best


def divergence_bits(pair: Pair, digits: int = 20) -> Mpf:
    """D_CS = -∫ w log w dη [T3.6a] over u or L by tanh-sinh; s <= 1. Slow unless d or s is 1.

    >>> print(mp.nstr(divergence_bits(Pair(0.9, 0.19**0.5)), 5))
    1.7167
    """
    if pair.std > 1:
        raise InputError("std", pair.std, "at most 1")

    def integrand(x: Mpf) -> Mpf:
        log_level = m * x - m**2 / 2 if s == 1 else _peak(pair) - a * x**2
        w = masses(pair, log_level).prior_above
        width = m if s == 1 else 2 * a * x
        return -w * mp.log(w) * width * mp.exp(log_level) if w else mpf(0)

    with mp.workdps(digits):
        m, s = mpf(pair.shift), mpf(pair.std)
        a = (1 - s**2) / (2 * s**2)
        reach = mp.sqrt(2 * mp.log(10) * digits)
        if s == 1:
            points = [-reach, 0, m, m + reach]
        else:
            middle = s**2 * m / (1 - s**2)
            last = s * (reach + mp.sqrt(pair.dim))
            points = sorted({mpf(0), max(mpf(0), middle - last), middle, middle + last})
            points.append(max(points[-1] + 1, mp.sqrt((_peak(pair) + reach**2 / 2) / a)))
        return mp.quad(integrand, points) / mp.log(2)


def grs(pair: Pair, steps: int) -> tuple[list[Mpf], list[Mpf]]:
    """L_1..L_n and S_1..S_n of the recursion [T3.7b]; P(K = k) = S_k - S_{k+1}."""
    with mp.workdps(_WORK):
        levels, survivals = [mpf(0)], [mpf(1)]
        for _ in range(steps - 1):
            levels.append(levels[-1] + survivals[-1])
            survivals.append(excess(pair, mp.log(levels[-1])))
        return levels, survivals


# ------------------------------------------------------------------------------------------------
# Dither
# ------------------------------------------------------------------------------------------------


def uniform_dither_bits(width: Any) -> Mpf:
    """H(round((X + U)/Δ) | U) = I(X; X + U'), X ~ N(0, 1), U uniform of width Δ [T3.8], bits.

    >>> print(mp.nstr(uniform_dither_bits(1.0), 7))
    2.104833
    """
    with mp.workdps(_DITHER):
        return (_smeared_entropy(mpf(width)) - mp.log(width)) / mp.log(2)


def layered_dither_bits(noise: Any, step: float = 0.25) -> Mpf:
    """E[h(X + Unif(-R, R)) - ln 2R], R²/t ~ chi-square with 3 degrees, X ~ N(0, 1) [T3.9a], bits.

    Args:
        noise: t > 0.
        step: of the trapezoidal rule over R/√t; 12 digits at 0.25, 7 at 0.5, which is faster.

    >>> print(mp.nstr(layered_dither_bits(1.0, 0.5) - 0.5, 5))  # the gap to I [T3.9b]
    0.46491
    """
    with mp.workdps(_DITHER):
        scale = mp.sqrt(noise)
        spacing = mpf(step) / max(1, scale)
        total = mpf(0)
        for i in range(1, int(9 / spacing)):
            r = i * spacing
            density = mp.sqrt(2 / mp.pi) * r**2 * mp.exp(-(r**2) / 2)
            total += spacing * density * _smeared_entropy(2 * r * scale)
        mean_log = mp.log(2 * scale) + (mp.digamma(mpf(3) / 2) + mp.log(2)) / 2
        return (total - mean_log) / mp.log(2)


_DITHER = 25
"""Working digits; 15 are right, as the sums stop at 1e-17 and are exact to e^-40."""


def _smeared_entropy(width: Mpf) -> Mpf:
    """h(X + U) for U uniform of that width, nats: trapezoidal rule for an analytic integrand."""
    step = mpf(1) / 4
    total, last = mpf(0), int((width / 2 + 9) / step)
    for i in range(last):
        density = (_phi(width / 2 - i * step) - _phi(-width / 2 - i * step)) / width
        total -= density * mp.log(density) * (1 if i else mpf(1) / 2)
    return 2 * step * total
