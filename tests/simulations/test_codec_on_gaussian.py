"""The codec with the exact model is on the analytic curves."""

import numpy as np
import pytest

from simulations.outcomes import run


@pytest.fixture(scope="module")
def found():
    result = run("codec-on-gaussian", side=32, pictures=2, steps=5)["result"]
    return {name: np.array(value) for name, value in result.items()}


@pytest.mark.parametrize("how", ["ancestral", "flow", "mmse"])
def test_exact_samples_are_on_the_curve(found, how):
    # Σ over 2 x 3,072 components of squared Gaussians, of which some sixty carry the error of the
    # first step: its relative standard error is below sqrt(2/60) = 0.18 there, and the average of
    # five steps of one picture is no better. Six of them; a wrong scale of the flow is off by 0.4.
    ratio = found[f"{how}_distortion_per_dim_exact"] / found[f"{how}_distortion_per_dim_analytic"]
    assert abs(ratio[-1] - 1) < 0.1
    assert abs(ratio - 1).max() < 6 * 0.18


@pytest.mark.parametrize("how", ["ancestral", "flow", "mmse"])
def test_real_blocks_lose_little(found, how):
    # Truncation makes the error larger, by 10 to 25 % (docs/channel-simulation.md).
    exact = found[f"{how}_distortion_per_dim_exact"][-1]
    assert 0.97 < found[f"{how}_distortion_per_dim"][-1] / exact < 1.35


def test_information_is_the_analytic_one(found):
    # Scales fitted to the data and truncation move Eq. 5 by a few percent of ½ Σ log(1 + s).
    ratio = found["information_bits_per_dim"] / found["bits_per_dim_analytic"]
    assert (abs(ratio - 1) < 0.12).all()


def test_real_bits_are_between_information_and_bound(found):
    real, information = found["real_bits_per_dim"], found["information_bits_per_dim"]
    # The bound is of messages; flushing the range coder and the scales are beside it: 8 bytes.
    assert (real < found["bound_bits_per_dim"] + 64 / 3072).all()
    # Below 300 bits a last block that is not full weighs more.
    assert (real[3:] < 1.45 * information[3:]).all()
    assert (real > information).all()
