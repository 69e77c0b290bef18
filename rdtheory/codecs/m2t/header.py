"""The header of a stream of the masked transformers, in some forty bytes, and its checks."""

from dataclasses import dataclass, fields
from typing import Any

from rdtheory.codecs.m2t.configs import WAYS
from rdtheory.codecs.m2t.schedule import LOCATIONS, MOST_SIDE
from rdtheory.container import StreamError

KIND = "m2t"

SCALE_STEPS = 8
"""Steps of q for each factor of 2."""

LARGEST = 2**24
"""Pixels of a picture."""

_MOST_STEP = 16 * SCALE_STEPS


@dataclass(frozen=True)
class Header:
    """What decoding needs beside the model and the sections.

    Attributes:
        model: fingerprint of the model.
        height, width, channels: of the picture.
        scale_step: k, of q = 2^(k/8).
        way: number of `WAYS`.
        location: number of `LOCATIONS`: of MT's schedule; 0 for the others, as those of
            the following two.
        steps: S.
        alpha_step: 16 α.

    >>> header = Header(77, 64, 48, 3, -4, 1, 2, 12, 35)
    >>> Header.from_dict(header.to_dict()) == header, header.log_scale, header.alpha
    (True, -0.5, 2.1875)
    """

    model: int
    height: int
    width: int
    channels: int
    scale_step: int
    way: int
    location: int = 0
    steps: int = 0
    alpha_step: int = 0

    @property
    def log_scale(self) -> float:
        """log2 q."""
        return self.scale_step / SCALE_STEPS

    @property
    def alpha(self) -> float:
        """α."""
        return self.alpha_step / 16

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: a list, as names would take most of a small stream."""
        numbers = [getattr(self, field.name) for field in fields(self)]
        return {KIND: numbers if WAYS[self.way] == "mt" else numbers[:-3]}

    @classmethod
    def from_dict(cls, header: dict[str, Any]) -> "Header":
        """A header as received.

        Raises:
            StreamError: if it is not that of a stream of this kind.
        """
        try:
            read = cls(*header[KIND])
            good = _good(read) and read.to_dict() == header
        except (TypeError, KeyError, IndexError, ValueError):
            good = False
        if not good:
            raise StreamError("header", header, "that of a stream of m2t", "damaged or forged")
        return read


def _good(header: Header) -> bool:
    schedule = header.location, header.steps, header.alpha_step
    return (
        all(type(getattr(header, field.name)) is int for field in fields(header))
        and 0 <= header.model < 2**32
        and min(header.height, header.width) >= 1
        and header.height * header.width <= LARGEST
        and header.channels in (1, 3)
        and abs(header.scale_step) <= _MOST_STEP
        and 0 <= header.way < len(WAYS)
        and (schedule == (0, 0, 0) if WAYS[header.way] != "mt" else _good_schedule(header))
    )


def _good_schedule(header: Header) -> bool:
    return (
        0 <= header.location < len(LOCATIONS)
        and 1 <= header.steps <= MOST_SIDE**2
        and 2 <= header.alpha_step <= 160
    )
