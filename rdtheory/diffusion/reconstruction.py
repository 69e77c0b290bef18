"""Reconstructions: how the decoder makes X̂ from the received Z, and the distortion it gets.

With the channel SNR s_i = λ_i/t_i of a component, the correlation of X_i and Z_i is
ρ_i = sqrt(s_i / (1 + s_i)) and a_i = 1 - ρ_i² = 1/(1 + s_i) = exp(-2 R_i). Then D_i = c λ_i δ_i:

    reconstruction              c    δ (remaining)       1 - δ (captured)
    ancestral sampling  (A)     2    a                   ρ²                    [T1.5b]
    probability flow    (F)     2    1 - ρ               ρ                     [T1.5c]
    posterior mean      (MMSE)  1    a                   ρ²

The first two are perfectly realistic (X̂ ~ X), the third is not; with A* noise it attains R*(D).
Both δ and 1 - δ are given, each without a subtraction [T9.1, T9.2].
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, TypeAlias

from rdtheory.arrays import Array, namespace, square_root

Normals: TypeAlias = Callable[[tuple[int, ...]], Array]
"""Makes standard normals of a shape."""


def correlation(snr: Array) -> Array:
    """ρ = sqrt(s / (1 + s)), the correlation of X_i and Z_i at channel SNR s [T1.5f].

    Its derivative at s = 0 is infinite; JAX is told 0, see `square_root`: right for a component of
    variance 0, and not defined at zero rate.

    >>> import numpy as np
    >>> correlation(np.array([0.0, 1.0, 3.0])).round(4)
    array([0.    , 0.7071, 0.866 ])
    """
    return square_root(snr / (1 + snr))


class Reconstruction(ABC):
    """How X̂ is made from Z; all methods are elementwise in the channel SNR s.

    >>> import numpy as np
    >>> for how in (Ancestral(), Flow(), PosteriorMean()):
    ...     how.name, [round(float(share), 12) for share in how.split(np.float64(3.0))]
    ('ancestral', [0.25, 0.75])
    ('flow', [0.133974596216, 0.866025403784])
    ('mmse', [0.25, 0.75])
    """

    name: ClassVar[str]
    zero_rate_factor: ClassVar[float]
    """c = D/tr Σ at zero rate."""
    zero_rate_snr_db: ClassVar[tuple[float, float]] = (0.0, 0.0)
    """10 log10(2/c), the SNR at zero rate [T1.10a], as an unevaluated sum of two float64."""

    @abstractmethod
    def split(self, snr: Array) -> tuple[Array, Array]:
        """δ(s) = D_i / (c λ_i), what remains of the error at zero rate, and 1 - δ(s)."""

    @abstractmethod
    def log_gain(self, snr: Array) -> Array:
        """-ln δ(s) [T1.10b]."""

    @abstractmethod
    def growth(self, snr: Array, sensitivity: Array) -> Array:
        """dδ along a noise family in which d ln a = w = `sensitivity`."""

    @abstractmethod
    def of(self, mean: Array, eigenvalues: Array, snr: Array, normals: Normals) -> Array:
        """X̂ in the eigenbasis from E[X | Z] at SNR s, shapes (n, M), (M,) and (n, M).

        `normals` makes standard normals of a shape: the decoder's own randomness.
        """


class Ancestral(Reconstruction):
    """X̂ ~ P(X | Z): D_A = 2 Σ λ_i / (1 + s_i), twice the mmse [T1.1b, T1.5b, T1.6b].

    >>> import numpy as np
    >>> Ancestral().log_gain(np.float64(3.0)).round(6)  # ln 4
    np.float64(1.386294)
    """

    name = "ancestral"
    zero_rate_factor = 2.0

    def split(self, snr: Array) -> tuple[Array, Array]:
        """1/(1 + s) and s/(1 + s)."""
        remaining = 1 / (1 + snr)
        return remaining, snr * remaining

    def log_gain(self, snr: Array) -> Array:
        """ln(1 + s): 6.02 dB a bit."""
        return namespace(snr).log1p(snr)

    def growth(self, snr: Array, sensitivity: Array) -> Array:
        """a = 1/(1 + s), so da = a w."""
        return sensitivity / (1 + snr)

    def of(self, mean: Array, eigenvalues: Array, snr: Array, normals: Normals) -> Array:
        """E[X | Z] + N(0, λ/(1 + s))."""
        return mean + normals(mean.shape) * (eigenvalues / (1 + snr)) ** 0.5


class PosteriorMean(Ancestral):
    """X̂ = E[X | Z]: D = Σ λ_i / (1 + s_i), the mmse [T1.5b].

    >>> PosteriorMean().zero_rate_factor
    1.0
    """

    name = "mmse"
    zero_rate_factor = 1.0
    zero_rate_snr_db = (3.010299956639812, -1.3905958374036735e-16)

    def of(self, mean: Array, eigenvalues: Array, snr: Array, normals: Normals) -> Array:
        """E[X | Z] itself."""
        return mean


class Flow(Reconstruction):
    """X̂ = T(Z), the probability flow (Eq. 6): D_F = 2 Σ λ_i (1 - ρ_i) [T1.1c, T1.5c, T1.6c].

    >>> import numpy as np
    >>> Flow().split(np.float64(1e-18))[1].round(12)  # captured: ρ, to the last digit
    np.float64(1e-09)
    """

    name = "flow"
    zero_rate_factor = 2.0

    def split(self, snr: Array) -> tuple[Array, Array]:
        """1 - ρ = 1 / ((1 + s)(1 + ρ)) and ρ."""
        total = 1 + snr
        rho = correlation(snr)
        return 1 / (total + total * rho), rho

    def log_gain(self, snr: Array) -> Array:
        """ln(1 + s) + ln(1 + ρ)."""
        xp = namespace(snr)
        return xp.log1p(snr) + xp.log1p(correlation(snr))

    def growth(self, snr: Array, sensitivity: Array) -> Array:
        """δ = 1 - ρ and ρ² = 1 - a, so dδ = a w / (2ρ)."""
        rho = correlation(snr)
        xp = namespace(snr)
        return xp.where(
            sensitivity > 0, sensitivity / (2 * (1 + snr) * xp.where(rho > 0, rho, 1.0)), 0.0
        )

    def of(self, mean: Array, eigenvalues: Array, snr: Array, normals: Normals) -> Array:
        """E[X | Z] / ρ, which has the variance of X; at s = 0, where Z is noise, such noise."""
        xp, silent = namespace(mean), snr == 0
        noise = normals(mean.shape) * eigenvalues**0.5
        return xp.where(silent, noise, mean / correlation(xp.where(silent, 1.0, snr)))


RECONSTRUCTIONS: Mapping[str, Reconstruction] = MappingProxyType(
    {how.name: how for how in (Ancestral(), Flow(), PosteriorMean())}
)
"""The reconstructions by name: ancestral, flow, mmse."""
