"""What masking schedules lose on a Gaussian field of 8 x 8 values, correlation 0.9, q = 4.

Bits of a value above its entropy, in closed form, if values of a group are coded independently
given all earlier groups. (a) Against the number of steps S, α = 2.2: with one step all correlation
is lost, with 64 none. (b) Against α, S = 12. `entropy` codes what is then easiest: the neighbours
of known values, which tell much of one another.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, PAGE, PINK, RED, label_panels, legend_below
from simulations.outcomes import run

STEPS, ALPHAS = (1, 2, 4, 8, 12, 16, 32), (1.0, 1.3, 1.6, 1.9, 2.2, 2.6, 3.0, 3.5, 4.0)
ALPHA, MIDDLE = 2.2, 12
SIZE = (PAGE, 2.8)
PANELS = (1, 2)
STYLES: dict[str, dict[str, Any]] = {
    "qlds": {"color": BLUE, "marker": "o", "ls": "-"},
    "random": {"color": GREEN, "marker": "s", "ls": "--"},
    "entropy": {"color": RED, "marker": "^", "ls": "-."},
    "raster": {"color": BLACK, "marker": "x", "ls": ":"},
    "checkerboard": {"color": PINK, "marker": "D", "ls": "none"},
}


def data() -> dict[str, Any]:
    """Excess bits by location: against S, and against α."""
    return {
        "steps": _excess(",".join(map(str, STEPS)), str(ALPHA), "steps"),
        "alpha": _excess(str(MIDDLE), ",".join(map(str, ALPHAS)), "alpha"),
    }


def _excess(steps: str, alphas: str, axis: str) -> dict[str, dict[str, np.ndarray]]:
    result = run("schedule-bits", steps=steps, alphas=alphas)["result"]
    found = {}
    for name in STYLES:
        own = [row for row in result["rows"] if row["location"] == name]
        excess = np.array([row["bits"] for row in own]) - result["entropy"]
        found[name] = {axis: np.array([row[axis] for row in own]), "excess_bits": excess}
    return found


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Against S, against α."""
    left, right = axes.flat
    for name, style in STYLES.items():
        shown = data["steps"][name]
        left.plot(shown["steps"], shown["excess_bits"], **style, markersize=3.5, label=name)
        if name != "checkerboard":
            shown = data["alpha"][name]
            right.plot(shown["alpha"], shown["excess_bits"], **style, markersize=3.5)
    left.set(title="steps", xlabel="steps $S$", xscale="log")
    left.set_xticks(STEPS, [str(s) for s in STEPS])
    left.minorticks_off()
    right.set(title=f"growth of groups, $S = {MIDDLE}$", xlabel=r"$\alpha$")
    for one in (left, right):
        one.set_ylabel("bits above the entropy, a value")
    left.set_yscale("log")
    right.set_ylim(bottom=0)
    label_panels(axes)
    legend_below(axes, 5)
