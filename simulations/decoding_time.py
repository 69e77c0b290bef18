"""How long MT, M2T and full AR take to decode patches, with weights drawn at random.

Speed does not depend on what weights say. Tokens are rounded normals; each way codes the same ones,
after a first run that compiles. Times are of the transformer alone and of the whole decoder:
tables of probabilities, range coder, checksums.
"""

import time
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import jax
import numpy as np

from rdtheory.cli.arguments import names, whole_numbers
from rdtheory.codecs.m2t.configs import TRANSFORMERS, WAYS
from rdtheory.codecs.m2t.runners import runner_for
from rdtheory.codecs.m2t.schedule import Schedule, schedule
from rdtheory.codecs.m2t.token_coder import decode_tokens, encode_tokens
from rdtheory.codecs.m2t.transformer import Transformer
from rdtheory.errors import InputError
from rdtheory.progress import track


@dataclass(frozen=True)
class Config:
    """What is timed.

    Attributes:
        sizes: of the transformer: "tiny", "small" or "base".
        ways: of "m2t", "mt" and "ar", separated by commas.
        steps: numbers S of MT and M2T, so too; full AR has one step a token.
        patches: P, coded at the same time.
        rounds: of which the median is taken.
        seed: of weights and tokens.
    """

    sizes: str = "tiny"
    ways: str = "m2t,mt,ar"
    steps: str = "4"
    patches: int = 1
    rounds: int = 1
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Time all ways in turn, round after round."""
    found = decoders(config)
    rounds = [[one.seconds() for one in found] for _ in track(range(config.rounds), "rounds")]
    rows = [
        {"way": one.way, "steps": len(one.plan.sizes), "network_seconds": network, "seconds": whole}
        for one, (network, whole) in zip(found, np.median(rounds, axis=0), strict=True)
    ]
    return {"rows": rows}


@dataclass(frozen=True, eq=False)
class Decoder:
    """A stream, and the way to decode it.

    Attributes:
        way: "m2t", "mt" or "ar".
        plan: its schedule.
        network: the transformer.
        tokens: of the stream, shape (P, w, c).
        data: the stream.
    """

    way: str
    plan: Schedule
    network: Transformer
    tokens: np.ndarray
    data: bytes

    def seconds(self) -> tuple[float, float]:
        """Of the transformer alone, and of the whole decoder."""
        runner = runner_for(self.way, self.network, self.plan, len(self.tokens))
        predict, spent = runner.predict, []

        def timed() -> Any:
            began = time.perf_counter()
            found = predict()
            spent.append(time.perf_counter() - began)
            return found

        began = time.perf_counter()
        with patch.object(runner, "predict", timed):
            found = decode_tokens(runner, self.data, _valid(self.tokens))
        whole = time.perf_counter() - began
        assert (found == self.tokens).all()
        return sum(spent), whole


def decoders(config: Config) -> list[Decoder]:
    """Of all ways and numbers of steps; each has been compiled.

    Raises:
        InputError: if there are no such sizes or ways.
    """
    if config.sizes not in TRANSFORMERS:
        raise InputError("sizes", repr(config.sizes), ", ".join(TRANSFORMERS))
    sizes = TRANSFORMERS[config.sizes]
    with jax.enable_x64(False):
        network = Transformer(sizes, jax.random.key(config.seed, impl="rbg"))
    rng = np.random.default_rng(config.seed)
    tokens = np.rint(rng.standard_normal((config.patches, sizes.tokens, sizes.channels)))
    tokens = tokens.astype(np.int64)
    found = []
    for way, plan in track(_plans(config, sizes.side), "compiling"):
        data = encode_tokens(runner_for(way, network, plan, len(tokens)), tokens, _valid(tokens))
        found.append(Decoder(way, plan, network, tokens, data))
    return found


def _plans(config: Config, side: int) -> list[tuple[str, Schedule]]:
    counts, plans = whole_numbers("steps", config.steps), []
    for way in names("ways", config.ways, WAYS):
        if way == "ar":
            plans.append((way, schedule("raster", side, side**2)))
        else:
            plans += [(way, schedule("qlds", side, count)) for count in counts]
    return plans


def _valid(tokens: np.ndarray) -> np.ndarray:
    return np.ones(tokens.shape[:2], bool)
