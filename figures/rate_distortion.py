"""SNR against rate on image patches, for each noise and reconstruction (Fig. 7A).

Gaussians fitted to 16x16 grey patches of 64x64 pictures. DiffC-A* lies on R*(D/2), the limit of
deterministic codes with perfect realism. The flow (F) exceeds it, and isotropic noise is nearly as
good as the optimal noise (*); pink noise (P) is far worse.
"""

from typing import Any

import numpy as np

from figures.style import PAGE, SCHEMES, SOURCES, label_panels, legend_below
from rdtheory import scheme, sources

SIZE = (PAGE, 3.0)
PANELS = (1, 2)

RATES = np.linspace(0.0, 3.0, 301)


def data() -> dict[str, Any]:
    """SNR in dB of every scheme at the same rates, for both shipped sources."""
    shipped = {"patches": sources.patches(), "photos": sources.photos()}
    return {
        "bits_per_dim": RATES,
        "snr_db": {
            source_name: {
                name: scheme(name, source).curve(bits_per_dim=RATES).snr_db for name in SCHEMES
            }
            for source_name, source in shipped.items()
        },
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One panel a source."""
    for one, (source, curves) in zip(axes.flat, data["snr_db"].items(), strict=True):
        for name, snr_db in curves.items():
            one.plot(data["bits_per_dim"], snr_db, **SCHEMES[name])
        one.set(
            title=SOURCES[source],
            xlabel="rate (bits per dimension)",
            ylabel="SNR (dB)",
            xlim=(0, 3),
            ylim=(0, 34),
        )
    legend_below(axes, columns=8)
    label_panels(axes)
