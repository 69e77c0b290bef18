"""The steps of a stream: encoder and decoder in step, costs, rungs."""

import numpy as np
import pytest
from constriction import stream
from scipy import integrate, stats

from rdtheory.codecs.diffc.ladder import NOISES, RUNGS, noise_variances
from rdtheory.codecs.diffc.stationary import CosinePrior, StationaryGaussian
from rdtheory.codecs.diffc.steps import (
    Channel,
    information_bits,
    read_more,
    read_step,
    write_more,
    write_step,
)
from rdtheory.container import StreamError
from rdtheory.diffusion import scheme


@pytest.mark.parametrize("noise", NOISES)
def test_levels_are_those_of_the_analytic_schemes(noise):
    prior = StationaryGaussian().prior((6, 5, 3))
    name = {"isotropic": "", "pink": "-pink", "a-star": "-a-star", "f-star": "-f-star"}[noise]
    name = {"-a-star": "diffc-a-star", "-f-star": "diffc-f-star"}.get(name, "diffc-a" + name)
    operated = scheme(name, prior.eigenvalues)
    for rung in (300, 640, 900):
        t = noise_variances(prior, noise, rung)
        leading = 2.0 ** (20 - rung / 32)
        snr = operated.channel_snr(np.array(prior.eigenvalues.max() / leading))
        np.testing.assert_allclose(prior.eigenvalues / t, snr, rtol=2e-6, atol=1e-300)


@pytest.mark.parametrize("noise", NOISES)
def test_decoder_follows_the_encoder(noise):
    prior = StationaryGaussian().prior((9, 7, 3))
    x = np.random.default_rng(0).normal(size=(1, 189)) * np.sqrt(prior.eigenvalues)
    channel = Channel(prior, noise, 5, 64)
    encoder, state, path = stream.queue.RangeEncoder(), channel.start(), []
    for rung in (560, 624, 700):
        sent = write_step(channel, state, rung, x, encoder)
        write_more(rung < 700, encoder)
        assert sent.information_bits == pytest.approx(information_bits(channel, state, rung, x))
        state = sent.state
        path.append(state)
    decoder, got = encoder.get_decoder(), channel.start()
    for state in path:
        got = read_step(channel, got, bytes(4096), decoder)
        assert (got.belief.observed == state.belief.observed).all()
        assert (got.belief.noise_variances == state.belief.noise_variances).all()
        assert (got.rung, got.steps) == (state.rung, state.steps)
        assert (got.exponents == state.exponents).all()
        assert read_more(decoder) == (state.rung < 700)


def test_what_is_received_has_the_law_of_the_channel():
    # Y = X + N(0, t) given X, from 15 steps with seeds of their own: 960 normals in all.
    # False alarm 1e-6 by Kolmogorov and Smirnov's test; blocks of 14 bits of candidates for 10
    # bits of information are short of the exact law by less than this sample can tell.
    prior = CosinePrior((8, 8, 1), np.full(64, 6.0))
    x = np.random.default_rng(1).normal(size=(1, 64)) * np.sqrt(6.0)
    normals = []
    for seed in range(15):
        channel = Channel(prior, "isotropic", seed, 64)
        sent = write_step(channel, channel.start(), 640, x, stream.queue.RangeEncoder())
        normals.append(sent.state.belief.observed - x)
    assert stats.kstest(np.ravel(normals), "norm").pvalue > 1e-6


def test_information_is_the_divergence():
    # One component alone: KL(N(x, τ) ‖ N(0, g λ + τ)) by quadrature.
    prior = CosinePrior((1, 1, 1), np.array([2.0]))
    channel = Channel(prior, "isotropic", 0, 64)
    sent = write_step(channel, channel.start(), 640, np.array([[3.0]]), stream.queue.RangeEncoder())
    target = stats.norm(3.0, 1.0)
    expected = stats.norm(0.0, np.sqrt(1 + 2.0 ** (sent.state.exponents[0] / 2) * 2.0))
    nats, _ = integrate.quad(
        lambda z: target.pdf(z) * (target.logpdf(z) - expected.logpdf(z)), -9, 15
    )
    assert sent.information_bits == pytest.approx(nats / np.log(2), rel=1e-5)
    assert sent.blocks <= 1
    bits = sent.information_bits
    assert sent.bound_bits == pytest.approx(bits + np.log2(bits + 1) + 5)


def test_rungs_of_every_length_are_read_back():
    prior = CosinePrior((1, 1, 1), np.array([2.0**-60]))
    channel = Channel(prior, "isotropic", 0, 48)
    for rungs in (1, 47, 48, 49, RUNGS - 1):
        encoder = stream.queue.RangeEncoder()
        write_step(channel, channel.start(), rungs, np.zeros((1, 1)), encoder)
        assert read_step(channel, channel.start(), b"", encoder.get_decoder()).rung == rungs


def test_a_rung_below_the_ladder_is_refused():
    prior = CosinePrior((1, 1, 1), np.array([2.0**-60]))
    channel = Channel(prior, "isotropic", 0, 48)
    encoder = stream.queue.RangeEncoder()
    sent = write_step(channel, channel.start(), RUNGS - 1, np.zeros((1, 1)), encoder)
    with pytest.raises(StreamError, match="rung"):
        read_step(channel, sent.state, b"", encoder.get_decoder())
