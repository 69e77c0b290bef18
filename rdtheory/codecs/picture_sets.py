"""The pictures of a folder, a .tar or an .npz, one after the other, in the order of their names."""

import io
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from rdtheory.errors import InputError
from rdtheory.progress import track

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".ppm", ".pgm", ".tif", ".tiff")
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
_LARGEST_FILE = 2**30


@dataclass(frozen=True, eq=False)
class PictureFile:
    """A picture not decoded yet.

    Attributes:
        name: within the folder or archive.
        data: the file's bytes, or the bytes of the pixels.
        size: (h, w).
        pixels: decodes: uint8, shape (h, w, 3); grey pictures have three equal channels.
    """

    name: str
    data: bytes
    size: tuple[int, int]
    pixels: Callable[[], np.ndarray]


def read_pictures(option: str, path: Path) -> Iterator[PictureFile]:
    """All the pictures; other files in a folder or .tar are passed over.

    Args:
        option: whose value the path is, for errors.
        path: a folder, searched through all levels; a .tar, .tar.gz and so on; an .npz.

    Raises:
        InputError: if the path is none of these, or a picture is damaged or not one of 8 bits.
    """
    if path.is_dir():
        yield from _of_folder(option, path)
    elif path.suffix == ".npz" and path.is_file():
        yield from _of_npz(option, path)
    elif path.is_file() and tarfile.is_tarfile(path):
        yield from _of_tar(option, path)
    else:
        raise InputError(option, repr(str(path)), "a folder, .tar or .npz of pictures")


def _of_folder(option: str, path: Path) -> Iterator[PictureFile]:
    files = sorted(one for one in path.rglob("*") if _is_picture(one.name) and one.is_file())
    for file in track(files, f"reading {path.name}"):
        if file.stat().st_size > _LARGEST_FILE:
            raise _too_large(option, file.name)
        yield _encoded(option, file.relative_to(path).as_posix(), file.read_bytes())


def _of_tar(option: str, path: Path) -> Iterator[PictureFile]:
    try:
        with tarfile.open(path) as archive:
            members = [one for one in archive.getmembers() if one.isreg() and _is_picture(one.name)]
            members.sort(key=lambda member: member.name)
            for member in track(members, f"reading {path.name}"):
                if member.size > _LARGEST_FILE:
                    raise _too_large(option, member.name)
                file = archive.extractfile(member)
                assert file is not None
                yield _encoded(option, member.name, file.read())
    except (tarfile.TarError, EOFError):
        raise InputError(option, repr(str(path)), "an undamaged .tar of pictures") from None


def _of_npz(option: str, path: Path) -> Iterator[PictureFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo("images.npy").file_size
        if size > 4 * _LARGEST_FILE:
            raise _too_large(option, path.name)
        with np.load(path, allow_pickle=False) as arrays:
            images = arrays["images"]
    except InputError:
        raise
    except Exception:  # a forged archive can raise almost anything
        images = None
    if (
        images is None
        or images.dtype != np.uint8
        or not (images.ndim == 3 or images.shape[3:] == (3,))
    ):
        raise InputError(
            option, repr(str(path)), "an .npz with uint8 `images`, shape (n, h, w, 3) or (n, h, w)"
        )
    for number, image in enumerate(images):
        height, width = image.shape[:2]
        data = image.tobytes()
        yield PictureFile(str(number), data, (height, width), partial(_in_colour, image))


def _is_picture(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES)


def _in_colour(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)


def _encoded(option: str, name: str, data: bytes) -> PictureFile:
    """Reads the header alone."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                (w, h), mode = image.size, image.mode
    except Exception:  # Pillow's readers raise almost anything
        raise _damaged(option, name) from None
    if mode not in _MODES:
        raise InputError(option, f"{name} of kind {mode}", "pictures of 8 bits a channel")
    return PictureFile(name, data, (h, w), partial(_decoded, option, name, data))


def _decoded(option: str, name: str, data: bytes) -> np.ndarray:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                return np.asarray(image.convert("RGB"))
    except Exception:  # as above
        raise _damaged(option, name) from None


def _damaged(option: str, name: str) -> InputError:
    return InputError(option, f"{name}, which cannot be read", "undamaged pictures", "leave it out")


def _too_large(option: str, name: str) -> InputError:
    return InputError(option, f"{name}, larger than that", f"files below {_LARGEST_FILE} bytes")
