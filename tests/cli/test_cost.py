"""`rdtheory cost`: the contract's keys, known values, laws against sampling, mistakes."""

import json

import pytest

KEYS = {"kl_bits", "mean_log2_index", "entropy_bits", "zipf_bits", "mean_index", "bounds"}


@pytest.fixture
def cost(run):
    """What the command prints as JSON."""

    def cost(method, mean, std, *options):
        arguments = ("--method", method, "--target-mean", mean, "--target-std", std, *options)
        status, out, err = run("cost", *arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return cost


def test_the_check_values_of_the_theory(cost):
    """[T3.3]: μ = 2, ϱ = 0.3, and μ = 1.5, ϱ = 1; [T3.5]: 16 bits.

    The page prints 3.37992 and 19.509; summing the series gives 3.379912 and 19.51152.
    """
    found = cost("pfr", 2, 0.3)
    assert set(found) >= KEYS
    assert found["kl_bits"] == pytest.approx(3.96593, abs=1e-5)
    assert found["mean_log2_index"] == pytest.approx(3.379912, abs=1e-6)
    assert cost("pfr", 1.5, 1)["mean_log2_index"] == pytest.approx(1.66951, abs=1e-5)
    sixteen = cost("pfr", 4.709640090061899, 1)
    assert sixteen["entropy_bits"] == pytest.approx(19.51152, abs=1e-5)
    assert sixteen["zipf_bits"] == pytest.approx(20.271, abs=1e-3)


def test_a_mean_in_every_component_is_a_longer_shift(cost):
    many, one = cost("pfr", 0.5, 1, "--dim", 16), cost("pfr", 2.0, 1)
    assert many["entropy_bits"] == pytest.approx(one["entropy_bits"])
    assert many["kl_bits"] == pytest.approx(16 * 0.125 / 0.6931471805599453)


@pytest.mark.parametrize("method", ["grs", "gprs"])
def test_greedy_methods_examine_exp_d_infinity(cost, method):
    """[T3.7a]: x = 1, ρ = 0.9: E K = 3.7824."""
    found = cost(method, 0.9, 0.19**0.5)
    assert found["mean_index"] == pytest.approx(3.7824, abs=1e-4)
    divergence = found["bounds"]["channel_simulation_divergence"]
    assert divergence == pytest.approx(1.7167, abs=1e-4)
    assert found["kl_bits"] < divergence < found["entropy_bits"]


def test_an_infinite_mean_is_null(cost):
    assert cost("gprs", 1, 1)["mean_index"] is None


@pytest.mark.parametrize("method", ["orc", "mrc", "as-star", "ad-star", "gprs-bb"])
def test_sampled_methods_say_how_sure_they_are(cost, method):
    found = cost(method, 1.0, 0.5)
    assert found["samples"] >= 200
    assert 0 < found["standard_error_bits"] < 0.2
    assert found["entropy_bits"] > found["kl_bits"] - 0.2


def test_the_table(run):
    status, out, _ = run("cost", "--method", "pfr", "--target-mean", 2, "--target-std", 0.3)
    assert status == 0
    assert "entropy_bits" in out
    assert "channel_simulation_divergence" in out


@pytest.mark.parametrize(
    ("method", "mean", "std", "dim", "words"),
    [
        ("none", 1, 1, 1, "method: got 'none'; allowed: pfr, grs, gprs"),
        ("pfr", "nan", 1, 1, "target_mean: got nan"),
        ("pfr", 1, 0, 1, "std: got 0.0"),
        ("pfr", 1, -1, 1, "std: got -1.0"),
        ("pfr", 1, 1, 0, "dim: got 0"),
        ("orc", 9, 1, 1, "about 2^62 candidates"),
        ("as-star", 1, 1, 1, ""),
        ("gprs-bb", 1, 0.5, 3, ""),
    ],
)
def test_mistakes(refused, method, mean, std, dim, words):
    arguments = ("--method", method, "--target-mean", mean, "--target-std", std, "--dim", dim)
    assert words in refused("cost", *arguments)
