"""Schedules: partitions with the sizes of the power law, spread as their names say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from rdtheory.codecs.m2t.schedule import LOCATIONS, ORDERS, _cells, group_sizes, schedule
from rdtheory.errors import InputError

SIDES = st.integers(1, 12)


@given(st.sampled_from(ORDERS), SIDES, st.data(), st.floats(0.1, 10.0), st.integers(0, 5))
def test_groups_are_a_partition_in_the_order_of_steps(location, side, data, alpha, seed):
    steps = data.draw(st.integers(1, side**2))
    made = schedule(location, side, steps, alpha, seed)
    assert sorted(made.order) == list(range(side**2))
    assert [len(group) for group in made.groups] == list(made.sizes)
    assert min(made.sizes) >= 1
    for step, group in enumerate(made.groups):
        assert (made.steps.reshape(-1)[group] == step).all()


@given(st.integers(1, 600), st.data(), st.floats(0.1, 10.0))
def test_sizes_follow_the_power_law_where_they_can(tokens, data, alpha):
    steps = data.draw(st.integers(1, tokens))
    sizes = group_sizes(tokens, steps, alpha)
    assert len(sizes) == steps
    assert sum(sizes) == tokens
    assert min(sizes) >= 1
    # The nearest whole numbers to w (x/S)^α that leave one token for each step, in Σ |.|: any
    # feasible sequence is between the two bounds, and so is its clipped one.
    wanted = tokens * (np.arange(1, steps + 1) / steps) ** alpha
    uncovered = np.cumsum(sizes)
    inside = (wanted >= np.arange(1, steps + 1)) & (wanted <= tokens - np.arange(steps)[::-1])
    held_back = uncovered > wanted + 0.5  # pushed on by one-a-step groups before
    assert (abs(uncovered - wanted)[inside & ~held_back] <= 0.5 + 1e-9).all()


def test_the_published_sizes():
    # arXiv 2304.07313: 24 x 24 tokens, S = 12, alpha = 2.2.
    expected = (2, 9, 16, 24, 33, 41, 51, 60, 70, 80, 90, 100)
    assert schedule("qlds", 24).sizes == expected


def test_the_sequence_is_roberts_and_needs_1209_draws():
    k = np.arange(1, 1210)[:, None]
    root = np.roots([1, 0, -1, -1]).real.max()
    points = k * np.array([1 / root, 1 / root**2]) % 1
    cells = (24 * points).astype(int) @ [24, 1]
    assert len(set(cells[:1208])) == 575
    assert list(dict.fromkeys(cells.tolist())) == list(schedule("qlds", 24).order)
    assert next(_cells(24)) == cells[0]


def test_qlds_spreads_better_than_chance():
    # The first 83 tokens (four groups): their discrepancy is below that of all of 200 random ones.
    def discrepancy(order):
        cells = np.array(order[:83])
        return qmc.discrepancy((np.stack([cells // 24, cells % 24], axis=1) + 0.5) / 24)

    by_chance = [discrepancy(schedule("random", 24, seed=seed).order) for seed in range(200)]
    assert discrepancy(schedule("qlds", 24).order) < min(by_chance)


def test_no_two_neighbours_share_a_colour():
    steps = schedule("checkerboard", 5).steps
    assert (steps[1:] != steps[:-1]).all()
    assert (steps[:, 1:] != steps[:, :-1]).all()
    assert schedule("checkerboard", 5).sizes == (13, 12)
    assert schedule("checkerboard", 1).sizes == (1,)


def test_entropy_has_sizes_alone():
    made = schedule("entropy", 24)
    assert made.order == ()
    assert made.sizes == schedule("random", 24).sizes


def test_seeds_and_defaults():
    assert schedule("random", 6, seed=1).order != schedule("random", 6, seed=2).order
    assert schedule("random", 6, seed=1) == schedule("random", 6, seed=1)
    assert schedule("raster", 3).sizes == (1,) * 9
    assert len(LOCATIONS) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"location": "spiral"},
        {"side": 0},
        {"side": 65},
        {"steps": 0},
        {"steps": 10},
        {"alpha": 0.0},
        {"alpha": float("nan")},
    ],
)
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        schedule(**{"location": "qlds", "side": 3, **wrong})
