"""Perception and common randomness [T2.1, T2.2, T2.4, T2.5]: optimality conditions and ends.

One component of variance λ: ρ the correlation, u the ratio of standard deviations of X̂ and X,
a = e^(-2R), b = e^(-2(R + R_c)). Numbers in (0, 1) are x/(1 + x) or 1/(1 + x) with x > 0.
"""

from collections.abc import Iterator

from sympy import Matrix, Symbol, diff, exp, log, sqrt, symbols

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, stationary, tends

LAMBDA, THETA, MU, NU = symbols("lambda theta mu nu", positive=True)
RHO, RATIO, BETA = symbols("rho u beta", positive=True)
RATE, COMMON = symbols("R R_c", positive=True)
X, Y = symbols("x y", positive=True)

MIXED = (1 - BETA) * RHO + BETA
"""u = (1 - β)ρ + β [T2.2a]."""
CUBIC = LAMBDA / THETA * (1 - RHO**2) * MIXED - RHO
"""0 at the ρ of [T2.2a]."""
COMMON_DISTORTION = 2 * LAMBDA * (1 - sqrt((1 - exp(-2 * RATE)) * (1 - exp(-2 * (RATE + COMMON)))))
"""D(R, R_c) [T2.5b]."""

_DISTORTION = LAMBDA * (1 + RATIO**2 - 2 * RATIO * RHO)
_PERCEPTION = LAMBDA * (1 - RATIO) ** 2
_RATE = -log(1 - RHO**2) / 2


@proof
def surface_is_stationary() -> Iterator[Step]:
    """R + D/(2θ) + κP is stationary at the cubic, κ = β/(2θ(1 - β)) [T2.2a, T2.2c, P20].

    So dR = -dD/(2θ) - κ dP for all changes of all components, and ∂R/∂D at fixed P is -1/(2θ).
    """
    multiplier = BETA / (2 * THETA * (1 - BETA))
    lagrangian = _RATE + _DISTORTION / (2 * THETA) + multiplier * _PERCEPTION
    root = THETA * RHO / ((1 - RHO**2) * MIXED)  # the λ whose cubic has the root ρ
    yield equal(CUBIC.subs(LAMBDA, root), 0)
    yield equal(diff(lagrangian, RATIO).subs(RATIO, MIXED), 0)
    yield equal(diff(lagrangian, RHO).subs(RATIO, MIXED).subs(LAMBDA, root), 0)


@proof
def surface_distortion_and_perception() -> Iterator[Step]:
    """At u = (1 - β)ρ + β: D = λ(1 - ρ²) + β²λ(1 - ρ)², P = (1 - β)²λ(1 - ρ)² [T2.2a]."""
    at = {RATIO: MIXED}
    yield equal(_DISTORTION.subs(at), LAMBDA * (1 - RHO**2 + BETA**2 * (1 - RHO) ** 2))
    yield equal(_PERCEPTION.subs(at), (1 - BETA) ** 2 * LAMBDA * (1 - RHO) ** 2)


@proof
def surface_has_one_root() -> Iterator[Step]:
    """The cubic's right side is concave in ρ, > 0 at 0 and 0 at 1: one root in (0, 1) [T2.2a]."""
    mixing = {BETA: X / (1 + X)}
    right = (CUBIC + RHO).subs(mixing)
    yield positive(-diff(right, RHO, 2))
    yield positive(right.subs(RHO, 0))
    yield equal(right.subs(RHO, 1), 0)


@proof
def surface_ends() -> Iterator[Step]:
    """β = 1 is F*, u = 1; β = 0 is water-filling: ρ = 0 or 1 - ρ² = θ/λ [T2.2b, P3]."""
    flow_star = 2 * LAMBDA / (THETA + sqrt(THETA**2 + 4 * LAMBDA**2))
    yield equal(CUBIC.subs(BETA, 1).subs(RHO, flow_star), 0)
    yield equal(MIXED.subs(BETA, 1), 1)
    yield equal(CUBIC.subs(BETA, 0), RHO * (LAMBDA / THETA * (1 - RHO**2) - 1))


@proof
def interpolating_decoder() -> Iterator[Step]:
    """(1 - b) E[X|Z] + b X̂_pr has D = mmse + b²W², P = (1 - b)²W², W² = λ(1 - ρ)² [T2.4, T2.2c]."""
    # In units of X̂_pr ~ X, which has correlation ρ with X, E[X | Z] is ρ X̂_pr.
    gain = (1 - BETA) * RHO + BETA
    width = LAMBDA * (1 - RHO) ** 2
    error = LAMBDA * (1 + gain**2 - 2 * gain * RHO)
    yield equal(error, LAMBDA * (1 - RHO**2) + BETA**2 * width)
    yield equal(LAMBDA * (1 - gain) ** 2, (1 - BETA) ** 2 * width)


@proof
def scalar_closed_form() -> Iterator[Step]:
    """-½ ln(1 - ρ²), ρ = (σ² + q² - D)/2σq, is the closed form in D, P [T2.1a, T2.1b, T2.1e]."""
    sigma, q, distortion = symbols("sigma q D", positive=True)
    product = sigma**2 * q**2
    closed = product / (product - ((sigma**2 + q**2 - distortion) / 2) ** 2)
    correlation = (sigma**2 + q**2 - distortion) / (2 * sigma * q)
    yield equal(closed, 1 / (1 - correlation**2))


@proof
def scalar_without_realism() -> Iterator[Step]:
    """At s² = σ² - D the rate is Shannon's ½ ln(σ²/D): there ρ² = 1 - D/σ² [T2.1a]."""
    sigma = Symbol("sigma", positive=True)
    deviation = sigma / sqrt(1 + X)
    distortion = sigma**2 - deviation**2
    correlation = (sigma**2 + deviation**2 - distortion) / (2 * sigma * deviation)
    yield equal(1 - correlation**2, distortion / sigma**2)


@proof
def scalar_allocation_is_optimal() -> Iterator[Step]:
    """At fixed D and σ², ρ is least at s² = σ² - D, and grows on either side [T2.1a]."""
    sigma, deviation = symbols("sigma s", positive=True)
    distortion = sigma**2 * X / (1 + X)
    correlation = (sigma**2 + deviation**2 - distortion) / (2 * sigma * deviation)
    yield stationary(correlation, deviation, sqrt(sigma**2 - distortion))
    yield positive(diff(correlation, deviation, 2))


@proof
def common_randomness_ends() -> Iterator[Step]:
    """D(R, 0) = 2λe^-2R, D(R, ∞) = D_F; e^2R D -> λ(1 + e^-2R_c) as R -> ∞ [T2.5c]."""
    at_rate = {RATE: log(1 + X) / 2}  # any R > 0
    none = COMMON_DISTORTION.subs(COMMON, 0)
    yield equal(none.subs(at_rate), 2 * LAMBDA * exp(-2 * RATE).subs(at_rate))
    flow = 2 * LAMBDA * (1 - sqrt(1 - exp(-2 * RATE)))
    # e^-2R_c = y, and e^-2R = x.
    shares = 2 * LAMBDA * (1 - sqrt((1 - X) * (1 - X * Y)))
    yield tends(shares, Y, 0, flow.subs(exp(-2 * RATE), X))
    yield tends(shares / X, X, 0, LAMBDA * (1 + Y))


@proof
def common_randomness_is_convex() -> Iterator[Step]:
    """D as a function of R and S = R + R_c has a positive definite Hessian: convex [T2.5b, T2.7].

    R and S are each any number > 0, a = e^-2R = 1/(1 + x), b = e^-2S = 1/(1 + y).
    """
    total = Symbol("S", positive=True)
    distortion = -sqrt((1 - exp(-2 * RATE)) * (1 - exp(-2 * total)))
    second = Matrix(2, 2, lambda i, j: diff(distortion, (RATE, total)[i], (RATE, total)[j]))
    second = second.subs({RATE: log(1 + X) / 2, total: log(1 + Y) / 2})
    yield positive(second[0, 0])
    yield positive(second.det())


@proof
def common_water_filling_is_stationary() -> Iterator[Step]:
    """D + 2μR + 2νS is stationary in a, b at the printed a, b; λ²ab = μν [T2.5d].

    With a for ν: the printed a solves λ²a² + (μ² - μν)a = μ², so ν = (λ²a² - μ²(1 - a))/(μa).
    """
    first, second = symbols("a b", positive=True)
    slack = MU**2 - MU * NU
    printed = 2 * MU**2 / (slack + sqrt(slack**2 + 4 * LAMBDA**2 * MU**2))
    yield equal(LAMBDA**2 * printed**2 + slack * printed - MU**2, 0)
    share, eigenvalue = 1 / (1 + X), MU * sqrt(X * (1 + X) * (1 + Y))
    # λ²a² = μ²(1 - a)(1 + y), y > 0, is ν > 0.
    level = (eigenvalue**2 * share**2 - MU**2 * (1 - share)) / (MU * share)
    yield positive(level)
    other = MU * level / (eigenvalue**2 * share)
    distortion = 2 * LAMBDA * (1 - sqrt((1 - first) * (1 - second)))
    lagrangian = distortion - MU * log(first) - NU * log(second)
    here = {LAMBDA: eigenvalue, NU: level, first: share, second: other}
    yield equal(diff(lagrangian, first).subs(here), 0)
    yield equal(diff(lagrangian, second).subs(here), 0)


@proof
def common_water_filling_ends() -> Iterator[Step]:
    """ν = μ is A*, a = b = θ/λ; ν -> 0 is F*, θ = μ; at λ² = μν both rates are 0 [T2.5e, P4]."""
    slack = MU**2 - MU * NU
    share = 2 * MU**2 / (slack + sqrt(slack**2 + 4 * LAMBDA**2 * MU**2))
    other = MU * NU / (LAMBDA**2 * share)
    yield equal(share.subs(NU, MU), MU / LAMBDA)
    yield equal(other.subs(NU, MU), MU / LAMBDA)
    correlation = 2 * LAMBDA / (MU + sqrt(MU**2 + 4 * LAMBDA**2))
    yield equal(share.subs(NU, 0), 1 - correlation**2)
    yield equal(other.subs(NU, 0), 0)
    yield equal((LAMBDA**2 * X**2 + slack * X - MU**2).subs(X, 1).subs(LAMBDA, sqrt(MU * NU)), 0)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
