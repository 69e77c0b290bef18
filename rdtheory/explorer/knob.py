"""A number that can be moved by a slider or typed: its title, its slider, its text field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bokeh.models import Column, Div, Row, Slider, TextInput

from rdtheory.errors import InputError


@dataclass(frozen=True)
class Scale:
    """How a number is read from a slider, and how it stands there and in a text field.

    Attributes:
        low: the slider's lowest position, and so on.
        high: the highest.
        step: between two positions.
        value: of a position.
        position: of a value.
        digits: significant ones in the text.
    """

    low: float
    high: float
    step: float
    value: Callable[[float], float] = float
    position: Callable[[float], float] = float
    digits: int = 6


class Knob:
    """A slider with a text field beside it; both say the same number.

    Args:
        name: of the models, `name` and `name-text`, and of the number in errors.
        title: above the slider, with the unit.
        scale: of the slider.
        value: to begin with.
        on_value: called with what the user chose.
        on_error: called with what is wrong with what the user typed.
    """

    def __init__(
        self,
        name: str,
        title: str,
        scale: Scale,
        value: float,
        on_value: Callable[[float], None],
        on_error: Callable[[InputError], None],
    ) -> None:
        self._name, self._scale, self._quiet = name, scale, False
        self._on_value, self._on_error = on_value, on_error
        self.slider = Slider(
            name=name,
            start=scale.low,
            end=scale.high,
            step=scale.step,
            value=scale.position(value),
            show_value=False,
            align="center",
            sizing_mode="stretch_width",
        )
        self.text = TextInput(name=f"{name}-text", width=92)
        self.show(value)
        self.slider.on_change("value", self._moved)
        self.text.on_change("value", self._typed)
        both = Row(children=[self.slider, self.text], sizing_mode="stretch_width")
        caption = Div(text=title, disable_math=True, margin=(4, 5, 0, 5))
        self.box = Column(children=[caption, both], sizing_mode="stretch_width")

    def show(self, value: float, ends: tuple[float, float] | None = None) -> None:
        """Say a number, with other ends of the slider if they are given."""
        self._quiet = True
        if ends is not None:
            low, high = (self._scale.position(end) for end in ends)
            if (low, high) != (self.slider.start, self.slider.end):
                self.slider.update(start=low, end=high)
        position = self._scale.position(value)
        # A slider that the user is moving stands within a step: it is left alone.
        if abs(position - self.slider.value) > self._scale.step / 2:
            self.slider.value = position
        self.text.value = f"{value:.{self._scale.digits}g}"
        self._quiet = False

    def _moved(self, _attribute: str, _old: Any, position: float) -> None:
        if not self._quiet:
            self._on_value(self._scale.value(position))

    def _typed(self, _attribute: str, _old: Any, text: str) -> None:
        if self._quiet:
            return
        try:
            value = float(text)
        except ValueError:
            self._on_error(InputError(self._name, repr(text), "a number"))
        else:
            self._on_value(value)
