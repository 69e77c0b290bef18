"""Pictures in files, as grey levels: decoding, luma, reduction by area averaging.

Files are not trusted: only formats decoded by Pillow itself are opened, and a picture of more
pixels than Pillow holds safe is refused.
"""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rdtheory.arrays import check, float64, whole_number
from rdtheory.errors import InputError

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
"""The formats that are read, by Pillow's names, as far as the installed Pillow reads them."""

_LUMA_PER_MILLE = (299.0, 587.0, 114.0)


def grey(image: Any) -> np.ndarray:
    """Y = 0.299 R + 0.587 G + 0.114 B, the luma of ITU-R BT.601, in 0..255.

    Args:
        image: numbers in 0..255, of shape (..., H, W, 3), or (..., H, W) for what is grey already.
            With three axes or more, a last axis of 3 is always taken as colour.

    Returns:
        float64, shape (..., H, W). Whole numbers give the correctly rounded Y; equal R, G, B give
        that same value exactly.

    Raises:
        InputError: if a value is outside 0..255, or if there are fewer than two axes.

    >>> grey([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [7, 7, 7]]])
    array([[ 76.245, 149.685,  29.07 ,   7.   ]])
    """
    pixels = pixels_of("image", image)
    check(
        "image",
        pixels,
        (pixels >= 0) & (pixels <= 255),
        "grey levels in 0..255",
        "divide 16-bit values by 257, multiply values in 0..1 by 255",
    )
    if pixels.ndim == 2 or pixels.shape[-1] != 3:
        return pixels
    # Whole weights keep the sum exact for whole grey levels; 0.299 etc. would not sum to 1.
    red, green, blue = (pixels[..., c] * _LUMA_PER_MILLE[c] for c in range(3))
    return (red + green + blue) / 1000.0


def area_downsample(grey_image: Any, size: int) -> np.ndarray:
    """The mean grey level over each of size x size equal squares of the central square.

    With side = min(H, W), the central square starts at row (H - side) // 2 and column
    (W - side) // 2. A pixel that lies across a border counts by its area on each side, so the
    average is exact for every ratio side / size. (The box filters of image libraries count such a
    pixel on one side only.)

    Args:
        grey_image: numbers, shape (..., H, W).
        size: pixels per side of the result, 1..min(H, W).

    Returns:
        float64, shape (..., size, size), with the mean of the central square.

    Raises:
        InputError: if `size` is no whole number >= 1 or more than min(H, W).

    >>> area_downsample([[0.0, 3.0, 6.0], [0.0, 3.0, 6.0], [0.0, 3.0, 6.0]], 2)
    array([[1., 5.],
           [1., 5.]])
    """
    pixels = pixels_of("grey_image", grey_image)
    size = whole_number("size", size)
    height, width = pixels.shape[-2:]
    side = min(height, width)
    if size > side:
        raise InputError(
            "size",
            size,
            f"1..{side} for a picture of {height} x {width} pixels",
            "reduce less; pictures are never enlarged",
        )
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[..., top : top + side, left : left + side]
    shares = _area_shares(side, size)
    return shares @ square @ shares.T


def decode_grey(file: str | os.PathLike[str] | BinaryIO) -> np.ndarray:
    """The picture in a file as grey levels in 0..255, float64, shape (H, W), see `read_patches`.

    A damaged file makes decoders raise nearly anything; it comes through as it is.

    >>> import io
    >>> from PIL import Image
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (2, 1), "white").save(file, "PNG")
    >>> decode_grey(file)
    array([[255., 255.]])
    """
    from PIL import Image, ImageOps

    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file, formats=formats) as picture:
            return _grey_of_picture(ImageOps.exif_transpose(picture))


def picture_extensions() -> frozenset[str]:
    """The extensions, in small letters with the dot, of the pictures that can be read.

    >>> ".png" in picture_extensions(), ".txt" in picture_extensions()
    (True, False)
    """
    from PIL import Image

    registered = Image.registered_extensions()
    return frozenset(
        extension
        for extension, name in registered.items()
        if name in FORMATS and name in Image.OPEN
    )


def picture_paths(folder: str | os.PathLike[str]) -> list[Path]:
    """Every picture below the folder, in the order of its path: the same on every machine."""
    try:
        root = Path(folder)
    except TypeError:
        raise InputError("folder", folder, "the path of a folder") from None
    if not root.is_dir():
        raise InputError("folder", folder, "the path of a folder that exists")
    extensions = picture_extensions()
    paths = [
        Path(where, name)
        for where, names in _visible_files(root)
        for name in names
        if os.path.splitext(name)[1].lower() in extensions
    ]
    if not paths:
        raise InputError(
            "folder",
            "no picture in it",
            "a folder with files such as .png, .jpg or .webp",
            f"add pictures to {root}",
        )
    return sorted(paths, key=lambda path: path.relative_to(root).parts)


def _visible_files(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Folder by folder, the names of files; what begins with a dot is someone's bookkeeping."""

    def refuse(error: OSError) -> None:
        raise InputError(
            "folder",
            "a folder that cannot be listed",
            "folders that you may read",
            f"open or remove {error.filename} ({error.strerror})",
        ) from None

    for where, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield where, [name for name in names if not name.startswith(".")]


def _grey_of_picture(picture: Any) -> np.ndarray:
    """Pillow's picture, of any mode, as grey levels in 0..255."""
    from PIL import Image

    mode = picture.mode
    if mode == "L" and "transparency" not in picture.info:
        return grey(np.asarray(picture))
    if mode == "I" or mode.startswith("I;16"):
        # Pillow has 16-bit grey as I;16, or as I (32 bits) from some formats.
        return grey(np.asarray(picture) / 257.0)
    if mode == "F":
        raise ValueError("pixels are 32-bit floats, of no agreed range: save as 8 or 16 bits")
    if mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return grey(np.asarray(picture.convert("RGB")))


def _area_shares(side: int, size: int) -> np.ndarray:
    """Row i: the share of each of `side` pixels in the i-th of `size` equal parts of the line."""
    # In units of 1 / size of a pixel all borders are whole numbers, so no share is rounded twice.
    parts, pixels = np.arange(size)[:, None] * side, np.arange(side) * size
    overlap = np.minimum(parts + side, pixels + size) - np.maximum(parts, pixels)
    return np.maximum(overlap, 0) / side


def pixels_of(name: str, value: Any) -> np.ndarray:
    """`value` as float64 of shape (..., H, W) with at least one pixel, or an `InputError`."""
    pixels = float64(np, name, value)
    if pixels.ndim < 2 or 0 in pixels.shape:
        raise InputError(name, f"shape {pixels.shape}", "at least one pixel, shape (..., H, W)")
    return pixels
