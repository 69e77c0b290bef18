"""`python -m benchmarks`: the table of all speed claims, measured now, also in `results.json`."""

import json
from pathlib import Path

from benchmarks import (
    certified_optima,
    channel_simulation,
    codecs,
    curves,
    masked_transformers,
    start,
)
from simulations.provenance import provenance

MODULES = (start, curves, certified_optima, channel_simulation, codecs, masked_transformers)
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Print every row as soon as it is measured, and keep all of them at the end."""
    print(f"{'what':<42}{'median':>12}   {'beside':<26}{'median':>12}{'ratio':>10} (quartiles)")
    rows = []
    for module in MODULES:
        group = module.__name__.rpartition(".")[2].replace("_", " ")
        for row in module.rows():
            print(row, flush=True)
            rows.append({"group": group, **row.to_dict()})
    kept = {"provenance": provenance(), "rows": rows}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
