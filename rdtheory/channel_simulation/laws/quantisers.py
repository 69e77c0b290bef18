"""Rates of quantisers whose error is exactly uniform, or exactly Gaussian [T3.8, T3.9].

The source is N(0, I_n), the noise has the variance 1/snr per dimension, and rates are those of an
ideal entropy code that knows the dither: H(index | dither) = I(X; X + noise of the quantiser). If
that noise is uniform on a set B, v(y) = P(X in y + B) is |B| times the density of X + noise, and

    I = -1/|B| ∫ v(y) ln v(y) dy.

A theorem (derived here). Gaussian noise N(0, tI) is a mixture of uniform noises on balls with
R²/t ~ χ²_(n+2). The rate of the layered quantiser that draws R first [T3.9d] is the functional
information E_X D_CS of the channel, for every n and t: both are the integral of -w ln w, where
w = P(‖Z - y‖ <= R), Z ~ N(0, I_n), against the same measure

    (2πt)^(-n/2) R/t e^(-R²/2t) dR dy.

(D_CS: y = x/ρ and R = δ [T3.6c]; the density of x times e^(‖x‖²/2) is constant. Layered: the
density of R, over the volume of the ball.) As E D_CS bounds every scheme from below [T3.6b], no
one-shot scheme whatever beats the layered quantiser, at any rate, of which [T3.9c] is the limit;
for n > 1 its ideal rate is to be had up to what [LingLi2024] pay for an index of balls.
"""

from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import log_ndtr

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.channel_simulation.contour import log_complement
from rdtheory.channel_simulation.laws.averaged import GaussianChannel
from rdtheory.channel_simulation.laws.divergence import mean_divergence_bits
from rdtheory.units import bits_from_nats

_STEP, _REACH = 0.1, 12.0

_ABSCISSAS, _WEIGHTS = leggauss(16)


def dithered_uniform_bits(snr: Any) -> Array:
    """H(round((X + U)/Δ) | U), bits per dimension, Δ² = 12/snr: uniform noise [T3.8].

    Args:
        snr: signal-to-noise ratio (linear), > 0, any shape.

    Raises:
        InputError: if one is not positive or not finite.

    >>> round(float(dithered_uniform_bits(12.0)), 6)  # Δ = 1
    2.104833
    """
    snr = _checked(snr)
    out = [_uniform_bits(width) for width in np.sqrt(12 / snr).ravel()]
    return np.array(out).reshape(snr.shape)[()]


def direct_layered_bits(snr: Any) -> Array:
    """E_R[h(X + Unif(-R, R)) - ln 2R], R² snr ~ χ²_3, in bits: Gaussian noise exactly [T3.9a].

    Args:
        snr: signal-to-noise ratio (linear), > 0, any shape.

    Raises:
        InputError: if one is not positive or not finite.

    >>> round(float(direct_layered_bits(1.0)) - 0.5, 5)  # the gap to I = ½ log2(1 + snr)
    0.46491
    """
    return ball_layered_bits(snr, 1)


def ball_layered_bits(snr: Any, dim: int) -> Array:
    """The same with balls in n dimensions, R² snr ~ χ²_(n+2), bits per dimension [T3.9d].

    Args:
        snr: signal-to-noise ratio (linear), > 0, any shape.
        dim: n.

    Raises:
        InputError: if a ratio is not positive or not finite, or n no whole number >= 1.

    >>> gap = ball_layered_bits(1e6, 8) - np.log2(1 + 1e6) / 2
    >>> round(8 * float(gap), 3)
    1.664
    """
    snr, dim = _checked(snr), whole_number("dim", dim)
    out = [mean_divergence_bits(GaussianChannel.of_snr(one, dim)) / dim for one in snr.ravel()]
    return np.array(out).reshape(snr.shape)[()]


def _uniform_bits(width: float) -> float:
    half = width / 2
    # Deep inside the interval v = 1 and v ln v = 0. The integrand is even and analytic.
    start = max(0.0, half - _REACH)
    y = np.arange(start, half + _REACH, _STEP)
    if width < 1:
        s = half * _ABSCISSAS
        log_v = np.log(half * np.exp(-y[:, None] * s - s**2 / 2) @ _WEIGHTS)
        log_v -= y**2 / 2 + np.log(2 * np.pi) / 2
    else:
        upper, lower = log_ndtr(half - y), log_ndtr(-half - y)
        log_v = upper + log_complement(lower - upper)
    values = -log_v * np.exp(log_v)
    values[0] /= 2
    return bits_from_nats(2 * _STEP * values.sum() / width)


def _checked(snr: Any) -> Array:
    snr = float64(np, "snr", snr)
    return check("snr", snr, (snr > 0) & (snr <= 1e17), "numbers > 0, at most 1e17")
