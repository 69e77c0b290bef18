"""DiffC on X = Q S with independent S_i under isotropic noise: sums over i [T1.14, T0.1]."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, generator
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.sources.independent import IndependentComponents


@dataclass(frozen=True, eq=False)
class IndependentChannel:
    """Y = X + N(0, t I): information and distortions are those of the S_i, summed [T0.1, T1.14].

    Attributes:
        source: X = Q S.
        noise_variance: t, a number as for `ScalarChannel`.

    Raises:
        InputError: if t is none.

    >>> from rdtheory.sources.laplace import Laplace
    >>> pair = IndependentChannel(IndependentComponents([Laplace(0.5**0.5)] * 2), 0.2)
    >>> round(pair.information_nats / 2, 4), round(pair.flow_distortion / 2, 4)  # [T4.3]
    (0.8616, 0.1672)
    """

    source: IndependentComponents
    noise_variance: float

    def __post_init__(self) -> None:
        if not isinstance(self.source, IndependentComponents):
            raise InputError("source", type(self.source).__name__, "IndependentComponents")
        self.channels  # noqa: B018 - each checks t

    @cached_property
    def channels(self) -> tuple[ScalarChannel, ...]:
        """S_i + N(0, t), one for each component."""
        return tuple(ScalarChannel(one, self.noise_variance) for one in self.source.components)

    @property
    def information_nats(self) -> float:
        """I(X; Y) = Σ I(S_i; S_i + N(0, t)), nats in all."""
        return sum(channel.information_nats for channel in self.channels)

    @property
    def gaussian_divergence_nats(self) -> float:
        """KL(P_Y ‖ P_Y*), P_Y* the Gaussian of the same moments [T1.12]."""
        return sum(channel.gaussian_divergence_nats for channel in self.channels)

    @property
    def output_entropy_nats(self) -> float:
        """h(Y) [T4.1a]."""
        return sum(channel.output_entropy_nats for channel in self.channels)

    @property
    def mmse(self) -> float:
        """E‖X - E[X | Y]‖² [T4.1a]."""
        return sum(channel.mmse for channel in self.channels)

    @property
    def ancestral_distortion(self) -> float:
        """D_A = 2 mmse [T1.5b]."""
        return 2 * self.mmse

    @property
    def flow_distortion(self) -> float:
        """D_F, the least distortion of any realistic reconstruction from Y [T4.1c, T1.14]."""
        return sum(channel.flow_distortion for channel in self.channels)

    def send(self, x: Any, rng: np.random.Generator) -> Array:
        """A draw of Y given X = x, shape (..., M)."""
        signal = self.source.to_components(x)
        check("x", signal, np.isfinite(signal), "finite numbers")
        noise = generator(rng).standard_normal(signal.shape)
        deviation = self.channels[0].noise_variance ** 0.5
        return self.source.from_components(signal + deviation * noise)

    def posterior_mean(self, y: Any) -> Array:
        """E[X | Y = y], shape (..., M)."""
        return self.source.posterior_mean(y, self.channels[0].noise_variance)

    def ancestral(self, y: Any, rng: np.random.Generator) -> Array:
        """X̂_A ~ P(X | Y = y), shape (..., M) [T1.1b]."""
        return self.source.sample_posterior(y, self.channels[0].noise_variance, rng)

    def flow(self, y: Any) -> Array:
        """X̂_F = T(y), shape (..., M) [T1.1c]."""
        return self.source.flow(y, self.channels[0].noise_variance)
