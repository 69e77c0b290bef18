"""A picture decoded in several ways, shown in a grid with its PSNR."""

from collections.abc import Sequence
from typing import Any

import numpy as np


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
