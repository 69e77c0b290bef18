"""Decoders between ancestral sampling, the flow and the posterior mean [T5.5, T5.6].

Both families act on a component by its correlation ρ with Z alone:

- stochasticity η: dy = -½ (1 + η²) ∇ln p_t dt + η dW backwards; perfectly realistic for every η.
  The flow is η = 0, the ancestral sampler η = 1.
- score scaling c: the flow with c times the score, X̂ = (λ/(λ + t))^{c/2} Y. The flow is c = 1,
  the posterior mean c = 2; in between realism is given for distortion, in one dimension at the
  best rate of exchange [T2.4], in more with a loss.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, instance
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.perception.fixed_representation import tradeoff_at_channel
from rdtheory.results import Result


@dataclass(frozen=True, eq=False)
class DecoderPoint(Result):
    """What a decoder reaches; `output_variances` has one axis more than its parameter.

    Attributes:
        distortion: D = E‖X - X̂‖².
        perception: W₂²(X̂, X).
        output_variances: E X̂_i², shape (..., M).

    >>> DecoderPoint(1.0, 0.0, [2.0]).to_dict()
    {'distortion': 1.0, 'perception': 0.0, 'output_variances': [2.0]}
    """

    distortion: Array
    perception: Array
    output_variances: Array


def stochastic_decoder(channel: GaussianChannel, stochasticity: Any) -> DecoderPoint:
    """D_η = 2 Σ λ (1 - ρ_i^{1 + η²}), X̂ ~ X [T5.5].

    Args:
        channel: X -> Z; NumPy arrays.
        stochasticity: η >= 0, any shape: 0 is the flow, 1 the ancestral sampler.

    Raises:
        InputError: if η is negative, NaN or infinite.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([2.3]), [1.0], [1.9])
    >>> stochastic_decoder(channel, [0.0, 0.5, 1.0, 1.5]).distortion.round(9)
    array([1.1959408 , 1.4427649 , 2.08095238, 2.87103792])
    """
    instance("channel", channel, GaussianChannel)
    eta = float64(np, "stochasticity", stochasticity)
    eta = check("stochasticity", eta, (eta >= 0) & (eta < 1e150), "numbers >= 0, at most 1e150")
    eigenvalues = np.asarray(channel.source.eigenvalues)
    missing = -np.expm1((1 + eta[..., None] ** 2) * _log_correlation(channel))
    return DecoderPoint(
        2 * (missing @ eigenvalues),
        np.zeros(eta.shape),
        np.broadcast_to(eigenvalues, (*eta.shape, eigenvalues.size)),
    )


def scaled_flow(channel: GaussianChannel, scale: Any) -> DecoderPoint:
    """D = Σ λ (1 + u² - 2uρ), W₂² = Σ λ (1 - u)² with u_i = ρ_i^{c - 1} [T5.6a].

    Args:
        channel: X -> Z; NumPy arrays.
        scale: c in [1, 2], any shape: 1 is the flow, 2 the posterior mean.

    Raises:
        InputError: if c is out of range.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([2.0]), [1.0], [0.5])
    >>> scaled_flow(channel, [1.0, 2.0]).distortion.round(9)
    array([0.42229124, 0.4       ])
    """
    instance("channel", channel, GaussianChannel)
    c = float64(np, "scale", scale)
    c = check("scale", c, (c >= 1) & (c <= 2), "1 <= scale <= 2")[..., None]
    eigenvalues = np.asarray(channel.source.eigenvalues)
    log_rho = _log_correlation(channel)
    missing = _one_minus_power(log_rho, c - 1)  # 1 - u
    u = 1 - missing
    beyond = u * _one_minus_power(log_rho, 2 - c)  # u - ρ
    return DecoderPoint(
        np.sum(channel.posterior_variances) + beyond**2 @ eigenvalues,
        missing**2 @ eigenvalues,
        eigenvalues * u**2,
    )


def score_scaling_excess(channel: GaussianChannel, scale: Any) -> Array:
    """D_c / D(P_c) - 1, how far score scaling is from the best decoder of the same Z [T5.6b].

    Zero in one dimension and wherever all ρ_i are equal; no uniform bound is known in more.

    Args:
        channel: X -> Z; NumPy arrays.
        scale: c in [1, 2], any shape.

    Raises:
        InputError: if c is out of range.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([2.0, 0.1]), [1.0, 1.0], [0.1, 0.1])
    >>> score_scaling_excess(channel, 1.5).round(6)
    np.float64(2.1e-05)
    """
    point = scaled_flow(channel, scale)
    return point.distortion / tradeoff_at_channel(channel, point.perception).distortion - 1


def _log_correlation(channel: GaussianChannel) -> Array:
    """ln ρ = -½ ln(1 + 1/s), -inf where the component has no rate."""
    snr = np.asarray(channel.snr)
    silent = snr == 0
    with np.errstate(over="ignore"):
        return np.where(silent, -np.inf, -np.log1p(1 / np.where(silent, 1.0, snr)) / 2)


def _one_minus_power(log_rho: Array, exponent: Array) -> Array:
    """1 - ρ^exponent, 0 for exponent 0 also where ρ = 0."""
    positive = exponent > 0
    return np.where(positive, -np.expm1(np.where(positive, exponent, 1.0) * log_rho), 0.0)
