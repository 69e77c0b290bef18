"""The page of benchmarks: a table a group, of `benchmarks/results.json`, and what measured it."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results.json"

_MISSING = "There are no results here yet: `make benchmarks` measures them.\n"


def page(path: Path = RESULTS) -> str:
    """The Markdown of all that was measured, or how to measure it."""
    if not path.is_file():
        return _MISSING
    results = json.loads(path.read_text(encoding="utf-8"))
    return (
        "\n".join(_tables(results["rows"])) + "\n" + "\n".join(_provenance(results["provenance"]))
    )


def _tables(rows: list[dict[str, Any]]) -> Iterator[str]:
    for group, members in groupby(sorted(rows, key=_group), key=_group):
        yield f"## {group[:1].upper()}{group[1:]}\n"
        yield "| What | Beside | Ours, ms | Theirs, ms | Ratio | Promise |"
        yield "| --- | --- | --: | --: | --: | --- |"
        for row in members:
            times = f"{_short(row['ours_ms'])} | {_short(row['theirs_ms'])}"
            spread = f"{_short(row['ratio'])} ({_short(row['low'])} to {_short(row['high'])})"
            what, beside, promise = (_text(row[key]) for key in ("what", "beside", "promise"))
            yield f"| {what} | {beside} | {times} | {spread} | {promise} |"
        yield ""


def _provenance(told: dict[str, Any]) -> Iterator[str]:
    yield "## What measured it\n"
    yield "| | |"
    yield "| --- | --- |"
    for name, value in told.items():
        yield f"| {_text(name)} | {_text(value)} |"
    yield ""


def _group(row: dict[str, Any]) -> str:
    return row["group"]


def _short(number: float) -> str:
    """Three digits, in full: a table has no powers of ten.

    >>> _short(0.0123456), _short(1234.5)
    ('0.0123', '1,234')
    """
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _text(value: Any) -> str:
    r"""Text in a cell, whose bars are no edges.

    >>> _text("KL(q | p)")
    'KL(q \\| p)'
    """
    return str(value).replace("|", r"\|")
