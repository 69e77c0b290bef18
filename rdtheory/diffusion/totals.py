"""Rate and distortion of a noise family summed over all components, and the way back [T1.6-T1.9].

    R = ½ Σ ln(1 + s_i),   remaining = Σ λ_i δ(s_i),   captured = Σ λ_i (1 - δ(s_i))

as functions of the leading channel SNR s₁. `ComponentSums` evaluates them for any noise and any
reconstruction, O(M) a point, and inverts them numerically. `ReverseWaterFilling` offers the same
for A* noise in O(log M) a point, in closed form.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from rdtheory.arrays import Array, is_numpy, namespace
from rdtheory.diffusion.inversion import solve_log
from rdtheory.diffusion.noise import Noise
from rdtheory.diffusion.reconstruction import Reconstruction
from rdtheory.sources.gaussian import GaussianVector


class Totals(Protocol):
    """What a scheme asks of its sums; arrays of any shape; rates in nats."""

    def rate(self, leading_snr: Array) -> Array:
        """R(s₁)."""
        ...

    def remaining(self, leading_snr: Array) -> Array:
        """Σ λ_i δ_i, the distortion without its factor c."""
        ...

    def captured(self, leading_snr: Array) -> Array:
        """Tr Σ less that."""
        ...

    def slope(self, leading_snr: Array) -> Array:
        """D rate / d remaining."""
        ...

    def leading_snr_at_rate(self, rate: Array) -> Array:
        """The s₁ of a rate."""
        ...

    def leading_snr_at_distortion(self, remaining: Array, captured: Array) -> Array:
        """The s₁ of a distortion, given with its complement."""
        ...


class ComponentSums:
    """Totals of `noise` and `reconstruction` for a Gaussian source, by summing components."""

    # Points are evaluated in blocks of about so many components: temporaries stay in the cache,
    # and the memory needed does not grow with the number of points.
    _BLOCK = 2**15

    def __init__(
        self, source: GaussianVector, noise: Noise, reconstruction: Reconstruction
    ) -> None:
        self.source, self.noise, self.reconstruction = source, noise, reconstruction

    def rate(self, leading_snr: Array) -> Array:
        """R = ½ Σ ln(1 + s_i) [T1.6a]."""
        return self._sums(leading_snr, self._rate)[0]

    def remaining(self, leading_snr: Array) -> Array:
        """Σ λ_i δ(s_i)."""
        return self._sums(leading_snr, self._remaining)[0]

    def captured(self, leading_snr: Array) -> Array:
        """Σ λ_i (1 - δ(s_i))."""
        return self._sums(leading_snr, self._captured)[0]

    def slope(self, leading_snr: Array) -> Array:
        """D rate / d remaining, from d ln a_i = w_i: R' = -½ Σ w_i, remaining' = Σ λ_i δ'_i."""
        rate_loss, growth = self._sums(leading_snr, self._rate_loss, self._growth)
        return -rate_loss / growth

    def leading_snr_at_rate(self, rate: Array) -> Array:
        """The s₁ whose rate is R."""
        return solve_log(self.rate, rate)

    def leading_snr_at_distortion(self, remaining: Array, captured: Array) -> Array:
        """The s₁ whose distortion is D, by captured / remaining: well conditioned at both ends."""

        def ratio(leading_snr: Array) -> Array:
            captured, remaining = self._sums(leading_snr, self._captured, self._remaining)
            return captured / remaining

        return solve_log(ratio, captured / remaining)

    def _rate(self, snr: Array) -> Array:
        return namespace(snr).log1p(snr) / 2

    def _remaining(self, snr: Array) -> Array:
        return self.source.eigenvalues * self.reconstruction.remaining(snr)

    def _captured(self, snr: Array) -> Array:
        return self.source.eigenvalues * self.reconstruction.captured(snr)

    def _rate_loss(self, snr: Array) -> Array:
        return self.noise.sensitivity(snr) / 2

    def _growth(self, snr: Array) -> Array:
        sensitivity = self.noise.sensitivity(snr)
        return self.source.eigenvalues * self.reconstruction.growth(snr, sensitivity)

    def _sums(self, leading_snr: Array, *terms: Callable[[Array], Array]) -> list[Array]:
        """Σ_i term(s_i) for each of the terms, at every s₁ of an array."""
        xp = namespace(leading_snr, self.source.eigenvalues)
        if not is_numpy(xp):
            snr = self.noise.component_snr(self.source, leading_snr)
            return [xp.sum(term(snr), axis=-1) for term in terms]
        points = np.reshape(leading_snr, -1)
        totals = np.empty((len(terms), points.size))
        step = max(1, self._BLOCK // self.source.dim)
        for start in range(0, points.size, step):
            block = slice(start, start + step)
            snr = self.noise.component_snr(self.source, points[block])
            for total, term in zip(totals, terms, strict=True):
                total[block] = np.sum(term(snr), axis=-1)
        return [total.reshape(np.shape(leading_snr)) for total in totals]
