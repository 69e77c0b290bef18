"""What the figures of channel simulation show: exact costs, searches, errors, real streams."""

from itertools import pairwise

import numpy as np
import pytest

from rdtheory.channel_simulation.laws import (
    greedy_entropy_bound_bits,
    layered_gap_bits,
    pfr_redundancy_bits,
)
from rdtheory.diffusion import one_shot_bound_bits
from rdtheory.units import nats_from_bits

SIX_STANDARD_ERRORS = 6


# Code lengths.


@pytest.mark.parametrize("family", ["shift", "narrow"])
@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("divergence", "pfr_entropy"),
        ("divergence", "grs_entropy"),
        ("divergence", "gprs_entropy"),
        ("pfr_entropy", "pfr_zipf"),
        ("pfr_zipf", "pfr_elias_delta"),
    ],
)
def test_order_of_code_lengths(lengths, family, shorter, longer):
    overhead = lengths[family]["overhead_bits"]
    assert np.all(overhead[shorter] > 0)
    assert np.all(overhead[shorter] < overhead[longer])


@pytest.mark.parametrize("family", ["shift", "narrow"])
def test_bounds_hold(lengths, family):
    found = lengths[family]
    kl, overhead, bound = found["kl_bits"], found["overhead_bits"], found["bound_bits"]
    assert np.all(overhead["pfr_entropy"] < bound["li_anantharam"])
    assert np.all(bound["li_anantharam"] < bound["li_el_gamal"])
    assert np.all(bound["li_el_gamal"] < bound["eq_3"])
    np.testing.assert_allclose(bound["eq_3"], one_shot_bound_bits(kl) - kl)
    greedy = greedy_entropy_bound_bits(overhead["divergence"] + kl) - kl
    assert np.all(overhead["grs_entropy"] < greedy)


def test_lengths_of_shifts_up_to_1000_bits(lengths):
    """H(K) - KL of the PFR tends to ½ log2(2πe 2C) - γ/ln 2 [T3.4, T3.5a]."""
    kl, overhead = lengths["shift"]["kl_bits"], lengths["shift"]["overhead_bits"]
    assert (kl[0], kl[-1]) == pytest.approx((0.5, 1000.0))
    limit = pfr_redundancy_bits(2 * nats_from_bits(kl[-1]))
    assert overhead["pfr_entropy"][-1] == pytest.approx(limit, abs=0.01)
    # Both greedy schemes cost log2 e more than the limit of all in the end [T3.7].
    for name in ("grs_entropy", "gprs_entropy"):
        gap = overhead[name][-1] - overhead["divergence"][-1]
        assert gap == pytest.approx(np.log2(np.e), abs=0.01)


def test_lengths_of_narrow_targets_stay_bounded(lengths):
    """The best codes have a constant overhead, D_CS that of the layered quantiser [T3.9c]."""
    overhead = lengths["narrow"]["overhead_bits"]
    assert overhead["divergence"][-1] == pytest.approx(layered_gap_bits(1), abs=1e-3)
    for name in ("pfr_entropy", "grs_entropy", "gprs_entropy"):
        assert overhead[name].max() < 2
    assert overhead["pfr_zipf"][-1] > 4


@pytest.mark.parametrize("family", ["shift", "narrow"])
def test_exact_algorithms_cost_more_than_the_divergence(lengths, family):
    """Random coding is not exact: its samples tell less than the target's KL."""
    found = lengths[family]
    for name, sent in found["sent"].items():
        least = np.interp(sent["kl_bits"], found["kl_bits"], found["overhead_bits"]["divergence"])
        above = sent["overhead_bits"] - least + SIX_STANDARD_ERRORS * sent["standard_error"]
        assert np.all(above > 0) or name == "orc"
        assert np.all(
            sent["overhead_bits"] < one_shot_bound_bits(sent["kl_bits"]) - sent["kl_bits"]
        )


def test_lengths_of_what_was_sent(lengths):
    sent = lengths["narrow"]["sent"]
    np.testing.assert_allclose(sent["mrc"]["overhead_bits"], 4.0)
    # rcc.md, section 4: direct layered .52 bits, AS* at 8 bits 10.0 in all.
    layered, a_star = sent["layered"], sent["as_star"]
    allowed = SIX_STANDARD_ERRORS * layered["standard_error"]
    assert np.all(abs(layered["overhead_bits"] - layered_gap_bits(1)) < allowed + 0.01)
    assert a_star["overhead_bits"][list(a_star["kl_bits"]).index(8)] == pytest.approx(2.0, abs=0.3)


# Searches.


@pytest.mark.parametrize(
    ("family", "line", "names"),
    [("shift", "certified", ["certified"]), ("narrow", "supremum", ["pfr", "grs", "gprs"])],
)
def test_global_searches_take_what_they_should(searches, family, line, names):
    """E[K] = sup r for greedy rejection, about that for the PFR; the mean horizon if certified."""
    found = searches[family]
    for name in names:
        searched = found["searched"][name]
        log_exact = np.interp(
            np.log(searched["kl_bits"]), np.log(found["kl_bits"]), np.log(found["candidates"][line])
        )
        allowed = SIX_STANDARD_ERRORS * searched["standard_error"] + 0.06 * np.exp(log_exact) + 0.5
        assert np.all(abs(searched["candidates"] - np.exp(log_exact)) < allowed)


def test_order_of_searches(searches):
    for found in searches.values():
        for name in found["searched"].keys() & {"gprs_tree", "as_star", "ad_star"}:
            kl, candidates = (found["searched"][name][key] for key in ("kl_bits", "candidates"))
            assert np.all(np.diff(candidates) > 0)
            assert np.all(candidates < 1.5 * kl + 2)
    narrow = searches["narrow"]["candidates"]
    rho = 2.0 ** -searches["narrow"]["kl_bits"]
    # sup r = e^(m²/(2 (1 - ρ²)))/ρ and m² = 1 - ρ².
    np.testing.assert_allclose(narrow["supremum"], np.exp(0.5) / rho, rtol=1e-9)
    assert np.all(narrow["layered"] == 1)


# Truncation.


def test_bound_on_the_error_of_truncation(truncation):
    """The check values of T3.5b; larger blocks are worse at every padding."""
    bounds, padding = truncation["not_among_the_candidates"], truncation["padding_bits"]
    for pad, bound in {2: 0.3446, 10: 0.0614, 16: 0.0081}.items():
        assert bounds[16][padding == pad] == pytest.approx(bound, abs=5e-5)
    curves = [bounds[kl] for kl in (8, 14, 16, 100)]
    assert all(np.all(np.diff(curve) < 0) for curve in curves)
    for smaller, larger in pairwise(curves):
        assert np.all(smaller < larger)


def test_total_variation_is_within_its_bound(truncation):
    padding = truncation["block_padding_bits"]
    some = padding >= 0
    bound = np.interp(
        padding[some], truncation["padding_bits"], truncation["not_among_the_candidates"][14]
    )
    distance = truncation["law"]["pfr"]["total_variation"][some]
    assert np.all(distance < bound)
    assert np.all(distance > 0.9 * bound)


def test_truncated_samples_are_short_and_narrow(truncation):
    """rcc.md, section 3: 0.59 short and a variance of 0.48 at 2 bits, 0.42 at 4."""
    padding = truncation["block_padding_bits"]
    law = truncation["law"]["pfr"]
    assert law["shortfall"][padding == 2] == pytest.approx(0.594, abs=1e-3)
    assert law["standard_deviation"][padding == 2] ** 2 == pytest.approx(0.481, abs=1e-3)
    assert law["shortfall"][padding == 4] == pytest.approx(0.420, abs=1e-3)
    for law in truncation["law"].values():
        assert np.all(np.diff(law["shortfall"]) < 0)
        assert np.all(np.diff(law["standard_deviation"]) > 0)
        assert np.all(law["standard_deviation"] < 1)
        assert np.all(np.diff(law["total_variation"]) < 0)
    # Importance sampling from as many candidates is worse than PFR cut short.
    assert np.all(truncation["law"]["orc"]["shortfall"] > truncation["law"]["pfr"]["shortfall"])


def test_the_librarys_blocks_have_the_law_of_the_quadrature(truncation):
    padding = truncation["sent_padding_bits"]
    for name, sent in truncation["sent"].items():
        for quantity in ("shortfall", "standard_deviation"):
            law = truncation["law"][name][quantity]
            expected = np.interp(padding, truncation["block_padding_bits"], law)
            allowed = SIX_STANDARD_ERRORS * sent[f"{quantity}_error"]
            assert np.all(abs(sent[quantity] - expected) < allowed)


# Quantisers.


def test_the_direct_layered_quantiser_lies_on_the_bound(quantisers):
    """Averages of uniform noise over widths, against integrals of level sets [T3.9c]."""
    direct = np.interp(
        quantisers["bound_snr_db"], quantisers["snr_db"], quantisers["overhead_bits"]["direct"]
    )
    np.testing.assert_allclose(quantisers["bound_bits"]["bound_1"], direct, rtol=0, atol=1e-6)


def test_overheads_of_quantisers(quantisers):
    """rcc.md, section 2, and T3.9d: 1.664 bits for eight components, at most 1.45 for an index."""
    snr_db, overhead = quantisers["snr_db"], quantisers["overhead_bits"]
    at = np.interp([-20, -10, 0, 10, 20], snr_db, overhead["direct"])
    np.testing.assert_allclose(at, [0.097, 0.257, 0.465, 0.519, 0.521], rtol=0, atol=2e-3)
    assert overhead["uniform"][-1] == pytest.approx(np.log2(2 * np.pi * np.e / 12) / 2, abs=1e-3)
    assert 8 * quantisers["bound_bits"]["bound_8"][-1] == pytest.approx(1.664, abs=0.01)
    assert 8 * overhead["ball_8"][-1] < 1.664 + 1.45
    assert np.all(overhead["direct"] <= overhead["shifted"] + 1e-9)
    assert np.all(overhead["direct"] < overhead["ball_2"])
    # Eight at a time is worth it at high SNR only.
    assert overhead["ball_8"][0] > overhead["direct"][0]
    assert overhead["ball_8"][-1] < overhead["direct"][-1]


def test_real_bytes_of_quantisers(quantisers):
    for name, sent in quantisers["sent"].items():
        line = np.interp(
            quantisers["sent_snr_db"], quantisers["snr_db"], quantisers["overhead_bits"][name]
        )
        # The range coder adds .005 at most, and its last word 32 bits; a line between two abscissas
        # is off by .002.
        allowed = SIX_STANDARD_ERRORS * sent["standard_error"] + 0.01
        assert np.all(abs(sent["overhead_bits"] - line) < allowed), name


# Streams.


def test_streams_of_patches(streams):
    """Bits above the information; SNR of flow and ancestral on their curves, or not far below."""
    for sent in streams["streams"].values():
        assert np.all(sent["bits_per_dim"] > sent["information_bits_per_dim"])
        assert np.all(sent["bits_per_dim"] < 1.6 * sent["information_bits_per_dim"])
        assert np.all(sent["snr_db_diffc-f"] > sent["snr_db_diffc-a"])
        for name, curve in streams["snr_db"].items():
            theory = np.interp(sent["information_bits_per_dim"], streams["bits_per_dim"], curve)
            below = theory - sent[f"snr_db_{name}"]
            allowed = SIX_STANDARD_ERRORS * sent[f"snr_db_error_{name}"]
            assert np.all(below > -allowed)
            assert np.all(below < 1.2 + allowed)


def test_bounds_on_streams_of_patches(streams):
    """Eq. 3 for patches of 256 dimensions; a step costs 5 bits and a logarithm a patch."""
    at_once, in_steps = streams["streams"]["at_once"], streams["streams"]["in_steps"]
    information = 256 * at_once["information_bits_per_dim"]
    bound = one_shot_bound_bits(information) / 256
    np.testing.assert_allclose(at_once["bound_bits_per_dim"], bound)
    rates = in_steps["information_bits_per_dim"]
    steps = np.arange(1, rates.size + 1)
    np.testing.assert_allclose(rates, rates[0] * steps)
    each = one_shot_bound_bits(256 * rates[0]) / 256
    np.testing.assert_allclose(in_steps["bound_bits_per_dim"], each * steps)


def test_prefixes_of_a_progressive_stream(progressive):
    """Twice the steps are twice the information, more bytes and a better picture."""
    assert progressive["steps"] == [1, 2, 4, 8, 16]
    information = progressive["information_bits"]
    np.testing.assert_allclose(information, 512 * np.array(progressive["steps"]), rtol=1e-6)
    assert np.all(8 * progressive["bytes"] > information)
    assert np.all(8 * progressive["bytes"] < 1.8 * information)
    original = progressive["original"]
    for pictures, psnr_db in zip(progressive["pictures"], progressive["psnr_db"], strict=True):
        for name, picture in pictures.items():
            mse = np.mean((picture.astype(float) - original) ** 2)
            assert psnr_db[name] == pytest.approx(20 * np.log10(255) - 10 * np.log10(mse))
        assert psnr_db["flow"] > psnr_db["ancestral"]
    for name in ("flow", "ancestral"):
        assert np.all(np.diff([one[name] for one in progressive["psnr_db"]]) > 1)
