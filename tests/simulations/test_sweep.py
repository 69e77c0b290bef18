"""Sweeps: the same results whoever computes them, and nothing lost or done twice after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rdtheory.errors import InputError
from simulations.__main__ import main
from simulations.store import Question, Store
from simulations.sweep import cores, dask, grid, sweep

SETTINGS = {"candidates": [64], "vectors": [4], "seed": list(range(6))}


@pytest.fixture
def questions():
    return grid("joint-trajectory", SETTINGS)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def results(store, questions):
    return [json.dumps(store.get(question)["result"]) for question in questions]


@pytest.fixture
def serial(questions, tmp_path):
    """What one thread finds, one task after another."""
    alone = Store(tmp_path / "alone")
    with ThreadPoolExecutor(1) as executor:
        assert sweep(questions, alone, executor) == 6
    return results(alone, questions)


def test_what_is_there_is_not_computed_again(questions, store, serial):
    with ThreadPoolExecutor(1) as executor:
        assert sweep(questions[:2], store, executor) == 2
        times = [store.path(question).stat().st_mtime_ns for question in questions[:2]]
        assert sweep(questions, store, executor) == 4
        assert sweep(questions, store, executor) == 0
    assert times == [store.path(question).stat().st_mtime_ns for question in questions[:2]]
    assert results(store, questions) == serial


def test_processes_find_the_same(questions, store, serial):
    with cores(2) as executor:
        assert sweep(questions, store, executor) == 6
    assert results(store, questions) == serial


def test_a_cluster_finds_the_same_though_a_worker_is_killed(questions, store, serial):
    """A scheduler and two workers on the loopback; one dies in the middle."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        with dask(cluster.scheduler_address) as executor:
            slow = grid("joint-trajectory", {**SETTINGS, "candidates": [4096]})
            futures = [executor.submit(os.getpid) for _ in range(4)]
            assert victim in {future.result() for future in futures}
            os.kill(victim, signal.SIGKILL)
            assert sweep(questions, store, executor) == 6
            assert len(slow) == 6
    assert results(store, questions) == serial


def test_a_killed_sweep_goes_on(questions, store, serial):
    """The program is killed as soon as two outcomes are there."""
    options = ["--candidates", "64", "--vectors", "4", "--seed", "0..5", "--jobs", "1"]
    command = [sys.executable, "-m", "simulations", "sweep", "joint-trajectory", *options]
    running = subprocess.Popen([*command, "--store", str(store.folder)])
    deadline = time.monotonic() + 120
    while sum(question in store for question in questions) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    running.kill()
    running.wait()
    done = sum(question in store for question in questions)
    with ThreadPoolExecutor(1) as executor:
        assert sweep(questions, store, executor) == 6 - done
    assert results(store, questions) == serial


def test_the_command_line(tmp_path, capsys):
    options = ["joint-trajectory", "--candidates", "64", "--vectors", "4", "--store", str(tmp_path)]
    assert main(["status", *options, "--seed", "0..2", "7"]) == 0
    assert capsys.readouterr().out == "0 of 4 are there\n"
    assert main(["sweep", *options, "--seed", "0..1", "--jobs", "1"]) == 0
    assert capsys.readouterr().out == "2 computed, 0 were there already\n"
    assert main(["status", *options, "--seed", "0..2", "7"]) == 0
    assert capsys.readouterr().out == "2 of 4 are there\n"
    assert main(["sweep", *options, "--dask", "tcp://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith("error: --dask: got tcp://127.0.0.1:9")


def test_damaged_outcomes_and_unknown_settings(store):
    question = Question.of("joint-trajectory")
    store.put(question, {"result": 1})
    store.path(question).write_bytes(b"{")
    with pytest.raises(InputError, match="damaged"):
        store.get(question)
    for wrong in ({"experiment": "none"}, {"experiment": "joint-trajectory", "colour": 1}):
        with pytest.raises(InputError):
            Question.of(**wrong)
