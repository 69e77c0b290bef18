"""What the codecs by Pillow share."""

from typing import Any, ClassVar

import PIL
from PIL import features

from rdtheory.codecs.classical.still_codec import StillCodec
from rdtheory.codecs.media import Picture
from rdtheory.codecs.picture_files import picture_in, saved
from rdtheory.errors import InputError


class PillowCodec(StillCodec):
    """A codec that Pillow brings along.

    Attributes:
        file_format: Pillow's name of it.
        feature: Pillow's name of the library that it needs.
        library: its own name.

    Raises:
        InputError: if this Pillow was built without that library.
    """

    file_format: ClassVar[str]
    feature: ClassVar[str]
    library: ClassVar[str]

    def __init__(self) -> None:
        if not features.check(self.feature):
            raise InputError(
                "codec",
                f"{self.name}, which this Pillow {PIL.__version__} lacks",
                f"a Pillow with {self.library}",
                "pip install --upgrade pillow",
            )

    def read(self, data: bytes) -> Picture:
        """The reconstruction."""
        return picture_in(data, "stream", (self.file_format,))

    def encoder(self) -> str:
        """The library that encodes, and its version."""
        return self.told(self.library, features.version(self.feature))

    def told(self, library: str, version: str | None) -> str:
        """A library of Pillow's, and the versions."""
        return f"{library} {version} of Pillow {PIL.__version__}"

    def saved(self, picture: Picture, **options: Any) -> bytes:
        """The file that Pillow writes."""
        return saved(picture, self.file_format, **options)
