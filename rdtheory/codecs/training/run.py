"""One training from beginning to end: pictures in, a folder with weights, loss picture and card."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import numpy as np

import rdtheory
from rdtheory.codecs.training.bound import make_bound
from rdtheory.codecs.training.card import Card
from rdtheory.codecs.training.curve import draw_losses
from rdtheory.codecs.training.data import Crops, PictureSource
from rdtheory.codecs.training.loop import train
from rdtheory.codecs.training.report import Report
from rdtheory.codecs.training.state import stream_key
from rdtheory.codecs.training.task import Task, TrainSettings
from rdtheory.codecs.training.weights import Weights, rounded, save_weights, trained_and_fixed
from rdtheory.errors import InputError
from rdtheory.files import write_atomically
from rdtheory.provenance import machine_kind

CHECKPOINT, WEIGHTS, PICTURE, CARD = (
    "checkpoint.safetensors",
    "weights.safetensors",
    "loss.png",
    "README.md",
)
"""The files of a run."""


def run_training(
    task: Task,
    settings: TrainSettings,
    training: list[PictureSource],
    held_out: list[PictureSource],
    out: Path,
    *,
    configuration: str,
    begin: Weights | None = None,
    resume: bool = False,
    precision: str = "float16",
    data_note: str = "",
    report: Report | None = None,
) -> Card:
    """Train, and write checkpoint, weights, loss picture and card to a folder.

    Args:
        task: the network and its loss.
        settings: how.
        training: the pictures to learn from.
        held_out: the pictures of the bound and the tables.
        out: the folder; is made.
        configuration: what the card calls it.
        begin: weights to begin with, of a network of the same sizes.
        resume: go on with the run in the folder, or begin one if there is none.
        precision: of the weights: float16 or bfloat16.
        data_note: for the card.
        report: what a person sees; nothing by default.

    Raises:
        InputError: if there is a run in the folder and `resume` is not said; if it is another one;
            if the loss is no longer finite.
        StreamError: if its checkpoint is damaged; if the weights to begin with do not fit.
    """
    found = [name for name in (CHECKPOINT, WEIGHTS) if (out / name).exists()]
    if found and not resume:
        raise InputError("--out", f"a folder with a {found[0]}", "a new one", "or say --resume")
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads(json.dumps(asdict(task.config)))
    data = {"training": _told(training), "held_out": _told(held_out)}
    first = None if begin is None else {"fingerprint": begin.fingerprint, **begin.card}
    run = {"task": task.name, "config": config, "settings": asdict(settings), "data": data}
    run |= {} if first is None else {"begin": first}
    crops = Crops(training, task.crop, settings.seed)
    tests = Crops(held_out, task.crop, settings.seed).batch(0, settings.held_out_pictures)
    # Networks are made for float32, whatever the caller has told JAX.
    with jax.enable_x64(False), report or Report() as shown:
        bound = make_bound(task, settings, tests)
        network: Any = task.initial(stream_key(settings.seed, "weights"))
        network = network if begin is None else task.begun(network, begin)
        trained = train(task, network, settings, crops, bound, out / CHECKPOINT, run, shown)
        shipped = rounded(trained.network, precision)
        bits, tables = bound(shipped), task.finish(shipped, tests)
    history = trained.history
    card = Card(
        task=task.name,
        configuration=configuration,
        config=config,
        parameters=sum(leaf.size for leaf in jax.tree.leaves(trained_and_fixed(shipped)[0])),
        precision=precision,
        begin=first,
        settings=asdict(settings),
        training=data["training"],
        held_out=data["held_out"],
        data_note=data_note,
        steps=len(history.loss),
        hours=trained.elapsed_seconds / 3600,
        machine=machine_kind(),
        held_out_bits_per_dim=float(bits.mean()),
        standard_error=float(bits.std() / np.sqrt(len(bits))),
        held_out_crops=len(bits),
        untrained_bits_per_dim=history.held_out[0],
    )
    told = {"library": rdtheory.__version__, "seed": settings.seed, "begin": first, **data}
    told |= {"steps": card.steps, "held_out_bits_per_dim": card.held_out_bits_per_dim}
    file = out / WEIGHTS
    save_weights(file, shipped, config, tables, told, task=task.name, precision=precision)
    draw_losses(out / PICTURE, history)
    write_atomically(out / CARD, card.markdown().encode())
    return card


def _told(sources: list[PictureSource]) -> list[dict[str, Any]]:
    return [source.to_dict() for source in sources]
