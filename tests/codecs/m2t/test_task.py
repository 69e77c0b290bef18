"""What is trained: bits as a coder counts them, gradients where they belong."""

from dataclasses import asdict, replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory.codecs.m2t.configs import CONFIGS, M2tConfig
from rdtheory.codecs.m2t.mixture import log_probability
from rdtheory.codecs.m2t.network import Network, grouped_bits, hidden_bits, usual_schedule
from rdtheory.codecs.m2t.patches import filled_up, from_patches, into_patches
from rdtheory.codecs.m2t.runners import GroupedRunner
from rdtheory.codecs.m2t.slots import grouped, together
from rdtheory.codecs.m2t.task import M2tTask
from rdtheory.codecs.training.config import config_from
from rdtheory.codecs.training.weights import load_weights, rounded, save_weights
from rdtheory.container import StreamError
from rdtheory.errors import InputError

CONFIG = replace(CONFIGS["tiny"], log_scales=(-1.0, 1.0))


@pytest.fixture(autouse=True, scope="module")
def _single_precision():
    with jax.enable_x64(False):
        yield


@pytest.fixture(scope="module")
def network():
    return Network(CONFIG, jax.random.key(0, impl="rbg"))


@pytest.fixture(scope="module")
def tokens():
    return np.random.default_rng(0).integers(-4, 5, (16, 4)).astype(np.float32)


@pytest.mark.parametrize("way", ["m2t", "ar"])
def test_bits_in_one_pass_are_those_of_a_coder(network, tokens, way):
    plan = usual_schedule(CONFIG, way)
    transformer = network.transformers[way]
    found = grouped_bits(transformer, grouped(plan), jnp.asarray(tokens), jnp.float32(0.7))
    runner, expected = GroupedRunner(transformer, plan, 1, log_scale=0.7), np.zeros((16, 4))
    for _ in plan.sizes:
        locations, predictions = runner.predict()
        coded = tokens[locations]
        logs = log_probability(jnp.asarray(predictions), jnp.asarray(coded))
        expected[locations[0]] = -np.asarray(logs)[0] / np.log(2)
        runner.uncover(locations, coded)
    # Single precision, and logarithms of some hundred bits.
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_hidden_tokens_are_counted_for_all(network, tokens):
    """Over keys, the mean is that over shares and places: here of the share that hides all but one
    token or so, by a transformer whose predictions depend on nothing."""
    transformer = network.transformers["mt"]
    deaf = eqx.tree_at(lambda t: t.leave.weight, transformer, 0 * transformer.leave.weight)
    given = jnp.asarray(tokens)
    everything = together(16)
    inputs = deaf.slots(given, np.ones(16, bool), everything.carried, everything.predicted)
    exact = -log_probability(deaf(inputs, jnp.asarray(everything.visible)), given) / np.log(2)
    keys = jax.random.split(jax.random.key(3, impl="rbg"), 512)
    of_key = eqx.filter_jit(lambda key: hidden_bits(deaf, given, jnp.float32(0.0), key))
    found = np.stack([of_key(key) for key in keys])
    counts = (found != 0).all(axis=2).sum(axis=1)
    assert counts.min() <= 2
    assert counts.max() >= 15
    # 512 draws of the sum over tokens: false alarm 1e-9 if their mean is normal.
    totals = found.sum(axis=(1, 2))
    assert abs(totals.mean() - float(exact.sum())) < 6 * totals.std() / 512**0.5


@pytest.mark.parametrize("fixed", [False, True])
def test_gradients_reach_what_is_trained(fixed):
    task = M2tTask(replace(CONFIG, fixed_autoencoder=fixed))
    network = task.initial(jax.random.key(0, impl="rbg"))
    rng = np.random.default_rng(0)
    pictures = jnp.asarray(rng.integers(0, 256, (2, 64, 64, 3)), jnp.uint8)
    slopes = eqx.filter_jit(eqx.filter_grad(lambda n, k: task.loss(n, pictures, k)))(
        network, jax.random.key(1, impl="rbg")
    )

    def length(part):
        return sum(float(jnp.sum(leaf**2)) for leaf in jax.tree.leaves(part)) ** 0.5

    assert np.isfinite(length(slopes))
    for way in CONFIG.ways:
        assert length(slopes.transformers[way]) > 0
    assert (length(slopes.encoder) > 0) == (not fixed)
    assert (length(slopes.decoder) > 0) == (not fixed)


def test_the_bound_is_rate_and_weighted_error(network):
    task = M2tTask(CONFIG)
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    found = eqx.filter_jit(task.held_out)(
        network, jnp.asarray(pictures), jax.random.key(1, impl="rbg")
    )
    slots = grouped(usual_schedule(CONFIG, "m2t"))
    for number, log_scale in enumerate(CONFIG.log_scales):
        scale = 2.0**log_scale
        values = jnp.asarray(pictures[number].transpose(2, 0, 1) / 127.5 - 1, jnp.float32)
        tokens = np.rint(scale * np.asarray(network.encoder(values)))
        patch = jnp.asarray(tokens.transpose(1, 2, 0).reshape(16, 4))
        bits = grouped_bits(network.transformers["m2t"], slots, patch, jnp.float32(log_scale))
        made = 127.5 * (np.asarray(network.decoder(jnp.asarray(tokens / scale))) + 1)
        error = np.mean((made.transpose(1, 2, 0) - pictures[number]) ** 2)
        expected = float(bits.sum()) / 64**2 / 3 + 0.005 * scale**2 * error
        assert float(found[number]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("shape", [(5, 7, 2), (4, 4, 1), (1, 9, 3)])
def test_patches_and_back(shape):
    features = np.random.default_rng(0).normal(size=shape)
    patches = into_patches(filled_up(features, 4), 4)
    assert patches.shape == (-(-shape[0] // 4) * -(-shape[1] // 4), 16, shape[2])
    assert (from_patches(patches, *shape[:2]) == features).all()
    # Row r and column k of tile (i, j).
    if shape[0] > 4:
        assert (patches[-1, 4 * 0 + 1] == filled_up(features, 4)[4, 5]).all()


def test_configurations_within_configurations():
    told = asdict(CONFIG)
    assert config_from(M2tConfig, told) == CONFIG
    told["transformer"]["colour"] = 1
    with pytest.raises(InputError, match="colour"):
        config_from(M2tConfig, told)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("transformer", "layers", 10**9),
        ("transformer", "width", 0),
        ("transformer", "heads", 3),
        ("transformer", "mixtures", True),
        ("transformer", "channels", 5),
        ("autoencoder", "blocks", 10**9),
        ("autoencoder", "width", "8"),
        (None, "ways", ["m2t", "best"]),
        (None, "ways", []),
        (None, "steps", 17),
        (None, "alpha", float("nan")),
        (None, "log_scales", [1.0, 0.0]),
        (None, "log_scales", [1.0]),
        (None, "distortion_weight", -1.0),
        (None, "crop", 100),
    ],
)
def test_configurations_out_of_range_are_refused(part, field, value):
    """A file of weights brings its configuration along, and may be forged."""
    told = asdict(CONFIG)
    (told if part is None else told[part])[field] = value
    with pytest.raises(InputError):
        config_from(M2tConfig, told)


def test_ways_that_weights_lack_begin_as_the_first(network, tmp_path):
    fewer = Network(replace(CONFIG, ways=("m2t",)), jax.random.key(5, impl="rbg"))
    save_weights(tmp_path / "w", fewer, {}, {}, {}, task="m2t")
    begun = M2tTask(CONFIG).begun(network, load_weights(tmp_path / "w", "m2t"))
    kept = rounded(fewer, "float16")
    for way in CONFIG.ways:
        assert eqx.tree_equal(begun.transformers[way], kept.transformers["m2t"])
    assert eqx.tree_equal(begun.encoder, kept.encoder)
    with pytest.raises(StreamError, match="transformers"):
        M2tTask(replace(CONFIG, ways=("mt",))).begun(
            Network(replace(CONFIG, ways=("mt",)), jax.random.key(5, impl="rbg")),
            load_weights(tmp_path / "w", "m2t"),
        )
