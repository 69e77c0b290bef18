"""Distortion with perfect realism against the rate of common randomness, for several rates [T2.5].

(a) A Gaussian on the line, variance 1. Without common randomness D = 2 exp(-2R), what deterministic
codes reach, R(D/2); with enough of it DiffC-F (thin lines). At high rate the excess over DiffC-F
falls by 6 dB a bit. (b) Image patches, SNR; the ends are DiffC-A* and DiffC-F*.
"""

from typing import Any

import numpy as np

from figures.style import BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from rdtheory import sources
from rdtheory.perception import CommonRandomness, common_randomness_distortion
from rdtheory.units import db_from_nats, nats_from_bits

SIZE = (PAGE, 2.9)
PANELS = (1, 2)

RATES_BITS = {0.25: "-", 0.5: "--", 1.0: "-.", 2.0: ":"}
COMMON_BITS = np.linspace(0.0, 4.0, 81)
PATCH_RATES = {0.1: "-", 0.391: "--", 1.0: "-.", 2.0: ":"}
PATCH_COMMON_BITS = np.linspace(0.0, 3.0, 31)
COLORS = (BLUE, GREEN, ORANGE, RED)


def data() -> dict[str, Any]:
    """Distortion of the scalar source, SNR of the patches."""
    patches = sources.patches()
    code, dim = CommonRandomness(patches), patches.dim
    common = np.append(PATCH_COMMON_BITS, np.inf)
    rates = np.array(list(RATES_BITS))[:, None]
    patch_rates = np.array(list(PATCH_RATES))[:, None]
    found = code.at_rate(nats_from_bits(patch_rates * dim), nats_from_bits(common * dim))
    return {
        "common_bits": COMMON_BITS,
        "distortion": common_randomness_distortion(
            1.0, nats_from_bits(rates), nats_from_bits(np.append(COMMON_BITS, np.inf))
        ),
        "patch_common_bits": PATCH_COMMON_BITS,
        "patch_snr_db": db_from_nats(np.log(2 * float(patches.total_variance) / found.distortion)),
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The scalar source on the left, patches on the right."""
    left, right = axes.flat
    panels = (
        (left, "common_bits", "distortion", RATES_BITS, "bits", 5),
        (right, "patch_common_bits", "patch_snr_db", PATCH_RATES, "bits/dim", -9),
    )
    for axis, bits, values, rates, unit, lift in panels:
        for row, color, (rate, style) in zip(data[values], COLORS, rates.items(), strict=True):
            *limited, unlimited = row
            axis.plot(data[bits], limited, color=color, linestyle=style)
            axis.axhline(unlimited, color=color, linewidth=0.5)
            text = {"xytext": (-2, lift), "textcoords": "offset points", "fontsize": 7}
            at = (data[bits][-1], unlimited)
            axis.annotate(f"$R = {rate:g}$ {unit}", at, ha="right", color=color, **text)
    left.set(
        title="Gaussian on the line",
        xlabel="common randomness $R_c$ (bits)",
        ylabel="squared error $D$ (variance 1)",
        yscale="log",
        xlim=(0, 4),
    )
    right.set(
        title="image patches",
        xlabel="common randomness $R_c$ (bits per dimension)",
        ylabel="SNR (dB)",
        xlim=(0, 3),
    )
    label_panels(axes)
