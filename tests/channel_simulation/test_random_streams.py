"""The shared randomness: the words of Philox, what is made of them, and that nothing is shared."""

import itertools

import mpmath
import numpy as np
import pytest
from scipy import stats

from rdtheory.channel_simulation import random_streams
from rdtheory.channel_simulation.random_streams import (
    Key,
    Purpose,
    RandomStreams,
    exponentials_of,
)
from rdtheory.errors import InputError

SAMPLES = 200_000
FALSE_ALARM = 1e-9
"""Chance that a right implementation would fail one of the Kolmogorov-Smirnov tests here."""


def words(seed, message, block, target, purpose, attempt=0, count=4):
    """Philox4x64-10 by NumPy's own bit generator, which adds one to the counter first."""
    counter = np.array([block, target, purpose, attempt], np.uint64)
    key = np.array([seed, message], np.uint64)
    return np.random.Philox(key=key, counter=counter).random_raw(count)


def test_published_vectors_of_philox():
    """Known answers of Philox4x64-10 [Salmon2011]: counter and key all zero, all one."""
    ones = 2**64 - 1
    philox4x64 = random_streams._philox4x64

    zero = philox4x64(tuple(np.zeros(1, np.uint64) for _ in range(4)), (0, 0))
    assert [int(word[0]) for word in zero] == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]
    full = philox4x64(tuple(np.full(1, ones, np.uint64) for _ in range(4)), (ones, ones))
    assert [int(word[0]) for word in full] == [
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    ]


@pytest.mark.parametrize("block", [0, 1, 2**20, 2**40, 2**60])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_run_and_a_jump_read_the_same_words(block, purpose):
    streams = RandomStreams(Key(2**64 - 3, 17), purpose)
    expected = (words(2**64 - 3, 17, block, 5, purpose) >> np.uint64(11)) * 2.0**-53
    np.testing.assert_array_equal(streams.uniforms(5, 4 * block, 4), expected)
    np.testing.assert_array_equal(streams.uniforms_at([5], [[block]])[0, 0], expected)
    np.testing.assert_array_equal(streams.uniforms(5, 4 * block + 3, 1), expected[3:])


def test_the_target_of_a_key_counts_from_its_first():
    ahead = RandomStreams(Key(7, 0, 100), Purpose.TIMES)
    plain = RandomStreams(Key(7), Purpose.TIMES)
    np.testing.assert_array_equal(ahead.uniforms(3, 0, 9), plain.uniforms(103, 0, 9))
    np.testing.assert_array_equal(
        ahead.uniforms_at([3, 4], [[0], [1]]), plain.uniforms_at([103, 104], [[0], [1]])
    )


@pytest.mark.parametrize("start", range(9))
@pytest.mark.parametrize("count", [1, 2, 5, 2047, 2048, 9001])
def test_normals_do_not_depend_on_where_reading_starts(start, count):
    streams = RandomStreams(Key(7), Purpose.CANDIDATES)
    from_the_start = streams.normals(2, 0, start + count)
    np.testing.assert_array_equal(streams.normals(2, start, count), from_the_start[start:])
    of_each = streams.normals_of_each([2, 2], [start, 0], count)
    np.testing.assert_array_equal(of_each[0], from_the_start[start:])
    np.testing.assert_array_equal(of_each[1], from_the_start[:count])


def test_normals_are_box_and_muller_pairs_of_their_words():
    streams = RandomStreams(Key(11), Purpose.CANDIDATES)
    u = streams.uniforms(0, 0, 64)
    with mpmath.workdps(30):
        for pair in range(32):
            radius = mpmath.sqrt(-2 * mpmath.log(u[2 * pair]))
            angle = 2 * mpmath.pi * (mpmath.mpf(u[2 * pair + 1]) - mpmath.mpf(0.5))
            got = streams.normals(0, 2 * pair, 2)
            assert got[0] == pytest.approx(float(radius * mpmath.cos(angle)), abs=1e-14)
            assert got[1] == pytest.approx(float(radius * mpmath.sin(angle)), abs=1e-14)


def test_extreme_words_give_finite_numbers():
    """A word of zeros must neither win every race nor be infinite."""
    least = exponentials_of(np.array([1 - 2.0**-53]))[0]
    assert 0 < least < 2e-16
    assert 37 < exponentials_of(np.array([0.0]))[0] < 38


@pytest.mark.parametrize("dim", [1, 2, 3, 16, 1024, 12288])
def test_lengths_have_the_law_of_chi(dim):
    """Kolmogorov-Smirnov; false alarm 1e-9."""
    lengths = RandomStreams(Key(1), Purpose.RADII).chi(0, 0, SAMPLES, dim)
    assert stats.kstest(lengths, stats.chi(dim).cdf).pvalue > FALSE_ALARM
    later = RandomStreams(Key(1), Purpose.RADII).chi(0, 1000, 10, dim)
    np.testing.assert_array_equal(later, lengths[1000:1010])


def test_normals_and_exponentials_have_their_laws():
    """Kolmogorov-Smirnov; false alarm 1e-9 each."""
    streams = RandomStreams(Key(1), Purpose.CANDIDATES)
    assert stats.kstest(streams.normals(0, 0, SAMPLES), "norm").pvalue > FALSE_ALARM
    assert stats.kstest(streams.exponentials(0, 0, SAMPLES), "expon").pvalue > FALSE_ALARM


def test_no_two_streams_share_a_word():
    """Candidates, times, dither, ... of several targets, messages and seeds: all words differ.

    Two of 2^12 random words of 53 bits agree with probability 2^-30.
    """
    places = itertools.product([7, 8], [0, 1], Purpose, [0, 1])
    found = [
        RandomStreams(Key(seed, message), purpose).uniforms(target, 0, 64)
        for seed, message, purpose, target in places
    ]
    attempts = [RandomStreams(Key(7), Purpose.RADII).uniforms_at([0], [[0]], 1).ravel()]
    everything = np.concatenate(found + attempts)
    assert len(set(everything.tolist())) == everything.size


@pytest.mark.parametrize("bad", [-1, 2**64, 1.5, True, "7", None])
def test_a_bad_seed_is_refused_in_one_line(bad):
    with pytest.raises(InputError, match=r"seed: got .*; allowed: a whole number from 0 to 2"):
        Key(bad)
