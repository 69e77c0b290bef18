"""Power-law spectra λ_k = k^-α at high rate: D ~ c R^-(α - 1) [T6.2].

As the water level θ (A*, F*) or the noise variance θ = t (isotropic noise) tends to 0, sums over k
become integrals over u = k θ^(1/α), and with R in nats

    R ~ r θ^(-1/α),   D ~ d θ^(1 - 1/α),   c = d r^(α - 1)

    scheme         r                             d
    A*             α/2                           2α/(α - 1)           `rd`: α/(α - 1)
    F*             ½ B(1 - 1/(2α), 1/α)          2r/(α - 1)
    isotropic A    (π/2)/sin(π/α)                (2π/α)/sin(π/α)
    isotropic F    as isotropic A                B(1/α, 3/2 - 1/α)/(α - 1)

B is the beta function. Few components get a high rate at any time: the 3 dB of the flow never
appear in full. Pink noise has no rate that is finite.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import exp, lgamma, pi, sin
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, number
from rdtheory.errors import InputError


@dataclass(frozen=True)
class PowerLawLimit:
    """The constants of a scheme for infinitely many eigenvalues k^-α, rates in nats [T6.2].

    Attributes:
        scheme: name of the scheme.
        exponent: α.
        rate: r, R ~ r θ^(-1/α).
        distortion: d, D ~ d θ^(1 - 1/α).
        constant: c = d r^(α - 1), D ~ c R^-(α - 1).

    >>> power_law_limit("diffc-a-star", 2.0).to_dict()["constant"]
    4.0
    """

    scheme: str
    exponent: float
    rate: float
    distortion: float
    constant: float

    def distortion_at(self, rate_nats: Any) -> Array:
        """c R^-(α - 1), to which D tends as R grows; R > 0 in nats, summed over components.

        >>> power_law_limit("diffc-a-star", 2.0).distortion_at(100.0)
        np.float64(0.04)
        """
        rate = float64(np, "rate_nats", rate_nats)
        check("rate_nats", rate, rate > 0, "numbers > 0")
        return self.constant * rate ** (1 - self.exponent)

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON."""
        return asdict(self)


def power_law_limit(name: str, exponent: float) -> PowerLawLimit:
    """r, d and c = d r^(α - 1) of a scheme on λ_k = k^-α, k = 1, 2, .. [T6.2].

    Args:
        name: one of `SCHEMES`, but none with pink noise.
        exponent: α, 1 < α <= 100.

    Raises:
        InputError: if the name is not one of these or the exponent is out of range.

    >>> round(power_law_limit("diffc-f-star", 2.0).constant, 7)
    2.87108
    """
    if not isinstance(name, str) or name not in _CONSTANTS:
        raise InputError("scheme", repr(name), ", ".join(_CONSTANTS))
    alpha = _exponent(exponent)
    rate, distortion = _CONSTANTS[name](alpha)
    return PowerLawLimit(name, alpha, rate, distortion, distortion * rate ** (alpha - 1))


def power_law_star_ratio(exponent: float) -> float:
    """D_F*/D_A* -> ½ (B(1 - 1/(2α), 1/α)/α)^α at equal high rate [T6.2].

    1 as α tends to 1, when nearly all components have a low rate; ½, the 3 dB, as α grows.

    Args:
        exponent: α, 1 < α <= 100.

    Raises:
        InputError: if the exponent is out of range.

    >>> [round(power_law_star_ratio(alpha), 7) for alpha in (1.5, 2.0, 3.0)]
    [0.80083, 0.71777, 0.6413287]
    """
    alpha = _exponent(exponent)
    return (_beta(1 - 0.5 / alpha, 1 / alpha) / alpha) ** alpha / 2


def _water_filling(alpha: float) -> tuple[float, float]:
    return alpha / 2, alpha / (alpha - 1)


def _a_star(alpha: float) -> tuple[float, float]:
    return alpha / 2, 2 * alpha / (alpha - 1)


def _f_star(alpha: float) -> tuple[float, float]:
    rate = _beta(1 - 0.5 / alpha, 1 / alpha) / 2
    return rate, 2 * rate / (alpha - 1)


def _isotropic_ancestral(alpha: float) -> tuple[float, float]:
    rate = pi / 2 / _sine(alpha)
    return rate, 4 * rate / alpha


def _isotropic_flow(alpha: float) -> tuple[float, float]:
    return pi / 2 / _sine(alpha), _beta(1 / alpha, 1.5 - 1 / alpha) / (alpha - 1)


_CONSTANTS: dict[str, Callable[[float], tuple[float, float]]] = {
    "rd": _water_filling,
    "rd-half": _a_star,
    "diffc-a": _isotropic_ancestral,
    "diffc-f": _isotropic_flow,
    "diffc-a-star": _a_star,
    "diffc-f-star": _f_star,
}


def _exponent(value: float) -> float:
    return number("exponent", value, lambda x: 1 < x <= 100, "a number, 1 < exponent <= 100")


def _sine(alpha: float) -> float:
    """sin(π/α), by its supplement where α is near 1."""
    return sin(pi * min(1.0, alpha - 1) / alpha)


def _beta(a: float, b: float) -> float:
    """B(a, b) = Γ(a) Γ(b)/Γ(a + b)."""
    return exp(lgamma(a) + lgamma(b) - lgamma(a + b))
