"""Outcomes of experiments with provenance: made anew, or those kept in `simulations/results/`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

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


def recorded(stem: str) -> dict[str, Any]:
    """What `run` returned once, as kept in `simulations/results/STEM.json`."""
    return json.loads((RESULTS / f"{stem}.json").read_text(encoding="utf-8"))
