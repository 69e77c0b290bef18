"""Results with provenance: what was run, with what configuration, and by what."""

from dataclasses import asdict
from typing import Any

from simulations.provenance import plain, provenance
from simulations.registry import EXPERIMENTS


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
