"""A thread that does the newest of what it is asked, so that a slider never waits in a queue."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread


class Worker:
    """Does one job at a time; of the jobs that wait, only the last.

    >>> from threading import Event
    >>> worker, done = Worker(), Event()
    >>> worker.ask(done.set)
    >>> done.wait(timeout=10)
    True
    >>> worker.stop()
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        # A daemon: who ends the server does not wait for a large matrix.
        Thread(target=self._work, daemon=True).start()

    def ask(self, job: Callable[[], object]) -> None:
        """Do this next, and nothing that was asked before and has not begun."""
        self._jobs.put(job)

    def stop(self) -> None:
        """End the thread once its present job is done."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._jobs.empty():
                job()
