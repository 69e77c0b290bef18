"""The one kind of error that a user's mistake raises: a single line that says how to mend it."""

from collections.abc import Callable, Mapping


class InputError(ValueError):
    """Bad input: the argument, what was given, what is allowed and how to mend it, in one line.

    >>> raise InputError("bits_per_dim", -1.0, "a finite number >= 0")
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: bits_per_dim: got -1.0; allowed: a finite number >= 0
    """

    def __init__(self, argument: str, given: object, allowed: str, remedy: str = "") -> None:
        parts = [f"{argument}: got {_shortened(given)}", f"allowed: {allowed}", remedy]
        super().__init__(_in_one_line("; ".join(part for part in parts if part)))

    def __reduce__(self) -> tuple[Callable[[str], "InputError"], tuple[str]]:
        """The line alone travels between processes: what was given may not be picklable."""
        return _with_line, (str(self),)


def only_given(argument: str, values: Mapping[str, object]) -> str:
    """The name of the one value that is not None.

    Raises:
        InputError: if there is none, or more than one.

    >>> only_given("target", {"snr_db": None, "bits_per_dim": 1.0})
    'bits_per_dim'
    """
    given = [name for name, value in values.items() if value is not None]
    if len(given) != 1:
        allowed = f"exactly one of {', '.join(values)}"
        raise InputError(argument, ", ".join(given) or "nothing", allowed)
    return given[0]


def _with_line(line: str) -> InputError:
    error = InputError.__new__(InputError)
    ValueError.__init__(error, line)
    return error


def _shortened(given: object, longest: int = 200) -> str:
    text = _in_one_line(str(given))
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
