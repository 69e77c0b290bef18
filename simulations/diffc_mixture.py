"""DiffC on a Gaussian mixture: both results on sources that are not Gaussian [T1.12, T1.13].

The source is what patches of photographs are in their leading components, the likeliest Gaussians
of the model `mixture-patches`. Its vectors are sent in steps along A* noise. Measured beside the
first result's chain R*(D/2) - KL_X <= I(X; Z) <= R*(D/2) - KL_Z: the information, the distortion
D = E‖X - X̂‖² of ancestral sampling, and Σ KL(N(m, v) ‖ N(0, 1)) of all steps (Eq. 5), which exceeds
the information by what the steps' Gaussian beliefs miss. For the second result: D_F/D_A with
isotropic noise beside ½ + G t/(8 M).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.bounds import THEOREMS
from rdtheory.codecs.diffc.belief import Belief
from rdtheory.codecs.diffc.block_mixture import BlockMixture
from rdtheory.codecs.diffc.mixture_patches import MixturePatches
from rdtheory.codecs.diffc.mixture_prior import MixturePrior
from rdtheory.diffusion.noise import divide_or_inf
from rdtheory.errors import InputError
from rdtheory.sources import GaussianMixtureVector
from rdtheory.units import bits_from_nats

Send = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""Makes a sample of N(m, v), shape (n, M), from m, v and the number of the step."""


@dataclass(frozen=True)
class Config:
    """Samples of a mixture, and the noise levels.

    Attributes:
        dim: M, leading components of a grey patch.
        gaussians: K, the likeliest of the mixture.
        vectors: n.
        steps: along A* noise, a multiple of 4, of equal ratios of the water level.
        final_level: the last water level, relative to the largest eigenvalue.
        isotropic_levels: how many t for the second result, each a quarter of the one before, the
            first being the smallest eigenvalue of any C_k.
        seed: of everything.
    """

    dim: int = 4
    gaussians: int = 8
    vectors: int = 4000
    steps: int = 32
    final_level: float = 1e-3
    isotropic_levels: int = 4
    seed: int = 0


def run(config: Config, send: Send | None = None) -> dict[str, Any]:
    """Both results; `send` is a real code for a step, an ideal one if there is none."""
    if config.steps < 4 or config.steps % 4:
        raise InputError("steps", config.steps, "a multiple of 4")
    source, rng = _source(config), np.random.default_rng(config.seed)
    setting = _Setting(config, source, source.sample(rng, config.vectors), rng)

    def ideal(means: np.ndarray, variances: np.ndarray, step: int) -> np.ndarray:
        return means + rng.standard_normal(means.shape) * np.sqrt(variances)

    return {
        "first_result": _first_result(setting, send or ideal),
        "second_result": _second_result(setting),
    }


@dataclass(frozen=True, eq=False)
class _Setting:
    config: Config
    source: GaussianMixtureVector
    x: np.ndarray
    rng: np.random.Generator

    @property
    def prior(self) -> MixturePrior:
        factors = np.linalg.cholesky(self.source.covariances)[:, None]
        mixture = BlockMixture(self.source.weights, self.source.means[:, None], factors)
        return MixturePrior(len(self.x), mixture, self.source.gaussian.eigenvalues)

    def information_bits(self, belief: Belief) -> np.ndarray:
        """log2 p(y | x)/p(y) of each vector: its mean is I(X; Y)."""
        y, noise = belief.observed, belief.noise_variances
        given = ((y - self.x) ** 2 / noise + np.log(2 * np.pi * noise))[:, np.isfinite(noise)]
        return bits_from_nats(-given.sum(axis=1) / 2 - self.source.log_density(y, noise))

    def squares(self, belief: Belief, how: str) -> np.ndarray:
        """‖x - x̂‖² of each vector."""
        received = belief.observed, belief.noise_variances
        found = belief.prior.reconstruct(how, *received, self.rng.standard_normal)
        return np.sum((self.x - found) ** 2, axis=1)


def _source(config: Config) -> GaussianMixtureVector:
    """In the eigenbasis of its covariance, in units of its largest standard deviation."""
    patches = MixturePatches().prior((8, 8, 1)).mixture
    kept = slice(config.gaussians), 0, slice(config.dim)  # the likeliest come first
    factors = patches.factors[kept][..., : config.dim]
    weights = patches.weights[kept[0]] / patches.weights[kept[0]].sum()
    covariances = factors @ np.swapaxes(factors, 1, 2)
    given = GaussianMixtureVector(weights, patches.means[kept], covariances)
    turn = np.asarray(given.gaussian.eigenvectors) / given.gaussian.leading_eigenvalue**0.5
    return GaussianMixtureVector(
        given.weights, (given.means - given.mean) @ turn, turn.T @ given.covariances @ turn
    )


def _first_result(setting: _Setting, send: Send) -> list[dict[str, Any]]:
    """A row after every quarter of the steps."""
    config, eigenvalues = setting.config, setting.source.gaussian.eigenvalues
    belief, coded_nats, rows = Belief.before_anything(setting.prior), np.zeros(1), []
    for number in range(config.steps):
        level = config.final_level ** ((number + 1) / config.steps)
        step = belief.step(divide_or_inf(eigenvalues, np.maximum(eigenvalues / level - 1, 0.0)))
        v = step.variances(np.ones_like(eigenvalues))
        means = step.residuals(setting.x) * np.sqrt(v)
        coded_nats = coded_nats + np.sum(means**2 + v - 1 - np.log(v), axis=1) / 2
        belief = step.after(send(means, v, number), v)
        if (number + 1) % (config.steps // 4) == 0:
            chain = THEOREMS["first-result"].sides(setting.source, level)
            rows.append(
                {
                    "water_level": level,
                    "coded_bits": _estimate(bits_from_nats(coded_nats)),
                    "information_bits": _estimate(setting.information_bits(belief)),
                    "ancestral_distortion": _estimate(setting.squares(belief, "ancestral")),
                    "chain": {one.name: bits_from_nats(one.value) for one in chain.members},
                }
            )
    return rows


def _second_result(setting: _Setting) -> list[dict[str, Any]]:
    x, dim, prior, rows = setting.x, setting.source.dim, setting.prior, []
    fisher = np.sum(setting.source.score(x) ** 2, axis=1)  # G = E‖∇ ln p‖²
    for number in range(setting.config.isotropic_levels):
        t = prior.mixture.spectra[0].min() / 4**number
        observed = x + setting.rng.standard_normal(x.shape) * t**0.5
        belief = Belief(prior, observed, np.full(dim, t))
        flow, ancestral = (setting.squares(belief, how) for how in ("flow", "ancestral"))
        ratio = flow.mean() / ancestral.mean()
        spread = _estimate((flow - ratio * ancestral) / ancestral.mean())["standard_error"]
        rows.append(
            {
                "noise_variance": t,
                "information_bits": _estimate(setting.information_bits(belief)),
                "flow_over_ancestral": {"value": ratio, "standard_error": spread},
                "expansion": _estimate(0.5 + fisher * t / (8 * dim)),
            }
        )
    return rows


def _estimate(values: np.ndarray) -> dict[str, float]:
    """Mean and standard error."""
    return {"value": values.mean(), "standard_error": values.std() / len(values) ** 0.5}
