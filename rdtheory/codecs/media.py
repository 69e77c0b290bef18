"""Pictures and sounds, and their files.

A picture of 8 bits has values p/127.5 - 1, a sound of 16 bits s/32768: both in -1 .. 1, the units
of every model. Files are not trusted: what a file claims is checked before memory is taken for it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from rdtheory.arrays import Array, check, float64, read_only_copy, whole_number
from rdtheory.errors import InputError

MOST_POSITIONS = 2**25
"""Pixels of a picture, instants of a sound: more are refused (8K video has 2^24.98)."""

LARGEST_FILE = 2**28
"""Bytes of a file that is read."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of 8 bits.

    Attributes:
        pixels: uint8, shape (h, w, 3), sRGB, or (h, w, 1), grey; read-only.

    Raises:
        InputError: if the pixels are of another type or shape.

    >>> picture = Picture(np.array([[[0, 51, 255]]], np.uint8))
    >>> picture.values
    array([[[-1. , -0.6,  1. ]]])
    >>> Picture.from_values(picture.values).pixels
    array([[[  0,  51, 255]]], dtype=uint8)
    """

    kind: ClassVar[str] = "picture"
    pixels: Array

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3):
            raise _wrong("pixels", pixels, "uint8 of shape (h, w, 3) or (h, w, 1)")
        _check_positions("pixels", pixels.shape[0] * pixels.shape[1])
        object.__setattr__(self, "pixels", read_only_copy(pixels))

    @property
    def is_grey(self) -> bool:
        """Whether it has one channel."""
        return self.pixels.shape[2] == 1

    @property
    def positions(self) -> int:
        """h·w, the pixels among which a rate is shared."""
        return self.pixels.shape[0] * self.pixels.shape[1]

    @property
    def values(self) -> Array:
        """p/127.5 - 1: float64 in -1 .. 1, of the shape of the pixels."""
        return self.pixels / 127.5 - 1

    @classmethod
    def from_values(cls, values: Any) -> "Picture":
        """The picture next to `values`: rounded, and clipped to -1 .. 1.

        Raises:
            InputError: if a value is not a number, or the shape is no picture's.
        """
        return cls(_rounded(127.5 * (_numbers(values) + 1), np.uint8))


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound of 16 bits and one channel.

    Attributes:
        samples: int16, shape (n,); read-only.
        rate: samples a second, 1 .. 2^31 - 1.

    Raises:
        InputError: if the samples are of another type or shape, or the rate is no such number.

    >>> sound = Sound(np.array([-32768, 16384], np.int16), rate=8000)
    >>> sound.values
    array([-1. ,  0.5])
    >>> Sound.from_values(sound.values, 8000).samples
    array([-32768,  16384], dtype=int16)
    """

    kind: ClassVar[str] = "sound"
    samples: Array
    rate: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples)
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise _wrong("samples", samples, "int16 of shape (n,)")
        _check_positions("samples", samples.size)
        object.__setattr__(self, "samples", read_only_copy(samples))
        object.__setattr__(self, "rate", whole_number("rate", self.rate, most=2**31 - 1))

    @property
    def positions(self) -> int:
        """n, the instants among which a rate is shared."""
        return self.samples.size

    @property
    def values(self) -> Array:
        """s/32768: float64 in -1 .. 1, shape (n,)."""
        return self.samples / 32768

    @classmethod
    def from_values(cls, values: Any, rate: int) -> "Sound":
        """The sound next to `values`: rounded, and clipped to -1 .. 1 - 2^-15.

        Raises:
            InputError: if a value is not a number, or the shape is no sound's.
        """
        return cls(_rounded(32768 * _numbers(values), np.int16), rate)


Media: TypeAlias = Picture | Sound
"""What codecs code."""


def read_media(path: Path) -> Media:
    """The picture or sound in a file, told by its content and not by its name.

    Pictures: PNG, JPEG, WebP, AVIF, JPEG 2000, TIFF, BMP, GIF and PPM of 8 bits; the orientation of
    EXIF is applied, colours are taken as sRGB. What does not matter is dropped (an alpha that
    is opaque everywhere), what does is refused: transparency, 16 bits, CMYK, several pictures.
    Sounds: WAV of one channel, or of equal ones, whose samples are 16-bit numbers in any format.

    Raises:
        OSError: if the file cannot be read.
        InputError: if the file is no such picture or sound, too large, or damaged.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "grey.png")
    >>> write_media(path, Picture(np.zeros((2, 3, 1), np.uint8)))
    >>> read_media(path).pixels.shape
    (2, 3, 1)
    """
    from rdtheory.codecs.picture_files import picture_in
    from rdtheory.codecs.sound_files import is_wav, sound_in

    path = Path(path)
    data = read_bytes(path)
    return sound_in(data, str(path)) if is_wav(data) else picture_in(data, str(path))


def write_media(path: Path, media: Media) -> None:
    """Write a picture as .png, a sound as .wav.

    Raises:
        OSError: if the file cannot be written.
        InputError: if the name ends in something else.

    >>> write_media(Path("sound.mp3"), Sound(np.zeros(8, np.int16), 8000))
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: path: got 'sound.mp3'; allowed: a file name ending in .wav, for a sound
    """  # noqa: E501 (the one line of the error)
    from rdtheory.codecs.picture_files import png
    from rdtheory.codecs.sound_files import wav

    path = Path(path)
    suffix = ".png" if isinstance(media, Picture) else ".wav"
    if path.suffix.lower() != suffix:
        raise InputError(
            "path", repr(str(path)), f"a file name ending in {suffix}, for a {media.kind}"
        )
    path.write_bytes(png(media) if isinstance(media, Picture) else wav(media))


def read_bytes(path: Path) -> bytes:
    """A file's bytes, if they are not too many; pipes and devices without end do no harm.

    Raises:
        OSError: if the file cannot be read.
        InputError: if the file is larger than `LARGEST_FILE`.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise InputError(
            str(path), f"more than {LARGEST_FILE} bytes", f"files of at most {LARGEST_FILE}"
        )
    return data


def check_size(name: str, height: int, width: int) -> None:
    """Refuse a picture with more pixels than `MOST_POSITIONS`, by what its file claims.

    >>> check_size("flat.png", 100000, 100000)
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: flat.png: got 100000 x 100000 pixels;
    allowed: at most 33554432 pixels; reduce it or cut it into several
    """
    if height * width > MOST_POSITIONS:
        raise too_large(name, f"{width} x {height} pixels")


def too_large(name: str, claimed: str) -> InputError:
    """The refusal of a picture with too many pixels.

    >>> str(too_large("flat.png", "9 x 9 pixels")).split(";")[0]
    'flat.png: got 9 x 9 pixels'
    """
    return InputError(
        name, claimed, f"at most {MOST_POSITIONS} pixels", "reduce it or cut it into several"
    )


def _check_positions(name: str, count: int) -> None:
    if not 1 <= count <= MOST_POSITIONS:
        raise InputError(name, f"{count} {name}", f"1 to {MOST_POSITIONS} of them")


def _wrong(name: str, array: Array, allowed: str) -> InputError:
    return InputError(name, f"{array.dtype} of shape {array.shape}", allowed)


def _numbers(values: Any) -> Array:
    values = float64(np, "values", values)
    return check("values", values, ~np.isnan(values), "numbers")


def _rounded(values: Array, kind: type[np.integer]) -> Array:
    limits = np.iinfo(kind)
    return np.clip(np.rint(values), limits.min, limits.max).astype(kind)
