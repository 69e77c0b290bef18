"""The proofs hold, broken statements do not, and the proved expressions are the library's."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from rdtheory import scheme
from rdtheory.symbolic import (
    PROOFS,
    Proof,
    ancestral_star,
    equal,
    flow_star,
    gaussian,
    positive,
    progression,
    stationary,
    tends,
)
from rdtheory.symbolic import perception as surface

LEVELS = st.floats(-3, 3).map(lambda exponent: 10**exponent)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.statement[:40])
def test_every_proof_holds(proof):
    verdict = proof.run()
    assert verdict.holds, verdict.detail
    assert verdict.margin == 0.0
    assert proof.how == "sympy identity"
    assert proof.labels
    assert "\n" not in proof.statement


def test_statements_differ_and_no_proof_is_empty():
    assert len({proof.statement for proof in PROOFS}) == len(PROOFS)
    assert not Proof("nothing", (), list).run().holds


BROKEN = {
    "Eq. 15 without the factor 2 in θ [T1.9d]": lambda: equal(
        (sympy.sqrt(flow_star.LAMBDA**2 + flow_star.THETA**2) - flow_star.THETA) / flow_star.LAMBDA,
        flow_star.CORRELATION,
    ),
    "slope of A* for F* [P20]": lambda: equal(
        sympy.diff(flow_star.RATE, flow_star.THETA),
        -sympy.diff(flow_star.DISTORTION, flow_star.THETA) / (4 * flow_star.THETA),
    ),
    "slope of F* for A* [P20]": lambda: equal(
        sympy.diff(ancestral_star.RATE, ancestral_star.THETA),
        -sympy.diff(ancestral_star.DISTORTION, ancestral_star.THETA) / (2 * ancestral_star.THETA),
    ),
    "F* allocation for A*'s Lagrangian": lambda: stationary(
        ancestral_star.LAGRANGIAN, ancestral_star.SHARE, 2 * ancestral_star.NOISE_SHARE
    ),
    "3 dB slope G/4 [T1.13c]": lambda: tends(
        (gaussian.FLOW / gaussian.ANCESTRAL - sympy.Rational(1, 2)) / gaussian.NOISE,
        gaussian.NOISE,
        0,
        1 / (4 * gaussian.LAMBDA),
    ),
    "D_F > D_A": lambda: positive((gaussian.FLOW - gaussian.ANCESTRAL).subs(gaussian.NOISE, 3)),
    "the cubic without (1 - ρ²) [T2.2a]": lambda: equal(
        surface.CUBIC, surface.LAMBDA / surface.THETA * surface.MIXED - surface.RHO
    ),
    "steps cost mmse/2 exactly [T5.1a]": lambda: equal(
        progression.STEP_COST, progression.STEP * progression.MMSE / 2
    ),
    "t of F* tends to 2θ [T1.11]": lambda: tends(
        flow_star.NOISE_VARIANCE, flow_star.LAMBDA, sympy.oo, 2 * flow_star.THETA
    ),
}


@pytest.mark.parametrize("claim", BROKEN)
def test_broken_statements_are_not_shown(claim):
    verdict = Proof(claim, ("T1.9",), lambda: [BROKEN[claim]()]).run()
    assert not verdict.holds
    assert "is not shown" in verdict.detail


def test_the_first_broken_step_is_named():
    x = sympy.Symbol("x", positive=True)
    steps = [equal(x, x), equal(x, 2 * x), positive(-x)]
    assert Proof("three", (), lambda: steps).run().detail == "x = 2*x is not shown: -x is left"


def numbers(expressions, **symbols):
    """The expressions in float64 from 40 digits."""
    values = {symbol: sympy.Float(value, 60) for symbol, value in symbols.items()}
    return [
        float(sympy.N(each.subs({s: values[s.name] for s in each.free_symbols}), 40))
        for each in expressions
    ]


@settings(max_examples=25, deadline=None)
@given(LEVELS, LEVELS)
def test_flow_star_expressions_are_the_librarys(eigenvalue, level):
    """[T1.9c, T1.11]: the promised relative accuracy of a scheme is 1e-12."""
    point = scheme("diffc-f-star", [eigenvalue]).at(water_level=level)
    rate, distortion, noise = numbers(
        [flow_star.RATE, flow_star.DISTORTION, flow_star.NOISE_VARIANCE],
        theta=level,
        **{"lambda": eigenvalue},
    )
    assert point.bits_per_dim * np.log(2) == pytest.approx(rate, rel=1e-12)
    assert point.distortion_per_dim == pytest.approx(distortion, rel=1e-12)
    assert point.noise_level == pytest.approx(noise, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(LEVELS, LEVELS)
def test_gaussian_expressions_are_the_librarys(eigenvalue, noise):
    """[T1.5a, T1.6b, T1.6c]: the promised relative accuracy of a scheme is 1e-12."""
    ancestral, flow = (
        scheme(name, [eigenvalue]).at(noise_level=noise) for name in ("diffc-a", "diffc-f")
    )
    values = numbers(
        [gaussian.RATE, gaussian.ANCESTRAL, gaussian.FLOW], t=noise, **{"lambda": eigenvalue}
    )
    assert flow.bits_per_dim * np.log(2) == pytest.approx(values[0], rel=1e-12)
    assert ancestral.distortion_per_dim == pytest.approx(values[1], rel=1e-12)
    assert flow.distortion_per_dim == pytest.approx(values[2], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(LEVELS, st.floats(0.01, 0.99))
def test_ancestral_star_expressions_are_the_librarys(eigenvalue, share):
    """[T1.8, T1.11]: the promised relative accuracy of a scheme is 1e-12."""
    point = scheme("diffc-a-star", [eigenvalue]).at(water_level=share * eigenvalue)
    values = numbers(
        [ancestral_star.RATE, ancestral_star.DISTORTION, ancestral_star.NOISE_VARIANCE],
        theta=share * eigenvalue,
        **{"lambda": eigenvalue},
    )
    assert point.bits_per_dim * np.log(2) == pytest.approx(values[0], rel=1e-12)
    assert point.distortion_per_dim == pytest.approx(values[1], rel=1e-12)
    assert point.noise_level == pytest.approx(values[2], rel=1e-12)
