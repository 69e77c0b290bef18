"""A model whose denoiser is timed: what share of a codec's work is the network's."""

import time

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.model import Prior
from rdtheory.diffusion.reconstruction import Normals


class TimedPrior(Prior):
    """A prior that counts the seconds of its denoiser.

    Attributes:
        seconds: so far.

    >>> import numpy as np
    >>> from rdtheory.codecs.diffc.stationary import CosinePrior
    >>> timed = TimedPrior(CosinePrior((1, 1, 1), np.ones(1)))
    >>> timed.denoise(np.ones((1, 1)), np.ones(1)), timed.seconds > 0
    (array([[0.5]]), True)
    """

    def __init__(self, prior: Prior) -> None:
        self._prior = prior
        self.vectors, self.eigenvalues = prior.vectors, prior.eigenvalues
        self.isotropic_only = prior.isotropic_only
        self.seconds = 0.0

    def to_components(self, values: Array) -> Array:
        """As the prior."""
        return self._prior.to_components(values)

    def from_components(self, components: Array) -> Array:
        """As the prior."""
        return self._prior.from_components(components)

    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """As the prior, timed."""
        started = time.perf_counter()
        found = self._prior.denoise(observed, noise_variances)
        self.seconds += time.perf_counter() - started
        return found

    def errors(self, noise_variances: Array) -> Array:
        """As the prior."""
        return self._prior.errors(noise_variances)

    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """As the prior."""
        return self._prior.reconstruct(how, observed, noise_variances, normals)
