"""One tab: its widgets, and how what they say becomes a picture.

Everything is computed in threads, and the page is changed in the server's loop alone. What the user
asked for last counts: an answer that was overtaken is dropped. Bad input shows its one line, and
what was there stays.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

from bokeh.document import Document

from rdtheory.diffusion import SCHEMES
from rdtheory.errors import InputError
from rdtheory.explorer.choice import Choice, load
from rdtheory.explorer.layout import Widgets
from rdtheory.explorer.realism import RealismCurves, least_rate, realism_curves
from rdtheory.explorer.view import View, view_of
from rdtheory.explorer.worker import Worker
from rdtheory.perception import SmallestRate

_REST_MILLISECONDS = 250
"""What takes longer than a view begins when nothing was asked for so long."""


@cache
def opening() -> tuple[View, RealismCurves, SmallestRate]:
    """What every page shows first; worked out once, as it takes a second or two."""
    choice = Choice()
    view = view_of(choice, load(choice.spec))
    return view, realism_curves(view), least_rate(view)


class Page:
    """The explorer in one document.

    Args:
        document: a new one; the page adds itself.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._wished = self._good = Choice()
        self._asked = 0
        self._load = lru_cache(maxsize=1)(load)
        # What takes longer has threads of its own: the next view does not wait for it.
        self._quick, self._curves, self._least = Worker(), Worker(), Worker()
        self._quiet = False
        self._widgets = Widgets(self._wished, self._wish, self._complain)
        self._open()
        self._listen()
        self._widgets.add_to(document)
        document.on_session_destroyed(lambda _: self._end())

    def _open(self) -> None:
        view, curves, answer = opening()
        self._widgets.show(view)
        self._widgets.show_realism(view, curves)
        self._widgets.show_least_rate(view, answer)

    def _listen(self) -> None:
        widgets = self._widgets
        widgets.preset.on_change("value", self._heard(self._enter))
        widgets.spec.on_change("value", self._heard(self._enter))
        widgets.shown.on_change(
            "active",
            self._heard(lambda rows: self._wish(shown=tuple(list(SCHEMES)[row] for row in rows))),
        )
        widgets.operated.on_change("value", self._heard(self._operate))

    def _heard(self, act: Callable[[Any], None]) -> Callable[[str, Any, Any], None]:
        """What a widget calls: nothing happens when it was the page that changed it."""

        def changed(attribute: str, old: Any, new: Any) -> None:
            if not self._quiet:
                act(new)

        return changed

    def _enter(self, spec: str) -> None:
        """A source: files are read again, and one that is still being made is left to itself."""
        self._load = lru_cache(maxsize=1)(load)
        self._quick.stop()
        self._quick = Worker()
        self._wish(spec=spec.strip(), **self._same_rate())

    def _operate(self, name: str) -> None:
        self._wish(operated=name, **self._same_rate())

    def _same_rate(self) -> dict[str, Any]:
        """Another source or scheme keeps the rate: its noise levels are others."""
        return {"target": "bits_per_dim", "value": self._widgets.shown_rate}

    def _wish(self, **changes: Any) -> None:
        try:
            self._wished = replace(self._wished, **changes)
        except InputError as error:
            self._complain(error)
        else:
            self._ask()

    def _ask(self) -> None:
        self._asked += 1
        self._widgets.say("")
        self._quick.ask(partial(self._work_out, self._asked, self._wished, self._load))

    # In a thread; `_next` hands over to the loop.

    def _work_out(self, number: int, choice: Choice, load: Callable[[str], Any]) -> None:
        self._answer(number, lambda: view_of(choice, load(choice.spec)), self._show)

    def _work_out_curves(self, number: int, view: View) -> None:
        self._answer(number, lambda: realism_curves(view), partial(self._show_curves, view))

    def _work_out_least(self, number: int, view: View) -> None:
        self._answer(number, lambda: least_rate(view), partial(self._widgets.show_least_rate, view))

    def _answer(self, number: int, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        try:
            then = partial(show, work())
        except (InputError, OSError, RuntimeError) as error:
            then = partial(self._refuse, error)
        except MemoryError:
            then = partial(
                self._refuse, RuntimeError("not enough memory for a source of this size")
            )
        self._document.add_next_tick_callback(partial(self._unless_overtaken, number, then))

    # In the loop again.

    def _unless_overtaken(self, number: int, then: Callable[[], None]) -> None:
        if number == self._asked:
            self._quiet = True
            then()
            self._quiet = False

    def _show(self, view: View) -> None:
        self._good = self._wished
        self._widgets.show(view)
        # A slider that is being moved has the processor to itself.
        later = partial(self._curves.ask, partial(self._work_out_curves, self._asked, view))
        self._document.add_timeout_callback(
            partial(self._unless_overtaken, self._asked, later), _REST_MILLISECONDS
        )

    def _show_curves(self, view: View, curves: Any) -> None:
        self._widgets.show_realism(view, curves)
        self._least.ask(partial(self._work_out_least, self._asked, view))

    def _refuse(self, error: Exception) -> None:
        """What comes next starts from what is shown."""
        self._wished = self._good
        self._complain(error)

    def _complain(self, error: Exception) -> None:
        self._widgets.say(" ".join(str(error).split()))

    def _end(self) -> None:
        self._asked += 1
        for worker in (self._quick, self._curves, self._least):
            worker.stop()
