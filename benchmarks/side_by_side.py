"""Two functions timed in turn, A B A B, and compared by the ratio of their medians.

Times on shared machines drift by factors; what is measured in alternation drifts together.
"""

import time
from collections.abc import Callable
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
    ours()
    theirs()
    pairs = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(rounds)]
    ours_ms, theirs_ms = (median(times) for times in zip(*pairs, strict=True))
    low, _, high = quantiles([a / b for a, b in pairs], n=4)
    return Comparison(ours_ms, theirs_ms, ours_ms / theirs_ms, (low, high))


def _milliseconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - start)
