"""JPEG XL: a bare codestream by libjxl, lossy (VarDCT), of a chosen distance.

A codestream starts FF 0A; what follows are bits, the lowest of a byte first: the size, then the
metadata (ISO/IEC 18181-1, Annex D). They are read here because the decoder takes memory by them.
"""

import imagecodecs
import numpy as np

from rdtheory.codecs.classical.still_codec import StillCodec
from rdtheory.codecs.media import Picture, check_size
from rdtheory.codecs.picture_files import damaged_picture
from rdtheory.container import StreamError
from rdtheory.errors import InputError

_START = b"\xff\x0a"
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_SIDE_BITS = (9, 13, 18, 30)


class JpegXl(StillCodec):
    """JPEG XL with all of the colour.

    >>> from rdtheory.codecs.codec import Target
    >>> codec = JpegXl()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 100))
    >>> len(sent.data) <= 100, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "jpeg-xl"
    label = "JPEG XL"
    settings = tuple(25 * 0.985**step for step in range(518))
    setting_name = "distance"
    most_side = 2**30
    chroma = "4:4:4"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A bare codestream."""
        pixels = picture.pixels[:, :, 0] if picture.is_grey else picture.pixels
        written = imagecodecs.jpegxl_encode(
            pixels, distance=setting, lossless=False, usecontainer=False, numthreads=1
        )
        return bytes(written)

    def read(self, data: bytes) -> Picture:
        """The reconstruction."""
        _check_header(data)
        try:
            pixels = imagecodecs.jpegxl_decode(data, numthreads=1)
            return Picture(np.atleast_3d(pixels))
        except Exception as error:  # a damaged file can raise almost anything
            raise damaged_picture("stream", error) from None

    def payload_bytes(self, data: bytes) -> int:
        """The codestream, which has nothing around it."""
        _check_header(data)
        return len(data)

    def encoder(self) -> str:
        """libjxl, imagecodecs and their versions."""
        return f"{imagecodecs.jpegxl_version()} of imagecodecs {imagecodecs.__version__}"

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it starts like a bare codestream."""
        return data[:2] == _START


def _check_header(data: bytes) -> None:
    """Refuse by the header alone what is too large, or is no plain picture of 8 bits."""
    if data[:2] != _START:
        raise StreamError("byte 0", data[:2], "FF 0A, the start of a JPEG XL codestream")
    bits = _Bits(data[2:66])
    check_size("stream", *_size(bits))
    if bits.take(1):  # metadata as usual
        return
    extras, is_float, depth, _modular_16_bits, channels = map(bits.take, (1, 1, 2, 1, 2))
    if extras or is_float or depth or channels:
        raise InputError(
            "stream",
            "a JPEG XL picture with more than 8 bits, alpha, animation or orientation",
            "plain pictures of 8 bits",
        )


def _size(bits: "_Bits") -> tuple[int, int]:
    """Height and width."""
    is_small = bits.take(1)
    height = _side(bits, is_small)
    ratio = _RATIOS.get(bits.take(3))
    return height, height * ratio[0] // ratio[1] if ratio else _side(bits, is_small)


def _side(bits: "_Bits", is_small: int) -> int:
    return 8 * (1 + bits.take(5)) if is_small else 1 + bits.take(_SIDE_BITS[bits.take(2)])


class _Bits:
    """Bits of bytes, the lowest of a byte first; zeros at the end."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        taken = self._left & ((1 << count) - 1)
        self._left >>= count
        return taken
