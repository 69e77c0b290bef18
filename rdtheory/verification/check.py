"""Checks, and what came of running them: `rdtheory verify` prints the outcomes."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from rdtheory.bounds.verdict import Verdict


class Checkable(Protocol):
    """What can be verified: proofs, enclosures, laws and `Check` all look like this.

    >>> from rdtheory.symbolic import PROOFS
    >>> proof: Checkable = PROOFS[0]
    >>> proof.how
    'sympy identity'
    """

    @property
    def statement(self) -> str:
        """One line of plain text."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the theory page."""
        ...

    @property
    def how(self) -> str:
        """By what means."""
        ...

    def run(self) -> Verdict:
        """Find out."""
        ...


@dataclass(frozen=True)
class Check:
    """A statement with a function that finds out whether it holds.

    Attributes:
        statement: one line of plain text.
        labels: of the theory page.
        how: by what means it is shown.
        run: finds out.

    >>> check = Check("1 <= 2", (), "arithmetic", lambda: Verdict(True, 1.0, ""))
    >>> next(outcomes([check])).holds
    True
    """

    statement: str
    labels: tuple[str, ...]
    how: str
    run: Callable[[], Verdict]


@dataclass(frozen=True)
class Outcome:
    """A check that was run.

    Attributes:
        statement: as in the check.
        labels: as in the check.
        how: as in the check.
        holds: whether it was shown; false also if running it failed.
        margin: the smallest slack; 0 for an identity; None if there is none.
        seconds: how long it took.
        detail: what was looked at, or what went wrong.

    >>> Outcome("1 <= 2", (), "arithmetic", True, 1.0, 0.0, "").to_dict()["holds"]
    True
    """

    statement: str
    labels: tuple[str, ...]
    how: str
    holds: bool
    margin: float | None
    seconds: float
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def outcomes(checks: Iterable[Checkable]) -> Iterator[Outcome]:
    """Run the checks one after the other; one that breaks counts as failed, and the rest go on.

    >>> broken = Check("1 <= 1/0", (), "arithmetic", lambda: Verdict(True, 1 / 0, ""))
    >>> [outcome.detail for outcome in outcomes([broken])]
    ['ZeroDivisionError: division by zero']
    """
    for check in checks:
        start = time.perf_counter()
        try:
            verdict = check.run()
        except Exception as error:  # a report of all checks must not end with the first broken one
            verdict = Verdict(False, float("nan"), f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - start
        margin = verdict.margin if abs(verdict.margin) < float("inf") else None
        yield Outcome(
            check.statement,
            check.labels,
            check.how,
            verdict.holds,
            margin,
            seconds,
            " ".join(verdict.detail.split()),
        )
