"""How all figures look: column widths, type, and one colour and dash for each scheme.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; dashes and marks tell
the curves apart in grey print as well.
"""

from typing import Any

COLUMN = 3.4
PAGE = 7.0
"""Widths of a journal's column and page, in inches."""

RC: dict[Any, Any] = {
    "axes.grid": True,
    "axes.labelsize": 8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.5,
    "image.cmap": "gray",
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
}

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PINK = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)

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
