"""Masked transformers beside theory: no code beats R*(D); what schedules lose, in closed form."""

import numpy as np
import pytest

from rdtheory.codecs.m2t.schedule import ORDERS, schedule
from simulations.outcomes import recorded, run
from simulations.schedule_bits import (
    gaussian_entropy,
    gaussian_field,
    gaussian_grouped_bits,
    rounded_covariance,
)

FIELD = gaussian_field(4, 0.8)


@pytest.mark.parametrize("location", ORDERS)
def test_bits_of_a_schedule_by_precision_matrices(location):
    """The variance of a value given others is one over its entry in the inverse covariance."""
    plan = schedule(location, 4, 5, 1.6)
    covariance = rounded_covariance(FIELD, 1.0)
    known, expected = [], 0.0
    for group in plan.groups:
        for value in group.tolist():
            among = [value, *known]
            precision = np.linalg.inv(covariance[np.ix_(among, among)])
            expected += np.log2(2 * np.pi * np.e / precision[0, 0]) / 2 / 16
        known += group.tolist()
    assert gaussian_grouped_bits(covariance, plan) == pytest.approx(expected, rel=1e-10)


def test_groups_of_one_reach_the_entropy_and_one_group_the_sum_of_marginals():
    covariance = rounded_covariance(FIELD, 2.0)
    entropy = gaussian_entropy(covariance)
    eigenvalues = np.linalg.eigvalsh(covariance)
    assert entropy == pytest.approx(np.mean(np.log2(2 * np.pi * np.e * eigenvalues)) / 2)
    for location in ("qlds", "entropy"):
        alone = gaussian_grouped_bits(covariance, schedule(location, 4, 16))
        assert alone == pytest.approx(entropy, rel=1e-12)
        together = gaussian_grouped_bits(covariance, schedule(location, 4, 1))
        assert together == pytest.approx(np.log2(2 * np.pi * np.e * (16 + 1 / 12)) / 2)


def test_the_entropy_of_rounded_values_is_below_the_closed_form():
    """Of one value, by summing over whole numbers: at most the Gaussian's, and near."""
    from scipy.special import xlogy
    from scipy.stats import norm

    numbers = np.arange(-60, 61)
    for log_scale in (0.0, 1.0, 2.0):
        shares = np.diff(norm.cdf((np.append(numbers, 61) - 0.5) / 2**log_scale))
        exact = -xlogy(shares, shares).sum() / np.log(2)
        closed = gaussian_entropy(rounded_covariance(gaussian_field(1, 0.0), log_scale))
        assert 0 <= closed - exact < 0.002


@pytest.fixture(scope="module")
def quick():
    settings = {"side": 3, "steps": 3, "locations": "qlds,entropy", "log_scale_most": 1}
    return run("masked-fields", training_steps=60, **settings)["result"]["rows"]


def no_point_beats_theory(rows):
    for row in rows:
        # Four standard errors of a mean of streams: 1e-4 a row if normal; keys are fixed.
        assert row["bits"] > row["rate_bound"] - 4 * row["bits_error"]
        # Values of a group are coded independently: not even a perfect network has less. The closed
        # form is from above, by less than 0.01 bits at q = 1 and correlation 0.9.
        least = row["grouped"] + row["checksums"] - 4 * row["bits_error"] - 0.01
        assert row["bits"] > (least if row["location"] != "entropy" else row["entropy"] - 0.01)


def test_no_point_beats_theory(quick):
    no_point_beats_theory(quick)
    assert {row["way"] for row in quick} == {"m2t", "mt", "ar"}


def test_training_has_found_correlations(quick):
    """Untrained, a value takes the bits of its marginal or more."""
    marginal = {0.0: np.log2(2 * np.pi * np.e * (1 + 1 / 12)) / 2}
    for row in quick:
        if row["log_scale"] == 0 and row["way"] != "mt":
            assert row["bits"] - row["checksums"] < marginal[0.0]


def test_no_point_of_the_recorded_fields_beats_theory():
    no_point_beats_theory(recorded("masked-fields")["result"]["rows"])
