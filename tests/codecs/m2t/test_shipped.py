"""The weights of the masked transformers that come with the package."""

import os
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory.codecs import codec, codec_of_stream
from rdtheory.codecs.codec import Target
from rdtheory.codecs.m2t.mixture import log_probability
from rdtheory.codecs.m2t.model import model_named
from rdtheory.codecs.m2t.network import usual_schedule
from rdtheory.codecs.m2t.patches import filled_up, into_patches
from rdtheory.codecs.m2t.runners import runner_for
from rdtheory.codecs.media import Picture
from rdtheory.container import unpack
from simulations.photographs import grace_hopper

WAYS = ("m2t", "mt", "ar")


@pytest.fixture(scope="module")
def picture():
    """A photograph of which the model has seen nothing."""
    return Picture(grace_hopper(256))


@pytest.fixture(scope="module", params=WAYS)
def coded(request, picture):
    coder = codec(request.param)
    return coder, coder.encode(picture, Target("bpp", 0.4))


def test_a_photograph_within_its_rate(coded, picture):
    coder, sent = coded
    assert 0.9 * 0.4 < 8 * len(sent.data) / picture.positions <= 0.4
    found = codec_of_stream(sent.data).decode(sent.data)
    error = np.mean((found.values - picture.values) ** 2)
    # 22 dB: a picture of its mean colour has 12.
    assert 10 * np.log10(4 / error) > 22
    assert coder.model.fingerprint == model_named("small").fingerprint


def test_another_machine_finds_the_same_tokens(coded, tmp_path):
    """Another instruction set, where all predictions differ in their last digits."""
    coder, sent = coded
    (tmp_path / "stream").write_bytes(sent.data)
    program = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from rdtheory.codecs import codec_of_stream\n"
        "data = Path(sys.argv[1]).read_bytes()\n"
        "np.save(sys.argv[2], codec_of_stream(data).receive(data)[1])\n"
    )
    flags = {"XLA_FLAGS": "--xla_cpu_max_isa=AVX", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX2 FMA3"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, tmp_path / "stream", tmp_path / "out.npy"],
        env=os.environ | flags,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (np.load(tmp_path / "out.npy") == coder.receive(sent.data)[1]).all()


def test_streams_are_as_long_as_the_model_s_cross_entropy(coded):
    """By the unrounded mixtures, of the very tokens and predictions of the coder."""
    coder, sent = coded
    header, tokens = coder.receive(sent.data)
    config, transformer = coder.model.config, coder.model.network.transformers[coder.name]
    patches = into_patches(filled_up(tokens, config.transformer.side), config.transformer.side)
    plan, nats = usual_schedule(config, coder.name), 0.0
    runner = runner_for(coder.name, transformer, plan, len(patches), header.log_scale)
    for _ in plan.sizes:
        locations, predictions = runner.predict()
        numbers = np.take_along_axis(patches, locations[..., None], axis=1)
        nats -= float(log_probability(jnp.asarray(predictions), jnp.asarray(numbers)).sum())
        runner.uncover(locations, numbers)
    expected, found = nats / np.log(2) / 8, sum(map(len, unpack(sent.data).sections))
    assert abs(found - expected) < 0.005 * expected + 32
