"""Perfect realism with limited common randomness: from A* to F* [T2.5].

X - U - X̂ with R >= I(X; U), R + R_c >= I(X̂; U) and X̂ ~ X i.i.d. (Saldi, Linder and Yüksel 2015,
arXiv 1411.5767; Cuff 2013, arXiv 1208.4415; Wagner 2022, arXiv 2202.04147) [T2.5a]. A component
with a = exp(-2 R_i) and b = exp(-2 S_i), Σ R_i = R and Σ S_i = R + R_c, has

    D_i = 2 λ_i (1 - sqrt((1 - a_i)(1 - b_i))).

R_c = 0 is R(D/2), A*; R_c = ∞ is F* [T2.5c, T2.5e]. R_c is shared randomness, nats in all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, check, float64, namespace
from rdtheory.perception.shared_code import Search, SharedCode, levels, losses
from rdtheory.perception.targets import distortions, nonnegative, variances
from rdtheory.results import Result
from rdtheory.sources.gaussian import GaussianVector, as_gaussian


def common_randomness_distortion(
    variance: Any,
    rate_nats: Any,
    common_nats: Any,
    output_variance: Any = None,
    mean_difference: Any = 0.0,
) -> Array:
    """D = (μ_X - μ_Y)² + λ + s² - 2 sqrt(λ) s sqrt((1 - e^{-2R})(1 - e^{-2(R + R_c)})) [T2.5b].

    The least distortion of N(μ_X, λ) from outputs that are i.i.d. N(μ_Y, s²); by default s² = λ and
    μ_Y = μ_X, perfect realism. Another output law: Xie, Li, Chen and Zhang 2024 (arXiv 2403.14849).

    Args:
        variance: λ > 0; all arguments broadcast.
        rate_nats: R >= 0.
        common_nats: R_c >= 0; infinite for no limit.
        output_variance: s² >= 0; None for λ.
        mean_difference: μ_X - μ_Y.

    Raises:
        InputError: if a number is out of range.

    >>> common_randomness_distortion(1.0, 1.0, [0.0, 0.5, np.inf]).round(6)
    array([0.270671, 0.18714 , 0.140253])
    """
    output_variance = variance if output_variance is None else output_variance
    values = (variance, rate_nats, common_nats, output_variance, mean_difference)
    xp = namespace(*values)
    variance = variances(xp, "variance", variance)
    rate = nonnegative(xp, "rate_nats", rate_nats)
    common = nonnegative(xp, "common_nats", common_nats)
    output = variances(xp, "output_variance", output_variance, zero=True)
    difference = float64(xp, "mean_difference", mean_difference)
    good = xp.abs(difference) <= 1e150
    difference = check("mean_difference", difference, good, "numbers from -1e150 to 1e150")
    broadcast(
        variance=variance,
        rate_nats=rate,
        common_nats=common,
        output_variance=output,
        mean_difference=difference,
    )
    a, b, rho, tau = losses(rate, common)
    gap = (a + b - a * b) / (1 + rho * tau)  # 1 - ρτ, as a + b - ab = 1 - ρ²τ²
    first, second = xp.sqrt(variance), xp.sqrt(output)
    return difference**2 + (first - second) ** 2 + 2 * first * second * gap


@dataclass(frozen=True, eq=False)
class CommonRandomnessPoints(Result):
    """Points of the region of rate, common randomness and distortion; the fields have one shape.

    Attributes:
        rate_nats: R, nats in all.
        common_nats: R_c, nats in all.
        distortion: D.
        rate_multiplier: μ: the slope of D is ∂D/∂R = -2(μ + ν) at fixed R_c.
        total_multiplier: ν, the price of R + R_c: ∂D/∂R_c = -2ν.

    >>> CommonRandomness([2.0]).at_rate(0.5, [0.0, np.inf]).distortion.round(6)
    array([1.471518, 0.81976 ])
    """

    rate_nats: Array
    common_nats: Array
    distortion: Array
    rate_multiplier: Array
    total_multiplier: Array


class CommonRandomness:
    """Common-randomness water-filling of a Gaussian vector, derived on the theory page [T2.5d].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    >>> code = CommonRandomness([5.0, 2.0, 0.7, 0.1])
    >>> points = code.family(0.5, 0.3)
    >>> points.rate_nats.round(10), points.common_nats.round(10), points.distortion.round(10)
    (np.float64(2.1188525954), np.float64(0.5538849355), np.float64(2.5787897587))
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        self.source = as_gaussian(source).to_namespace(np)
        eigenvalues = np.asarray(self.source.eigenvalues)
        self._eigenvalues = eigenvalues[eigenvalues > 0]

    def family(self, rate_multiplier: Any, total_multiplier: Any) -> CommonRandomnessPoints:
        """a, b, R, R_c and D at the multipliers 0 <= ν <= μ, which broadcast [T2.5d].

            a = 2μ² / (d + sqrt(d² + 4λ²μ²)),  d = μ² - μν,  b = μν / (λ² a),

        and a = b = 1 where λ <= sqrt(μν). ν = μ is A*, ν = 0 is F*, both at water level μ.

        Raises:
            InputError: if a multiplier is out of range.
        """
        mu = float64(np, "rate_multiplier", rate_multiplier)
        leading = float(self.source.leading_eigenvalue)
        good = (mu >= 1e-100 * leading) & (mu <= 1e100 * leading)
        mu = check("rate_multiplier", mu, good, "numbers from 1e-100 to 1e100 of the largest λ")
        nu = float64(np, "total_multiplier", total_multiplier)
        broadcast(rate_multiplier=mu, total_multiplier=nu)
        mu, nu = np.broadcast_arrays(mu, nu)
        good = (nu == 0) | ((nu >= 1e-100 * mu) & (nu <= mu))
        nu = check("total_multiplier", nu, good, "0, or 1e-100 μ <= ν <= μ")
        codes = [
            SharedCode(self._eigenvalues, level, ratio, 1.0, 0.0)
            for level, ratio in zip(mu.reshape(-1), (nu / mu).reshape(-1), strict=True)
        ]
        return _points(codes, mu.shape)

    def at_rate(self, rate_nats: Any, common_nats: Any) -> CommonRandomnessPoints:
        """D(R, R_c), the least distortion, with its multipliers [T2.5d].

        Args:
            rate_nats: R > 0, finite; broadcasts with R_c.
            common_nats: R_c >= 0; infinite for no limit.

        Raises:
            InputError: if a target is out of range.
        """
        goal = float64(np, "rate_nats", rate_nats)
        goal = check("rate_nats", goal, (goal > 0) & (goal < np.inf), "finite numbers > 0")
        return self._at("rate_nats", goal, common_nats)

    def at_distortion(self, distortion: Any, common_nats: Any) -> CommonRandomnessPoints:
        """The least rate R for D and R_c, with its multipliers [T2.5d].

        Args:
            distortion: 0 < D < 2 tr Σ; broadcasts with R_c.
            common_nats: R_c >= 0; infinite for no limit.

        Raises:
            InputError: if a target is out of range.

        >>> CommonRandomness([1.0]).at_distortion(0.187140, 0.5).rate_nats.round(5)
        np.float64(1.0)
        """
        total = self.source.total_variance
        goal = distortions(np, distortion, total)
        largest = 2 * float(total)
        check("distortion", goal, goal < largest, f"numbers < {largest!r}, twice the variance")
        return self._at("distortion", goal, common_nats)

    def _at(self, name: str, goal: Array, common_nats: Any) -> CommonRandomnessPoints:
        common = nonnegative(np, "common_nats", common_nats)
        broadcast(**{name: goal}, common_nats=common)
        goal, common = np.broadcast_arrays(goal, common)
        codes = [
            Search(name, target, share)(levels(self._eigenvalues, 1.0, 0.0))
            for target, share in zip(goal.reshape(-1), common.reshape(-1), strict=True)
        ]
        return _points(codes, goal.shape)


def _points(codes: list[SharedCode], shape: tuple[int, ...]) -> CommonRandomnessPoints:
    rows = [
        (code.rate_nats, code.common_nats, code.distortion, code.level, code.level * code.ratio)
        for code in codes
    ]
    columns = np.reshape(rows, (-1, 5)).T
    return CommonRandomnessPoints(*columns.reshape(5, *shape))
