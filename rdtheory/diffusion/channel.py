"""The forward channel X -> Z of a Gaussian vector, and the decoder's ways back [T1.1, T1.5-T1.9].

In the eigenbasis of Σ, with X centred: Z_i = g_i X_i + N(0, n_i). Everything that an encoder, a
decoder or a simulator needs to know of a channel follows from the gains g and the noise variances
n; neither the noise family nor the noise level is needed any more.
"""

from dataclasses import dataclass
from typing import Any

from rdtheory.arrays import Array, check, float64, namespace, square_root, vectors
from rdtheory.diffusion.reconstruction import correlation
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector


@dataclass(frozen=True, eq=False)
class GaussianChannel:
    """Z_i = g_i X_i + N(0, n_i) in the eigenbasis of the source (Eq. 1, 13, 15).

    Z lives in that basis too: vectors of Z have shape (..., M) and mean 0, vectors of X and X̂ are
    in the source's own coordinates.

    Attributes:
        source: the Gaussian vector X.
        gains: g, shape (M,).
        noise_variances: n, shape (M,), >= 0, and > 0 where λ_i > 0.

    Raises:
        InputError: if shapes differ or a variance is out of range.

    >>> channel = GaussianChannel(GaussianVector([3.0]), gains=[0.5], noise_variances=[0.25])
    >>> float(channel.snr[0])
    3.0
    """

    source: GaussianVector
    gains: Array
    noise_variances: Array

    def __post_init__(self) -> None:
        xp = namespace(self.source.eigenvalues, self.gains, self.noise_variances)
        for name in ("gains", "noise_variances"):
            value = float64(xp, name, getattr(self, name))
            if tuple(value.shape) != (self.source.dim,):
                raise InputError(name, f"shape {tuple(value.shape)}", f"shape ({self.source.dim},)")
            value = check(name, value, xp.isfinite(value), "finite values")
            object.__setattr__(self, name, value)
        noise = self.noise_variances
        good = (noise > 0) | ((noise == 0) & (self.source.eigenvalues == 0))
        check("noise_variances", noise, good, "values > 0 wherever the eigenvalue is > 0")

    @property
    def snr(self) -> Array:
        """s_i = g_i² λ_i / n_i, the channel SNR of each component, shape (M,)."""
        xp = namespace(self.noise_variances)
        noiseless = self.noise_variances == 0  # only where X_i is constant
        noise = xp.where(noiseless, 1.0, self.noise_variances)
        return self.gains * self.gains * self.source.eigenvalues / noise

    @property
    def correlation(self) -> Array:
        """ρ_i, the correlation of X_i and Z_i, shape (M,) [T1.5f]."""
        return correlation(self.snr)

    @property
    def output_variances(self) -> Array:
        """E Z_i² = g_i² λ_i + n_i, shape (M,)."""
        return self.gains * self.gains * self.source.eigenvalues + self.noise_variances

    @property
    def information_nats(self) -> Array:
        """I(X; Z) = Σ ½ ln(1 + s_i), nats in all [T1.5a, T1.6a]."""
        xp = namespace(self.snr)
        return xp.sum(xp.log1p(self.snr)) / 2

    @property
    def posterior_gains(self) -> Array:
        """E[X_i | Z_i] = (this) · Z_i = g_i λ_i / (g_i² λ_i + n_i) · Z_i, shape (M,)."""
        return self._per_output(self.gains * self.source.eigenvalues)

    @property
    def posterior_variances(self) -> Array:
        """Var[X_i | Z_i] = λ_i / (1 + s_i), shape (M,)."""
        return self.source.eigenvalues / (1 + self.snr)

    @property
    def posterior_covariance(self) -> Array:
        """Cov[X | Z] in the coordinates of X, shape (M, M)."""
        return self.source.covariance_of(self.posterior_variances)

    @property
    def flow_gains(self) -> Array:
        """X̂_i = sqrt(λ_i / (g_i² λ_i + n_i)) · Z_i: Σ^{1/2} Cov(Z)^{-1/2} [T1.5c, T1.6d]."""
        return square_root(self._per_output(self.source.eigenvalues))

    def _per_output(self, numerator: Array) -> Array:
        xp = namespace(numerator)
        silent = self.output_variances == 0  # X_i constant and no noise: Z_i says 0
        return xp.where(silent, 0.0, numerator / xp.where(silent, 1.0, self.output_variances))

    def send(self, x: Array, rng: Any) -> Array:
        """One draw of Z given X = x, shape (..., M), by a `numpy.random.Generator`.

        >>> import numpy as np
        >>> channel = GaussianChannel(GaussianVector([3.0]), [0.5], [0.25])
        >>> channel.send(np.ones((5, 1)), np.random.default_rng(0)).shape
        (5, 1)
        """
        signal = self.gains * self.source.to_components(x)
        return signal + rng.standard_normal(signal.shape) * self.noise_variances**0.5

    def posterior_mean(self, z: Array) -> Array:
        """E[X | Z = z] in the coordinates of X, shape (..., M)."""
        return self.source.from_components(self._checked(z) * self.posterior_gains)

    def posterior_sample(self, z: Array, rng: Any) -> Array:
        """A draw of P(X | Z = z): the ancestral reconstruction [T1.1b], shape (..., M)."""
        z = self._checked(z)
        noise = rng.standard_normal(z.shape) * self.posterior_variances**0.5
        return self.source.from_components(z * self.posterior_gains + noise)

    def flow(self, z: Array) -> Array:
        """T(z), the end of the probability flow from z (Eq. 6) [T1.6d], shape (..., M)."""
        return self.source.from_components(self._checked(z) * self.flow_gains)

    def _checked(self, z: Array) -> Array:
        return vectors(namespace(z, self.gains), "z", z, self.source.dim)
