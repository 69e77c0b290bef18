"""Pretrained `diffusers` pipelines as models of DiffC: a photograph's spectrum, a learned denoiser.

The components are those of the cosine basis, with the variances λ of a photograph. The posterior
mean E[X | Y], Y = X + N(0, t), is the network's (`diffusers_network`) in its range of t, and

- below, from t_0 on, what its score at t_0 makes of Y: x̂ = y + (t/t_0) (x̂_0(y) - y) (Tweedie);
- above, the Wiener estimate.

A pipeline has no table of its errors: those of the Wiener filter, λ t/(λ + t), take its place, and
the scales that each message states (`scales`) follow the network's own.
"""

from pathlib import Path

import numpy as np

from rdtheory.arrays import Array, whole_number
from rdtheory.codecs.diffc.cosine_field import picture_spectrum
from rdtheory.codecs.diffc.diffusers_network import PipelineFiles, PretrainedNetwork
from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.codecs.diffc.reverse_steps import walk
from rdtheory.codecs.diffc.stationary import CosinePrior
from rdtheory.diffusion.reconstruction import Normals
from rdtheory.errors import InputError


class DiffusersModel(DiffusionModel):
    """A pretrained unconditional pixel pipeline: a `DDPMPipeline` or `DDIMPipeline`.

    PyTorch and diffusers are imported here and not before; nothing is ever downloaded.

    Args:
        folder: where `save_pretrained` wrote the pipeline.
        steps: S, of ancestral and flow reconstructions.

    Raises:
        InputError: if the folder holds no such pipeline, or the extra `torch` is not installed.

    >>> DiffusersModel("nowhere")
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: model: got nowhere; allowed: the folder of a pretrained pipeline
    """

    name = "diffusers"

    def __init__(self, folder: str | Path, steps: int = 50) -> None:
        self.steps = whole_number("steps", steps, most=10_000)
        files = PipelineFiles.of(Path(folder))
        self.network = files.load()
        self.fingerprint = files.fingerprint()

    def prior(self, shape: tuple[int, ...], side: bytes = b"") -> "DiffusersPrior":
        """The prior of pictures of a size that the network knows; no side information is used.

        Raises:
            InputError: if it does not know this one.
        """
        self.network.check_shape(shape)
        return DiffusersPrior(self.network, self.steps, shape)


class DiffusersPrior(CosinePrior):
    """One picture (n = 1) in the cosine basis, denoised by a network.

    Args:
        network: the denoiser.
        steps: S, of ancestral and flow reconstructions.
        shape: (h, w, 3) or (h, w, 1).
    """

    isotropic_only = True

    def __init__(self, network: PretrainedNetwork, steps: int, shape: tuple[int, ...]) -> None:
        super().__init__(shape, picture_spectrum(shape))
        self._network, self._steps = network, steps

    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """E[X | Y] as the network has learned it: see the module.

        Raises:
            InputError: if the noise variances differ.
        """
        noise = _one_of(noise_variances)
        smallest, largest = self._network.noise_variances[[0, -1]]
        if noise > largest:
            return super().denoise(observed, noise_variances)
        values, level = self.from_components(observed), max(noise, smallest)
        mean = self._network.denoise(values, level)
        return self.to_components(values + noise / level * (mean - values))

    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """X̂ from Y: the posterior mean, or S steps of the reverse process or of its flow.

        Where t is infinite, the steps begin as the pipeline's own do: with noise alone, Z ~ N(0, 1)
        at the network's largest t.
        """
        noise = _one_of(noise_variances)
        if noise == np.inf and how != "mmse":
            noise = float(self._network.noise_variances[-1])
            observed = np.sqrt(1 + noise) * normals(observed.shape)
        dim = len(self.eigenvalues)
        return walk(
            lambda y, t: self.denoise(y, np.full(dim, t)),
            observed,
            noise,
            how,
            normals,
            self._steps,
        )


def _one_of(noise_variances: Array) -> float:
    """The one noise variance of all components."""
    noise = float(noise_variances[0])
    # It may come as λ/s with s = λ/t, so that last digits differ.
    if not np.allclose(noise_variances, noise, rtol=1e-6, atol=0):
        raise InputError("noise variances", "different ones", "one for all components")
    return noise
