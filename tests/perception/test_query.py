"""The smallest rate for a request, and its certificate."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdtheory import InputError, scheme
from rdtheory.perception import query
from rdtheory.perception.dual_bound import Point, private_bound, shared_bound
from rdtheory.perception.query import smallest_rate
from rdtheory.perception.shared_code import SharedCode
from rdtheory.perception.wasserstein import Wasserstein, WassersteinTradeoff
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.testing import strategies as rd

SPECTRUM = np.array([5.0, 2.0, 0.7, 0.1])
BEST = WassersteinTradeoff(SPECTRUM).at(2.0, 0.15)
BEST_SHARED = smallest_rate(SPECTRUM, 2.0, 0.15, 1.0)
MEASURES = ("wasserstein", "kl", "kl-reverse")


@given(
    rd.spectra(decades=6.0),
    st.floats(-8, 0.4),
    st.none() | st.just(0.0) | st.floats(1e-8, 1.0),
    st.sampled_from(MEASURES),
)
def test_every_answer_is_certified(spectrum, log_share, perception, measure):
    """The dual bound, from the multipliers alone, meets the rate to rounding."""
    total = spectrum.sum()
    if measure == "wasserstein" and perception:
        perception *= total
    answer = smallest_rate(spectrum, total * 10.0**log_share, perception, measure=measure)
    assert abs(answer.gap_nats) < 1e-12 * (1 + answer.rate_nats)
    assert answer.upper_bound_only == (measure == "kl-reverse" and answer.perception_multiplier > 0)
    assert json.dumps(answer.to_dict())


@settings(max_examples=10)
@given(
    rd.spectra(dims=[1, 2, 5], decades=2.0),
    st.floats(-4, 0.4),
    st.just(0.0) | st.floats(1e-6, 0.5),
    st.just(0.0) | st.floats(1e-3, 30.0),
)
def test_limited_common_randomness_is_certified(spectrum, log_share, perception, bits):
    total = spectrum.sum()
    goal = total * 10.0**log_share
    answer = smallest_rate(spectrum, goal, perception * total, bits)
    assert abs(answer.gap_nats) < 1e-11 * (1 + answer.rate_nats)
    assert answer.common_randomness_bits <= bits * (1 + 1e-9)
    more = smallest_rate(spectrum, goal, perception * total)
    assert more.rate_nats <= answer.rate_nats + 1e-9


def test_the_corners_of_the_request():
    """R*(D), F* and A*: no constraint, perfect realism with and without common randomness."""
    free = smallest_rate(SPECTRUM, 2.0)
    assert free.rate_nats == pytest.approx(ReverseWaterFilling(SPECTRUM).rate_nats(2.0), rel=1e-13)
    for name, bits in (("diffc-f-star", np.inf), ("diffc-a-star", 0.0)):
        expected = scheme(name, SPECTRUM).at(distortion_per_dim=0.5).bits_per_dim
        answer = smallest_rate(SPECTRUM, 2.0, 0.0, bits)
        assert answer.bits_per_dim == pytest.approx(expected, rel=1e-12)
        assert answer.to_dict()["perception_multiplier"] is None


@pytest.mark.parametrize("bits", [1.0, np.inf])
def test_the_multipliers_are_the_slopes(bits):
    """Central differences of the answers, error of the order of h² = 1e-10."""
    h = 1e-5
    at = {"distortion": 2.0, "perception": 0.15, "common_randomness_bits": bits}
    spectrum = SPECTRUM[:2]  # two components say as much as four, in half of the time
    answer = smallest_rate(spectrum, **at)
    expected = {
        "distortion": answer.distortion_multiplier,
        "perception": answer.perception_multiplier,
        "common_randomness_bits": answer.common_multiplier * np.log(2),
    }
    for name, price in expected.items():
        rates = [
            smallest_rate(spectrum, **(at | {name: at[name] + step})).rate_nats for step in (h, -h)
        ]
        assert (rates[1] - rates[0]) / (2 * h) == pytest.approx(price, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("measure", "request_"),
    [
        *itertools.product(MEASURES, [(7.8,), (15.6, 0.0), (1e9, 0.0)]),
        ("wasserstein", (15.6, 0.0, 0.0)),
        ("wasserstein", (14.0, 0.15, 1.0)),
    ],
)
def test_what_costs_nothing(measure, request_):
    """R = 0, and 0 is a lower bound."""
    answer = smallest_rate(SPECTRUM, *request_, measure=measure)
    assert answer.rate_nats == answer.lower_bound_nats == answer.distortion_multiplier == 0


@pytest.mark.parametrize("bits", [1e5, 1e300])
def test_a_limit_on_common_randomness_that_is_never_reached_has_no_price(bits):
    free, limited = (smallest_rate(SPECTRUM, 2.0, 0.15, limit) for limit in (np.inf, bits))
    assert limited.rate_nats == pytest.approx(free.rate_nats, rel=1e-12)
    assert limited.common_multiplier == 0


@settings(max_examples=50)
@given(st.floats(0.3, 3.0), st.floats(0.2, 3.0), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_the_bound_holds_for_any_multipliers_and_tangents(level_off, price_off, u, ratio):
    """Weak duality: whatever is put in, it is below the optimum, and mostly far below."""
    best = BEST
    level = float(best.water_level) * level_off
    price = float(best.realism / (1 - best.realism)) / (2 * level) * price_off
    point = Point(np.full(4, u), np.full(4, 1 - u * u))
    bound = private_bound(SPECTRUM, Wasserstein(), level, price, 2.0, 0.15, point)
    assert bound <= best.rate_nats + 1e-12
    shared = BEST_SHARED
    code = SharedCode(SPECTRUM, 0.7 * level_off, ratio, u, 1 - u)
    if code.rate_nats >= shared.rate_nats:  # tangents reach to the code's own rate
        bound = shared_bound(SPECTRUM, code, 2.0, 0.15, np.log(2))
        assert bound <= shared.rate_nats + 1e-12


def test_a_wrong_answer_is_refused(monkeypatch):
    """A code of 1 % too much rate does not pass for the best."""
    bound = query.private_bound
    monkeypatch.setattr(query, "private_bound", lambda *args: 0.99 * bound(*args))
    with pytest.raises(RuntimeError, match="the gap is"):
        smallest_rate(SPECTRUM, 2.0, 0.15)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("distortion", lambda: smallest_rate(SPECTRUM, 0.0)),
        ("distortion", lambda: smallest_rate(SPECTRUM, [1.0, 2.0])),
        ("distortion", lambda: smallest_rate(SPECTRUM, np.nan)),
        ("perception", lambda: smallest_rate(SPECTRUM, 1.0, -0.1)),
        ("perception", lambda: smallest_rate(SPECTRUM, 1.0, "weak")),
        ("common_randomness_bits", lambda: smallest_rate(SPECTRUM, 1.0, 0.1, -1.0)),
        ("common_randomness_bits", lambda: smallest_rate(SPECTRUM, 1.0, 0.1, 1.0, "kl")),
        ("measure", lambda: smallest_rate(SPECTRUM, 1.0, 0.1, measure="tv")),
        ("eigenvalues", lambda: smallest_rate([-1.0], 1.0)),
    ],
)
def test_bad_input(argument, call):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        call()
