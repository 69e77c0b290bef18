"""SPEC: a source named in one string, as on the command line.

patches                                   the embedded natural-image patches, M = 256
photos                                    the same from lossless photographs
standard:dim=1                            N(0, I)
ar1:rho=0.9,dim=64                        a stretch of an autoregressive process
powerlaw:exponent=2,dim=256               eigenvalues k^-exponent
eigenvalues:FILE                          a vector in a .npy, .txt or .csv file
covariance:FILE                           a square matrix in such a file
images:FOLDER,patch=16,downsample=64      fitted to the pictures of a folder;
                                          skip-unreadable=yes leaves out what cannot be read
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.errors import InputError
from rdtheory.sources.embedded import patches, photos
from rdtheory.sources.gaussian import GaussianVector
from rdtheory.sources.images import from_images
from rdtheory.sources.spectra import power_law, standard
from rdtheory.sources.stationary import ar1


@dataclass(frozen=True)
class _Form:
    """How a source is written: an example, its options and what they are, and what builds it."""

    example: str
    options: dict[str, Callable[[str], Any]]
    build: Callable[..., GaussianVector]
    takes_path: bool = False


def from_spec(spec: str) -> GaussianVector:
    """The source that a SPEC string names (see the head of this module).

    Raises:
        InputError: if the name, an option or a value is unknown, or a file cannot be used.

    >>> from_spec("powerlaw:exponent=2,dim=3").eigenvalues.round(4)
    array([1.    , 0.25  , 0.1111])
    """
    name, colon, rest = spec.partition(":") if isinstance(spec, str) else ("", "", "")
    if name not in _FORMS:
        known = ", ".join(form.example for form in _FORMS.values())
        raise InputError("source", repr(spec), known)
    form = _FORMS[name]
    # A path may hold commas, unless options can follow it.
    words = (rest.split(",") if form.options else [rest]) if colon else []
    path = words[:1] if form.takes_path else []
    if form.takes_path and path in ([], [""]):
        raise InputError("source", f"{spec!r} without a path", form.example)
    options: dict[str, Any] = {}
    for word in words[len(path) :]:
        option, value = _option(spec, form, word)
        if option in options:
            raise InputError("source", f"{spec!r} with {option} twice", form.example)
        options[option] = value
    try:
        inspect.signature(form.build).bind(*path, **options)
    except TypeError as error:
        raise InputError("source", f"{spec!r} ({error})", form.example) from None
    return form.build(*path, **options)


def _option(spec: str, form: _Form, word: str) -> tuple[str, Any]:
    name, equals, text = word.partition("=")
    if not equals or name not in form.options:
        raise InputError("source", f"{spec!r} with {word!r}", form.example)
    convert = form.options[name]
    try:
        return name.replace("-", "_"), convert(text)
    except ValueError:
        raise InputError(
            f"{name} of source {form.example.partition(':')[0]}", repr(text), _KINDS[convert]
        ) from None


def read_numbers(name: str, path: str | Path) -> np.ndarray:
    """An array of numbers from a .npy, .txt or .csv file.

    Raises:
        InputError: if there is no such file or it does not hold numbers.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "spectrum.txt").write_text("2 1 0.5")
    ...     read_numbers("eigenvalues", Path(folder, "spectrum.txt"))
    array([2. , 1. , 0.5])
    """
    try:
        path = Path(path)
    except TypeError:
        raise InputError(name, repr(path), "the path of a file") from None
    if path.suffix not in (".npy", ".txt", ".csv"):
        raise InputError(name, repr(str(path)), "a .npy, .txt or .csv file")
    try:
        if path.suffix == ".npy":
            array = np.load(path, allow_pickle=False)
        else:
            text = path.read_text(encoding="utf-8")
            lines = [line for row in text.splitlines() if (line := row.partition("#")[0].strip())]
            if not lines:
                raise InputError(name, f"{str(path)!r}, an empty file", "a file of numbers")
            array = np.loadtxt(lines, delimiter="," if "," in lines[0] else None, ndmin=1)
    except FileNotFoundError:
        raise InputError(name, f"{str(path)!r}, no such file", "a file of numbers") from None
    except InputError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise InputError(name, f"{str(path)!r} ({error})", "a file of numbers") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iuf":
        raise InputError(name, f"{str(path)!r} without numbers", "a file of real numbers")
    return array


def _row_or_column(array: np.ndarray) -> np.ndarray:
    """A matrix of one row or one column as a vector; anything else as it is."""
    return array.reshape(-1) if array.ndim == 2 and 1 in array.shape else array


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


_KINDS = {int: "a whole number", float: "a number", _yes_or_no: "yes or no"}

_FORMS = {
    "patches": _Form("patches", {}, patches),
    "photos": _Form("photos", {}, photos),
    "standard": _Form("standard:dim=1", {"dim": int}, standard),
    "ar1": _Form(
        "ar1:rho=0.9,dim=64", {"rho": float, "dim": int}, lambda rho, dim: ar1(rho).vector(dim)
    ),
    "powerlaw": _Form("powerlaw:exponent=2,dim=256", {"exponent": float, "dim": int}, power_law),
    "eigenvalues": _Form(
        "eigenvalues:FILE",
        {},
        lambda path: GaussianVector(_row_or_column(read_numbers("eigenvalues", path))),
        takes_path=True,
    ),
    "covariance": _Form(
        "covariance:FILE",
        {},
        lambda path: GaussianVector.from_covariance(
            np.atleast_2d(read_numbers("covariance", path))
        ),
        takes_path=True,
    ),
    "images": _Form(
        "images:FOLDER,patch=16,downsample=64",
        {"patch": int, "downsample": int, "stride": int, "skip-unreadable": _yes_or_no},
        from_images,
        takes_path=True,
    ),
}
