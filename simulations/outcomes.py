"""Outcomes of experiments with provenance: made anew, or those kept in `simulations/results/`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rdtheory.errors import InputError
from rdtheory.files import write_atomically
from simulations.provenance import plain, provenance
from simulations.registry import EXPERIMENTS

RESULTS = Path(__file__).parent / "results"
"""Of experiments that take long, or need pictures that cannot be shipped."""


def run(name: str, **settings: Any) -> dict[str, Any]:
    """The result of an experiment, ready for JSON.

    >>> found = run("joint-trajectory", candidates=64, vectors=4)
    >>> sorted(found)
    ['config', 'experiment', 'provenance', 'result']
    """
    module = EXPERIMENTS[name]
    config = module.Config(**settings)
    return {
        "experiment": name,
        "config": asdict(config),
        "provenance": provenance(),
        "result": plain(module.run(config)),
    }


def kept() -> list[str]:
    """Stems of the files in `simulations/results/`."""
    return sorted(path.stem for path in RESULTS.glob("*.json"))


def recorded(stem: str) -> dict[str, Any]:
    """What `run` returned once, as kept in `simulations/results/STEM.json`.

    Raises:
        InputError: if there is none.
    """
    if stem not in kept():
        raise InputError("result", repr(stem), ", ".join(kept()))
    return json.loads((RESULTS / f"{stem}.json").read_text(encoding="utf-8"))


def missing_pictures(stem: str) -> str:
    """The folder or file of pictures that a kept result needs and that is not here, or ""."""
    pictures = recorded(stem)["config"].get("pictures", "")
    return "" if Path(pictures).exists() else pictures


def reproduce(stem: str) -> bool:
    """Make a kept result anew from its own configuration, and keep that; whether it is the same.

    Provenance is not compared.
    """
    before = recorded(stem)
    after = run(before["experiment"], **before["config"])
    text = json.dumps(after, indent=1) + "\n"
    write_atomically(RESULTS / f"{stem}.json", text.encode())
    return json.loads(text)["result"] == before["result"]
