"""Schemes on a stationary process, per value of it: Szegő's limit [T6.1].

Every sum over the eigenvalues of M successive values, divided by M, tends to

    (1/2π) ∫ f(S(ω)) dω over (-π, π)

as M grows, S the spectral density; the error is c/M [T6.1a]. So the spectral density is the
eigenvalue, and all frequencies weigh the same.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, number
from rdtheory.diffusion.spectral_law import SpectralLaw
from rdtheory.diffusion.spectral_limit import SpectralLimit
from rdtheory.errors import InputError
from rdtheory.sources.stationary import StationaryProcess
from rdtheory.units import bits_from_nats


def stationary_limit(name: str, process: StationaryProcess) -> SpectralLimit:
    """(1/2π) ∫ f(S(ω)) dω: a scheme on a stationary process, per dimension [T6.1a].

    Args:
        name: one of `SCHEMES`.
        process: one that knows its spectral density.

    Raises:
        InputError: if the name is unknown, if there is no spectral density, or if it is not finite,
            not >= 0 or too rough.

    >>> from rdtheory.sources import ar1
    >>> point = stationary_limit("diffc-a", ar1(0.9)).at(noise_level=0.3)  # [T6.1b]
    >>> (point.bits_per_dim * np.log(2)).round(11), point.distortion_per_dim.round(11)
    (np.float64(0.35837905673), np.float64(0.22999161084))
    """
    if not isinstance(process, StationaryProcess):
        raise InputError("process", process, "a StationaryProcess")
    if process.spectral_density is None:
        raise InputError(
            "process",
            "one without a spectral density",
            "one with it",
            "use StationaryProcess.from_spectral_density",
        )
    return SpectralLimit(name, SpectralLaw(process.spectral_density, _uniform))


@dataclass(frozen=True, eq=False)
class IsotropicAr1:
    """DiffC-A on an AR(1), per dimension [T6.1b].

    Attributes:
        bits_per_dim: R/(M ln 2).
        distortion_per_dim: D_A/M.

    >>> IsotropicAr1(np.float64(0.5), np.float64(0.2)).to_dict()
    {'bits_per_dim': 0.5, 'distortion_per_dim': 0.2}
    """

    bits_per_dim: Array
    distortion_per_dim: Array

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON."""
        return {
            "bits_per_dim": np.asarray(self.bits_per_dim).tolist(),
            "distortion_per_dim": np.asarray(self.distortion_per_dim).tolist(),
        }


def isotropic_ar1(rho: float, innovation_variance: float, noise_level: Any) -> IsotropicAr1:
    """R = ½ ln((A + q)/(2t)), D_A = 2tσ²/q; A = σ² + t(1 + ρ²), q² = A² - (2ρt)² [T6.1b].

    Computed from x = σ²/t and q/t without a difference, so that it is accurate at any rate.

    Args:
        rho: ρ of X_n = ρ X_{n-1} + W_n, -1 < ρ < 1.
        innovation_variance: σ² = E W_n² > 0.
        noise_level: t > 0, finite; any shape.

    Raises:
        InputError: if an argument is out of range.

    >>> isotropic_ar1(0.9, 0.19, 0.3).distortion_per_dim.round(11)
    np.float64(0.22999161084)
    """
    correlation = number("rho", rho, lambda x: -1 < x < 1, "a number, -1 < rho < 1")
    innovation = number(
        "innovation_variance",
        innovation_variance,
        lambda x: 1e-150 <= x <= 1e150,
        "a number from 1e-150 to 1e150",
    )
    level = float64(np, "noise_level", noise_level)
    within = (level >= 1e-150) & (level <= 1e150)
    check("noise_level", level, within, "numbers from 1e-150 to 1e150")
    x, near, far = innovation / level, (1 - correlation) ** 2, (1 + correlation) ** 2
    q = np.sqrt(x + near) * np.sqrt(x + far)
    # (A + q)/t - 2 = x + q - (1 - ρ²), and q² - (1 - ρ²)² = x (x + 2 + 2ρ²).
    excess = x * (1 + (x + near + far) / (q + (1 - correlation) * (1 + correlation)))
    return IsotropicAr1(bits_from_nats(np.log1p(excess / 2) / 2), 2 * innovation / q)


def _uniform(frequencies: np.ndarray) -> np.ndarray:
    return np.full_like(frequencies, 1 / np.pi)
