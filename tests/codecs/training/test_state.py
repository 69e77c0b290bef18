"""The step against AdamW and the average written out in NumPy; the schedule; the keys."""

from dataclasses import replace
from math import cos, pi

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory import InputError
from rdtheory.codecs.training import TrainSettings
from rdtheory.codecs.training.leaves import named_leaves
from rdtheory.codecs.training.state import initial_state, make_step, stream_key

STEPS = 25


@pytest.fixture(scope="module")
def histories(standin):
    """Weights and averages after each step, each as a dictionary of arrays, and the inputs."""
    settings = replace(standin.SETTINGS, weight_decay=0.3, clip_norm=1.0, ema_decay=0.6)
    task = standin.Standin()
    state, fixed = initial_state(standin.untrained(), settings)
    advance = make_step(task, settings, fixed)
    usual = np.stack(standin.smooth_pictures(4, 8, 5))
    white = np.full_like(usual, 255)  # has a gradient of another length
    pictures = [jnp.asarray(white if step % 4 == 2 else usual) for step in range(STEPS)]
    weights, averages = [copy(state.network)], [copy(state.average)]
    for step in range(STEPS):
        state, _ = advance(state, pictures[step], jnp.float32(rate(step)))
        weights.append(copy(state.network))
        averages.append(copy(state.average))
    assert int(state.step) == STEPS
    return task, settings, pictures, weights, averages


def rate(step):
    return 0.01 / (1 + step)


def copy(tree):
    return {name: np.array(leaf, np.float64) for name, leaf in named_leaves(tree).items()}


def test_adamw_in_numpy(histories, standin):
    """Every step from the step before, in float64: the float32 gradient is good to about 1e-5."""
    task, settings, pictures, weights, _ = histories
    names = list(weights[0])
    assert names == ["weight", "bias", "spread"]
    first = {name: np.zeros_like(weights[0][name]) for name in names}
    second = {name: np.zeros_like(weights[0][name]) for name in names}
    clipped = 0

    @jax.jit
    def gradient_of(values, pictures, step):
        def loss(values):
            network = standin.Predictor(*values, gain=np.ones(1, np.float32))
            key = jax.random.fold_in(stream_key(settings.seed, "noise"), step)
            return task.loss(network, pictures, key)

        return jax.grad(loss)(values)

    for step in range(STEPS):
        values = [jnp.asarray(weights[step][name], jnp.float32) for name in names]
        gradients = [np.asarray(g, np.float64) for g in gradient_of(values, pictures[step], step)]
        norm = np.sqrt(sum((g**2).sum() for g in gradients))
        clipped += norm > settings.clip_norm
        for name, gradient in zip(names, gradients, strict=True):
            gradient = gradient * min(1.0, settings.clip_norm / norm)
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            mean = first[name] / (1 - 0.9 ** (step + 1))
            square = second[name] / (1 - 0.999 ** (step + 1))
            direction = mean / (np.sqrt(square) + 1e-8)
            if name == "weight":  # a matrix; the others are vectors and do not decay
                direction += settings.weight_decay * weights[step][name]
            wanted = weights[step][name] - rate(step) * direction
            np.testing.assert_allclose(weights[step + 1][name], wanted, rtol=0, atol=2e-6)
    assert 3 < clipped < STEPS - 3


def test_the_average_in_numpy(histories):
    _, settings, _, weights, averages = histories
    for name in weights[0]:
        average = weights[0][name]
        assert np.array_equal(averages[0][name], average)
        for k in range(STEPS):
            decay = min(settings.ema_decay, (1 + k) / (10 + k))
            average = decay * average + (1 - decay) * weights[k + 1][name]
            np.testing.assert_allclose(averages[k + 1][name], average, rtol=2e-6, atol=1e-8)
    # Both branches of the minimum were there: (1 + k)/(10 + k) = 0.6 at k = 12.5.
    assert STEPS > 13


def test_the_schedule():
    settings = TrainSettings(steps=1000, warmup=100, learning_rate=2.0, final_fraction=0.1)
    rates = [settings.rate(step, 0.0) for step in range(1001)]
    assert rates[0] == pytest.approx(0.02, rel=1e-4)
    assert max(rates) == rates[99] < 2.0
    assert rates[500] == pytest.approx(2.0 * (0.1 + 0.9 * (1 + cos(pi / 2)) / 2))
    assert rates[1000] == pytest.approx(0.2)
    assert settings.done(1000, 0.0) == 1.0


def test_the_schedule_follows_the_clock_where_that_is_ahead():
    settings = TrainSettings(steps=1000, hours=2.0, warmup=0, learning_rate=1.0, final_fraction=0.0)
    assert settings.done(100, 3600.0) == 0.5
    assert settings.rate(100, 3600.0) == pytest.approx(0.5)
    assert settings.done(600, 3600.0) == 0.6
    assert settings.rate(0, 3 * 3600.0) == 0.0
    assert settings.done(0, 7200.0) == 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 2**31),
        ("batch", 0),
        ("warmup", -1),
        ("seed", -1),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("clip_norm", float("inf")),
        ("hours", 0.0),
        ("final_fraction", 1.5),
        ("ema_decay", -0.1),
        ("weight_decay", float("nan")),
    ],
)
def test_settings_out_of_range(name, value):
    with pytest.raises(InputError, match=f"^{name}: got {value}"):
        TrainSettings(**{name: value})


def test_keys_differ_by_seed_and_use():
    keys = [
        tuple(np.asarray(jax.random.key_data(stream_key(seed, use))))
        for seed in (0, 1)
        for use in ("weights", "noise", "held-out")
    ]
    assert len(set(keys)) == 6


def test_what_the_loss_does_not_train_stays(standin):
    """Not even decayed: weights that are kept fixed come out as they were, to the bit."""

    class Deaf(standin.Standin):
        def loss(self, network, pictures, key):
            kept = jax.lax.stop_gradient(network.weight)
            return super().loss(eqx.tree_at(lambda n: n.weight, network, kept), pictures, key)

    settings = replace(standin.SETTINGS, weight_decay=0.3)
    state, fixed = initial_state(standin.untrained(), settings)
    before = copy(state.network)
    pictures = jnp.asarray(np.stack(standin.smooth_pictures(4, 8, 5)))
    state, _ = make_step(Deaf(), settings, fixed)(state, pictures, jnp.float32(0.1))
    after = copy(state.network)
    assert (after["weight"] == before["weight"]).all()
    assert (after["bias"] != before["bias"]).all()
