"""DiffC with its trained model beside classical codecs, at equal real bytes.

Photographs of 64 x 64 pixels (Tiny ImageNet's validation set). (a) Mean PSNR. Realism: (b) the
Fréchet distance of patch features from those of the originals, which is not FID, and (c) the error
of the radial spectrum. Grey: the same between two halves of the originals. Whole files are counted,
containers included; a rate at which a codec refused one of the pictures is left out.
"""

from typing import Any

import numpy as np

from figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PAGE,
    PINK,
    RED,
    SKY,
    YELLOW,
    label_panels,
    legend_below,
)
from simulations.outcomes import recorded

RESULT = "codecs-64"
SIZE = (PAGE, 2.9)
PANELS = (1, 3)
TITLES = {
    "mean_psnr_db": "distortion",
    "frechet_patch_distance": "realism of patches",
    "spectrum_error_db": "realism of spectra",
}
TICKS = (0.25, 0.5, 1, 2)
STATISTICS = {
    "frechet_patch_distance": "Fréchet distance of patches",
    "spectrum_error_db": "spectrum error (dB)",
}
OURS: dict[str, Any] = {"linewidth": 1.8, "markersize": 4}
THEIRS: dict[str, Any] = {"linewidth": 0.9, "markersize": 3}
STYLES: dict[str, dict[str, Any]] = {
    "diffc:flow": {"label": "DiffC-F", "color": BLUE, "marker": "o", **OURS},
    "diffc:ancestral": {"label": "DiffC-A", "color": RED, "marker": "s", "ls": "-.", **OURS},
    "diffc:mmse": {"label": "DiffC, mean", "color": GREEN, "marker": "^", "ls": "--", **OURS},
    "jpeg": {"color": BLACK, "marker": "x", **THEIRS},
    "jpeg2000": {"color": ORANGE, "marker": "v", "ls": "--", **THEIRS},
    "jpeg-xl": {"color": PINK, "marker": "D", "ls": "-.", **THEIRS},
    "webp": {"color": SKY, "marker": "P", "ls": ":", **THEIRS},
    "avif": {"color": GREY, "marker": "*", **THEIRS},
    "heic": {"color": YELLOW, "marker": "h", "ls": "--", **THEIRS},
}


def data() -> dict[str, Any]:
    """By codec: rates, PSNR, realism; and the floors of the latter."""
    rows = recorded(RESULT)["result"]["rows"]
    most = max(row["pictures"] for row in rows)
    shown = [row for row in rows if row["pictures"] == most]
    floors = {name: shown[0]["realism"][name]["floor"] for name in STATISTICS}
    return {"floors": floors, "codecs": {name: _curve(name, shown) for name in STYLES}}


def _curve(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row["codec"] == name]
    return {
        "label": STYLES[name].get("label") or own[0]["label"],
        "bits_per_pixel": np.array([row["bits_per_pixel"] for row in own]),
        "mean_psnr_db": np.array([row["mean_psnr_db"] for row in own]),
        **{key: np.array([row["realism"][key]["value"] for row in own]) for key in STATISTICS},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Quality, then realism."""
    for one, key in zip(axes.flat, ("mean_psnr_db", *STATISTICS), strict=True):
        for name, curve in data["codecs"].items():
            style = {**STYLES[name], "label": curve["label"]}
            one.plot(curve["bits_per_pixel"], curve[key], **style)
        one.set(title=TITLES[key], xlabel="bits per pixel", xscale="log")
        one.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        one.minorticks_off()
        one.set_ylabel(STATISTICS.get(key, "mean PSNR (dB)"))
        if key in data["floors"]:
            one.set_yscale("log")
            floor = {"color": "#BBBBBB", "linewidth": 3, "zorder": 0}
            one.axhline(data["floors"][key], **floor)
    label_panels(axes)
    legend_below(axes, 5)
