"""Masked transformers on quantised Gaussian fields of known covariance, in real bits.

Fields of 8 x 8 values with correlation 0.9 in both directions, S = 8, α = 2.2. (a) Bits of a value,
checksums left out, against signal to noise of the linear estimate, beside R*(D), and the entropy of
the quantised field. (b) Bits above that entropy at q = 2: measured (filled), and what a perfect
network would need, as values of a group are coded independently given earlier groups (hollow). The
rest is what a small network has not learned. Bars: two standard errors.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, PAGE, WAYS, label_panels
from simulations.outcomes import recorded

RESULT = "masked-fields"
MIDDLE = 1.0
SIZE = (PAGE, 2.9)
PANELS = (1, 2)


def data() -> dict[str, Any]:
    """Rates and distortions by way; excess bits of all contestants at one scale."""
    rows = recorded(RESULT)["result"]["rows"]
    shown = {way: [row for row in rows if _drawn(row) and row["way"] == way] for way in WAYS}
    middle = [row for row in rows if row["log_scale"] == MIDDLE]
    return {
        "snr_db": _column(shown["ar"], lambda row: -10 * np.log10(row["distortion"])),
        "rate_bound": _column(shown["ar"], lambda row: row["rate_bound"]),
        "entropy": _column(shown["ar"], lambda row: row["entropy"]),
        "bits": {way: _column(rows, _net) for way, rows in shown.items()},
        "excess": {
            f"{WAYS[row['way']]['label']}, {row['location']}": {
                "way": row["way"],
                "measured": _net(row) - row["entropy"],
                "error": row["bits_error"],
                "perfect": row["grouped"] - row["entropy"],
            }
            for row in middle
        },
    }


def _drawn(row: dict[str, Any]) -> bool:
    return row["location"] == ("raster" if row["way"] == "ar" else "qlds")


def _net(row: dict[str, Any]) -> float:
    return row["bits"] - row["checksums"]


def _column(rows: list[dict[str, Any]], value: Any) -> np.ndarray:
    return np.array([value(row) for row in rows])


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Rate and distortion; excess."""
    left, right = axes.flat
    left.plot(data["rate_bound"], data["snr_db"], color=BLACK, label=r"$R^*(D)$")
    left.plot(data["entropy"], data["snr_db"], color=BLACK, ls="--", label="entropy")
    for way, style in WAYS.items():
        left.plot(data["bits"][way], data["snr_db"], **style, ls="none", markersize=4)
    left.set(title="rate and distortion", xlabel="bits a value", ylabel="SNR (dB)")
    left.legend()
    for place, shown in enumerate(data["excess"].values()):
        style = {**WAYS[shown["way"]], "markersize": 4}
        style.pop("label")
        right.errorbar(shown["measured"], place, xerr=2 * shown["error"], **style)
        right.plot(shown["perfect"], place, **style, mfc="none")
    right.set_yticks(np.arange(len(data["excess"])), list(data["excess"]))
    right.invert_yaxis()
    right.set(
        title=f"above the entropy, $q = {2**MIDDLE:g}$",
        xlabel="bits a value",
        ylabel="way and schedule",
    )
    right.set_xlim(left=-0.02)
    label_panels(axes)
