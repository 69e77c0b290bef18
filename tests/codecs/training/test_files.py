"""Checkpoints and weights on disk: round trips, and files that are damaged or another's."""

import json
from collections.abc import Callable
from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from rdtheory import InputError, files
from rdtheory.codecs.training import load_weights, save_weights
from rdtheory.codecs.training.checkpoint import (
    Checkpoint,
    History,
    load_checkpoint,
    save_checkpoint,
)
from rdtheory.codecs.training.leaves import named_leaves
from rdtheory.codecs.training.state import initial_state
from rdtheory.codecs.training.tensor_file import read_tensors, write_tensors
from rdtheory.codecs.training.weights import rounded
from rdtheory.container import StreamError

RUN = {"task": "standin", "data": {"crc32": "00000000"}}
MUTATIONS = 600


@pytest.fixture
def network(standin):
    return standin.Standin().initial(jax.random.key(3))


@pytest.fixture
def weights_file(network, tmp_path):
    """A file of weights with two tables."""
    path = tmp_path / "w.safetensors"
    tables = {"errors": np.linspace(0, 1, 7), "counts": np.arange(3, dtype=np.uint8)}
    save_weights(path, network, {"crop": 8}, tables, {"steps": 5}, task="standin")
    return path


@pytest.fixture
def initial(standin):
    return initial_state(standin.untrained(), standin.SETTINGS)[0]


@pytest.fixture
def checkpoint_file(initial, tmp_path):
    path = tmp_path / "c.safetensors"
    state = jax.tree.map(lambda leaf: leaf + 1, initial)
    save_checkpoint(path, Checkpoint(state, History([0.5], [0], [3.5]), 1.5), RUN)
    return path


def same(one, other):
    first, second = named_leaves(one), named_leaves(other)
    assert first.keys() == second.keys()
    return all(np.array_equal(first[name], second[name]) for name in first)


def refused(call):
    with pytest.raises(StreamError) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    return str(caught.value)


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_weights_there_and_back(standin, network, tmp_path, precision):
    path = tmp_path / "w.safetensors"
    table = np.arange(6, dtype=np.float64).reshape(2, 3).T  # not contiguous
    save_weights(
        path, network, {"a": [1]}, {"t": table}, {"note": "é"}, task="standin", precision=precision
    )
    weights = load_weights(path, "standin")
    assert (weights.config, weights.card) == ({"a": [1]}, {"note": "é"})
    assert np.array_equal(weights.tables["t"], table)
    assert weights.tables["t"].dtype == np.float64
    other = standin.Standin().initial(jax.random.key(4))
    assert not same(network, other)
    found = weights.into(other)
    assert same(found, rounded(network, precision))
    half = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}[precision]
    assert np.array_equal(found.weight, np.asarray(network.weight).astype(half).astype(np.float32))
    assert {leaf.dtype for leaf in (found.weight, found.bias)} == {np.dtype(np.float32)}


def test_weights_into_a_network_that_was_never_computed(tmp_path):
    class Layer(eqx.Module):
        weight: jax.Array
        after: Callable

    def layer(value):
        return Layer(jnp.full((2, 3), value, jnp.float32), jnp.tanh)

    path = tmp_path / "w"
    save_weights(path, layer(0.1), {}, {}, {}, task="standin")
    shapes = eqx.filter_eval_shape(layer, 0.0)
    found = load_weights(path, "standin").into(shapes)
    assert np.array_equal(found.weight, np.full((2, 3), np.float16(0.1)))
    assert found.after is jnp.tanh


def test_equal_weights_make_equal_files(network, weights_file, tmp_path):
    tables = {"counts": np.arange(3, dtype=np.uint8), "errors": np.linspace(0, 1, 7)}
    path = tmp_path / "again"
    save_weights(path, network, {"crop": 8}, tables, {"steps": 5}, task="standin")
    assert path.read_bytes() == weights_file.read_bytes()
    fingerprint = load_weights(path, "standin").fingerprint
    tables["counts"][0] = 1
    save_weights(path, network, {"crop": 8}, tables, {"steps": 5}, task="standin")
    assert load_weights(path, "standin").fingerprint != fingerprint


def test_weights_that_half_precision_cannot_hold(network, tmp_path):
    large = eqx.tree_at(lambda n: n.bias, network, jnp.full(3, 1e5, jnp.float32))
    with pytest.raises(InputError, match="precision: got float16, in which a weight is not finite"):
        save_weights(tmp_path / "w", large, {}, {}, {}, task="standin")
    save_weights(tmp_path / "w", large, {}, {}, {}, task="standin", precision="bfloat16")
    with pytest.raises(InputError, match="precision: got 'float8'"):
        rounded(network, "float8")


def test_weights_of_another_task(weights_file):
    assert "weights of standin; allowed: weights of diffc" in refused(
        lambda: load_weights(weights_file, "diffc")
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("network.bias"), "tensor bias: got it missing"),
        (lambda t: t.update({"network.more": t["network.bias"]}), "tensor more: got a tensor that"),
        (lambda t: t.update({"network.bias": np.zeros(4, np.float16)}), "got shape (4,)"),
        (lambda t: t.update({"network.bias": np.zeros((), np.float16)}), "got shape ()"),
        (lambda t: t.update({"network.bias": np.zeros(3, np.int32)}), "numbers of type int32"),
        (lambda t: t.update({"network.bias": np.zeros(3)}), "numbers of type float64"),
        (
            lambda t: t.update({"network.bias": np.array([0, np.nan, 0], np.float16)}),
            "not finite",
        ),
        (lambda t: t.update({"other": np.zeros(3)}), "tensors of other names"),
    ],
)
def test_weights_of_another_network(network, weights_file, change, said):
    """Forged with a good checksum."""
    file = read_tensors(weights_file, "weights", 2**20)
    change(file.tensors)
    write_tensors(weights_file, "weights", file.tensors, file.told)
    assert said in refused(lambda: load_weights(weights_file, "standin").into(network))


@pytest.mark.parametrize(
    "told",
    [{}, [], None, {"task": "standin", "config": [], "card": {}}, {"task": "standin", "card": {}}],
)
def test_weights_without_what_belongs_to_them(weights_file, told):
    write_tensors(weights_file, "weights", {}, told)
    refused(lambda: load_weights(weights_file, "standin"))


def mutations(data, count):
    """Bits flipped, bytes replaced, cut out, put in; truncations."""
    rng = np.random.default_rng(7)
    header = 8 + int.from_bytes(data[:8], "little")
    for number in range(count):
        changed = bytearray(data)
        end = header if number % 2 else len(data)  # half of them in the header
        at = int(rng.integers(end))
        kind = number % 5
        if kind == 0:
            changed[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            changed[at : at + 4] = rng.bytes(4)
        elif kind == 2:
            del changed[at : at + int(rng.integers(1, 9))]
        elif kind == 3:
            changed[at:at] = rng.bytes(int(rng.integers(1, 9)))
        else:
            del changed[at:]
        if bytes(changed) != data:
            yield bytes(changed)


def test_damaged_weights(network, weights_file):
    data = weights_file.read_bytes()
    found = load_weights(weights_file, "standin").into(network)
    harmless, lines = 0, set()
    for changed in mutations(data, MUTATIONS):
        weights_file.write_bytes(changed)
        try:
            weights = load_weights(weights_file, "standin")
        except StreamError as error:
            lines.add(str(error).count("\n"))
        else:  # white space of the header, say
            harmless += 1
            assert same(weights.into(network), found)
    assert harmless < MUTATIONS / 50
    assert lines == {0}


def test_damaged_checkpoints(initial, checkpoint_file):
    data = checkpoint_file.read_bytes()
    found, lines = load_checkpoint(checkpoint_file, initial, RUN), set()
    for changed in mutations(data, MUTATIONS):
        checkpoint_file.write_bytes(changed)
        try:
            checkpoint = load_checkpoint(checkpoint_file, initial, RUN)
        except InputError as error:
            lines.add(str(error).count("\n"))
        else:
            assert same(checkpoint.state, found.state)
            assert checkpoint.history == found.history
    assert lines == {0}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PNG",
        bytes(8),
        b"\xff" * 8,
        (2**40).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (60000).to_bytes(8, "little") + b"[" * 60000,
    ],
)
def test_files_of_something_else(tmp_path, data):
    path = tmp_path / "f"
    path.write_bytes(data)
    assert "something else or damaged" in refused(lambda: load_weights(path, "standin"))


def test_a_header_that_claims_much(tmp_path):
    header = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(header).encode()
    path = tmp_path / "f"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    refused(lambda: load_weights(path, "standin"))


def test_files_that_are_too_long_are_not_read(tmp_path):
    path = tmp_path / "f"
    with path.open("wb") as file:
        file.truncate(2**33)  # a hole: takes no room
    assert "8589934592 bytes" in refused(lambda: load_weights(path, "standin"))


def test_a_checkpoint_is_no_weights(checkpoint_file):
    assert "got checkpoint of version 1; allowed: weights" in refused(
        lambda: load_weights(checkpoint_file, "standin")
    )


def test_checkpoint_there_and_back(initial, checkpoint_file):
    found = load_checkpoint(checkpoint_file, initial, RUN)
    assert same(found.state, jax.tree.map(lambda leaf: leaf + 1, initial))
    assert int(found.state.step) == 1
    assert found.history == History([0.5], [0], [3.5])
    assert found.elapsed_seconds == 1.5


def test_checkpoint_of_another_run(initial, checkpoint_file):
    other = {"task": "standin", "data": {"crc32": "00000001"}}
    with pytest.raises(InputError, match=r"--resume: got data\.crc32 00000001; allowed: 00000000"):
        load_checkpoint(checkpoint_file, initial, other)


@pytest.mark.parametrize(
    "told",
    [
        None,
        {"run": RUN},
        {"run": RUN, "elapsed_seconds": "soon"},
        {"run": RUN, "elapsed_seconds": -1.0},
    ],
)
def test_forged_checkpoints(initial, checkpoint_file, told):
    file = read_tensors(checkpoint_file, "checkpoint", 2**20)
    write_tensors(checkpoint_file, "checkpoint", file.tensors, told)
    refused(lambda: load_checkpoint(checkpoint_file, initial, RUN))


@pytest.mark.parametrize("row", [None, np.zeros((2, 2)), np.zeros(3)])
def test_forged_histories(initial, checkpoint_file, row):
    """Missing, of another shape, of another length than the steps."""
    file = read_tensors(checkpoint_file, "checkpoint", 2**20)
    del file.tensors["history.loss"]
    if row is not None:
        file.tensors["history.loss"] = row
    write_tensors(checkpoint_file, "checkpoint", file.tensors, file.told)
    refused(lambda: load_checkpoint(checkpoint_file, initial, RUN))


def test_a_checkpoint_that_is_not_finite_does_not_replace_one_that_is(initial, checkpoint_file):
    before = checkpoint_file.read_bytes()
    network = jax.tree.map(lambda leaf: leaf * jnp.nan, initial.network)
    state = replace(initial, network=network)
    with pytest.raises(InputError, match="numbers that are not finite"):
        save_checkpoint(checkpoint_file, Checkpoint(state, History(), 0.0), RUN)
    assert checkpoint_file.read_bytes() == before


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file(checkpoint_file, initial, monkeypatch, broken):
    before = checkpoint_file.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    where = files.os if broken == "fsync" else type(checkpoint_file)
    monkeypatch.setattr(where, broken, fail)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(checkpoint_file, Checkpoint(initial, History(), 0.0), RUN)
    monkeypatch.undo()
    assert checkpoint_file.read_bytes() == before
    assert list(checkpoint_file.parent.iterdir()) == [checkpoint_file]
