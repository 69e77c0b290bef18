"""DiffC of one real number: the channel X → Y = X + N(0, t) of any scalar source [T4.1].

All quantities are integrals over y of what the source knows in closed form, over panels that are
halved until each integral is good to 1e-11 or so. The information is

    I(X; Y) = ½ ln(1 + Var X/t) - KL(P_Y ‖ N(E X, Var X + t))                           [T1.12]

whose second term is the integral of p (ℓ - 1 + e^-ℓ) >= 0, ℓ the logarithm of the ratio of both
densities: where t is large it vanishes faster than the first, so that no digits are lost, while
h(Y) - ½ ln 2πe t [T4.1a] would lose all.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log, log1p, pi
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, generator
from rdtheory.errors import InputError
from rdtheory.sources.line_quadrature import LineIntegrals, graded_edges, integrate
from rdtheory.sources.scalar import ScalarSource, positive_noise


@dataclass(frozen=True, eq=False)
class ScalarChannel:
    """The channel Y = X + N(0, t) of a scalar source, and what DiffC attains over it [T4.1].

    Attributes:
        source: X.
        noise_variance: t, from 1e-150 to 1e150.

    Raises:
        InputError: if t is not as above or the source is not a `ScalarSource`.

    >>> from rdtheory.sources.scalar_mixture import GaussianMixture
    >>> channel = ScalarChannel(GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3]), 0.2)
    >>> round(channel.information_nats, 4), round(channel.mmse, 10)  # of [T4.2]
    (0.9101, 0.1356550504)
    >>> round(channel.ancestral_distortion, 6), round(channel.flow_distortion, 6)
    (0.27131, 0.14569)
    """

    source: ScalarSource
    noise_variance: float

    def __post_init__(self) -> None:
        if not isinstance(self.source, ScalarSource):
            raise InputError("source", type(self.source).__name__, "a ScalarSource")
        object.__setattr__(self, "noise_variance", positive_noise(self.noise_variance))

    @property
    def snr(self) -> float:
        """1/t, the SNR of the channel [T0]."""
        return 1 / self.noise_variance

    @property
    def information_nats(self) -> float:
        """I(X; Y) = ½ ln(1 + Var X/t) - KL(P_Y ‖ P_Y*) [T1.12], [T4.1a]."""
        return self._gaussian_information_nats - self.gaussian_divergence_nats

    @property
    def gaussian_divergence_nats(self) -> float:
        """KL(P_Y ‖ N(E X, Var X + t)), the last divergence of Eq. 17 [T1.12].

        Good to 1e-12 of ½ ln(1 + Var X/t); below that it is 0 or rounding.
        """
        from scipy.special import ndtr

        look = self.source.features(self.noise_variance)
        deviation = (self.source.variance + self.noise_variance) ** 0.5
        # Beyond the panels p is 0 and the integrand is the normal density alone.
        beyond = ndtr(
            np.array([look.low - self.source.mean, self.source.mean - look.high]) / deviation
        )
        return float(self._output_integrals.values[0] + beyond.sum())

    @property
    def mmse(self) -> float:
        """E (X - E[X | Y])² = E Var(X | Y) [T4.1a]."""
        return float(self._output_integrals.values[1])

    @property
    def output_fisher_information(self) -> float:
        """J_t = E (d ln p_t(Y)/dy)², with mmse = t - t² J_t [T4.1a].

        Good to 1e-10 or, where that is more, to 1e-14 (Var X/t)^½, relative to 1/Var X.
        """
        return float(self._output_integrals.values[2])

    @property
    def output_entropy_nats(self) -> float:
        """h(Y) = I(X; Y) + ½ ln 2πe t [T4.1a]."""
        return self.information_nats + (log(2 * pi * self.noise_variance) + 1) / 2

    @property
    def ancestral_distortion(self) -> float:
        """D_A = 2 mmse, of X̂ ~ P(X | Y) [T1.1b]."""
        return 2 * self.mmse

    @cached_property
    def flow_distortion(self) -> float:
        """D_F = mmse + ∫ p_t(y) (E[X | y] - T(y))² dy, of X̂ = T(Y) [T4.1c].

        Where X avoids an interval, good to 1e-16 of its squared length: there F is constant to
        rounding.
        """
        return float(self._integrate(self._flow_integrand).values[0])

    @property
    def flow_ratio(self) -> float:
        """D_F/D_A: ½ at high rate for a smooth density, 1 at rate 0 [T1.13].

        Raises:
            InputError: if both distortions are too small for float64.
        """
        if self.ancestral_distortion < 1e-290:
            raise InputError(
                "noise_variance",
                self.noise_variance,
                "such that the distortion is at least 1e-290",
                "increase it",
            )
        return self.flow_distortion / self.ancestral_distortion

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON."""
        numbers = (
            "noise_variance",
            "snr",
            "information_nats",
            "mmse",
            "output_entropy_nats",
            "output_fisher_information",
            "gaussian_divergence_nats",
            "ancestral_distortion",
            "flow_distortion",
        )
        return {"source": self.source.name} | {name: getattr(self, name) for name in numbers}

    # Sending and receiving.

    def send(self, x: Any, rng: np.random.Generator) -> Array:
        """Y = x + √t U, a draw for each x."""
        x = float64(np, "x", x)
        check("x", x, np.isfinite(x), "finite numbers")
        return x + self.noise_variance**0.5 * generator(rng).standard_normal(x.shape)

    def posterior_mean(self, y: Any) -> Array:
        """E[X | Y = y], the reconstruction of least distortion."""
        return self.source.posterior_mean(y, self.noise_variance)

    def flow(self, y: Any) -> Array:
        """T(y), the reconstruction of DiffC-F [T1.1c]."""
        return self.source.flow(y, self.noise_variance)

    def ancestral(self, y: Any, rng: np.random.Generator) -> Array:
        """A draw of P(X | Y = y) for each y, the reconstruction of DiffC-A [T1.1b]."""
        return self.source.sample_posterior(y, self.noise_variance, rng)

    # Integrals.

    @property
    def _gaussian_information_nats(self) -> float:
        return log1p(self.source.variance / self.noise_variance) / 2

    @cached_property
    def _output_integrals(self) -> LineIntegrals:
        """KL to the Gaussian, mmse and J_t."""
        # Beside the information of a Gaussian, a smaller divergence is of no interest.
        # Where t is below 1e-8 Var X the score of a density given as a function, a mean of
        # (x - y)/t, is rounding from 1e-16/√t on: J_t >= 1/(Var X + t) is not asked for more.
        noise = self.noise_variance
        rounding = 1e-4 / (self.source.variance * noise) ** 0.5
        floors = np.array([self._gaussian_information_nats, 0.0, min(rounding, 1 / noise)])
        return self._integrate(self._output_integrands, floors)

    def _output_integrands(self, y: Array) -> Array:
        source, t = self.source, self.noise_variance
        log_density = source.log_density(y, t)
        variance = source.variance + t
        away = y - source.mean
        log_normal = -(away * (away / variance) + log(2 * pi * variance)) / 2
        log_ratio = log_density - log_normal
        score = source.score(y, t)
        # Also where p is 0 to rounding p e^-ℓ is not: the normal density itself.
        divergence = np.exp(log_density) * (log_ratio - 1) + np.exp(log_normal)
        near = np.abs(log_ratio) < 0.5
        small = np.where(near, log_ratio, 0.0)
        series = np.exp(log_density) * (small + np.expm1(-small))
        return np.stack(
            [
                np.where(near, series, divergence),
                np.exp(log_density) * source.posterior_variance(y, t),
                np.exp(log_density) * score**2,
            ]
        )

    def _flow_integrand(self, y: Array) -> Array:
        source, t = self.source, self.noise_variance
        error = source.posterior_mean(y, t) - source.flow(y, t)
        density = np.exp(source.log_density(y, t))
        return (density * (source.posterior_variance(y, t) + error**2))[None]

    def _integrate(self, functions: Any, floors: Array | float = 0.0) -> LineIntegrals:
        look = self.source.features(self.noise_variance)
        edges = graded_edges(look.low, look.high, look.points, look.scales)
        return integrate(functions, edges, floors)
