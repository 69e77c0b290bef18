"""Masking schedules of 24 x 24 tokens in 12 steps, α = 2.2 (the patent's Figure 2).

Each cell is a token; darker ones are coded earlier. QLDS spreads every group, and every union of
the first groups, evenly; random groups leave gaps and clusters; raster order codes neighbours
together; the checkerboard has two steps. (e) Tokens of each step, for three values of α.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, PAGE, RED, label_panels
from rdtheory.codecs.m2t.schedule import ORDERS, group_sizes, schedule

SIDE, STEPS, ALPHA = 24, 12, 2.2
SIZE = (PAGE, 2.0)
PANELS = (1, 5)
CURVES = {
    1.0: {"color": BLACK, "marker": "o", "ls": "-"},
    2.2: {"color": BLUE, "marker": "s", "ls": "--"},
    4.0: {"color": RED, "marker": "^", "ls": "-."},
}


def data() -> dict[str, Any]:
    """At which step each token is coded, and how many are at each."""
    return {
        "steps": {name: schedule(name, SIDE, STEPS, ALPHA).steps for name in ORDERS},
        "sizes": {alpha: np.array(group_sizes(SIDE**2, STEPS, alpha)) for alpha in CURVES},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Four grids, and the sizes."""
    *grids, last = axes.flat
    for one, (name, steps) in zip(grids, data["steps"].items(), strict=True):
        one.imshow(steps, cmap="viridis", vmin=0, vmax=max(1, steps.max()))
        one.set(title=name, xticks=[], yticks=[])
        one.grid(visible=False)
    for alpha, style in CURVES.items():
        numbers = np.arange(1, STEPS + 1)
        last.plot(
            numbers, data["sizes"][alpha], **style, markersize=2.5, label=rf"$\alpha={alpha:g}$"
        )
    last.set(title="group sizes", xlabel="step", ylabel="tokens", box_aspect=1)
    last.legend()
    label_panels(axes)
