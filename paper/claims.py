"""What the paper claims, each with its equation, the test that checks it, and its figure."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "claims.toml"


@dataclass(frozen=True)
class Claim:
    """A claim of the paper.

    Attributes:
        claim: in words, LaTeX.
        equation: labels of the theory or numbers of the source, separated by commas.
        test: of pytest, FILE::NAME.
        figure: its name in `figures.registry`, or "" if none shows it.
    """

    claim: str
    equation: str
    test: str
    figure: str = ""


def claims() -> dict[str, Claim]:
    """By the name that the text uses, in their order."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Claim(**entry) for name, entry in found.items()}


def appendix() -> list[str]:
    """LaTeX: the number of each claim, and the rows of their table."""
    numbered = list(enumerate(claims().items(), start=1))
    numbers = [
        rf"\expandafter\def\csname claim@{name}\endcsname{{{number}}}"
        for number, (name, _) in numbered
    ]
    return [*numbers, r"\def\claimrows{%", *(_row(n, claim) for n, (_, claim) in numbered), "}"]


def _row(number: int, claim: Claim) -> str:
    where = [rf"\code{{{_breakable(part)}}}" for part in claim.test.split("::")]
    shown = rf"\code{{{_breakable(claim.figure)}}}" if claim.figure else "---"
    label = rf"\hypertarget{{claim:{number}}}{{C{number}}}"
    return rf"{label} & {claim.claim} & {claim.equation} & {' '.join(where)} & {shown} \\"


def _breakable(path: str) -> str:
    r"""With underscores escaped, and places where a line may end.

    >>> _breakable("tests/a_b.py")
    'tests/\\allowbreak{}a\\_\\allowbreak{}b.py'
    """
    for sign, text in (("_", r"\_"), ("/", "/"), ("-", "-")):
        path = path.replace(sign, text + r"\allowbreak{}")
    return path
