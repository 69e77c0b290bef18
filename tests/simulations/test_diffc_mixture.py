"""Both results on a mixture, measured: all comparisons allow six standard errors, 2e-9 each."""

import numpy as np
import pytest

from rdtheory.channel_simulation import BlockSettings, Key
from rdtheory.channel_simulation.message import encode_message
from rdtheory.channel_simulation.plan import Plan
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.diffusion.noise import divide_or_inf
from rdtheory.errors import InputError
from simulations.diffc_mixture import Config, _source, run

CONFIG = Config(vectors=1500, steps=16)


@pytest.fixture(scope="module")
def found():
    return run(CONFIG)


def deviation(estimate, expected):
    """In standard errors."""
    return (estimate["value"] - expected) / estimate["standard_error"]


def test_the_first_result_holds_for_what_is_measured(found):
    for row in found["first_result"]:
        lower, information, upper = row["chain"].values()
        assert lower < information < upper
        assert abs(deviation(row["information_bits"], information)) < 6
        assert deviation(row["information_bits"], lower) > -6
        assert deviation(row["information_bits"], upper) < 6
    # The bounds close in as the rate grows.
    gaps = [
        row["chain"]["I(X; Z)"] - row["chain"]["R*(D/2) - KL_X"] for row in found["first_result"]
    ]
    assert gaps == sorted(gaps, reverse=True)


def test_ancestral_samples_have_twice_the_least_error(found):
    source = _source(CONFIG)
    for row in found["first_result"]:
        snr = np.maximum(source.gaussian.eigenvalues / row["water_level"] - 1, 0)
        channel = MixtureChannel(source, divide_or_inf(source.gaussian.eigenvalues, snr))
        expected = channel.ancestral_distortion.value
        assert abs(deviation(row["ancestral_distortion"], expected)) < 6


def test_short_steps_cost_the_information_and_long_ones_more(found):
    """Eq. 5: Gaussian beliefs miss what a mixture has beyond them, and less so in short steps."""
    for row in found["first_result"]:
        assert abs(deviation(row["coded_bits"], row["chain"]["I(X; Z)"])) < 6
    # Half a bit more, about 11 standard errors: above 5 but for a chance of 1e-9.
    last = run(Config(vectors=6000, steps=4, gaussians=5))["first_result"][-1]
    assert deviation(last["coded_bits"], last["chain"]["I(X; Z)"]) > 5


def test_the_second_result_holds_for_what_is_measured(found):
    for row in found["second_result"]:
        ratio, expected = row["flow_over_ancestral"], row["expansion"]["value"]
        assert abs(deviation(ratio, expected)) < 6
        assert abs(deviation(ratio, 0.5)) < 6
        assert ratio["standard_error"] < 0.02  # far from 1, the ratio at zero rate


def test_a_real_code_takes_the_place_of_the_ideal_one():
    bits = []

    def send(means, variances, step):
        plan = Plan(variances, len(means), BlockSettings(crossover_bits=0.0))
        message = encode_message(means, plan, Key(0, step))
        bits.append(8 * sum(map(len, message.sections)))
        return message.sample

    config = Config(vectors=200, steps=4)
    last = run(config, send)["first_result"][-1]
    ideal = run(config)["first_result"][-1]
    assert len(bits) == 4
    total = 200 * last["coded_bits"]["value"]
    assert total < sum(bits) < 2 * total  # half a bit more for each number, of three or so
    ratio = last["ancestral_distortion"]["value"] / ideal["ancestral_distortion"]["value"]
    assert 0.6 < ratio < 1.6  # of 200 vectors each


@pytest.mark.parametrize("steps", [0, 3, 6])
def test_steps_come_in_quarters(steps):
    with pytest.raises(InputError, match=f"steps: got {steps}; allowed: a multiple of 4"):
        run(Config(steps=steps))
