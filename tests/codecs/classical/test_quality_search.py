"""The search of a setting, against trying all settings, also where bytes are not monotone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdtheory.codecs.classical.quality_search import Attempt, search
from rdtheory.codecs.codec import Target
from rdtheory.errors import InputError


def codec_of(sizes, psnrs=None):
    """Attempts of a codec with these sizes and PSNRs of its settings 0, 1, ...; counts them."""
    asked = []

    def attempt(setting):
        asked.append(setting)
        psnr = float("nan") if psnrs is None else psnrs[setting]
        return Attempt(setting, bytes(sizes[setting]), sizes[setting], psnr)

    return attempt, asked


@given(st.sets(st.integers(1, 1000), min_size=1), st.integers(1, 1001))
def test_monotone_sizes(sizes, budget):
    sizes = sorted(sizes)
    attempt, asked = codec_of(sizes)
    found = [size for size in sizes if size <= budget]
    if found:
        best = search(range(len(sizes)), attempt, Target("bytes", budget), 64, "codec")
        assert best.counted_bytes == found[-1]
    else:
        with pytest.raises(InputError, match=f"at least {sizes[0]} bytes"):
            search(range(len(sizes)), attempt, Target("bytes", budget), 64, "codec")
    assert len(asked) == len(set(asked)) <= len(sizes).bit_length() + 4


@given(st.sets(st.integers(1, 90), min_size=1), st.integers(1, 91))
def test_monotone_psnr(psnrs, wanted):
    psnrs = sorted(psnrs)
    attempt, _ = codec_of(range(10, 10 + len(psnrs)), psnrs)
    good = [psnr for psnr in psnrs if psnr >= wanted]
    if good:
        best = search(range(len(psnrs)), attempt, Target("psnr", wanted), 64, "codec")
        assert best.psnr_db == good[0]
    else:
        with pytest.raises(InputError, match=f"at most {psnrs[-1]}.00 dB"):
            search(range(len(psnrs)), attempt, Target("psnr", wanted), 64, "codec")


@given(st.lists(st.integers(1, 9), min_size=1, max_size=300), st.integers(1, 2000))
def test_disordered_sizes_never_overstep(steps, budget):
    """Sizes that go down by up to 5, and up by up to 11, from one setting to the next."""
    sizes = [100 + 3 * index + step for index, step in enumerate(steps)]
    attempt, asked = codec_of(sizes)
    try:
        best = search(range(len(sizes)), attempt, Target("bytes", budget), 64, "codec")
    except InputError:
        assert min(sizes[index] for index in asked) > budget
    else:
        assert best.counted_bytes == max(s for i in asked if (s := sizes[i]) <= budget)
        # The search ends beside a crossing of the budget, where one setting changes 11 at most.
        assert best.counted_bytes > min(budget, max(sizes)) - 11


def test_a_neighbour_beyond_the_crossing():
    """Setting 5 oversteps, 6 does not: 6 is larger than 4 and is taken."""
    attempt, _ = codec_of([1, 2, 3, 4, 5, 12, 9, 14, 15])
    assert search(range(9), attempt, Target("bytes", 10), 64, "codec").setting == 6


def test_a_smaller_file_beyond_the_crossing():
    attempt, _ = codec_of([10, 11, 12, 13, 12, 15], [20, 21, 22, 30, 31, 32])
    assert search(range(6), attempt, Target("psnr", 30), 64, "codec").setting == 4


def test_equal_sizes_take_the_better_setting():
    attempt, _ = codec_of([5, 5, 5, 5, 9])
    assert search(range(5), attempt, Target("bytes", 8), 64, "codec").setting == 3
    attempt, _ = codec_of([5, 5, 5], [10, 30, 31])
    assert search(range(3), attempt, Target("psnr", 20), 64, "codec").psnr_db == 31


def test_the_rate_that_is_told_is_enough():
    for size in (1, 7, 999):
        attempt, _ = codec_of([size])
        with pytest.raises(InputError) as caught:
            search([0], attempt, Target("bpp", 1e-9), 4099, "codec")
        told = float(re.search(r"\((.*) bpp\)", str(caught.value))[1])
        assert search([0], attempt, Target("bpp", told), 4099, "codec").counted_bytes == size
