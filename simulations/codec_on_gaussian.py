"""The codec with the exact Gaussian model on Gaussian pictures: is it on the analytic curves?

A picture drawn from the stationary Gaussian model is sent step by step, as the codec sends a real
one. Measured after each step: real bits of the sections beside the information (Eq. 5), the
expected information ½ Σ log(1 + s_i) and the bounds of Eq. 3 and 4; the distortion of every
reconstruction beside its analytic value at the same noise level [T1.5, T1.6]. The same with exact
samples of all targets, in place of those of truncated blocks, tells what the truncation does.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rdtheory.codecs.diffc.codec import reconstructed
from rdtheory.codecs.diffc.ladder import NOISES
from rdtheory.codecs.diffc.sender import Sender, Sent
from rdtheory.codecs.diffc.stationary import StationaryGaussian
from rdtheory.codecs.diffc.steps import Channel, State
from rdtheory.container import pack
from rdtheory.diffusion import RECONSTRUCTIONS, Scheme
from rdtheory.sources import GaussianVector


@dataclass(frozen=True)
class Config:
    """Pictures and streams.

    Attributes:
        side: of the square pictures, pixels.
        pictures: how many, each of a stream of its own.
        noise: name of the noise family.
        stride: rungs of each step.
        first_rung, steps: the first step's rung, and how many steps.
        seed: of pictures and shared randomness.
    """

    side: int = 48
    pictures: int = 2
    noise: str = "isotropic"
    stride: int = 48
    first_rung: int = 560
    steps: int = 6
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Send the pictures, and average over them."""
    shape = (config.side, config.side, 3)
    prior = StationaryGaussian().prior(shape)
    rng = np.random.default_rng(config.seed)
    rows = []
    for number in range(config.pictures):
        x = rng.standard_normal((1, prior.eigenvalues.size)) * np.sqrt(prior.eigenvalues)
        channel = Channel(prior, config.noise, config.seed + number, config.stride)
        rows.append(_sent(config, channel, x) | _exact(config, channel, x, rng))
    analytic = [_analytic(config, prior.eigenvalues, rung) for rung in _rungs(config)]
    measured = {name: np.mean([row[name] for row in rows], axis=0) for name in rows[0]}
    theory = {name: [point[name] for point in analytic] for name in analytic[0]}
    return {**measured, **theory}


def _rungs(config: Config) -> list[int]:
    return [config.first_rung + config.stride * step for step in range(config.steps)]


def _sent(config: Config, channel: Channel, x: np.ndarray) -> dict[str, list[float]]:
    """Per dimension, after each step."""
    sender, dim = Sender(channel, x), x.size
    sent = Sent(pack("dfc", {}, [], end=False), channel.start())
    rows: dict[str, list[float]] = {}
    for rung in _rungs(config):
        sent = sender.to_rung(sent, rung)
        row = {
            "real_bits_per_dim": sent.payload_bits / dim,
            "information_bits_per_dim": sent.information_bits / dim,
            "bound_bits_per_dim": sent.bound_bits / dim,
        }
        row |= _distortions(channel, sent.state, x)
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return rows


def _exact(
    config: Config, channel: Channel, x: np.ndarray, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Distortions with samples N(m, v) themselves."""
    state, rows = channel.start(), {}
    for rung in _rungs(config):
        step = channel.step(state, rung)
        variances = step.variances(np.ones(x.size))
        means = step.residuals(x) * np.sqrt(variances)
        sample = means + rng.standard_normal(x.shape) * np.sqrt(variances)
        state = replace(state, belief=step.after(sample, variances))
        for name, value in _distortions(channel, state, x).items():
            rows.setdefault(f"{name}_exact", []).append(value)
    return rows


def _distortions(channel: Channel, state: State, x: np.ndarray) -> dict[str, float]:
    values = channel.prior.from_components(x)
    return {
        f"{how}_distortion_per_dim": float(
            np.mean((reconstructed(channel, state, how) - values) ** 2)
        )
        for how in RECONSTRUCTIONS
    }


def _analytic(config: Config, eigenvalues: np.ndarray, rung: int) -> dict[str, float]:
    source, row = GaussianVector(eigenvalues), {}
    for how, reconstruction in RECONSTRUCTIONS.items():
        operated = Scheme(source, NOISES[config.noise], reconstruction, how)
        point = operated.at(noise_level=2.0 ** (20 - rung / 32))
        row[f"{how}_distortion_per_dim_analytic"] = float(point.distortion_per_dim)
        row["bits_per_dim_analytic"] = float(point.bits_per_dim)
    return row
