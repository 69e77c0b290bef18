"""The pictures to compare codecs on: a folder, a .tar or an .npz of them, as far as memory goes."""

import zipfile
from pathlib import Path

from rdtheory.codecs.media import Picture
from rdtheory.codecs.picture_sets import read_pictures
from rdtheory.errors import InputError

MOST_PIXELS = 2**27
"""Of all pictures together: 400 megabytes of colour."""

LARGEST_PICTURE = 2**24
"""Pixels of one picture: statistics take about a hundred bytes each."""


def read_collection(argument: str, path: Path, limit: int | None = None) -> dict[str, Picture]:
    """Pictures by name, in the order of their names; the first `limit` of them.

    Args:
        argument: whose value the path is, for errors.
        path: a folder, searched through all levels; a .tar; an .npz with uint8 `images`.
        limit: the most pictures.

    Raises:
        InputError: if there is no picture, one cannot be read, or there are too many pixels.

    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("RGB", (40, 32)).save(f"{folder}/black.png")
    ...     read_collection("FOLDER", Path(folder))["black.png"].pixels.shape
    (32, 40, 3)
    """
    _refuse_large_archive(argument, path)
    pictures: dict[str, Picture] = {}
    room = MOST_PIXELS
    for file in read_pictures(argument, path):
        if len(pictures) == limit:
            break
        pixels = file.size[0] * file.size[1]
        if pixels > LARGEST_PICTURE:
            allowed = f"pictures of at most {LARGEST_PICTURE} pixels"
            raise InputError(argument, f"{file.name} of {pixels} pixels", allowed, "leave it out")
        room -= pixels
        if room < 0:
            raise InputError(
                argument,
                f"{len(pictures) + 1} pictures and more",
                f"at most {MOST_PIXELS} pixels together",
                f"pass --limit {len(pictures)}",
            )
        pictures[file.name] = Picture(file.pixels())
    if not pictures:
        raise InputError(argument, repr(str(path)), "one with pictures in it")
    return pictures


def _refuse_large_archive(argument: str, path: Path) -> None:
    """An .npz is read as a whole: what it says of its size is looked at first, and held to."""
    if path.suffix != ".npz":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = max((member.file_size for member in archive.infolist()), default=0)
    except Exception:  # a forged archive can raise almost anything; who reads it will say so
        return
    if size > 3 * MOST_PIXELS + 2**16:
        raise InputError(argument, f"{size} bytes of pixels", f"at most {3 * MOST_PIXELS}")
