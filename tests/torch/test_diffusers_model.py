"""The adapter for diffusers against diffusers' own schedulers, on tiny random pipelines."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from diffusers import DDIMPipeline, DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import load_file, save_file

from rdtheory.codecs.codec import Target
from rdtheory.codecs.diffc.codec import DiffC
from rdtheory.codecs.diffc.cosine_field import picture_spectrum
from rdtheory.codecs.diffc.diffusers_model import DiffusersModel
from rdtheory.codecs.media import Picture
from rdtheory.container import StreamError
from rdtheory.errors import InputError

SHAPE = (16, 16, 3)
COLOUR = {
    "sample_size": 16,
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
}
GREY_CONVOLUTIONAL = {
    **COLOUR,
    "sample_size": (8, 8),
    "in_channels": 1,
    "out_channels": 1,
    "down_block_types": ("DownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "UpBlock2D"),
    "add_attention": False,
}
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
CONFIG = "unet/config.json"
SCHEDULE = "scheduler/scheduler_config.json"


@pytest.fixture
def saved(tmp_path):
    """Saves a random pipeline and returns its folder."""

    def save(config=COLOUR, scheduler=None, kind=DDPMPipeline, **more):
        torch.manual_seed(0)
        kind(
            unet=UNet2DModel(**{**config, **more}), scheduler=scheduler or DDPMScheduler()
        ).save_pretrained(tmp_path)
        return tmp_path

    return save


def observed(prior, noise, seed=0):
    """A picture of the Gaussian model, through the channel: components of shape (1, M)."""
    normals = np.random.default_rng(seed).normal(size=(2, 1, prior.eigenvalues.size))
    return normals[0] * prior.eigenvalues**0.5 + normals[1] * noise**0.5


def isotropic(prior, noise):
    return np.full(prior.eigenvalues.shape, noise)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("schedule", ["linear", "squaredcos_cap_v2"])
def test_the_posterior_mean_is_what_diffusers_own_scheduler_makes_of_it(
    saved, prediction, schedule
):
    scheduler = DDPMScheduler(prediction_type=prediction, beta_schedule=schedule)
    folder = saved(scheduler=scheduler)
    model, unet = DiffusersModel(folder), UNet2DModel.from_pretrained(folder / "unet")
    prior = model.prior(SHAPE)
    for k in (0, 1, 500, 900):
        noise = model.network.noise_variances[k]
        y = observed(prior, noise, seed=k)
        z = prior.from_components(y) / (1 + noise) ** 0.5
        sample = torch.tensor(z.transpose(2, 0, 1)[None], dtype=torch.float32)
        with torch.no_grad():
            output = unet(sample, torch.tensor(k)).sample
        step = scheduler.step(output, k, sample, generator=torch.manual_seed(0))
        expected = step.pred_original_sample[0].numpy().transpose(1, 2, 0)
        mean = prior.from_components(prior.denoise(y, isotropic(prior, noise)))
        # float32 there and in the networks' inputs, magnified by 1/α; ᾱ of float32 products.
        np.testing.assert_allclose(mean, expected, atol=3e-5 * (1 + noise) ** 0.5)
        assert np.ptp(expected) > 0.1


@pytest.mark.parametrize(
    "scheduler",
    [
        DDPMScheduler(),
        DDIMScheduler(beta_schedule="squaredcos_cap_v2"),
        DDIMScheduler(beta_schedule="scaled_linear", num_train_timesteps=50),
        DDPMScheduler(trained_betas=[0.1, 0.2, 0.3]),
        DDIMScheduler(rescale_betas_zero_snr=True, prediction_type="v_prediction"),
    ],
)
def test_noise_variances_are_those_of_the_scheduler(saved, scheduler):
    network = DiffusersModel(saved(scheduler=scheduler, kind=DDIMPipeline)).network
    signal = scheduler.alphas_cumprod.numpy().astype(float)
    signal = signal[signal > 0]
    # A float32 product of up to 1000 numbers.
    np.testing.assert_allclose(1 / (1 + network.noise_variances), signal, rtol=1000 * 2**-24)
    for k, noise in enumerate(network.noise_variances):
        assert network.timestep(noise) == pytest.approx(k, abs=1e-9)


def test_between_two_timesteps_the_network_is_asked_for_a_fraction(saved, monkeypatch):
    prior = (model := DiffusersModel(saved())).prior(SHAPE)
    asked = []
    forward = UNet2DModel.forward

    def spy(self, sample, timestep):
        asked.append(float(timestep))
        return forward(self, sample, timestep)

    monkeypatch.setattr(UNet2DModel, "forward", spy)
    low, high = model.network.noise_variances[[300, 301]]
    for noise in (low, (low * high) ** 0.5, high):
        prior.denoise(observed(prior, noise), isotropic(prior, noise))
    np.testing.assert_allclose(asked, [300, 300.5, 301], atol=1e-4)


def test_below_the_smallest_noise_its_score_is_used(saved):
    prior = (model := DiffusersModel(saved())).prior(SHAPE)
    smallest = model.network.noise_variances[0]
    y = observed(prior, 0.0)
    score = (prior.denoise(y, isotropic(prior, smallest)) - y) / smallest
    for noise in (smallest / 1e6, smallest / 3):
        mean = prior.denoise(y, isotropic(prior, noise))
        np.testing.assert_allclose(mean, y + noise * score, atol=1e-12)


def test_above_the_largest_noise_the_estimate_is_wiener_and_zero_at_the_end(saved):
    prior = (model := DiffusersModel(saved())).prior(SHAPE)
    noise = 1.01 * model.network.noise_variances[-1]
    y = observed(prior, noise)
    eigenvalues = picture_spectrum(SHAPE)
    np.testing.assert_allclose(
        prior.denoise(y, isotropic(prior, noise)), y * eigenvalues / (eigenvalues + noise)
    )
    assert (prior.denoise(np.full_like(y, np.nan), isotropic(prior, np.inf)) == 0).all()


def test_two_loads_give_the_same_bytes(saved):
    folder = saved()
    first, second = DiffusersModel(folder), DiffusersModel(folder)
    assert first.fingerprint == second.fingerprint
    y = observed(first.prior(SHAPE), 1.0)
    means = [m.prior(SHAPE).denoise(y, np.ones(y.size)).tobytes() for m in (first, second)]
    assert means[0] == means[1]


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, SCHEDULE])
def test_every_file_that_matters_is_in_the_fingerprint(saved, name):
    folder = saved()
    before = DiffusersModel(folder).fingerprint
    path = folder / name
    if name == WEIGHTS:
        weights = load_file(path)
        weights["conv_in.bias"][0] += 2**-10
        save_file(weights, path)
    else:
        path.write_text(path.read_text() + "\n")
    assert DiffusersModel(folder).fingerprint != before


def test_all_parts_in_one_folder_are_found(saved):
    folder = saved()
    before = DiffusersModel(folder)
    for part in ("unet", "scheduler"):
        for path in (folder / part).iterdir():
            path.rename(folder / path.name)
        (folder / part).rmdir()
    assert DiffusersModel(folder).fingerprint == before.fingerprint


@pytest.mark.parametrize(
    "config",
    [
        COLOUR,
        {**COLOUR, "up_block_types": ("UpBlock2D",) * 2, "down_block_types": ("DownBlock2D",) * 2},
    ],
    ids=["in blocks", "in the middle"],
)
def test_a_network_with_attention_knows_its_own_size_alone(saved, config):
    model = DiffusersModel(saved(config))
    for shape in [(32, 32, 3), (16, 16, 1), (16, 16), (256,), (16, 18, 3)]:
        with pytest.raises(InputError, match=r"\(16, 16, 3\)"):
            model.prior(shape)


def test_a_convolutional_network_knows_multiples_of_its_factor(saved):
    model = DiffusersModel(saved(GREY_CONVOLUTIONAL))
    prior = model.prior((4, 10, 1))
    values = np.random.default_rng(0).uniform(-1, 1, size=(4, 10, 1))
    components = prior.to_components(values)
    assert components.shape == prior.denoise(components, np.ones(40)).shape == (1, 40)
    np.testing.assert_allclose(prior.from_components(components), values, atol=1e-14)
    for shape in [(4, 5, 1), (4, 10, 3), (0, 2, 1), (8, 8), (64,)]:
        with pytest.raises(InputError, match="multiples of 2"):
            model.prior(shape)


def test_noise_that_differs_between_components_is_refused(saved):
    prior = DiffusersModel(saved()).prior(SHAPE)
    noises = isotropic(prior, 1.0)
    y = observed(prior, 1.0)
    prior.denoise(y, noises * (1 + 1e-9 * np.sign(y[0])))
    for other in (np.inf, 1.01):
        noises[5] = other
        for act in (prior.denoise, lambda y, t: prior.reconstruct("mmse", y, t, np.zeros)):
            with pytest.raises(InputError, match="one for all components"):
                act(y, noises)


def change(name, **values):
    def edit(folder):
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**content, **values}))

    return edit


def drop_a_weight(folder):
    weights = load_file(folder / WEIGHTS)
    del weights["conv_out.bias"]
    save_file(weights, folder / WEIGHTS)


def cut(name, size):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def remove(name):
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (remove("model_index.json"), "pretrained pipeline"),
        (cut("model_index.json", 20), "JSON"),
        (change("model_index.json", _class_name="LDMPipeline"), "DDPMPipeline or DDIMPipeline"),
        (change("model_index.json", unet=["diffusers", "UNet2DConditionModel"]), "UNet2DModel"),
        (change("model_index.json", unet=["os", "system"]), "UNet2DModel"),
        (remove(WEIGHTS), "a pipeline that loads"),
        (cut(WEIGHTS, 1000), "a pipeline that loads"),
        (cut(WEIGHTS, -1), "a pipeline that loads"),
        (cut(WEIGHTS, 0), "a pipeline that loads"),
        (drop_a_weight, "conv_out.bias"),
        (remove(CONFIG), "a pipeline that loads"),
        (cut(CONFIG, 30), "a pipeline that loads"),
        (change(CONFIG, block_out_channels=[8, 32]), "a pipeline that loads"),
        (change(CONFIG, down_block_types=["Nonsense", "DownBlock2D"]), "a pipeline that loads"),
        (remove(SCHEDULE), "scheduler_config"),
        (cut(SCHEDULE, 30), "scheduler_config"),
        (change(SCHEDULE, prediction_type="score"), "epsilon, v_prediction, sample"),
        (change(SCHEDULE, prediction_type=["epsilon"]), "epsilon, v_prediction, sample"),
        (cut(SCHEDULE, 0), "scheduler_config"),
        (lambda folder: (folder / SCHEDULE).write_text("{}"), "no beta_schedule"),
        (lambda folder: (folder / SCHEDULE).write_text("[]"), "a JSON object"),
        (change(SCHEDULE, beta_schedule="nonsense"), "a pipeline that loads"),
        (change(SCHEDULE, num_train_timesteps="many"), "a pipeline that loads"),
        (change(SCHEDULE, num_train_timesteps=0), "at least"),
        (change(SCHEDULE, trained_betas=[0.1, -0.1]), "betas"),
        (change(SCHEDULE, trained_betas=[1.0]), "at least"),
    ],
)
def test_a_damaged_or_foreign_pipeline_is_one_line(saved, damage, says):
    folder = saved()
    damage(folder)
    with pytest.raises(InputError, match=re.escape(says)) as error:
        DiffusersModel(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"num_class_embeds": 10}, "num_class_embeds"),
        ({"class_embed_type": "timestep"}, "class_embed_type"),
        ({"time_embedding_type": "fourier"}, "time_embedding_type"),
        ({"in_channels": 4, "out_channels": 4}, "in_channels"),
        ({"out_channels": 6}, "out_channels"),
    ],
)
def test_networks_of_another_kind_are_refused(saved, config, says):
    folder = saved(**config)
    with pytest.raises(InputError, match=f"{says} of the network"):
        DiffusersModel(folder)


def test_errors_are_those_of_the_wiener_filter(saved):
    prior = DiffusersModel(saved()).prior(SHAPE)
    eigenvalues = picture_spectrum(SHAPE)
    np.testing.assert_allclose(
        prior.errors(isotropic(prior, 0.3)), eigenvalues * 0.3 / (eigenvalues + 0.3)
    )
    np.testing.assert_array_equal(prior.errors(isotropic(prior, np.inf)), eigenvalues)


def test_reconstructions_ask_the_network(saved):
    prior = DiffusersModel(saved(), steps=5).prior(SHAPE)
    noises, y = isotropic(prior, 0.5), observed(prior, 0.5)
    made = {
        how: prior.reconstruct(how, y, noises, np.random.default_rng(0).standard_normal)
        for how in ("mmse", "flow", "ancestral")
    }
    np.testing.assert_array_equal(made["mmse"], prior.denoise(y, noises))
    for how, again in made.items():
        assert again.shape == y.shape
        assert np.isfinite(again).all()
        other = prior.reconstruct(how, y, noises, np.random.default_rng(1).standard_normal)
        assert np.array_equal(other, again) == (how != "ancestral")


def test_before_anything_arrived_the_pipeline_makes_a_picture_of_its_own(saved):
    prior = (model := DiffusersModel(saved(), steps=5)).prior(SHAPE)
    nothing, never = np.full((1, 768), np.nan), isotropic(prior, np.inf)
    largest = model.network.noise_variances[-1]
    for how in ("flow", "ancestral"):
        rng, same_rng = np.random.default_rng(3), np.random.default_rng(3)
        made = prior.reconstruct(how, nothing, never, rng.standard_normal)
        noise = same_rng.standard_normal((1, 768)) * (1 + largest) ** 0.5
        expected = prior.reconstruct(
            how, noise, isotropic(prior, largest), same_rng.standard_normal
        )
        np.testing.assert_array_equal(made, expected)
    assert (prior.reconstruct("mmse", nothing, never, np.zeros) == 0).all()


def test_a_picture_travels_with_a_pipeline_as_the_model(saved):
    folder = saved(scheduler=DDPMScheduler(prediction_type="v_prediction"))
    # Near v = 0, which is x̂ = y/(1 + t): a denoiser that knows nothing, but does no harm.
    weights = load_file(folder / WEIGHTS)
    weights["conv_out.weight"] *= 0.1
    save_file(weights, folder / WEIGHTS)

    codec = DiffC(DiffusersModel(folder, steps=5))
    ramp = np.linspace(20, 230, 16)[:, None, None] + np.linspace(-15, 15, 16)[:, None]
    picture = Picture((ramp + np.array([0, 5, -5])).round().astype(np.uint8))
    sent = codec.encode(picture, Target("bytes", 600)).data
    assert len(sent) <= 600

    elsewhere = DiffC(DiffusersModel(folder, steps=5))
    for how in ("flow", "ancestral", "mmse"):
        decoded = codec.decode(sent, reconstruction=how).pixels
        np.testing.assert_array_equal(elsewhere.decode(sent, reconstruction=how).pixels, decoded)
        # One colour for all pixels would have 12 dB.
        assert 10 * np.log10(255**2 / np.mean((decoded - picture.pixels.astype(float)) ** 2)) > 18

    sizes = range(0, len(sent), 50)
    shapes = []
    for size in sizes:
        try:
            shapes.append(codec.decode(sent[:size]).pixels.shape)
        except StreamError:
            assert not shapes, "a longer prefix holds no less"
    assert len(shapes) >= len(sizes) - 2
    assert set(shapes) == {SHAPE}

    change(SCHEDULE, beta_end=0.021)(folder)
    with pytest.raises(StreamError, match="model"):
        DiffC(DiffusersModel(folder)).decode(sent)


def test_importing_the_module_does_not_import_pytorch():
    code = "import rdtheory.codecs.diffc.diffusers_model, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
