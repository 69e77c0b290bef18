"""Many experiments at once, on this machine's cores or on a cluster, resumed after any kill.

Tasks are sent to a `concurrent.futures.Executor`, whichever: worker processes of this machine
(loky, spawned, one thread each), or those of a dask scheduler. Each outcome is kept as soon as its
task ends, and what is kept is not computed again. Results do not depend on who computes them: all
randomness comes from the seeds of configurations.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from contextlib import contextmanager
from itertools import product
from typing import Any

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
        InputError: if an experiment refuses its configuration, or workers died; what had been
            finished is in the store.
    """
    missing = [question for question in questions if question not in store]
    futures = {
        executor.submit(outcomes.run, question.experiment, **question.config): question
        for question in missing
    }
    try:
        for future in track(as_completed(futures), "experiments", total=len(futures)):
            store.put(futures[future], future.result())
    except BrokenExecutor:
        left = sum(question not in store for question in missing)
        raise InputError(
            "workers", f"one that died, {left} tasks left", "workers that live", "run it again"
        ) from None
    finally:
        for future in futures:
            future.cancel()
    return len(missing)


@contextmanager
def cores(jobs: int | None = None) -> Iterator[Executor]:
    """Worker processes of this machine: as many as it has cores, of one thread each."""
    from loky import ProcessPoolExecutor

    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    # Idle workers end by themselves, also those whose parent was killed.
    with ProcessPoolExecutor(jobs or os.cpu_count(), env=threads, timeout=10) as executor:
        yield executor


@contextmanager
def dask(address: str) -> Iterator[Executor]:
    """The workers of a dask scheduler; tasks of workers that die go to others.

    Raises:
        InputError: if nobody answers there.
    """
    from distributed import Client

    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError("--dask", address, "the address of a scheduler", str(error)) from None
    with client, client.get_executor(pure=False) as executor:
        yield executor
