"""The model card: what the weights are, and what they were trained on, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rdtheory


@dataclass(frozen=True)
class Card:
    """What is told of a training.

    Attributes:
        task: the kind of network.
        configuration: its name or file.
        config: its values.
        parameters: number of weights.
        precision: of the weights in the file.
        begin: what is told of the weights that it began with, if it did with any.
        settings: of the training.
        training, held_out: the sources of pictures, as `PictureSource.to_dict`.
        data_note: terms of the data, and whatever else the user wants to say.
        steps: made.
        hours: taken.
        machine: kind of it.
        held_out_bits_per_dim, standard_error: of the shipped weights on held-out crops.
        held_out_crops: their number.
        untrained_bits_per_dim: of the network before the first step.
    """

    task: str
    configuration: str
    config: dict[str, Any]
    parameters: int
    precision: str
    begin: dict[str, Any] | None
    settings: dict[str, Any]
    training: Sequence[dict[str, Any]]
    held_out: Sequence[dict[str, Any]]
    data_note: str
    steps: int
    hours: float
    machine: str
    held_out_bits_per_dim: float
    standard_error: float
    held_out_crops: int
    untrained_bits_per_dim: float

    def markdown(self) -> str:
        """The card as a page."""
        bound = f"{self.held_out_bits_per_dim:.4f} ± {self.standard_error:.4f}"
        rows = {
            "Library": f"rdtheory {rdtheory.__version__}",
            "Configuration": self.configuration,
            "Parameters": f"{self.parameters:,}, stored in {self.precision}",
            "Held-out bound": f"{bound} bits per dimension (standard error over "
            f"{self.held_out_crops} crops)",
            "Began with": _beginning(self.begin),
            "Before training": f"{self.untrained_bits_per_dim:.4f} bits per dimension",
            "Steps": f"{self.steps:,} of {self.settings['batch']} crops",
            "Time": f"{self.hours:.2f} hours",
            "Machine": self.machine,
            "Seed": str(self.settings["seed"]),
        }
        parts = [
            f"# {self.task}: weights of `{self.configuration}`",
            _table(("", ""), list(rows.items())),
            "![Loss against steps](loss.png)",
            "## Data",
            "Trained on:",
            _sources(self.training),
            "Held out:",
            _sources(self.held_out),
            self.data_note or "No terms of use of the data were given.",
            "## Configuration",
            _table(("field", "value"), [(f"`{k}`", f"`{v}`") for k, v in self.config.items()]),
            "## Training",
            _table(("setting", "value"), [(f"`{k}`", f"`{v}`") for k, v in self.settings.items()]),
        ]
        return "\n\n".join(parts) + "\n"


def _beginning(told: dict[str, Any] | None) -> str:
    if told is None:
        return "random weights"
    # A file of weights need not tell how it came about.
    return f"weights {told['fingerprint']:08x}, of {told.get('steps', 'unknown')} steps"


def _sources(sources: Sequence[dict[str, Any]]) -> str:
    columns = ("name", "pictures", "weight", "skipped", "crc32")
    return _table(columns, [tuple(str(source[name]) for name in columns) for source in sources])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
