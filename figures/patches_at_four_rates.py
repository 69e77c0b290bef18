"""What is sent and what is made of it: a picture's patches at four rates, isotropic noise.

Top, the Z that is sent (scaled back to grey levels); middle, the ancestral reconstruction; bottom,
the flow; each with bits per pixel and PSNR. The model is the Gaussian of ImageNet patches: both
reconstructions have its statistics at every rate, and no more of a picture's structure than that.
Each 16x16 patch is coded by itself. Photograph: Grace Hopper, 1984, U.S. Navy, public domain.
"""

from typing import Any

import numpy as np

from figures.picture_grid import draw_grid
from figures.style import PAGE
from rdtheory import scheme, sources
from rdtheory.example_picture import cut, photograph, psnr_db, together

RATES = (0.1, 0.391, 1.0, 2.0)
ROWS = ("sent Z", "ancestral (A)", "flow (F)")
SIZE = (PAGE, 4.6)
PANELS = (len(ROWS), len(RATES) + 1)


def data() -> dict[str, Any]:
    """Pictures in grey levels 0..255 with their PSNR in dB; one draw with a fixed seed."""
    rng = np.random.default_rng(2206_08889)
    picture, source = photograph(), sources.patches()
    x = cut(picture)
    shown = []
    for bits in RATES:
        channel = scheme("diffc-f", source).at(bits_per_dim=bits).channel
        z = channel.send(x, rng)
        images = {
            "sent Z": source.from_components(z / channel.gains),
            "ancestral (A)": channel.posterior_sample(z, rng),
            "flow (F)": channel.flow(z),
        }
        shown.append({name: together(rows) for name, rows in images.items()})
    return {
        "bits_per_dim": RATES,
        "original": picture,
        "pictures": shown,
        "psnr_db": [{name: psnr_db(one[name], picture) for name in ROWS} for one in shown],
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The original on the left, then one column a rate."""
    draw_grid(axes, data, ROWS)
    for one, rate in zip(axes[0, 1:], data["bits_per_dim"], strict=True):
        one.set_title(f"{rate:g} bit/pixel")
    axes[0, 0].set_title("original")
