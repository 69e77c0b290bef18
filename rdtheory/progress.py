"""A progress bar where a person would miss one, and nowhere else."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

_PATIENCE_SECONDS = 2.0
_Item = TypeVar("_Item")


def track(items: Iterable[_Item], description: str, total: int | None = None) -> Iterator[_Item]:
    """The items, one by one, with a bar on standard error once they have taken two seconds.

    Only if standard error is a terminal: pipes and logs stay clean.

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

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(description, total=len(items) if isinstance(items, Sized) else total)
    shows_from = time.monotonic() + _PATIENCE_SECONDS
    try:
        for item in items:
            if not bar.live.is_started and time.monotonic() >= shows_from:
                bar.start()
            yield item
            bar.advance(task)
    finally:
        if bar.live.is_started:
            bar.stop()
