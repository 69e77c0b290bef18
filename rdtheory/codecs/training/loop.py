"""The training loop: steps, held-out bound, checkpoints."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.training.checkpoint import (
    Checkpoint,
    History,
    diverged,
    load_checkpoint,
    save_checkpoint,
)
from rdtheory.codecs.training.data import Crops
from rdtheory.codecs.training.report import Report
from rdtheory.codecs.training.state import initial_state, make_step
from rdtheory.codecs.training.task import Task, TrainSettings


@dataclass(frozen=True, eq=False)
class Trained:
    """The end of a training.

    Attributes:
        network: with the averaged weights.
        history: losses and bounds of all steps.
        elapsed_seconds: spent; lost steps are not counted.
    """

    network: eqx.Module
    history: History
    elapsed_seconds: float


def train(
    task: Task,
    network: eqx.Module,
    settings: TrainSettings,
    crops: Crops,
    bound: Callable[[eqx.Module], np.ndarray],
    checkpoint_file: Path,
    run: dict[str, Any],
    report: Report,
) -> Trained:
    """Train to the end, from the checkpoint if there is one.

    Args:
        task: the loss.
        network: to begin with.
        settings: how.
        crops: of which each step takes a batch.
        bound: measures a network, as `make_bound`.
        checkpoint_file: is read if it exists, and written.
        run: what a checkpoint must have in common with the run that goes on from it.
        report: hears of each step and bound.

    Raises:
        InputError: if the checkpoint is another run's, or the loss is no longer finite.
        StreamError: if it is damaged.
    """
    state, fixed = initial_state(network, settings)
    start = Checkpoint(state, History(), 0.0)
    if checkpoint_file.exists():
        start = load_checkpoint(checkpoint_file, state, run)
    advance = make_step(task, settings, fixed)
    state, history, first = start.state, start.history, int(start.state.step)
    began, elapsed, step = time.monotonic() - start.elapsed_seconds, start.elapsed_seconds, first
    pending: list[jax.Array] = []

    def settle(left: int) -> None:
        """Fetch losses until so many are left: one, and the machine is never idle."""
        while len(pending) > left:
            loss = float(pending.pop(0))
            if not isfinite(loss):
                raise diverged(step - len(pending))
            history.loss.append(loss)
            report.step(step - len(pending), loss, settings.done(step, elapsed))

    def averaged() -> eqx.Module:
        return eqx.combine(state.average, fixed)

    def measure() -> None:
        settle(0)
        if history.held_out_step[-1:] != [step]:
            history.held_out_step.append(step)
            history.held_out.append(float(bound(averaged()).mean()))
            report.bound(step, history.held_out[-1])

    def save() -> None:
        settle(0)
        if step != first:
            save_checkpoint(checkpoint_file, Checkpoint(state, history, elapsed), run)

    while settings.done(step, elapsed) < 1:
        if step % settings.held_out_every == 0:
            measure()
        if step % settings.checkpoint_every == 0:
            save()
        pictures = jnp.asarray(crops.batch(step, settings.batch))
        state, loss = advance(state, pictures, jnp.float32(settings.rate(step, elapsed)))
        pending.append(loss)
        step += 1
        settle(1)
        elapsed = time.monotonic() - began
    measure()
    save()
    return Trained(averaged(), history, elapsed)
