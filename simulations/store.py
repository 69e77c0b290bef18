"""Outcomes in a folder: one file each, named by a digest of what was asked.

    FOLDER/3f/3fa2…e1.json      3fa2…e1: SHA-256 of experiment, configuration and version

The same question has the same name on every machine, so that folders can be merged by copying, and
a sweep that was killed finds what is there. Files are written whole or not at all, and hold the
SHA-256 of the outcome, by which damage is found.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rdtheory
from rdtheory.errors import InputError
from rdtheory.files import write_atomically
from simulations.registry import EXPERIMENTS


@dataclass(frozen=True)
class Question:
    """An experiment and its configuration, complete and checked.

    Attributes:
        experiment: its name in the registry.
        config: all settings, those not given at their defaults.
    """

    experiment: str
    config: dict[str, Any]

    @classmethod
    def of(cls, experiment: str, **settings: Any) -> "Question":
        """With settings of the experiment's `Config`.

        Raises:
            InputError: if there is no such experiment or setting.

        >>> question = Question.of("joint-trajectory", seed=3)
        >>> question.config["seed"], question.key == Question.of("joint-trajectory", seed=3).key
        (3, True)
        """
        if experiment not in EXPERIMENTS:
            raise InputError("experiment", repr(experiment), ", ".join(EXPERIMENTS))
        kind = EXPERIMENTS[experiment].Config
        known = list(kind.__dataclass_fields__)
        for name in settings:
            if name not in known:
                raise InputError("setting", repr(name), ", ".join(known))
        return cls(experiment, asdict(kind(**settings)))

    @property
    def key(self) -> str:
        """SHA-256 in hexadecimal digits."""
        return _digest({"version": rdtheory.__version__, **asdict(self)})


class Store:
    """Outcomes by question.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store, question = Store(Path(folder)), Question.of("joint-trajectory")
    ...     store.put(question, {"result": 1})
    ...     store.get(question), question in store
    ({'result': 1}, True)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, question: Question) -> Path:
        """Of the file of a question, whether or not it is there."""
        return self.folder / question.key[:2] / f"{question.key}.json"

    def __contains__(self, question: Question) -> bool:
        return self.path(question).is_file()

    def get(self, question: Question) -> dict[str, Any]:
        """What `put` was given.

        Raises:
            InputError: if the file is damaged.
            OSError: if it is not there, or cannot be read.
        """
        path = self.path(question)
        try:
            outcome = json.loads(path.read_bytes())
            if outcome.pop("sha256") == _digest(outcome):
                return outcome
        except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
            pass
        damaged = f"{path.name}, which is damaged"
        raise InputError("store", damaged, "files of outcomes", "delete it")

    def put(self, question: Question, outcome: dict[str, Any]) -> None:
        """Keep an outcome, plain data ready for JSON."""
        path = self.path(question)
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {**outcome, "sha256": _digest(outcome)}
        write_atomically(path, (json.dumps(told, indent=1) + "\n").encode())


def _digest(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
