"""One transformer, three ways to run it: the equivalences that make a codec of it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory.codecs.m2t.configs import TRANSFORMERS
from rdtheory.codecs.m2t.schedule import schedule
from rdtheory.codecs.m2t.slots import grouped, together
from rdtheory.codecs.m2t.transformer import INPUT_SCALE, Block, Cache, Transformer

CONFIG = TRANSFORMERS["tiny"]
SCHEDULES = {
    "qlds": schedule("qlds", 4, 5),
    "random": schedule("random", 4, 4, alpha=1.0),
    "raster": schedule("raster", 4, 16),
    "shrinking": schedule("random", 4, 4, alpha=0.4),
    "checkerboard": schedule("checkerboard", 4),
}


@pytest.fixture(scope="module")
def network():
    return Transformer(CONFIG, jax.random.key(0, impl="rbg"))


@pytest.fixture
def tokens():
    return np.random.default_rng(0).integers(-9, 10, (CONFIG.tokens, CONFIG.channels))


@pytest.fixture(params=SCHEDULES)
def slots(request):
    return grouped(SCHEDULES[request.param])


run = eqx.filter_jit(Transformer.__call__)
advance = eqx.filter_jit(Block.advance)
leave = eqx.filter_jit(Transformer.predictions)


def inputs(network, slots, tokens):
    carried = np.concatenate([tokens, np.zeros((1, tokens.shape[1]))])[slots.carried]
    known = jnp.asarray(slots.carried < slots.tokens)
    places = jnp.asarray(slots.carried), jnp.asarray(slots.predicted)
    return network.slots(jnp.asarray(carried), known, *places)


def in_one_pass(network, slots, tokens):
    return run(network, inputs(network, slots, tokens), jnp.asarray(slots.visible))


def test_group_after_group_is_the_same_as_one_pass(network, slots, tokens):
    given = inputs(network, slots, tokens)
    blocks = network.layers()
    kept = [Cache(jnp.zeros_like(given), jnp.zeros_like(given)) for _ in blocks]
    found = []
    for part in slots.slices:
        x = given[part]
        for layer, block in enumerate(blocks):
            x, kept[layer] = advance(block, x, jnp.int32(part.start), kept[layer])
        found.append(leave(network, x))
    expected = in_one_pass(network, slots, tokens)
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=0, atol=1e-12)


def test_a_token_changes_no_prediction_of_its_own_group_or_an_earlier_one(network, slots, tokens):
    before = in_one_pass(network, slots, tokens)
    groups = slots.groups
    for location in range(slots.tokens):
        changed = tokens.copy()
        changed[location] += 3
        after = in_one_pass(network, slots, changed)
        own = groups[np.flatnonzero(slots.predicted == location)[0]]
        assert (after[groups <= own] == before[groups <= own]).all()
        later = groups == own + 1
        assert not later.any() or (after[later] != before[later]).any()


def test_every_token_is_predicted_once_and_all_but_the_last_group_s_are_carried(slots):
    count = np.bincount(slots.predicted, minlength=slots.tokens + 1)
    assert (count[:-1] == 1).all()
    last = set(slots.predicted[slots.slices[-1]]) - {slots.tokens}
    carried = slots.carried[slots.carried < slots.tokens]
    assert sorted(carried) == sorted(set(range(slots.tokens)) - last)
    # Nothing is carried before it has been coded.
    groups = slots.groups
    for location in carried:
        coded = groups[slots.predicted == location]
        assert groups[slots.carried == location] == coded + 1


def test_raster_is_a_causal_transformer(network, tokens):
    slots = grouped(SCHEDULES["raster"])
    assert slots.lengths == (1,) * 16
    assert slots.carried.tolist() == [16, *range(15)]
    assert (slots.visible == np.tri(16, dtype=bool)).all()


def test_all_slots_of_mt_see_all(network, tokens):
    slots = together(CONFIG.tokens)
    known = jnp.asarray(np.arange(16) % 3 == 0)
    places = jnp.asarray(slots.carried), jnp.asarray(slots.predicted)

    def predicted(tokens):
        given = network.slots(jnp.asarray(tokens), known, *places)
        return run(network, given, jnp.asarray(slots.visible))

    hidden, shown = tokens.copy(), tokens.copy()
    hidden[1] += 5
    shown[3] += 5
    assert (predicted(hidden) == predicted(tokens)).all()
    assert (predicted(shown) != predicted(tokens)).any(axis=(1, 2, 3)).all()


def test_against_the_formulas_in_numpy(network, tokens):
    """Pre-norm blocks written out, head by head."""
    slots = grouped(SCHEDULES["qlds"])

    def weights(linear):
        return np.asarray(linear.weight).T, np.asarray(linear.bias)

    def dense(linear, x):
        weight, bias = weights(linear)
        return x @ weight + bias

    def norm(layer, x):
        x = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(
            x.var(axis=-1, keepdims=True) + layer.eps
        )
        return x * np.asarray(layer.weight) + np.asarray(layer.bias)

    shown = np.concatenate([tokens / INPUT_SCALE, np.asarray(network.mask)[None]])[slots.carried]
    x = dense(network.dense, shown)
    x = (
        x
        + np.asarray(network.carried)[slots.carried]
        + np.asarray(network.predicted)[slots.predicted]
    )
    for layer in range(CONFIG.layers):
        block = jax.tree.map(lambda leaf, i=layer: leaf[i], network.blocks)
        inner = norm(block.first, x)
        q, (k, v) = dense(block.query, inner), np.split(dense(block.key_value, inner), 2, axis=-1)
        size, seen = CONFIG.width // CONFIG.heads, []
        for head in range(CONFIG.heads):
            part = slice(size * head, size * (head + 1))
            scores = np.where(slots.visible, q[:, part] @ k[:, part].T / size**0.5, -np.inf)
            share = np.exp(scores - scores.max(axis=-1, keepdims=True))
            seen.append(share / share.sum(axis=-1, keepdims=True) @ v[:, part])
        x = x + dense(block.join, np.concatenate(seen, axis=-1))
        inner = dense(block.widen, norm(block.second, x))
        gelu = inner / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (inner + 0.044715 * inner**3)))
        x = x + dense(block.narrow, gelu)
    expected = dense(network.leave, norm(network.norm, x)).reshape(-1, CONFIG.channels, 3, 3)
    np.testing.assert_allclose(in_one_pass(network, slots, tokens), expected, rtol=0, atol=1e-12)
