"""The experiments: real bits against information and bounds, samples against the analytic curves.

Monte-Carlo comparisons allow six standard errors: a false alarm of 2e-9 each; seeds are fixed.
"""

import json

import numpy as np
import pytest
from scipy import stats

from rdtheory import scheme, sources
from rdtheory.diffusion import RECONSTRUCTIONS
from simulations.__main__ import main
from simulations.block_overhead import Config as Block
from simulations.block_overhead import run as block_overhead
from simulations.diffc_gaussian import Config as DiffC
from simulations.diffc_gaussian import run as diffc_gaussian
from simulations.joint_trajectory import Config as Joint
from simulations.joint_trajectory import run as joint_trajectory
from simulations.measures import realism
from simulations.rate_control import Config as Control
from simulations.rate_control import run as rate_control
from simulations.registry import EXPERIMENTS
from simulations.truncation_payback import Config as Payback
from simulations.truncation_payback import run as truncation_payback


@pytest.mark.parametrize("steps", [1, 3])
def test_diffc_on_a_gaussian_source_follows_its_curves(steps):
    """At 4 bits a component and 3 steps blocks are rare; the distortion of 1,000 · 4 components
    has a relative standard error of about 2 %, and so have those of the reconstructions."""
    config = DiffC("ar1:rho=0.5,dim=4", "diffc-f", 6.0, steps, vectors=1000)
    found = diffc_gaussian(config)
    assert len(found["steps"]) == steps
    last = found["steps"][-1]
    assert last["information_bits"] == pytest.approx(6.0 * 4 * 1000)
    assert last["information_bits"] < last["bits"] < found["bound_bits_stepwise"] * 1.05
    assert set(last["reconstructions"]) == set(RECONSTRUCTIONS)
    for row in last["reconstructions"].values():
        ratio = row["distortion_per_dim"] / row["distortion_per_dim_analytic"]
        assert abs(ratio - 1) < 6 * 0.025
    # The reconstruction by flow is as close to the source as the source's own draws.
    own = found["realism_of_source"]["wasserstein2_per_dim"]
    assert last["reconstructions"]["flow"]["wasserstein2_per_dim"] < 3 * own
    assert found["bound_bits_at_once"] <= found["bound_bits_stepwise"]


def test_the_patch_source_at_the_rate_of_figure_7b():
    """0.391 bits per dimension in real bits.

    Eq. 3 allows 12 % more than the information for a patch in one piece, of 2^100 candidates.
    Blocks of 12 bits and layered components are within reach, and cost up to 35 % more.
    """
    found = diffc_gaussian(DiffC(vectors=12))
    (row,) = found["steps"]
    assert found["blocks"] > 10
    bits = row["bits"] - found["header_bits"]
    assert row["information_bits"] < bits < 1.35 * row["information_bits"]
    flow, ancestral = (row["reconstructions"][name] for name in ("flow", "ancestral"))
    assert flow["distortion_per_dim"] < ancestral["distortion_per_dim"]
    assert flow["distortion_per_dim"] < 1.25 * flow["distortion_per_dim_analytic"]


def test_a_joint_trajectory_costs_what_its_end_costs():
    """Two-sample Kolmogorov-Smirnov on the index, false alarm 1e-9 [T1.3b]."""
    found = joint_trajectory(Joint())
    jointly, at_once = found["jointly"], found["at_once"]
    assert stats.ks_2samp(jointly["index"], at_once["index"]).pvalue > 1e-9
    for row in (jointly, at_once):
        assert row["bits"] < found["bound_bits_jointly"] < found["bound_bits_stepwise"]
        for one in row["reconstructions"].values():
            ratio = one["distortion_per_dim"] / one["distortion_per_dim_analytic"]
            # 1,600 squared errors, and 2^12 candidates for 6 bits: a few percent too large.
            assert 0.8 < ratio < 1.3


def test_following_steps_pay_a_truncated_block_s_error_back():
    exact = truncation_payback(Payback(vectors=150))
    excess, error = exact["excess"], exact["standard_error"]
    assert excess[0] > 6 * error[0]
    deviations = np.abs(excess - exact["predicted_if_exact"])
    assert (deviations[1:] < 6 * error[1:]).all()
    assert excess[-1] < excess[0] / 2
    # If the following steps are truncated as well they add errors of their own.
    cut = truncation_payback(Payback(vectors=150, following="truncated", steps=2))
    assert cut["excess"][0] == pytest.approx(excess[0])
    assert cut["excess"][1] > exact["predicted_if_exact"][1] + 6 * cut["standard_error"][1]
    padded = truncation_payback(
        Payback(vectors=150, following="truncated", steps=2, padding_bits=4.0)
    )
    assert padded["excess"][1] < cut["excess"][1] / 2


def test_blocks_of_fourteen_bits_cost_at_most_1_35_times_what_they_carry():
    """The information carried is that of the sample as it is, not the block's 14 bits."""
    found = block_overhead(Block(blocks=1000))
    assert found["ratio"]["zipf"] < 1.35
    assert found["ratio"]["adaptive"] < 1.35
    assert 10.0 < found["information_bits"] < 11.5  # about 10.5, not 14
    assert found["shortfall"] == pytest.approx(0.6, abs=0.1)


def test_the_information_carried_is_that_of_an_exact_code():
    """Few bits and much padding: then the sample is exact and carries KL."""
    found = block_overhead(Block(block_bits=2.0, padding_bits=12.0, blocks=4000))
    assert found["information_bits"] == pytest.approx(2.0, abs=0.1)


def test_the_step_for_a_desired_size_is_the_last_that_fits():
    found = rate_control(Control(vectors=6, steps=5, sizes=7))
    assert found["rows"][0]["step"] == 0
    assert found["rows"][-1]["step"] == 5
    for row in found["rows"]:
        assert row["bytes"] <= row["desired_bytes"]
        if row["step"]:
            assert row["steps_received"] == row["step"]
            assert row["bytes"] == sum(found["message_bytes"][: row["step"]])
    errors = [row["distortion_per_dim"] for row in found["rows"] if row["step"]]
    assert errors == sorted(errors, reverse=True)


def test_realism_of_a_known_pair_of_gaussians():
    """W2² of N(0, diag a) and N(m, diag b) is |m|² + Σ (sqrt a - sqrt b)²."""
    source = sources.GaussianVector([4.0, 1.0])
    draws = np.random.default_rng(0).standard_normal((400_000, 2)) * [1.0, 0.5] + [0.3, 0.0]
    found = realism(source, draws)["wasserstein2_per_dim"]
    assert found == pytest.approx((0.09 + 1.0 + 0.25) / 2, rel=0.01)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_says_what_it_asks_and_has_defaults(name):
    module = EXPERIMENTS[name]
    assert (module.__doc__ or "").splitlines()[0].endswith((".", "?", ")", "]"))
    module.Config()


def test_the_command_line(capsys):
    assert main(["list"]) == 0
    assert "diffc-gaussian" in capsys.readouterr().out
    assert main(["run", "joint-trajectory", "--candidates", "16", "--vectors", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["config"]["candidates"] == 16
    assert main(["run", "joint-trajectory", "--scheme", "none"]) == 2
    assert capsys.readouterr().err.startswith("error: scheme: got 'none'")
    with pytest.raises(SystemExit) as caught:
        main(["run", "joint-trajectory", "--vectors", "many"])
    assert caught.value.code == 2


def test_operating_points_are_those_of_the_scheme():
    """`against_theory` looks the point up by its noise level: the same as by its rate."""
    operated = scheme("diffc-f", sources.ar1(0.5).vector(4))
    found = diffc_gaussian(DiffC("ar1:rho=0.5,dim=4", "diffc-f", 3.0, vectors=10))
    expected = operated.at(bits_per_dim=3.0).distortion_per_dim
    row = found["steps"][0]["reconstructions"]["flow"]
    assert row["distortion_per_dim_analytic"] == pytest.approx(expected, rel=1e-9)
