"""Masked transformers on photographs: real bits by way, schedule, number of steps S and α.

One network codes by every schedule with MT; M2T and full AR have their own, and the schedules of
their training. All code the same tokens, at each quantisation scale q. Files are streams of patches
without containers. Beside them stands the cross-entropy of M2T's single-precision training pass.
"""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.cli.arguments import names, numbers, whole_numbers
from rdtheory.codecs.m2t.model import M2tModel, model_named
from rdtheory.codecs.m2t.network import grouped_bits, usual_schedule
from rdtheory.codecs.m2t.patches import filled_up, into_patches, places_inside
from rdtheory.codecs.m2t.runners import runner_for
from rdtheory.codecs.m2t.schedule import LOCATIONS, Schedule, schedule
from rdtheory.codecs.m2t.slots import grouped
from rdtheory.codecs.m2t.token_coder import encode_tokens
from rdtheory.codecs.m2t.transformer import Transformer
from rdtheory.progress import track
from simulations.photographs import photographs


@dataclass(frozen=True)
class Config:
    """Pictures, model and schedules.

    Attributes:
        pictures: a folder, .tar or .npz, or nothing: the one photograph at hand.
        count: the first so many.
        model: of M2T, trained for all ways.
        log_scales: numbers log2 q, separated by commas.
        locations: of MT, so too.
        steps: numbers S of MT, so too.
        alphas: α of MT, so too.
    """

    pictures: str = ""
    count: int = 1
    model: str = "default"
    log_scales: str = "0"
    locations: str = "qlds,random,entropy"
    steps: str = "4,8"
    alphas: str = "2.2"


def run(config: Config) -> dict[str, Any]:
    """Code all pictures in all ways; bits of each, in the order of `pictures`."""
    model = model_named(config.model)
    pictures = photographs(config.pictures, config.count)
    rows, cross_entropy = [], []
    for log_scale in numbers("log_scales", config.log_scales):
        tests = [_Tokens.of(model, picture.values, log_scale) for picture in pictures.values()]
        for way, plan, alpha in track(_ways(config, model), "schedules"):
            bits = [test.bits(way, plan, model.network.transformers[way]) for test in tests]
            told = {"way": way, "location": plan.location, "steps": len(plan.sizes)}
            rows.append({**told, "alpha": alpha, "log_scale": log_scale, "bits": bits})
        found = [test.cross_entropy(model) for test in tests]
        cross_entropy.append({"log_scale": log_scale, "bits": found})
    pixels = [picture.positions for picture in pictures.values()]
    return {
        "pictures": list(pictures),
        "pixels": pixels,
        "rows": rows,
        "m2t_cross_entropy": cross_entropy,
    }


def _ways(config: Config, model: M2tModel) -> list[tuple[str, Schedule, float]]:
    side, own = model.config.transformer.side, model.config.alpha
    trained = [(way, usual_schedule(model.config, way), own) for way in ("m2t", "ar")]
    return trained + [
        ("mt", schedule(location, side, steps, alpha), alpha)
        for location in names("locations", config.locations, LOCATIONS)
        for alpha in numbers("alphas", config.alphas)
        for steps in whole_numbers("steps", config.steps)
    ]


@dataclass(frozen=True, eq=False)
class _Tokens:
    """A picture's patches of tokens (P, w, c), and which of them are the picture's."""

    log_scale: float
    patches: np.ndarray
    valid: np.ndarray

    @classmethod
    def of(cls, model: M2tModel, values: np.ndarray, log_scale: float) -> "_Tokens":
        tokens, side = model.tokens(values, log_scale), model.config.transformer.side
        height, width, _ = tokens.shape
        patches = into_patches(filled_up(tokens, side), side)
        return cls(log_scale, patches, places_inside(height, width, side))

    def bits(self, way: str, plan: Schedule, transformer: Transformer) -> int:
        runner = runner_for(way, transformer, plan, len(self.patches), self.log_scale)
        return 8 * len(encode_tokens(runner, self.patches, self.valid))

    def cross_entropy(self, model: M2tModel) -> float:
        slots = grouped(usual_schedule(model.config, "m2t"))
        transformer = model.network.transformers["m2t"]
        with jax.enable_x64(False):
            scale = jnp.float32(self.log_scale)
            one = eqx.filter_jit(lambda patch: grouped_bits(transformer, slots, patch, scale))
            bits = [np.asarray(one(jnp.asarray(patch, jnp.float32))) for patch in self.patches]
        return float(np.stack(bits)[self.valid].sum(dtype=float))
