"""What the page asks for: a source, schemes, one of them operated, and what is asked of realism."""

import re
from dataclasses import dataclass

import numpy as np

from rdtheory.diffusion import SCHEMES
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector, from_spec

PRESETS = (
    "patches",
    "photos",
    "ar1:rho=0.9,dim=64",
    "powerlaw:exponent=2,dim=256",
    "standard:dim=1",
)
"""The sources that are offered; any other SPEC can be typed."""

LARGEST_DIM = 1024
"""Of more dimensions a slider would have to wait for its picture."""

RATES = (0.01, 4.0)
"""Bits per dimension, from the lowest to the highest."""

MOST_COMMON = 3.0
"""Bits per dimension; the next stop of the slider is no limit."""


@dataclass(frozen=True)
class Choice:
    """All that the widgets say; whoever has one has values within their ranges.

    Attributes:
        spec: the source, see `rdtheory.sources.spec`.
        shown: names of schemes whose curves are drawn.
        operated: the scheme of the operating point.
        target: what says where it is operated, "bits_per_dim" or "noise_level".
        value: of the target.
        slack: W₂(X̂, X) as a share of what W₂ is where perception costs nothing: 0 asks for perfect
            realism, 1 for none.
        common_bits_per_dim: R_c, infinite for no limit.

    Raises:
        InputError: if a value is out of range.

    >>> Choice(target="noise_level", value=50.0).schemes
    ('rd', 'diffc-a', 'diffc-f', 'diffc-f-star')
    """

    spec: str = PRESETS[0]
    shown: tuple[str, ...] = ("rd", "diffc-a", "diffc-f", "diffc-f-star")
    operated: str = "diffc-f"
    target: str = "bits_per_dim"
    value: float = 0.391
    slack: float = 0.0
    common_bits_per_dim: float = np.inf

    def __post_init__(self) -> None:
        for name in (*self.shown, self.operated):
            if name not in SCHEMES:
                raise InputError("scheme", repr(name), ", ".join(SCHEMES))
        if self.target not in ("bits_per_dim", "noise_level"):
            raise InputError("target", repr(self.target), "bits_per_dim or noise_level")
        low, high = RATES if self.target == "bits_per_dim" else (0.0, np.inf)
        if not (low <= self.value <= high and 0 < self.value < np.inf):
            allowed = f"numbers from {low:g} to {high:g}" if high < np.inf else "finite numbers > 0"
            raise InputError(self.target, self.value, allowed)
        if not 0 <= self.slack <= 1:
            raise InputError("perception", f"{100 * self.slack:g} %", "from 0 to 100 %")
        if not self.common_bits_per_dim >= 0:
            raise InputError(
                "common randomness", self.common_bits_per_dim, "bits per dimension >= 0, or inf"
            )

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that are drawn, the operated one among them, in the library's order."""
        return tuple(name for name in SCHEMES if name in (*self.shown, self.operated))


def load(spec: str) -> GaussianVector:
    """The source of a SPEC, if it is small enough to be explored.

    Raises:
        InputError: as `from_spec`, and if it has more than 1024 dimensions.

    >>> load("standard:dim=2").dim
    2
    """
    # Before the work, which can take minutes.
    asked = re.search(r"[:,]dim=\+?(\d+)(,|$)", spec)
    if asked and float(asked[1]) > LARGEST_DIM:
        raise _too_large(asked[1])
    source = from_spec(spec)
    if source.dim > LARGEST_DIM:
        raise _too_large(source.dim)
    return source


def _too_large(dim: object) -> InputError:
    return InputError(
        "dim", dim, f"at most {LARGEST_DIM} here", "rdtheory curve takes sources of any size"
    )
