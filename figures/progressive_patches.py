"""One stream of a picture's patches, and what its prefixes of 1, 2, 4, 8 and 16 steps decode to.

Steps of an eighth of a bit per pixel, isotropic noise; top, the flow, bottom, the ancestral
reconstruction; below each, its PSNR, and the bytes received, beside the header's. The model is the
Gaussian of ImageNet patches: reconstructions have its statistics after every step, and no more of a
picture's structure than that. Blocks of 10 bits from 2^13 candidates hold components of all 16x16
patches together. Photograph: Grace Hopper, 1984, U.S. Navy, public domain.
"""

from typing import Any

import numpy as np
from matplotlib import cbook

from figures.style import PAGE
from rdtheory import scheme, sources
from rdtheory.channel_simulation import BlockSettings, decode_vectors, encode_vectors
from rdtheory.sources.images import extract_patches
from rdtheory.sources.pictures import area_downsample, decode_grey

STEPS = 16
SHOWN = (1, 2, 4, 8, 16)
BITS_PER_PIXEL = 2.0
SETTINGS = BlockSettings(block_bits=10, padding_bits=3)
ROWS = {"flow": "flow (F)", "ancestral": "ancestral (A)"}
SIZE = (PAGE, 2.8)
PANELS = (len(ROWS), len(SHOWN) + 1)

_SIDE, _PATCH = 64, 16


def data() -> dict[str, Any]:
    """Pictures in grey levels 0..255 with their PSNR in dB, and the bytes that they took."""
    photograph = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    picture = area_downsample(decode_grey(photograph), _SIDE)
    source = sources.patches()
    sent = encode_vectors(
        extract_patches(picture, _PATCH),
        scheme("diffc-f", source),
        settings=SETTINGS,
        steps=STEPS,
        bits_per_dim=BITS_PER_PIXEL,
    )
    ends = [sent.step_ends[step - 1] for step in SHOWN]
    shown = [
        {name: _picture(decode_vectors(sent.data[:end], source, name).vectors) for name in ROWS}
        for end in ends
    ]
    return {
        "steps": list(SHOWN),
        "information_bits": np.cumsum(sent.information_bits)[np.array(SHOWN) - 1],
        "bytes": np.array(ends) - sent.header_bytes,
        "header_bytes": sent.header_bytes,
        "original": picture,
        "pictures": shown,
        "psnr_db": [{name: _psnr_db(one[name], picture) for name in ROWS} for one in shown],
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The original on the left, then one column a prefix."""
    for one in axes.flat:
        one.set(xticks=[], yticks=[])
        one.grid(visible=False)
        one.spines[:].set_visible(False)
    for row, (name, label) in enumerate(ROWS.items()):
        for column, step in enumerate(data["steps"]):
            one = axes[row, column + 1]
            one.imshow(data["pictures"][column][name], vmin=0, vmax=255, interpolation="nearest")
            one.set_xlabel(f"{data['psnr_db'][column][name]:.1f} dB", labelpad=2)
            if row == 0:
                one.set_title(
                    f"{step} step{'s' * (step > 1)}\n{data['bytes'][column]:,} bytes",
                    loc="center",
                )
        axes[row, 1].set_ylabel(label)
    axes[0, 0].imshow(data["original"], vmin=0, vmax=255, interpolation="nearest")
    axes[0, 0].set_title("original", loc="center")
    axes[0, 0].set_xlabel(f"header: {data['header_bytes']} bytes", labelpad=2)
    for unused in axes[1:, 0]:
        unused.set_visible(False)


def _picture(rows: np.ndarray) -> np.ndarray:
    """Patches put together again, as whole grey levels."""
    count = _SIDE // _PATCH
    tiles = rows.reshape(count, count, _PATCH, _PATCH).swapaxes(1, 2)
    return np.clip(np.rint(tiles.reshape(_SIDE, _SIDE)), 0, 255).astype(np.uint8)


def _psnr_db(picture: np.ndarray, original: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((picture - original) ** 2)))
