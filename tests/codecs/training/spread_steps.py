"""A program: one step of the stand-in on all devices against the same step on the first alone."""

import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
import standin

from rdtheory.codecs.training import run_training
from rdtheory.codecs.training.bound import make_bound
from rdtheory.codecs.training.leaves import named_leaves
from rdtheory.codecs.training.state import initial_state, make_step

STEPS = 6
SETTINGS = replace(standin.SETTINGS, weight_decay=0.3, ema_decay=0.6)


class Watched(standin.Standin):
    """Tells on which devices the compiled loss has which part of the batch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def loss(self, network, pictures, key):
        jax.debug.inspect_array_sharding(pictures, callback=self.seen.append)
        return super().loss(network, pictures, key)


def on_the_first(make, *given):
    with patch.object(jax, "local_devices", lambda: jax.devices()[:1]):
        return make(*given)


def values(tree):
    return {name: np.array(leaf) for name, leaf in named_leaves(tree).items()}


def main(devices, folder):
    assert len(jax.devices()) == devices
    pictures = np.stack(standin.smooth_pictures(SETTINGS.batch, 8, 5))
    task, (state, fixed) = Watched(), initial_state(standin.untrained(), SETTINGS)
    spread = make_step(task, SETTINGS, fixed)
    alone = on_the_first(make_step, task, SETTINGS, fixed)
    for step in range(STEPS):
        given = jnp.asarray(pictures), jnp.float32(0.01 / (1 + step))
        found, loss = spread(jax.tree.map(jnp.copy, state), *given)
        state, expected_loss = alone(state, *given)
        # 504 terms of float32 in another order.
        np.testing.assert_allclose(loss, expected_loss, rtol=504 * 2.0**-24)
        for name, leaf in values(found).items():
            # As for AdamW in NumPy: rate 0.01, gradients good to about 1e-5.
            np.testing.assert_allclose(leaf, values(state)[name], rtol=1e-5, atol=2e-6)
        for leaf in jax.tree.leaves(found):
            assert leaf.sharding.is_fully_replicated
            assert len(leaf.sharding.device_set) == devices
    part = (SETTINGS.batch // devices, *pictures.shape[1:])
    first, second = task.seen
    assert (len(first.device_set), first.shard_shape(pictures.shape)) == (devices, part)
    assert len(second.device_set) == 1

    # One more picture than devices can share: the first device has them all.
    odd = replace(SETTINGS, batch=SETTINGS.batch + 1)
    state, _ = initial_state(standin.untrained(), odd)
    state, _ = make_step(task, odd, fixed)(state, jnp.zeros((5, 8, 8, 3), jnp.uint8), given[1])
    assert len(task.seen[-1].device_set) == 1

    tests = np.concatenate([pictures, pictures[:2]])
    network = standin.untrained()
    bits = make_bound(task, SETTINGS, tests)(network)
    expected = on_the_first(make_bound, task, SETTINGS, tests)(network)
    np.testing.assert_allclose(bits, expected, rtol=168 * 2.0**-24)

    whole = replace(SETTINGS, steps=3)
    sources = [standin.source()], [standin.source(seed=1)]
    for resume in (False, True):
        run_training(
            standin.Standin(), whole, *sources, folder, configuration="standin", resume=resume
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
