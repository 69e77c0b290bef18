"""The weights that come with the package."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory.codecs.codec import Target
from rdtheory.codecs.diffc.codec import DiffC
from rdtheory.codecs.diffc.configs import CONFIGS
from rdtheory.codecs.diffc.models import DEFAULTS, model_named
from rdtheory.codecs.diffc.network import Denoiser
from rdtheory.codecs.diffc.variational_bound import Bound
from rdtheory.codecs.media import Picture, Sound
from simulations.photographs import grace_hopper


@pytest.fixture(scope="module")
def pictures():
    """Parts of a photograph of which the model has seen nothing."""
    whole = grace_hopper(256)
    places = [(row, column) for row in (0, 96, 192) for column in (0, 96, 192)]
    return np.stack([whole[r : r + 64, c : c + 64] for r, c in places])


def test_its_bound_is_below_the_gaussian_model_s(pictures):
    """The same noise for both; on held-out photographs it is 1.3 bits a dimension (its card)."""
    with jax.enable_x64(False):
        untrained = Denoiser(CONFIGS["small"], jax.random.key(0, impl="rbg"))
        bound = Bound((64, 64, 3))
        bits = eqx.filter_jit(lambda network, key: bound.bits_per_dim(network, batch, key))
        batch = jnp.asarray(np.repeat(pictures, 4, axis=0))
        key = jax.random.key(1, impl="rbg")
        gaussian, trained = (
            bits(one, key).mean() for one in (untrained, model_named("small").network)
        )
    assert gaussian - trained > 0.6


def test_it_is_the_default_and_the_best_in_quality(pictures):
    picture = Picture(pictures[4])
    errors = {}
    for name in ("default", "gaussian"):
        codec = DiffC(name)
        data = codec.encode(picture, Target("bpp", 1.0)).data
        errors[name] = np.mean((codec.decode(data).values - picture.values) ** 2)
    # Half a decibel: on 64 x 64 photographs it is one to two at this rate.
    assert errors["default"] < errors["gaussian"] / 10**0.05
    assert DEFAULTS["picture"] == "small"


def test_sounds_have_a_default_of_their_own():
    sound = Sound((3000 * np.sin(0.05 * np.arange(2000))).astype(np.int16), 8000)
    data = DiffC().encode(sound, Target("bytes", 300)).data
    assert DiffC().decode(data).samples.shape == (2000,)


def test_a_stream_names_it(pictures):
    data = DiffC().encode(Picture(pictures[0]), Target("bytes", 100)).data
    assert DiffC().describe(data)["model"] == model_named("small").fingerprint
    # Whatever model a decoder was made with: the package's models are found by the stream.
    assert DiffC("gaussian").decode(data).pixels.shape == (64, 64, 3)
