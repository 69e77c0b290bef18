"""A theorem as an object: what it says, of what, why, and both sides for a source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rdtheory.bounds.chain import Chain


@dataclass(frozen=True)
class Theorem:
    """A statement about X and Y = X + N(0, t) that can be evaluated.

    Attributes:
        name: how it is asked for, in `rdtheory.bounds.THEOREMS`.
        statement: one line of plain text.
        assumptions: what the source must satisfy.
        reference: where it is stated first.
        shown: how it was shown.
        labels: of the theory page.
        sides: (source, noise_variance) -> the evaluated `Chain`; raises `InputError` where an
            assumption can be seen to fail. Where noise is not isotropic, the water level θ takes
            the place of the variance.

    >>> from rdtheory.bounds import THEOREMS
    >>> from rdtheory.sources import Laplace
    >>> THEOREMS["first-result"].sides(Laplace(1.0), 0.4).holds
    True
    """

    name: str
    statement: str
    assumptions: tuple[str, ...]
    reference: str
    shown: str
    labels: tuple[str, ...]
    sides: Callable[[Any, float], Chain]
