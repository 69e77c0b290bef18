"""JPEG, baseline, 4:2:0, with Huffman tables made for the picture; counted whole or headerless.

A file is a row of segments, FF and a marker (ITU-T T.81, Annex B). Behind a start of scan stand the
entropy-coded bytes, in which FF is followed by 00 or by a restart marker D0 .. D7.
"""

import re
from collections.abc import Iterator

from PIL import features

from rdtheory.codecs.classical.pillow_codec import PillowCodec
from rdtheory.codecs.media import Picture
from rdtheory.container import StreamError

_START, _END, _SCAN = b"\xff\xd8", 0xD9, 0xDA
_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


class Jpeg(PillowCodec):
    """JPEG with 4:2:0 chroma; the whole file counts against a budget.

    >>> import numpy as np
    >>> from rdtheory.codecs.codec import Target
    >>> codec = Jpeg()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 400))
    >>> len(sent.data) <= 400, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "jpeg"
    label = "JPEG 4:2:0"
    settings = range(1, 101)
    setting_name = "quality"
    most_side = 65500
    chroma = "4:2:0"
    file_format, feature, library = "JPEG", "jpg", "libjpeg"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A JFIF file."""
        chroma = {} if picture.is_grey else {"subsampling": self.chroma}
        return self.saved(picture, quality=int(setting), optimize=True, **chroma)

    def payload_bytes(self, data: bytes) -> int:
        """Entropy-coded bytes of all scans."""
        return sum(len(scan) for scan in _scans(data))

    def encoder(self) -> str:
        """The library that encodes, by its own version rather than that of its interface."""
        version = features.version("libjpeg_turbo")
        return super().encoder() if version is None else self.told("libjpeg-turbo", version)

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it starts like a JPEG file."""
        return data[:3] == _START + b"\xff"


class JpegHeaderless(Jpeg):
    """The same JPEG files, of which only the entropy-coded bytes count against a budget.

    So JPEG is reported where headers and tables are taken for known. The file is a whole one.

    >>> import numpy as np
    >>> from rdtheory.codecs.codec import Target
    >>> grey = Picture(np.full((8, 8, 1), 99, np.uint8))
    >>> sent = JpegHeaderless().encode(grey, Target("bytes", 8))
    >>> sent.payload_bytes <= 8 < len(sent.data)
    True
    """

    name = "jpeg-headerless"
    label = "JPEG 4:2:0, headerless"

    def counted_bytes(self, data: bytes) -> int:
        """The entropy-coded bytes alone."""
        return self.payload_bytes(data)


def _scans(data: bytes) -> Iterator[bytes]:
    """The entropy-coded bytes behind each start of scan."""
    if data[:2] != _START:
        raise StreamError("byte 0", data[:2], "FF D8, the start of a JPEG file")
    position = 2
    while data[position : position + 1] == b"\xff" and position + 4 <= len(data):
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if marker == _END:
            return
        position += 2 + max(int.from_bytes(data[position + 2 : position + 4], "big"), 2)
        if marker == _SCAN:
            found = _AFTER_SCAN.search(data, position)
            end = found.start() if found else len(data)
            yield data[position:end]
            position = end
    if data[position : position + 2] != bytes((0xFF, _END)):
        raise StreamError(f"byte {position}", "no segment", "a JPEG segment", "fetch it again")
