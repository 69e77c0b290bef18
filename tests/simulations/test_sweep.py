"""Sweeps: the same results whoever computes them, and nothing lost or done twice after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

import pytest

from rdtheory.errors import InputError
from simulations.__main__ import main
from simulations.outcomes import run
from simulations.store import Question, Store
from simulations.sweep import cores, dask, grid, sweep

SETTINGS = {"candidates": [64], "vectors": [4], "seed": list(range(6))}
OPTIONS = ["joint-trajectory", "--candidates", "64", "--vectors", "4"]

KILLS_ITSELF = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from simulations.store import Store
from simulations.sweep import grid, sweep

folder, left, questions = sys.argv[1], int(sys.argv[2]), grid("joint-trajectory", eval(sys.argv[3]))

def watch(event, told):
    global left
    if event in ("open", "os.mkdir", "os.rename", "os.remove") and folder in str(told[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
with ThreadPoolExecutor(1) as executor:
    sweep(questions, Store(Path(folder)), executor)
"""
"""A sweep that dies just before its n-th step on files."""


class Counting(ThreadPoolExecutor):
    """One thread, which remembers the seeds of its tasks."""

    def __init__(self):
        super().__init__(1)
        self.seeds = []

    def submit(self, function, *given, **settings):
        self.seeds.append(settings["seed"])
        return super().submit(function, *given, **settings)


@pytest.fixture
def questions():
    return grid("joint-trajectory", SETTINGS)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def results(store, questions):
    return [json.dumps(store.get(question)["result"]) for question in questions]


def done(store, questions):
    return [question.config["seed"] for question in questions if question in store]


def undisturbed(questions):
    """What one process finds, one task after another."""
    found = [run(question.experiment, **question.config)["result"] for question in questions]
    return [json.dumps(result) for result in found]


@pytest.fixture(scope="module")
def serial():
    return undisturbed(grid("joint-trajectory", SETTINGS))


def test_what_is_there_is_not_computed_again(questions, store, serial):
    with Counting() as executor:
        assert sweep(questions[:2] + questions[:1], store, executor) == 2
        times = [store.path(question).stat().st_mtime_ns for question in questions[:2]]
        assert sweep(questions, store, executor) == 4
        assert sweep(questions, store, executor) == 0
        assert executor.seeds == list(range(6))
    assert times == [store.path(question).stat().st_mtime_ns for question in questions[:2]]
    assert results(store, questions) == serial


def test_processes_find_the_same(questions, store, serial):
    with cores(2) as executor:
        assert sweep(questions, store, executor) == 6
    assert results(store, questions) == serial


def test_a_cluster_finds_the_same_though_a_worker_is_killed(store):
    """A scheduler and two workers on the loopback; one dies at work, as soon as there is a result.

    A task takes a tenth of a second or more, so that several are left then.
    """
    from distributed import LocalCluster

    questions = grid("joint-trajectory", {"candidates": [512], "vectors": [40], "seed": range(8)})
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        dask(cluster.scheduler_address) as executor,
        ThreadPoolExecutor(1) as beside,
    ):
        pids = {executor.submit(os.getpid).result() for _ in range(8)}
        assert pids <= {worker.pid for worker in cluster.workers.values()}
        sweeping = beside.submit(sweep, questions, store, executor)
        wait_for(lambda: done(store, questions))
        busy = [one for one in cluster.scheduler.workers.values() if one.processing]
        victim = next(
            one for one in cluster.workers.values() if one.worker_address == busy[0].address
        )
        os.kill(victim.pid, signal.SIGKILL)
        assert len(done(store, questions)) < 8
        assert sweeping.result() == 8
    assert results(store, questions) == undisturbed(questions)


def wait_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_sweep_goes_on(questions, store, serial):
    """The program is killed as soon as two outcomes are there."""
    command = [sys.executable, "-m", "simulations", "sweep", *OPTIONS, "--seed", "0..5"]
    running = subprocess.Popen([*command, "--workers", "1", "--store", str(store.folder)])
    wait_for(lambda: len(done(store, questions)) >= 2)
    running.kill()
    running.wait()
    goes_on(questions, store, serial)


def goes_on(questions, store, serial):
    """What is there stays as it is, and what is not is computed, once."""
    there = done(store, questions)
    before = [store.path(question).stat().st_mtime_ns for question in questions[: len(there)]]
    assert there == list(range(len(there)))
    with Counting() as executor:
        sweep(questions, store, executor)
    assert there + executor.seeds == list(range(6))
    after = [store.path(question).stat().st_mtime_ns for question in questions[: len(there)]]
    assert before == after
    assert results(store, questions) == serial


def test_a_sweep_killed_at_any_step_of_writing_goes_on(questions, tmp_path, serial):
    """After the first outcome, of 6 steps: making a folder, a file, its name, the end of all."""
    moments = {7: 1, 8: 1, 9: 1, 10: 2, 11: 2}
    killed = [
        subprocess.Popen(
            [sys.executable, "-c", KILLS_ITSELF, str(tmp_path / str(n)), str(n), repr(SETTINGS)]
        )
        for n in moments
    ]
    for process, (moment, there) in zip(killed, moments.items(), strict=True):
        assert process.wait() == -signal.SIGKILL
        store = Store(tmp_path / str(moment))
        assert len(done(store, questions)) == there
        goes_on(questions, store, serial)


def test_two_sweeps_at_once_do_no_harm(questions, store, serial):
    with ThreadPoolExecutor(2) as executor, ThreadPoolExecutor(2) as beside:
        both = [beside.submit(sweep, questions, store, executor) for _ in range(2)]
        assert [one.result() for one in both] == [6, 6]
    assert results(store, questions) == serial
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(store.path(question) for question in questions)


def test_a_task_that_fails_stops_no_other(questions, store):
    wrong = grid("joint-trajectory", {"scheme": ["none"]})
    with ThreadPoolExecutor(1) as executor, pytest.raises(InputError, match="scheme: got 'none'"):
        sweep(wrong + questions, store, executor)
    assert done(store, questions) == list(range(6))


def test_dead_workers_are_told_in_one_line(questions, store):
    class Dying(ThreadPoolExecutor):
        def submit(self, function, *given, **settings):
            future = super().submit(function, *given, **settings)
            if settings["seed"] > 3:
                future = super().submit(self.die)
            return future

        def die(self):
            raise BrokenExecutor

    with Dying(1) as executor, pytest.raises(InputError, match="one that died, 2 tasks left"):
        sweep(questions, store, executor)
    assert done(store, questions) == [0, 1, 2, 3]


def test_the_command_line(tmp_path, capsys):
    options = [*OPTIONS, "--store", str(tmp_path)]
    assert main(["status", *options, "--seed", "0..2", "7"]) == 0
    assert capsys.readouterr().out == "0 of 4 are there\n"
    assert main(["sweep", *options, "--seed", "0..1", "1", "--workers", "1"]) == 0
    assert capsys.readouterr().out == "2 computed, 0 were there already\n"
    assert main(["status", *options, "--seed", "0..2", "7"]) == 0
    assert capsys.readouterr().out == "2 of 4 are there\n"
    assert main(["sweep", *options, "--dask", "tcp://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith("error: --dask: got tcp://127.0.0.1:9")
    assert main(["sweep", *options, "--workers", "0"]) == 2
    assert capsys.readouterr().err == "error: workers: got 0; allowed: a whole number >= 1\n"
    with pytest.raises(SystemExit):
        main(["sweep", *options, "--workers", "1", "--dask", "tcp://127.0.0.1:9"])
    assert capsys.readouterr().err.count("\n") == 1


def test_damaged_outcomes_are_refused(store):
    question = Question.of("joint-trajectory")
    store.put(question, {"result": {"bits": 1.25}})
    whole = store.path(question).read_bytes()
    assert store.get(question) == {"result": {"bits": 1.25}}
    for damaged in (b"", whole[:-9], whole.replace(b"1.25", b"1.35"), b"[]", b"{}", b"\xff"):
        store.path(question).write_bytes(damaged)
        with pytest.raises(InputError, match="damaged"):
            store.get(question)


def test_unknown_settings():
    for wrong in ({"experiment": "none"}, {"experiment": "joint-trajectory", "colour": 1}):
        with pytest.raises(InputError):
            Question.of(**wrong)
