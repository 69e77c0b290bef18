"""The variational model: untrained the Gaussian one, and its streams survive other machines."""

import os
import subprocess
import sys
from dataclasses import asdict
from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from rdtheory.codecs.codec import Target
from rdtheory.codecs.diffc.codec import DiffC
from rdtheory.codecs.diffc.configs import CONFIGS, DenoiserConfig
from rdtheory.codecs.diffc.cosine_field import COLOURS, CosineBasis, picture_spectrum
from rdtheory.codecs.diffc.error_table import ErrorTable, measured
from rdtheory.codecs.diffc.network import Denoiser, _to_channels, _to_pixels
from rdtheory.codecs.diffc.stationary import CosinePrior
from rdtheory.codecs.diffc.task import DiffcTask
from rdtheory.codecs.diffc.variational import VariationalModel
from rdtheory.codecs.diffc.variational_bound import NOISE_LEAST, NOISE_MOST, Bound
from rdtheory.codecs.media import Picture
from rdtheory.codecs.training.config import config_from
from rdtheory.codecs.training.weights import save_weights
from rdtheory.container import StreamError
from rdtheory.errors import InputError

FLAT = ErrorTable(np.ones((24, 11, 3)))


@pytest.fixture(autouse=True, scope="module")
def _single_precision():
    with jax.enable_x64(False):
        yield


@pytest.fixture(scope="module")
def untrained():
    return Denoiser(CONFIGS["tiny"], jax.random.key(0, impl="rbg"))


@pytest.fixture(scope="module")
def random(untrained):
    """A network whose last layer is not zero, as after training."""
    weight = 0.01 * jax.random.normal(jax.random.key(1, impl="rbg"), untrained.leave.weight.shape)
    return eqx.tree_at(lambda n: n.leave.weight, untrained, weight)


def drawn(shape, seed=0):
    rng = np.random.default_rng(seed)
    components = rng.normal(size=(1, np.prod(shape))) * np.sqrt(picture_spectrum(shape))
    return Picture.from_values(CosineBasis(shape).from_components(components))


@pytest.mark.parametrize("shape", [(16, 16, 3), (7, 10, 3), (1, 1, 3), (9, 6, 1)])
@pytest.mark.parametrize("noise", [NOISE_LEAST, 1e-3, 1.0, 19.0, 1e3, np.inf])
def test_untrained_it_is_the_gaussian_model(untrained, shape, noise):
    prior = VariationalModel(untrained, FLAT, 7).prior(shape)
    gaussian = CosinePrior(shape, picture_spectrum(shape))
    t = np.full(gaussian.eigenvalues.shape, noise)
    y = 2 * np.random.default_rng(0).normal(size=(1, t.size))
    # The network works in single precision.
    np.testing.assert_allclose(prior.denoise(y, t), gaussian.denoise(y, t), rtol=0, atol=2e-5)
    np.testing.assert_allclose(prior.errors(t), gaussian.errors(t), rtol=1e-12)


def test_untrained_the_bound_is_the_exact_cost_of_the_gaussian_model(untrained):
    # 1,024 draws of one level each, evenly spread over ln t. The part that is drawn, ½ ∫ mse d(1/t)
    # over all levels, is known by quadrature; and first + diffusion is KL(N(x, t) ‖ N(0, λ + t)).
    shape = (4, 4, 3)
    picture = drawn(shape).pixels
    bound, spectrum = Bound(shape), picture_spectrum(shape)
    batch = jnp.asarray(np.broadcast_to(picture, (1024, *shape)))
    found = np.asarray(bound.bits_per_dim(untrained, batch, jax.random.key(3, impl="rbg")))
    x = CosineBasis(shape).to_components(picture / 127.5 - 1)[0]
    total = spectrum + NOISE_LEAST
    nats = 0.5 * (x**2 / total + NOISE_LEAST / total - 1 + np.log(total / NOISE_LEAST))
    last = expected_last_nats()
    exact = (nats.mean() + last) / np.log(2)
    # False alarm 1e-9 if the mean is normal; the even spread makes its error smaller still.
    assert abs(found.mean() - exact) < 6 * found.std() / np.sqrt(1024)


@pytest.mark.parametrize("emphasis", [0.5, 1.0])
def test_weighted_noise_levels_count_by_the_wiener_filter_s_error(untrained, emphasis):
    shape = (4, 4, 3)
    picture, spectrum = drawn(shape).pixels, picture_spectrum(shape)
    batch = jnp.asarray(np.broadcast_to(picture, (1024, *shape)))
    key = jax.random.key(3, impl="rbg")
    found = np.asarray(Bound(shape).bits_per_dim(untrained, batch, key, emphasis))
    x2 = CosineBasis(shape).to_components(picture / 127.5 - 1)[0] ** 2

    def over_levels(value):
        return np.trapezoid([value(t) for t in levels], np.log(levels))

    def wiener(t):
        return np.mean(spectrum * t / (spectrum + t))

    def own(t):
        return np.mean((t**2 * x2 + spectrum**2 * t) / (spectrum + t) ** 2)

    levels = np.geomspace(NOISE_LEAST, NOISE_MOST, 4001)
    p = emphasis
    usual, even = (over_levels(lambda t, q=q: (wiener(t) / t) ** q) for q in (1, 1 - p))
    diffusion = usual / even * over_levels(lambda t: own(t) / t * (wiener(t) / t) ** -p) / 2
    total = spectrum + NOISE_MOST
    first = np.mean(x2 / total + NOISE_MOST / total - 1 + np.log(total / NOISE_MOST)) / 2
    exact = (first + diffusion + expected_last_nats()) / np.log(2)
    # False alarm 1e-9; the weights are made of 128 levels, which is 1e-3 off.
    assert abs(found.mean() - exact) < 6 * found.std() / np.sqrt(1024) + 2e-3 * exact


def expected_last_nats():
    """E -ln P(pixel | y) of a pixel far from 0 and 255, by quadrature over the noise."""
    sigma, offsets = 127.5 * np.sqrt(NOISE_LEAST), np.arange(-9, 10)

    def surprise(n):
        logs = stats.norm.logpdf(n - offsets / sigma)
        return stats.norm.pdf(n) * (np.logaddexp.reduce(logs) - stats.norm.logpdf(n))

    return integrate.quad(surprise, -9, 9, limit=200)[0]


@pytest.mark.parametrize("name", CONFIGS)
def test_every_configuration_can_be_built(name):
    network = eqx.filter_eval_shape(Denoiser, CONFIGS[name], jax.random.key(0, impl="rbg"))
    count = sum(leaf.size for leaf in jax.tree.leaves(network) if hasattr(leaf, "size"))
    # Two bytes a parameter: what is shipped stays below 12 and 20 MB.
    assert count < {"tiny": 1e5, "small": 5e6, "unet64": 9e6, "vdm64": 1e9}[name]


def test_attention_and_levels_work_together(random):
    config = CONFIGS["unet64"].__class__(2, (8, 8, 8), (1, 1, 1), attention=True, crop=16)
    network = Denoiser(config, jax.random.key(0, impl="rbg"))
    y = jax.random.normal(jax.random.key(1, impl="rbg"), (3, 11, 5))
    assert network(y, y, jnp.float32(0.1), jnp.float32(0.05)).shape == (3, 11, 5)


@pytest.mark.parametrize("side", [1, 2, 4])
def test_pixels_to_channels_and_back(side):
    x = np.arange(3 * 8 * 4.0).reshape(3, 8, 4)
    there = _to_channels(x, side)
    assert there.shape == (3 * side**2, 8 // side, 4 // side)
    assert (np.asarray(_to_pixels(there, side)) == x).all()
    # Channel (c, i, j) at position (k, l) is pixel (k side + i, l side + j) of plane c.
    assert there[-1, 0, 0] == x[2, side - 1, side - 1]


def test_it_is_convolutional(random):
    # Far from the borders a shift by the network's reach shifts what it makes of a picture.
    reach = CONFIGS["tiny"].reach
    y = jax.random.normal(jax.random.key(2, impl="rbg"), (3, 96, 96))
    inputs = jnp.float32(0.1), jnp.float32(0.05)
    here = random(y, 0.5 * y, *inputs)
    there = random(jnp.roll(y, reach, axis=1), jnp.roll(0.5 * y, reach, axis=1), *inputs)
    middle = slice(40, 56)
    np.testing.assert_allclose(
        there[:, 40 + reach : 56 + reach, middle], here[:, middle, middle], atol=1e-4
    )


def test_grey_is_luma_of_a_colourless_picture(random):
    # The grey prior asks the network for a coloured picture with known noise in its chromas.
    shape, t = (12, 12, 1), 0.01
    prior = VariationalModel(random, FLAT, 7).prior(shape)
    y = np.random.default_rng(1).normal(size=(1, 144))
    found = prior.from_components(prior.denoise(y, np.full(144, t)))
    assert found.shape == shape
    gaussian = CosinePrior(shape, picture_spectrum(shape))
    plain = gaussian.from_components(gaussian.denoise(y, np.full(144, t)))
    assert 0 < np.abs(found - plain).max() < 0.5
    assert (COLOURS[0] == COLOURS[0][0]).all()


def test_table_of_a_gaussian_is_one():
    # 64 pictures of the model itself; every entry averages at least a few hundred squares.
    shape = (32, 32, 3)
    pictures = np.stack([drawn(shape, seed).pixels for seed in range(64)])
    spectrum, basis = picture_spectrum(shape), CosineBasis(shape)

    def wiener(y, t):
        gain = spectrum / (spectrum + t)
        return np.stack([basis.from_components(gain * basis.to_components(one)[0]) for one in y])

    ratios = measured(wiener, pictures, np.random.default_rng(0)).ratios
    # Clipping to 0 .. 255 takes power from the lowest frequencies.
    assert np.abs(np.log(ratios[:, 4:])).max() < 0.4
    assert np.abs(np.log(ratios)).mean() < 0.1


def test_table_interpolates_and_ends():
    rng = np.random.default_rng(2)
    table = ErrorTable(np.exp(0.3 * rng.normal(size=(24, 11, 3))))
    shape, ones = (5, 6, 3), np.ones(90)
    for noise in (NOISE_LEAST / 9, NOISE_LEAST, 1e-2, NOISE_MOST):
        found = table.errors(shape, ones, noise) * (1 + noise) / noise
        assert (
            table.ratios.min() * 0.999 <= found.min() <= found.max() <= table.ratios.max() * 1.001
        )
    for t, s in pairwise(np.geomspace(NOISE_LEAST, NOISE_MOST, 200)):
        near = table.errors(shape, ones, t) / table.errors(shape, ones, s)
        assert np.abs(np.log(near)).max() < 0.5


@pytest.mark.parametrize(
    "bad", [np.ones((24, 11)), np.full((24, 11, 3), np.nan), np.zeros((24, 11, 3))]
)
def test_bad_tables_are_refused(bad):
    with pytest.raises(StreamError):
        ErrorTable(bad)


@pytest.fixture(scope="module")
def weights(tmp_path_factory, random):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    tables = {"errors": FLAT.ratios.astype(np.float32)}
    save_weights(path, random, asdict(CONFIGS["tiny"]), tables, {}, task="diffc")
    return path


def test_a_stream_decodes_on_another_machine(weights, tmp_path):
    # Another instruction set, another rounding of the network; the stream's bits mean the same.
    picture = drawn((24, 20, 3))
    sent = DiffC(weights).encode(picture, Target("bytes", 300))
    (tmp_path / "stream").write_bytes(sent.data)
    program = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from rdtheory.codecs.diffc.codec import DiffC\n"
        "_, _, state = DiffC(Path(sys.argv[1])).receive(Path(sys.argv[2]).read_bytes())\n"
        "np.save(sys.argv[3], state.belief.observed)\n"
    )
    arguments = [str(weights), str(tmp_path / "stream"), str(tmp_path / "out.npy")]
    flags = {"XLA_FLAGS": "--xla_cpu_max_isa=AVX", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX2 FMA3"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        env=os.environ | flags,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    here = DiffC(weights).receive(sent.data)[2].belief.observed
    there = np.load(tmp_path / "out.npy")
    gap = np.abs(here - there).max()
    assert 0 < gap < 1e-3 * np.abs(here).max()


def test_a_prefix_without_a_message_is_a_drawn_picture(weights):
    picture = drawn((24, 20, 3))
    sent = DiffC(weights).encode(picture, Target("bytes", 300))
    header = sent.data[: sent.data.index(b"}") + 5]
    for how in ("ancestral", "flow"):
        assert DiffC(weights).decode(header, reconstruction=how).pixels.std() > 10
    assert DiffC(weights).decode(header, reconstruction="mmse").pixels.std() < 2


def test_wrong_files_sounds_and_noises_are_refused(weights, tmp_path):
    other = tmp_path / "other.safetensors"
    other.write_bytes(weights.read_bytes()[:-40])
    with pytest.raises(StreamError):
        VariationalModel.from_file(other)
    with pytest.raises(InputError, match="gaussian"):
        VariationalModel.from_file(weights).prior((100,))
    with pytest.raises(InputError, match="isotropic"):
        DiffC(weights, noise="a-star").encode(drawn((8, 8, 3)), Target("bytes", 300))


def test_finishing_measures_a_table(untrained):
    task = DiffcTask(CONFIGS["tiny"])
    pictures = np.stack([drawn((16, 16, 3), seed).pixels for seed in range(20)])
    table = task.finish(untrained, pictures)["errors"]
    assert ErrorTable(table.astype(float)).ratios.shape == (24, 11, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patch", 0),
        ("crop", 1.5),
        ("widths", [8]),
        ("widths", [8, 0]),
        ("blocks", [1, 10**9]),
        ("blocks", [1, -1]),
        ("emphasis", 1.1),
        ("emphasis", "much"),
    ],
)
def test_configurations_out_of_range_are_refused(field, value):
    """A file of weights brings its configuration along, and may be forged."""
    told = asdict(CONFIGS["tiny"]) | {field: value}
    with pytest.raises(InputError):
        config_from(DenoiserConfig, told)
