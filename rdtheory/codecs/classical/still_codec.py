"""What the classical codecs share: one picture, one number that sets the quality, a search."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from rdtheory.codecs.classical.quality_search import Attempt, search
from rdtheory.codecs.codec import Codec, Encoded, Target
from rdtheory.codecs.evaluation.fidelity import mean_squared_error, psnr_db
from rdtheory.codecs.media import Media, Picture
from rdtheory.errors import InputError


class StillCodec(Codec):
    """A codec of pictures by a library, with one setting.

    Attributes:
        settings: all of them, from the worst quality to the best.
        setting_name: what the encoder calls it.
        most_side: the largest height or width that the format or the encoder knows.
        chroma: subsampling of colour.
    """

    settings: ClassVar[Sequence[float]]
    setting_name: ClassVar[str]
    most_side: ClassVar[int]
    chroma: ClassVar[str]

    @abstractmethod
    def write(self, picture: Picture, setting: float) -> bytes:
        """The whole file."""

    @abstractmethod
    def read(self, data: bytes) -> Picture:
        """The reconstruction; a damaged file raises `StreamError`."""

    @abstractmethod
    def payload_bytes(self, data: bytes) -> int:
        """Bytes that depend on the content; a damaged file raises `StreamError`."""

    @abstractmethod
    def encoder(self) -> str:
        """The library that encodes, and its version."""

    def counted_bytes(self, data: bytes) -> int:
        """What counts against a budget: the whole file."""
        return len(data)

    def encode(self, media: Media, target: Target) -> Encoded:
        """The largest file within a byte budget, or the smallest that reaches a PSNR.

        Raises:
            InputError: if this is a sound, the picture has too long a side, or no setting meets the
                target; then it tells the smallest size or the highest PSNR.
        """
        picture = self._checked(media)
        found = search(
            self.settings,
            lambda setting: self._attempt(picture, setting, target.kind == "psnr"),
            target,
            picture.positions,
            self.label,
        )
        details = {
            self.setting_name: found.setting,
            "chroma": "4:0:0" if picture.is_grey else self.chroma,
            "encoder": self.encoder(),
        }
        return Encoded(found.data, self.payload_bytes(found.data), details)

    def decode(self, data: bytes, **how: Any) -> Picture:
        """The picture of a whole file; there are no options."""
        if how:
            raise InputError("decode", ", ".join(how), f"no options: {self.label} has one decoder")
        return self.read(data)

    def describe(self, data: bytes) -> dict[str, Any]:
        """Sizes of the file and of its picture."""
        picture = self.read(data)
        height, width, channels = picture.pixels.shape
        return {
            "payload_bytes": self.payload_bytes(data),
            "height": height,
            "width": width,
            "channels": channels,
            "bits_per_pixel": 8 * len(data) / picture.positions,
        }

    def _checked(self, media: Media) -> Picture:
        if not isinstance(media, Picture):
            raise InputError("media", f"a {media.kind}", f"pictures: {self.label} codes no other")
        if max(media.pixels.shape) > self.most_side:
            raise InputError(
                "picture",
                "{1} x {0} pixels".format(*media.pixels.shape),
                f"at most {self.most_side} a side for {self.label}",
                "cut it into several",
            )
        return media

    def _attempt(self, picture: Picture, setting: float, with_psnr: bool) -> Attempt:
        try:
            data = self.write(picture, setting)
        except (OSError, RuntimeError, ValueError) as error:  # what libraries raise
            raise InputError(
                "picture",
                "{1} x {0} pixels".format(*picture.pixels.shape),
                f"sizes that {self.encoder()} can encode",
                str(error),
            ) from None
        psnr = float("nan")
        if with_psnr:
            psnr = psnr_db(mean_squared_error(self.read(data).pixels, picture.pixels))
        return Attempt(setting, data, self.counted_bytes(data), psnr)
