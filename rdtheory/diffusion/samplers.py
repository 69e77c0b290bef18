"""T-step samplers of a Gaussian source, in closed form: DDIM and ancestral [T5.3, T5.4].

A decoder holds Y = X + N(0, t_T) and walks through noise variances t_T >= .. >= t_1 > t_0 = 0. It
knows E[X | Y] exactly; what is wrong with its X̂ is due to the number of steps alone. Per principal
component, and with Y_k scaled to Z_k = sqrt(λ/(λ + t_k)) Y_k, which would have the variance λ of X
if all went well, the step from t to s is Z_s = gain · Z_t + N(0, noise):

    sampler      gain                                 noise
    DDIM         cos(φ_t - φ_s)                       0
    ancestral    cos φ_t / cos φ_s                    cos² φ_s / (1/(t - s) + 1/(v + s))

    tan φ = sqrt(t/λ),  φ the angle of [T1.5f]

The exact flow has gain 1. The exact reverse kernel is the ancestral one with v = λ. DDPM, which
does not know λ, fixes the variance of its kernels to what would be exact for another variance v:

    v = 0      β̃ = s (t - s)/t, the posterior variance given X
    v = 1      β, the variance of a forward step of the variance-preserving channel
    v -> ∞     t - s, that of the variance-exploding one

(Ho, Jain and Abbeel 2020, arXiv 2006.11239; Song, Meng and Ermon 2021, arXiv 2010.02502.) Pure
noise, t = ∞, is a noise variance like any other.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rdtheory.arrays import (
    Array,
    check,
    float64,
    generator,
    namespace,
    number,
    square_root,
    vectors,
    whole_number,
)
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector, as_gaussian


@dataclass(frozen=True, eq=False)
class SamplerOutput:
    """The law of (X, X̂) of a sampler: X̂_i = gain_i X_i + noise, Gaussian; arrays of shape (M,).

    Attributes:
        gains: of X_i, and of Y_i = X_i + N(0, t_T) [T5.3a].
        covariances: E X_i X̂_i.
        output_variances: E X̂_i² [T5.3b, T5.4].
        variance_deficits: λ_i - E X̂_i², which falls to 0 as T grows; without a cancellation.
        component_distortions: E (X_i - X̂_i)² [T5.3c].
        component_wasserstein: (sqrt λ_i - sqrt E X̂_i²)², squared Wasserstein-2 distances.

    >>> output = Ddim([2.3], [25.0, 9.0, 1.96, 0.36, 0.04]).output  # [T5.3c]
    >>> output.gains.round(10), output.output_variances.round(10)
    (array([0.24026147]), array([1.57590814]))
    """

    gains: Array
    covariances: Array
    output_variances: Array
    variance_deficits: Array
    component_distortions: Array
    component_wasserstein: Array

    @property
    def distortion(self) -> Array:
        """D = E‖X - X̂‖², summed over dimensions."""
        return namespace(self.gains).sum(self.component_distortions)

    @property
    def squared_wasserstein(self) -> Array:
        """W₂² of the laws of X̂ and X, the perception of [T2.1b], summed over dimensions."""
        return namespace(self.gains).sum(self.component_wasserstein)

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON."""
        names = [field.name for field in fields(self)] + ["distortion", "squared_wasserstein"]
        return {name: np.asarray(getattr(self, name)).tolist() for name in names}


class Sampler(ABC):
    """T steps from Y = X + N(0, t_T) to X̂, on a Gaussian source.

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.
        noise_variances: t_T >= .. >= t_1 > 0, from noisy to clean, where the decoder's posterior
            mean is evaluated; shape (T,), or (T, M) where components differ, such as
            `Progression.noise_variances`. Infinite: pure noise. The last step goes to 0.

    Raises:
        InputError: if the noise variances are none of that.

    >>> Ddim([2.0, 1.0], [4.0, 1.0]).step_gains.shape
    (2, 2)
    """

    def __init__(self, source: GaussianVector | Any, noise_variances: Any) -> None:
        source = as_gaussian(source)
        xp = namespace(source.eigenvalues, noise_variances)
        self.source = source.to_namespace(xp)
        levels = float64(xp, "noise_variances", noise_variances)
        per_step = levels.shape[1:]
        if levels.ndim == 0 or 0 in levels.shape or per_step not in ((), (source.dim,)):
            raise InputError(
                "noise_variances",
                f"shape {tuple(levels.shape)}",
                f"shape (T,) or (T, {source.dim}), T >= 1",
            )
        levels = check("noise_variances", levels, levels > 0, "numbers > 0 (infinite: pure noise)")
        order = levels[1:] <= levels[:-1]
        check("noise_variances", levels[1:], order, "an order from noisy to clean")
        levels = xp.minimum(levels if levels.ndim == 2 else levels[:, None], _PURE_NOISE)
        self.noise_variances = xp.broadcast_to(levels, (levels.shape[0], source.dim))

    @property
    @abstractmethod
    def step_gains(self) -> Array:
        """Gain of each step from Z_t to Z_s, shape (T, M)."""

    @property
    @abstractmethod
    def step_noise_variances(self) -> Array:
        """Variance of the noise that each step adds to Z, shape (T, M)."""

    @property
    @abstractmethod
    def output(self) -> SamplerOutput:
        """The law of (X, X̂) after all steps, in closed form."""

    def run(self, z: Any, rng: Any) -> Array:
        """X̂ of vectors z, step by step, shape (..., M).

        Args:
            z: Z_T in the eigenbasis, shape (..., M): sqrt(λ_i/(λ_i + t_i)) (X_i + N(0, t_i)).
            rng: a `numpy.random.Generator`.

        >>> import numpy as np
        >>> Ddim([2.0], [2.0]).run(np.ones((1, 1)), np.random.default_rng(0)).round(6)
        array([[0.707107]])
        """
        z = vectors(namespace(z, self.noise_variances), "z", z, self.source.dim)
        check("z", z, namespace(z).isfinite(z), "finite numbers")
        rng = generator(rng)
        for gain, variance in zip(self.step_gains, self.step_noise_variances, strict=True):
            z = gain * z + rng.standard_normal(z.shape) * variance**0.5
        return self.source.from_components(z)

    @property
    def _targets(self) -> Array:
        """The noise variance after each step, shape (T, M)."""
        xp = namespace(self.noise_variances)
        return xp.concat([self.noise_variances[1:], xp.zeros((1, self.source.dim))])


class Ddim(Sampler):
    """DDIM: Y_s = E[X | Y_t] + (σ_s/σ_t)(Y_t - E[X | Y_t]), σ = sqrt t, without noise [T5.3].

    One step gives the posterior mean; ever more give the probability flow.

    >>> output = Ddim([2.3], [25.0, 9.0, 1.96, 0.36, 0.04]).output
    >>> round(float(output.distortion), 10)  # [T5.3c]
    2.7707053897
    """

    @property
    def step_gains(self) -> Array:
        """cos(φ_t - φ_s); as a gain from Y_t to Y_s, (λ + σ_s σ_t)/(λ + t) [T5.3a]."""
        return self._step_cosines[0]

    @property
    def step_noise_variances(self) -> Array:
        """0."""
        return namespace(self.noise_variances).zeros_like(self.noise_variances)

    @property
    def output(self) -> SamplerOutput:
        """g = Π cos Δφ; Var = λ g², D = λ (1 + g² - 2 g cos Φ) [T5.3]."""
        xp, variances = namespace(self.noise_variances), self.source.eigenvalues
        cosines, losses = self._step_cosines
        before = xp.cumprod(xp.concat([xp.ones((1, self.source.dim)), cosines]), axis=0)
        gain, loss = before[-1], xp.sum(before[:-1] * losses, axis=0)  # g and 1 - g
        start = _angle(variances, self.noise_variances[0])
        gains = gain * square_root(_share(variances, self.noise_variances[0]))
        return SamplerOutput(
            gains=gains,
            covariances=variances * gains,
            output_variances=variances * gain**2,
            variance_deficits=variances * loss * (1 + gain),
            component_distortions=variances * (loss**2 + 4 * gain * xp.sin(start / 2) ** 2),
            component_wasserstein=variances * loss**2,
        )

    @property
    def _step_cosines(self) -> tuple[Array, Array]:
        """c = cos Δφ and 1 - c from tan Δφ = sqrt λ (σ_t - σ_s)/(λ + σ_s σ_t)."""
        xp, variances = namespace(self.noise_variances), self.source.eigenvalues
        noisy, clean = self.noise_variances, self._targets
        opposite = square_root(variances) * ((noisy - clean) / noisy)
        opposite = opposite / (1 + square_root(clean / noisy))
        adjacent = variances / noisy**0.5 + square_root(clean)
        adjacent = xp.where((adjacent == 0) & (opposite == 0), 1.0, adjacent)  # a constant X_i
        distance = xp.hypot(opposite, adjacent)
        return adjacent / distance, opposite / distance * (opposite / (distance + adjacent))


class AncestralSampler(Sampler):
    """Y_s ~ N(E[Y_s | Y_t], 1/(1/(t - s) + 1/(v + s))): DDPM, and ancestral sampling [T5.4].

    Args:
        source: as for `Sampler`.
        noise_variances: as for `Sampler`.
        assumed_variances: v, 0 <= v <= 1e150; what broadcasts to (T, M). 0: β̃; the eigenvalues:
            the exact kernels; 1: β, with (1, .., 1, 0)ᵀ for a last step without noise.

    Raises:
        InputError: also if v is out of range or has the wrong shape.

    >>> sampler = AncestralSampler([2.3], [25.0, 9.0, 1.96, 0.36, 0.04])
    >>> sampler.output.output_variances.round(10)  # [T5.4]
    array([1.13337844])
    """

    def __init__(
        self,
        source: GaussianVector | Any,
        noise_variances: Any,
        assumed_variances: Any = 0.0,
    ) -> None:
        super().__init__(source, noise_variances)
        xp, shape = namespace(self.noise_variances, assumed_variances), self.noise_variances.shape
        assumed = float64(xp, "assumed_variances", assumed_variances)
        assumed = check(
            "assumed_variances", assumed, (assumed >= 0) & (assumed <= 1e150), "0 <= v <= 1e150"
        )
        try:
            self.assumed_variances = xp.broadcast_to(assumed, shape)
        except ValueError as error:
            raise InputError(
                "assumed_variances", f"shape {assumed.shape}", f"what broadcasts to {shape}"
            ) from error

    @property
    def step_gains(self) -> Array:
        """sqrt((λ + s)/(λ + t)), the correlation of Y_s and Y_t."""
        variances = self.source.eigenvalues
        return ((variances + self._targets) / (variances + self.noise_variances)) ** 0.5

    @property
    def step_noise_variances(self) -> Array:
        """cos² φ_s times the variance of the kernel."""
        return self._target_shares * self._kernel_variances

    @property
    def output(self) -> SamplerOutput:
        """D = mmse + N, N = Σ cos⁴ φ_s (variance of the kernel); Cov = λ cos² Φ [T5.4].

        The exact kernel's variance is larger than this one's by (λ - v)(t - s)²/((λ + t)(v + t)),
        and with exact ones N is the mmse too: λ - Var is the weighted sum of these differences.
        """
        xp, variances = namespace(self.noise_variances), self.source.eigenvalues
        noisy, assumed, steps = self.noise_variances, self.assumed_variances, self._steps
        weights = self._target_shares**2
        noise = xp.sum(weights * self._kernel_variances, axis=0)
        missing = (
            (variances - assumed) * (steps / (variances + noisy)) * (steps / (assumed + noisy))
        )
        deficits = xp.sum(weights * missing, axis=0)
        gains = _share(variances, noisy[0])
        outputs = variances * gains + noise
        deviations = square_root(variances) + square_root(outputs)
        return SamplerOutput(
            gains=gains,
            covariances=variances * gains,
            output_variances=outputs,
            variance_deficits=deficits,
            component_distortions=variances * (noisy[0] / (variances + noisy[0])) + noise,
            component_wasserstein=(deficits / xp.where(deviations > 0, deviations, 1.0)) ** 2,
        )

    @property
    def _steps(self) -> Array:
        return self.noise_variances - self._targets

    @property
    def _kernel_variances(self) -> Array:
        """(t - s)(v + s)/(v + t): the precisions 1/(t - s) and 1/(v + s) add up."""
        noisy, assumed = self.noise_variances, self.assumed_variances
        return (assumed + self._targets) * (self._steps / (assumed + noisy))

    @property
    def _target_shares(self) -> Array:
        return _share(self.source.eigenvalues, self._targets)


def equal_angle_noise_variances(variance: float, noise_variance: float, steps: int) -> np.ndarray:
    """t_k = λ tan²(k Φ/T), k = T..1: the T steps with the largest Var X̂ under DDIM [T5.3b].

    Var X̂ = λ cos^2T(Φ/T) ≈ λ (1 - Φ²/T): no schedule of T steps has a smaller W₂ to the source.

    Args:
        variance: λ > 0 of the one component that the schedule is made for.
        noise_variance: t_T > 0 of the start; infinite: pure noise.
        steps: T, up to a million.

    Raises:
        InputError: if an argument is out of range.

    >>> equal_angle_noise_variances(1.0, 3.0, 2).round(6)  # 60 and 30 degrees
    array([3.      , 0.333333])
    """
    allowed = "a number from 1e-150 to 1e150"
    scale = number("variance", variance, lambda x: 1e-150 <= x <= 1e150, allowed)
    allowed = "a number > 0 (infinite: pure noise)"
    start = number("noise_variance", noise_variance, lambda t: t > 0, allowed)
    steps = whole_number("steps", steps, MOST_STEPS)
    angles = np.arange(steps - 1, 0, -1) * (np.atan2(start**0.5, scale**0.5) / steps)
    return np.concatenate([[start], scale * np.tan(angles) ** 2])


def _angle(variance: Array, noise_variance: Array) -> Array:
    """φ = atan sqrt(t/λ) [T1.5f]."""
    xp = namespace(variance, noise_variance)
    return xp.atan2(square_root(noise_variance), square_root(variance))


def _share(variance: Array, noise_variance: Array) -> Array:
    """cos² φ = λ/(λ + t), 1 where t = 0."""
    xp = namespace(variance, noise_variance)
    noisy = noise_variance > 0
    return xp.where(noisy, variance / xp.where(noisy, variance + noise_variance, 1.0), 1.0)


MOST_STEPS = 1_000_000

_PURE_NOISE = 1e200
"""Where the noise is larger than that, Y says nothing of any X that a `GaussianVector` can be."""
