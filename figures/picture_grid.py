"""A picture cut into patches, decoded in several ways, and shown in a grid with its PSNR."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import cbook

from rdtheory.sources.images import extract_patches
from rdtheory.sources.pictures import area_downsample, decode_grey

_SIDE, _PATCH = 64, 16


def photograph() -> np.ndarray:
    """Grace Hopper, 1984, U.S. Navy, public domain; 64x64 grey levels."""
    path = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return area_downsample(decode_grey(path), _SIDE)


def cut(picture: np.ndarray) -> np.ndarray:
    """The 16 patches of 16x16 pixels, one a row."""
    return extract_patches(picture, _PATCH)


def together(rows: np.ndarray) -> np.ndarray:
    """Patches put together again, as whole grey levels."""
    count = _SIDE // _PATCH
    tiles = rows.reshape(count, count, _PATCH, _PATCH).swapaxes(1, 2)
    return np.clip(np.rint(tiles.reshape(_SIDE, _SIDE)), 0, 255).astype(np.uint8)


def psnr_db(picture: np.ndarray, original: np.ndarray) -> float:
    """10 log10 of 255² over the mean squared error."""
    difference = np.subtract(picture, original, dtype=float)
    return float(10 * np.log10(255**2 / np.mean(difference**2)))


def draw_grid(axes: np.ndarray, data: dict[str, Any], labels: Sequence[str]) -> None:
    """The original on the left, then `data["pictures"]`, a column each; rows in their order."""
    for one in axes.flat:
        one.set(xticks=[], yticks=[])
        one.grid(visible=False)
        one.spines[:].set_visible(False)
    for row, label in enumerate(labels):
        columns = zip(data["pictures"], data["psnr_db"], strict=True)
        for one, (pictures, psnrs) in zip(axes[row, 1:], columns, strict=True):
            one.imshow(list(pictures.values())[row], vmin=0, vmax=255, interpolation="nearest")
            one.set_xlabel(f"{list(psnrs.values())[row]:.1f} dB", labelpad=2)
        axes[row, 1].set_ylabel(label)
    axes[0, 0].imshow(data["original"], vmin=0, vmax=255, interpolation="nearest")
    for unused in axes[1:, 0]:
        unused.set_visible(False)
