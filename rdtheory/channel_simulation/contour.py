"""Tails of ln r under p by contour integrals, to 1e-12 however far out [T3.3e, T3.12d].

For q = N(μ, s² I_d), p = N(0, I_d), s <= 1, let L = ln r(Z), Z ~ p. With m = ‖μ‖ and the curvature
g = 1/s² - 1 >= 0 its cumulant function is elementary, and analytic but for t <= -1/g:

    M(t) = ln E_p e^{tL} = -d/2 (ln(1 + tg) - t ln(1 + g)) - m² (1 + g) t (1 - t) / (2 (1 + tg))

Every mass that the theory asks for is one inversion integral along a line Re t = c,

    J = 1/(2πi) ∫ exp(M(t) - tk) / Π (t - a) dt,      the poles a among 0 and 1,

and the strip between two poles where c lies says which one. With the pole 0, P_p(L >= k) on its
right and -P_p(L < k) on its left; with 1 the same under q, times e^-k; with both, for h = e^k,
E_p[(r - h)_+]/h on the right of 1, -E_p min(r, h)/h between, E_p[(h - r)_+]/h on the left of 0;
with none the density of L. On the real axis the integrand has one sign and one minimum in each
strip. Through it goes a hyperbola t = c + w (i sinh ξ - 2β (cosh ξ - 1)), which follows the path of
steepest descent nearly; there the trapezoidal rule converges geometrically. Nothing cancels, so
that the logarithm is as accurate at 10^-300 as at ½, and s -> 1 is no special case: at g = 0 the
ball has become a half-space. (SciPy's noncentral chi-square is as accurate, but ends where float64
does, at 10^-308, and takes time proportional to the centre's distance m/(1 - s²).)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array

_STEP = 0.1
_XI = _STEP * np.arange(50)
_SINH, _COSH = np.sinh(_XI), np.cosh(_XI)
_WEIGHTS = np.where(_XI == 0, 0.5, 1.0) * _STEP / np.pi
"""Half of a symmetric trapezoidal rule: errors of 1e-13, 2e-11 at worst, against 50 digits."""

_PIECE = 128
"""Levels are worked through in pieces whose nodes stay in the cache."""

Level = tuple[Array, Array]
"""k = ln h, and D_∞ - k, which is known more accurately by itself near the top (0 where g = 0)."""


@dataclass(frozen=True, eq=False)
class LogRatio:
    """The cumulant function M of L = ln r under p, of n targets.

    Attributes:
        curvature: g = 1/s² - 1 >= 0, shape (n,).
        square_shift: m², shape (n,).
        dim: d.
    """

    curvature: Array
    square_shift: Array
    dim: int

    def take(self, index: Array | slice) -> "LogRatio":
        """Some of the targets."""
        return LogRatio(self.curvature[index], self.square_shift[index], self.dim)

    def value(self, t: Array) -> Array:
        """M(t)."""
        g, m2, half = self.curvature, self.square_shift, self.dim / 2
        y = 1 + t * g
        return half * (t * np.log1p(g) - np.log1p(t * g)) - m2 * (1 + g) * t * (1 - t) / (2 * y)

    def slope(self, t: Array) -> Array:
        """M'(t)."""
        g, m2, half = self.curvature, self.square_shift, self.dim / 2
        y = 1 + t * g
        numerator = (1 - 2 * t) * y - t * (1 - t) * g
        return half * (np.log1p(g) - g / y) - m2 * (1 + g) * numerator / (2 * y * y)

    def bend(self, t: Array) -> tuple[Array, Array]:
        """M''(t) > 0 and M'''(t) <= 0."""
        g, m2 = self.curvature, self.square_shift
        y = 1 + t * g
        share, part = g / y, m2 * ((1 + g) / y) ** 2
        return self.dim / 2 * share**2 + part / y, -self.dim * share**3 - 3 * share * part / y

    def shifted_value(self, t: Array, level: Level) -> Array:
        """M(t) - tk; far beyond the branch point from the distance to the top."""
        k, gap = level
        g, m2 = self.curvature, self.square_shift
        y = 1 + t * g
        g_or_1 = np.where(g > 0, g, 1.0)
        top = t * gap - self.dim / 2 * np.log1p(t * g) - m2 * (1 + g) ** 2 * t / (2 * g_or_1 * y)
        return np.where(y > 2, top, self.value(t) - t * k)

    def shifted_slope(self, t: Array, level: Level) -> Array:
        """M'(t) - k, likewise."""
        k, gap = level
        g, m2 = self.curvature, self.square_shift
        y = 1 + t * g
        g_or_1 = np.where(g > 0, g, 1.0)
        top = gap - self.dim / 2 * g / y - m2 * ((1 + g) / y) ** 2 / (2 * g_or_1)
        return np.where(y > 2, top, self.slope(t) - k)

    def saddle(self, level: Level) -> Array:
        """The root t of M'(t) = k, by a quadratic equation in 1 + tg."""
        k, gap = level
        g, m2, half = self.curvature, self.square_shift, self.dim / 2
        # g Γ t² + B t + C = 0, where Γ = g (D_∞ - k) and C = M'(0) - k stay finite as g -> 0.
        top = np.where(g > 0, g * gap, m2 / 2)
        b = 2 * top - half * g * g
        c = half * (np.log1p(g) - g) - k - m2 * (1 + g) / 2
        root = np.sqrt(np.maximum(b * b - 4 * g * top * c, 0.0))
        steep = b > 0
        numerator = np.where(steep, -2 * c, root - b)
        return numerator / np.where(steep, b + root, 2 * g * top)

    @property
    def branch(self) -> Array:
        """-1/g, where M ceases to be analytic; -inf for half-spaces."""
        g = self.curvature
        return np.where(g > 0, -1 / np.where(g > 0, g, 1.0), -np.inf)


def log_tail(ratio: LogRatio, level: Level, pole: Array, upper: Array) -> Array:
    """ln of the mass of {L >= k} or {L < k}, under p where `pole` is 0, under q where it is 1.

    Args:
        ratio: n targets, of which none has q = p.
        level: n levels k below D_∞.
        pole: 0 or 1, shape (n,).
        upper: whether the mass of {L >= k} is wanted, shape (n,).

    >>> ratio = LogRatio(np.zeros(1), np.ones(1), 1)  # s = 1, m = 1: L = u - 1/2
    >>> np.exp(log_tail(ratio, (np.ones(1), np.zeros(1)), np.zeros(1), np.ones(1, bool)))
    array([0.0668072])
    """
    saddle = ratio.saddle(level)
    # The saddle is to the right of the pole where k is above the mean. The smaller mass is
    # computed; but within a standard deviation the upper one, through which hyperbolas do better.
    right = (saddle - pole) * np.sqrt(ratio.bend(saddle)[0]) > -1
    low, high = np.where(right, pole, ratio.branch), np.where(right, np.inf, pole)
    log_mass = log_inversion(ratio, level, (pole,), low, high) + pole * level[0]
    return np.where(right == upper, log_mass, log_complement(log_mass))


def log_option(ratio: LogRatio, level: Level, call: Array) -> Array:
    """ln E_p[(r - h)_+] where `call`, else ln E_p[(h - r)_+].

    Args:
        ratio: n targets, of which none has q = p.
        level: n levels k = ln h below D_∞.
        call: which one, shape (n,).

    >>> ratio = LogRatio(np.zeros(1), np.ones(1), 1)
    >>> np.exp(log_option(ratio, (np.zeros(1), np.zeros(1)), np.ones(1, bool)))  # 2 Φ(½) - 1
    array([0.38292492])
    """
    k = level[0]
    saddle = ratio.saddle(level)
    width = 1 / np.sqrt(ratio.bend(saddle)[0])
    # The strip whose integral is smallest; the one between the poles only if L is wide enough.
    between = (width < 0.5) & (saddle > -width) & (saddle < 1 - width)
    right = ~between & (saddle + width > np.where(width < 0.5, 1.0, 0.5))
    zero, one = np.zeros(k.shape), np.ones(k.shape)
    low = np.where(right, one, np.where(between, zero, ratio.branch))
    high = np.where(right, np.inf, np.where(between, one, zero))
    value = log_inversion(ratio, level, (zero, one), low, high) + k
    # E (r - h)_+ = 1 - E min(r, h), and E (r - h)_+ - E (h - r)_+ = 1 - h, as E r = 1.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        call_from_put = np.exp(value) - np.expm1(k)
        loss = np.log1p(np.exp(value) - np.exp(k))
        call_from_put = np.where(call_from_put < 0.5, np.log(call_from_put), loss)
        put_from_call = np.log(np.expm1(k) + np.exp(value))
    calls = np.where(right, value, np.where(between, log_complement(value), call_from_put))
    puts = np.where(right, put_from_call, np.where(between, k + log_complement(value - k), value))
    return np.where(call, calls, puts)


def log_complement(log_mass: Array) -> Array:
    """ln(1 - e^x) for x <= 0.

    >>> np.exp(log_complement(np.log([0.25, 0.75])))
    array([0.75, 0.25])
    """
    x = np.minimum(log_mass, 0.0)
    with np.errstate(divide="ignore", under="ignore"):
        return np.where(x > -0.7, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def log_inversion(
    ratio: LogRatio, level: Level, poles: tuple[Array, ...], low: Array, high: Array
) -> Array:
    """ln|J| at n levels below the top, in the strip low < Re t < high; shape (n,).

    Args:
        ratio: the n targets, of which none has q = p.
        level: n levels k below D_∞.
        poles: their places, each of shape (n,).
        low: left end of the strip, a pole or `ratio.branch`.
        high: its right end, a pole or infinity.
    """
    out = np.empty(level[0].shape)
    for start in range(0, out.size, _PIECE):
        piece = slice(start, start + _PIECE)
        k, gap = level[0][piece], level[1][piece]
        some = tuple(pole[piece] for pole in poles)
        out[piece] = _log_integral(ratio.take(piece), (k, gap), some, low[piece], high[piece])
    return out


def increasing_root(
    function: Callable[[Array], tuple[Array, Array]],
    start: Array,
    low: Array,
    high: Array,
    converged: Callable[[Array, Array], Array],
) -> Array:
    """Roots of increasing functions by Newton's method, halving what leaves the bracket.

    Args:
        function: x to values and derivatives > 0.
        start: first x, between low and high.
        low: where the function is negative, or not defined.
        high: where it is positive, or not defined.
        converged: (value, derivative) to whether x will do; returned is one Newton step beyond.
    """
    x = start
    for _ in range(100):
        value, derivative = function(x)
        low, high = np.where(value < 0, x, low), np.where(value > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):  # where the function is flat
            step = x - value / derivative
        inside = (step == x) | (step > low) & (step < high)
        step = np.where(inside, step, (x + np.where(value < 0, high, low)) / 2)
        if np.all(converged(value, derivative)):
            return step
        x = step
    raise ArithmeticError("Newton's method has not converged in 100 steps")


def _log_integral(
    ratio: LogRatio, level: Level, poles: tuple[Array, ...], low: Array, high: Array
) -> Array:
    def slope(t: Array) -> tuple[Array, Array]:
        reciprocals = [1 / (t - pole) for pole in poles]
        second = ratio.bend(t)[0] + sum(part * part for part in reciprocals)
        return ratio.shifted_slope(t, level) - sum(reciprocals), second

    # The integral is the same for any c of the strip: a twentieth of the width is close enough.
    c = increasing_root(
        slope,
        _first_guess(ratio, level, len(poles), low, high),
        low,
        high,
        lambda value, derivative: value * value < derivative / 400,
    )
    second, third = ratio.bend(c)
    # Far out, where the poles no longer matter, the skewness of L says how fast to turn left.
    beta = np.clip(-0.22 * third / second**1.5, 0.2, 0.5)
    width = 1 / np.sqrt(second + sum((c - pole) ** -2 for pole in poles))
    total = _along_hyperbola(ratio, level, poles, c, width, beta)
    log_poles = sum(np.log(np.abs(c - pole)) for pole in poles)
    return ratio.shifted_value(c, level) - log_poles + np.log(width * total)


def _first_guess(ratio: LogRatio, level: Level, count: int, low: Array, high: Array) -> Array:
    """The minimum if M were quadratic beyond its own saddle, with all poles at the strip's end."""
    t = ratio.saddle(level)
    spread = 4 * count / ratio.bend(t)[0]
    from_low, from_high = (
        t - np.where(np.isfinite(low), low, t),
        np.where(np.isfinite(high), high, t) - t,
    )
    right = low + (from_low + np.sqrt(from_low**2 + spread)) / 2
    left = high - (from_high + np.sqrt(from_high**2 + spread)) / 2
    branch = ratio.branch
    left = np.where(left > branch, left, (branch + np.minimum(t, high)) / 2)
    if count == 0:
        return t
    bounded = (low > branch) & (high < np.inf)
    middle = np.clip(t, low + 0.25, high - 0.25)
    return np.where(bounded, middle, np.where(low > branch, right, left))


def _along_hyperbola(
    ratio: LogRatio, level: Level, poles: tuple[Array, ...], c: Array, width: Array, beta: Array
) -> Array:
    """1/π ∫ Re exp(M(t) - tk - M(c) + ck) Π (c - a)/(t - a) (cosh ξ + 2iβ sinh ξ) dξ.

    In real arithmetic: NumPy's complex logarithm is ten times slower. With y = 1 + cg, τ = t - c
    and z = gτ/y the exponent is

        (M'(c) - k) τ + d/2 (z - ln(1 + z)) + m² (1 + g)²/(2y³) τ²/(1 + z).
    """
    g, m2 = ratio.curvature, ratio.square_shift
    y = 1 + c * g
    linear = ratio.shifted_slope(c, level)[:, None]
    quadratic = (m2 * (1 + g) ** 2 / (2 * y**3))[:, None]
    share, half = (g / y)[:, None], ratio.dim / 2

    double_beta = 2 * beta[:, None]
    x = width[:, None] * (double_beta * (1 - _COSH))  # τ = x + i v
    v = width[:, None] * _SINH
    a, b = share * x, share * v  # z = a + i b
    norm_1 = a * (2 + a) + b * b  # |1 + z|² - 1
    scale = quadratic / (1 + norm_1)
    square, cross = x * x - v * v, 2 * x * v
    real = linear * x + half * (a - np.log1p(norm_1) / 2)
    real += scale * (square * (1 + a) + cross * b)
    angle = linear * v + half * (b - np.arctan2(b, 1 + a))
    angle += scale * (cross * (1 + a) - square * b)
    # The factors cosh ξ + 2iβ sinh ξ and (c - a)/(t - a) turn the phase and change the modulus.
    angle += np.arctan2(double_beta * _SINH, _COSH)
    log_modulus = np.log(_COSH**2 + (double_beta * _SINH) ** 2)
    for pole in poles:
        distance = (1 / (c - pole))[:, None]
        p, i = 1 + x * distance, v * distance
        angle -= np.arctan2(i, p)
        log_modulus -= np.log(p * p + i * i)
    # cos through the tangent of half the angle, and no exp below e^-700: both ten times faster.
    tangent = np.square(np.tan(angle / 2))
    values = np.exp(np.maximum(real + log_modulus / 2, -700.0)) * (1 - tangent) / (1 + tangent)
    return values @ _WEIGHTS
