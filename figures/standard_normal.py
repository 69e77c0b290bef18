"""Distortion against rate for the standard normal distribution (Eq. 9-12).

Left, the distortion: DiffC-A lies on the limit R(D/2) of deterministic codes with perfect realism,
D = 2 exp(-2R); DiffC-F, D = 2 (1 - sqrt(1 - exp(-2R))), tends to the limit R(D) of codes without
realism. Right, the same as SNR: at high rate the flow gains 3 dB.
"""

from typing import Any

import numpy as np

from figures.style import PAGE, SCHEMES, label_panels
from rdtheory import scheme, sources

SIZE = (PAGE, 2.7)
PANELS = (1, 2)

RATES = np.linspace(0.0, 4.0, 201)
SHOWN = ("rd", "rd-half", "diffc-a", "diffc-f")


def data() -> dict[str, Any]:
    """Distortion and SNR at the same rates."""
    curves = {name: scheme(name, sources.standard()).curve(bits_per_dim=RATES) for name in SHOWN}
    return {
        "bits": RATES,
        "distortion": {name: curve.distortion_per_dim for name, curve in curves.items()},
        "snr_db": {name: curve.snr_db for name, curve in curves.items()},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Distortion on the left, SNR on the right."""
    left, right = axes.flat
    for name in SHOWN:
        # DiffC-A would hide R(D/2), which is drawn wide, if both were whole lines.
        line = {**SCHEMES[name], "linestyle": "--" if name == "diffc-a" else "-"}
        left.plot(data["bits"], data["distortion"][name], **line)
        right.plot(data["bits"], data["snr_db"][name], **line)
    left.set(
        title="distortion",
        xlabel="rate (bits)",
        ylabel="squared error (variance 1)",
        xlim=(0, 4),
        ylim=(0, 2),
    )
    right.set(
        title="signal-to-noise ratio",
        xlabel="rate (bits)",
        ylabel="SNR (dB)",
        xlim=(0, 4),
        ylim=(0, None),
    )
    left.legend()
    label_panels(axes)
