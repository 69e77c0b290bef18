"""Bits of photographs by masking schedule, with the trained model of masked transformers.

Real streams of the tokens of held-out photographs, q = 1, relative to MT with QLDS at S = 8 and
α = 2.2: (a) against the number of steps S, (b) against α, S = 8. One MT network codes by every
schedule; M2T and full AR have their own networks, and the schedules that they were trained for.
Bars: two standard errors over pictures.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, PAGE, PINK, RED, label_panels, legend_below
from simulations.outcomes import recorded

RESULT = "masked-photographs"
REFERENCE = {"way": "mt", "location": "qlds", "steps": 8, "alpha": 2.2}
SIZE = (PAGE, 2.8)
PANELS = (1, 2)
STYLES: dict[str, dict[str, Any]] = {
    "qlds": {"label": "MT, qlds", "color": BLUE, "marker": "o", "ls": "-"},
    "random": {"label": "MT, random", "color": GREEN, "marker": "s", "ls": "--"},
    "entropy": {"label": "MT, entropy", "color": RED, "marker": "^", "ls": "-."},
}
OTHERS: dict[str, dict[str, Any]] = {
    "m2t": {"label": "M2T, qlds", "color": BLACK, "marker": "D"},
    "ar": {"label": "full AR", "color": PINK, "marker": "v"},
}


def data() -> dict[str, Any]:
    """Ratios of bits to the reference's, means over pictures, and their standard errors."""
    rows = [row for row in recorded(RESULT)["result"]["rows"] if row["log_scale"] == 0]
    (reference,) = _select(rows, **REFERENCE)
    return {
        "steps": {
            name: _curve(_select(rows, way="mt", location=name, alpha=2.2), "steps", reference)
            for name in STYLES
        },
        "alpha": {
            name: _curve(_select(rows, way="mt", location=name, steps=8), "alpha", reference)
            for name in STYLES
        },
        "others": {way: _curve(_select(rows, way=way), "steps", reference) for way in OTHERS},
    }


def _select(rows: list[dict[str, Any]], **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _curve(
    rows: list[dict[str, Any]], axis: str, reference: dict[str, Any]
) -> dict[str, np.ndarray]:
    rows = sorted(rows, key=lambda row: row[axis])
    ratios = np.array([row["bits"] for row in rows]) / np.array(reference["bits"])
    return {
        axis: np.array([row[axis] for row in rows]),
        "percent": 100 * (ratios.mean(axis=1) - 1),
        "error": 100 * ratios.std(axis=1, ddof=1) / ratios.shape[1] ** 0.5,
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Against S, against α."""
    for one, axis in zip(axes.flat, ("steps", "alpha"), strict=True):
        for name, style in STYLES.items():
            shown = data[axis][name]
            one.errorbar(shown[axis], shown["percent"], 2 * shown["error"], **style, markersize=3.5)
    left, right = axes.flat
    for way, style in OTHERS.items():
        shown = data["others"][way]
        left.errorbar(
            shown["steps"], shown["percent"], 2 * shown["error"], **style, ls="none", markersize=4
        )
    left.set(title="steps", xlabel="steps $S$", xscale="log")
    ticks = sorted({*data["steps"]["qlds"]["steps"].tolist(), 64})
    left.set_xticks(ticks, [str(tick) for tick in ticks])
    left.minorticks_off()
    right.set(title="growth of groups", xlabel=r"$\alpha$")
    for one in (left, right):
        one.set_ylabel("bits beside MT, qlds, $S = 8$ (%)")
    label_panels(axes)
    legend_below(axes, 5)
