"""One stream of a picture's patches, and what its prefixes of 1, 2, 4, 8 and 16 steps decode to.

Steps of an eighth of a bit per pixel, isotropic noise; top, the flow, bottom, the ancestral
reconstruction; below each, its PSNR, and the bytes received, beside the header's. The model is the
Gaussian of ImageNet patches: reconstructions have its statistics after every step, and no more of a
picture's structure than that. Blocks of 10 bits from 2^13 candidates hold components of all 16x16
patches together. Photograph: Grace Hopper, 1984, U.S. Navy, public domain.
"""

from typing import Any

import numpy as np

from figures.picture_grid import draw_grid
from figures.style import PAGE
from rdtheory import scheme, sources
from rdtheory.channel_simulation import BlockSettings, decode_vectors, encode_vectors
from rdtheory.example_picture import cut, photograph, psnr_db, together

STEPS = 16
SHOWN = (1, 2, 4, 8, 16)
BITS_PER_PIXEL = 2.0
SETTINGS = BlockSettings(block_bits=10, padding_bits=3)
ROWS = {"flow": "flow (F)", "ancestral": "ancestral (A)"}
SIZE = (PAGE, 2.8)
PANELS = (len(ROWS), len(SHOWN) + 1)


def data() -> dict[str, Any]:
    """Pictures in grey levels 0..255 with their PSNR in dB, and the bytes that they took."""
    picture, source = photograph(), sources.patches()
    sent = encode_vectors(
        cut(picture),
        scheme("diffc-f", source),
        settings=SETTINGS,
        steps=STEPS,
        bits_per_dim=BITS_PER_PIXEL,
    )
    ends = [sent.step_ends[step - 1] for step in SHOWN]
    shown = [
        {name: together(decode_vectors(sent.data[:end], source, name).vectors) for name in ROWS}
        for end in ends
    ]
    return {
        "steps": list(SHOWN),
        "information_bits": np.cumsum(sent.information_bits)[np.array(SHOWN) - 1],
        "bytes": np.array(ends) - sent.header_bytes,
        "header_bytes": sent.header_bytes,
        "original": picture,
        "pictures": shown,
        "psnr_db": [{name: psnr_db(one[name], picture) for name in ROWS} for one in shown],
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The original on the left, then one column a prefix."""
    draw_grid(axes, data, list(ROWS.values()))
    for one, step, size in zip(axes[0, 1:], data["steps"], data["bytes"], strict=True):
        one.set_title(f"{step} step{'s' * (step > 1)}\n{size:,} bytes", loc="center")
    axes[0, 0].set_title("original", loc="center")
    axes[0, 0].set_xlabel(f"header: {data['header_bytes']} bytes", labelpad=2)
