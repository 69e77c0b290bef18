"""Results that are kept: their provenance, and making them anew from their own configurations."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from rdtheory.errors import InputError
from simulations import outcomes
from simulations.__main__ import main
from simulations.provenance import provenance, revision
from simulations.registry import EXPERIMENTS

TINY = {"candidates": 16, "vectors": 3, "seed": 5}


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder in place of `simulations/results/`, with a result whose provenance is short."""
    monkeypatch.setattr(outcomes, "RESULTS", tmp_path)
    told = outcomes.run("joint-trajectory", **TINY) | {"provenance": {"rdtheory": "0.0.1"}}
    (tmp_path / "tiny.json").write_text(json.dumps(told))
    return tmp_path


def test_a_result_is_made_anew_from_its_own_configuration(results, capsys):
    before = outcomes.recorded("tiny")
    assert main(["reproduce"]) == 0
    assert capsys.readouterr().out == "tiny: as before\n"
    after = outcomes.recorded("tiny")
    assert after == before | {"provenance": provenance()}
    assert after["config"] == before["config"]
    assert after["config"]["seed"] == 5


def test_other_numbers_are_told(results, capsys):
    before = outcomes.recorded("tiny")
    spoilt = json.dumps(before | {"result": {"bits": 0}})
    (results / "tiny.json").write_text(spoilt)
    assert main(["reproduce", "tiny"]) == 0
    assert capsys.readouterr().out == "tiny: not as before, see git diff\n"
    assert outcomes.recorded("tiny")["result"] == before["result"]


def test_results_that_lack_their_pictures_are_left_out_in_one_line(results, capsys, monkeypatch):
    monkeypatch.chdir(results)
    needs = {"experiment": "codec-comparison", "config": {"pictures": "absent.tar"}, "result": {}}
    (results / "needs.json").write_text(json.dumps(needs))
    assert main(["reproduce"]) == 2
    told = capsys.readouterr()
    assert told.out == "tiny: as before\n"
    assert told.err.count("\n") == 1
    assert "needs: needs the pictures absent.tar" in told.err
    assert outcomes.recorded("needs") == needs
    assert main(["reproduce", "none"]) == 2
    assert capsys.readouterr().err == "error: result: got 'none'; allowed: needs, tiny\n"
    with pytest.raises(InputError):
        outcomes.recorded("../results/tiny")


@pytest.mark.parametrize("stem", outcomes.kept())
def test_every_kept_result_can_be_asked_for_again(stem):
    found = outcomes.recorded(stem)
    kind = EXPERIMENTS[found["experiment"]].Config
    usual, config = asdict(kind()), asdict(kind(**found["config"]))
    assert {name: type(value) for name, value in config.items()} == {
        name: type(value) for name, value in usual.items()
    }
    assert set(found) == {"experiment", "config", "provenance", "result"}
    page = (Path(__file__).parents[2] / "docs" / "large-runs.md").read_text(encoding="utf-8")
    row = next(row for row in page.splitlines() if row.startswith(f"| `{stem}` "))
    assert f"| `{found['experiment']}` " in row
    if pictures := config.get("pictures"):
        assert f"| the first {config['count']} of `{pictures}` " in row


def test_provenance_tells_versions_revision_and_machine():
    told = provenance()
    assert {"python", "rdtheory", "numpy", "scipy", "jax", "jaxlib"} <= set(told)
    assert "CPU cores" in told["machine"]
    assert not any(str(outcomes.RESULTS.parents[1]) in value for value in told.values())


def test_the_revision_of_a_checkout(tmp_path):
    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    def told():
        revision.cache_clear()
        return revision(tmp_path)

    assert told() == "unknown"
    git("init")
    assert told() == "unknown"
    (tmp_path / "code.py").write_text("1")
    git("add", "code.py")
    git("commit", "-m", "first")
    clean = told()
    assert len(clean) == 40
    git("tag", "v1")
    assert told() == clean
    (tmp_path / "code.py").write_text("2")
    assert told() == f"{clean}-dirty"
    revision.cache_clear()


def test_without_git_the_revision_is_unknown(monkeypatch):
    monkeypatch.setenv("PATH", "")
    revision.cache_clear()
    assert revision() == "unknown"
    revision.cache_clear()
