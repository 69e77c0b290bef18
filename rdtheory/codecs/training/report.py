"""What a person sees of a training while it runs."""

import sys
import time
from types import TracebackType
from typing import Any

_AT_ONCE = 20
"""Steps between changes of what the bar says: the loss shown is their mean."""


class Report:
    """A bar on standard error if that is a terminal; lines in its place only if asked for.

    Args:
        log_every: steps between lines on standard error; None for none.
    """

    def __init__(self, log_every: int | None = None) -> None:
        self._log_every = log_every
        self._losses: list[float] = []
        self._bound = "-"
        self._since: tuple[float, int] | None = None
        self._bar: Any = None

    def __enter__(self) -> "Report":
        # Not rich's own test alone: it also says yes to pipes if FORCE_COLOR is set.
        if self._log_every is None and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            text = TextColumn("{task.description}")
            self._bar = Progress(
                text, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True)
            )
            self._bar.add_task("compiling", total=1.0)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, step: int, latest: float, done: float) -> None:
        """After a step: its loss in bits per dimension, and the fraction of the training over."""
        self._losses.append(latest)
        if self._since is None:  # the first step compiles
            self._since = (time.monotonic(), step)
        every = self._log_every or _AT_ONCE
        if step % every:
            return
        loss = sum(self._losses) / len(self._losses)
        text = f"step {step}, loss {loss:.4f}, held-out {self._bound}"
        text += f" bits/dim, {self._steps_per_second(step):.3g}/s"
        self._losses.clear()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=min(done, 1.0), description=text)
        elif self._log_every is not None:
            print(f"{text}, {100 * done:.1f} % done", file=sys.stderr, flush=True)

    def bound(self, step: int, bits_per_dim: float) -> None:
        """After a measurement of the held-out bound."""
        self._bound = f"{bits_per_dim:.4f}"
        if self._log_every is not None:
            print(f"step {step}, held-out {self._bound} bits/dim", file=sys.stderr, flush=True)

    def _steps_per_second(self, step: int) -> float:
        assert self._since is not None
        then, first = self._since
        seconds = time.monotonic() - then
        self._since = (time.monotonic(), step)
        return (step - first) / seconds if seconds > 0 else 0.0
