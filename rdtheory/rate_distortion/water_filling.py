"""Reverse water-filling: R*(D) and D*(R) of a Gaussian vector [T1.4d] (Eq. 7, 8).

    R*(D) = ½ Σ ln(λ_i / D_i),   D_i = min(λ_i, θ),   D = Σ D_i   (nats, sums over dimensions)

θ is the water level. The eigenvalues are sorted once and summed once; then every answer costs
O(log M). Two choices keep all of them accurate to a few units in the last place:

- The parameter is the *leading channel SNR* s₁ = λ₁/θ - 1 and not θ: near zero rate θ is so close
  to λ₁ that the difference, which is all that matters there, drowns in its last digits.
- At the k-th breakpoint (θ = λ_{k+1}) the rate is Σ_{j<=k} ½ j ln(λ_j / λ_{j+1}), a sum of terms
  >= 0, where the difference Σ ln λ_i - k ln θ would cancel. The same holds for tr Σ - D.
"""

from functools import cached_property
from typing import Any

from rdtheory.arrays import Array, check, cumulative_sum, float64, namespace
from rdtheory.sources.gaussian import GaussianVector, as_gaussian


class ReverseWaterFilling:
    """R*(D), D*(R) and the water level of a Gaussian source [T1.4d].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    Rates are nats and distortions squared errors, both summed over dimensions; arrays of any shape.

    >>> filling = ReverseWaterFilling([5.0, 2.0, 0.7, 0.1])
    >>> round(float(filling.rate_nats(1.6)), 12), round(float(filling.water_level(1.6)), 12)
    (2.012675845368, 0.5)
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        self.source = as_gaussian(source)
        self._xp = namespace(self.source.eigenvalues)
        self._sorted = self._xp.flip(self._xp.sort(self.source.eigenvalues, stable=False))

    def rate_nats(self, distortion: Any) -> Array:
        """R*(D) = ½ Σ ln(λ_i / min(λ_i, θ)) in nats, for 0 < D <= tr Σ (Eq. 7, 8).

        Raises:
            InputError: if a distortion is outside (0, tr Σ].
        """
        return self.rate(self._leading_snr_at(distortion))

    def distortion(self, rate_nats: Any) -> Array:
        """D*(R), the inverse of R*(D), for a finite R >= 0 in nats.

        Raises:
            InputError: if a rate is negative, NaN or infinite.

        >>> round(float(ReverseWaterFilling([5.0, 2.0]).distortion(0.0)), 12)
        7.0
        """
        rate = float64(namespace(rate_nats, self._sorted), "rate_nats", rate_nats)
        finite = (rate >= 0) & (rate < self._xp.inf)
        rate = check("rate_nats", rate, finite, "finite numbers >= 0")
        return self.remaining(self.leading_snr_at_rate(rate))

    def water_level(self, distortion: Any) -> Array:
        """The water level θ of R*(D): Σ min(λ_i, θ) = D; the slope is dR*/dD = -1/(2θ).

        Raises:
            InputError: if a distortion is outside (0, tr Σ].
        """
        return self._sorted[0] / (1 + self._leading_snr_at(distortion))

    def _leading_snr_at(self, distortion: Any) -> Array:
        distortion = float64(namespace(distortion, self._sorted), "distortion", distortion)
        total = self.source.total_variance
        distortion = check(
            "distortion",
            distortion,
            (distortion > 0) & (distortion <= total),
            f"0 < distortion <= {total!s}, the total variance",
        )
        return self.leading_snr_at_distortion(
            distortion, self.source.total_variance_minus(distortion)
        )

    # The totals as functions of s₁ = λ₁/θ - 1, and back: what `diffusion` builds schemes on.

    def rate(self, leading_snr: Array) -> Array:
        """R at s₁: the rate at the last breakpoint before it plus ½ k ln(λ_k / θ)."""
        index, snr = self._last_active(leading_snr)
        return self._rates[index] + (index + 1) * self._xp.log1p(snr) / 2

    def remaining(self, leading_snr: Array) -> Array:
        """Σ min(λ_i, θ) at s₁."""
        index, _ = self._last_active(leading_snr)
        return (index + 1) * (self._sorted[0] / (1 + leading_snr)) + self._tails[index]

    def captured(self, leading_snr: Array) -> Array:
        """Σ max(λ_i - θ, 0) = tr Σ - D at s₁, without the cancellation of that difference."""
        index, snr = self._last_active(leading_snr)
        return self._captured[index] + (index + 1) * self._sorted[index] * (snr / (1 + snr))

    def slope(self, leading_snr: Array) -> Array:
        """dR*/dD = -1/(2θ) at s₁."""
        return -(1 + leading_snr) / (2 * self._sorted[0])

    def leading_snr_at_rate(self, rate: Array) -> Array:
        """The s₁ whose rate is R."""
        index = self._count_below(self._rates, rate)
        excess = 2 * (rate - self._rates[index]) / (index + 1)
        return self._leading_from(index, self._xp.expm1(excess))

    def leading_snr_at_distortion(self, remaining: Array, captured: Array) -> Array:
        """The s₁ whose distortion is D, from D and from tr Σ - D: the smaller decides."""
        xp, first = self._xp, self._sorted[0]
        low_rate = captured < remaining

        captured = xp.minimum(captured, (captured + remaining) / 2)
        index = self._count_below(self._captured, captured)
        below = (captured - self._captured[index]) / (index + 1)  # λ_k - θ
        from_captured = self._leading_from(index, below / (self._sorted[index] - below))

        index = self._count_below(-self._distortions, -remaining)
        water_level = (remaining - self._tails[index]) / (index + 1)
        return xp.where(low_rate, from_captured, (first - water_level) / water_level)

    # s_k = λ_k/θ - 1 of the weakest active component k = index + 1, from s₁ and back.

    def _last_active(self, leading_snr: Array) -> tuple[Array, Array]:
        xp, first = self._xp, self._sorted[0]
        # λ_k > θ, or by the differences to λ₁ where θ itself is too close to it.
        by_level = self._count_below(-self._sorted, -first / (1 + leading_snr))
        by_gap = self._count_below(self._gaps, first * (leading_snr / (1 + leading_snr)))
        index = xp.where(leading_snr < 1, by_gap, by_level)
        snr = (self._sorted[index] * leading_snr - self._gaps[index]) / first
        return index, xp.maximum(snr, 0.0)

    def _leading_from(self, index: Array, snr: Array) -> Array:
        return (snr * self._sorted[0] + self._gaps[index]) / self._sorted[index]

    def _count_below(self, increasing: Array, target: Array) -> Array:
        """Index of the last breakpoint below the target (the first one if none is)."""
        xp = namespace(increasing, target)
        return xp.maximum(xp.searchsorted(increasing, target, side="left"), 1) - 1

    # Breakpoints, in decreasing order of eigenvalue.

    @cached_property
    def _gaps(self) -> Array:
        return self._sorted[0] - self._sorted

    @cached_property
    def _rank(self) -> Array:
        return self._xp.arange(1.0, self._sorted.shape[0])

    @cached_property
    def _rates(self) -> Array:
        # An eigenvalue 0 is never active. Division by 0 is avoided for the sake of derivatives.
        xp, below = self._xp, self._sorted[1:]
        positive = below > 0
        ratios = (self._sorted[:-1] - below) / xp.where(positive, below, 1.0)
        return self._prefix(self._rank * xp.log1p(xp.where(positive, ratios, xp.inf)) / 2)

    @cached_property
    def _captured(self) -> Array:
        return self._prefix(self._rank * (self._sorted[:-1] - self._sorted[1:]))

    @cached_property
    def _tails(self) -> Array:
        """Σ of the eigenvalues after the k-th."""
        xp = self._xp
        return xp.flip(self._prefix(xp.flip(self._sorted[1:])))

    @cached_property
    def _distortions(self) -> Array:
        rank = self._xp.arange(1.0, self._sorted.shape[0] + 1)
        return rank * self._sorted + self._tails

    def _prefix(self, terms: Array) -> Array:
        xp = self._xp
        return xp.concat((xp.zeros(1), cumulative_sum(xp, terms)))
