"""The widgets of a page and where they stand; what they show of a view.

Texts of the user's go into plain text alone, never into HTML or TeX.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.document import Document
from bokeh.models import (
    Button,
    CheckboxGroup,
    Column,
    CustomJS,
    Div,
    PreText,
    Row,
    Select,
    TextInput,
)

from rdtheory.diffusion import SCHEMES
from rdtheory.errors import InputError
from rdtheory.explorer.choice import MOST_COMMON, PRESETS, RATES, Choice
from rdtheory.explorer.decoded_plot import DecodedPlot
from rdtheory.explorer.knob import Knob, Scale
from rdtheory.explorer.plots import ComponentPlot, CurvePlot, RealismPlots, label, line_style
from rdtheory.explorer.realism import RealismCurves
from rdtheory.explorer.snippets import command, python
from rdtheory.explorer.style import CARD, CODE, HEADING, MESSAGE, PAGE_TEMPLATE, READOUT, SIDEBAR
from rdtheory.explorer.view import View
from rdtheory.perception import SmallestRate

_OTHER = "another, typed below"
_UNLIMITED = MOST_COMMON + 0.05
"""Where the slider of common randomness says: no limit."""


class Widgets:
    """All that stands on a page.

    Args:
        choice: what the widgets say to begin with.
        wish: called with what the user changed, as fields of a `Choice`.
        complain: called with what is wrong with a number that the user typed.
    """

    def __init__(
        self,
        choice: Choice,
        wish: Callable[..., None],
        complain: Callable[[InputError], None],
    ) -> None:
        self.shown_rate = choice.value
        self.preset = Select(
            name="preset", title="Source", options=[*PRESETS, _OTHER], value=choice.spec
        )
        self.spec = TextInput(name="spec", title="or any SPEC, then Enter", value=choice.spec)
        names = list(SCHEMES)
        self.shown = CheckboxGroup(
            name="shown",
            labels=[label(name) for name in names],
            active=[names.index(name) for name in choice.shown],
            stylesheets=[_scheme_lines()],
        )
        self.operated = Select(
            name="operated",
            title="Scheme of the operating point",
            options=[(name, label(name)) for name in names],
            value=choice.operated,
        )
        self._rate = Knob(
            "rate",
            "Rate, bits/dim",
            Scale(*RATES, 0.01),
            choice.value,
            lambda rate: wish(target="bits_per_dim", value=rate),
            complain,
        )
        self._noise = Knob(
            "noise",
            "Noise level t₁ (variance, log scale)",
            Scale(0.0, 1.0, 0.01, lambda place: float(f"{10**place:.6g}"), np.log10),
            1.0,
            lambda level: wish(target="noise_level", value=level),
            complain,
        )
        self._slack = Knob(
            "perception",
            "Perception W₂, % of what is free",
            Scale(0.0, 100.0, 1.0),
            100 * choice.slack,
            lambda percent: wish(slack=percent / 100),
            complain,
        )
        self._common = Knob(
            "common",
            "Common randomness R_c, bits/dim",
            Scale(
                0.0,
                _UNLIMITED,
                0.05,
                lambda place: np.inf if place > MOST_COMMON else place,
                lambda bits: min(bits, _UNLIMITED),
            ),
            choice.common_bits_per_dim,
            lambda bits: wish(common_bits_per_dim=bits),
            complain,
        )
        self._message = Div(
            name="message",
            visible=False,
            render_as_text=True,
            disable_math=True,
            sizing_mode="stretch_width",
            stylesheets=[MESSAGE],
        )
        self._readout = Div(
            name="readout", width=340, disable_math=True, stylesheets=[READOUT], text=""
        )
        self.command, self.python = _code("command"), _code("python")
        self._curves, self._components = CurvePlot(), ComponentPlot()
        self._decoded, self._realism = DecodedPlot(), RealismPlots()

    def add_to(self, document: Document) -> None:
        """Put everything on an empty page."""
        document.title = "rdtheory explore"
        document.template = PAGE_TEMPLATE  # pyright: ignore[reportAttributeAccessIssue]
        plots = _card(self._curves.figure, self._components.figure, self._decoded.slot)
        realism = _card(*self._realism.figures, self._readout)
        copies = _card(
            _copied("The same on the command line", self.command),
            _copied("The same in Python", self.python),
        )
        pictures = Column(
            children=[self._message, plots, realism, copies],
            sizing_mode="stretch_width",
            spacing=12,
        )
        document.add_root(
            Row(children=[self._controls(), pictures], sizing_mode="stretch_width", spacing=12)
        )

    def _controls(self) -> Column:
        for one in (self.preset, self.spec, self.operated):
            one.sizing_mode = "stretch_width"
        return Column(
            children=[
                self.preset,
                self.spec,
                _heading("Schemes"),
                self.shown,
                self.operated,
                _heading("Operating point"),
                self._rate.box,
                self._noise.box,
                _heading("Realism at its distortion"),
                self._slack.box,
                self._common.box,
            ],
            width=290,
            stylesheets=[CARD, SIDEBAR],
        )

    def say(self, text: str) -> None:
        """Show a message above the pictures, or none."""
        self._message.text, self._message.visible = text, bool(text)

    def show(self, view: View) -> None:
        """Show a view everywhere but in what is still being worked out."""
        choice, point = view.choice, view.point
        self.shown_rate = min(max(view.rate, RATES[0]), RATES[1])
        self.preset.value = choice.spec if choice.spec in PRESETS else _OTHER
        self.spec.value, self.operated.value = choice.spec, choice.operated
        self._rate.show(view.rate)
        self._noise.show(float(point.noise_level), view.noise_levels)
        self._slack.show(100 * choice.slack)
        self._common.show(choice.common_bits_per_dim)
        self._curves.show(view)
        self._components.show(view)
        self._decoded.show(view)
        self._show_numbers(view, None)
        self.command.text, self.python.text = command(view), python(view)

    def show_realism(self, view: View, curves: RealismCurves) -> None:
        """Show what realism costs at the distortion of the view."""
        self._realism.show_curves(view, curves)

    def show_least_rate(self, view: View, answer: SmallestRate) -> None:
        """Show the least rate of what is asked for."""
        self._realism.show_asked(view, answer)
        self._show_numbers(view, answer)

    def _show_numbers(self, view: View, answer: SmallestRate | None) -> None:
        point, choice = view.point, view.choice
        common = choice.common_bits_per_dim
        rows = [
            ("Rate", f"{float(point.bits_per_dim):.6g}", "bits/dim"),
            ("SNR", f"{float(point.snr_db):.4f}", "dB"),
            ("Distortion", f"{float(point.distortion_per_dim):.6g}", "per dim"),
            ("Noise level t₁", f"{float(point.noise_level):.6g}", ""),
            ("Slope dR/dD", f"{float(point.slope_bits):.4g}", "bits per D"),
            ("Perception P = W₂²", "…" if answer is None else f"{answer.perception:.6g}", "in all"),
            ("Common randomness", f"{common:g}".replace("inf", "∞"), "bits/dim"),
            ("Least rate", "…" if answer is None else f"{answer.bits_per_dim:.6g}", "bits/dim"),
            ("its certified gap", "…" if answer is None else f"{answer.gap_nats:.1e}", "nats"),
        ]
        cells = "".join(
            f"<tr><td>{name}</td><td>{number}</td><td>{unit}</td></tr>"
            for name, number, unit in rows
        )
        title = f"{label(choice.operated)}, M = {view.source.dim}"
        self._readout.text = f"<h3>{title}</h3><table>{cells}</table>"


def _card(*children: Any) -> Row:
    return Row(children=list(children), sizing_mode="stretch_width", stylesheets=[CARD])


def _heading(text: str) -> Div:
    return Div(text=text, disable_math=True, stylesheets=[HEADING])


def _code(name: str) -> PreText:
    return PreText(
        name=name, disable_math=True, sizing_mode="stretch_width", stylesheets=[CODE], text=""
    )


def _copied(title: str, code: PreText) -> Column:
    """Text under a button that copies it."""
    button = Button(label="Copy", name=f"copy-{code.name}", width=80, button_type="primary")
    button.js_on_click(
        CustomJS(
            args={"code": code, "button": button},
            code="""
            navigator.clipboard.writeText(code.text).then(() => {
                button.label = "Copied"
                setTimeout(() => { button.label = "Copy" }, 1200)
            })
            """,
        )
    )
    above = Row(children=[_heading(title), button], sizing_mode="stretch_width")
    return Column(children=[above, code], sizing_mode="stretch_width")


def _scheme_lines() -> str:
    """A stretch of each scheme's line before its name."""
    rules: list[Any] = []
    for number, name in enumerate(SCHEMES, start=1):
        style = line_style(name)
        rules.append(
            f"label:nth-of-type({number}) span::before {{ content: ''; display: inline-block;"
            f" width: 26px; margin-right: 8px; vertical-align: middle;"
            f" border-top: {min(style['line_width'], 5):.0f}px {style['line_dash']}"
            f" {style['line_color']}; }}"
        )
    return "\n".join(rules)
