"""Masked transformers on quantised Gaussian fields of known covariance: real bits against theory.

A field X of M = side² values has the covariance ρ^(|i-i'| + |j-j'|) of places (i, j), (i', j').
Tokens are y = round(q X); x̂ is the linear estimate of X from y. Transformers learn from fields that
are drawn anew at each step, at scales q of the whole range, and are spread over the machine's JAX
devices. Then fields are coded: MT by each schedule, M2T by each that has an order, and full AR.
Beside the bits of a value stand

    rate_bound  R*(D) of X at the measured distortion, by reverse water-filling: no code is below
    entropy     of tokens whose law is known, slightly from above: that of q X and uniform rounding
                noise, taken for Gaussian
    grouped     the same where values of a group are coded independently, as a schedule has it:
                what a perfect network would need (see `schedule_bits`)
    checksums   what finding damage costs, which is within the bits
"""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.cli.arguments import names
from rdtheory.codecs.m2t.configs import TransformerConfig
from rdtheory.codecs.m2t.network import grouped_bits, hidden_bits
from rdtheory.codecs.m2t.runners import runner_for
from rdtheory.codecs.m2t.schedule import LOCATIONS, ORDERS, Schedule, schedule
from rdtheory.codecs.m2t.slots import grouped
from rdtheory.codecs.m2t.token_coder import checksum_bits, encode_tokens
from rdtheory.codecs.m2t.transformer import Transformer
from rdtheory.codecs.training.state import initial_state, make_step
from rdtheory.codecs.training.task import Task, TrainSettings
from rdtheory.progress import track
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.sources import GaussianVector
from simulations.schedule_bits import (
    gaussian_entropy,
    gaussian_field,
    gaussian_grouped_bits,
    rounded_covariance,
)


@dataclass(frozen=True)
class Config:
    """Fields, network, training, and what is coded.

    Attributes:
        side: of a field.
        correlation: ρ.
        log_scale_least, log_scale_most: of log2 q; whole numbers in between are measured.
        steps: S of MT and M2T.
        alpha: α.
        locations: of MT and M2T, separated by commas.
        width, layers: of the transformers.
        training_steps, batch, learning_rate: of each network.
        streams, patches: coded; a stream has so many fields.
        seed: of everything.
    """

    side: int = 4
    correlation: float = 0.9
    log_scale_least: int = 0
    log_scale_most: int = 2
    steps: int = 4
    alpha: float = 2.2
    locations: str = ",".join(LOCATIONS)
    width: int = 32
    layers: int = 2
    training_steps: int = 300
    batch: int = 64
    learning_rate: float = 3e-3
    streams: int = 4
    patches: int = 128
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Train, code, compare."""
    source = gaussian_field(config.side, config.correlation)
    tests = [_Test.drawn(config, source, log_scale) for log_scale in _log_scales(config)]
    rows, networks = [], {}
    for contestant in track(contestants(config), "networks"):
        trained_as = contestant.trained_as
        if trained_as not in networks:
            networks[trained_as] = _trained(_FieldTask(config, source, trained_as), config)
        rows += [_row(contestant, networks[trained_as], test) for test in tests]
    return {"rows": rows}


@dataclass(frozen=True)
class Contestant:
    """A way to code by a schedule."""

    way: str
    plan: Schedule

    @property
    def trained_as(self) -> str:
        """MT has one network for all schedules, M2T one for each."""
        return self.way if self.way == "mt" else f"{self.way} {self.plan.location}"


def contestants(config: Config) -> list[Contestant]:
    """Both ways with all schedules that they can take, and full AR."""
    plans = [
        schedule(location, config.side, config.steps, config.alpha)
        for location in names("locations", config.locations, LOCATIONS)
    ]
    return [
        *(Contestant("mt", plan) for plan in plans),
        *(Contestant("m2t", plan) for plan in plans if plan.location in ORDERS),
        Contestant("ar", schedule("raster", config.side, config.side**2)),
    ]


class _FieldTask(Task):
    """Bits of a value of quantised fields; a "picture" is M standard normals."""

    def __init__(self, config: Config, source: GaussianVector, trained_as: str) -> None:
        self.config = config
        self.root = (source.eigenvectors * np.sqrt(source.eigenvalues)).astype(np.float32)
        plans = {one.trained_as: one.plan for one in contestants(config)}
        self.slots = None if trained_as == "mt" else grouped(plans[trained_as])

    def initial(self, key: jax.Array) -> Transformer:
        width = self.config.width
        sizes = TransformerConfig(1, self.config.side, width, self.config.layers, 4, 4 * width)
        return Transformer(sizes, key)

    def loss(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        return self.held_out(network, pictures, key).mean()

    def held_out(self, network: Any, pictures: jax.Array, key: jax.Array) -> jax.Array:
        least, most = self.config.log_scale_least, self.config.log_scale_most
        scale_key, hide_key = jax.random.split(key)
        log_scales = jax.random.uniform(scale_key, (len(pictures),), minval=least, maxval=most)
        tokens = jnp.round(jnp.exp2(log_scales)[:, None] * (pictures @ self.root.T))[..., None]

        def of_field(tokens: jax.Array, log_scale: jax.Array, key: jax.Array) -> jax.Array:
            if self.slots is None:
                return hidden_bits(network, tokens, log_scale, key).mean()
            return grouped_bits(network, self.slots, tokens, log_scale).mean()

        keys = jax.random.split(hide_key, len(pictures))
        return jax.vmap(of_field)(tokens, log_scales, keys)

    def finish(self, network: Any, pictures: np.ndarray) -> dict[str, np.ndarray]:
        return {}


def _trained(task: _FieldTask, config: Config) -> Transformer:
    settings = TrainSettings(
        steps=config.training_steps,
        batch=config.batch,
        learning_rate=config.learning_rate,
        ema_decay=0.99,
        seed=config.seed,
    )
    rng = np.random.default_rng([config.seed, 1])
    with jax.enable_x64(False):
        initial = task.initial(jax.random.key(config.seed, impl="rbg"))
        state, fixed = initial_state(initial, settings)
        step = make_step(task, settings, fixed)
        for count in range(settings.steps):
            normals = rng.standard_normal((settings.batch, config.side**2), np.float32)
            state, _ = step(state, jnp.asarray(normals), jnp.float32(settings.rate(count, 0.0)))
        return eqx.combine(state.average, fixed)


@dataclass(frozen=True)
class _Test:
    """Fields to code at a scale, and what theory says of them."""

    log_scale: float
    tokens: np.ndarray
    distortion: float
    rate_bound: float
    covariance: np.ndarray

    @classmethod
    def drawn(cls, config: Config, source: GaussianVector, log_scale: float) -> "_Test":
        rng = np.random.default_rng([config.seed, 2])
        scale, size = 2.0**log_scale, source.dim
        x = source.sample(rng, config.streams * config.patches)
        tokens = np.rint(scale * x).astype(np.int64)
        eigenvalues = np.asarray(source.eigenvalues)
        gains = eigenvalues / (eigenvalues + 1 / (12 * scale**2))
        estimate = source.from_components(gains * source.to_components(tokens / scale))
        errors = np.mean((x - estimate) ** 2, axis=1)
        rate_nats = float(ReverseWaterFilling(source).rate_nats(size * errors.mean()))
        shape = config.streams, config.patches, size, 1
        return cls(
            log_scale,
            tokens.reshape(shape),
            float(errors.mean()),
            rate_nats / np.log(2) / size,
            rounded_covariance(source, log_scale),
        )


def _row(contestant: Contestant, network: Transformer, test: _Test) -> dict[str, Any]:
    streams, patches, size, _ = test.tokens.shape
    valid = np.ones((patches, size), bool)
    way, plan, bits = contestant.way, contestant.plan, []
    for tokens in test.tokens:
        runner = runner_for(way, network, plan, patches, test.log_scale)
        bits.append(8 * len(encode_tokens(runner, tokens, valid)) / tokens.size)
    groups = len(plan.sizes)
    return {
        "way": way,
        "location": plan.location,
        "steps": groups,
        "log_scale": test.log_scale,
        "distortion": test.distortion,
        "rate_bound": test.rate_bound,
        "entropy": gaussian_entropy(test.covariance),
        "grouped": gaussian_grouped_bits(test.covariance, plan),
        "bits": np.mean(bits),
        "bits_error": np.std(bits, ddof=1) / streams**0.5,
        "checksums": (groups * checksum_bits(groups) + 32) / (patches * size),
    }


def _log_scales(config: Config) -> list[float]:
    return np.arange(config.log_scale_least, config.log_scale_most + 1.0).tolist()
