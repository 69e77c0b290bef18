"""DiffC on a Gaussian mixture: Y = X + N(0, diag t), what it tells, what it costs [T1.1, T4.1].

    information   I(X; Y) = ½ ln det(Σ + t)/det t - KL(P_Y ‖ P_Y*)                         [T1.12c]
    mmse          Σ_k w_k tr Cov[X | Y, k] + E Σ_k P(k | Y) ‖E[X | Y, k] - E[X | Y]‖²
    ancestral     D_A = 2 mmse                                                             [T1.5b]
    flow          D_F = mmse + E‖E[X | Y] - T(Y)‖²                                         [T4.1c]

A star marks the Gaussian of the same mean and covariance. Each line is a closed form that is exact
for a single component, and an expectation (`estimate.py`) that vanishes there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, generator, number, vectors, whole_number
from rdtheory.diffusion.estimate import Estimate, expectation
from rdtheory.diffusion.probability_flow import flow_between
from rdtheory.errors import InputError
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.noisy_mixture import NoisyMixture


@dataclass(frozen=True, eq=False)
class MixtureChannel:
    """Y = X + N(0, diag t) for a Gaussian mixture X [T1.1, T4.1].

    Attributes:
        source: X.
        noise_variance: t > 0, a number or shape (M,); a coordinate with t = inf is not sent.
        points: of Sobol's sequence per component and scrambling, a power of two; only used where
            more than two coordinates are sent. There are 16 scramblings.
        seed: of the scramblings.

    Raises:
        InputError: if t is not positive, or infinite throughout, or of another shape, or if a
            number of points is no power of two.

    >>> source = GaussianMixtureVector([0.3, 0.7], [[-1.5], [0.8]], [0.1, 0.3])
    >>> channel = MixtureChannel(source, 0.2)
    >>> round(channel.information_nats.value, 4), round(channel.mmse.value, 10)  # [T4.2]
    (0.9101, 0.1356550504)
    """

    source: GaussianMixtureVector
    noise_variance: Any
    points: int = 1024
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.source, GaussianMixtureVector):
            raise InputError("source", type(self.source).__name__, "a GaussianMixtureVector")
        noise = float64(np, "noise_variance", self.noise_variance)
        check("noise_variance", noise, noise > 0, "numbers > 0")
        if not np.isfinite(noise).any():
            raise InputError("noise_variance", noise, "a coordinate that is sent: t < inf")
        points = whole_number("points", self.points, most=2**20)
        if points & (points - 1):
            raise InputError("points", points, "a power of two")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise InputError("seed", self.seed, "a whole number >= 0")
        self._law  # noqa: B018 - it checks the shape

    @property
    def isotropic_noise(self) -> float:
        """t of isotropic noise.

        Raises:
            InputError: if the noise is not isotropic: there is no probability flow then.
        """
        noise = self._law.noise_variances
        if not np.all(noise == noise[0]):
            raise InputError("noise_variance", noise, "isotropic noise for the probability flow")
        return float(noise[0])

    @cached_property
    def information_nats(self) -> Estimate:
        """I(X; Y) in nats [T4.1a]."""
        return self._gaussian_information_nats - self.gaussian_divergence_nats

    @cached_property
    def gaussian_divergence_nats(self) -> Estimate:
        """KL(P_Y ‖ P_Y*) in nats, P_Y* the Gaussian of the same moments [T1.12]."""
        output = self._gaussian_law

        def log_ratio(y: Array) -> Array:
            return self._law.log_density(y) - output.log_density(y)

        return self._expectation(log_ratio, self._law, min(1.0, self._gaussian_information_nats))

    @cached_property
    def output_entropy_nats(self) -> Estimate:
        """h(Y) = I(X; Y) + ½ Σ ln 2πe t_i over the coordinates sent, nats [T4.1a]."""
        noise = self._law.noise_variances[self._law.sent]
        return self.information_nats + float(np.sum(np.log(2 * np.pi * np.e * noise))) / 2

    @cached_property
    def mmse(self) -> Estimate:
        """E‖X - E[X | Y]‖² [T4.1a]."""
        covariances = self._law.component_posterior_covariances
        within = float(self.source.weights @ np.trace(covariances, axis1=1, axis2=2))
        return within + self._expectation(self._law.between_components, self._law, within)

    @property
    def ancestral_distortion(self) -> Estimate:
        """D_A = 2 mmse: X̂ ~ P(X | Y) [T1.5b]."""
        return 2 * self.mmse

    @cached_property
    def flow_distortion(self) -> Estimate:
        """D_F = mmse + E‖E[X | Y] - T(Y)‖²: X̂ = T(Y) [T4.1c]; isotropic noise only.

        The expectation is taken over X̂, with y = T⁻¹(X̂): the flow from noise to data tears the
        components apart, its inverse is smooth.

        Raises:
            InputError: if the noise is not isotropic.
        """
        noise = self.isotropic_noise
        gaussian = self.source.gaussian
        total = gaussian.eigenvalues + noise
        # X̂* - E[X* | Y] = (1 - ρ) X̂*, and 1 - ρ without a subtraction [T9.2].
        pull = noise / total / (1 + np.sqrt(gaussian.eigenvalues / total))

        def excess(x: Array) -> Array:
            y = flow_between(self.source, x, 0.0, noise, 1e-7)
            jump = np.sum((x - self._law.posterior_mean(y)) ** 2, axis=1)
            return jump - np.sum((gaussian.to_components(x) * pull) ** 2, axis=1)

        known = self.mmse + float(gaussian.eigenvalues @ pull**2)
        return known + self._expectation(excess, self.source.observed(0.0), known.value, 1e-7)

    def send(self, x: Any, rng: Any) -> Array:
        """A draw of Y given X = x, shape (..., M); NaN in coordinates that are not sent.

        >>> channel = MixtureChannel(GaussianMixtureVector([1.0], [[0.0, 0.0]], [1.0]), [1, np.inf])
        >>> np.isnan(channel.send(np.zeros((3, 2)), np.random.default_rng(0))).sum(axis=0)
        array([0, 3])
        """
        y = vectors(np, "x", x, self.source.dim).copy()
        sent = self._law.sent
        check("x", y, np.isfinite(y), "finite values")
        scales = np.sqrt(self._law.noise_variances[sent])
        y[..., sent] += generator(rng).standard_normal(y[..., sent].shape) * scales
        y[..., ~sent] = np.nan
        return y

    def posterior_mean(self, y: Any) -> Array:
        """E[X | Y = y], shape (..., M) [T1.13b]."""
        return self._law.posterior_mean(y)

    def ancestral(self, y: Any, rng: Any) -> Array:
        """X̂_A ~ P(X | Y = y), shape (..., M) [T1.1b]."""
        return self._law.sample_posterior(y, rng)

    def flow(self, y: Any, tolerance: float = 1e-9) -> Array:
        """X̂_F = T(y), the end of the probability flow from y (Eq. 6) [T1.1c], shape (..., M).

        Args:
            y: finite vectors, shape (..., M).
            tolerance: from 1e-12 to 1e-2, of each step, along each eigenvector of Σ, relative to
                the standard deviation there.

        Raises:
            InputError: if the noise is not isotropic, or y or the tolerance out of range.

        >>> channel = MixtureChannel(GaussianMixtureVector([1.0], [[0.0]], [3.0]), 1.0)
        >>> channel.flow([2.0]).round(9)  # 2 sqrt(3/4)
        array([1.73205081])
        """
        noise = self.isotropic_noise
        y = vectors(np, "y", y, self.source.dim)
        self._law.log_density(y)  # refuses what the score cannot hold
        allowed = "a number from 1e-12 to 1e-2"
        finest = number("tolerance", tolerance, lambda x: 1e-12 <= x <= 1e-2, allowed)
        flat = y.reshape(-1, self.source.dim)
        return flow_between(self.source, flat, noise, 0.0, finest).reshape(y.shape)

    @cached_property
    def _law(self) -> NoisyMixture:
        return self.source.observed(self.noise_variance)

    @cached_property
    def _gaussian_law(self) -> NoisyMixture:
        star = GaussianMixtureVector(
            np.ones(1), self.source.mean[None], self.source.covariance[None]
        )
        return star.observed(self.noise_variance)

    @cached_property
    def _gaussian_information_nats(self) -> float:
        """I(X*; Y*) = ½ ln det(1 + t^(-1/2) Σ t^(-1/2)) over the coordinates sent [T1.6a]."""
        sent = self._law.sent
        scales = np.sqrt(self._law.noise_variances[sent])
        snr = self.source.covariance[np.ix_(sent, sent)] / scales / scales[:, None]
        return float(np.sum(np.log1p(np.maximum(np.linalg.eigvalsh(snr), 0.0)))) / 2

    def _expectation(
        self,
        integrand: Callable[[Array], Array],
        law: NoisyMixture,
        relative_to: float,
        accuracy: float = 1e-10,
    ) -> Estimate:
        return expectation(
            integrand,
            law,
            relative_to=relative_to,
            accuracy=accuracy,
            points=self.points,
            seed=self.seed,
        )
