"""Results that nobody can change, as plain numbers ready for JSON."""

from dataclasses import fields
from typing import Any

import numpy as np

from rdtheory.arrays import read_only_copy


class Result:
    """The base of frozen dataclasses of numbers and arrays.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Rate(Result):
    ...     nats: np.ndarray
    >>> Rate(np.array([1.0, np.inf])).to_dict()
    {'nats': [1.0, None]}
    """

    def __post_init__(self) -> None:
        for name, value in self._values().items():
            if isinstance(value, np.ndarray):
                object.__setattr__(self, name, read_only_copy(value))

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists: what JSON has no number for becomes None."""
        return {name: plain_numbers(value) for name, value in self._values().items()}

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # pyright: ignore[reportArgumentType]


def plain_numbers(value: Any) -> Any:
    """A number, a list, a text or None, with None for what JSON has no number for.

    >>> plain_numbers(np.array([1.0, np.inf])), plain_numbers("a")
    ([1.0, None], 'a')
    """
    if value is None or isinstance(value, str | bool):
        return value
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array.tolist()
    plain = array.astype(object)
    plain[~np.isfinite(array)] = None
    return plain.tolist()
