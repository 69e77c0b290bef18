"""DiffC with a trained model on photographs: what it costs, and what the flow gains over DiffC-A.

Each picture is sent step by step, as the codec does; after each step stand the real bits, the
information (Eq. 5), and the mean squared errors of all reconstructions. Then the reverse steps: of
Y = X + N(0, t) itself both reconstructions are made in S = 1, 2, 4, ... steps. The gain D_A/D_F of
the flow stands beside that of a Gaussian vector which takes the very same steps, in closed form
[T5.3, T5.4], and which has, in each component, the posterior variance e that the model is expected
to have at this noise: λ = e t/(t - e).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.codecs.diffc.codec import RECONSTRUCTIONS, DiffC, reconstructed
from rdtheory.codecs.diffc.ladder import noise_variances
from rdtheory.codecs.diffc.model import Prior
from rdtheory.codecs.diffc.reverse_steps import levels, walk
from rdtheory.codecs.diffc.sender import Sender
from rdtheory.codecs.diffc.variational import STEPS
from rdtheory.codecs.media import Picture
from rdtheory.diffusion import AncestralSampler, Ddim
from rdtheory.errors import InputError
from rdtheory.progress import track
from simulations.photographs import photographs


@dataclass(frozen=True)
class Config:
    """Pictures, model and steps.

    Attributes:
        pictures: a folder, .tar or .npz, or nothing: the one photograph at hand.
        count: the first so many.
        model: of DiffC, one that works in reverse steps.
        first_rung, stride, steps: of the streams.
        gain_rung, gain_stride, gain_rungs: of the noise levels at which S is varied.
        most_reverse_steps: the largest S, a power of 2.
        seed: of shared randomness, noise and reconstructions.
    """

    pictures: str = ""
    count: int = 1
    model: str = "default"
    first_rung: int = 560
    stride: int = 48
    steps: int = 8
    gain_rung: int = 640
    gain_stride: int = 96
    gain_rungs: int = 3
    most_reverse_steps: int = 64
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Send all pictures; vary the reverse steps."""
    if config.most_reverse_steps < 1:
        raise InputError("most_reverse_steps", config.most_reverse_steps, "at least 1")
    pictures = photographs(config.pictures, config.count)
    codec = DiffC(config.model, seed=config.seed, stride=config.stride)
    rng = np.random.default_rng(config.seed)
    sent, gains = [], []
    for picture in track(list(pictures.values()), "pictures"):
        sent.append(_sent(config, codec, picture))
        gains.append([_gains(config, codec, picture, rung, rng) for rung in _gain_rungs(config)])
    return {
        "pictures": list(pictures),
        "streams": {name: np.array([one[name] for one in sent]).T for name in sent[0]},
        "reverse_steps": _reverse_steps(config),
        "gains": [
            {name: np.mean([one[number][name] for one in gains], axis=0) for name in row}
            for number, row in enumerate(gains[0])
        ],
    }


def _sent(config: Config, codec: DiffC, picture: Picture) -> dict[str, list[float]]:
    """Bits a pixel and squared errors in grey levels, after each step."""
    values = picture.values
    sent, channel = codec.start(picture)
    prior = channel.prior
    sender = Sender(channel, prior.to_components(values))
    rows: dict[str, list[float]] = {}
    for step in range(config.steps):
        rung = config.first_rung + step * config.stride
        sent = sender.to_rung(sent, rung)
        theory = _gaussian(prior, float(noise_variances(prior, "isotropic", rung)[0]), [STEPS])
        row = {f"{how}_gaussian": value for how, (value,) in theory.items()}
        row |= {
            "file_bits_per_pixel": 8 * sent.size / picture.positions,
            "payload_bits_per_pixel": sent.payload_bits / picture.positions,
            "information_bits_per_pixel": sent.information_bits / picture.positions,
        }
        for how in RECONSTRUCTIONS:
            row[how] = _squared_error(reconstructed(channel, sent.state, how), values)
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return rows


def _gains(
    config: Config, codec: DiffC, picture: Picture, rung: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Squared errors for each S: measured, in grey levels, and of the Gaussian vector."""
    _, channel = codec.start(picture)
    prior, x = channel.prior, channel.prior.to_components(picture.values)
    noise = float(noise_variances(prior, "isotropic", rung)[0])
    observed = x + noise**0.5 * rng.standard_normal(x.shape)

    def denoise(y: np.ndarray, t: float) -> np.ndarray:
        return prior.denoise(y, np.full(y.shape[1], t))

    def measured(how: str) -> list[float]:
        found = (
            walk(denoise, observed, noise, how, rng.standard_normal, steps)
            for steps in _reverse_steps(config)
        )
        return [_squared_error(prior.from_components(one), picture.values) for one in found]

    theory = _gaussian(prior, noise, _reverse_steps(config))
    return {"noise_variance": noise, **{how: measured(how) for how in theory}} | {
        f"{how}_gaussian": values for how, values in theory.items()
    }


def _gaussian(prior: Prior, noise: float, counts: list[int]) -> dict[str, list[float]]:
    """D of the Gaussian vector, in units of its posterior variance (without channel steps)."""
    errors = np.minimum(prior.errors(np.full(prior.eigenvalues.shape, noise)), 0.999 * noise)
    variances = errors * noise / (noise - errors)
    samplers = {"ancestral": AncestralSampler, "flow": Ddim}
    return {
        how: [
            float(kind(variances, levels(noise, steps)[:-1]).output.distortion / errors.sum())
            for steps in counts
        ]
        for how, kind in samplers.items()
    }


def _squared_error(found: np.ndarray, values: np.ndarray) -> float:
    """Mean over samples, in grey levels."""
    return float(127.5**2 * np.mean((np.clip(found, -1, 1) - values) ** 2))


def _gain_rungs(config: Config) -> list[int]:
    return [config.gain_rung + number * config.gain_stride for number in range(config.gain_rungs)]


def _reverse_steps(config: Config) -> list[int]:
    return [2**power for power in range(config.most_reverse_steps.bit_length())]
