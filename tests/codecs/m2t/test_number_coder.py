"""Mixtures of Gaussians: their probabilities, and whole numbers in as many bits as these say."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from constriction import stream
from hypothesis import given
from hypothesis import strategies as st

from rdtheory.channel_simulation.range_coder import PRECISION, decoder_of
from rdtheory.codecs.m2t.mixture import (
    LEAST_SCALE,
    MOST_SCALE,
    SCALES,
    distance_from_tie,
    log_probability,
    on_lattice,
)
from rdtheory.codecs.m2t.number_coder import (
    _probabilities,
    _windows,
    decode_numbers,
    encode_numbers,
)
from rdtheory.container import StreamError


def mixture(lattice):
    """w, μ and s of lattice numbers, each of shape (n, N_M)."""
    weights = np.exp((lattice[:, 0] - lattice[:, 0].max(axis=1, keepdims=True)) / 16)
    scales = np.exp(np.linspace(np.log(LEAST_SCALE), np.log(MOST_SCALE), SCALES))[lattice[:, 2]]
    return weights / weights.sum(axis=1, keepdims=True), lattice[:, 1] / 64, scales


def exact_log_probability(weights, means, scales, y):
    """At 50 digits."""
    with mpmath.workdps(50):
        half, y = mpmath.mpf("0.5"), mpmath.mpf(float(y))

        def inside(mean, scale):
            # By the smaller tail, so that digits are not lost far out.
            near = abs(y - mean)
            return mpmath.ncdf((half - near) / scale) - mpmath.ncdf((-half - near) / scale)

        parts = zip(weights, means, scales, strict=True)
        return float(mpmath.log(sum(w * inside(mpmath.mpf(m), mpmath.mpf(s)) for w, m, s in parts)))


@pytest.fixture
def predictions():
    rng = np.random.default_rng(1)
    return rng.normal(size=(300, 3, 3)) * np.array([1.5, 1.0, 1.2])[:, None]


def test_log_probability_against_fifty_digits(predictions):
    rng = np.random.default_rng(2)
    y = np.rint(rng.normal(size=300) * 10.0 ** rng.uniform(0, 2.5, 300))
    found = log_probability(jnp.asarray(predictions), jnp.asarray(y))
    a = predictions[:, 0]
    weights = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    scales = np.clip(np.exp(predictions[:, 2]), LEAST_SCALE, MOST_SCALE)
    rows = zip(weights, 5 * predictions[:, 1], scales, y, strict=True)
    expected = [exact_log_probability(*row) for row in rows]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_gradients_are_finite_however_far_a_number_is(predictions):
    with jax.enable_x64(False):
        given = jnp.asarray(predictions, jnp.float32)
        for y in (0.0, 3.0, 1e3, -1e5):
            numbers = jnp.full(300, y, jnp.float32)
            slopes = jax.grad(lambda p, y: log_probability(p, y).sum())(given, numbers)
            assert jnp.isfinite(slopes).all()


def drawn(lattice, seed):
    """Numbers from their own mixtures."""
    rng, (weights, means, scales) = np.random.default_rng(seed), mixture(lattice)
    chosen = (rng.random((len(lattice), 1)) > np.cumsum(weights, axis=1)).sum(axis=1)
    row = np.arange(len(lattice)), np.minimum(chosen, weights.shape[1] - 1)
    return np.rint(means[row] + scales[row] * rng.standard_normal(len(lattice))).astype(np.int64)


def test_length_is_that_of_the_mixture():
    rng = np.random.default_rng(3)
    lattice = on_lattice(rng.normal(size=(20_000, 3, 3)) * np.array([1.5, 1.0, 0.8])[:, None])
    numbers, encoder = drawn(lattice, 4), stream.queue.RangeEncoder()
    encode_numbers(numbers, lattice, encoder)
    assert (decode_numbers(lattice, encoder.get_decoder()) == numbers).all()
    weights, means, scales = mixture(lattice)
    logs = [
        exact_log_probability(*row)
        for row in zip(weights[:500], means[:500], scales[:500], numbers[:500], strict=True)
    ]
    inverse = lattice.astype(float)
    inverse[:, 1] /= 320
    inverse[:, 0] /= 16
    inverse[:, 2] = np.log(scales)
    found = np.asarray(log_probability(jnp.asarray(inverse), jnp.asarray(numbers)))
    np.testing.assert_allclose(found[:500], logs, rtol=1e-9, atol=1e-9)
    # 24 bits a probability, at least 1 for each of up to 514 symbols, and two words at the end.
    ideal = -found.sum() / np.log(2)
    assert ideal - 1 < encoder.num_bits() < 1.002 * ideal + 64


def test_rows_are_whole_numbers_that_sum_to_what_the_coder_needs():
    rng = np.random.default_rng(5)
    lattice = on_lattice(rng.normal(size=(2000, 3, 3)) * np.array([3.0, 4.0, 2.0])[:, None])
    first, width = _windows(lattice)
    for size in np.unique(width).tolist():
        rows = _probabilities(lattice[width == size], first[width == size], size)
        assert (rows == np.rint(rows)).all()
        assert rows.min() >= 0
        assert (rows.sum(axis=1) == PRECISION - (size + 2)).all()


@given(
    st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=8),
    st.integers(0, 2**32),
    st.sampled_from([1, 2, 3]),
    st.floats(0.1, 30.0),
)
def test_any_number_comes_back_whatever_was_predicted(numbers, seed, gaussians, spread):
    rng = np.random.default_rng(seed)
    lattice = on_lattice(spread * rng.normal(size=(len(numbers), 3, gaussians)))
    encoder = stream.queue.RangeEncoder()
    encode_numbers(np.array(numbers), lattice, encoder)
    assert decode_numbers(lattice, encoder.get_decoder()).tolist() == numbers


def test_rounding_to_the_lattice_costs_little(predictions):
    # Published: 0.05 % for means to 1/64 and scales to 64 entries; here the weights, too.
    y = jnp.arange(-600, 601)[:, None].astype(float)
    weights, means, scales = mixture(on_lattice(predictions))
    rounded = np.stack([np.log(weights), means / 5, np.log(scales)], axis=1)
    exact, near = (log_probability(jnp.asarray(p), y) for p in (predictions, rounded))
    bits = -(np.exp(exact) * np.array([exact, near])).sum(axis=1) / np.log(2)
    lost = (bits[1] - bits[0]).mean() / bits[0].mean()
    assert 0 <= lost < 1e-3


def test_distance_from_a_tie():
    # 0.5 of a is 8 steps; 3.5 steps of the mean are a tie; ln s beyond its range is at its end.
    given = np.array([[[0.5]], [[3.5 / 320]], [[99.0]]]).reshape(1, 3, 1)
    np.testing.assert_allclose(distance_from_tie(given).ravel(), [0.5, 0.0, 0.5], atol=1e-9)


def test_foreign_bytes_are_refused_or_decode_to_something():
    rng, outcomes = np.random.default_rng(6), set()
    lattice = on_lattice(rng.normal(size=(50, 3, 3)))
    for _ in range(200):
        try:
            outcomes.add(len(decode_numbers(lattice, decoder_of(rng.bytes(40)))))
        except StreamError:
            outcomes.add("refused")
    assert outcomes <= {50, "refused"}
