"""The theory's formulas for intervals: elementary, at λ = 1, whence all others by scaling [T0.1].

An interval that occurs twice in a formula is taken for two unrelated ones; so the forms below are
those in which arguments occur as seldom as possible, not those that round least: rounding is part
of the enclosure and precision a parameter. Arguments are intervals (`flint.arb`) or dual numbers of
them; rates are nats and distortions squared errors. a = 1 - ρ² = e^(-2R) is the share of a
component's variance that its channel leaves unknown, s = 1/t the channel's SNR, θ a water level.
"""

from rdtheory.bounds.dual import Number

# The Gaussian channel and its two decoders.


def channel_share(snr: Number) -> Number:
    """a = 1 / (1 + s) [T1.5a].

    >>> from flint import arb
    >>> float(channel_share(arb(3)))
    0.25
    """
    return 1 / (snr + 1)


def share_at_rate(rate_nats: Number) -> Number:
    """a = e^(-2R) [T1.5a].

    >>> from flint import arb
    >>> float(share_at_rate(arb(0)))
    1.0
    """
    return (-2 * rate_nats).exp()


def rate_at_share(share: Number) -> Number:
    """R = -½ ln a; the total rate for a product of shares [T1.5a].

    >>> from flint import arb
    >>> round(float(rate_at_share(channel_share(arb(4)))), 9)
    0.804718956
    """
    return -share.log() / 2


def ancestral_distortion(share: Number) -> Number:
    """D_A = 2a = 2 mmse, also D_A* of one component [T1.5b, T1.8].

    >>> from flint import arb
    >>> float(ancestral_distortion(arb(0.25)))
    0.5
    """
    return 2 * share


def flow_distortion(share: Number) -> Number:
    """D_F = 2 (1 - √(1 - a)), also D_F* of one component [T1.5c, T1.9].

    >>> from flint import arb
    >>> round(2 * float(flow_distortion(channel_share(arb(4)))), 9)  # λ = 2
    0.422291236
    """
    return 2 * (1 - (1 - share).sqrt())


def flow_rate(distortion: Number) -> Number:
    """R_F(D) = -½ ln(1 - (1 - D/2)²), the inverse of D_F [T1.5e].

    >>> from flint import arb
    >>> float(flow_rate(arb(2)))
    0.0
    """
    return rate_at_share(1 - (1 - distortion / 2) ** 2)


# The noise that is optimal for the flow, and for ancestral sampling.


def flow_star_share(level: Number) -> Number:
    """a = 2 / (1 + √(1 + 4/θ²)) of F*: θρ [T1.9b].

    >>> from flint import arb
    >>> round(float(flow_star_share(arb(8) / 3)), 12)  # ρ = 1/3
    0.888888888889
    """
    return 2 / (((2 / level) ** 2 + 1).sqrt() + 1)


def flow_star_distortion(level: Number) -> Number:
    """D = 2 (1 - ρ) of F* [T1.9c].

    >>> from flint import arb
    >>> round(float(flow_star_distortion(arb(8) / 3)), 12)
    1.333333333333
    """
    return 2 * (1 - 1 / _inverse_correlation(level))


def flow_star_noise_variance(level: Number) -> Number:
    """t = θ/ρ of F* [T1.11].

    >>> from flint import arb
    >>> round(float(flow_star_noise_variance(arb(8) / 3)), 12)
    8.0
    """
    return level * _inverse_correlation(level)


def ancestral_star_noise_variance(level: Number) -> Number:
    """t = θ / (1 - θ) of A*, θ < 1 [T1.11].

    >>> from flint import arb
    >>> float(ancestral_star_noise_variance(arb(0.5)))
    1.0
    """
    return level / (1 - level)


def isotropic_snr(second: Number, share: Number) -> Number:
    """The s = 1/t of isotropic noise at which the shares of eigenvalues 1 and r have the product a.

    (1 + s) (1 + rs) = 1/a is quadratic in s [T1.6a].

    >>> from flint import arb
    >>> round(float(isotropic_snr(arb(1), arb(1) / 9)), 12)
    2.0
    """
    root = ((1 - second) ** 2 + 4 * second / share).sqrt()
    return 2 * (1 / share - 1) / (second + 1 + root)


# Perception and common randomness.


def common_randomness_distortion(rate_nats: Number, common_nats: Number) -> Number:
    """D(R, R_c) = 2 (1 - √((1 - e^(-2R)) (1 - e^(-2(R + R_c))))) [T2.5b].

    >>> from flint import arb
    >>> round(float(common_randomness_distortion(arb(1), arb(0.5))), 6)
    0.18714
    """
    first = 1 - share_at_rate(rate_nats)
    second = 1 - share_at_rate(rate_nats + common_nats)
    return 2 * (1 - (first * second).sqrt())


def common_randomness_shares(eigenvalue: Number, second_level: Number) -> tuple[Number, Number]:
    """a = e^(-2R_i) and b = e^(-2S_i) of [T2.5d] for μ = 1 and ν, where λ > √ν.

    >>> from flint import arb
    >>> a, b = common_randomness_shares(arb(2) / arb(0.5), arb(0.3) / arb(0.5))
    >>> round(float(a), 7), round(float(b), 7)
    (0.2378123, 0.1576874)
    """
    d = 1 - second_level
    first = 2 / (d + (d**2 + 4 * eigenvalue**2).sqrt())
    return first, second_level / (eigenvalue**2 * first)


def perception_rate(distortion: Number, perception: Number) -> Number:
    """R(D, P) where W₂² <= P binds: s = 1 - √P and ρ = (1 + s² - D) / 2s [T2.1a, b].

    >>> from flint import arb
    >>> at_no_budget = perception_rate(arb(0.5), arb(0))  # the flow
    >>> float(at_no_budget) == float(flow_rate(arb(0.5)))
    True
    """
    deviation = 1 - perception.sqrt()
    correlation = (deviation**2 + 1 - distortion) / (2 * deviation)
    return rate_at_share(1 - correlation**2)


def surface_cubic(correlation: Number, mixing: Number) -> Number:
    """(1 - ρ²) ((1 - β) ρ + β), the right side of the cubic of [T2.2a] at θ = 1.

    >>> from flint import arb
    >>> float(surface_cubic(arb(0), arb(0.25)))
    0.25
    """
    return (1 - correlation**2) * ((1 - mixing) * correlation + mixing)


# Samplers. The noise variance of an angle Φ is tan² Φ.


def exact_gain(high: Number, low: Number) -> Number:
    """√((1 + σ_s²) / (1 + σ_t²)): the flow's gain from deviation σ_t = high to σ_s = low [T5.3a].

    >>> from flint import arb
    >>> round(float(exact_gain(arb(3).sqrt(), arb(0))), 12)
    0.5
    """
    return ((low**2 + 1) / (high**2 + 1)).sqrt()


def ddim_gain(high: Number, low: Number) -> Number:
    """(1 + σ_s σ_t) / (1 + σ_t²): the gain of one step of DDIM [T5.3a].

    >>> from flint import arb
    >>> float(ddim_gain(arb(2), arb(1)))
    0.6
    """
    return (low * high + 1) / (high**2 + 1)


def log_ddim_deviation(angle: Number, steps: Number) -> Number:
    """ln g = T ln cos(Φ/T): half the log-variance after T steps of equal angle [T5.3b].

    >>> from flint import arb
    >>> float(log_ddim_deviation(arb(0), arb(3)))
    0.0
    """
    return steps * (angle / steps).cos().log()


def ddim_distortion(angle: Number, steps: Number) -> Number:
    """1 + g² - 2g cos Φ: the distortion after T steps of equal angle [T5.3c].

    >>> from flint import arb
    >>> float(ddim_distortion(arb(0), arb(3)))
    0.0
    """
    gain = log_ddim_deviation(angle, steps).exp()
    return gain**2 + 1 - 2 * gain * angle.cos()


def stochastic_distortion(angle: Number, stochasticity: Number) -> Number:
    """D_η = 2 (1 - (cos Φ)^(1 + η²)) [T5.5].

    >>> from flint import arb
    >>> float(stochastic_distortion(arb(0), arb(3)))
    0.0
    """
    return 2 * (1 - ((stochasticity**2 + 1) * angle.cos().log()).exp())


def score_scaled_distortion(noise_variance: Number, scale: Number) -> Number:
    """1 + g² (1 + t) - 2g with the gain g = (1 + t)^(-c/2) of a score times c [T5.6a].

    >>> from flint import arb
    >>> round(float(score_scaled_distortion(arb(3), arb(1))), 12)  # the flow: 2 (1 - ½)
    1.0
    """
    total = noise_variance + 1
    gain = (-scale * total.log() / 2).exp()
    return gain**2 * total + 1 - 2 * gain


def _inverse_correlation(level: Number) -> Number:
    """1/ρ = θ/2 + √(1 + θ²/4) of F* [T1.9a]."""
    half = level / 2
    return half + (half**2 + 1).sqrt()
