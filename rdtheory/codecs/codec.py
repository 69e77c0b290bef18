"""What every codec of the project does: pictures to bytes at a target, and back."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from rdtheory.arrays import positive
from rdtheory.codecs.media import Media
from rdtheory.container import unpack
from rdtheory.errors import InputError

_TARGETS = ("bpp", "bytes", "psnr")


@dataclass(frozen=True)
class Target:
    """What to aim at: bits per pixel or bytes, not to be exceeded; or a PSNR, to be reached.

    Attributes:
        kind: "bpp" (bits per pixel, or per sample instant of a sound), "bytes", or "psnr" (dB).
        value: > 0.

    Raises:
        InputError: if the kind is unknown or the value is not above 0 and finite.

    >>> Target("bpp", 0.5).most_bytes(64 * 64)
    256
    """

    kind: Literal["bpp", "bytes", "psnr"]
    value: float

    def __post_init__(self) -> None:
        if self.kind not in _TARGETS:
            raise InputError("target", repr(self.kind), ", ".join(_TARGETS))
        positive(self.kind, self.value)

    def most_bytes(self, pixels: int) -> int:
        """The budget of a rate target, whole bytes.

        Raises:
            InputError: if the target is a PSNR.
        """
        if self.kind == "psnr":
            raise InputError("target", "a PSNR", "bpp or bytes, where bytes are counted")
        return int(self.value if self.kind == "bytes" else self.value * pixels / 8)


@dataclass(frozen=True)
class Encoded:
    """A coded picture or sound.

    Attributes:
        data: the whole file.
        payload_bytes: bytes of it that depend on the content: without container, headers and
            tables that a decoder could know.
        details: what the codec tells of its work, ready for JSON.

    >>> Encoded(b"RDTS...", payload_bytes=3, details={}).payload_bytes
    3
    """

    data: bytes
    payload_bytes: int
    details: dict[str, Any]


class Codec(ABC):
    """A lossy codec.

    Attributes:
        name: as on the command line.
        label: as in figures and tables: says what it really is.

    >>> from rdtheory.codecs import codec
    >>> one = codec("jpeg")
    >>> isinstance(one, Codec), one.name, one.label
    (True, 'jpeg', 'JPEG 4:2:0')
    """

    name: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def encode(self, media: Media, target: Target) -> Encoded:
        """Code at a target.

        Raises:
            InputError: if the codec cannot code this kind of media, or not reach the target.
        """

    @abstractmethod
    def decode(self, data: bytes, **how: Any) -> Media:
        """The reconstruction.

        Raises:
            StreamError: if the data is damaged or another codec's.
            InputError: if an option is unknown.
        """

    def counted_bytes(self, data: bytes) -> int:
        """Bytes of a stream that count against a target: all of them, unless the codec says so."""
        return len(data)

    def describe(self, data: bytes) -> dict[str, Any]:
        """What a stream says of itself, ready for JSON; here, what its container holds.

        Raises:
            StreamError: if the data is damaged or another codec's.
        """
        return unpack(data).to_dict()

    @classmethod
    @abstractmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether a stream that starts like this is this codec's."""
