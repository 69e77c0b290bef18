"""A progress bar where a person would miss one, and nowhere else."""

import sys
from collections.abc import Iterable, Iterator, Sized
from math import inf
from threading import Timer
from typing import TypeVar

_PATIENCE_SECONDS = 2.0
_Item = TypeVar("_Item")


def track(items: Iterable[_Item], description: str, total: int | None = None) -> Iterator[_Item]:
    """The items, one by one, with a bar on standard error once they have taken two seconds.

    It tells the time left, from the mean time of the items up to now. Only if standard error is a
    terminal: pipes and logs stay clean.

    Args:
        items: anything to iterate over.
        description: of the bar.
        total: how many there are, if `items` has no length.

    >>> list(track([1, 2], "counting"))
    [1, 2]
    """
    # Not rich's own test alone: it also says yes to pipes if FORCE_COLOR is set.
    if sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    # The mean over all: items that take minutes would leave none within rich's last 30 seconds.
    bar = Progress(console=Console(stderr=True), transient=True, speed_estimate_period=inf)
    task = bar.add_task(description, total=len(items) if isinstance(items, Sized) else total)
    bar.advance(task, 0)  # from here the first item's time is measured
    shows = Timer(_PATIENCE_SECONDS, bar.start)
    shows.daemon = True
    shows.start()
    try:
        for item in items:
            yield item
            bar.advance(task)
    finally:
        shows.cancel()
        shows.join()
        if bar.live.is_started:
            bar.stop()
