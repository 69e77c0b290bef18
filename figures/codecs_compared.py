"""DiffC and M2T with their trained models beside classical codecs, at equal real bytes.

Above, photographs of 64 x 64 pixels (Tiny ImageNet's validation set); below, of 768 x 512 (Kodak).
Mean PSNR, and realism: the Fréchet distance of patch features from those of the originals, which is
not FID, and the error of the radial spectrum. Grey: the same between two halves of the originals.
Whole files are counted, containers included; a rate at which a codec refused one of the pictures is
left out.
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
    label_panels,
    legend_below,
)
from simulations.outcomes import recorded

RESULTS = {
    "64 x 64": ("codecs-64",),
    "Kodak": ("codecs-kodak", "codecs-kodak-more"),
}
TICKS = {"64 x 64": (0.25, 0.5, 1, 2), "Kodak": (0.1, 0.2, 0.4, 0.8)}
SIZE = (PAGE, 5.0)
PANELS = (2, 3)
TITLES = {
    "mean_psnr_db": "distortion",
    "frechet_patch_distance": "realism of patches",
    "spectrum_error_db": "realism of spectra",
}
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
    "m2t": {"color": PINK, "marker": "d", "ls": (0, (5, 1)), **OURS},
    "jpeg": {"color": BLACK, "marker": "x", **THEIRS},
    "jpeg2000": {"color": ORANGE, "marker": "v", "ls": "--", **THEIRS},
    "jpeg-xl": {"color": ORANGE, "marker": "D", "ls": ":", **THEIRS},
    "webp": {"color": SKY, "marker": "P", "ls": ":", **THEIRS},
    "avif": {"color": GREY, "marker": "*", **THEIRS},
    "heic": {"color": BLUE, "marker": "h", "ls": ":", **THEIRS},
}


def data() -> dict[str, Any]:
    """By set of pictures and codec: rates, PSNR, realism; and the floors of the latter."""
    return {name: _set(stems) for name, stems in RESULTS.items()}


def _set(stems: tuple[str, ...]) -> dict[str, Any]:
    rows = [row for stem in stems for row in recorded(stem)["result"]["rows"]]
    most = max(row["pictures"] for row in rows)
    shown = [row for row in rows if row["pictures"] == most]
    floors = {name: shown[0]["realism"][name]["floor"] for name in STATISTICS}
    present = {row["codec"] for row in shown}
    return {
        "floors": floors,
        "codecs": {name: _curve(name, shown) for name in STYLES if name in present},
    }


def _curve(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row["codec"] == name]
    own.sort(key=lambda row: row["bits_per_pixel"])
    return {
        "label": STYLES[name].get("label") or own[0]["label"],
        "bits_per_pixel": np.array([row["bits_per_pixel"] for row in own]),
        "mean_psnr_db": np.array([row["mean_psnr_db"] for row in own]),
        **{key: np.array([row["realism"][key]["value"] for row in own]) for key in STATISTICS},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Quality, then realism; a row for each set."""
    for row, (name, shown) in zip(axes, data.items(), strict=True):
        for one, key in zip(row, TITLES, strict=True):
            _draw_panel(one, key, shown)
            one.set(title=f"{TITLES[key]}, {name}", xlabel="bits per pixel", xscale="log")
            one.set_xticks(TICKS[name], [f"{tick:g}" for tick in TICKS[name]])
            one.minorticks_off()
    label_panels(axes)
    legend_below(axes[1:], 5)  # the last row has all codecs


def _draw_panel(one: Any, key: str, shown: dict[str, Any]) -> None:
    for codec, curve in shown["codecs"].items():
        style = {**STYLES[codec], "label": curve["label"]}
        one.plot(curve["bits_per_pixel"], curve[key], **style)
    one.set_ylabel(STATISTICS.get(key, "mean PSNR (dB)"))
    if key in shown["floors"]:
        one.set_yscale("log")
        one.axhline(shown["floors"][key], color="#BBBBBB", linewidth=3, zorder=0)
