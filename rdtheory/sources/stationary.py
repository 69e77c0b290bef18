"""Stationary Gaussian processes, and the Gaussian vectors that are a stretch of them [T6.1].

A process is given by its autocovariances r_k = E X_n X_{n+k}, or by its spectral density
S(ω) = Σ_k r_k e^{-iωk}. M successive values are a Gaussian vector with the Toeplitz covariance
Σ_ij = r_{|i-j|}.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import check, float64, whole_number
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import LARGEST_MATRIX, GaussianVector

_MOST_POINTS = 2**24
"""More frequencies than that take gigabytes."""


@dataclass(frozen=True)
class StationaryProcess:
    """A stationary Gaussian process with mean 0, by its autocovariances [T6.1].

    Attributes:
        autocovariance: a function from lags 0, 1, .., M-1 (an integer array) to r, same shape.
        spectral_density: S(ω) for frequencies in [0, π], if it is known.

    >>> ar1(0.5).vector(2).covariance.round(12)
    array([[1. , 0.5],
           [0.5, 1. ]])
    """

    autocovariance: Callable[[np.ndarray], Any]
    spectral_density: Callable[[np.ndarray], Any] | None = None

    @classmethod
    def from_spectral_density(
        cls, density: Callable[[np.ndarray], Any], points: int = 2**14
    ) -> "StationaryProcess":
        """The process of a spectral density S(ω): r_k = (1/2π) ∫ S(ω) cos(kω) dω over (-π, π).

        The integral is a mean over `points` equally spaced frequencies, which is exact to rounding
        for a smooth density; the mean over half of them must agree to 1e-10 of r_0.

        Args:
            density: takes frequencies in [0, π], returns S >= 0 of that shape.
            points: number of frequencies on the circle, a multiple of 4 up to 2^24; lags are below
                a quarter of it.

        Raises:
            InputError: if S is negative, NaN, infinite or 0 throughout, or too rough for that many
                points.

        >>> ma1 = StationaryProcess.from_spectral_density(lambda w: 1 + 0.8 * np.cos(w))
        >>> ma1.autocovariance(np.arange(3)).round(12) + 0.0
        array([1. , 0.4, 0. ])
        """
        if whole_number("points", points) % 4 or points > _MOST_POINTS:
            raise InputError("points", points, f"a multiple of 4 up to {_MOST_POINTS}")
        half = points // 2
        frequencies = np.pi * np.arange(half + 1) / half
        values = _values("density", density, frequencies)
        values = check("density", values, (values >= 0) & np.isfinite(values), "finite values >= 0")
        covariances = np.fft.irfft(values)
        coarse = np.fft.irfft(values[::2])
        lags = half // 2
        error = np.abs(covariances[:lags] - coarse[:lags]).max()
        if error > 1e-10 * covariances[0]:
            raise InputError(
                "density",
                f"a function whose integral is uncertain by {error:.1e}",
                "a smooth one",
                "increase points",
            )

        def autocovariance(lag: np.ndarray) -> np.ndarray:
            if np.max(lag) >= lags:
                raise InputError("lag", np.max(lag), f"below {lags}", "increase points")
            return covariances[lag]

        return cls(autocovariance, density)

    def vector(self, dim: int) -> GaussianVector:
        """`dim` successive values as a Gaussian vector.

        Raises:
            InputError: if `dim` is no whole number from 1 to 8192, or if the autocovariances do
                not make a covariance matrix.
        """
        if whole_number("dim", dim) > LARGEST_MATRIX:
            raise InputError(
                "dim",
                dim,
                f"at most {LARGEST_MATRIX}",
                "give eigenvalues, for instance a power law",
            )
        from scipy.linalg import toeplitz

        covariances = _values("autocovariance", self.autocovariance, np.arange(dim))
        return GaussianVector.from_covariance(toeplitz(covariances))


def _values(name: str, function: Callable[[np.ndarray], Any], at: np.ndarray) -> np.ndarray:
    """What a function of the user's makes of a vector: numbers of the same shape."""
    if not callable(function):
        raise InputError(name, function, "a function of an array")
    values = float64(np, name, function(at))
    if values.shape != at.shape:
        raise InputError(name, f"values of shape {values.shape}", f"as many as asked, {at.shape}")
    return values


def ar1(rho: float, innovation_variance: float | None = None) -> StationaryProcess:
    """The autoregressive process X_n = ρ X_{n-1} + W_n: r_k = ρ^|k| E W_n²/(1 - ρ²) [T6.1b].

    S(ω) = E W_n² / |1 - ρ e^{-iω}|².

    Args:
        rho: the correlation of neighbours, -1 < ρ < 1.
        innovation_variance: E W_n² > 0; None means 1 - ρ², a process of variance 1.

    Raises:
        InputError: if ρ is outside (-1, 1), or if the innovation variance is not positive.

    >>> ar1(0.9).vector(64).dim
    64
    """
    correlation = float64(np, "rho", rho)
    if correlation.ndim or not -1 < correlation < 1:
        raise InputError("rho", correlation, "a number, -1 < rho < 1")
    whole = (1 - correlation) * (1 + correlation)
    innovation = whole
    if innovation_variance is not None:
        innovation = float64(np, "innovation_variance", innovation_variance)
        if innovation.ndim or not 0 < innovation < np.inf:
            raise InputError("innovation_variance", innovation, "a finite number > 0")

    def density(frequency: np.ndarray) -> np.ndarray:
        # |1 - ρ e^{-iω}|² by whichever of ω and π - ω makes all terms positive.
        turn = np.sin(frequency / 2) if correlation > 0 else np.cos(frequency / 2)
        return innovation / ((1 - abs(correlation)) ** 2 + 4 * abs(correlation) * turn**2)

    variance = innovation / whole
    return StationaryProcess(lambda lag: variance * np.power(correlation, lag), density)
