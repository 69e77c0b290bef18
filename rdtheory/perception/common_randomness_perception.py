"""Limited common randomness with a weak perception constraint W₂² <= P [T2.6].

The constraint is on blocks, not on each X̂ (the setting of Qu, Chen, Yu and Xu 2025, arXiv
2504.17236; a decoder that interpolates linearly is assumed). With W² and the rates of
`shared_code` [T2.6a],

    D = min Σ λ_i (1 - ρ_i²) + ((W - sqrt(P))₊)²,   β = 1 - sqrt(P)/W.

At P = 0 it is `common_randomness`, without a limit on R_c it is `wasserstein`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, float64, namespace, number, positive
from rdtheory.perception.inversion import sigmoid
from rdtheory.perception.shared_code import MonotoneRoot, Search, SharedCode, levels, losses
from rdtheory.perception.targets import distortions, nonnegative, perceptions, variances
from rdtheory.results import Result
from rdtheory.sources.gaussian import GaussianVector, as_gaussian


def weak_perception_distortion(
    variance: Any, rate_nats: Any, common_nats: Any, perception: Any
) -> Array:
    """D = λa + ((sqrt(λ(2 - a - 2 sqrt((1 - a)(1 - b)))) - sqrt(P))₊)² [T2.6b].

    a = e^{-2R}, b = e^{-2(R + R_c)}; for R_c = 0 this is λa + ((sqrt(λa) - sqrt(P))₊)².

    Args:
        variance: λ > 0; all arguments broadcast.
        rate_nats: R >= 0.
        common_nats: R_c >= 0; infinite for no limit.
        perception: P >= 0.

    Raises:
        InputError: if a number is out of range.

    >>> weak_perception_distortion(1.0, 1.0, [0.0, 0.5, np.inf], 0.01).round(6)
    array([0.207095, 0.151619, 0.135335])
    """
    xp = namespace(variance, rate_nats, common_nats, perception)
    variance = variances(xp, "variance", variance)
    rate = nonnegative(xp, "rate_nats", rate_nats)
    common = nonnegative(xp, "common_nats", common_nats)
    perception = float64(xp, "perception", perception)
    broadcast(variance=variance, rate_nats=rate, common_nats=common, perception=perception)
    perception = perceptions(xp, perception, variance)
    a, b, rho, tau = losses(rate, common)
    distance = xp.sqrt(variance) * xp.sqrt((a / (1 + rho)) ** 2 + 2 * rho * (b / (1 + tau)))
    return variance * a + xp.maximum(distance - xp.sqrt(perception), 0.0) ** 2


@dataclass(frozen=True, eq=False)
class WeakPerceptionPoint(Result):
    """The best code at one request.

    Attributes:
        rate_nats: R, nats in all.
        common_nats: R_c that is used, nats in all.
        distortion: D.
        perception: P.
        rate_multiplier: m, the price of R: ∂D/∂R = -(m + n) at fixed R_c; infinite at zero rate.
        total_multiplier: n, the price of R + R_c: ∂D/∂R_c = -n.
        realism: β.

    >>> WeakPerception([2.0]).at_rate(0.5, 0.0, 0.1).distortion.round(6)
    np.float64(1.02902)
    """

    rate_nats: Array
    common_nats: Array
    distortion: Array
    perception: Array
    rate_multiplier: float
    total_multiplier: float
    realism: float


class WeakPerception:
    """D(R, R_c, P) of a Gaussian vector in the weak sense, by its optimality conditions [T2.6c].

    Args:
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    >>> point = WeakPerception([5.0, 2.0, 0.7, 0.1]).at_rate(2.0, 0.7, 0.15)
    >>> point.distortion.round(6), round(point.rate_multiplier, 5), round(point.total_multiplier, 5)
    (np.float64(2.035694), 1.07535, 0.35849)
    """

    def __init__(self, source: GaussianVector | Any) -> None:
        self.source = as_gaussian(source).to_namespace(np)
        eigenvalues = np.asarray(self.source.eigenvalues)
        self._eigenvalues = eigenvalues[eigenvalues > 0]

    def at_rate(
        self, rate_nats: float, common_nats: float, perception: float
    ) -> WeakPerceptionPoint:
        """D(R, R_c, P) with its multipliers.

        Args:
            rate_nats: R > 0, finite.
            common_nats: R_c >= 0; infinite for no limit.
            perception: P >= 0; infinite for no constraint.

        Raises:
            InputError: if a target is out of range.
        """
        rate = positive("rate_nats", rate_nats)
        return self._at("rate_nats", rate, *self._budgets(common_nats, perception), 0.0)

    def at_distortion(
        self, distortion: float, common_nats: float, perception: float
    ) -> WeakPerceptionPoint:
        """The least rate R for D, R_c and P, with its multipliers.

        Args:
            distortion: D > 0, finite.
            common_nats: R_c >= 0; infinite for no limit.
            perception: P >= 0; infinite for no constraint.

        Raises:
            InputError: if a target is out of range.

        >>> WeakPerception([2.0]).at_distortion(1.02902, 0.0, 0.1).rate_nats.round(5)
        np.float64(0.5)
        """
        goal = positive("distortion", distortion)
        common, budget = self._budgets(common_nats, perception)
        total = float(self.source.total_variance)
        distortions(np, goal, total)
        missing = min(np.sqrt(budget / total), 1.0)
        if goal >= total * (1 + (1 - missing) ** 2):
            zero, reached = np.float64(0.0), np.float64(total * missing**2)
            largest = np.float64(total * (1 + (1 - missing) ** 2))
            beta = 1 - float(missing)
            return WeakPerceptionPoint(zero, zero, largest, reached, np.inf, 0.0, beta)
        least = float(np.sqrt(max(goal / total - 1, 0.0)))
        return self._at("distortion", goal, common, budget, least)

    def _at(
        self, quantity: str, goal: float, common: float, perception: float, least: float
    ) -> WeakPerceptionPoint:
        """The realism that spends P, between `least`, where D can be met at all, and 1."""
        search = Search(quantity, goal, common)

        def code(y: float) -> SharedCode:
            odds = sigmoid(np.float64(y))
            rest = (1 - least) * float(odds.rest)
            family = levels(self._eigenvalues, least + (1 - least) * float(odds.value), rest)
            return search(family)

        def excess(y: float) -> float:
            return float(np.log(perception / code(y).perception))

        low = -np.inf if least == 0 else -25.0  # nearer to `least` D leaves no digits to the rate
        found = code(low)
        if found.perception > perception:
            root = MonotoneRoot(max(low, -80.0), 345.0, 0.0)
            found = code(root(excess) if perception > 0 else np.inf)
        price = 2 * found.level
        return WeakPerceptionPoint(
            found.rate_nats,
            found.common_nats,
            found.distortion,
            found.perception,
            float(price),
            float(price * found.ratio * found.realism),
            float(found.realism),
        )

    def _budgets(self, common_nats: float, perception: float) -> tuple[float, float]:
        common = number("common_nats", common_nats, lambda c: c >= 0, "a number >= 0")
        budget = number("perception", perception, lambda p: p >= 0, "a number >= 0")
        perceptions(np, budget, self.source.total_variance)
        return common, budget
