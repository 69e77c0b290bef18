"""What the figures of theorems, perception and finite steps show."""

from itertools import pairwise

import numpy as np
import pytest

from rdtheory import scheme, sources


def test_the_chain_is_in_order_at_every_noise_level(data_of):
    """[T1.12], Eq. 16, 17, up to the certified error of R(D/2)."""
    shown = data_of("first-result-chain")
    members = list(shown["bits"].values())
    for below, above in pairwise(members):
        assert np.all(above - below >= -2 * shown["error_bits"] - 1e-8)
    assert np.all(shown["error_bits"] < 2e-3)


def test_the_chain_has_the_values_of_the_page(data_of):
    """[T1.12]: t = 0.2, interpolated in ln t; 0.001 nats for that, R(D/2) = 0.8374."""
    shown = data_of("first-result-chain")
    nats = [
        np.interp(np.log(0.2), np.log(shown["noise_variance"]), bits) * np.log(2)
        for bits in shown["bits"].values()
    ]
    assert nats[:4] == pytest.approx([0.8317, 0.8374, 0.9101, 1.0351], abs=5e-3)


def test_flow_ratios_tend_to_their_limits(data_of):
    """[T1.13]: 1/2 for a density, 2/π for two points; never outside [1/2, 1]."""
    shown = data_of("flow-ratio")
    for name, (_, ratio) in shown["ratio"].items():
        assert np.all((ratio >= 0.5) & (ratio <= 1)), name
        limit = 2 / np.pi if name == "two points" else 0.5
        assert ratio[0] == pytest.approx(limit, abs=6e-4), name
        assert ratio[-1] > 0.96, name


def test_expansions_meet_the_ratios(data_of):
    """[T1.13c]: at t = 1e-4 the next term is below a hundredth of the first."""
    shown = data_of("flow-ratio")
    for name, expansion in shown["expansion"].items():
        excess = shown["ratio"][name][1][0] - 0.5
        assert excess == pytest.approx(expansion[0] - 0.5, rel=0.03), name


def test_realism_costs_and_diffc_f_is_close(data_of):
    """[P15]: R <= R_pr <= R_F at equal distortion; at most 0.06 bits apart for this mixture."""
    shown = data_of("realism-optimum")
    assert np.all(shown["excess_bits"] > 0)
    assert np.all(shown["excess_bits"] < 0.06)
    assert shown["gap_bits"] < 1e-8
    distortion, bits = shown["curves"]["realism"]
    ancestral, half = shown["curves"]["rd-half"]
    inside = distortion > ancestral[0]
    assert np.all(np.interp(distortion, ancestral, half)[inside] > bits[inside])


def test_second_order_optimality_is_seen(data_of):
    """[T7.1], a conjecture: the excess falls faster than D, the second term falls like D."""
    shown = data_of("realism-optimum")
    share = shown["excess_bits"] / shown["second_term_bits"]
    assert share[0] < 0.02
    assert np.all(np.diff(share[:7]) > 0)


def test_the_surface_has_its_edges(data_of):
    """[T2.1], [T2.7]: Shannon where perception is free; sections in order from P = 0."""
    shown = data_of("perception-surface")
    for name, budget in shown["budget"].items():
        free = budget[:, None] > shown["free"][name]
        shannon = np.broadcast_to(shown["shannon_bits"], free.shape)
        bits = shown["bits"][name]
        assert np.allclose(bits[free], shannon[free], rtol=0, atol=1e-12)
        assert np.all(bits >= shannon - 1e-12)
    sections = list(shown["section_bits"].values())
    for more, less in pairwise(sections):
        assert np.all(more >= less - 1e-12)
    star = scheme("diffc-f-star", [1.0]).at(distortion_per_dim=shown["distortion"][:-1])
    np.testing.assert_allclose(sections[0][:-1], star.bits_per_dim, rtol=1e-9, atol=1e-12)


def test_common_randomness_goes_from_a_star_to_f_star(data_of):
    """[T2.5c], [T2.5e]: the ends are twice Shannon's distortion and DiffC-F*."""
    shown = data_of("common-randomness")
    assert np.all(np.diff(shown["distortion"], axis=1) <= 0)
    np.testing.assert_allclose(
        shown["distortion"][:, 0], 2 * 4.0 ** -np.array([0.25, 0.5, 1.0, 2.0]), rtol=1e-12
    )
    for column, name in ((0, "diffc-a-star"), (-1, "diffc-f-star")):
        ends = scheme(name, sources.patches()).at(bits_per_dim=[0.1, 0.391, 1.0, 2.0])
        np.testing.assert_allclose(shown["patch_snr_db"][:, column], ends.snr_db, atol=1e-8)


def test_the_best_number_of_steps_is_that_of_the_page(data_of):
    """[T5.2]: 4 steps, 2112.28 bits; with 16 bits a message 125 steps, 3137.74 bits."""
    best = data_of("finite-steps")["best"]
    assert best["any"] == [4, pytest.approx(2112.28, abs=5e-3)]
    assert best["limited"] == [125, pytest.approx(3137.74, abs=5e-3)]


def test_equal_arc_length_is_better_and_tends_to_its_law(data_of):
    """[T5.1b]."""
    excess = data_of("finite-steps")["excess_bits"]
    assert np.all(excess["arc"] <= excess["ratios"] * (1 + 1e-9))
    assert excess["arc"][-1] == pytest.approx(excess["limit"][-1], rel=0.01)
