"""Every check of `rdtheory verify` holds, and there is one for what must be shown."""

import pytest

from rdtheory.bounds import THEOREMS
from rdtheory.bounds.enclosed_inequalities import ENCLOSED_INEQUALITIES
from rdtheory.symbolic import PROOFS
from rdtheory.verification import CHECKS, outcomes


@pytest.mark.parametrize(
    "check", CHECKS, ids=lambda check: f"{check.statement[:50]}-{check.how[:9]}"
)
def test_it_holds(check):
    """[P1-P20], Eq. 16-18: theorems, proofs, enclosures, optima, limits, laws, samples."""
    (outcome,) = outcomes([check])
    assert outcome.holds, outcome.detail
    assert outcome.margin is not None
    assert outcome.statement.isprintable()
    assert outcome.labels


def test_every_theorem_is_evaluated():
    statements = {check.statement for check in CHECKS}
    assert {theorem.statement for theorem in THEOREMS.values()} <= statements


def test_enough_is_proved_and_enclosed():
    assert len(ENCLOSED_INEQUALITIES) >= 10
    proved = {label for proof in PROOFS for label in proof.labels}
    for label in ("T1.8", "T1.9a", "T1.9b", "T1.9c", "T1.9d", "T1.9e", "T1.11", "P20"):
        assert any(one.startswith(label) for one in proved), label


def test_all_means_are_used():
    means = {check.how.split(",")[0].split(" at ")[0].split(" <=")[0] for check in CHECKS}
    assert {
        "sympy identity",
        "interval arithmetic over a box",
        "both sides",
        "duality gap",
        "Hypothesis",
        "Monte Carlo",
    } <= means
