"""Laws of the curves, tested on random spectra and rates by Hypothesis [T1.16, T8].

The slack of an equality is minus its relative error. Tolerances: 1e-12 is the promised accuracy of
a rate or a distortion, and laws that compare two of them may miss by twice that.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rdtheory.diffusion import Progression, scheme
from rdtheory.testing import Law
from rdtheory.testing import strategies as some

_EXACT = 2e-12

_SPECTRUM_AND_RATE = st.tuples(some.spectra(), some.bits_per_dim())
_ANY_SCHEME = st.tuples(some.scheme_names(), some.spectra(), some.bits_per_dim(1e-6, 20.0))


def _distortion(name: str, spectrum: Any, bits: float) -> float:
    return float(scheme(name, spectrum).at(bits_per_dim=bits).distortion_per_dim)


def _in_order(*names: str) -> Callable[[Any], float]:
    """Smallest relative step between the distortions of schemes, in that order."""

    def slack(case: Any) -> float:
        values = [_distortion(name, *case) for name in names]
        return min(1 - low / high for low, high in itertools.pairwise(values))

    return slack


def _unlike(first: Any, second: Any) -> float:
    """Minus the largest relative difference."""
    first, second = np.asarray(first), np.asarray(second)
    return -float(np.max(np.abs(first - second) / np.maximum(np.abs(second), 1e-300)))


def _twice_shannon(case: Any) -> float:
    return _unlike(_distortion("diffc-a-star", *case), 2 * _distortion("rd", *case))


def _scaled(case: Any) -> float:
    name, spectrum, bits = case
    return _unlike(_distortion(name, 7.3 * spectrum, bits), 7.3 * _distortion(name, spectrum, bits))


def _copied(case: Any) -> float:
    name, spectrum, bits = case
    return _unlike(_distortion(name, np.tile(spectrum, 3), bits), _distortion(name, spectrum, bits))


def _steps_add_up(case: Any) -> float:
    name, spectrum, bits = case
    steps = Progression(scheme(name, spectrum), bits_per_dim=[bits / 7, bits / 2, bits])
    return _unlike(steps.step_information_nats.sum(), bits * np.log(2) * len(spectrum))


def _slope(case: Any) -> float:
    """D(R) is convex: its derivative lies between the two one-sided differences."""
    name, spectrum, bits = case
    here = scheme(name, spectrum).at(bits_per_dim=bits * np.array([1 - 1e-3, 1, 1 + 1e-3]))
    left, right = np.diff(here.distortion_per_dim) / np.diff(here.bits_per_dim)
    slope = 1 / here.slope_bits[1]
    return float(min(slope - left, right - slope) / abs(slope))


CURVE_LAWS = (
    Law(
        "D*(R) <= D_F*(R) <= D_F(R) <= D_A(R)",
        _SPECTRUM_AND_RATE,
        _in_order("rd", "diffc-f-star", "diffc-f", "diffc-a"),
        _EXACT,
        ("T1.16a",),
    ),
    Law(
        "D_F*(R) <= D_A*(R) <= D_A(R)",
        _SPECTRUM_AND_RATE,
        _in_order("diffc-f-star", "diffc-a-star", "diffc-a"),
        _EXACT,
        ("T1.16a",),
    ),
    Law(
        "D_F*(R) <= D_PF(R) <= D_PA(R)",
        _SPECTRUM_AND_RATE,
        _in_order("diffc-f-star", "diffc-f-pink", "diffc-a-pink"),
        _EXACT,
        ("T1.16a",),
    ),
    Law("D_A*(R) = 2 D*(R)", _SPECTRUM_AND_RATE, _twice_shannon, _EXACT, ("P1", "T1.8")),
    Law("X -> cX: R same, D times c²", _ANY_SCHEME, _scaled, _EXACT, ("P16", "T0.1")),
    Law("M copies: M times R and D", _ANY_SCHEME, _copied, _EXACT, ("P18",)),
    Law("the steps add up to the joint information", _ANY_SCHEME, _steps_add_up, _EXACT, ("P9",)),
    # Differences of numbers good to 1e-13 over a step of 1e-3 of a rate that is not small.
    Law(
        "dD/dR is the slope of a convex curve",
        st.tuples(some.scheme_names(), some.spectra(), some.bits_per_dim(0.1, 20.0)),
        _slope,
        1e-8,
        ("P20",),
    ),
)
"""Laws of the schemes on Gaussian sources."""
