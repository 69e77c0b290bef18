"""The transforms' strided convolutions are the ones that their weights are stored as."""

import equinox as eqx
import jax
import numpy as np
import pytest

from rdtheory.codecs.m2t.autoencoder import Doubling, Halving

KEY, DATA = jax.random.split(jax.random.key(3))


@pytest.mark.parametrize("kind", [Halving, Doubling])
@pytest.mark.parametrize("sides", [(2, 2), (6, 4), (10, 16)])
def test_values_and_gradients_are_those_of_the_strided_convolution(kind, sides):
    """In float64: sums of at most 5 x 5 x 3 products of numbers below 10, in another order."""
    layer = kind(3, 4, KEY)
    x = jax.random.normal(DATA, (3, *sides))

    def loss(conv, x, through):
        return (through(conv, x) ** 3).sum()

    def ours(conv, x):
        return eqx.tree_at(lambda one: one.conv, layer, conv)(x)

    def theirs(conv, x):
        return conv(x)

    np.testing.assert_allclose(layer(x), layer.conv(x), rtol=0, atol=1e-12)
    found, wanted = (jax.grad(loss, (0, 1))(layer.conv, x, one) for one in (ours, theirs))
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
