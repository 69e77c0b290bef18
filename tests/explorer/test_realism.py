"""The price of realism at the distortion of the point: the closed forms, and between its ends."""

import numpy as np
import pytest

from rdtheory import scheme
from rdtheory.explorer.choice import Choice, load
from rdtheory.explorer.realism import (
    constraints,
    least_rate,
    perception_at,
    realism_curves,
    total_distortion,
)
from rdtheory.explorer.view import view_of
from rdtheory.perception import smallest_rate

SPEC = "ar1:rho=0.9,dim=16"


def view(**changes):
    choice = Choice(SPEC, **changes)
    return view_of(choice, load(choice.spec))


def test_the_curves_end_at_the_schemes_that_are_optimal_there():
    """At this D: R(D) where P is free, DiffC-F* at P = 0, R(D/2) without R_c [T2.2, T2.5]."""
    shown = view()
    curves, snr = realism_curves(shown), float(shown.point.snr_db)
    rates = {
        name: float(scheme(name, shown.source).at(snr_db=snr).bits_per_dim)
        for name in ("rd", "rd-half", "diffc-f-star")
    }
    # Multipliers are found to 1e-9 relative or better.
    assert curves.bits_at_deviation[0] == pytest.approx(rates["diffc-f-star"], rel=1e-8)
    assert curves.bits_at_deviation[-1] == pytest.approx(rates["rd"], rel=1e-8)
    assert curves.bits_at_common[0] == pytest.approx(rates["rd-half"], rel=1e-8)
    assert (np.diff(curves.bits_at_deviation) <= 1e-12).all()
    assert (np.diff(curves.bits_at_common) <= 1e-12).all()
    assert curves.deviation_percent[0] == 0


@pytest.mark.parametrize(
    ("slack", "common", "binding"),
    [
        (1.0, 0.0, ["distortion"]),
        (0.5, np.inf, ["distortion", "perception"]),
        (0.5, 0.25, ["distortion", "perception", "common_randomness_bits"]),
    ],
)
def test_the_least_rate_is_asked_with_what_binds(slack, common, binding):
    shown = view(slack=slack, common_bits_per_dim=common)
    asked = constraints(shown)
    assert list(asked) == binding
    assert asked["distortion"] == total_distortion(shown)
    if slack < 1:
        free = perception_at(shown.source, asked["distortion"], 1.0)
        assert asked["perception"] == pytest.approx(slack**2 * free, rel=1e-14)
    assert least_rate(shown).rate_nats == smallest_rate(shown.source, **asked).rate_nats


def test_a_slider_further_right_costs_less():
    rates = [
        least_rate(view(slack=slack, common_bits_per_dim=common)).bits_per_dim
        for slack, common in ((0.0, 0.0), (0.0, 0.5), (0.0, np.inf), (0.5, np.inf), (1.0, np.inf))
    ]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > rates[-1]
