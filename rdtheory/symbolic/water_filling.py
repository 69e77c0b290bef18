"""Reverse water-filling, R*(D) of a Gaussian vector [T1.4d] (Eq. 8): optimality and slope.

K components are active, λ > θ, and the others have the total variance V. A component below the
level is written λ = θ / (1 + x), x > 0.
"""

from collections.abc import Iterator

from sympy import Rational, Symbol, diff, log

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, stationary

LAMBDA = Symbol("lambda", positive=True)
THETA = Symbol("theta", positive=True)
PART = Symbol("D_i", positive=True)
EXCESS = Symbol("x", positive=True)

LAGRANGIAN = log(LAMBDA / PART) / 2 + PART / (2 * THETA)
"""R + D/(2θ) of one component with distortion D_i <= λ."""


@proof
def optimality() -> Iterator[Step]:
    """R*: ½ ln(λ/D_i) + D_i/(2θ) is convex in D_i and stationary at D_i = θ [T1.4d]."""
    yield stationary(LAGRANGIAN, PART, THETA)
    yield positive(diff(LAGRANGIAN, PART, 2).subs(PART, THETA))
    yield equal(diff(LAGRANGIAN, PART, 2), 1 / (2 * PART**2))


@proof
def zero_rate_below_the_level() -> Iterator[Step]:
    """R*: where λ < θ the Lagrangian still falls at D_i = λ, so that D_i = λ [T1.4d]."""
    fall = -diff(LAGRANGIAN, PART).subs(PART, LAMBDA)
    yield positive(fall.subs(LAMBDA, THETA / (1 + EXCESS)))


@proof
def slope() -> Iterator[Step]:
    """R*: dR*/dD = -1/(2θ) with K active components [T1.4d, P20]."""
    count, log_variances, rest = Symbol("K", positive=True), Symbol("L"), Symbol("V")
    rate = (log_variances - count * log(THETA)) / 2
    distortion = count * THETA + rest
    yield equal(diff(rate, THETA), -diff(distortion, THETA) / (2 * THETA))


@proof
def slope_does_not_jump() -> Iterator[Step]:
    """R*: where a component becomes active its rate and its part of D join smoothly [T1.4d]."""
    rate = log(LAMBDA / PART) / 2
    yield equal(rate.subs(PART, LAMBDA), 0)
    yield equal(diff(rate, PART).subs(PART, LAMBDA), -Rational(1, 2) / LAMBDA)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
