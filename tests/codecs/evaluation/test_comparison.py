"""Whole comparisons with a tiny codec: real bytes, means, pictures left out, provenance."""

import json
import math
import zlib

import numpy as np
import pytest

from rdtheory.codecs.codec import Target
from rdtheory.codecs.evaluation import Contender, contenders, evaluate, measure_realism, ms_ssim
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError


@pytest.fixture
def photographs(photographs):
    """Eight of them."""
    return dict(list(photographs.items())[:8])


@pytest.fixture
def entries(rounding):
    lower = Contender("rounding:lower", "lower", rounding, {"reconstruction": "lower"})
    return [Contender("rounding", "middle", rounding), lower]


def test_every_number_by_hand(photographs, entries, rounding):
    rates = [24.0, 10.0, 6.0]
    found = evaluate(photographs, entries, rates)
    assert [(row.codec, row.target_bits_per_pixel) for row in found.rows] == [
        (name, rate) for name in ("rounding", "rounding:lower") for rate in rates
    ]
    for row in found.rows:
        target = Target("bpp", row.target_bits_per_pixel)
        sent = [rounding.encode(one, target) for one in photographs.values()]
        options = {"reconstruction": "lower"} if row.codec.endswith("lower") else {}
        made = [rounding.decode(one.data, **options) for one in sent]
        sizes = np.array([len(one.data) for one in sent])
        assert [one.name for one in row.coded] == list(photographs)
        assert [one.file_bytes for one in row.coded] == sizes.tolist()
        assert row.bits_per_pixel == pytest.approx(8 * sizes.mean() / 4096, rel=1e-12)
        assert row.bits_per_pixel <= row.target_bits_per_pixel
        # The container of this codec takes 13 bytes.
        assert row.payload_bits_per_pixel == pytest.approx(row.bits_per_pixel - 8 * 13 / 4096)
        errors = [
            np.mean((a.pixels.astype(float) - b.pixels) ** 2)
            for a, b in zip(made, photographs.values(), strict=True)
        ]
        with np.errstate(divide="ignore"):
            psnr = 10 * np.log10(255**2 / np.array(errors))
        assert row.mean_psnr_db == pytest.approx(psnr.mean(), rel=1e-12)
        assert row.psnr_of_mean_error_db == pytest.approx(
            math.inf if not any(errors) else 10 * math.log10(255**2 / np.mean(errors)), rel=1e-12
        )
        assert row.realism == measure_realism(list(photographs.values()), made)
        assert [one.details for one in row.coded] == [one.details for one in sent]
        assert (row.pictures, row.refused, row.refusal) == (8, 0, None)
        assert math.isnan(row.mean_ms_ssim)
        assert all(one.encode_seconds >= 0 <= one.decode_seconds for one in row.coded)


def test_one_stream_for_all_decoders_of_a_codec(photographs, entries, rounding):
    evaluate(photographs, entries, [10.0, 6.0])
    assert rounding.encoded == 2 * len(photographs)


def test_pictures_out_of_reach_are_left_out_and_counted(photographs, entries):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    pictures = {"noise": Picture(noise), **photographs}
    row = evaluate(pictures, entries, [3.5], examples=2).rows[0]
    assert (row.pictures, row.refused) == (8, 1)
    assert row.refusal.startswith("bpp: got 3.5; allowed: at least 3.9")
    assert [one.name for one in row.coded] == list(photographs)
    assert row.realism.pictures == 8
    assert [one is None for one in row.examples] == [True, False]
    alone = evaluate(photographs, entries, [3.5]).rows[0]
    assert row.realism == alone.realism
    assert row.mean_psnr_db == alone.mean_psnr_db


def test_nothing_within_reach(photographs, entries):
    row = evaluate(photographs, entries, [0.01]).rows[0]
    assert (row.pictures, row.refused, row.realism) == (0, 8, None)
    told = row.to_dict()
    assert told["bits_per_pixel"] is told["mean_psnr_db"] is told["encode_seconds"] is None


def test_small_few_grey_and_large_pictures(make_picture, entries):
    small = {str(i): make_picture(i, 20, 40) for i in range(5)}
    assert evaluate(small, entries, [24.0]).rows[0].realism is None
    few = {str(i): make_picture(i) for i in range(3)}
    assert evaluate(few, entries, [24.0]).rows[0].realism is None
    several = {str(i): make_picture(i, 32 + i, 40, channels=1 + 2 * (i % 2)) for i in range(4)}
    assert evaluate(several, entries, [24.0]).rows[0].realism.pictures == 4
    large = {"large": make_picture(0, 170, 180)}
    row = evaluate(large, entries, [6.0], examples=1).rows[0]
    assert row.mean_ms_ssim == ms_ssim(row.examples[0].pixels, large["large"].pixels)


def test_ready_for_json_with_provenance(photographs, entries):
    found = evaluate(photographs, entries, [24.0, 6.0])
    text = json.dumps(found.to_dict(), allow_nan=False)
    told = json.loads(text)
    provenance = told["provenance"]
    first = next(iter(photographs.values()))
    assert provenance["pictures"][0] == {
        "name": "00.png",
        "shape": [64, 64, 3],
        "crc32": f"{zlib.crc32(first.pixels.tobytes()):08x}",
    }
    assert {"python", "rdtheory", "numpy"} <= set(provenance["versions"])
    assert provenance["target_bits_per_pixel"] == [24.0, 6.0]
    assert provenance["contenders"]["rounding:lower"]["options"] == {"reconstruction": "lower"}
    assert told["rows"][0]["psnr_of_mean_error_db"] is None  # nothing lost: infinite
    assert told["rows"][0]["coded"][0]["bits_per_pixel"] > 6


def test_the_same_again_but_for_time(photographs, entries):
    def told():
        text = json.dumps(evaluate(photographs, entries, [6.0]).to_dict())
        return json.loads(text, object_hook=without_seconds)

    def without_seconds(item):
        return {name: value for name, value in item.items() if not name.endswith("seconds")}

    assert told() == told()


def test_bad_input_is_refused(photographs, entries):
    with pytest.raises(InputError, match="pictures"):
        evaluate({}, entries, [1.0])
    with pytest.raises(InputError, match="contenders"):
        evaluate(photographs, [], [1.0])
    with pytest.raises(InputError, match="contenders"):
        evaluate(photographs, entries[:1] * 2, [1.0])
    for rates in ([], [1.0, 1.0], [0.0], [math.inf], [math.nan]):
        with pytest.raises(InputError, match="bits_per_pixel"):
            evaluate(photographs, entries, rates)
    codec = entries[0].codec
    unknown = Contender("rounding:best", "best", codec, {"reconstruction": "best"})
    with pytest.raises(InputError, match="middle, lower"):
        evaluate(photographs, [unknown], [24.0])


def test_a_real_codec(photographs):
    """JPEG: more rate, more PSNR; the whole file is within the target."""
    pictures = dict(list(photographs.items())[:4])
    low, high = evaluate(pictures, contenders("jpeg"), [2.5, 5.0]).rows
    assert low.pictures == high.pictures == 4
    assert low.bits_per_pixel <= 2.5 < high.bits_per_pixel <= 5.0
    assert low.payload_bits_per_pixel < low.bits_per_pixel
    assert 20 < low.mean_psnr_db < high.mean_psnr_db < 60
    assert low.realism.frechet_patch_distance.value > high.realism.frechet_patch_distance.value
