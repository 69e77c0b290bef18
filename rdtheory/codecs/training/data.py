"""Training pictures in memory, and the crops of every batch.

Pictures come from folders, .tar files or .npz files (`images`, uint8, (n, h, w, 3) or (n, h, w)).
A source is drawn from in proportion to its weight, then one of its pictures, then one of the
picture's resolutions (full, half, quarter: those that hold a crop), a place, and whether to flip,
each with equal chances. Batch k depends on the seed and k alone.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.codecs.picture_sets import read_pictures
from rdtheory.errors import InputError

MOST_BYTES = 4 * 2**30
"""Decoded pictures of all sources together, as many as fit a small machine."""

_RESOLUTIONS = (1, 2, 4)


@dataclass(frozen=True, eq=False)
class PictureSource:
    """Pictures that are drawn from with one weight.

    Attributes:
        name: of the file or folder.
        weight: chances of being drawn from are in proportion to it.
        pictures: uint8, shapes (h, w, 3).
        crc32: of names and bytes of the pictures' files.
        skipped: number of pictures that were smaller than a crop.
    """

    name: str
    weight: float
    pictures: Sequence[np.ndarray]
    crc32: int
    skipped: int

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: all but the pictures, of which it tells the number."""
        return {
            "name": self.name,
            "weight": self.weight,
            "pictures": len(self.pictures),
            "skipped": self.skipped,
            "crc32": f"{self.crc32:08x}",
        }


def read_sources(option: str, text: str, crop: int) -> list[PictureSource]:
    """The sources of a list such as `photos.tar*2,folder`: paths and their weights, 1 if not given.

    Args:
        option: whose value it is, for errors.
        text: the list.
        crop: side of the crops; smaller pictures are skipped.

    Raises:
        InputError: if a source is not there, damaged, too large, or has no picture of that size.
    """
    sources, room = [], MOST_BYTES
    for word in text.split(","):
        path, weight = _path_and_weight(option, word)
        source = _read(option, path, weight, crop, room)
        room -= sum(picture.nbytes for picture in source.pictures)
        sources.append(source)
    return sources


def split(
    sources: list[PictureSource], held_out_share: float = 0.05
) -> tuple[list[PictureSource], list[PictureSource]]:
    """All but the last pictures of each source, and the last: at least one each.

    Raises:
        InputError: if a source has a single picture.
    """
    first, last = [], []
    for source in sources:
        if len(source.pictures) < 2:
            raise InputError(
                "--data", f"one picture in {source.name}", "two or more, one to hold out"
            )
        cut = len(source.pictures) - max(1, round(held_out_share * len(source.pictures)))
        first.append(replace(source, pictures=source.pictures[:cut]))
        last.append(replace(source, pictures=source.pictures[cut:]))
    return first, last


class Crops:
    """Random crops of side `crop`.

    >>> picture = np.zeros((9, 9, 3), np.uint8)
    >>> Crops([PictureSource("demo", 1.0, [picture], 0, 0)], crop=8, seed=0).batch(0, 2).shape
    (2, 8, 8, 3)
    """

    def __init__(self, sources: Sequence[PictureSource], crop: int, seed: int) -> None:
        weights = np.array([source.weight for source in sources])
        self._shares = weights / weights.sum()
        self._pictures = [
            [list(_resolutions(picture, crop)) for picture in source.pictures] for source in sources
        ]
        self._crop, self._seed = crop, seed

    def batch(self, number: int, size: int) -> np.ndarray:
        """Batch `number`: uint8, shape (size, crop, crop, 3)."""
        rng = np.random.default_rng([self._seed, number])
        sources = rng.choice(len(self._pictures), size, p=self._shares)
        chances = rng.random((size, 5))
        return np.stack(
            [
                self._one(self._pictures[source], *row)
                for source, row in zip(sources, chances, strict=True)
            ]
        )

    def _one(
        self,
        pictures: list[list[np.ndarray]],
        which: float,
        resolution: float,
        top: float,
        left: float,
        flip: float,
    ) -> np.ndarray:
        """A crop; the chances are uniform on [0, 1)."""
        resolutions = pictures[int(which * len(pictures))]
        picture = resolutions[int(resolution * len(resolutions))]
        y = int(top * (picture.shape[0] - self._crop + 1))
        x = int(left * (picture.shape[1] - self._crop + 1))
        crop = picture[y : y + self._crop, x : x + self._crop]
        return crop[:, ::-1] if flip < 0.5 else crop


def _path_and_weight(option: str, word: str) -> tuple[Path, float]:
    path, star, weight = word.strip().partition("*")
    try:
        value = float(weight) if star else 1.0
    except ValueError:
        value = 0.0
    if not (path and isfinite(value) and value > 0):
        raise InputError(option, repr(word), "PATH or PATH*WEIGHT with a weight > 0")
    return Path(path), value


def _read(option: str, path: Path, weight: float, crop: int, room: int) -> PictureSource:
    pictures, skipped, crc32 = [], 0, 0
    for file in read_pictures(option, path):
        crc32 = zlib.crc32(file.data, zlib.crc32(file.name.encode(), crc32))
        if min(file.size) < crop:
            skipped += 1
            continue
        room -= 3 * file.size[0] * file.size[1]
        if room < 0:
            raise InputError(
                option, f"more than {MOST_BYTES / 2**30:g} GiB of pictures", "less", "take fewer"
            )
        pictures.append(file.pixels())
    if not pictures:
        raise InputError(
            option,
            f"{path.name}, with {skipped} pictures smaller than {crop} x {crop} and no other",
            "pictures that hold a crop",
        )
    return PictureSource(path.name, weight, pictures, crc32, skipped)


def _resolutions(picture: np.ndarray, crop: int) -> Iterator[np.ndarray]:
    from PIL import Image

    for factor in _RESOLUTIONS:
        if min(picture.shape[:2]) // factor >= crop:
            yield picture if factor == 1 else np.asarray(Image.fromarray(picture).reduce(factor))
