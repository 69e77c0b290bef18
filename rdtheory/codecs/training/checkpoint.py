"""A training on disk: what is needed to go on as if it had never stopped."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.codecs.training.leaves import named_leaves, with_leaves
from rdtheory.codecs.training.state import TrainState
from rdtheory.codecs.training.tensor_file import read_tensors, write_tensors
from rdtheory.container import StreamError
from rdtheory.errors import InputError

MOST_BYTES = 2**33
"""A larger file is not read."""

_STATE, _HISTORY = "state.", "history."


@dataclass
class History:
    """What was measured on the way: it grows.

    Attributes:
        loss: of each step's batch.
        held_out_step: after how many steps the bound was measured.
        held_out: the bound then, bits per dimension.
    """

    loss: list[float] = field(default_factory=list)
    held_out_step: list[int] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training that can go on.

    Attributes:
        state: after the last step.
        history: up to it.
        elapsed_seconds: spent up to it.
    """

    state: TrainState
    history: History
    elapsed_seconds: float


def save_checkpoint(path: Path, checkpoint: Checkpoint, run: dict[str, Any]) -> None:
    """Write a checkpoint in place of the last one; a kill leaves one of the two.

    Args:
        path: of the file.
        checkpoint: what to write.
        run: what the run is: task, configuration, settings, data. JSON keeps it as it is.

    Raises:
        InputError: if the weights are not finite: then the last checkpoint stays.
    """
    state = {name: np.asarray(leaf) for name, leaf in named_leaves(checkpoint.state).items()}
    if not all(np.isfinite(leaf).all() for leaf in state.values()):
        raise diverged(int(checkpoint.state.step))
    tensors = {_STATE + name: leaf for name, leaf in state.items()}
    tensors |= {_HISTORY + name: np.array(row) for name, row in vars(checkpoint.history).items()}
    told = {"run": run, "elapsed_seconds": checkpoint.elapsed_seconds}
    write_tensors(path, "checkpoint", tensors, told)


def load_checkpoint(path: Path, initial: TrainState, run: dict[str, Any]) -> Checkpoint:
    """Read the checkpoint of a run.

    Args:
        path: of the file.
        initial: a state of the same configuration.
        run: as it was saved.

    Raises:
        StreamError: if it is damaged.
        InputError: if it is another run's: what differs.
    """
    file = read_tensors(path, "checkpoint", MOST_BYTES)
    told = file.told
    if not isinstance(told, dict) or told.keys() != {"run", "elapsed_seconds"}:
        raise StreamError(path.name, "a checkpoint without its run", "a whole one")
    _same_run(told["run"], run)
    state = with_leaves(initial, _with_prefix(_STATE, file.tensors), path.name)
    rows = _with_prefix(_HISTORY, file.tensors)
    elapsed = told["elapsed_seconds"]
    whole = rows.keys() == History.__dataclass_fields__.keys() and (
        rows["loss"].shape == (int(state.step),)
        and rows["held_out"].shape == rows["held_out_step"].shape
        and rows["held_out"].ndim == 1
    )
    if not (whole and isinstance(elapsed, float) and 0 <= elapsed < float("inf")):
        raise StreamError(path.name, "a checkpoint without its history", "a whole one")
    history = History(**{name: row.tolist() for name, row in rows.items()})
    return Checkpoint(state, history, elapsed)


def diverged(step: int) -> InputError:
    """The error that ends a training whose numbers are no longer finite."""
    return InputError(
        "training",
        f"numbers that are not finite by step {step}",
        "a loss that stays finite",
        "lower the learning rate",
    )


def _same_run(saved: Any, wanted: Any, name: str = "") -> None:
    """The first thing in which two runs differ, as an error."""
    if isinstance(saved, list) and isinstance(wanted, list) and len(saved) == len(wanted):
        saved, wanted = dict(enumerate(saved)), dict(enumerate(wanted))
    if isinstance(saved, dict) and isinstance(wanted, dict):
        for key in sorted(saved.keys() | wanted.keys(), key=str):
            _same_run(saved.get(key), wanted.get(key), f"{name}.{key}".removeprefix("."))
    elif saved != wanted:
        raise InputError(
            "--resume",
            f"{name} {wanted}",
            f"{saved}, as in the run to be resumed",
            "or use another --out",
        )


def _with_prefix(prefix: str, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
