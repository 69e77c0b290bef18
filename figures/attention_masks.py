"""Which slot sees which, for 4 x 4 tokens (the patent's Figures 3 and 4).

Row i is the slot that predicts the i-th token of the schedule's order; dark cells are the slots
that it sees. MT: all of them, tokens not known yet are masked at the input. M2T with four groups:
its own group, whose slots carry the tokens of the group before, and all earlier ones. Full AR: the
same with groups of one. Numbers: locations of the tokens that the slots carry, m for the mask.
"""

from typing import Any

import numpy as np

from figures.style import PAGE, label_panels
from rdtheory.codecs.m2t.schedule import schedule
from rdtheory.codecs.m2t.slots import Slots, grouped, together

SIDE = 4
SIZE = (PAGE, 2.6)
PANELS = (1, 3)


def data() -> dict[str, Any]:
    """Visible slots, and what slots carry and predict."""
    return {
        "MT": _shown(together(SIDE**2)),
        "M2T, four groups": _shown(grouped(schedule("qlds", SIDE, 4))),
        "full AR": _shown(grouped(schedule("raster", SIDE, SIDE**2))),
    }


def _shown(slots: Slots) -> dict[str, Any]:
    return {
        "visible": slots.visible,
        "carried": slots.carried,
        "predicted": slots.predicted,
        "mask": slots.tokens,
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """A mask each."""
    for one, (name, shown) in zip(axes.flat, data.items(), strict=True):
        one.imshow(shown["visible"], cmap="Blues", vmin=0, vmax=1.4)
        carried = ["m" if n == shown["mask"] else f"{n}" for n in shown["carried"]]
        predicted = [f"{n}" if n != shown["mask"] else "" for n in shown["predicted"]]
        one.set_xticks(np.arange(len(carried)), carried, fontsize=5)
        one.set_yticks(np.arange(len(predicted)), predicted, fontsize=5)
        one.set(title=name, xlabel="token that a slot carries", ylabel="token that a slot predicts")
        one.grid(visible=False)
    label_panels(axes)
