"""What the commands' arguments mean: lists of numbers, scheme names, files to write."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from rdtheory.diffusion import SCHEMES, Scheme, scheme
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector

PICTURE_FORMATS = (".pdf", ".png", ".svg")


def numbers(option: str, text: str) -> list[float]:
    """A list such as 0.1,0.5,2.

    >>> numbers("--snr-db", "3,6")
    [3.0, 6.0]
    """
    try:
        values = [float(word) for word in text.split(",")]
    except ValueError:
        raise InputError(option, repr(text), "numbers separated by commas") from None
    return values


def whole_numbers(option: str, text: str) -> list[int]:
    """A list such as 1,2,4 of numbers >= 1.

    >>> whole_numbers("--steps", "1,2,4")
    [1, 2, 4]
    """
    try:
        values = [int(word) for word in text.split(",")]
    except ValueError:
        values = [0]
    if min(values) < 1:
        raise InputError(option, repr(text), "whole numbers >= 1 separated by commas")
    return values


def names(option: str, text: str, known: Collection[str]) -> list[str]:
    """A list of known names such as rd,diffc-f, each once.

    >>> names("ways", "mt,ar,mt", ("m2t", "mt", "ar"))
    ['mt', 'ar']
    """
    found = dict.fromkeys(text.split(","))
    for name in found:
        if name not in known:
            allowed = f"names from {', '.join(known)}, separated by commas"
            raise InputError(option, repr(name), allowed)
    return list(found)


def schemes(text: str, source: GaussianVector) -> list[Scheme]:
    """The schemes of a list such as rd,diffc-f.

    >>> schemes("rd,diffc-f", GaussianVector([1.0]))
    [<scheme rd on 1 dimensions>, <scheme diffc-f on 1 dimensions>]
    """
    return [scheme(name, source) for name in names("--scheme", text, SCHEMES)]


def check_writable(
    option: str,
    path: Path | None,
    suffixes: Sequence[str] = (),
    reads: Sequence[Path | None] = (),
) -> None:
    """Refuse, before the work, a file that could not be written, or that is read.

    Args:
        option: whose value the path is, for errors.
        path: of the file; None is not written.
        suffixes: those that are known; any will do if there are none.
        reads: files that are read, and must not be overwritten.
    """
    if path is None:
        return
    if any(one and one.exists() and path.exists() and path.samefile(one) for one in reads):
        raise InputError(option, repr(str(path)), "another file than those that are read")
    if suffixes and path.suffix not in suffixes:
        raise InputError(option, repr(str(path)), f"a file name ending in {' or '.join(suffixes)}")
    if not path.parent.is_dir():
        raise InputError(option, repr(str(path)), "a file in a folder that exists")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(option, repr(str(path)), "a file that you may write")
