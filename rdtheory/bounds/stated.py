"""The statement of a check is the first line of its docstring, with the labels in brackets."""

import re
from collections.abc import Callable
from typing import Any

_LABELS = re.compile(r" \[([TP]\d[^\]]*)\]\.?$")


def stated(function: Callable[..., Any]) -> tuple[str, tuple[str, ...]]:
    """The statement and the labels in the first line of a function's docstring.

    >>> def always():
    ...     '''D_F < D_A at equal rate [T1.16b, P15].
    ...
    ...     More about it.
    ...     '''
    >>> stated(always)
    ('D_F < D_A at equal rate', ('T1.16b', 'P15'))
    """
    line = (function.__doc__ or "").partition("\n")[0].strip()
    found = _LABELS.search(line)
    if not found:
        raise TypeError(f"{function.__name__}: no statement with labels: {line!r}")
    return line[: found.start()], tuple(found[1].split(", "))
