"""What the decoder knows of X, message by message, and what it makes of it [T1.3b, T1.11].

In the eigenbasis, after observations of X_i worth an SNR s_i in all, X_i ~ N(μ_i, λ_i/(1 + s_i)). A
message that raises the SNR to s_i' sends one more observation Y_i = X_i + N(0, λ_i/(s_i' - s_i)),
of which both sides expect N(μ_i, λ_i/(1 + s_i) + λ_i/(s_i' - s_i)). Standardised by that prior,

    target      N(m_i, v_i),  v_i = (1 + s_i)/(1 + s_i'),
                m_i = (x_i - μ_i) sqrt((1 + s_i)(s_i' - s_i) / (λ_i (1 + s_i')))
    update      μ_i' = μ_i + z_i sqrt(λ_i (s_i' - s_i) / ((1 + s_i)(1 + s_i')))

for the sample z_i that arrived: the reverse kernel p(z_s | z_{s+1}) of Eq. 5, in a form that has no
infinite noise variance at s = 0 and no difference of large numbers. v is the same for all vectors
and known before anything is sent.
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.diffusion.reconstruction import Normals, Reconstruction


@dataclass(frozen=True, eq=False)
class Posterior:
    """X_i ~ N(μ_i, λ_i/(1 + s_i)) for n vectors.

    Attributes:
        eigenvalues: λ, shape (M,).
        mean: μ, shape (n, M), in the eigenbasis, the source centred.
        snr: s, shape (n, M): what has arrived may differ between vectors.

    >>> import numpy as np
    >>> start = Posterior.before_anything(np.array([4.0, 1.0]), vectors=3)
    >>> start.after(np.ones((3, 2)), np.array([3.0, 0.0])).mean[0]
    array([1.73205081, 0.        ])
    """

    eigenvalues: Array
    mean: Array
    snr: Array

    @classmethod
    def before_anything(cls, eigenvalues: Array, vectors: int) -> "Posterior":
        """The prior: mean 0, SNR 0."""
        return cls(eigenvalues, *np.zeros((2, vectors, len(eigenvalues))))

    def variances(self, snr: Array) -> Array:
        """v_i = (1 + s_i)/(1 + s_i'), the relative noise variances of a step to s' = `snr`."""
        return (1 + self.snr) / (1 + snr)

    def targets(self, components: Array, snr: Array) -> Array:
        """m_i, the means of a step's targets, shape (n, M); 0 where nothing is to be sent."""
        gained = self._gained(snr)
        known = np.where(gained > 0, self.eigenvalues, 1.0)
        scale = np.sqrt((1 + self.snr) * gained / (known * (1 + snr)))
        return (components - self.mean) * scale

    def after(self, sample: Array, snr: Array, received: Array | bool = True) -> "Posterior":
        """What is known after the step's sample z, shape (n, M), where it was received."""
        snr = np.where(received, np.maximum(snr, self.snr), self.snr)
        scale = np.sqrt(self.eigenvalues * self._gained(snr) / ((1 + self.snr) * (1 + snr)))
        return Posterior(self.eigenvalues, self.mean + sample * scale, snr)

    def reconstruct(self, how: Reconstruction, normals: Normals) -> Array:
        """X̂ in the eigenbasis, shape (n, M) [T1.1b, T1.1c, T1.5].

        Args:
            how: ancestral sampling, flow or posterior mean.
            normals: makes standard normals of a shape: the decoder's own randomness.
        """
        return how.of(self.mean, self.eigenvalues, self.snr, normals)

    def _gained(self, snr: Array) -> Array:
        return np.maximum(snr - self.snr, 0.0)
