r"""From figures' data to `paper/generated/`, and from there to `paper/main.pdf`.

The text has no number of its own: it says \val{FIGURE/NAME}, \rows{TABLE}, \claim{NAME}.
A key that nothing generates, or that the text no longer uses, stops the build. The same data give
the same bytes.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from figures.build import OUT
from paper.claims import appendix, claims
from paper.numbers import NUMBERS, TABLES, library, speed
from rdtheory.errors import InputError

PAPER = Path(__file__).parent
GENERATED = PAPER / "generated"
DEBIAN = "latexmk lmodern texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended"
LARGEST_OVERFULL_PT = 5.0
_OVERFULL = re.compile(r"Overfull \\[hv]box \((\d+\.\d+)pt too (?:wide|high)\)[^\n]*")


def generate() -> None:
    """Write `paper/generated/` from `figures/out/`.

    Raises:
        InputError: if a figure has not been built, or text and generated keys do not agree.
    """
    values, tables = computed({name: figure_data(name) for name in {*NUMBERS, *TABLES}})
    values |= library() | speed()
    check_keys("val", values)
    check_keys("rows", tables)
    check_keys("claim", claims())
    GENERATED.mkdir(exist_ok=True)
    _write("values.tex", [_definition("val", *item) for item in sorted(values.items())])
    _write("tables.tex", [_definition("rows", *item) for item in sorted(tables.items())])
    _write("claims.tex", appendix())


def computed(data: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Values and rows of tables by key, of those figures whose data are given.

    >>> found = {"bits_per_dim": 0.391, "snr_db": {"patches": {"diffc-a-star": [3.0, 0.0],
    ...     "diffc-f-star": [3.0, 0.5]}}}
    >>> computed({"fig-7b-components": found})[0]["fig-7b-components/silent"]
    '1'
    """
    values = {
        f"{name}/{key}": text
        for name, found in data.items()
        if name in NUMBERS
        for key, text in NUMBERS[name](found).items()
    }
    tables = {name: TABLES[name](found) for name, found in data.items() if name in TABLES}
    return values, tables


def figure_data(name: str) -> dict[str, Any]:
    """What a figure shows, as `python -m figures build` wrote it.

    Raises:
        InputError: if it was not built.
    """
    path = OUT / f"{name}.json"
    if not path.is_file():
        raise InputError("figure", f"{name}, not built", "those in figures/out", "make figures")
    return json.loads(path.read_text(encoding="utf-8"))["data"]


def check_keys(macro: str, generated: dict[str, Any]) -> None:
    """Every key that the text uses is generated, and the reverse.

    Raises:
        InputError: otherwise, with the keys.
    """
    used = keys_used(macro)
    if unknown := used - set(generated):
        raise InputError(f"\\{macro}", ", ".join(sorted(unknown)), "keys of paper/numbers")
    if stale := set(generated) - used:
        given = f"{', '.join(sorted(stale))}, which the text does not use"
        raise InputError(f"\\{macro}", given, "keys that it uses", "delete them")


def keys_used(macro: str) -> set[str]:
    """Arguments of a macro in the text."""
    pattern = re.compile(r"\\" + macro + r"\{([^}#]+)\}")
    return {key for text in sources().values() for key in pattern.findall(text)}


def sources() -> dict[str, str]:
    """The text, by file."""
    paths = [PAPER / "main.tex", *sorted((PAPER / "sections").glob("*.tex"))]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def figures_used() -> set[str]:
    """Names of the figures that the text shows."""
    return keys_used("panel") | keys_used("widepanel")


def typeset(paper: Path = PAPER) -> Path:
    """Run LaTeX in the folder of the paper; returns the path of the PDF.

    Raises:
        InputError: if a figure is missing, or LaTeX, or LaTeX finds an error or an overfull line.
    """
    drawn = {path.stem for path in (paper.parent / "figures/out").glob("*.pdf")}
    if missing := figures_used() - drawn:
        raise InputError("figures", f"no {', '.join(sorted(missing))}", "all", "make figures")
    if shutil.which("latexmk") is None or shutil.which("pdflatex") is None:
        allowed = "a system with them; everything that the paper includes has been built"
        raise InputError("latexmk", "none", allowed, f"apt-get install {DEBIAN}")
    # No date of today in the PDF: the same data give the same bytes.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    command = ["latexmk", "-g", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    done = subprocess.run(command, cwd=paper, env=environment, capture_output=True, check=False)
    log = paper / "main.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    if done.returncode:
        raise InputError("main.tex", complaint(text), "what LaTeX accepts", f"see {log.name}")
    if overfull := overfull_boxes(text):
        raise InputError("main.tex", overfull[0], f"overfull by at most {LARGEST_OVERFULL_PT} pt")
    return paper / "main.pdf"


def complaint(log: str) -> str:
    r"""The first error in a log of LaTeX.

    >>> complaint("This is pdfTeX\n! Undefined control sequence.\nl.7 \\rate")
    'Undefined control sequence. l.7 \\rate'
    """
    lines = log.splitlines()
    at = next((number for number, line in enumerate(lines) if line.startswith("! ")), None)
    if at is None:
        return "no log"
    where = next((line for line in lines[at:] if line.startswith("l.")), "")
    return f"{lines[at][2:]} {where}".strip()


def overfull_boxes(log: str) -> list[str]:
    r"""Complaints of LaTeX about boxes that are too full by more than is allowed.

    >>> overfull_boxes("Overfull \\hbox (7.25pt too wide) in paragraph at lines 3--4")
    ['Overfull \\hbox (7.25pt too wide) in paragraph at lines 3--4']
    """
    found = _OVERFULL.finditer(log)
    return [one.group() for one in found if float(one.group(1)) > LARGEST_OVERFULL_PT]


def _definition(macro: str, key: str, text: str) -> str:
    return rf"\expandafter\def\csname {macro}@{key}\endcsname{{{text}}}"


def _write(name: str, lines: list[str]) -> None:
    head = "% Written by `python -m paper`; see paper/numbers."
    (GENERATED / name).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
