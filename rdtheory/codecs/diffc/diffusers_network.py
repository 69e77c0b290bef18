"""A pretrained pixel network of the package `diffusers` (PyTorch), read from a folder.

Such a network was trained on Z = α X + σ N at timesteps k, with α² = Π (1 - β_j), j <= k, and
σ² = 1 - α² (Ho et al. 2020, arXiv 2006.11239). That is the observation Y = X + N(0, t) in other
units, Z = Y/√(1 + t), with

    t_k = σ²/α² = Π 1/(1 - β_j) - 1.

The timestep of any other t is interpolated in ln t, the negative log-SNR: networks whose timestep
is embedded by sines take fractions of one. From the network's output e, the posterior mean is

    epsilon         x̂ = y - √t e
    v_prediction    x̂ = y/(1 + t) - √(t/(1 + t)) e      (Salimans, Ho 2022, arXiv 2202.00512)
    sample          x̂ = e,

cut to -1 .. 1, where every mean of pictures lies.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np

from rdtheory.arrays import Array, check
from rdtheory.errors import InputError

POSTERIOR_MEANS: Mapping[str, Callable[[Array, float, Array], Array]] = MappingProxyType(
    {
        "epsilon": lambda y, t, output: y - np.sqrt(t) * output,
        "v_prediction": lambda y, t, output: y / (1 + t) - np.sqrt(t / (1 + t)) * output,
        "sample": lambda y, t, output: output,
    }
)
"""x̂ from y, t and the network's output, by what it predicts."""

_PIPELINES = ("DDPMPipeline", "DDIMPipeline")
_NETWORK = ["diffusers", "UNet2DModel"]
_SCHEDULE = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "trained_betas",
    "prediction_type",
    "rescale_betas_zero_snr",
)


@dataclass(frozen=True, eq=False)
class PretrainedNetwork:
    """A UNet and what its numbers mean: see the module for the formulas.

    Attributes:
        unet: the network, for evaluation, in float32.
        noise_variances: t_k of its timesteps, rising and finite, shape (K,).
        prediction: "epsilon", "v_prediction" or "sample".
    """

    unet: Any
    noise_variances: Array
    prediction: str

    def denoise(self, values: Array, noise_variance: float) -> Array:
        """x̂ from y, values of shape (h, w, c), at a t in the network's range."""
        noisy = values / np.sqrt(1 + noise_variance)
        output = self._output(noisy, self.timestep(noise_variance))
        return np.clip(POSTERIOR_MEANS[self.prediction](values, noise_variance, output), -1, 1)

    def timestep(self, noise_variance: float) -> float:
        """k, fractional, of a noise variance t.

        >>> network = PretrainedNetwork(None, np.array([0.01, 0.04, 1.0]), "epsilon")
        >>> round(network.timestep(0.02), 12), round(network.timestep(0.2), 12)
        (0.5, 1.5)
        """
        levels = self.noise_variances
        return float(np.interp(np.log(noise_variance), np.log(levels), np.arange(len(levels))))

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Whether the network knows pictures of a shape (h, w, c).

        One with attention was trained for one size alone; another takes all multiples of its
        downsampling factor.

        Raises:
            InputError: if not.
        """
        config = self.unet.config
        trained, channels = _both_sides(config.sample_size), config.in_channels
        factor = 2 ** (len(config.block_out_channels) - 1)
        if trained and _attends(config):
            fits, allowed = tuple(shape) == (*trained, channels), str((*trained, channels))
        else:
            fits = len(shape) == 3 and shape[2] == channels
            fits = fits and all(side > 0 and side % factor == 0 for side in shape[:2])
            allowed = f"(h, w, {channels}) with multiples of {factor}"
        if not fits:
            raise InputError("shape of the picture", shape, f"{allowed} for this network")

    def _output(self, noisy: Array, timestep: float) -> Array:
        import torch  # pyright: ignore[reportMissingImports]

        planes = torch.tensor(np.moveaxis(noisy, -1, 0)[None], dtype=torch.float32)
        with torch.inference_mode():
            output = self.unet(planes, torch.tensor(timestep)).sample
        return np.moveaxis(output[0].numpy(), 0, -1).astype(np.float64)


@dataclass(frozen=True)
class PipelineFiles:
    """The files of a pipeline: its parts in subfolders, or, as of old, all in one folder.

    Attributes:
        folder: of the pipeline.
        unet: folder of the network's config.json and weights.
        schedule: the scheduler's configuration.
    """

    folder: Path
    unet: Path
    schedule: Path

    @classmethod
    def of(cls, folder: Path) -> "PipelineFiles":
        """Those of an unconditional pixel pipeline.

        Raises:
            InputError: if the folder holds none.

        >>> PipelineFiles.of(Path("nowhere"))
        Traceback (most recent call last):
        ...
        rdtheory.errors.InputError: model: got nowhere; allowed: the folder of a pretrained pipeline
        """
        index = folder / "model_index.json"
        if not index.is_file():
            raise InputError("model", folder, "the folder of a pretrained pipeline")
        parts = _read_json(index)
        if parts.get("_class_name") not in _PIPELINES or parts.get("unet") != _NETWORK:
            given = f"{parts.get('_class_name')} with the network {parts.get('unet')}"
            raise InputError("model", given, f"{' or '.join(_PIPELINES)} with a {_NETWORK[1]}")
        unet, scheduler = (
            folder / name if (folder / name).is_dir() else folder for name in ("unet", "scheduler")
        )
        return cls(folder, unet, scheduler / "scheduler_config.json")

    def load(self) -> PretrainedNetwork:
        """The network. Nothing is downloaded, and no pickle opened: weights are safetensors.

        Raises:
            InputError: if PyTorch or diffusers is missing, a file is damaged, or the network is
                not one that this module can use.
        """
        DDPMScheduler, UNet2DModel = _diffusers()
        schedule = {k: v for k, v in _read_json(self.schedule).items() if k in _SCHEDULE}
        if "beta_schedule" not in schedule:
            raise InputError("scheduler", "no beta_schedule", "a scheduler of betas, as of DDPM")
        try:
            # The betas of all schedulers are made from these settings in the same way.
            betas = DDPMScheduler(**schedule).betas
            unet, loading = UNet2DModel.from_pretrained(
                self.unet,
                local_files_only=True,
                use_safetensors=True,
                low_cpu_mem_usage=False,
                output_loading_info=True,
            )
        except Exception as error:  # a damaged file can make the library raise anything
            told = str(error)[:200] or type(error).__name__
            raise InputError("model", self.folder, "a pipeline that loads", told) from None
        if loading["missing_keys"]:
            raise InputError("model", f"no weights {loading['missing_keys']}", "all weights")
        _check_config(unet.config)
        prediction = str(schedule.get("prediction_type", "epsilon"))
        if prediction not in POSTERIOR_MEANS:
            raise InputError("prediction_type", prediction, ", ".join(POSTERIOR_MEANS))
        return PretrainedNetwork(unet, _noise_variances(betas.numpy()), prediction)

    def fingerprint(self) -> int:
        """CRC-32 of the configurations and weights, one after the other."""
        weights = sorted(self.unet.glob("*.safetensors"))
        checksum = 0
        for path in (self.schedule, self.unet / "config.json", *weights):
            with path.open("rb") as file:
                while piece := file.read(2**20):
                    checksum = crc32(piece, checksum)
        return checksum


def _read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("model", path, "a JSON file of a pipeline", str(error)) from None
    if not isinstance(content, dict):
        raise InputError("model", path, "a file with a JSON object")
    return content


def _diffusers() -> tuple[Any, Any]:
    try:
        # diffusers without PyTorch would import, with stand-ins that fail later.
        import torch  # noqa: F401  # pyright: ignore[reportMissingImports]
        from diffusers import DDPMScheduler, UNet2DModel  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise InputError(
            "model",
            f"a pipeline of diffusers, without the package {error.name}",
            "models whose packages are installed",
            "pip install 'rdtheory[torch]'",
        ) from None
    return DDPMScheduler, UNet2DModel


def _check_config(config: Any) -> None:
    """Only unconditional pixel models whose timestep may be a fraction."""
    allowed = {
        "in_channels": (1, 3),
        "out_channels": (config.in_channels,),
        "time_embedding_type": ("positional",),
        "class_embed_type": (None,),
        "num_class_embeds": (None,),
    }
    for name, values in allowed.items():
        if config[name] not in values:
            raise InputError(f"{name} of the network", config[name], " or ".join(map(str, values)))


def _noise_variances(betas: Array) -> Array:
    """t_k without the difference 1 - α²; levels without any signal are left out."""
    betas = betas.astype(np.float64)
    check("betas of the scheduler", betas, (betas > 0) & (betas <= 1), "numbers in 0 .. 1")
    with np.errstate(divide="ignore", over="ignore"):
        noise_variances = np.expm1(-np.cumsum(np.log1p(-betas)))
    noise_variances = noise_variances[np.isfinite(noise_variances)]
    if not len(noise_variances):
        raise InputError("betas of the scheduler", "no level with a signal", "one at least")
    return noise_variances


def _both_sides(size: Any) -> tuple[int, ...]:
    return (size, size) if isinstance(size, int) else tuple(size or ())


def _attends(config: Any) -> bool:
    blocks = (*config.down_block_types, *config.up_block_types)
    return config.add_attention or any("Attn" in block for block in blocks)
