"""The worked examples of `docs/adding.md` do what is said, and are short."""

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from figures import build as builder
from simulations import outcomes

PAGE = (Path(__file__).parents[2] / "docs" / "adding.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def example(part):
    """The module that stands in the part of the page under this heading."""
    below = PAGE.partition(f"\n## {part}\n")[2]
    module = ModuleType("example")
    block = re.search(r"^```python\n(\"\"\".*?)^```$", below, re.MULTILINE | re.DOTALL)
    # Dataclasses look their module up by name.
    exec(compile(block[1], "docs/adding.md", "exec"), module.__dict__)
    return module


def test_the_figure_is_built(monkeypatch, tmp_path):
    monkeypatch.setitem(builder.FIGURES, "example", example("A figure"))
    paths = builder.build("example", tmp_path)
    assert [path.suffix for path in paths] == [".json", ".pdf", ".png"]
    told = json.loads(paths[0].read_text())
    assert told["caption"] == "Rate against water level for the standard normal."
    assert told["data"]["bits"][-1] == pytest.approx(0.0, abs=1e-12)


def test_the_experiment_runs(monkeypatch):
    monkeypatch.setitem(outcomes.EXPERIMENTS, "example", example("An experiment"))
    found = outcomes.run("example", shift=2.0)
    assert found["config"] == {"shift": 2.0}
    assert 0 < found["result"]["probability"] < outcomes.run("example")["result"]["probability"]


def test_every_example_is_below_thirty_lines():
    parts = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert parts[0] == "A noise family"
    assert parts[-1] == "A codec"
    for block in BLOCKS:
        assert block.count("\n") < 29, block
