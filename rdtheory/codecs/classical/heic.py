"""HEVC intra in a HEIF file: x265 by pillow-heif, 4:4:4, tuned for PSNR.

BPG, with which it is sometimes compared, is HEVC intra too, but in another container and by other
search; this is not BPG.
"""

from io import BytesIO

import pillow_heif

from rdtheory.codecs.classical.boxes import brands, media_data_bytes
from rdtheory.codecs.classical.still_codec import StillCodec
from rdtheory.codecs.media import Picture, check_size
from rdtheory.codecs.picture_files import damaged_picture, picture_of
from rdtheory.errors import InputError

_BRANDS = {b"heic", b"heix"}
_X265 = {
    "tune": "psnr",
    "x265:pools": "none",  # with threads, the file would depend on how many the machine has
    "x265:allow-non-conformance": "1",  # levels forbid very wide pictures
}


class Heic(StillCodec):
    """HEVC intra.

    >>> import numpy as np
    >>> from rdtheory.codecs.codec import Target
    >>> codec = Heic()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 600))
    >>> len(sent.data) <= 600, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "heic"
    label = "HEVC intra (HEIC) 4:4:4"
    settings = range(0, 101, 2)  # libheif halves it, and rounds, to x265's rate factor
    setting_name = "quality"
    most_side = 2**14
    chroma = "4:4:4"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A file of boxes."""
        height, width, _ = picture.pixels.shape
        image = pillow_heif.from_bytes(
            "L" if picture.is_grey else "RGB", (width, height), picture.pixels.tobytes()
        )
        file = BytesIO()
        image.save(file, quality=int(setting), chroma="444", enc_params=dict(_X265))
        return file.getvalue()

    def read(self, data: bytes) -> Picture:
        """The reconstruction."""
        try:
            opened = pillow_heif.open_heif(data)
            check_size("stream", *reversed(opened.size))
            return picture_of(opened.to_pillow(), "stream")
        except InputError:
            raise
        except Exception as error:  # a damaged file can raise almost anything
            raise damaged_picture("stream", error) from None

    def payload_bytes(self, data: bytes) -> int:
        """The coded slices."""
        return media_data_bytes(data)

    def encoder(self) -> str:
        """x265, libheif, pillow-heif and their versions."""
        told = pillow_heif.libheif_info()
        return f"{told['HEIF']}, libheif {told['libheif']} of pillow-heif {pillow_heif.__version__}"

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it says that it is a HEIC file."""
        return bool(_BRANDS & brands(data))
