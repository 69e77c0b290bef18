"""Realism as a whole: nothing lost is no distance; floors are of halves; sizes are refused."""

import json

import numpy as np
import pytest

from rdtheory.codecs.evaluation import measure_realism
from rdtheory.codecs.evaluation.frechet import frechet_distance
from rdtheory.codecs.evaluation.patch_features import patch_features
from rdtheory.codecs.evaluation.realism import STATISTICS, Impression, RealPictures
from rdtheory.codecs.evaluation.spectrum import radial_spectrum, spectrum_error_db
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError


def test_nothing_lost_is_no_distance(photographs):
    pictures = list(photographs.values())
    found = measure_realism(pictures, pictures)
    assert (found.pictures, found.windows) == (24, 24 * 9)
    assert found.frechet_patch_distance.value == pytest.approx(0, abs=1e-9)
    assert found.kernel_patch_distance.value == 0.0
    assert found.sliced_wasserstein.value == 0.0
    assert found.spectrum_error_db.value == 0.0


def test_pictures_of_several_sizes(make_picture):
    """Fréchet and the spectrum count every window the same, by hand; the floors are halves'."""
    sizes = [(32, 70), (64, 64), (50, 40), (33, 32), (48, 90)]
    real = [make_picture(i, *size) for i, size in enumerate(sizes)]
    made = [make_picture(10 + i, *size) for i, size in enumerate(sizes)]
    found = measure_realism(real, made)
    features = [np.concatenate([patch_features(one) for one in side]) for side in (real, made)]
    assert found.windows == len(features[0]) == 3 + 9 + 2 + 1 + 8
    assert found.frechet_patch_distance.value == pytest.approx(frechet_distance(*features))
    counts = [3, 9, 2, 1, 8]
    powers = [
        sum(n * radial_spectrum(one) for n, one in zip(counts, side, strict=True)) / 23
        for side in (made, real)
    ]
    assert found.spectrum_error_db.value == pytest.approx(spectrum_error_db(*powers))
    assert found.sliced_wasserstein.value > 0


def test_floors_are_of_disjoint_halves(photographs):
    impressions = [Impression.of(picture) for picture in list(photographs.values())[:5]]
    rng, splits = np.random.default_rng(2), []
    for _ in range(8):
        order = rng.permutation(5)
        first, second = set(order[:2].tolist()), set(order[3:].tolist())
        assert not first & second
        halves = [[impressions[i] for i in order[:2]], [impressions[i] for i in order[3:]]]
        splits.append([statistic(*halves) for statistic in STATISTICS.values()])
    floors = RealPictures(impressions).floors
    np.testing.assert_allclose([floors[name][0] for name in STATISTICS], np.mean(splits, axis=0))
    deviations = np.std(splits, axis=0, ddof=1)
    np.testing.assert_allclose([floors[name][1] for name in STATISTICS], deviations)


def test_other_pictures_of_the_same_kind_lie_near_the_floor(make_picture, photographs):
    """Perfect realism without fidelity: no nearer than half the floor, no farther than twice.

    (The Fréchet distance of n against n is about half that of n/2 against n/2.) Blurred pictures of
    the very same content are farther by any of the four.
    """
    real = list(photographs.values())
    others = measure_realism(real, [make_picture(100 + i) for i in range(24)]).to_dict()
    for name in ("frechet_patch_distance", "sliced_wasserstein", "spectrum_error_db"):
        assert 0.25 < others[name]["value"] / others[name]["floor"] < 2, name
    kernel = others["kernel_patch_distance"]
    assert abs(kernel["value"]) < 5 * kernel["floor_deviation"]
    blurred = measure_realism(real, [blurred_by_four(one) for one in real]).to_dict()
    for name in STATISTICS:
        assert blurred[name]["value"] > 1.3 * others[name]["value"], name


def blurred_by_four(picture):
    small = picture.pixels.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    x = np.interp(np.arange(64), np.arange(1.5, 64, 4), np.arange(16))
    low, part = np.minimum(x.astype(int), 14), (x - np.minimum(x.astype(int), 14))[:, None, None]
    small = small[low] * (1 - part) + small[low + 1] * part
    small = np.moveaxis(small, 1, 0)
    small = small[low] * (1 - part) + small[low + 1] * part
    return Picture(np.rint(np.moveaxis(small, 1, 0)).astype(np.uint8))


def test_results_are_ready_for_json(photographs):
    pictures = list(photographs.values())[:4]
    told = json.loads(json.dumps(measure_realism(pictures, pictures).to_dict(), allow_nan=False))
    assert set(told) == {"pictures", "windows", *STATISTICS}
    assert set(told["sliced_wasserstein"]) == {"value", "floor", "floor_deviation"}


def test_bad_sets_are_refused(photographs, make_picture):
    pictures = list(photographs.values())
    with pytest.raises(InputError, match="4 or more"):
        measure_realism(pictures[:3], pictures[:3])
    with pytest.raises(InputError, match="as many as real: 5"):
        measure_realism(pictures[:5], pictures[:4])
    with pytest.raises(InputError, match="20 x 64 pixels"):
        measure_realism([*pictures[:4], make_picture(0, 20, 64)], pictures[:5])
