"""SNR by principal component at 0.391 bits per dimension (Fig. 7B).

The same sources as Fig. 7A, each noise at the level that gives this rate. DiffC-A* gives no bit to
the components below its water level, which are over half of them on ImageNet patches: their SNR
is 0 dB. DiffC-F* gives a little to all.
"""

from typing import Any

import numpy as np

from figures.style import PAGE, SCHEMES, SOURCES, label_panels, legend_below
from rdtheory import scheme, sources

SIZE = (PAGE, 3.0)
PANELS = (1, 2)

BITS_PER_DIM = 0.391
SHOWN = ("diffc-a", "diffc-f", "diffc-a-pink", "diffc-f-pink", "diffc-a-star", "diffc-f-star")


def data() -> dict[str, Any]:
    """SNR in dB by component, in decreasing order of eigenvalue."""
    shipped = {"patches": sources.patches(), "photos": sources.photos()}
    return {
        "bits_per_dim": BITS_PER_DIM,
        "snr_db": {
            source_name: {
                name: scheme(name, source).at(bits_per_dim=BITS_PER_DIM).components.snr_db
                for name in SHOWN
            }
            for source_name, source in shipped.items()
        },
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One panel a source."""
    for one, (source, curves) in zip(axes.flat, data["snr_db"].items(), strict=True):
        for name, snr_db in curves.items():
            one.plot(np.arange(1, len(snr_db) + 1), snr_db, **SCHEMES[name])
        zero = np.count_nonzero(np.asarray(curves["diffc-a-star"]) == 0)
        one.set(
            title=SOURCES[source],
            xlabel="principal component",
            ylabel="SNR (dB)",
            xlim=(1, 256),
            xscale="log",
        )
        one.text(1.1, 0.3, f"DiffC-A*: 0 dB in {zero} of {len(snr_db)} components", fontsize=7)
    legend_below(axes, columns=6)
    label_panels(axes)
