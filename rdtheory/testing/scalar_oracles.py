"""Reference values of DiffC for a scalar source, by the definitions alone, in mpmath.

Y = X + √t U. Every number is an integral, over x or over x and y, of what defines it: p_t(y) =
∫ p(x) φ_t(y - x) dx, the moments of P(X | y) by Bayes, I = ∬ p(x) φ_t(y - x) ln(φ_t(y - x)/p_t(y)),
D_F = ∬ p(x) φ_t(y - x) (x - T(y))². No identity is used: neither I-MMSE, nor the score, nor a
closed form of a convolution [T4.1].

The integrals are Gauss and Legendre's rule of 24 nodes on panels no longer than 3√t where the noise
matters and broken where the density is not smooth. `Law.panels` halves them all: values that do not
change by it are right. A channel takes from a second to a minute at 30 digits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

from mpmath import mp, mpf
from mpmath.calculus.quadrature import GaussLegendre

Mpf: TypeAlias = Any
"""A number of mpmath (`mpmath.mpf`), which declares no types."""

DIGITS = 30


@dataclass(frozen=True)
class Law:
    """The law of X: a density with its distribution function, or atoms of equal probability.

    Attributes:
        points: increasing; the density is 0 outside them and smooth between neighbours. Or atoms.
        density: p; None for atoms.
        cdf: the distribution function, elementary or an error function.
        sharp: points about which the functions of y change over √t, also when that is small.
        panels: into how many pieces each panel of the rules is cut.
    """

    points: Sequence[Mpf]
    density: Callable[[Mpf], Mpf] | None = None
    cdf: Callable[[Mpf], Mpf] | None = None
    sharp: Sequence[Mpf] = (mpf(0),)
    panels: int = 1


@dataclass(frozen=True)
class Values:
    """What the oracle says of a channel.

    Attributes:
        information_nats: I(X; Y).
        mmse: E Var(X | Y).
        flow_distortion: E (X - T(Y))².
    """

    information_nats: Mpf
    mmse: Mpf
    flow_distortion: Mpf


def laplace(scale: Any) -> Law:
    """X with density exp(-|x|/b)/(2b), cut at 70 b.

    >>> float(laplace(1).density(0))
    0.5
    """
    b = mpf(scale)
    return Law(
        points=tuple(b * k for k in (-70, -30, -8, 0, 8, 30, 70)),
        density=lambda x: mp.exp(-abs(x) / b) / (2 * b),
        cdf=lambda x: mp.exp(x / b) / 2 if x < 0 else 1 - mp.exp(-x / b) / 2,
    )


def uniform(half_width: Any) -> Law:
    """X uniform on [-a, a].

    >>> float(uniform(2).density(1))
    0.25
    """
    a = mpf(half_width)
    return Law((-a, a), lambda x: 1 / (2 * a), lambda x: (x + a) / (2 * a), (-a, a))


def mixture(weights: Sequence[Any], means: Sequence[Any], variances: Sequence[Any]) -> Law:
    """X ~ Σ w N(m, v), cut at 13 standard deviations of every component.

    >>> round(float(mixture([1], [0], [1]).density(0)), 6)
    0.398942
    """
    parts = [tuple(map(mpf, part)) for part in zip(weights, means, variances, strict=True)]
    return Law(
        points=sorted(
            {m + k * mp.sqrt(v) for _, m, v in parts for k in (-13, -8, -4, 0, 4, 8, 13)}
        ),
        density=lambda x: mp.fsum(w * mp.npdf(x, m, mp.sqrt(v)) for w, m, v in parts),
        cdf=lambda x: mp.fsum(w * mp.ncdf(x, m, mp.sqrt(v)) for w, m, v in parts),
    )


def two_point(spacing: Any) -> Law:
    """X = ±a.

    >>> [float(x) for x in two_point(1).points]
    [-1.0, 1.0]
    """
    a = mpf(spacing)
    return Law((-a, a), sharp=(-a, mpf(0), a))


def moments(law: Law, y: Any, t: Any) -> tuple[Mpf, Mpf, Mpf]:
    """p_t(y), E[X | y] and Var(X | y).

    >>> with mp.workdps(DIGITS):
    ...     [round(float(value), 9) for value in moments(two_point(1), 1, 2)]  # tanh ½
    [0.192935833, 0.462117157, 0.786447733]
    """
    nodes = _joint(law, mpf(y), mpf(t))
    density = mp.fsum(mass for _, mass in nodes)
    mean = mp.fsum(mass * x for x, mass in nodes) / density
    return density, mean, mp.fsum(mass * (x - mean) ** 2 for x, mass in nodes) / density


def output_cdf(law: Law, y: Any, t: Any) -> Mpf:
    """P(Y <= y) = ∫ p(x) Φ((y - x)/√t) dx.

    >>> round(float(output_cdf(two_point(1), 0, 2)), 12)
    0.5
    """
    deviation = mp.sqrt(mpf(t))
    nodes = _source(law, _inner_edges(law, mpf(y), deviation))
    return mp.fsum(mass * mp.ncdf((mpf(y) - x) / deviation) for x, mass in nodes)


def output_sf(law: Law, y: Any, t: Any) -> Mpf:
    """P(Y > y), the integral of the other tail.

    >>> round(float(output_sf(two_point(1), 0, 2)), 12)
    0.5
    """
    deviation = mp.sqrt(mpf(t))
    nodes = _source(law, _inner_edges(law, mpf(y), deviation))
    return mp.fsum(mass * mp.ncdf((x - mpf(y)) / deviation) for x, mass in nodes)


def flow(law: Law, y: Any, t: Any) -> Mpf:
    """T(y): where P(X <= x) is P(Y <= y), by bisection.

    >>> with mp.workdps(DIGITS):
    ...     round(float(flow(uniform(1), 0.25, 0.01)), 9)
    0.25
    """
    target = output_cdf(law, y, t)
    if law.cdf is None:
        return law.points[0] if target <= mpf(1) / 2 else law.points[-1]
    low, high = law.points[0], law.points[-1]
    for _ in range(int(mp.prec * 2 / 3)):
        middle = (low + high) / 2
        low, high = (middle, high) if law.cdf(middle) < target else (low, middle)
    return (low + high) / 2


def channel(law: Law, t: Any, with_flow: bool = True) -> Values:
    """I, mmse and D_F, by double integrals.

    >>> with mp.workdps(DIGITS):
    ...     values = channel(two_point(1), 1)
    >>> round(float(values.flow_distortion), 12)  # 4 Φ(-1)
    0.634621015726
    """
    t = mpf(t)
    information, mmse, distortion = [], [], []
    for y, weight in _rule(_outer_edges(law, mp.sqrt(t)), law.panels):
        nodes = _joint(law, y, t)
        density = mp.fsum(mass for _, mass in nodes)
        if density == 0:
            continue
        mean = mp.fsum(mass * x for x, mass in nodes) / density
        end = flow(law, y, t) if with_flow else mpf(0)
        log_ratio = -mp.log(2 * mp.pi * t) / 2 - mp.log(density)
        information.append(
            weight * mp.fsum(mass * (log_ratio - (x - y) ** 2 / (2 * t)) for x, mass in nodes)
        )
        mmse.append(weight * mp.fsum(mass * (x - mean) ** 2 for x, mass in nodes))
        distortion.append(weight * mp.fsum(mass * (x - end) ** 2 for x, mass in nodes))
    return Values(mp.fsum(information), mp.fsum(mmse), mp.fsum(distortion))


def _joint(law: Law, y: Mpf, t: Mpf) -> list[tuple[Mpf, Mpf]]:
    """Nodes x and their masses p(x) φ_t(y - x)."""
    nodes = _source(law, _inner_edges(law, y, mp.sqrt(t)))
    scale = mp.sqrt(2 * mp.pi * t)
    return [(x, mass * mp.exp(-((y - x) ** 2) / (2 * t)) / scale) for x, mass in nodes]


def _source(law: Law, edges: Sequence[Mpf]) -> list[tuple[Mpf, Mpf]]:
    if law.density is None:
        return [(x, mpf(1) / len(law.points)) for x in law.points]
    return [(x, weight * law.density(x)) for x, weight in _rule(edges, law.panels)]


def _inner_edges(law: Law, y: Mpf, deviation: Mpf) -> Sequence[Mpf]:
    """The points of the law, and steps of 3√t about the point of its support nearest to y."""
    low, high = law.points[0], law.points[-1]
    centre = min(max(y, low), high)
    around = [centre + 3 * k * deviation for k in range(-6, 7)]
    return sorted({*law.points, *(x for x in around if low < x < high)})


def _outer_edges(law: Law, deviation: Mpf) -> Sequence[Mpf]:
    """The points of the law, and steps about the sharp ones, from √t to all of the line."""
    low, high = law.points[0] - 13 * deviation, law.points[-1] + 13 * deviation
    steps = [1, 2, 4, 6, 8, 10, 13, *(2**k for k in range(4, 14))]
    around = {p + s * k * deviation for p in law.sharp for k in steps for s in (-1, 1)}
    kept = {low, high, *law.sharp, *law.points}
    return sorted(kept | {x for x in around if low < x < high})


def _rule(edges: Sequence[Mpf], panels: int) -> list[tuple[Mpf, Mpf]]:
    """Nodes and weights of all panels, each cut into equal pieces."""
    nodes = []
    for left, right in pairwise(edges):
        half = (right - left) / (2 * panels)
        for piece in range(panels):
            middle = left + (2 * piece + 1) * half
            nodes += [(middle + half * x, half * weight) for x, weight in _legendre(mp.prec)]
    return nodes


@cache
def _legendre(prec: int) -> list[tuple[Mpf, Mpf]]:
    return GaussLegendre(mp).calc_nodes(4, prec)
