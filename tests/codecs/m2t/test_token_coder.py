"""Patches of tokens through all three ways to run a transformer, in real bits, and back."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory.codecs.m2t.configs import TRANSFORMERS
from rdtheory.codecs.m2t.mixture import log_probability, on_lattice, other_side
from rdtheory.codecs.m2t.runners import GroupedRunner, TogetherRunner
from rdtheory.codecs.m2t.schedule import schedule
from rdtheory.codecs.m2t.slots import grouped, together
from rdtheory.codecs.m2t.token_coder import checksum_bits, decode_tokens, encode_tokens
from rdtheory.codecs.m2t.transformer import Transformer
from rdtheory.container import StreamError

CONFIG = TRANSFORMERS["tiny"]
PATCHES = 2
WAYS = {
    "MT": (TogetherRunner, schedule("qlds", 4, 5)),
    "MT entropy": (TogetherRunner, schedule("entropy", 4, 5)),
    "M2T": (GroupedRunner, schedule("qlds", 4, 5)),
    "M2T shrinking": (GroupedRunner, schedule("random", 4, 3, alpha=0.5)),
    "full AR": (GroupedRunner, schedule("raster", 4, 16)),
}


@pytest.fixture(scope="module")
def network():
    return Transformer(CONFIG, jax.random.key(0, impl="rbg"))


@pytest.fixture(scope="module")
def tokens():
    return np.random.default_rng(0).integers(-4, 5, (PATCHES, CONFIG.tokens, CONFIG.channels))


@pytest.fixture(scope="module")
def valid():
    """The second patch reaches over the picture's edge."""
    found = np.ones((PATCHES, 4, 4), bool)
    found[1, :, 3] = found[1, 3] = False
    return found.reshape(PATCHES, -1)


@pytest.fixture(scope="module", params=WAYS)
def way(request, network):
    kind, plan = WAYS[request.param]
    return lambda patches=PATCHES: kind(network, plan, patches)


@pytest.fixture(scope="module")
def whole(tokens, valid):
    return np.where(valid[..., None], tokens, 0)


@pytest.fixture(scope="module")
def data(way, whole, valid):
    return encode_tokens(way(), whole, valid)


def test_tokens_come_back(way, data, whole, valid):
    assert (decode_tokens(way(), data, valid) == whole).all()


def test_tokens_far_outside_all_tables_come_back(way, whole, valid):
    far = np.where(whole == 4, 10**8, np.where(whole == -4, -(2**31) + 1, whole))
    assert (decode_tokens(way(), encode_tokens(way(), far, valid), valid) == far).all()


@pytest.mark.parametrize("name", ["M2T", "full AR"])
def test_length_is_the_cross_entropy_of_one_pass(network, whole, name):
    """Of tokens drawn from nowhere near the predictions: so it is the formula that is tested."""
    kind, plan = WAYS[name]
    slots = grouped(plan)
    everything = np.ones(whole.shape[:2], bool)
    data = encode_tokens(kind(network, plan, PATCHES), whole, everything)
    nats = 0.0
    for patch in whole:
        shown = np.concatenate([patch, np.zeros((1, CONFIG.channels))])
        known = jnp.asarray(slots.carried < slots.tokens)
        places = jnp.asarray(slots.carried), jnp.asarray(slots.predicted)
        given = network.slots(jnp.asarray(shown[slots.carried]), known, *places)
        found = eqx.filter_jit(network)(given, jnp.asarray(slots.visible))
        asked = slots.predicted < slots.tokens
        numbers = jnp.asarray(patch[slots.predicted[asked]])
        nats -= float(log_probability(found[asked], numbers).sum())
    groups = len(plan.sizes)
    checks = (1 + checksum_bits(groups)) * groups + 32  # ties and checksums of groups, the last one
    # Rounded to the lattice, an untrained prediction loses up to 2 % on what it did not expect.
    assert abs(8 * len(data) - checks - nats / np.log(2)) < 0.02 * nats / np.log(2) + 40


def test_mt_with_everything_hidden_is_one_pass(network):
    slots = together(CONFIG.tokens)
    nothing = np.zeros((PATCHES, CONFIG.tokens, CONFIG.channels))
    runner = TogetherRunner(network, WAYS["MT"][1], PATCHES)
    locations, found = runner.predict()
    places = jnp.asarray(slots.carried), jnp.asarray(slots.predicted)
    given = network.slots(jnp.asarray(nothing[0]), jnp.zeros(CONFIG.tokens, bool), *places)
    expected = eqx.filter_jit(network)(given, jnp.asarray(slots.visible))
    np.testing.assert_allclose(found[1], np.asarray(expected)[locations[1]], atol=1e-12)


def test_predictions_that_differ_a_little_decode_the_same(way, data, whole, valid):
    """Another machine: 1e-13, a hundred times what double precision makes of these sizes."""

    def shaken(runner):
        exact, rng = runner.predict, np.random.default_rng(0)

        def predict():
            locations, found = exact()
            return locations, found * (1 + 1e-13 * rng.standard_normal(found.shape))

        runner.predict = predict
        return runner

    assert (decode_tokens(shaken(way()), data, valid) == whole).all()


def test_ties_are_told(network, whole, valid):
    """Predictions exactly between two numbers of the lattice, seen from either side."""

    def tied(side):
        runner = GroupedRunner(network, WAYS["M2T"][1], PATCHES)
        exact = runner.predict

        def predict():
            locations, found = exact()
            # Means at odd multiples of half a step, 1/128 of a token, give or take a hair.
            found = found.copy()
            found[..., 1, :] = (np.rint(320 * found[..., 1, :]) + 0.5 + side * 1e-11) / 320
            return locations, found

        runner.predict = predict
        return runner

    data = encode_tokens(tied(+1), whole, valid)
    assert (decode_tokens(tied(-1), data, valid) == whole).all()


def test_predictions_that_differ_more_are_found_out(way, data, valid):
    runner = way()
    exact = runner.predict
    runner.predict = lambda: (exact()[0], exact()[1] + 0.3)
    with pytest.raises(StreamError):
        decode_tokens(runner, data, valid)


def test_damaged_bits_are_found_out(way, data, whole, valid, mutations):
    refusals = []
    for changed in mutations(data, 60, seed=1):
        try:
            same = (decode_tokens(way(), changed, valid) == whole).all()
            assert same  # only zeros at the end were lost or gained
        except StreamError as error:
            refusals.append(str(error))
    assert len(refusals) > 40
    assert not any("\n" in line for line in refusals)


def test_the_other_side_is_the_second_nearest():
    rng = np.random.default_rng(0)
    predictions = rng.normal(size=(50, 3, 2))
    near, other = on_lattice(predictions), other_side(predictions)
    assert (abs(near - other) == 1).all()
    steps = predictions[:, 0] * 16
    assert (abs(steps - near[:, 0]) <= abs(steps - other[:, 0])).all()
