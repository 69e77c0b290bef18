"""Certified lower bounds on R_pr of continuous sources [T4.5]."""

import json

import numpy as np
import pytest

from rdtheory.errors import InputError
from rdtheory.perception.continuous_realism import realism_lower_bound
from rdtheory.perception.perfect_realism import PerfectRealism
from rdtheory.rate_distortion.quantisation import discretise, quantise
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform


def exact_normal(D: float) -> float:
    """[T1.5e], [T1.9f]."""
    return -np.log(D / 2 * (2 - D / 2)) / 2


@pytest.mark.parametrize(
    ("width", "refined", "crude"), [(0.02, 0.3992, 0.3888), (0.1, 0.3409, 0.2839)]
)
def test_the_check_values_are_the_tangent_at_the_wanted_distortion(width, refined, crude):
    """[T4.5] check values: N(0, 1), D = 0.5, δ = Δ/√3 and δ = Δ.

    They are the dual's line at the slope of D itself; its cells put R_pr there off by O(Δ²).
    """
    quantised = quantise(normal(), np.arange(-8 + width / 2, 8, width))
    point = PerfectRealism(quantised.law).at_distortion(0.5)
    for delta, expected in ((width / np.sqrt(3), refined), (width, crude)):
        widened = (np.sqrt(0.5) + delta) ** 2
        assert abs(point.tangent_nats(widened) - expected) < width**2 / 10 + 1e-4
    # The dual that is best at the widened distortion says more.
    bound = realism_lower_bound(normal(), 0.5, quantised)
    assert refined <= bound.lower_rate_nats <= exact_normal(0.5)


@pytest.mark.parametrize("distortion", [0.01, 0.1, 0.5, 1.5])
def test_the_bound_is_below_the_closed_form_and_approaches_it(distortion):
    """[T4.5]: half the width, half the loss (to first order in δ)."""
    losses = []
    for count in (101, 201, 401):
        quantised = discretise(normal(), count, 1e-7)
        bound = realism_lower_bound(normal(), distortion, quantised)
        losses.append(exact_normal(distortion) - bound.lower_rate_nats)
    assert min(losses) > 0
    assert losses[2] < 0.62 * losses[1] < 0.62**2 * losses[0] * 1.1


@pytest.mark.parametrize(
    ("source", "distortion", "optimum"),
    [
        (GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3]), 0.1457, 0.8888),
        (Laplace(scale=0.5**0.5), 0.1672, 0.859),
    ],
    ids=["mixture", "Laplace"],
)
def test_the_bound_is_below_the_optima_of_the_check_values(source, distortion, optimum):
    """[T4.3b] check values; the default grid loses less than 0.1 nats there."""
    bound = realism_lower_bound(source, distortion)
    assert optimum - 0.1 < bound.lower_rate_nats < optimum


def test_a_source_of_two_points_loses_nothing():
    """Its quantisation is itself: ln 2 - h(D/4)."""
    bound = realism_lower_bound(TwoPoint(), 0.44)
    exact = np.log(2) + 0.11 * np.log(0.11) + 0.89 * np.log(0.89)
    # The centroids are the points to 1e-12, so that δ is 1e-6 at most: slope 0.5 times 2e-6.
    assert exact - 2e-6 < bound.lower_rate_nats <= exact + 1e-10


def test_beyond_twice_the_variance_nothing_is_claimed():
    bound = realism_lower_bound(Uniform(half_width=1.0), 0.7)
    assert bound.lower_rate_nats == 0.0


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "low", None], ids=repr)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match=r"^distortion"):
        realism_lower_bound(normal(), bad)


def test_a_bound_is_ready_for_json():
    data = json.loads(json.dumps(realism_lower_bound(normal(), 0.5).to_dict()))
    assert data["quantised_distortion"] == pytest.approx(
        (np.sqrt(0.5) + 2 * np.sqrt(data["quantisation_error"])) ** 2
    )
    # The quantised distortion is attained to 1e-9 or so.
    assert data["lower_rate_nats"] <= data["quantised_rate_nats"] + 1e-8
