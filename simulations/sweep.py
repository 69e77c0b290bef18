"""Many experiments at once, on this machine's cores or on a cluster, resumed after any kill.

Tasks are sent to a `concurrent.futures.Executor`, whichever: worker processes of this machine
(loky, spawned, one thread each), or those of a dask scheduler. Each outcome is kept as soon as its
task ends, and what is kept is not computed again. A task that fails stops no other. Results do not
depend on who computes them: all randomness comes from the seeds of configurations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from contextlib import contextmanager
from itertools import product
from typing import Any

from rdtheory.arrays import whole_number
from rdtheory.errors import InputError
from rdtheory.progress import track
from simulations import outcomes
from simulations.store import Question, Store


def grid(experiment: str, settings: Mapping[str, Sequence[Any]]) -> list[Question]:
    """All combinations of settings.

    Raises:
        InputError: if there is no such experiment or setting.

    >>> [q.config["seed"] for q in grid("joint-trajectory", {"seed": [1, 2], "vectors": [4]})]
    [1, 2]
    """
    names = list(settings)
    return [
        Question.of(experiment, **dict(zip(names, values, strict=True)))
        for values in product(*settings.values())
    ]


def sweep(questions: Iterable[Question], store: Store, executor: Executor) -> int:
    """Compute what the store lacks; returns how many tasks that were.

    Raises:
        InputError: if an experiment refuses its configuration, or workers died; all that could be
            finished is in the store.
    """
    asked = {question.key: question for question in questions}
    missing = [question for question in asked.values() if question not in store]
    futures = {
        executor.submit(outcomes.run, question.experiment, **question.config): question
        for question in missing
    }
    failures: list[BaseException] = []
    try:
        for future in track(as_completed(futures), "experiments", total=len(futures)):
            if error := _error(future):
                failures.append(error)
            else:
                store.put(futures[future], future.result())
    finally:
        for future in futures:
            future.cancel()
    if any(isinstance(error, BrokenExecutor | CancelledError) for error in failures):
        lost = f"one that died, {len(failures)} tasks left"
        raise InputError("workers", lost, "workers that live", "run it again")
    if failures:
        raise failures[0]
    return len(missing)


def _error(future: Future[Any]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:  # the scheduler is gone
        return error


@contextmanager
def cores(workers: int | None = None) -> Iterator[Executor]:
    """Worker processes of this machine, of one thread each: so many, or one a core.

    Raises:
        InputError: if there are to be less than one.
    """
    from loky import ProcessPoolExecutor

    count = None if workers is None else whole_number("workers", workers)
    env = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    # They share an accelerator, of which JAX would give nearly all memory to the first, and the
    # terminal, which shows the bar of the sweep and none of theirs.
    env |= {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TERM": "dumb"}
    # Idle workers end by themselves, also those whose parent was killed.
    with ProcessPoolExecutor(count, env=env, timeout=10) as executor:
        yield executor


@contextmanager
def dask(address: str) -> Iterator[Executor]:
    """The workers of a dask scheduler; tasks of workers that die go to others.

    Raises:
        InputError: if nobody answers there, or a task has killed one worker after another.
    """
    from distributed import Client, KilledWorker

    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError("--dask", address, "the address of a scheduler", str(error)) from None
    with client, client.get_executor(pure=False) as executor:
        try:
            yield executor
        except KilledWorker as error:
            raise InputError("workers", f"dead ones: {error}", "tasks that they survive") from None
