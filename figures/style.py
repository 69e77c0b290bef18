"""One colour and dash for each scheme; the rest of the style is the library's."""

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

SCHEMES: dict[str, dict[str, Any]] = {
    "rd": {"label": r"$R^*(D)$", "color": BLACK, "linestyle": "-"},
    "rd-half": {
        "label": r"$R^*(D/2)$",
        "color": "#BBBBBB",
        "linestyle": "-",
        "linewidth": 3.5,
    },
    "diffc-a": {"label": "DiffC-A", "color": RED, "linestyle": "-"},
    "diffc-f": {"label": "DiffC-F", "color": BLUE, "linestyle": "-"},
    "diffc-a-pink": {"label": "DiffC-A (P)", "color": PINK, "linestyle": ":"},
    "diffc-f-pink": {"label": "DiffC-F (P)", "color": SKY, "linestyle": ":"},
    "diffc-a-star": {"label": "DiffC-A*", "color": ORANGE, "linestyle": "--"},
    "diffc-f-star": {"label": "DiffC-F*", "color": GREEN, "linestyle": "--"},
}
"""Label and line of each scheme, the same in every figure."""

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
