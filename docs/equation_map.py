"""Write `equation-map.md`: from an equation or a label to the code that has it and its tests.

    python docs/equation_map.py

Read from the docstrings alone: "Eq. 13, 14" and "Fig. 7A" are the source's numbers [Theis2022],
"[T1.9a]" the labels of the theory page.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "equation-map.md"

_LABEL = re.compile(r"\b([TP]\d+(?:\.\d+)?)([a-g](?:(?:,\s?|-)[a-g]\b)*)?(?![\w.]*\w)")
_NUMBERS = re.compile(r"\b(Eq|Fig)\. (\(?\d+[AB]?\)?(?:(?:, |-|–)\(?\d+[AB]?\)?)*)")


def labels(text: str) -> set[str]:
    """The equations, figures and labels that a docstring names.

    >>> sorted(labels("R*(D) (Eq. 7, 8) [T1.4d], Eq. 13-15, Fig. 7A"))
    ['Eq. 13', 'Eq. 14', 'Eq. 15', 'Eq. 7', 'Eq. 8', 'Fig. 7A', 'T1.4d']
    >>> sorted(labels("[T2.1a-c, T2.2a,b]"))
    ['T2.1a', 'T2.1b', 'T2.1c', 'T2.2a', 'T2.2b']
    """
    found = set()
    for number, letters in _LABEL.findall(text):
        found |= {number + letter for letter in _listed(letters)}
    for kind, listed in _NUMBERS.findall(text):
        for part in listed.replace("(", "").replace(")", "").split(", "):
            first, _, last = part.partition("-")
            if last.isdigit():
                found |= {f"{kind}. {number}" for number in range(int(first), int(last) + 1)}
            else:
                found.add(f"{kind}. {first}")
    return found


def _listed(letters: str) -> list[str]:
    """The letters of "", "a", "a,b" or "a-c"."""
    first, dash, last = letters.partition("-")
    if dash:
        return [chr(code) for code in range(ord(first), ord(last) + 1)]
    return re.split(r",\s?", letters)


def documented(path: Path) -> Iterator[tuple[str, str]]:
    """Every name of a file that has a docstring, with it; the file itself has the name ''."""

    def visit(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield prefix, ast.get_docstring(node) or ""
            for child in node.body:
                if isinstance(child, ast.ClassDef | ast.FunctionDef):
                    yield from visit(child, f"{prefix}.{child.name}".lstrip("."))

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), "")


@dataclass(frozen=True)
class Place:
    """A file, or a name in it."""

    path: str
    name: str


def references(folder: str) -> dict[str, list[Place]]:
    """Label -> the places below a folder that name it."""
    places = defaultdict(list)
    for path in sorted((ROOT / folder).rglob("*.py")):
        for name, text in documented(path):
            for label in labels(text):
                places[label].append(Place(path.relative_to(ROOT).as_posix(), name))
    return places


def page() -> str:
    """The text of the map."""
    code, tests = references("rdtheory"), references("tests")
    for label, places in references("figures").items():
        code.setdefault(label, []).extend(places)
    lines = [
        "# From equation to code to test",
        "",
        "Made by `python docs/equation_map.py` from the docstrings; a test keeps it up to date.",
        '"Eq." and "Fig." are the numbers of Theis et al. 2022, "T" and "P" labels of the theory.',
        "",
        "| Equation | Code | Tests |",
        "| --- | --- | --- |",
    ]
    for label in sorted(code, key=_in_order):
        shown = [_by_file(places.get(label, [])) for places in (code, tests)]
        anchor = f'<a id="{label.replace(" ", "-")}"></a>'
        lines.append(f"| {anchor}{label} | {shown[0]} | {shown[1]} |")
    return "\n".join(lines) + "\n"


def _by_file(places: list[Place]) -> str:
    """A cell: every file, and what in it names the label.

    >>> _by_file([Place("a.py", ""), Place("a.py", "f"), Place("b.py", "g")])
    '`a.py`: `f`<br>`b.py`: `g`'
    """
    lines = []
    for path, members in groupby(places, key=attrgetter("path")):
        names = ", ".join(f"`{member.name}`" for member in members if member.name)
        lines.append(f"`{path}`" + (f": {names}" if names else ""))
    return "<br>".join(lines) or "-"


def _in_order(label: str) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", label)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
