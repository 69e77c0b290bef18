"""`rdtheory verify`: the table, the JSON, the exit status."""

import json
import sys

import pytest

import rdtheory.verification
from rdtheory.bounds.verdict import Verdict
from rdtheory.cli import main
from rdtheory.verification import Check

GOOD = Check("1 <= 2", ("T1.1",), "arithmetic", lambda: Verdict(True, 1.0, "seen"))
BAD = Check("2 <= 1", ("T9.9",), "arithmetic", lambda: Verdict(False, -1.0, "at 2 and 1"))


@pytest.fixture
def checks(monkeypatch):
    def use(*given):
        monkeypatch.setattr(rdtheory.verification, "CHECKS", given)

    return use


def test_what_holds_is_a_table_and_status_0(checks, capsys):
    checks(GOOD)
    assert main(["verify"]) == 0
    out, err = capsys.readouterr()
    head, row, _, last = out.splitlines()
    assert head.split() == ["statement", "how", "margin", "seconds"]
    assert row.startswith("holds 1 <= 2 [T1.1]")
    assert last.startswith("1 of 1 hold")
    assert err == ""


def test_what_fails_is_status_1_and_says_why(checks, capsys):
    checks(GOOD, BAD)
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "FAILS 2 <= 1 [T9.9]" in out
    assert "at 2 and 1" in out
    assert "1 of 2 hold" in out


def test_json(checks, capsys):
    checks(GOOD, BAD)
    assert main(["verify", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [row["holds"] for row in rows] == [True, False]
    for row in rows:
        assert {"statement", "how", "holds", "margin", "seconds"} <= set(row)


@pytest.mark.parametrize("text", ["2 <= 1", "t9.9"])
def test_only_some(checks, capsys, text):
    checks(GOOD, BAD)
    assert main(["verify", "--only", text, "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_only_none_is_a_mistake(checks, capsys):
    checks(GOOD)
    assert main(["verify", "--only", "nothing"]) == 2
    assert capsys.readouterr().err.startswith("error: --only: got nothing")


def test_without_the_extra_one_line_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rdtheory.verification", None)
    assert main(["verify"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "rdtheory[testing]" in err
    assert err.count("\n") == 1


def test_the_real_table_of_one_theorem(capsys):
    assert main(["verify", "--only", "T5.2"]) == 0
    assert "interval arithmetic" in capsys.readouterr().out
