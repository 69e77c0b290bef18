"""`rdtheory codec train`: a network from pictures, in one command that survives a kill."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from rdtheory.errors import InputError

_TASKS = {
    "diffc": ("rdtheory.codecs.diffc.configs", "rdtheory.codecs.diffc.task", "DiffcTask"),
    "m2t": ("rdtheory.codecs.m2t.configs", "rdtheory.codecs.m2t.task", "M2tTask"),
}
"""Kinds of networks: the module of `CONFIGS`, and module and class of the task."""


def train(
    kind: Annotated[str, typer.Argument(metavar="diffc|m2t", help="The kind of network.")],
    config: Annotated[
        str, typer.Option(metavar="NAME|FILE.json", help="A configuration's name, or its fields.")
    ],
    data: Annotated[
        str,
        typer.Option(
            metavar="PATH[*WEIGHT][,...]",
            help="Folders, .tar or .npz files of pictures, drawn from by weight.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where everything is written.")],
    held_out: Annotated[
        str | None,
        typer.Option(metavar="PATH[,...]", help="As --data; by default its last 5 %."),
    ] = None,
    begin: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights to begin with, of the same sizes.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out, if there is one.")
    ] = False,
    steps: Annotated[int | None, typer.Option(help="The most steps.")] = None,
    hours: Annotated[float | None, typer.Option(help="The most hours.")] = None,
    batch: Annotated[int | None, typer.Option(help="Crops a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest.")] = None,
    warmup: Annotated[int | None, typer.Option(help="Steps up to the highest rate.")] = None,
    final_fraction: Annotated[float | None, typer.Option(help="Of the rate at the end.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of matrices and kernels.")] = None,
    clip_norm: Annotated[float | None, typer.Option(help="Longest gradient.")] = None,
    ema_decay: Annotated[float | None, typer.Option(help="Of the average of weights.")] = None,
    held_out_every: Annotated[int | None, typer.Option(help="Steps between bounds.")] = None,
    held_out_pictures: Annotated[int | None, typer.Option(help="Crops of the bound.")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Steps between checkpoints.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, batches and noise.")] = None,
    precision: Annotated[
        str, typer.Option(metavar="float16|bfloat16", help="Of the weights written.")
    ] = "float16",
    data_note: Annotated[
        str, typer.Option(metavar="TEXT", help="Terms of the data, for the card.")
    ] = "",
    log_every: Annotated[
        int | None,
        typer.Option(metavar="STEPS", help="Print a line on standard error every so many steps."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Train a network, and write its weights, checkpoint, loss picture and card.

    A run that was killed goes on with the same command and --resume.

    Example: rdtheory codec train diffc --config small --data photos.tar --out run --hours 2
    """
    given = {name: value for name, value in locals().items() if value is not None}
    from rdtheory.codecs.training import Report, TrainSettings, read_sources, run_training, split
    from rdtheory.codecs.training.weights import PRECISIONS, load_weights

    settings = TrainSettings(
        **{f.name: given[f.name] for f in fields(TrainSettings) if f.name in given}
    )
    if precision not in PRECISIONS:
        raise InputError("--precision", repr(precision), " or ".join(PRECISIONS))
    if log_every is not None and log_every < 1:
        raise InputError("--log-every", log_every, "a number of steps >= 1")
    task = _task(kind, config)
    training = read_sources("--data", data, task.crop)
    if held_out is None:
        training, tests = split(training)
    else:
        tests = read_sources("--held-out", held_out, task.crop)
    card = run_training(
        task,
        settings,
        training,
        tests,
        out,
        configuration=Path(config).name,
        begin=None if begin is None else load_weights(begin, task.name),
        resume=resume,
        precision=precision,
        data_note=data_note,
        report=Report(log_every),
    )
    if as_json:
        print(json.dumps(asdict(card)))
    else:
        print(
            f"{card.steps} steps in {card.hours:.2f} hours; held-out bound "
            f"{card.held_out_bits_per_dim:.4f} bits per dimension"
        )


def _task(kind: str, config: str) -> Any:
    from importlib import import_module

    from rdtheory.codecs.training.config import read_config

    if kind not in _TASKS:
        raise InputError("kind of network", repr(kind), ", ".join(_TASKS))
    configs, module, task = _TASKS[kind]
    chosen = read_config("--config", config, import_module(configs).CONFIGS)
    return getattr(import_module(module), task)(chosen)
