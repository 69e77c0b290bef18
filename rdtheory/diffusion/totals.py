"""Rate and distortion of a noise family summed over all components, and the way back [T1.6-T1.9].

    R = ½ Σ ln(1 + s_i),   remaining = Σ λ_i δ(s_i),   captured = Σ λ_i (1 - δ(s_i))

as functions of the leading channel SNR s₁. `ComponentSums` evaluates them for any noise and any
reconstruction, O(M) a point, and inverts them numerically. `ReverseWaterFilling` offers the same
for A* noise in O(log M) a point, in closed form.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from rdtheory.arrays import Array, is_numpy, namespace
from rdtheory.diffusion.inversion import solve_log
from rdtheory.diffusion.noise import Noise
from rdtheory.diffusion.reconstruction import Reconstruction
from rdtheory.sources.gaussian import GaussianVector


class Totals(Protocol):
    """What a scheme asks of its sums; arrays of any shape; rates in nats."""

    def totals(self, leading_snr: Array) -> tuple[Array, Array, Array]:
        """Rate, remaining and captured at s₁."""
        ...

    def slope(self, leading_snr: Array) -> Array:
        """The derivative of the rate by `remaining`."""
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
    _BLOCK = 2**14

    def __init__(
        self, source: GaussianVector, noise: Noise, reconstruction: Reconstruction
    ) -> None:
        self.source, self.noise, self.reconstruction = source, noise, reconstruction

    def totals(self, leading_snr: Array) -> tuple[Array, Array, Array]:
        """R = ½ Σ ln(1 + s_i), Σ λ_i δ(s_i) and Σ λ_i (1 - δ(s_i)) [T1.6]."""
        rate, remaining, captured = self._sums(
            leading_snr, lambda snr: (self._rate(snr), *self._split(snr))
        )
        return rate, remaining, captured

    def slope(self, leading_snr: Array) -> Array:
        """The derivative of R by `remaining`, from d ln a_i = w_i: -½ Σ w_i / Σ λ_i δ'_i."""
        rate_loss, growth = self._sums(leading_snr, self._growth)
        return -rate_loss / growth

    def leading_snr_at_rate(self, rate: Array) -> Array:
        """The s₁ whose rate is R."""
        return solve_log(lambda s: self._sums(s, lambda snr: [self._rate(snr)])[0], rate)

    def leading_snr_at_distortion(self, remaining: Array, captured: Array) -> Array:
        """The s₁ whose distortion is D, by captured / remaining: well conditioned at both ends."""

        def ratio(leading_snr: Array) -> Array:
            remaining, captured = self._sums(leading_snr, self._split)
            return captured / remaining

        return solve_log(ratio, captured / remaining)

    # Terms of the sums, shape (..., M).

    def _rate(self, snr: Array) -> Array:
        return namespace(snr).log1p(snr) / 2

    def _split(self, snr: Array) -> tuple[Array, Array]:
        remaining, captured = self.reconstruction.split(snr)
        return self.source.eigenvalues * remaining, self.source.eigenvalues * captured

    def _growth(self, snr: Array) -> tuple[Array, Array]:
        sensitivity = self.noise.sensitivity(snr)
        growth = self.reconstruction.growth(snr, sensitivity)
        return sensitivity / 2, self.source.eigenvalues * growth

    def _sums(
        self, leading_snr: Array, terms: Callable[[Array], Sequence[Array]]
    ) -> Sequence[Array]:
        """Σ_i of each of terms(s), at every s₁ of an array."""
        xp = namespace(leading_snr, self.source.eigenvalues)
        points = xp.reshape(leading_snr, (-1,))
        step = max(1, self._BLOCK // self.source.dim) if is_numpy(xp) else points.size
        blocks = [points[start : start + step] for start in range(0, points.size, step)]
        sums = [
            [xp.sum(term, axis=-1) for term in terms(self.noise.component_snr(self.source, block))]
            for block in blocks
        ]
        return [
            xp.reshape(xp.concat(parts), leading_snr.shape) for parts in zip(*sums, strict=True)
        ]
