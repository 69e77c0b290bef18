"""I(X; Y) and the mmse of any source between bounds from (h, G, Σ), Y = X + √t U [T4.2c].

    (M/2) ln(1 + e^(2h/M)/(2πe t)) <= I <= min( h + (M/2) ln((1 + tG/M)/(2πe t)),
                                                 Σ ½ ln(1 + λ_i/t) ),
    M t/(1 + t G/M) <= mmse <= Σ λ_i t/(λ_i + t),

by the entropy power inequality, by Stam's, by van Trees' and by the Gaussian of the same Σ; all are
equalities for a normal law N(m, λI).
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rdtheory.arrays import check, float64, instance, number
from rdtheory.errors import InputError
from rdtheory.rate_distortion.shannon_lower_bound import LOG_2_PI_E
from rdtheory.results import Result

_NORMAL = "that of a normal law"


@runtime_checkable
class WithConstants(Protocol):
    """A source of one dimension that knows h, G and its variance."""

    @property
    def entropy_nats(self) -> float:
        """h, -inf if X has atoms."""
        ...

    @property
    def fisher_information(self) -> float:
        """G, inf where it is infinite."""
        ...

    @property
    def variance(self) -> float:
        """E (X - E X)²."""
        ...


@dataclass(frozen=True)
class ChannelBracket(Result):
    """Lower and upper bounds at one noise variance [T4.2c].

    Attributes:
        information_lower_nats: below I(X; Y).
        information_upper_nats: above I(X; Y).
        mmse_lower: below E ‖X - E[X | Y]‖², summed over dimensions.
        mmse_upper: above it.

    >>> from rdtheory.sources import normal
    >>> bracket = source_bracket(normal(), 1.0)  # all bounds meet
    >>> bracket.mmse_lower, bracket.mmse_upper
    (0.5, 0.5)
    """

    information_lower_nats: float
    information_upper_nats: float
    mmse_lower: float
    mmse_upper: float


def channel_bracket(
    noise_variance: float, entropy_nats: float, fisher_information: float, eigenvalues: Any
) -> ChannelBracket:
    """Bounds on I(X; Y) and the mmse from h, G and the eigenvalues of Σ [T4.2c].

    Args:
        noise_variance: t, from 1e-150 to 1e150.
        entropy_nats: h of all dimensions, in nats; -inf if X has no density.
        fisher_information: G, > 0; inf where it is infinite.
        eigenvalues: λ, a number or shape (M,), from 1e-150 to 1e150.

    Raises:
        InputError: if an argument is not as above, or if h and G are those of no source with this
            Σ: h <= ½ Σ ln(2πe λ_i), G >= Σ 1/λ_i, and G >= 2πe M e^(-2h/M) (Stam).

    >>> bracket = channel_bracket(0.2, 1.2517941692, 4.8565132619, 1.3509)  # the mixture of [T4.2]
    >>> round(bracket.information_lower_nats, 4), round(bracket.information_upper_nats, 4)
    (0.7608, 0.9769)
    >>> round(bracket.mmse_lower, 5), round(bracket.mmse_upper, 5)
    (0.10146, 0.17421)
    """
    eigenvalues = np.atleast_1d(float64(np, "eigenvalues", eigenvalues))
    if eigenvalues.ndim != 1 or eigenvalues.size == 0:
        raise InputError("eigenvalues", f"shape {eigenvalues.shape}", "a number or shape (M,)")
    good = (eigenvalues >= 1e-150) & (eigenvalues <= 1e150)
    check("eigenvalues", eigenvalues, good, "numbers from 1e-150 to 1e150")
    t = number(
        "noise_variance", noise_variance, lambda t: 1e-150 <= t <= 1e150, "from 1e-150 to 1e150"
    )
    # A normal law attains both; 1e-9 is for sources that know h and G by quadrature.
    largest = float(np.sum(LOG_2_PI_E + np.log(eigenvalues)) / 2) + 1e-9
    h = number(
        "entropy_nats", entropy_nats, lambda h: h <= largest, f"a number <= {largest:g}, {_NORMAL}"
    )
    M = eigenvalues.size
    with np.errstate(over="ignore"):  # h = -inf implies G = inf
        by_stam = M * np.exp(LOG_2_PI_E - 2 * h / M)
    least = max(float(np.sum(1 / eigenvalues)), float(by_stam)) * (1 - 1e-9)
    fisher = number(
        "fisher_information",
        fisher_information,
        lambda G: least <= G,
        f"a number >= {least:g} at this variance and entropy",
    )
    precision = 1 / t + fisher / M
    # Without a Fisher information only the Gaussian of the same Σ bounds I.
    by_fisher = np.inf if fisher == np.inf else h + M / 2 * (np.log(precision) - LOG_2_PI_E)
    return ChannelBracket(
        information_lower_nats=float(M / 2 * np.logaddexp(0.0, 2 * h / M - LOG_2_PI_E - np.log(t))),
        information_upper_nats=float(min(by_fisher, np.log1p(eigenvalues / t).sum() / 2)),
        mmse_lower=M / precision,
        mmse_upper=float(np.sum(t / (1 + t / eigenvalues))),
    )


def source_bracket(source: WithConstants, noise_variance: float) -> ChannelBracket:
    """The same for a source of one dimension that knows its h, G and variance [T4.2c].

    >>> from rdtheory.sources.uniform import Uniform
    >>> bracket = source_bracket(Uniform(half_width=1.0), 0.1)  # G is infinite
    >>> bracket.mmse_lower, round(bracket.information_upper_nats, 4)
    (0.0, 0.7332)
    """
    instance("source", source, WithConstants)
    return channel_bracket(
        noise_variance, source.entropy_nats, source.fisher_information, source.variance
    )
