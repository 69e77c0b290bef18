"""JPEG 2000: a bare codestream with the 9/7 wavelet, one layer of a chosen compression ratio.

A codestream is a main header of marker segments, then tile-parts: a start of tile-part (FF90) that
tells its length, more segments, a start of data (FF93), packets (ITU-T T.800, Annex A).
"""

from collections.abc import Iterator

from rdtheory.codecs.classical.pillow_codec import PillowCodec
from rdtheory.codecs.media import Picture
from rdtheory.container import StreamError

_START = b"\xff\x4f\xff\x51"
_COMMENT, _TILE_PART, _DATA, _END = 0xFF64, 0xFF90, 0xFF93, 0xFFD9


class Jpeg2000(PillowCodec):
    """JPEG 2000 with all of the colour.

    >>> import numpy as np
    >>> from rdtheory.codecs.codec import Target
    >>> codec = Jpeg2000()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 400))
    >>> len(sent.data) <= 400, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "jpeg2000"
    label = "JPEG 2000"
    settings = tuple(10 ** (step / 200) for step in range(800, -1, -1))
    setting_name = "compression_ratio"
    most_side = 2**31 - 1
    chroma = "4:4:4"
    file_format, feature, library = "JPEG2000", "jpg_2000", "OpenJPEG"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A codestream, without the comment that names the encoder."""
        written = self.saved(
            picture,
            no_jp2=True,
            irreversible=True,
            mct=0 if picture.is_grey else 1,
            quality_mode="rates",
            quality_layers=[setting],
        )
        return _without_comment(written)

    def payload_bytes(self, data: bytes) -> int:
        """Packets of all tile-parts."""
        return sum(end - start for marker, start, end in _segments(data) if marker == _DATA)

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it starts like a codestream."""
        return data[:4] == _START


def _without_comment(data: bytes) -> bytes:
    for marker, start, end in _segments(data):
        if marker == _COMMENT:
            return data[:start] + data[end:]
    return data


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment; of a start of data, the packets behind it."""
    if data[:4] != _START:
        raise StreamError("byte 0", data[:4], "FF4F FF51, the start of a JPEG 2000 codestream")
    position, tile_part_end = 2, 0
    while position + 4 <= len(data):
        marker, length = (
            int.from_bytes(data[at : at + 2], "big") for at in (position, position + 2)
        )
        if marker < 0xFF00:
            break
        if marker == _TILE_PART:
            told = int.from_bytes(data[position + 6 : position + 10], "big")
            tile_part_end = position + told if told else len(data) - 2  # 0: all but the end marker
        if marker == _DATA:
            if not position + 2 <= tile_part_end <= len(data):
                break
            yield marker, position + 2, tile_part_end
            position = tile_part_end
        else:
            end = position + 2 + max(length, 2)
            yield marker, position, end
            position = end
    if data[position : position + 2] != _END.to_bytes(2, "big"):
        raise StreamError(f"byte {position}", "no segment", "a JPEG 2000 segment", "fetch it again")
