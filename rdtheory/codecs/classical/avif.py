"""AVIF: one intra frame of AV1 by libaom, 4:4:4, tuned for PSNR."""

from PIL import AvifImagePlugin

from rdtheory.codecs.classical.boxes import brands, media_data_bytes
from rdtheory.codecs.classical.pillow_codec import PillowCodec
from rdtheory.codecs.media import Picture


class Avif(PillowCodec):
    """AVIF; one thread and one tile, so that a picture has one file.

    >>> import numpy as np
    >>> from rdtheory.codecs.codec import Target
    >>> codec = Avif()
    >>> sent = codec.encode(Picture(np.full((8, 9, 3), 99, np.uint8)), Target("bytes", 400))
    >>> len(sent.data) <= 400, codec.decode(sent.data).pixels.shape
    (True, (8, 9, 3))
    """

    name = "avif"
    label = "AVIF 4:4:4"
    settings = range(101)
    setting_name = "quality"
    most_side = 2**15
    chroma = "4:4:4"
    file_format, feature, library = "AVIF", "avif", "libavif"

    def write(self, picture: Picture, setting: float) -> bytes:
        """A file of boxes."""
        return self.saved(
            picture,
            quality=int(setting),
            subsampling="4:0:0" if picture.is_grey else self.chroma,
            codec="aom",
            speed=6,
            max_threads=1,
            autotiling=False,
            advanced={"tune": "psnr"},
        )

    def payload_bytes(self, data: bytes) -> int:
        """The coded frame."""
        return media_data_bytes(data)

    def encoder(self) -> str:
        """libaom, libavif, Pillow and their versions."""
        return f"libaom {AvifImagePlugin.get_codec_version('aom')} of {super().encoder()}"

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it says that it is an AVIF file."""
        return b"avif" in brands(data)
