"""Outcomes of checks, also of those that break."""

import json

from rdtheory.bounds.verdict import Verdict
from rdtheory.verification.check import Check, outcomes


def check(run, statement="a"):
    return Check(statement, ("T1.1",), "by hand", run)


def test_what_holds_is_told_with_its_margin():
    (one,) = outcomes([check(lambda: Verdict(True, 0.25, "seen"))])
    assert (one.statement, one.how, one.holds, one.margin, one.detail) == (
        "a",
        "by hand",
        True,
        0.25,
        "seen",
    )
    assert one.seconds >= 0


def test_a_check_that_breaks_fails_and_the_rest_goes_on():
    def broken():
        raise ZeroDivisionError("oh\nno")

    first, second = outcomes([check(broken), check(lambda: Verdict(True, 0.0, ""), "b")])
    assert not first.holds
    assert first.margin is None
    assert first.detail == "ZeroDivisionError: oh no"
    assert second.holds


def test_json_has_what_the_contract_names_and_no_nan():
    results = outcomes([check(lambda: Verdict(False, float("nan"), ""))])
    (told,) = json.loads(json.dumps([one.to_dict() for one in results], allow_nan=False))
    assert {"statement", "how", "holds", "margin", "seconds"} <= set(told)
