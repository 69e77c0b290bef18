"""The progress bar: when it shows, and that it leaves the terminal in order."""

import io
import sys
import time

import pytest

from rdtheory import progress
from rdtheory.progress import track


class Terminal(io.StringIO):
    def isatty(self):
        return True


def pretend_terminal(monkeypatch):
    """No fixture: between fixtures and test pytest puts its own standard error in place."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def wait_for(text, terminal):
    deadline = time.monotonic() + 60
    while text not in terminal.getvalue():
        assert time.monotonic() < deadline, terminal.getvalue()
        time.sleep(0.01)


def test_a_long_task_shows_a_bar_while_its_first_item_is_awaited(monkeypatch):
    terminal = pretend_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)

    def items():
        wait_for("Counting", terminal)
        yield 1

    assert list(track(items(), "Counting")) == [1]


def test_the_bar_tells_the_time_left_of_items_that_take_minutes(monkeypatch):
    """100 seconds each by a clock of its own, three of four left, then two."""
    terminal, now = pretend_terminal(monkeypatch), [0.0]
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("rich.console.monotonic", lambda: now[0])
    for item in track(range(4), "Counting"):
        if item:
            wait_for({1: "0:05:00", 2: "0:03:20", 3: "0:01:40"}[item], terminal)
        now[0] += 100


def test_a_short_task_shows_nothing(monkeypatch):
    terminal = pretend_terminal(monkeypatch)
    assert list(track([1, 2], "Counting")) == [1, 2]
    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_nobody_looks(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(track([1, 2], "Counting")) == [1, 2]
    assert stream.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    assert list(track([1, 2], "Counting")) == [1, 2]


def test_an_error_leaves_the_terminal_in_order(monkeypatch):
    terminal = pretend_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)
    steps = track([1, 2], "Counting")
    next(steps)
    wait_for("Counting", terminal)
    with pytest.raises(KeyError):
        steps.throw(KeyError)
    shown = terminal.getvalue()
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # cursor hidden, cursor shown
