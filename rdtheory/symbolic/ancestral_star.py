"""DiffC-A* [T1.8, T1.11, P1] (Eq. 13, 14): optimality, slope, forms, limits, noise variances.

One component of eigenvalue λ at water level θ. Where λ > θ it is written λ = θ (1 + x), x > 0, and
where λ < θ as λ = θ / (1 + x). γ² = min(1, θ/λ) is the share of noise.
"""

from collections.abc import Iterator

from sympy import Symbol, diff, log, oo, sqrt

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, stationary, tends

LAMBDA = Symbol("lambda", positive=True)
THETA = Symbol("theta", positive=True)
SHARE = Symbol("a", positive=True)
EXCESS = Symbol("x", positive=True)

NOISE_SHARE = THETA / LAMBDA
"""γ² of an active component."""
RATE = -log(NOISE_SHARE) / 2
DISTORTION = 2 * LAMBDA * NOISE_SHARE
NOISE_VARIANCE = THETA * LAMBDA / (LAMBDA - THETA)
"""t of [T1.11]."""
LAGRANGIAN = -log(SHARE) / 2 + 2 * LAMBDA * SHARE / (4 * THETA)
"""R + D/(4θ) of any channel with e^(-2R) = a, decoded by ancestral sampling."""


@proof
def decoded_moments() -> Iterator[Step]:
    """A* (Eq. 13): X̂ has variance λ and E|X - X̂|² = 2λγ² [T1.8]."""
    gamma, noise = sqrt(SHARE), sqrt(SHARE * LAMBDA)
    gain = sqrt(1 - gamma**2)
    # Z = gain X + noise U and X̂ = gain Z + noise V, of independent X, U, V.
    yield equal(gain**2 * (gain**2 * LAMBDA + noise**2) + noise**2, LAMBDA)
    error = (1 - gain**2) ** 2 * LAMBDA + (gain * noise) ** 2 + noise**2
    yield equal(error, 2 * LAMBDA * SHARE)


@proof
def sampling_the_posterior() -> Iterator[Step]:
    """A* (Eq. 13): √(1 - γ²) Z + γ√λ V is a sample of P(X | Z) [T1.8]."""
    gain, variance = sqrt(1 - SHARE), SHARE * LAMBDA
    precision = 1 / LAMBDA + gain**2 / variance
    yield equal(1 / precision, variance)
    yield equal(gain / variance / precision, gain)


@proof
def rate_and_distortion_forms() -> Iterator[Step]:
    """A* (Eq. 14): R = -ln γ = ½ ln(λ/D_i), D = 2λγ² = 2D_i: R*(D/2) with D_i = θ [T1.8, P1]."""
    yield equal(-log(sqrt(NOISE_SHARE)), RATE)
    yield equal(RATE, log(LAMBDA / THETA) / 2)
    yield equal(DISTORTION, 2 * THETA)


@proof
def optimality() -> Iterator[Step]:
    """A*: a = θ/λ is where R + D/(4θ) is stationary, and it is convex in a [T1.8]."""
    yield stationary(LAGRANGIAN, SHARE, NOISE_SHARE)
    yield positive(diff(LAGRANGIAN, SHARE, 2))


@proof
def zero_rate_below_the_level() -> Iterator[Step]:
    """A*: where λ < θ, R + D/(4θ) still falls at a = 1: the component gets no rate [T1.8]."""
    fall = -diff(LAGRANGIAN, SHARE).subs(SHARE, 1)
    yield positive(fall.subs(LAMBDA, THETA / (1 + EXCESS)))


@proof
def slope() -> Iterator[Step]:
    """A*: dR/dD = -1/(4θ) along θ [T1.8, P20]."""
    yield equal(diff(RATE, THETA), -diff(DISTORTION, THETA) / (4 * THETA))


@proof
def limits() -> Iterator[Step]:
    """A*: R -> ∞ and D/θ -> 2 as θ -> 0; R -> 0 and D -> 2λ as θ -> λ [T1.18]."""
    yield tends(RATE, THETA, 0, oo)
    yield tends(DISTORTION / THETA, THETA, 0, 2)
    active = LAMBDA / (1 + EXCESS)
    yield tends(RATE.subs(THETA, active), EXCESS, 0, 0)
    yield tends(DISTORTION.subs(THETA, active), EXCESS, 0, 2 * LAMBDA)


@proof
def noise_variance() -> Iterator[Step]:
    """A*: the channel of noise t = θλ/(λ - θ) leaves the share γ² = θ/λ unknown [T1.11]."""
    yield equal(NOISE_VARIANCE / (LAMBDA + NOISE_VARIANCE), NOISE_SHARE)


@proof
def one_diffusion() -> Iterator[Step]:
    """A*: t_i > θ grows with θ, from θ to ∞ at θ = λ: the curve is one diffusion [T1.11, T1.18]."""
    active = LAMBDA / (1 + EXCESS)
    yield positive(diff(NOISE_VARIANCE, THETA).subs(THETA, active))
    yield positive((NOISE_VARIANCE / THETA - 1).subs(THETA, active))
    yield tends(NOISE_VARIANCE / THETA, THETA, 0, 1)
    yield tends(NOISE_VARIANCE.subs(THETA, active), EXCESS, 0, oo)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
