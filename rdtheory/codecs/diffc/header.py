"""The header of a stream of DiffC, in some forty bytes, and its checks."""

from dataclasses import dataclass
from math import prod
from typing import Any

from rdtheory.codecs.diffc.ladder import NOISES
from rdtheory.container import StreamError

KIND = "dfc"

LARGEST = 2**22
"""Components of one stream: a picture of 1182 x 1182, or 95 seconds of sound."""

MOST_STRIDE = 2**11

_MOST_RATE = 2**20


@dataclass(frozen=True)
class Header:
    """What decoding needs beside the model and the sections.

    Attributes:
        shape: (h, w, c) of a picture, (n,) of a sound.
        model: fingerprint of the model.
        seed: of the shared randomness.
        noise: name of the noise family.
        stride: rungs of most steps.
        rate: samples a second of a sound, 0 for a picture.
        side: what the model says of the data, see `DiffusionModel.side_information`.

    >>> Header((64, 64, 3), 77, 0, "isotropic", 48).to_dict()
    {'dfc': [77, 0, 0, 48, 64, 64, 3]}
    >>> Header.from_dict({'dfc': [77, 0, 0, 48, 64, 64, 3]}).shape
    (64, 64, 3)
    """

    shape: tuple[int, ...]
    model: int
    seed: int
    noise: str
    stride: int
    rate: int = 0
    side: bytes = b""

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: a list, as names would take most of a small stream."""
        noise = list(NOISES).index(self.noise)
        header: dict[str, Any] = {"dfc": [self.model, self.seed, noise, self.stride, *self.shape]}
        if self.rate:
            header["rate"] = self.rate
        if self.side:
            header["side"] = self.side.hex()
        return header

    @classmethod
    def from_dict(cls, header: dict[str, Any]) -> "Header":
        """A header as received.

        Raises:
            StreamError: if it is not that of a stream of DiffC.
        """
        try:
            model, seed, noise, stride, *shape = header["dfc"]
            side, rate = bytes.fromhex(header.get("side", "")), header.get("rate", 0)
            name = list(NOISES)[noise]
            read = cls(tuple(shape), model, seed, name, stride, rate, side)
            good = _good(read, noise) and read.to_dict() == header
        except (TypeError, KeyError, ValueError, IndexError, AttributeError):
            good = False
        if not good:
            raise StreamError("header", header, "that of a stream of DiffC", "damaged or forged")
        return read


def _good(header: Header, noise: Any) -> bool:
    shape = header.shape
    numbers = (*shape, header.model, header.seed, noise, header.stride, header.rate)
    return (
        all(type(number) is int for number in numbers)
        and (len(shape) == 1 or (len(shape) == 3 and shape[2] in (1, 3)))
        and min(shape) >= 1
        and prod(shape) <= LARGEST
        and 0 <= header.model < 2**32
        and 0 <= header.seed < 2**64
        and noise >= 0
        and 1 <= header.stride < MOST_STRIDE
        and 0 <= header.rate <= _MOST_RATE
        and (header.rate > 0) == (len(shape) == 1)
        and len(header.side) <= 256
    )
