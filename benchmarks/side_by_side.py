"""Two functions timed in turn, A B A B, and compared by the ratio of their medians.

Times on shared machines drift by factors; what is measured in alternation drifts together.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """How long `ours` takes beside `theirs`.

    Attributes:
        ours_ms: median time of ours, in milliseconds.
        theirs_ms: median time of theirs.
        ratio: ours_ms / theirs_ms.
        spread: the quartiles of the ratios of neighbouring runs.
    """

    ours_ms: float
    theirs_ms: float
    ratio: float
    spread: tuple[float, float]


def compare(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = 15) -> Comparison:
    """Time `ours` and `theirs` in alternation after one untimed run of each."""
    return compare_timed(lambda: _milliseconds(ours), lambda: _milliseconds(theirs), rounds)


def compare_timed(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 15
) -> Comparison:
    """The same for functions that return how many milliseconds they took."""
    ours()
    theirs()
    return compare_pairs([(ours(), theirs()) for _ in range(rounds)])


def compare_pairs(pairs: Sequence[tuple[float, float]]) -> Comparison:
    """The same of times in milliseconds, ours and theirs measured in turn."""
    ours_ms, theirs_ms = (median(times) for times in zip(*pairs, strict=True))
    low, _, high = quantiles([a / b for a, b in pairs], n=4)
    return Comparison(ours_ms, theirs_ms, ours_ms / theirs_ms, (low, high))


def _milliseconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - start)


@dataclass(frozen=True)
class Row:
    """A line of the table: what, beside what, how long, and what was promised if anything was."""

    what: str
    beside: str
    timing: Comparison
    at_most: float | None = None
    ours_at_most_ms: float | None = None

    @property
    def promise(self) -> str:
        """What was promised and whether it is kept, or nothing."""
        if self.at_most is not None:
            return f"at most {self.at_most:.3g}: {_verdict(self.timing.ratio <= self.at_most)}"
        if self.ours_at_most_ms is not None:
            limit = self.ours_at_most_ms
            return f"at most {limit:g} ms: {_verdict(self.timing.ours_ms <= limit)}"
        return ""

    def __str__(self) -> str:
        t = self.timing
        low, high = t.spread
        return (
            f"{self.what:<42}{t.ours_ms:>9.2f} ms   {self.beside:<26}{t.theirs_ms:>9.2f} ms"
            f"{t.ratio:>10.4g} ({low:.3g} to {high:.3g})   {self.promise}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for `results.json`, from which the manual's table is made."""
        t = self.timing
        return {
            "what": self.what,
            "beside": self.beside,
            "ours_ms": t.ours_ms,
            "theirs_ms": t.theirs_ms,
            "ratio": t.ratio,
            "low": t.spread[0],
            "high": t.spread[1],
            "promise": self.promise,
        }


def _verdict(kept: bool) -> str:
    return "yes" if kept else "NO"
