"""The one kind of error that a user's mistake raises: a single line that says how to mend it."""


class InputError(ValueError):
    """Bad input: the argument, what was given, what is allowed and how to mend it, in one line.

    >>> raise InputError("bits_per_dim", -1.0, "a finite number >= 0")
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: bits_per_dim: got -1.0; allowed: a finite number >= 0
    """

    def __init__(self, argument: str, given: object, allowed: str, remedy: str = "") -> None:
        line = f"{argument}: got {_in_one_line(given)}; allowed: {allowed}"
        super().__init__(f"{line}; {remedy}" if remedy else line)


def _in_one_line(given: object, longest: int = 80) -> str:
    text = " ".join(str(given).split())
    return text if len(text) <= longest else text[: longest - 3] + "..."
