"""Configurations from JSON: the fields of a frozen dataclass."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from rdtheory.errors import InputError

_Config = TypeVar("_Config")
_LARGEST_FILE = 2**16


def config_from(kind: type[_Config], told: Any, where: str = "config") -> _Config:
    """The configuration with these fields; lists become tuples, fields left out their defaults.

    Args:
        kind: a frozen dataclass whose `__post_init__` checks ranges.
        told: a dictionary from JSON, which may be anything.
        where: it was found, for errors.

    Raises:
        InputError: if a field is unknown, missing, or of a wrong type or value.

    >>> from rdtheory.codecs.training.task import TrainSettings
    >>> config_from(TrainSettings, {"steps": 10}).steps
    10
    """
    names = [field.name for field in fields(kind)]  # pyright: ignore[reportArgumentType]
    if not isinstance(told, dict) or not told.keys() <= set(names):
        unknown = sorted(told.keys() - set(names)) if isinstance(told, dict) else told
        raise InputError(where, unknown, f"an object with fields among {', '.join(names)}")
    kinds = {field.name: field.type for field in fields(kind)}  # pyright: ignore[reportArgumentType]
    try:
        return kind(**{name: _value(kinds[name], value, where) for name, value in told.items()})
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise InputError(where, told, f"values that {kind.__name__} takes", str(error)) from None


def read_config(option: str, text: str, known: dict[str, _Config]) -> _Config:
    """A configuration by its name or from a .json file.

    Raises:
        InputError: if there is none of that name, or the file is not one.
        OSError: if the file cannot be read.
    """
    if text in known:
        return known[text]
    if not text.endswith(".json"):
        raise InputError(option, repr(text), f"{', '.join(known)}, or a .json file")
    path = Path(text)
    if path.stat().st_size > _LARGEST_FILE:
        raise InputError(option, f"{path.name}, too long", f"at most {_LARGEST_FILE} bytes")
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise InputError(option, path.name, "a file of JSON") from None
    return config_from(type(next(iter(known.values()))), told, path.name)


def _value(kind: Any, told: Any, where: str) -> Any:
    return (
        config_from(kind, told, where)
        if isinstance(kind, type) and is_dataclass(kind)
        else _hashable(told)
    )


def _hashable(value: Any) -> Any:
    return tuple(_hashable(one) for one in value) if isinstance(value, list) else value
