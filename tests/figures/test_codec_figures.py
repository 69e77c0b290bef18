"""What the figures of the codec show; those of many pictures stand on recorded results."""

import numpy as np
import pytest


def test_every_prefix_is_within_its_rate_and_better_than_the_one_before(prefixes):
    assert (prefixes["bits_per_pixel"] <= [0.25, 0.5, 1.0, 2.0]).all()
    assert (prefixes["bits_per_pixel"] > 0.9 * np.array([0.25, 0.5, 1.0, 2.0])).all()
    for name in ("sent", "flow", "ancestral"):
        assert (np.diff([row[name] for row in prefixes["psnr_db"]]) > 0).all()
    for row in prefixes["psnr_db"]:
        assert row["flow"] > row["ancestral"] > row["sent"]


def test_the_posterior_mean_is_closest_and_the_flow_closer_than_a_sample(gains):
    mmse, flow, ancestral = (
        np.array(gains["psnr_db"][how]) for how in ("mmse", "flow", "ancestral")
    )
    assert (mmse > flow).all()
    assert (flow > ancestral).all()
    assert (np.diff(flow) > 0).all()
    np.testing.assert_allclose(gains["gain"]["db"], flow - ancestral, atol=1e-9)


def test_real_bits_are_more_than_the_information(gains):
    assert (gains["file_bits_per_pixel"] > gains["information_bits_per_pixel"]).all()


def test_one_reverse_step_gains_nothing_and_more_gain_more(gains):
    assert gains["reverse_steps"][0] == 1
    for level in gains["levels"]:
        for name in ("gain_db", "gain_gaussian_db"):
            assert level[name][0] == pytest.approx(0, abs=1e-9)
            assert (np.diff(level[name]) > 0).all()
        # The finite-step theory of a Gaussian vector explains the gain within a quarter dB.
        assert (abs(level["gain_db"] - level["gain_gaussian_db"]) < 0.25).all()
        assert level["gain_db"][-1] > 1.0


def test_the_gain_grows_with_the_rate_towards_3_db(gains):
    db = gains["gain"]["db"]
    assert (np.diff(db) > 0).all()
    assert db[0] < 0.5 < 1.9 < db[-1] < 10 * np.log10(2)
    # Where much is known already the Gaussian vector is a fair account of it.
    fine = np.array(gains["file_bits_per_pixel"]) > 0.6
    assert (abs(db - gains["gain_gaussian_db"])[fine] < 0.25).all()


def test_at_low_rates_diffc_wins_in_realism_and_at_two_bits_it_loses_in_psnr(compared):
    """What docs/codecs.md says, honestly: whole files of 64 x 64 pictures."""

    def at(name, rate, key):
        curve = compared["64 x 64"]["codecs"][name]
        near = np.abs(np.array(curve["bits_per_pixel"]) - rate) < 0.1 * rate
        return np.array(curve[key])[near]

    for rate in (0.5, 1.0):
        ours = at("diffc:flow", rate, "frechet_patch_distance")[0]
        for name in ("jpeg", "jpeg2000", "jpeg-xl", "webp", "avif", "heic"):
            assert (at(name, rate, "frechet_patch_distance") > 2 * ours).all()
    assert at("webp", 2.0, "mean_psnr_db")[0] > at("diffc:mmse", 2.0, "mean_psnr_db")[0] + 1
    realism = (at(name, 2.0, "frechet_patch_distance")[0] for name in ("avif", "diffc:flow"))
    assert next(realism) < next(realism)
