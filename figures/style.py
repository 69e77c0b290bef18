"""The library's style, and what the figures add to it."""

from typing import Any

from rdtheory.plot_style import (
    BLACK,
    BLUE,
    COLUMN,
    GREEN,
    GREY,
    ORANGE,
    PAGE,
    PINK,
    RC,
    RED,
    SCHEMES,
    SKY,
)

__all__ = [
    "BLACK",
    "BLUE",
    "COLUMN",
    "GREEN",
    "GREY",
    "ORANGE",
    "PAGE",
    "PINK",
    "RC",
    "RED",
    "SCHEMES",
    "SKY",
]

WAYS: dict[str, dict[str, Any]] = {
    "ar": {"label": "full AR", "color": GREEN, "marker": "^"},
    "m2t": {"label": "M2T", "color": BLUE, "marker": "o"},
    "mt": {"label": "MT", "color": RED, "marker": "s"},
}
"""Label and mark of each way to run a masked transformer, the same in every figure."""

SOURCES = {
    "patches": "ImageNet patches",
    "photos": "photograph patches (CID22)",
}


def label_panels(axes: Any) -> None:
    """(a), (b), ... before the titles of the panels."""
    for letter, one in zip("abcdefgh", axes.flat, strict=False):
        one.set_title(f"({letter}) {one.get_title(loc='left')}")


def legend_below(axes: Any, columns: int) -> None:
    """One legend for all panels, where it hides nothing."""
    first = axes.flat[0]
    first.figure.legend(
        *first.get_legend_handles_labels(), loc="outside lower center", ncols=columns
    )
