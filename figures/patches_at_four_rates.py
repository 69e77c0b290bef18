"""What is sent and what is made of it: a picture's patches at four rates, isotropic noise.

Top, the Z that is sent (scaled back to grey levels); middle, the ancestral reconstruction; bottom,
the flow; each with bits per pixel and PSNR. The model is the Gaussian of ImageNet patches: both
reconstructions have its statistics at every rate, and no more of a picture's structure than that.
Each 16x16 patch is coded by itself. Photograph: Grace Hopper, 1984, U.S. Navy, public domain.
"""

from typing import Any

import numpy as np
from matplotlib import cbook

from figures.style import PAGE
from rdtheory import scheme, sources
from rdtheory.sources.images import extract_patches
from rdtheory.sources.pictures import area_downsample, decode_grey

RATES = (0.1, 0.391, 1.0, 2.0)
ROWS = ("sent Z", "ancestral (A)", "flow (F)")
SIZE = (PAGE, 4.6)
PANELS = (len(ROWS), len(RATES) + 1)

_SIDE, _PATCH = 64, 16


def data() -> dict[str, Any]:
    """Pictures in grey levels 0..255 with their PSNR in dB; one draw with a fixed seed."""
    rng = np.random.default_rng(2206_08889)
    photograph = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    picture = area_downsample(decode_grey(photograph), _SIDE)
    source = sources.patches()
    x = extract_patches(picture, _PATCH)
    shown = []
    for bits in RATES:
        channel = scheme("diffc-f", source).at(bits_per_dim=bits).channel
        z = channel.send(x, rng)
        images = {
            "sent Z": source.from_components(z / channel.gains),
            "ancestral (A)": channel.posterior_sample(z, rng),
            "flow (F)": channel.flow(z),
        }
        shown.append({name: _picture(rows) for name, rows in images.items()})
    return {
        "bits_per_dim": RATES,
        "original": picture,
        "pictures": shown,
        "psnr_db": [{name: _psnr_db(one[name], picture) for name in ROWS} for one in shown],
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The original on the left, then one column a rate."""
    for one in axes.flat:
        one.set(xticks=[], yticks=[])
        one.grid(visible=False)
        one.spines[:].set_visible(False)
    for row, name in enumerate(ROWS):
        for column, rate in enumerate(data["bits_per_dim"]):
            one = axes[row, column + 1]
            one.imshow(data["pictures"][column][name], vmin=0, vmax=255, interpolation="nearest")
            one.set_xlabel(f"{data['psnr_db'][column][name]:.1f} dB", labelpad=2)
            if row == 0:
                one.set_title(f"{rate:g} bit/pixel")
        axes[row, 1].set_ylabel(name)
    axes[0, 0].imshow(data["original"], vmin=0, vmax=255, interpolation="nearest")
    axes[0, 0].set_title("original")
    for unused in axes[1:, 0]:
        unused.set_visible(False)


def _picture(rows: np.ndarray) -> np.ndarray:
    """Patches put together again, as whole grey levels."""
    count = _SIDE // _PATCH
    tiles = rows.reshape(count, count, _PATCH, _PATCH).swapaxes(1, 2)
    return np.clip(np.rint(tiles.reshape(_SIDE, _SIDE)), 0, 255).astype(np.uint8)


def _psnr_db(picture: np.ndarray, original: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((picture - original) ** 2)))
