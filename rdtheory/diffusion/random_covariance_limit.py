"""Random covariances: the law of Marchenko and Pastur [T6.3].

Let H have N rows and K columns of independent entries of variance 1/N, and b = K/N. As both grow,
the law of an eigenvalue λ of HᵀH tends to a density on ((1 - √b)², (1 + √b)²) and, if b > 1, an
atom at 0 (Tulino and Verdú 2004). With g = 1/t, A and B = sqrt(1 + g (1 ± √b)²) and q = mmse,

    q = 4/(A + B)²
    E ln(1 + gλ) = ln P + (1/b) ln Q - g q,   P = 1 + g q P,   Q = 1 + b g q Q

which is [T6.3] with F = 4 b g² q, P = 1 + g - F/4 and Q = 1 + bg - F/4, free of differences: P and
Q are ½ (x + sqrt(x² + 4bg)) for x = 1 + g - bg, and ½ (y + sqrt(y² + 4g)) for y = 1 + bg - g.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, number
from rdtheory.diffusion.spectral_law import SpectralLaw
from rdtheory.diffusion.spectral_limit import SpectralLimit


@dataclass(frozen=True)
class MarchenkoPastur:
    """The law of an eigenvalue of HᵀH, H of size N × K with entries of variance 1/N [T6.3].

    Args:
        ratio: b = K/N, from 1e-6 to 1e6.

    Raises:
        InputError: if the ratio is out of range.

    >>> law = MarchenkoPastur(0.5)
    >>> law.mean_log_nats(10.0).round(7), law.mmse(10.0).round(7)
    (np.float64(2.1663116), np.float64(0.0851669))
    """

    ratio: float

    def __post_init__(self) -> None:
        allowed = "a number from 1e-6 to 1e6"
        ratio = number("ratio", self.ratio, lambda b: 1e-6 <= b <= 1e6, allowed)
        object.__setattr__(self, "ratio", ratio)

    @property
    def support(self) -> tuple[float, float]:
        """(1 - √b)² and (1 + √b)², between which the density is positive."""
        root = self.ratio**0.5
        return ((1 - self.ratio) / (1 + root)) ** 2, (1 + root) ** 2

    @property
    def atom(self) -> float:
        """The probability of λ = 0: 1 - 1/b, or 0."""
        return max(0.0, (self.ratio - 1) / self.ratio)

    def density(self, eigenvalue: Any) -> Array:
        """sqrt((λ₊ - λ)(λ - λ₋))/(2πbλ), 0 outside the support; infinite at λ = 0 if b = 1.

        >>> MarchenkoPastur(1.0).density([1.0, 5.0]).round(6)  # sqrt 3/(2π)
        array([0.275664, 0.      ])
        """
        value = float64(np, "eigenvalue", eigenvalue)
        check("eigenvalue", value, np.isfinite(value), "finite numbers")
        low, high = self.support
        inside = (value >= low) & (value <= high)
        value = np.where(inside, value, 1.0)
        product = np.where(inside, (high - value) * (value - low), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.sqrt(product) / (2 * np.pi * self.ratio * value)
        return np.where(inside, np.where(value > 0, density, np.inf), 0.0)[()]

    def mean_log_nats(self, snr: Any) -> Array:
        """E ln(1 + gλ): twice the rate of isotropic noise t = 1/g, per dimension.

        Args:
            snr: g, from 0 to 1e100; any shape.

        Raises:
            InputError: if an SNR is out of range.
        """
        g, b = self._snr(snr), self.ratio
        q = self._mmse(g)
        first, second = _half_sum(1 + g * (1 - b), b * g), _half_sum(1 + g * (b - 1), g)
        return np.log1p(g * q * first) + np.log1p(b * g * q * second) / b - g * q

    def mmse(self, snr: Any) -> Array:
        """E λ/(1 + gλ): half the D of DiffC-A, per dimension.

        Args:
            snr: g, from 0 to 1e100; any shape.

        Raises:
            InputError: if an SNR is out of range.
        """
        return self._mmse(self._snr(snr))

    @property
    def law(self) -> SpectralLaw:
        """λ = (1 - √b)² + 4 √b sin²(φ/2), of density (2/π) sin² φ/λ."""
        low, _ = self.support

        def eigenvalue(angle: np.ndarray) -> np.ndarray:
            return low + 4 * self.ratio**0.5 * np.sin(angle / 2) ** 2

        return SpectralLaw(
            eigenvalue, lambda angle: 2 / np.pi * np.sin(angle) ** 2 / eigenvalue(angle)
        )

    def _mmse(self, g: Array) -> Array:
        low, high = self.support
        return 4 / (np.sqrt(1 + g * high) + np.sqrt(1 + g * low)) ** 2

    def _snr(self, snr: Any) -> Array:
        value = float64(np, "snr", snr)
        return check("snr", value, (value >= 0) & (value <= 1e100), "numbers from 0 to 1e100")


def random_covariance_limit(name: str, ratio: float) -> SpectralLimit:
    """A scheme on K dimensions with the covariance HᵀH, per dimension, as K grows [T6.3].

    Args:
        name: one of `SCHEMES`.
        ratio: b = K/N, from 1e-6 to 1e6.

    Raises:
        InputError: if the name is unknown or the ratio is out of range.

    >>> point = random_covariance_limit("diffc-a", 0.5).at(noise_level=0.1)
    >>> (2 * point.bits_per_dim * np.log(2)).round(7), (point.distortion_per_dim / 2).round(7)
    (np.float64(2.1663116), np.float64(0.0851669))
    """
    return SpectralLimit(name, MarchenkoPastur(ratio).law)


def _half_sum(x: Array, product: Array) -> Array:
    """½ (x + sqrt(x² + 4 product)), the positive root of z² = x z + product."""
    root = np.hypot(x, 2 * np.sqrt(product))
    return np.where(x > 0, (x + root) / 2, 2 * product / np.where(x > 0, 1.0, root - x))
