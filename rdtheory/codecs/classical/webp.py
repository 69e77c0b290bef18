"""WebP, lossy (VP8), which always has 4:2:0 chroma.

A file is RIFF: "RIFF", a length, "WEBP", then chunks of a name, a length and bytes padded to even.
VP8 knows no grey; the files of grey pictures end in an empty chunk "grey", which readers pass over.
"""

from collections.abc import Iterator

import numpy as np

from rdtheory.codecs.classical.pillow_codec import PillowCodec
from rdtheory.codecs.media import Picture
from rdtheory.container import StreamError

_HEADER_SIZE, _HEAD_SIZE = 12, 8
_GREY_CHUNK = b"grey" + bytes(4)
_CODED = (b"VP8 ", b"VP8L")
_LUMA = np.array([0.299, 0.587, 0.114])


class WebP(PillowCodec):
    """WebP by its slowest search.

    >>> from rdtheory.codecs.codec import Target
    >>> codec = WebP()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 100))
    >>> len(sent.data) <= 100, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "webp"
    label = "WebP"
    settings = tuple(step / 2 for step in range(201))
    setting_name = "quality"
    most_side = 16383
    chroma = "4:2:0"
    file_format, feature, library = "WEBP", "webp", "libwebp"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A RIFF file."""
        written = self.saved(picture, quality=setting, method=6)
        if not picture.is_grey:
            return written
        size = len(written) + len(_GREY_CHUNK) - _HEAD_SIZE
        return written[:4] + size.to_bytes(4, "little") + written[8:] + _GREY_CHUNK

    def read(self, data: bytes) -> Picture:
        """The reconstruction, grey if the file says so."""
        picture = super().read(data)
        if all(name != _GREY_CHUNK[:4] for name, _ in _chunks(data)):
            return picture
        return Picture(np.rint(picture.pixels @ _LUMA).astype(np.uint8)[:, :, None])

    def payload_bytes(self, data: bytes) -> int:
        """Bytes of the VP8 or VP8L chunk."""
        return sum(size for name, size in _chunks(data) if name in _CODED)

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it starts like a WebP file."""
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and length of each chunk."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise StreamError("byte 0", data[:12], "RIFF ... WEBP, the start of a WebP file")
    position = _HEADER_SIZE
    while position < len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + _HEAD_SIZE + size
        if end > len(data):
            raise StreamError(
                f"chunk at byte {position}", f"{size} bytes", "what follows", "fetch it again"
            )
        yield data[position : position + 4], size
        position = end + size % 2
