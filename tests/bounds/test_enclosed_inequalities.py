"""The enclosed inequalities hold, and their slacks are what their statements say."""

from dataclasses import replace

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from rdtheory import scheme
from rdtheory.bounds import enclosed_diffc, enclosed_tradeoffs
from rdtheory.bounds.enclosed_inequalities import ENCLOSED_INEQUALITIES

EXACT = 1e-11
"""Ten times the promised accuracy of a scheme: slacks are differences of ratios near 1."""


@pytest.mark.parametrize("inequality", ENCLOSED_INEQUALITIES, ids=lambda each: each.statement[:40])
def test_every_inequality_is_proved(inequality):
    """Within the default work limit; the smallest slack is known within a factor of two."""
    found = inequality.enclose()
    assert found.holds, found
    assert 0 < found.lowest <= found.smallest <= 2 * found.lowest * (1 + 1e-12)
    for name, value in found.point.items():
        low, high = inequality.box[name]
        assert low <= value <= high
    assert inequality.labels
    assert inequality.how == "interval arithmetic over a box"


def test_there_are_many_and_they_differ():
    assert len({each.statement for each in ENCLOSED_INEQUALITIES}) == len(ENCLOSED_INEQUALITIES)
    assert len(ENCLOSED_INEQUALITIES) >= 30


@pytest.mark.parametrize(
    ("inequality", "names"),
    [
        (enclosed_diffc.flow_star_below_flow, ("diffc-f", "diffc-f-star")),
        (enclosed_diffc.flow_star_below_ancestral_star, ("diffc-a-star", "diffc-f-star")),
    ],
)
@given(part=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_slacks_of_flow_star_are_ratios_of_the_librarys_distortions(inequality, names, part):
    """[T1.16a]: at equal rate, for two components."""
    ends = inequality.box.values()
    log_ratio, second = (low + x * (high - low) for (low, high), x in zip(ends, part, strict=True))
    log_level = log_ratio - second if "log_depth" in inequality.box else second
    spectrum = np.exp([0.0, log_ratio])
    star = scheme(names[1], spectrum).at(water_level=np.exp(log_level))
    other = scheme(names[0], spectrum).at(bits_per_dim=star.bits_per_dim)
    with ctx.workprec(200):
        slack = float(inequality.slack(arb(log_ratio), arb(second)))
    ratio = other.distortion_per_dim / star.distortion_per_dim
    assert np.log(ratio) == pytest.approx(slack, abs=EXACT)


@given(st.floats(-3, -0.7), st.floats(-3, -0.7), st.floats(-1, 0.5))
def test_slack_of_pink_noise_is_the_librarys(second, third, log_level):
    """[T1.16a]: at equal rate, for three components."""
    spectrum = np.exp([0.0, second, third])
    star = scheme("diffc-f-star", spectrum).at(water_level=np.exp(log_level))
    pink = scheme("diffc-f-pink", spectrum).at(bits_per_dim=star.bits_per_dim)
    with ctx.workprec(200):
        arguments = arb(second), arb(third), arb(log_level)
        slack = float(enclosed_diffc.flow_star_below_pink_flow.slack(*arguments))
    ratio = pink.distortion_per_dim / star.distortion_per_dim
    assert np.log(ratio) == pytest.approx(slack, abs=EXACT)


@given(st.floats(-5, -0.25), st.floats(0.1, 1.0))
def test_slack_of_ancestral_noise_at_low_rate_is_the_librarys(log_ratio, fraction):
    """[T1.16a]: e^-2R = r^fraction, one component of A* is active."""
    bits = -fraction * log_ratio / 4 / np.log(2)
    isotropic, star = (
        scheme(name, np.exp([0.0, log_ratio])).at(bits_per_dim=bits).distortion_per_dim
        for name in ("diffc-a", "diffc-a-star")
    )
    with ctx.workprec(200):
        arguments = arb(log_ratio), arb(fraction)
        slack = enclosed_diffc.ancestral_star_below_ancestral_at_low_rate.slack(*arguments)
    assert isotropic / star - 1 == pytest.approx(float(slack), abs=EXACT)


@pytest.mark.parametrize(
    "inequality",
    [
        enclosed_diffc.flow_below_ancestral,
        enclosed_diffc.flow_rate_below_gaussian_at_half,
        enclosed_tradeoffs.common_randomness_below_none,
        enclosed_tradeoffs.ddim_variance_grows_with_steps,
    ],
)
def test_the_opposite_is_refuted(inequality):
    opposite = replace(inequality, slack=lambda *arguments: -inequality.slack(*arguments))
    verdict = opposite.run()
    assert not verdict.holds
    assert verdict.detail.startswith("refuted")


def test_too_large_a_claim_is_refuted():
    """D_F < 0.9 D_A is false at low rate, and 1 - D/θ has no positive bound as θ -> 0."""
    slack = enclosed_diffc.flow_below_ancestral.slack
    stronger = replace(enclosed_diffc.flow_below_ancestral, slack=lambda rate: slack(rate) - 0.1)
    assert stronger.enclose().outcome == "refuted"
