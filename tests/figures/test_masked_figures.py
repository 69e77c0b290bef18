"""What the figures of the masked transformers show."""

import numpy as np
import pytest


def test_low_discrepancy_loses_least_on_a_field(closed):
    for axis in ("steps", "alpha"):
        qlds = closed[axis]["qlds"]["excess_bits"]
        for name in ("random", "entropy", "raster"):
            # With one step all are alike, with two groups chance decides.
            many = closed[axis]["qlds"][axis] > 2 if axis == "steps" else slice(None)
            assert (qlds[many] < closed[axis][name]["excess_bits"][many]).all()
    assert (np.diff(closed["steps"]["qlds"]["excess_bits"]) < 0).all()


def test_no_network_beats_its_schedule(fields):
    """Nor R*(D): by three tenths of a bit, a quarter of which scalar quantisation loses anyway."""
    for way in ("ar", "m2t", "mt"):
        assert (np.array(fields["bits"][way]) > np.array(fields["rate_bound"]) + 0.15).all()
    for name, shown in fields["excess"].items():
        if "entropy" not in name:
            assert shown["measured"] > shown["perfect"] - 4 * shown["error"] - 0.01


def test_networks_have_learned_most_of_the_field(fields):
    """Without it a value takes half a bit to two bits more."""
    for name in ("full AR, raster", "M2T, qlds"):
        shown = fields["excess"][name]
        assert shown["measured"] - shown["perfect"] < 0.25
    assert fields["excess"]["MT, qlds"]["measured"] < fields["excess"]["MT, entropy"]["measured"]


def test_more_steps_save_bits_and_low_discrepancy_is_not_worse_than_random(photographs):
    steps = photographs["steps"]
    for shown in steps.values():
        assert shown["percent"][-1] < shown["percent"][0]
    reference = list(steps["qlds"]["steps"]).index(8)
    assert steps["qlds"]["percent"][reference] == pytest.approx(0, abs=1e-9)
    assert steps["random"]["percent"][reference] > -2 * steps["random"]["error"][reference]


def test_masking_twice_is_faster(times):
    """At the source's sizes and number of steps, in the network and in all."""
    at = {way: list(times[way]["steps"]).index(12) for way in ("mt", "m2t")}
    for name, factor in (("network_seconds", 4), ("seconds", 3)):
        assert times["mt"][name][at["mt"]] > factor * times["m2t"][name][at["m2t"]]
    assert times["ar"]["seconds"][0] > times["m2t"]["seconds"].max()
