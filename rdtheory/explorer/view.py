"""Curves, operating points and components of a choice: what is drawn at once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rdtheory.diffusion import Curve, OperatingPoint, Scheme, scheme
from rdtheory.errors import InputError
from rdtheory.explorer.choice import RATES, Choice
from rdtheory.explorer.decoding import Decoded, decode
from rdtheory.sources import GaussianVector

_POINTS = 101


@dataclass(frozen=True, eq=False)
class View:
    """What a choice looks like.

    Attributes:
        choice: what was asked for.
        source: the source of its SPEC.
        point: the operating point.
        rate: of it, bits per dimension: as it was asked for, if it was.
        curves: of the schemes drawn.
        points: each of them at the rate of the operating point.
        noise_levels: of the operated scheme, at the highest and at the lowest rate.
        decoded: an example sent at the operating point.

    >>> from rdtheory.explorer.choice import load
    >>> view = view_of(Choice("standard:dim=1", value=1.0), load("standard:dim=1"))
    >>> round(float(view.point.snr_db), 4), [point.scheme.name for point in view.points]
    (8.7298, ['rd', 'diffc-a', 'diffc-f', 'diffc-f-star'])
    """

    choice: Choice
    source: GaussianVector
    point: OperatingPoint
    rate: float
    curves: list[Curve]
    points: list[OperatingPoint]
    noise_levels: tuple[float, float]
    decoded: Decoded


def view_of(choice: Choice, source: GaussianVector) -> View:
    """Work out a choice on the source of its SPEC.

    Raises:
        InputError: if the noise level is not one of a rate that the page shows.
    """
    schemes = {name: _scheme(name, source) for name in choice.schemes}
    point = schemes[choice.operated].at(**{choice.target: choice.value})
    levels = noise_levels(choice.operated, source)
    rate = choice.value if choice.target == "bits_per_dim" else float(point.bits_per_dim)
    rounding = 1 + 1e-6  # a level as typed, to seven digits, may pass its end by so much
    if not RATES[0] / rounding <= rate <= RATES[1] * rounding:
        allowed = f"from {levels[0]:.4g} to {levels[1]:.4g} for {choice.operated} on {choice.spec}"
        raise InputError(choice.target, choice.value, allowed)
    return View(
        choice=choice,
        source=source,
        point=point,
        rate=rate,
        curves=[curve_of(name, source) for name in choice.schemes],
        points=[one.at(bits_per_dim=rate) for one in schemes.values()],
        noise_levels=levels,
        decoded=decode(choice, point),
    )


@lru_cache(maxsize=64)
def curve_of(name: str, source: GaussianVector) -> Curve:
    """The curve of a scheme up to the highest rate; a slider does not make it anew."""
    return _scheme(name, source).curve(bits_per_dim=np.linspace(0.0, RATES[1], _POINTS))


@lru_cache(maxsize=64)
def noise_levels(name: str, source: GaussianVector) -> tuple[float, float]:
    """The noise levels of a scheme at the highest and at the lowest rate."""
    low, high = _scheme(name, source).at(bits_per_dim=RATES[::-1]).noise_level
    return float(low), float(high)


@lru_cache(maxsize=64)
def _scheme(name: str, source: GaussianVector) -> Scheme:
    return scheme(name, source)
