"""One stream of DiffC with its trained model, and what four prefixes of it decode to.

Top, what is sent, Z = Y/sqrt(1 + t) with isotropic noise; middle, the flow, bottom, the ancestral
reconstruction; below each its PSNR, above it all bytes received, header and framing included. What
is not known yet is made up: as likely pictures, whatever the rate. Photograph: Grace Hopper, 1984,
U.S. Navy, public domain, reduced to 64 x 64 pixels.
"""

from typing import Any

import numpy as np

from figures.picture_grid import draw_grid
from figures.style import PAGE
from rdtheory.codecs import Picture
from rdtheory.codecs.diffc.codec import DiffC, reconstructed
from rdtheory.codecs.diffc.sender import Sender
from rdtheory.example_picture import psnr_db
from simulations.photographs import grace_hopper

SIDE = 64
BITS_PER_PIXEL = (0.25, 0.5, 1.0, 2.0)
ROWS = {"sent": "sent Z", "flow": "flow (F)", "ancestral": "ancestral (A)"}
SIZE = (PAGE, 4.6)
PANELS = (len(ROWS), len(BITS_PER_PIXEL) + 1)


def data() -> dict[str, Any]:
    """Pictures in grey levels with their PSNR in dB, and the bytes that they took."""
    codec, picture = DiffC(), Picture(grace_hopper(SIDE))
    sent, channel = codec.start(picture)
    sender = Sender(channel, channel.prior.to_components(picture.values))
    lengths, shown = [], []
    for rate in BITS_PER_PIXEL:
        # Each message continues where the one before ended.
        sent = sender.up_to_bytes(sent, int(rate * picture.positions / 8))
        lengths.append(len(sent.data))
        shown.append(_shown(codec, sent.data))
    original = picture.pixels
    return {
        "bytes": np.array(lengths),
        "bits_per_pixel": 8 * np.array(lengths) / picture.positions,
        "original": original,
        "pictures": shown,
        "psnr_db": [{name: psnr_db(one[name], original) for name in ROWS} for one in shown],
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The original on the left, then one column a prefix."""
    draw_grid(axes, data, list(ROWS.values()))
    for one, size, rate in zip(axes[0, 1:], data["bytes"], data["bits_per_pixel"], strict=True):
        one.set_title(f"{size:,} bytes\n{rate:.2f} bits/pixel", loc="center")
    axes[0, 0].set_title("original", loc="center")


def _shown(codec: DiffC, stream: bytes) -> dict[str, np.ndarray]:
    """What the decoder knows, and both reconstructions."""
    _, channel, state = codec.receive(stream)
    noise = state.belief.noise_variances.max()
    sent = channel.prior.from_components(state.belief.observed) / np.sqrt(1 + noise)
    values = {"sent": sent}
    values |= {how: reconstructed(channel, state, how) for how in ("flow", "ancestral")}
    return {name: Picture.from_values(one).pixels for name, one in values.items()}
