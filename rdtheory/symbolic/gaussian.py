"""One Gaussian component and its two decoders [T0.1, T1.1, T1.5, T1.6, T1.7, T1.13] (Eq. 9-12).

λ the variance, t the noise variance of Y = X + √t U (VE), σ² that of Z = √(1 - σ²) X + σ U (VP),
ρ = √(λ/(λ + t)) the correlation. Numbers in (0, 1) are x/(1 + x) with x > 0.
"""

from collections.abc import Iterator

from sympy import Rational, Symbol, cos, diff, exp, log, oo, pi, sin, sqrt, tan

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, tends

LAMBDA = Symbol("lambda", positive=True)
NOISE = Symbol("t", positive=True)
RHO = Symbol("rho", positive=True)
ODDS = Symbol("x", positive=True)
IN_UNIT = ODDS / (1 + ODDS)
"""Any number in (0, 1)."""

CORRELATION = sqrt(LAMBDA / (LAMBDA + NOISE))
RATE = log(1 + LAMBDA / NOISE) / 2
"""R [T1.5a]."""
ANCESTRAL = 2 * LAMBDA * NOISE / (LAMBDA + NOISE)
"""D_A [T1.6b]."""
FLOW = 2 * LAMBDA * (1 - CORRELATION)
"""D_F [T1.6c]."""
_D = Symbol("D", positive=True)
FLOW_RATE = -log(1 - (1 - _D / (2 * LAMBDA)) ** 2) / 2
"""R_F(D) [T1.5e]."""


@proof
def rate_forms() -> Iterator[Step]:
    """R = ½ ln(1 + λ/t) = -½ ln(1 - ρ²) [T1.5a]."""
    yield equal(exp(-2 * RATE), 1 - CORRELATION**2)


@proof
def variance_preserving_is_exploding() -> Iterator[Step]:
    """With t = σ²/(1 - σ²), VP and VE have the same rate and distortions [T0.1, T1.6]."""
    noise = IN_UNIT  # σ²
    variance = LAMBDA * (1 - noise) + noise
    exploding = noise / (1 - noise)
    yield equal(variance / noise, exp(2 * RATE).subs(NOISE, exploding))
    yield equal(2 * LAMBDA * noise / variance, ANCESTRAL.subs(NOISE, exploding))
    flow = 2 * LAMBDA * (1 - sqrt(LAMBDA * (1 - noise) / variance))
    yield equal(flow, FLOW.subs(NOISE, exploding))


@proof
def ancestral_distortion() -> Iterator[Step]:
    """D_A = 2 mmse = 2λ e^-2R [T1.5b, T1.6b]."""
    gain = LAMBDA / (LAMBDA + NOISE)
    mmse = (1 - gain) ** 2 * LAMBDA + gain**2 * NOISE
    yield equal(2 * mmse, ANCESTRAL)
    yield equal(ANCESTRAL, 2 * LAMBDA * exp(-2 * RATE))


@proof
def flow_solves_its_equation() -> Iterator[Step]:
    """y(t) = y₀ √((λ + t)/λ) solves dy/dt = -½ ∇ln p_t(y), ∇ln p_t = -y/(λ + t) [T1.1d]."""
    start = Symbol("y_0", real=True)
    path = start * sqrt((LAMBDA + NOISE) / LAMBDA)
    yield equal(diff(path, NOISE), path / (LAMBDA + NOISE) / 2)
    yield equal(path.subs(NOISE, 0), start)


@proof
def flow_distortion() -> Iterator[Step]:
    """The flow's gain √(λ/(λ + t)) keeps the variance and has D_F = 2λ(1 - ρ) [T1.5c, T1.6c]."""
    yield equal(CORRELATION**2 * (LAMBDA + NOISE), LAMBDA)
    yield equal((1 - CORRELATION) ** 2 * LAMBDA + CORRELATION**2 * NOISE, FLOW)


@proof
def matrix_flow() -> Iterator[Step]:
    """The VP flow's gain √(λ/(λ(1 - σ²) + σ²)) is the VE gain of Z/√(1 - σ²) [T1.5c, T1.6d]."""
    noise = IN_UNIT  # σ²
    printed = sqrt(LAMBDA / (LAMBDA * (1 - noise) + noise))
    exploding = CORRELATION.subs(NOISE, noise / (1 - noise)) / sqrt(1 - noise)
    yield equal(printed**2, exploding**2)  # both are positive


@proof
def flow_rate_is_the_inverse() -> Iterator[Step]:
    """R_F(D) = -½ ln(1 - (1 - D/2λ)²) is the R of D = 2λ(1 - ρ) [T1.5e]."""
    yield equal(FLOW_RATE.subs(_D, 2 * LAMBDA * (1 - RHO)), -log(1 - RHO**2) / 2)
    yield equal(FLOW_RATE.subs(_D, 2 * LAMBDA), 0)


@proof
def flow_rate_falls_and_is_convex() -> Iterator[Step]:
    """R_F'(D) < 0 and R_F''(D) > 0 on (0, 2λ), written D = 2λ x/(1 + x) [T1.5e]."""
    inside = 2 * LAMBDA * IN_UNIT
    yield positive(-diff(FLOW_RATE, _D).subs(_D, inside))
    yield positive(diff(FLOW_RATE, _D, 2).subs(_D, inside))


@proof
def angles() -> Iterator[Step]:
    """With tan φ = √(t/λ): ρ = cos φ, e^-R = sin φ, D_F = 4λ sin²(φ/2) [T1.5f]."""
    angle = Symbol("phi", positive=True)
    noise = LAMBDA * tan(angle) ** 2
    yield equal(CORRELATION.subs(NOISE, noise) ** 2, cos(angle) ** 2)
    yield equal(exp(-2 * RATE).subs(NOISE, noise), sin(angle) ** 2)
    yield equal(2 * (1 - cos(angle)), 4 * sin(angle / 2) ** 2)


@proof
def ratio_of_distortions() -> Iterator[Step]:
    """D_F/D_A = 1/(1 + ρ), and 2D_F - D_A = D_F²/2λ: D_A/2 <= D_F <= D_A [T1.5f, T1.16b, P5]."""
    ancestral, flow = 2 * LAMBDA * (1 - RHO**2), 2 * LAMBDA * (1 - RHO)
    yield equal(flow / ancestral, 1 / (1 + RHO))
    yield equal(2 * flow - ancestral, flow**2 / (2 * LAMBDA))
    yield equal(ANCESTRAL / FLOW, 1 + CORRELATION)


@proof
def limits() -> Iterator[Step]:
    """D_A/2t and D_F/t -> 1 as t -> 0; R -> 0 and both D -> 2λ as t -> ∞ [T1.18]."""
    yield tends(RATE, NOISE, 0, oo)
    yield tends(ANCESTRAL / (2 * NOISE), NOISE, 0, 1)
    yield tends(FLOW / NOISE, NOISE, 0, 1)
    yield tends(RATE, NOISE, oo, 0)
    yield tends(ANCESTRAL, NOISE, oo, 2 * LAMBDA)
    yield tends(FLOW, NOISE, oo, 2 * LAMBDA)


@proof
def three_decibels() -> Iterator[Step]:
    """D_F/D_A -> 1/2 as t -> 0, with slope G/8, G = 1/λ; -> 1 as t -> ∞ [T1.13c, P8]."""
    ratio = 1 / (1 + CORRELATION)
    yield tends(ratio, NOISE, 0, Rational(1, 2))
    yield tends((ratio - Rational(1, 2)) / NOISE, NOISE, 0, 1 / (8 * LAMBDA))
    yield tends(ratio, NOISE, oo, 1)


@proof
def second_order_terms() -> Iterator[Step]:
    """D_A = 2(t - Gt²) + ... and D_F = t - ¾Gt² + ..., G = 1/λ [T1.13c]."""
    yield tends((ANCESTRAL - 2 * NOISE) / NOISE**2, NOISE, 0, -2 / LAMBDA)
    yield tends((FLOW - NOISE) / NOISE**2, NOISE, 0, -Rational(3, 4) / LAMBDA)


@proof
def pink_noise() -> Iterator[Step]:
    """Pink noise, t = λγ²/(1 - γ²): R = -½ ln γ², D_A = 2γ²λ, D_F = 2(1 - √(1 - γ²))λ [T1.7]."""
    share = IN_UNIT  # γ²
    noise = LAMBDA * share / (1 - share)
    yield equal(exp(-2 * RATE).subs(NOISE, noise), share)
    yield equal(ANCESTRAL.subs(NOISE, noise), 2 * share * LAMBDA)
    yield equal(FLOW.subs(NOISE, noise), 2 * (1 - sqrt(1 - share)) * LAMBDA)


@proof
def shannon_lower_bound() -> Iterator[Step]:
    """For one Gaussian h - ½ ln 2πeD is R*(D) = ½ ln(λ/D) [T1.4d, T4.2a]."""
    entropy = log(2 * pi * exp(1) * LAMBDA) / 2
    yield equal(entropy - log(2 * pi * exp(1) * _D) / 2, log(LAMBDA / _D) / 2)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
