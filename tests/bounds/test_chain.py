"""Chains: order, slack and what errors excuse."""

import json
from math import inf

import pytest

from rdtheory.bounds.chain import Chain, Member


def chain(*values, error=0.0):
    members = (Member(f"a{i}", value, error) for i, value in enumerate(values))
    return Chain(tuple(members), "nats")


def test_the_margin_is_the_smallest_step():
    assert chain(1.0, 1.5, 1.75).slacks == (0.5, 0.25)
    assert chain(1.0, 1.5, 1.75).margin == 0.25


@pytest.mark.parametrize("values", [(1.0, 1.0), (1.0, 1.0 - 1e-13), (-inf, -inf, 3.0), (1.0, inf)])
def test_equal_members_are_in_order(values):
    assert chain(*values).holds


def test_a_step_down_is_no_order():
    assert not chain(1.0, 2.0, 1.999).holds
    assert not chain(1.0, float("nan")).holds


def test_errors_of_both_members_excuse_a_step_down():
    assert chain(2.0, 1.999, error=0.0006).holds
    assert not chain(2.0, 1.999, error=0.0004).holds


def test_rounding_is_relative_and_a_tiny_violation_counts():
    assert not chain(1e-9, 0.9e-9).holds


def test_json_has_no_infinities():
    told = json.loads(json.dumps(chain(-inf, 1.0).to_dict(), allow_nan=False))
    assert told["members"] == {"a0": None, "a1": 1.0}
    assert told["margin"] is None
