"""Noise families: how much noise each principal component receives [T1.6-T1.9, T1.11].

Component i of the channel is Y_i = X_i + N(0, t_i), with SNR s_i = λ_i/t_i and correlation
ρ_i = sqrt(s_i / (1 + s_i)). A family is one rule for all i, and three of the four are one rule:

    t_i ρ_i^k = θ    with  k = 0: isotropic noise,  k = 1: F*,  k = 2: A*

while pink noise has t_i / λ_i the same for all i. Each is a one-parameter family, ordered: more
noise in one component is more noise in all, so a family is one diffusion run through time, and a
curve is one progressive code [T1.11].

The parameter of all families is the *leading channel SNR* s₁ = λ₁/t₁ of the component of largest
eigenvalue. It is 0 at zero rate, and unlike θ it is well conditioned there.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from rdtheory.arrays import Array, check, namespace
from rdtheory.diffusion.reconstruction import correlation
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector


class Noise(ABC):
    """A one-parameter family of Gaussian channels, parametrised by s₁ = λ₁/t₁.

    `docs/adding.md` adds one.

    >>> import numpy as np
    >>> FStar().component_snr(GaussianVector([4.0, 1.0]), np.array(3.0)).round(4)
    array([3. , 0.5])
    """

    name: ClassVar[str]

    @abstractmethod
    def snr(self, eigenvalues: Array, leading: Array, leading_snr: Array) -> Array:
        """s_i for eigenvalues λ_i (`leading` = λ₁ is the largest) at s₁; broadcasts."""

    def component_snr(self, source: GaussianVector, leading_snr: Array) -> Array:
        """s_i of every component of a source at an array of s₁, shape (..., M)."""
        return self.snr(source.eigenvalues, source.leading_eigenvalue, leading_snr[..., None])

    @abstractmethod
    def sensitivity(self, snr: Array) -> Array:
        """w_i = d ln a_i along the family, up to a factor common to all i; a = 1/(1 + s)."""

    def water_level(self, leading: Array, leading_snr: Array) -> Array | None:
        """θ at s₁, or None for a family without one."""
        return None

    def leading_snr_at_water_level(self, leading: Array, water_level: Array) -> Array:
        """The s₁ of a water level θ.

        Raises:
            InputError: if the family has none, or has no rate at that level.
        """
        raise InputError(
            "water_level",
            f"a level for {self.name} noise",
            "a level for A* or F* noise",
            "use noise_level",
        )

    def channel(
        self, eigenvalues: Array, leading: Array, leading_snr: Array
    ) -> tuple[Array, Array]:
        """Gains g_i and noise variances n_i of Z_i = g_i X_i + N(0, n_i), scaled so that Z ~ X.

        g_i = ρ_i and n_i = (1 - ρ_i²) λ_i (Eq. 13, 15).
        """
        snr = self.snr(eigenvalues, leading, leading_snr)
        return correlation(snr), eigenvalues / (1 + snr)


class Isotropic(Noise):
    """The same t in all components, the noise of DiffC (Eq. 1, 2) [T1.6]: s_i = λ_i/t.

    >>> import numpy as np
    >>> Isotropic().component_snr(GaussianVector([4.0, 1.0]), np.array(8.0))
    array([8., 2.])
    """

    name = "isotropic"

    def snr(self, eigenvalues: Array, leading: Array, leading_snr: Array) -> Array:
        """s_i = (λ_i/λ₁) s₁."""
        return (eigenvalues / leading) * leading_snr

    def sensitivity(self, snr: Array) -> Array:
        """d ln a / d ln t = ρ²."""
        return snr / (1 + snr)

    def channel(
        self, eigenvalues: Array, leading: Array, leading_snr: Array
    ) -> tuple[Array, Array]:
        """Eq. 1: g = sqrt(1 - σ²) and n = σ² with σ² = t/(1 + t), t = λ₁/s₁ [T0.1]."""
        ones = namespace(eigenvalues).ones_like(eigenvalues)
        total = leading + leading_snr
        return namespace(total).sqrt(leading_snr / total) * ones, leading / total * ones


class Pink(Noise):
    """Noise with the covariance of the source, t_i = τ λ_i, γ² = τ/(1 + τ) (Fig. 7, P) [T1.7].

    A component of variance 0 carries nothing; one of any other variance carries as much as the
    rest. The rate is therefore not continuous at λ_i = 0.

    >>> import numpy as np
    >>> Pink().component_snr(GaussianVector([4.0, 1.0, 0.0]), np.array(8.0))
    array([8., 8., 0.])
    """

    name = "pink"

    def snr(self, eigenvalues: Array, leading: Array, leading_snr: Array) -> Array:
        """s_i = s₁, or 0 where λ_i = 0."""
        xp = namespace(eigenvalues, leading_snr)
        return xp.where(eigenvalues > 0, leading_snr, 0.0)

    def sensitivity(self, snr: Array) -> Array:
        """d ln a / d ln t = ρ²."""
        return snr / (1 + snr)


class AStar(Noise):
    """The noise that is optimal for ancestral sampling (Eq. 13, 14) [T1.8].

    γ_i² = min(1, θ/λ_i), hence s_i = max(λ_i/θ - 1, 0) and t_i = θ λ_i / (λ_i - θ) [T1.11].

    >>> import numpy as np
    >>> AStar().component_snr(GaussianVector([4.0, 2.0, 1.0]), np.array(3.0))  # θ = 1
    array([3., 1., 0.])
    """

    name = "a-star"

    def snr(self, eigenvalues: Array, leading: Array, leading_snr: Array) -> Array:
        """s_i = max(λ_i/θ - 1, 0), θ = λ₁/(1 + s₁)."""
        # λ_i/θ - 1 with λ₁/θ = 1 + s₁; the difference of eigenvalues loses nothing to rounding.
        xp = namespace(eigenvalues, leading_snr)
        excess = eigenvalues * leading_snr - (leading - eigenvalues)
        return xp.maximum(excess / leading, 0.0)

    def sensitivity(self, snr: Array) -> Array:
        """a = θ/λ where the component is active: 1 there, else 0."""
        xp = namespace(snr)
        return xp.where(snr > 0, 1.0, 0.0)

    def water_level(self, leading: Array, leading_snr: Array) -> Array:
        """θ = λ₁ / (1 + s₁)."""
        return leading / (1 + leading_snr)

    def leading_snr_at_water_level(self, leading: Array, water_level: Array) -> Array:
        """s₁ = (λ₁ - θ) / θ for 0 < θ <= λ₁."""
        water_level = check(
            "water_level",
            water_level,
            (water_level > 0) & (water_level <= leading),
            f"0 < water_level <= {leading!s}, the largest eigenvalue",
        )
        return (leading - water_level) / water_level


class FStar(Noise):
    """The noise that is optimal for the flow (Eq. 15) [T1.9].

    With u_i = 2 λ_i/θ: ρ_i = u_i / (1 + sqrt(1 + u_i²)) [T1.9a], and s_i = λ_i ρ_i / θ is
    u_i ρ_i / 2, so that 1 - ρ_i² = θρ_i/λ_i [T1.9b]. The θ here is twice that of Eq. 15 [T1.9d].
    (X, Z) is the entropic transport of the source to itself with regularisation 2θ [T1.9e]
    [Janati2020], so its rate is the least that perfect realism allows [T1.9f, T1.4b].

    >>> import numpy as np
    >>> FStar().water_level(np.array(4.0), np.array(3.0)).round(6)  # λ₁ / sqrt(s₁ (1 + s₁))
    np.float64(1.154701)
    """

    name = "f-star"

    def snr(self, eigenvalues: Array, leading: Array, leading_snr: Array) -> Array:
        """s_i = u_i² / (2 (1 + sqrt(1 + u_i²))), u_i = 2 (λ_i/λ₁) sqrt(s₁ (1 + s₁))."""
        leading_over_water = self._leading_over_water(leading_snr)
        return self._snr((eigenvalues / leading) * (2 * leading_over_water))

    def sensitivity(self, snr: Array) -> Array:
        """d ln a / d ln θ = 2ρ² / (1 + ρ²), from a = θρ/λ and ρ = 2λ / (θ + sqrt(θ² + 4λ²))."""
        return 2 * snr / (1 + 2 * snr)

    def water_level(self, leading: Array, leading_snr: Array) -> Array:
        """θ = t₁ ρ₁ = λ₁ / sqrt(s₁ (1 + s₁)); infinite at zero rate."""
        return divide_or_inf(leading, self._leading_over_water(leading_snr))

    def leading_snr_at_water_level(self, leading: Array, water_level: Array) -> Array:
        """s₁ = λ₁ρ₁/θ with ρ₁ from [T1.9a], for θ > 0, infinite at zero rate."""
        water_level = check(
            "water_level", water_level, water_level > 0, "numbers > 0 (infinite: zero rate)"
        )
        return self._snr(2 * (leading / water_level))

    @staticmethod
    def _leading_over_water(leading_snr: Array) -> Array:
        xp = namespace(leading_snr)
        return xp.sqrt(leading_snr) * xp.sqrt(1 + leading_snr)

    @staticmethod
    def _snr(u: Array) -> Array:
        xp = namespace(u)
        bounded = xp.minimum(u, 1e150)  # its square must not overflow; there ρ = 1 anyway
        return u * (bounded / (2 + 2 * xp.sqrt(1 + bounded * bounded)))


def divide_or_inf(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, infinite where the denominator is 0.

    >>> import numpy as np
    >>> divide_or_inf(np.float64(3.0), np.array([2.0, 0.0]))
    array([1.5, inf])
    """
    xp = namespace(numerator, denominator)
    positive = denominator > 0
    return xp.where(positive, numerator / xp.where(positive, denominator, 1.0), xp.inf)
