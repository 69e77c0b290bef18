"""Reverse water-filling: R*(D) and D*(R) of a Gaussian vector [T1.4d] (Eq. 7, 8).

    R*(D) = ½ Σ ln(λ_i / D_i),   D_i = min(λ_i, θ),   D = Σ D_i   (nats, sums over dimensions)

θ is the water level. The eigenvalues are sorted once and summed once; then every answer costs
O(log M). Two choices keep all of them accurate to a few units in the last place:

- The parameter is the *leading channel SNR* s₁ = λ₁/θ - 1 and not θ: near zero rate θ is so close
  to λ₁ that the difference, which is all that matters there, drowns in its last digits.
- At the k-th breakpoint (θ = λ_{k+1}) the rate is Σ_{j<=k} ½ j ln(λ_j / λ_{j+1}), a sum of terms
  >= 0, where the difference Σ ln λ_i - k ln θ would cancel. The same holds for tr Σ - D.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rdtheory.arrays import (
    Array,
    check,
    concrete_cached_property,
    float64,
    is_concrete,
    namespace,
    prefix_sums,
)
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

    def rate_nats(self, distortion: Any) -> Array:
        """R*(D) = ½ Σ ln(λ_i / min(λ_i, θ)) in nats, for 0 < D <= tr Σ (Eq. 7, 8) [T1.4a].

        Raises:
            InputError: if a distortion is outside (0, tr Σ].
        """
        filling = self._alike(distortion)
        return filling.totals(filling._leading_snr_at(distortion))[0]

    def distortion(self, rate_nats: Any) -> Array:
        """D*(R), the inverse of R*(D), for a finite R >= 0 in nats.

        Raises:
            InputError: if a rate is negative, NaN or infinite.

        >>> round(float(ReverseWaterFilling([5.0, 2.0]).distortion(0.0)), 12)
        7.0
        """
        filling = self._alike(rate_nats)
        rate = float64(filling._xp, "rate_nats", rate_nats)
        finite = (rate >= 0) & (rate < np.inf)
        rate = check("rate_nats", rate, finite, "finite numbers >= 0")
        return filling.totals(filling.leading_snr_at_rate(rate))[1]

    def water_level(self, distortion: Any) -> Array:
        """The water level θ of R*(D): Σ min(λ_i, θ) = D; the slope is dR*/dD = -1/(2θ).

        Raises:
            InputError: if a distortion is outside (0, tr Σ].
        """
        filling = self._alike(distortion)
        return filling.source.leading_eigenvalue / (1 + filling._leading_snr_at(distortion))

    def _alike(self, argument: Any) -> "ReverseWaterFilling":
        """This, or the same with JAX arrays if the argument is one."""
        xp = namespace(argument, self.source.eigenvalues)
        return self if xp is self._xp else ReverseWaterFilling(self.source.to_namespace(xp))

    def _leading_snr_at(self, distortion: Any) -> Array:
        distortion = float64(self._xp, "distortion", distortion)
        total = self.source.total_variance
        distortion = check(
            "distortion",
            distortion,
            (distortion > 0) & (distortion >= 1e-300 * total) & (distortion <= total),
            f"0 < distortion <= {total!s}, the total variance, and >= 1e-300 of it",
        )
        return self.leading_snr_at_distortion(
            distortion, self.source.total_variance_minus(distortion)
        )

    # The totals as functions of s₁ = λ₁/θ - 1, and back: what `diffusion` builds schemes on.

    def totals(self, leading_snr: Array) -> tuple[Array, Array, Array]:
        """R, D = Σ min(λ_i, θ) and tr Σ - D = Σ max(λ_i - θ, 0) at s₁, none by a difference."""
        index, snr = self._last_active(leading_snr)
        active = index + 1
        rate = (self._double_rates[index] + active * self._xp.log1p(snr)) / 2
        remaining = (
            active * (self.source.leading_eigenvalue / (1 + leading_snr)) + self._tails[index]
        )
        captured = self._captured[index] + active * self._sorted[index] * (snr / (1 + snr))
        return rate, remaining, captured

    def slope(self, leading_snr: Array) -> Array:
        """dR*/dD = -1/(2θ) at s₁."""
        return -(1 + leading_snr) / (2 * self.source.leading_eigenvalue)

    def leading_snr_at_rate(self, rate: Array) -> Array:
        """The s₁ whose rate is R."""
        index = self._last_below(self._double_rates, 2 * rate)
        excess = (2 * rate - self._double_rates[index]) / (index + 1)
        return self._leading_from(index, self._xp.expm1(excess))

    def leading_snr_at_distortion(self, remaining: Array, captured: Array) -> Array:
        """The s₁ whose distortion is D, from D and from tr Σ - D: the smaller decides."""
        xp, first = self._xp, self.source.leading_eigenvalue
        low_rate = captured < remaining

        captured = xp.minimum(captured, (captured + remaining) / 2)
        index = self._last_below(self._captured, captured)
        below = (captured - self._captured[index]) / (index + 1)  # λ_k - θ
        from_captured = self._leading_from(index, below / (self._sorted[index] - below))

        decreasing, tails = self._sorted, self._tails
        index = self._last(
            lambda k: (k + 1) * decreasing[k] + tails[k] > remaining, remaining.shape
        )
        water_level = (remaining - self._tails[index]) / (index + 1)
        return xp.where(low_rate, from_captured, (first - water_level) / water_level)

    # s_k = λ_k/θ - 1 of the weakest active component k = index + 1, from s₁ and back.

    def _last_active(self, leading_snr: Array) -> tuple[Array, Array]:
        first, decreasing = self.source.leading_eigenvalue, self._sorted

        def snr(k: Array) -> Array:
            return (decreasing[k] * leading_snr - (first - decreasing[k])) / first

        index = self._last(lambda k: snr(k) > 0, leading_snr.shape)
        return index, self._xp.maximum(snr(index), 0.0)

    def _leading_from(self, index: Array, snr: Array) -> Array:
        first, kth = self.source.leading_eigenvalue, self._sorted[index]
        return (snr * first + (first - kth)) / kth

    def _last_below(self, increasing: Array, target: Array) -> Array:
        """The last index whose value is below the target, or 0."""
        xp = self._xp
        return xp.maximum(xp.searchsorted(increasing, target, side="left"), 1) - 1

    def _last(self, holds: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
        """The last index up to which a condition holds (0 if nowhere), by bisection.

        What is searched is computed where it is looked at: one more array of M breakpoints would
        cost more than all the looking.
        """
        xp, last = self._xp, self.source.dim - 1
        index = xp.zeros(shape, dtype=xp.int64)
        for step in (1 << bit for bit in reversed(range(last.bit_length()))):
            further = xp.minimum(index + step, last)
            index = xp.where(holds(further), further, index)
        return index

    @property
    def _xp(self) -> Any:
        return namespace(self.source.eigenvalues)

    @concrete_cached_property
    def _increasing(self) -> Array:
        return self._xp.sort(self.source.eigenvalues, stable=False)

    @property
    def _sorted(self) -> Array:
        return self._xp.flip(self._increasing)

    # Prefix sums in decreasing order of eigenvalue, over neighbours λ_j >= λ_{j+1}.

    @concrete_cached_property
    def _double_rates(self) -> Array:
        """Σ_{j<k} j ln(λ_j / λ_{j+1}), infinite where λ_k = 0: never active."""
        xp = self._xp

        def log_ratio(above: Array, below: Array) -> Array:
            positive = below > 0
            with np.errstate(over="ignore"):  # beyond 1e308 it is never active either
                if is_concrete(below) and positive.all():
                    return xp.log1p((above - below) / below)
                ratio = (above - below) / xp.where(positive, below, 1.0)
            return xp.log1p(xp.where(positive, ratio, xp.inf))

        return self._ranked_prefix_sums(log_ratio)

    @concrete_cached_property
    def _captured(self) -> Array:
        """Σ_{j<k} j (λ_j - λ_{j+1})."""
        return self._ranked_prefix_sums(lambda above, below: above - below)

    @concrete_cached_property
    def _tails(self) -> Array:
        """Σ_{j>k} λ_j."""
        size = self.source.dim - 1
        return self._xp.flip(prefix_sums(self._xp, size, lambda piece: self._increasing[piece]))

    def _ranked_prefix_sums(self, step: Callable[[Array, Array], Array]) -> Array:
        """Σ_{j<k} j step(λ_j, λ_{j+1}) for k = 1..M."""
        xp, last = self._xp, self.source.dim - 1

        def terms(piece: slice) -> Array:
            # In increasing order, as NumPy is slow on arrays that run backwards.
            low, high = last - piece.stop, last - piece.start
            steps = step(self._increasing[low + 1 : high + 1], self._increasing[low:high])
            return xp.arange(piece.start + 1.0, piece.stop + 1.0) * xp.flip(steps)

        return prefix_sums(xp, last, terms)
