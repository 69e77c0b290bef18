"""Time to decode a patch of 24 x 24 tokens of 192 channels, by number of steps S.

The source's transformer (12 layers, width 768), weights drawn at random, in double precision on two
processor cores: the network alone (solid), and with tables of probabilities, range coder and
checksums (dashed). MT passes over all tokens at every step, M2T over each token once; full AR has
as many steps as tokens.
"""

from typing import Any

import numpy as np

from figures.style import COLUMN, WAYS
from simulations.outcomes import recorded

RESULT = "decoding-time-base"
SIZE = (COLUMN, 2.7)
PANELS = (1, 1)
SECONDS = (2, 5, 10, 20, 50, 100)


def data() -> dict[str, Any]:
    """Seconds by way."""
    rows = recorded(RESULT)["result"]["rows"]
    return {way: _curve([row for row in rows if row["way"] == way]) for way in WAYS}


def _curve(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    names = ("steps", "network_seconds", "seconds")
    return {name: np.array([row[name] for row in rows]) for name in names}


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Seconds against steps."""
    one = axes.flat[0]
    for way, style in WAYS.items():
        shown = data[way]
        one.plot(shown["steps"], shown["network_seconds"], **style, markersize=4)
        quiet = {**style, "label": None}
        one.plot(shown["steps"], shown["seconds"], **quiet, ls="--", mfc="none", markersize=4)
    one.set(xlabel="steps $S$", ylabel="seconds a patch", xscale="log", yscale="log")
    ticks = sorted({int(n) for shown in data.values() for n in shown["steps"]})
    one.set_xticks(ticks, [str(tick) for tick in ticks])
    one.set_yticks(SECONDS, [str(tick) for tick in SECONDS])
    one.minorticks_off()
    one.legend()
