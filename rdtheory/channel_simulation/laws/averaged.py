"""The exact law of the PFR index averaged over a Gaussian channel [T3.3].

X ~ N(0, I_d) and, given X = x, q = N(ρx, (1 - ρ²) I_d), so that p = N(0, I_d) is the true marginal
and the mean KL is I(X; Z). For each ‖x‖ the law is that of one target; ‖x‖ is averaged by the
trapezoidal rule in the coordinate of `level_quadrature`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import gammaln

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.channel_simulation.laws.geometric_mixture import GeometricMixture, log_geometric
from rdtheory.channel_simulation.laws.level_quadrature import (
    Coordinate,
    scaled_radius,
    smallest_radius,
)
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.units import bits_from_nats

_REACH = 9.0
"""Standard deviations of ‖x‖ on both sides: 1e-18 is beyond."""

_NEGLIGIBLE = -42.0
"""ln of the weight of a node that is left out."""


@dataclass(frozen=True)
class GaussianChannel:
    """X ~ N(0, I_d), Z = ρX + sU, ρ² + s² = 1.

    Attributes:
        correlation: |ρ|.
        std: s, the targets' common standard deviation.
        dim: d.

    >>> round(GaussianChannel.of(0.9).information_bits, 3)
    1.198
    """

    correlation: float
    std: float
    dim: int

    @classmethod
    def of(cls, correlation: Any, dim: int = 1) -> "GaussianChannel":
        """The channel of a correlation ρ, -1 < ρ < 1.

        Raises:
            InputError: if an argument is not as above.

        >>> GaussianChannel.of(-0.6)
        GaussianChannel(correlation=0.6, std=0.8, dim=1)
        """
        rho = abs(float64(np, "correlation", correlation))
        check("correlation", rho, (rho < 1) & (rho.ndim == 0), "a number in (-1, 1)")
        rho = float(rho)
        return cls(rho, float(np.sqrt((1 - rho) * (1 + rho))), whole_number("dim", dim))

    @classmethod
    def of_snr(cls, snr: float, dim: int = 1) -> "GaussianChannel":
        """The channel of signal-to-noise ratio ρ²/s² > 0.

        >>> GaussianChannel.of_snr(3.0).std
        0.5
        """
        return cls(float(np.sqrt(snr / (1 + snr))), float(1 / np.sqrt(1 + snr)), dim)

    @property
    def information_bits(self) -> float:
        """I(X; Z) = -d log2 s."""
        return float(bits_from_nats(self.information_nats))

    @property
    def information_nats(self) -> float:
        """I(X; Z) = -d ln s."""
        near_one = self.correlation**2 < 0.5
        return -self.dim * float(
            np.log1p(-(self.correlation**2)) / 2 if near_one else np.log(self.std)
        )

    def targets(self, radius: Array) -> LevelSets:
        """The targets of all x with ‖x‖ = radius."""
        return LevelSets(self.correlation * radius, self.std, self.dim)

    def radii(self, max_step: float = 0.12) -> tuple[Array, Array]:
        """Nodes and weights of the law of ‖x‖, a chi law of d degrees of freedom.

        >>> radius, weight = GaussianChannel.of(0.9, dim=16).radii()
        >>> round(float(weight @ radius**2), 12)
        16.0
        """
        root = np.sqrt(self.dim)
        low = root - _REACH if root > _REACH else smallest_radius(self.dim)
        high = root + _REACH
        t, step = np.linspace(low, high, int((high - low) / max_step) + 2, retstep=True)
        radius, rate, _ = scaled_radius(t)
        log_density = (self.dim - 1) * np.log(radius) - radius**2 / 2 - gammaln(self.dim / 2)
        log_density -= (self.dim / 2 - 1) * np.log(2.0)
        weight = np.exp(log_density) * rate * step
        kept = weight > 1e-20
        return radius[kept], weight[kept]


class GaussianChannelIndexLaw(GeometricMixture):
    """The law of the index of the PFR over a Gaussian channel [T3.3c].

    Args:
        correlation: ρ, from -1 to 1, both excluded.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> law = GaussianChannelIndexLaw(0.5, dim=16)
    >>> round(law.information_bits, 3), round(law.entropy_bits, 3)
    (3.32, 5.817)
    """

    def __init__(self, correlation: float, dim: int = 1) -> None:
        self._channel = GaussianChannel.of(correlation, dim)

    @property
    def correlation(self) -> float:
        """|ρ|."""
        return self._channel.correlation

    @property
    def dim(self) -> int:
        """d."""
        return self._channel.dim

    @property
    def kl_bits(self) -> float:
        """The mean KL(q ‖ p), which is I(X; Z), in bits.

        >>> round(GaussianChannelIndexLaw(0.9).kl_bits, 3)
        1.198
        """
        return self._channel.information_bits

    @cached_property
    def mean(self) -> float:
        """E[K] = E r + E[(excess at r)] where E r = e^(2I) [T3.3f].

        >>> round(GaussianChannelIndexLaw(0.0).mean, 12)
        1.0
        """
        log_r, log_h, log_weight = self._all_nodes
        near = log_r < 40
        excess = np.exp(log_h[near]) - np.expm1(log_r[near])
        with np.errstate(over="ignore", under="ignore"):
            mean_ratio = np.exp(2 * self._channel.information_nats)
            return float(mean_ratio + np.exp(log_weight[near]) @ excess)

    def draw_log_index(self, rng: np.random.Generator, size: Any = None) -> Array:
        """ln K of independent exact draws of X, Z and K, O(1) each [T3.3g].

        >>> draws = GaussianChannelIndexLaw(0.9).draw_log_index(np.random.default_rng(1), 10**4)
        >>> bool(draws.min() == 0)
        True
        """
        rho2, s, dim = self.correlation**2, self._channel.std, self.dim
        square = rng.chisquare(dim, size)
        normal = rng.standard_normal(size)
        across = rng.chisquare(dim - 1, size) if dim > 1 else 0.0
        exponential = rng.standard_exponential(size)
        shift = np.sqrt(rho2 * square)
        log_r = rho2 * square / 2 - dim * np.log(s) + shift * s * normal
        log_r -= rho2 / 2 * (normal**2 + across)
        return log_geometric(LevelSets(shift, s, dim).log_h(log_r), exponential)[()]

    def _nodes(self) -> tuple[Array, Array]:
        return self._all_nodes[1:]

    @cached_property
    def _all_nodes(self) -> tuple[Array, Array, Array]:
        """ln r, ln h and ln weight over all ‖x‖."""
        log_r, log_h, log_weight = [], [], []
        for radius, weight in zip(*self._channel.radii(), strict=True):
            sets = self._channel.targets(radius)
            nodes, log_weights = Coordinate(sets).target_nodes()
            log_weights += np.log(weight)
            kept = log_weights > _NEGLIGIBLE
            log_r.append(nodes[kept])
            log_h.append(sets.log_h(nodes[kept]))
            log_weight.append(log_weights[kept])
        return np.concatenate(log_r), np.concatenate(log_h), np.concatenate(log_weight)
