"""Fit the spectral density of photographs; see picture_spectrum.md.

    python -m rdtheory.codecs.diffc.data.make_picture_spectrum imagenet64_train.tar cid22_train.tar

The first file holds pictures of 64 x 64 pixels, the second larger ones, which are used whole and as
crops of 64 x 64 at full, half and quarter resolution.
"""

import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from tarfile import open as open_tar

import numpy as np
from PIL import Image

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.cosine_field import CosineBasis

KNOTS = np.arange(-10, 0.01, 0.5)
"""log2 of frequency."""

SMALL_SHARE = 0.6
"""Of the 64 x 64 pictures' powers; the crops have the rest."""

_SMALL, _CROPS = 4000, 10
_FLOOR = -14.0


def main(small: Path, large: Path) -> None:
    """Write picture_spectrum.npz beside this file."""
    whole = list(_pictures(large))
    powers = [_power(_crops(whole, step)) for step in (1, 2, 4)]
    small_power = SMALL_SHARE * _power(_pictures(small, _SMALL))
    points = [_points(small_power + (1 - SMALL_SHARE) * np.mean(powers, axis=0))]
    far = _points(_power(whole))
    # The large pictures speak only of frequencies that the small ones have not.
    silent = (far[:, :2].min(axis=1) < -7.01) & (far[:, :2].max(axis=1) < -2)
    points.append(far[silent])
    table = np.array([[_local_fit(np.concatenate(points), v, h) for h in KNOTS] for v in KNOTS])
    table = np.maximum(table + table.transpose(1, 0, 2), 2 * _FLOOR) / 2  # turned pictures too
    np.savez_compressed(
        Path(__file__).with_name("picture_spectrum.npz"),
        log2_frequency=KNOTS,
        log2_density=(np.rint(256 * table) / 256).astype(np.float32),
    )


def _pictures(path: Path, most: int | None = None) -> Iterator[Array]:
    with open_tar(path) as tar:
        members = [member for member in tar.getmembers() if member.isfile()]
        for member in members[:most]:
            file = tar.extractfile(member)
            assert file is not None
            yield np.asarray(Image.open(BytesIO(file.read())).convert("RGB"))


def _crops(pictures: list[Array], step: int) -> Iterator[Array]:
    rng = np.random.default_rng(0)
    for picture in pictures:
        reduced = np.asarray(Image.fromarray(picture).reduce(step))
        for _ in range(_CROPS):
            top, left = rng.integers(0, reduced.shape[0] - 63, 2)
            yield reduced[top : top + 64, left : left + 64]


def _power(pictures: Iterable[Array]) -> Array:
    """Mean square of every cosine component, shape (n, n, 3)."""
    total, count = np.zeros(1), 0
    for picture in pictures:
        basis = CosineBasis(picture.shape)
        components = basis.to_components(picture / 127.5 - 1).reshape(picture.shape)
        total, count = total + components**2, count + 1
    return total / count


def _points(power: Array) -> Array:
    """Rows of two log2 frequencies and three log2 powers."""
    log = np.log2((np.arange(len(power)) + 0.5) / len(power))
    vertical, horizontal = np.meshgrid(log, log, indexing="ij")
    return np.column_stack([vertical.ravel(), horizontal.ravel(), np.log2(power).reshape(-1, 3)])


def _local_fit(points: Array, vertical: float, horizontal: float) -> Array:
    """The value of a plane fitted near a knot; the neighbourhood grows until it has points."""
    away = points[:, :2] - (vertical, horizontal)
    width = 0.25
    while True:
        weight = np.exp(-np.sum(away**2, axis=1) / (2 * width**2))
        weight *= 2.0 ** -points[:, :2].sum(axis=1)  # areas of log frequency, not components
        if weight.max() > 1e-4:
            break
        width *= 1.3
    design = np.column_stack([np.ones(len(points)), away]) * np.sqrt(weight)[:, None]
    return np.linalg.lstsq(design, points[:, 2:] * np.sqrt(weight)[:, None], rcond=None)[0][0]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
