"""What was sent and what was decoded: four pictures, or signals over one another."""

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, LinearColorMapper, Row
from bokeh.palettes import Greys256

from rdtheory.explorer.decoding import Decoded
from rdtheory.explorer.plots import new_figure, place_legend
from rdtheory.explorer.view import View
from rdtheory.plot_style import BLUE, GREY, ORANGE

_GAP, _CAPTION = 0.06, 0.15
_PIXELS = 148
"""Per side of a picture."""
_LONGEST = 128
"""Values of a signal that are drawn."""


class DecodedPlot:
    """Pictures where the source is of pictures, signals where it is not."""

    def __init__(self) -> None:
        self._pictures, self._signals = _Pictures(), _Signals()
        self.slot = Row()

    def show(self, view: View) -> None:
        """Show a view."""
        shown = self._pictures if view.decoded.is_picture else self._signals
        shown.show(view.decoded, view.choice.operated)
        self.slot.children = [shown.figure]


class _Pictures:
    """Two by two, with captions."""

    def __init__(self) -> None:
        self.figure = new_figure(
            "Decoded at this point",
            "",
            "",
            x_range=(0.0, 2 + _GAP),
            y_range=(0.0, 2 + 2 * _CAPTION),
            frame_width=round(_PIXELS * (2 + _GAP)),
            frame_height=round(_PIXELS * (2 + 2 * _CAPTION)),
            min_border=5,
            width=None,
            height=None,
            min_width=None,
            sizing_mode=None,
        )
        self.figure.axis.visible = self.figure.grid.visible = False
        corners = [(x, y) for y in (1 + _CAPTION, 0.0) for x in (0.0, 1 + _GAP)]
        x, y = (list(values) for values in zip(*corners, strict=True))
        blank = np.zeros((1, 1), dtype=np.uint8)
        self._source = ColumnDataSource(
            {"image": [blank] * 4, "text": [""] * 4, "x": x, "y": y, "above": [b + 1.02 for b in y]}
        )
        grey = LinearColorMapper(palette=Greys256, low=0, high=255)
        self.figure.image("image", "x", "y", 1, 1, source=self._source, color_mapper=grey)
        self.figure.text("x", "above", "text", source=self._source, text_font_size="9pt")

    def show(self, decoded: Decoded, operated: str) -> None:
        """Show pictures; an image glyph begins at the bottom row."""
        shown = (decoded.original, decoded.received, decoded.by_scheme, decoded.by_slack)
        rows = [np.flipud(one).astype(np.uint8) for one in shown]
        captions = ["original X", "received Z", *_captions(decoded, operated)]
        places: Any = self._source.data
        self._source.data = {**places, "image": rows, "text": captions}


class _Signals:
    """Draws of the source, one after the other."""

    def __init__(self) -> None:
        self.figure = new_figure(
            "Decoded at this point", "draws of X, in a row", "value", width=340, sizing_mode="fixed"
        )
        self._sources = [ColumnDataSource({"x": [], "y": []}) for _ in range(3)]
        styles = (
            {"color": GREY, "line_width": 4, "alpha": 0.5, "legend_label": "original X"},
            {"color": BLUE, "line_width": 1.5, "legend_label": " "},
            {"color": ORANGE, "line_width": 1.5, "line_dash": "dashed", "legend_label": "  "},
        )
        for source, style in zip(self._sources, styles, strict=True):
            self.figure.line("x", "y", source=source, **style)
        place_legend(self.figure, "top_left")
        self.figure.add_layout(self.figure.legend[0], "below")

    def show(self, decoded: Decoded, operated: str) -> None:
        """Show signals, or the first of their values."""
        signals = (decoded.original, decoded.by_scheme, decoded.by_slack)
        for source, values in zip(self._sources, signals, strict=True):
            shown = values[:_LONGEST]
            source.data = {"x": np.arange(1, shown.size + 1), "y": shown}
        for item, caption in zip(
            self.figure.legend.items[1:], _captions(decoded, operated), strict=True
        ):
            item.label = {"value": caption}


def _captions(decoded: Decoded, operated: str) -> list[str]:
    measure = "PSNR" if decoded.is_picture else "SNR"
    by_scheme, by_slack = (f"{value:.1f} dB {measure}" for value in decoded.quality_db)
    return [f"{operated}: {by_scheme}", f"for this P: {by_slack}"]
