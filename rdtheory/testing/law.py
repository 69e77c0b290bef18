"""A conjecture about random cases, tested by Hypothesis: it holds so far, or has an exception.

A law is a slack, a number that the conjecture says is never negative. Two sides of an inequality
give one: (larger - smaller) / larger. Hypothesis draws cases, keeps the smallest slack, and shrinks
a case where it is negative to the simplest one of its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Verbosity, given, settings
from hypothesis.strategies import SearchStrategy

from rdtheory.arrays import whole_number
from rdtheory.bounds.verdict import Verdict


@dataclass(frozen=True)
class Law:
    """`slack(case) >= -tolerance` for every case of a strategy.

    Attributes:
        statement: one line of plain text.
        cases: draws what `slack` takes.
        slack: a number, >= 0 where the statement holds with room, 0 where it is tight.
        tolerance: what rounding may take from the slack.
        labels: of the theory page, if it is there.
        examples: how many cases are drawn.

    >>> from hypothesis import strategies as st
    >>> law = Law("x² >= x", st.integers(-9, 9).map(lambda n: n / 4), lambda x: x * x - x)
    >>> law.run()
    Verdict(holds=False, margin=-0.1875, detail='slack -0.1875 at 0.25')
    """

    statement: str
    cases: SearchStrategy[Any]
    slack: Callable[[Any], float]
    tolerance: float = 0.0
    labels: tuple[str, ...] = ()
    examples: int = 200

    @property
    def how(self) -> str:
        """Says by how many examples it is tested."""
        return f"Hypothesis, {self.examples} examples"

    def run(self) -> Verdict:
        """Test it; the same cases at every call."""
        seen: list[float] = []

        @settings(
            max_examples=whole_number("examples", self.examples),
            derandomize=True,
            database=None,
            deadline=None,
            print_blob=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(self.cases)
        def holds(case: Any) -> None:
            slack = float(self.slack(case))
            seen.append(slack)
            if not slack >= -self.tolerance:  # NaN is an exception too
                raise _ExceptionFoundError(case, slack)

        try:
            holds()
        except _ExceptionFoundError as found:  # raised last for the shrunk case
            return Verdict(False, found.slack, f"slack {found.slack:.6g} at {found.case}")
        return Verdict(True, min(seen), f"smallest slack of {len(seen)} cases")


class _ExceptionFoundError(AssertionError):
    def __init__(self, case: Any, slack: float) -> None:
        super().__init__(case)
        self.case, self.slack = case, slack
