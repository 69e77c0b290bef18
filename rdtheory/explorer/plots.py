"""The pictures of the page: rate-distortion curves, components, and what realism costs."""

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, LogTickFormatter, Span
from bokeh.plotting import figure

from rdtheory.diffusion import SCHEMES
from rdtheory.explorer.choice import MOST_COMMON, RATES
from rdtheory.explorer.realism import RealismCurves, deviation_percent
from rdtheory.explorer.view import View
from rdtheory.perception import SmallestRate
from rdtheory.plot_style import BLUE, GREY, RED
from rdtheory.plot_style import SCHEMES as STYLES

_DASHES = {"-": "solid", "--": "dashed", ":": "dotted"}
_FEW = 16
"""So many components are points as well as a line."""


def label(name: str) -> str:
    """What a scheme is called, without TeX.

    >>> label("rd"), label("diffc-f-star")
    ('R*(D)', 'DiffC-F*')
    """
    return STYLES[name]["label"].replace("$", "").replace("^", "")


def line_style(name: str) -> dict[str, Any]:
    """The line of a scheme, as it is in the figures.

    >>> line_style("diffc-f")
    {'line_color': '#0072B2', 'line_dash': 'solid', 'line_width': 2.0}
    """
    style = STYLES[name]
    width = 1.6 * style.get("linewidth", 1.25)
    return {
        "line_color": style["color"],
        "line_dash": _DASHES[style["linestyle"]],
        "line_width": width,
    }


def new_figure(title: str, x: str, y: str, **options: Any) -> Any:
    """Empty axes in the style of the page."""
    made = figure(
        title=title,
        x_axis_label=x,
        y_axis_label=y,
        **{"height": 370, "sizing_mode": "stretch_width", "min_width": 280, **options},
        tools="pan,box_zoom,wheel_zoom,reset,save",
        toolbar_location="above",
        outline_line_color=None,
    )
    made.toolbar.logo = None
    made.toolbar.autohide = True
    made.axis.axis_label_text_font_style = "normal"
    made.axis.minor_tick_line_color = None
    made.axis.axis_line_color = made.axis.major_tick_line_color = "#999999"
    made.grid.grid_line_color = "#E8E8E8"
    return made


def place_legend(axes: Any, location: str) -> None:
    """A legend of little weight, where it hides least."""
    axes.legend.location = location
    axes.legend.label_text_font_size = "9pt"
    axes.legend.spacing = axes.legend.padding = 0
    axes.legend.background_fill_alpha = 0.7
    axes.legend.border_line_color = None


class SchemeLines:
    """A line a scheme, in the style of the scheme, shown when there is something to show.

    The key is in the page's list of schemes.
    """

    def __init__(self, axes: Any) -> None:
        self._lines: dict[str, tuple[ColumnDataSource, list[Any]]] = {}
        # The broad line first: it lies below the one that it agrees with.
        for name in sorted(SCHEMES, key=lambda name: name != "rd-half"):
            source = ColumnDataSource({"x": [], "y": [], "size": []})
            line = axes.line("x", "y", source=source, **line_style(name))
            color = STYLES[name]["color"]
            dots = axes.scatter("x", "y", size="size", source=source, color=color, line_color=None)
            self._lines[name] = source, [line, dots]

    def show(self, lines: dict[str, tuple[Any, Any]], *, dots: bool = False) -> None:
        """Show x and y of these schemes, and no others."""
        for name, (source, renderers) in self._lines.items():
            for one in renderers:
                one.visible = name in lines
            if name in lines:
                x, y = (np.asarray(values, dtype=float) for values in lines[name])
                source.data = {"x": x, "y": y, "size": np.full(x.shape, 6.0 if dots else 0.0)}


class CurvePlot:
    """SNR against rate, with the operating point and the other schemes at its rate."""

    def __init__(self) -> None:
        self.figure = new_figure(
            "Rate and distortion", "rate (bits per dimension)", "SNR (dB)", x_range=(0.0, RATES[1])
        )
        self._lines = SchemeLines(self.figure)
        self._dots = ColumnDataSource({"x": [], "y": [], "color": []})
        self.mark = ColumnDataSource({"x": [], "y": []}, name="operating-point")
        self._rate = Span(dimension="height", line_color=GREY, line_dash="dashed", line_width=1)
        self.figure.add_layout(self._rate)
        self.figure.scatter("x", "y", color="color", size=7, source=self._dots)
        self.figure.scatter(
            "x", "y", size=15, line_width=2.5, line_color="black", fill_color=None, source=self.mark
        )

    def show(self, view: View) -> None:
        """Show a view."""
        self._lines.show({one.scheme: (one.bits_per_dim, one.snr_db) for one in view.curves})
        self._dots.data = {
            "x": [float(point.bits_per_dim) for point in view.points],
            "y": [float(point.snr_db) for point in view.points],
            "color": [STYLES[point.scheme.name]["color"] for point in view.points],
        }
        self._rate.location = view.rate
        self.mark.data = {"x": [self._rate.location], "y": [float(view.point.snr_db)]}


class ComponentPlot:
    """SNR of every principal component of the schemes, at the rate of the operating point."""

    def __init__(self) -> None:
        self.figure = new_figure(
            "Components at this rate", "principal component", "SNR (dB)", x_axis_type="log"
        )
        self.figure.xaxis.ticker = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
        self.figure.xaxis.formatter = LogTickFormatter(min_exponent=4)
        self._lines = SchemeLines(self.figure)

    def show(self, view: View) -> None:
        """Show a view."""
        index = np.arange(1, view.source.dim + 1)
        snr_db = {p.scheme.name: p.components.to_dict()["snr_db"] for p in view.points}
        self._lines.show(
            {name: (index, values) for name, values in snr_db.items()}, dots=index.size <= _FEW
        )


class LeastRatePlot:
    """Least rates at one distortion along one axis; the rate of the scheme; what is asked for."""

    def __init__(self, title: str, x: str, color: str, legend: str) -> None:
        self.figure = new_figure(title, x, "rate (bits per dimension)", height=280)
        self._curve = ColumnDataSource({"x": [], "y": []})
        self._asked = ColumnDataSource({"x": [], "y": []})
        self._spent = ColumnDataSource({"x": [], "y": []})
        self.figure.line(
            "x", "y", source=self._curve, color=color, line_width=2, legend_label=legend
        )
        self.figure.scatter(
            "x",
            "y",
            source=self._asked,
            marker="diamond",
            size=15,
            color="black",
            legend_label="asked for",
        )
        self.figure.line(
            "x",
            "y",
            source=self._spent,
            color=GREY,
            line_dash="dashed",
            line_width=1.5,
            legend_label="this scheme",
        )
        place_legend(self.figure, "bottom_left")
        self.figure.y_range.start = 0.0

    def show_curve(self, x: np.ndarray, y: np.ndarray, spent: float) -> None:
        """Show a curve; what was asked for is not known any more."""
        self._curve.data = {"x": x, "y": y}
        self._asked.data = {"x": [], "y": []}
        self._spent.data = {"x": [x[0], x[-1]], "y": [spent, spent]}

    def show_asked(self, x: float, y: float) -> None:
        """Mark the least rate of what is asked for."""
        self._asked.data = {"x": [x], "y": [y]}


class RealismPlots:
    """The rate over perception, and over common randomness."""

    def __init__(self) -> None:
        self.perception = LeastRatePlot(
            "What realism costs at this distortion",
            "W₂(X̂, X), % of √(tr Σ)",
            BLUE,
            "R(D, P), R_c = ∞",
        )
        self.common = LeastRatePlot(
            "What common randomness saves",
            "common randomness R_c (bits per dimension)",
            RED,
            "R(D, R_c), P = 0",
        )

    @property
    def figures(self) -> list[Any]:
        """Both, from left to right."""
        return [self.perception.figure, self.common.figure]

    def show_curves(self, view: View, curves: RealismCurves) -> None:
        """Show the two curves."""
        spent = view.rate
        self.perception.show_curve(curves.deviation_percent, curves.bits_at_deviation, spent)
        self.common.show_curve(curves.common_bits_per_dim, curves.bits_at_common, spent)

    def show_asked(self, view: View, answer: SmallestRate) -> None:
        """Mark the least rate with the perception and the common randomness asked for."""
        deviation = deviation_percent(view.source, np.asarray(answer.perception))
        self.perception.show_asked(float(deviation), answer.bits_per_dim)
        self.common.show_asked(
            min(view.choice.common_bits_per_dim, MOST_COMMON), answer.bits_per_dim
        )
