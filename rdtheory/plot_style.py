"""How all pictures look that the library and the figures draw: type, lines, colours.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; dashes and marks tell
curves apart in grey print as well.
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

BLACK, ORANGE, SKY, GREEN, BLUE, RED, PINK, GREY = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#777777",
)

CYCLE = (BLACK, RED, BLUE, GREEN, PINK, SKY, ORANGE, GREY)
"""In the order in which curves without a colour of their own take them."""

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
"""Label and line of each scheme, the same in every picture."""
