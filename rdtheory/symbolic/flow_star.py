"""DiffC-F* [T1.9, T1.11, T1.18] (Eq. 15): optimality, slope, forms, limits, noise variances.

One component of eigenvalue λ at water level θ. The map between θ in (0, ∞) and ρ in (0, 1),
θ = λ (1 - ρ²)/ρ, is one to one, as θ falls with ρ; with it no root is left in an expression.
"""

from collections.abc import Iterator
from itertools import product

from sympy import Symbol, diag, diff, eye, log, oo, sqrt, symbols

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, stationary, tends

LAMBDA = Symbol("lambda", positive=True)
THETA = Symbol("theta", positive=True)
RHO = Symbol("rho", positive=True)
ODDS = Symbol("x", positive=True)
IN_UNIT = ODDS / (1 + ODDS)
"""Any number in (0, 1)."""

_ROOT = sqrt(THETA**2 + 4 * LAMBDA**2)
CORRELATION = 2 * LAMBDA / (THETA + _ROOT)
"""ρ of [T1.9a], the stable form."""
NOISE_SHARE = THETA * CORRELATION / LAMBDA
"""γ² of [T1.9b]."""
RATE = -log(NOISE_SHARE) / 2
DISTORTION = 2 * LAMBDA * (1 - CORRELATION)
NOISE_VARIANCE = THETA / CORRELATION
"""t of [T1.11]."""
LAGRANGIAN = -log(1 - RHO**2) / 2 + 2 * LAMBDA * (1 - RHO) / (2 * THETA)
"""R + D/(2θ) of any channel with correlation ρ decoded by the flow."""
LEVEL = LAMBDA * (1 - RHO**2) / RHO
"""θ as a function of ρ."""


@proof
def correlation_forms() -> Iterator[Step]:
    """F*: 2λ/(θ + √(θ² + 4λ²)) = (√(θ² + 4λ²) - θ)/2λ [T1.9a]."""
    yield equal(CORRELATION, (_ROOT - THETA) / (2 * LAMBDA))


@proof
def noise_share_forms() -> Iterator[Step]:
    """F*: γ² = θρ/λ = (θ√(θ² + 4λ²) - θ²)/2λ² = 1 - ρ² [T1.9b]."""
    yield equal(NOISE_SHARE, (THETA * _ROOT - THETA**2) / (2 * LAMBDA**2))
    yield equal(NOISE_SHARE, 1 - CORRELATION**2)


@proof
def rate_forms() -> Iterator[Step]:
    """F*: -½ ln(θρ/λ) = -½ ln(1 - ρ²), with θ = λ(1 - ρ²)/ρ [T1.9c]."""
    rho = IN_UNIT
    yield equal(-log(LEVEL.subs(RHO, rho) * rho / LAMBDA) / 2, -log(1 - rho**2) / 2)


@proof
def source_form() -> Iterator[Step]:
    """F*: Eq. 15, (√(λ² + θ_source²) - θ_source)/λ, is ρ at θ = 2 θ_source [T1.9d]."""
    source = Symbol("theta_source", positive=True)
    printed = (sqrt(LAMBDA**2 + source**2) - source) / LAMBDA
    yield equal(printed, CORRELATION.subs(THETA, 2 * source))


@proof
def optimality() -> Iterator[Step]:
    """F*: ρ is where R + D/(2θ) is stationary; there λγ²/√(1 - γ²) = θ [T1.9]."""
    yield stationary(LAGRANGIAN, RHO, CORRELATION)
    yield equal(LAMBDA * (1 - CORRELATION**2) / CORRELATION, THETA)


@proof
def uniqueness() -> Iterator[Step]:
    """F*: R + D/(2θ) is convex in ρ and has its one minimum in (0, 1): all rates > 0 [T1.9c]."""
    slope = diff(LAGRANGIAN, RHO)
    yield positive(diff(slope, RHO).subs(RHO, IN_UNIT))
    yield positive(-slope.subs(RHO, 0))
    yield tends(slope.subs(RHO, IN_UNIT), ODDS, oo, oo)


@proof
def level_is_one_to_one() -> Iterator[Step]:
    """F*: θ = λ(1 - ρ²)/ρ falls from ∞ to 0 as ρ runs through (0, 1) [T1.9a]."""
    yield equal(LEVEL.subs(RHO, CORRELATION), THETA)
    yield positive(-diff(LEVEL.subs(RHO, IN_UNIT), ODDS))
    yield tends(LEVEL.subs(RHO, IN_UNIT), ODDS, 0, oo)
    yield tends(LEVEL.subs(RHO, IN_UNIT), ODDS, oo, 0)


@proof
def slope() -> Iterator[Step]:
    """F*: dR/dD = -1/(2θ) along θ [T1.9c, P20]."""
    yield equal(diff(RATE, THETA), -diff(DISTORTION, THETA) / (2 * THETA))


@proof
def convexity() -> Iterator[Step]:
    """F*: D grows and R falls with θ, so R is convex in D [T1.9c]."""
    level, distortion = LEVEL.subs(RHO, IN_UNIT), 2 * LAMBDA * (1 - IN_UNIT)
    rate = -log(1 - IN_UNIT**2) / 2
    yield positive(diff(distortion, ODDS) / diff(level, ODDS))
    yield positive(-diff(rate, ODDS) / diff(level, ODDS))


@proof
def limits() -> Iterator[Step]:
    """F*: D/θ -> 1 as θ -> 0; R -> 0 and D -> 2λ as θ -> ∞; R, D -> 0 as λ -> 0 [T1.18, P2]."""
    yield tends(DISTORTION / THETA, THETA, 0, 1)
    yield tends(NOISE_SHARE, THETA, 0, 0)
    yield tends(NOISE_SHARE, THETA, oo, 1)
    yield tends(DISTORTION, THETA, oo, 2 * LAMBDA)
    yield tends(NOISE_SHARE, LAMBDA, 0, 1)
    yield tends(DISTORTION, LAMBDA, 0, 0)


@proof
def matrix_form() -> Iterator[Step]:
    """F*: C = (Σ² + θ²/4)^½ - θ/2 has eigenvalues λρ, and C² + θC = Σ² [T1.9e]."""
    eigenvalue = LAMBDA * CORRELATION
    yield equal(eigenvalue, sqrt(LAMBDA**2 + THETA**2 / 4) - THETA / 2)
    yield equal(eigenvalue**2 + THETA * eigenvalue, LAMBDA**2)


@proof
def matrix_optimality() -> Iterator[Step]:
    """F*: I + D/(2θ) is stationary in all entries of a 2×2 Cov(X, Z), Z ~ X [T1.9e, T1.9f].

    In the eigenbasis, with λ_i = θρ_i/(1 - ρ_i²); I = -½ ln det(1 - Σ⁻¹CΣ⁻¹Cᵀ).
    """
    rhos, move = symbols("rho_1 rho_2", positive=True), Symbol("e", real=True)
    covariance = diag(*(THETA * rho / (1 - rho**2) for rho in rhos))
    for row, column in product(range(2), repeat=2):
        coupling = covariance * diag(*rhos)
        coupling[row, column] += move
        left = (eye(2) - covariance.inv() * coupling * covariance.inv() * coupling.T).det()
        distortion = 2 * covariance.trace() - 2 * coupling.trace()
        yield stationary(distortion / (2 * THETA) - log(left) / 2, move, 0)


@proof
def noise_variance_forms() -> Iterator[Step]:
    """F*: the channel of noise t = θ/ρ = (θ² + θ√(θ² + 4λ²))/2λ has correlation ρ [T1.11]."""
    yield equal(NOISE_VARIANCE, (THETA**2 + THETA * _ROOT) / (2 * LAMBDA))
    yield equal(LAMBDA / (LAMBDA + NOISE_VARIANCE), CORRELATION**2)


@proof
def one_diffusion() -> Iterator[Step]:
    """F*: t_i > θ grows with θ: the curve is one diffusion [T1.11]."""
    # With ρ for θ, which falls with ρ: t = λ(1 - ρ²)/ρ².
    noise = LEVEL.subs(RHO, IN_UNIT) / IN_UNIT
    yield positive(noise / LEVEL.subs(RHO, IN_UNIT) - 1)
    yield positive(diff(noise, ODDS) / diff(LEVEL.subs(RHO, IN_UNIT), ODDS))


@proof
def noise_limits() -> Iterator[Step]:
    """F*: t -> θ for λ ≫ θ, isotropic noise; t ~ θ²/λ for λ ≪ θ [T1.11, T1.18]."""
    yield tends(NOISE_VARIANCE, LAMBDA, oo, THETA)
    yield tends(NOISE_VARIANCE / THETA, THETA, 0, 1)
    yield tends(NOISE_VARIANCE * LAMBDA / THETA**2, LAMBDA, 0, 1)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
