"""Branch and bound on intervals is rigorous: it proves, refutes, or says that it cannot tell."""

from itertools import product

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from rdtheory import GaussianVector, InputError, scheme
from rdtheory.bounds import interval_forms as forms
from rdtheory.bounds.dual import evaluate, gradient, hessian
from rdtheory.bounds.enclosure import enclose_minimum
from rdtheory.diffusion import Ddim, GaussianChannel, equal_angle_noise_variances
from rdtheory.perception import (
    CommonRandomness,
    WassersteinTradeoff,
    common_randomness_distortion,
    scalar_tradeoff,
    scaled_flow,
    stochastic_decoder,
)

UNIT = st.floats(0.01, 0.99)
SPREAD = st.floats(-3, 3).map(lambda exponent: 10**exponent)


def everything(x, y):
    """Every operation that a dual number knows."""
    powers = (x * y - 3) ** 3 / (y + 2) + 2 / x - x / 4
    return powers + (1 - x).exp() + (-y).sin() * (2 * x).cos() + (y + x).log() - (x * x + y).sqrt()


def everything_mp(x, y):
    powers = (x * y - 3) ** 3 / (y + 2) + 2 / x - x / 4
    return powers + mp.exp(1 - x) + mp.sin(-y) * mp.cos(2 * x) + mp.log(y + x) - mp.sqrt(x * x + y)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 3.0), st.floats(0.1, 3.0), st.floats(0.0, 0.5))
def test_intervals_contain_the_values_and_the_derivatives(x, y, width):
    """Against mpmath at 60 digits, at the corners and the centre of a box."""
    box = [arb(end).union(arb(end + width)) for end in (x, y)]
    value = evaluate(everything, *box)
    second = hessian(everything)(*box)[0][1]
    with mp.workdps(60):
        for i, j in product((0.0, 0.5, 1.0), repeat=2):
            at = mpf(x) + i * mpf(width), mpf(y) + j * mpf(width)
            # x + width is rounded in the box: what is rounded away is below 1e-15.
            slack = arb(0, 1e-12)
            assert (value.value + slack).contains(arb(str(everything_mp(*at))))
            for index, order in enumerate(((1, 0), (0, 1))):
                exact = arb(str(mp.diff(everything_mp, at, order)))
                assert (value.gradient[index] + slack).overlaps(exact + slack)
            assert (second + slack).overlaps(arb(str(mp.diff(everything_mp, at, (1, 1)))) + slack)


def test_gradient_of_a_gradient_is_the_hessian():
    def slope(x, y):
        return gradient(everything)(x, y)[0]

    mixed = gradient(slope)(arb(1.5), arb(0.5))[1]
    assert mixed.overlaps(hessian(everything)(arb(1.5), arb(0.5))[0][1])


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.01, 1.0))
def test_the_minimum_of_a_parabola_is_enclosed(x, y, least):
    found = enclose_minimum(
        lambda a, b: (a - x) ** 2 + (b - y) ** 2 + least, {"a": (-3.0, 3.0), "b": (-3.0, 3.0)}
    )
    assert found.outcome == "proved"
    assert least / 2 * (1 - 1e-12) <= found.lowest <= least <= found.smallest <= 2 * found.lowest


def test_a_false_inequality_is_refuted_by_a_point():
    """D_PF <= D_A* is not true for spectra of two components [T1.16c]."""

    def slack(log_ratio, rate):
        pink = (log_ratio.exp() + 1) * forms.flow_distortion(forms.share_at_rate(rate / 2))
        one_active = 2 * (forms.share_at_rate(rate) + log_ratio.exp())
        return one_active - pink

    found = enclose_minimum(slack, {"log_ratio": (-7.0, -1.0), "rate": (0.05, 0.5)})
    assert found.outcome == "refuted"
    assert not found.holds
    point = {name: arb(value) for name, value in found.point.items()}
    assert slack(**point) < 0
    rate, spectrum = found.point["rate"], [1.0, np.exp(found.point["log_ratio"])]
    if rate <= -found.point["log_ratio"] / 2:  # where only one component of A* is active
        pink, star = (
            scheme(name, spectrum).at(bits_per_dim=rate / np.log(4)).distortion_per_dim
            for name in ("diffc-f-pink", "diffc-a-star")
        )
        assert pink > star


@pytest.mark.parametrize(
    ("function", "ends"),
    [
        (lambda x: x * x, (-1.0, 2.0)),
        (lambda x: x * x, (0.0, 2.0)),
        (lambda x: x.sqrt() + 1, (-1.0, 2.0)),
        (lambda x: 1 / x, (-1.0, -0.0)),
        (lambda x: x.log(), (-2.0, -1.0)),
    ],
)
def test_what_touches_zero_or_is_undefined_is_not_proved(function, ends):
    found = enclose_minimum(function, {"x": ends}, most_boxes=200)
    assert not found.holds
    assert found.lowest <= 0
    assert found.boxes <= 200


def test_a_touching_inequality_is_undecided_and_a_factor_decides_it():
    """2D_F - D_A = D_F²/2 vanishes at D_F = 0 [T1.16b]."""
    box = {"share": (0.0, 0.9)}

    def slack(share):
        return 2 * forms.flow_distortion(share) - forms.ancestral_distortion(share)

    assert enclose_minimum(slack, box, most_boxes=500).outcome == "undecided"
    assert enclose_minimum(lambda a: slack(a) / a**2, {"share": (0.01, 0.9)}).outcome == "proved"


def test_a_rounding_error_is_not_taken_for_a_proof():
    """(1 + x) - 1 - x + 1e-20 > 0 needs more than 53 bits."""

    def function(x):
        return (1 + x) - 1 - x + arb(1) / 10**20

    box = {"x": (0.1, 0.1)}
    assert enclose_minimum(function, box, precision_bits=53).outcome == "undecided"
    assert enclose_minimum(function, box, precision_bits=106).outcome == "proved"
    assert ctx.prec == 53


def test_a_constant_and_a_point_are_boxes_too():
    assert enclose_minimum(lambda x: 2, {"x": (0.0, 1.0)}).lowest == pytest.approx(2)
    assert enclose_minimum(lambda x, y: x - y, {"x": (2.0, 2.0), "y": (1.0, 1.0)}).holds


def test_results_are_ready_for_json():
    found = enclose_minimum(lambda x: x.sqrt(), {"x": (-2.0, -1.0)}, most_boxes=3).to_dict()
    assert found["lowest"] is None
    assert found["smallest"] is None
    assert found["outcome"] == "undecided"


@pytest.mark.parametrize(
    ("box", "options"),
    [
        ({}, {}),
        ([(0, 1)], {}),
        ({"x": (1.0, 0.0)}, {}),
        ({"x": (0.0, np.inf)}, {}),
        ({"x": (np.nan, 1.0)}, {}),
        ({"x": (0.0,)}, {}),
        ({"x": ("0", "1")}, {}),
        ({"x": (0.0, 1.0), "y": (0.0,)}, {}),
        ({"x": None}, {}),
        ({"x": (0.0, 1.0)}, {"most_boxes": 0}),
        ({"x": (0.0, 1.0)}, {"precision_bits": 1}),
        ({"x": (0.0, 1.0)}, {"precision_bits": 100_001}),
        ({"x": (0.0, 1.0)}, {"precision_bits": 2.5}),
    ],
)
def test_bad_boxes_and_limits_are_refused(box, options):
    with pytest.raises(InputError):
        enclose_minimum(lambda *arguments: sum(arguments), box, **options)


@pytest.mark.parametrize("function", [None, 3, lambda x: "abc", lambda x: [x], lambda x: None])
def test_what_is_no_function_with_numbers_is_refused(function):
    with pytest.raises(InputError, match=r"^function: "):
        enclose_minimum(function, {"x": (0.0, 1.0)})


# The interval forms are the formulas of the library: 1e-12 is its promised accuracy.

EXACT = 1e-12


def floats(function, *arguments):
    with ctx.workprec(200):
        return float(function(*map(arb, arguments)))


@given(SPREAD)
def test_isotropic_forms_are_the_librarys(noise):
    ancestral, flow = (scheme(name, [1.0]).at(noise_level=noise) for name in ("diffc-a", "diffc-f"))
    with ctx.workprec(200):
        share = forms.channel_share(1 / arb(noise))
        rate = float(forms.rate_at_share(share))
        distortions = float(forms.ancestral_distortion(share)), float(forms.flow_distortion(share))
        inverse = float(forms.flow_rate(forms.flow_distortion(share)))
    assert flow.bits_per_dim * np.log(2) == pytest.approx(rate, rel=EXACT)
    assert ancestral.distortion_per_dim == pytest.approx(distortions[0], rel=EXACT)
    assert flow.distortion_per_dim == pytest.approx(distortions[1], rel=EXACT)
    assert inverse == pytest.approx(rate, rel=EXACT)


@given(SPREAD)
def test_flow_star_forms_are_the_librarys(level):
    point = scheme("diffc-f-star", [1.0]).at(water_level=level)
    rate = floats(lambda level: forms.rate_at_share(forms.flow_star_share(level)), level)
    assert point.bits_per_dim * np.log(2) == pytest.approx(rate, rel=EXACT)
    distortion = floats(forms.flow_star_distortion, level)
    assert point.distortion_per_dim == pytest.approx(distortion, rel=EXACT)
    noise = floats(forms.flow_star_noise_variance, level)
    assert point.noise_level == pytest.approx(noise, rel=EXACT)


@given(UNIT)
def test_ancestral_star_form_is_the_librarys(level):
    point = scheme("diffc-a-star", [1.0]).at(water_level=level)
    noise = floats(forms.ancestral_star_noise_variance, level)
    assert point.noise_level == pytest.approx(noise, rel=EXACT)


@given(UNIT, st.floats(0.1, 3.0))
def test_isotropic_snr_is_the_librarys(ratio, rate):
    point = scheme("diffc-f", [1.0, ratio]).at(bits_per_dim=rate / 2 / np.log(2))
    snr = floats(lambda r, x: forms.isotropic_snr(r, forms.share_at_rate(x)), ratio, rate)
    # The SNR is up to 2 R e^2R/(e^2R - 1) < 7 times as sensitive as the rate.
    assert point.leading_snr == pytest.approx(snr, rel=10 * EXACT)


RATE = st.floats(0.01, 8.0)


@given(RATE, RATE)
def test_common_randomness_form_is_the_librarys(rate, common):
    distortion = common_randomness_distortion(1.0, rate, common)
    form = floats(forms.common_randomness_distortion, rate, common)
    assert distortion == pytest.approx(form, rel=EXACT)


@given(UNIT, st.floats(0.1, 5.0))
def test_common_randomness_shares_are_the_librarys(second_level, log_above_cutoff):
    eigenvalue = second_level**0.5 * np.exp(log_above_cutoff)
    point = CommonRandomness([eigenvalue]).family(1.0, second_level)
    with ctx.workprec(200):
        shares = forms.common_randomness_shares(arb(eigenvalue), arb(second_level))
        rate, total = (float(forms.rate_at_share(share)) for share in shares)
    # The cutoff is subtracted in a rate, which is above 0.1 of what it is subtracted from.
    assert point.rate_nats == pytest.approx(rate, rel=10 * EXACT)
    assert point.rate_nats + point.common_nats == pytest.approx(total, rel=10 * EXACT)


@given(st.floats(0.05, 0.9), st.just(0.0) | st.floats(1e-6, 0.9))
def test_perception_rate_is_the_librarys(distortion, part):
    budget = (part * (1 - np.sqrt(1 - distortion))) ** 2
    point = scalar_tradeoff(1.0, distortion, budget)
    form = floats(forms.perception_rate, distortion, budget)
    assert point.rate_nats == pytest.approx(form, rel=10 * EXACT)


@given(SPREAD, UNIT)
def test_the_surface_solves_the_cubic_form(level, mixing):
    """θρ = (1 - ρ²) ((1 - β) ρ + β) at λ = 1 [T2.2a]."""
    rate = WassersteinTradeoff([1.0]).surface(level, mixing).rate_nats
    with ctx.workprec(200):
        correlation = (1 - forms.share_at_rate(arb(float(rate)))).sqrt()
        ratio = float(forms.surface_cubic(correlation, arb(mixing)) / (level * correlation))
    assert ratio == pytest.approx(1, rel=10 * EXACT)


@given(st.floats(0.01, 1.5), st.integers(1, 12))
def test_ddim_forms_are_the_librarys(angle, steps):
    """Of one step, and of T equal angles [T5.3]."""
    levels = equal_angle_noise_variances(1.0, np.tan(angle) ** 2, steps)
    sampler = Ddim([1.0], levels)
    high, low = np.sqrt([levels[0], levels[1] if steps > 1 else 0.0])
    exact = floats(lambda s, t: forms.ddim_gain(s, t) / forms.exact_gain(s, t), high, low)
    assert sampler.step_gains[0, 0] == pytest.approx(exact, rel=EXACT)
    log_variance = 2 * floats(forms.log_ddim_deviation, angle, steps)
    assert np.log(sampler.output.output_variances[0]) == pytest.approx(log_variance, abs=EXACT)
    distortion = floats(forms.ddim_distortion, angle, steps)
    assert sampler.output.distortion == pytest.approx(distortion, rel=EXACT)


@given(st.floats(0.01, 1.5), st.floats(0.0, 3.0), st.floats(1.0, 2.0))
def test_stochastic_and_scaled_forms_are_the_librarys(angle, stochasticity, scale):
    noise = np.tan(angle) ** 2
    channel = GaussianChannel(GaussianVector([1.0]), [1.0], [noise])
    found = stochastic_decoder(channel, stochasticity).distortion
    form = floats(forms.stochastic_distortion, np.arctan(np.sqrt(noise)), stochasticity)
    assert found == pytest.approx(form, rel=EXACT)
    form = floats(forms.score_scaled_distortion, noise, scale)
    assert scaled_flow(channel, scale).distortion == pytest.approx(form, rel=EXACT)
