"""Pictures in files, by Pillow: what is read as 8-bit grey or sRGB, and what is refused and why."""

import re
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from rdtheory.codecs.media import Picture, check_size, too_large
from rdtheory.container import StreamError
from rdtheory.errors import InputError
from rdtheory.sources.pictures import FORMATS

_GREY = ("1", "L", "LA", "La")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")

_MANY_BITS = re.compile(r";(12|16|32)")
"""In Pillow's names of raw samples: it would cut 16 bits of colour to 8 without a word."""

_START_OF_SCAN = b"\xff\xda"
_MOST_SCANS = 200
"""A progressive JPEG has some ten."""

_ORIENTATION = 0x0112
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def picture_in(data: bytes, name: str, formats: Sequence[str] = FORMATS) -> Picture:
    """The picture that a file holds, see `read_media`.

    Args:
        data: the whole file.
        name: of the file, for errors.
        formats: Pillow's names of those to try.

    Raises:
        StreamError: if it is no file of these formats, or damaged.
        InputError: if the picture cannot be had in 8 bits without loss of meaning.

    >>> picture_in(png(Picture(np.full((1, 2, 3), 7, np.uint8))), "seven.png").pixels
    array([[[7, 7, 7],
            [7, 7, 7]]], dtype=uint8)
    """
    Image.init()
    known = tuple(name for name in formats if name in Image.OPEN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, and of sizes, which are checked here
        try:
            with Image.open(BytesIO(data), formats=known) as image:
                _check_scans(image, data, name)
                return picture_of(image, name)
        except InputError:
            raise
        except Image.DecompressionBombError:
            raise too_large(name, "far more pixels") from None
        except Image.UnidentifiedImageError:
            raise StreamError(
                name,
                f"{len(data)} bytes that do not start as a picture does",
                f"a whole file of {', '.join(known)}",
            ) from None
        except Exception as error:  # a damaged file can raise almost anything
            raise damaged_picture(name, error) from None


def picture_of(image: Any, name: str) -> Picture:
    """An image of Pillow, opened and perhaps not yet loaded, as a picture."""
    _check_claims(image, name)
    image.load()
    image = _upright(image)
    grey = image.mode in _GREY
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema()[0] < 255:
            raise InputError(
                name, "transparency", "opaque pictures", "flatten it onto a background first"
            )
    pixels = np.asarray(image.convert("L" if grey else "RGB"))
    return Picture(pixels.reshape(image.height, image.width, -1))


def png(picture: Picture) -> bytes:
    r"""The picture as a PNG file.

    >>> png(Picture(np.zeros((1, 1, 1), np.uint8)))[:4]
    b'\x89PNG'
    """
    return saved(picture, "PNG")


def saved(picture: Picture, file_format: str, **options: Any) -> bytes:
    """The picture as Pillow saves it: grey as mode L, colour as RGB.

    >>> saved(Picture(np.zeros((1, 1, 1), np.uint8)), "BMP")[:2]
    b'BM'
    """
    pixels = picture.pixels
    file = BytesIO()
    Image.fromarray(pixels[:, :, 0] if picture.is_grey else pixels).save(
        file, file_format, **options
    )
    return file.getvalue()


def damaged_picture(name: str, error: Exception) -> StreamError:
    """What a decoder makes of damaged data, in one line."""
    return StreamError(name, f"a damaged picture ({error})", "a whole one", "fetch it again")


def _check_claims(image: Any, name: str) -> None:
    """Refuse by the header alone what is too large or would lose its meaning."""
    check_size(name, image.height, image.width)
    if image.format == "TIFF":
        tags = image.tag_v2
        check_size(name, tags.get(_TILE_HEIGHT, 0), tags.get(_TILE_WIDTH, 0))
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # a photograph and its previews
        raise InputError(name, f"{image.n_frames} pictures in one file", "a file of one picture")
    if _has_many_bits(image):
        raise InputError(name, "more than 8 bits a sample", "pictures of 8 bits", "save it as such")
    if image.mode not in (*_GREY, *_COLOUR):
        raise InputError(
            name, f"a picture of mode {image.mode}", "grey or RGB pictures", "convert it to RGB"
        )


def _check_scans(image: Any, data: bytes, name: str) -> None:
    """Refuse what takes time out of proportion: each scan of a JPEG passes over all the picture."""
    scans = data.count(_START_OF_SCAN) if image.format in ("JPEG", "MPO") else 0
    if scans > _MOST_SCANS:
        raise StreamError(name, f"{scans} scans in a JPEG", f"at most {_MOST_SCANS}")


def _has_many_bits(image: Any) -> bool:
    if image.mode[0] in "IF":
        return True
    for decoder, _, _, arguments in getattr(image, "tile", ()):
        if decoder.startswith("ppm") and arguments[1] > 255:
            return True
        if _MANY_BITS.search(str(arguments)):
            return True
    return False


def _upright(image: Any) -> Any:
    """As its EXIF says it should be seen; EXIF that cannot be read says nothing."""
    try:
        method = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return image
    return image if method is None else image.transpose(method)
