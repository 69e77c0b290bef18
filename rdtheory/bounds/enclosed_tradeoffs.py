"""Inequalities of perception, common randomness, samplers and messages, by intervals [T1-T3, T5].

One component with λ = 1, whence all others by scaling [T0.1]; rates are nats unless called bits.
Where a slack vanishes in a limit, the box keeps away from it or a factor is divided out: the
statement says which.
"""

from flint import arb

from rdtheory.bounds.dual import Number, gradient, hessian
from rdtheory.bounds.enclosed_inequality import EnclosedInequality, inequality
from rdtheory.bounds.interval_forms import (
    ancestral_distortion,
    common_randomness_distortion,
    common_randomness_shares,
    ddim_distortion,
    ddim_gain,
    exact_gain,
    flow_distortion,
    log_ddim_deviation,
    perception_rate,
    score_scaled_distortion,
    share_at_rate,
    stochastic_distortion,
    surface_cubic,
)

RATES = (1e-2, 8.0)
"""Nats in one component, and of common randomness for it."""


# Common randomness, perfect realism.


@inequality(rate=RATES, common=RATES)
def common_randomness_falls_with_rate(rate: Number, common: Number) -> Number:
    """D(R, R_c) falls with R: -e^2R ∂D/∂R > 0 [T2.5b, T2.7, P4]."""
    return -gradient(common_randomness_distortion)(rate, common)[0] / share_at_rate(rate)


@inequality(rate=RATES, common=RATES)
def common_randomness_falls_with_common(rate: Number, common: Number) -> Number:
    """D(R, R_c) falls with R_c: -e^2(R + R_c) ∂D/∂R_c > 0 [T2.5b, T2.7, P4]."""
    return -gradient(common_randomness_distortion)(rate, common)[1] / share_at_rate(rate + common)


@inequality(rate=(0.05, 4.0), common=(0.05, 4.0))
def common_randomness_is_convex_in_rate(rate: Number, common: Number) -> Number:
    """D(R, R_c) is convex in R: e^2R ∂²D/∂R² > 0 [T2.5b, T2.7]."""
    return hessian(common_randomness_distortion)(rate, common)[0][0] / share_at_rate(rate)


@inequality(rate=(0.2, 2.5), common=(0.2, 2.5))
def common_randomness_is_convex(rate: Number, common: Number) -> Number:
    """D(R, R_c) is jointly convex: the determinant of its Hessian is > 0 [T2.5b, T2.7].

    Where ∂²D/∂R² > 0, as shown; times e^(4R + 2R_c).
    """
    (first, mixed), (_, second) = hessian(common_randomness_distortion)(rate, common)
    return (first * second - mixed**2) / share_at_rate(2 * rate + common)


@inequality(rate=RATES, common=RATES)
def common_randomness_below_none(rate: Number, common: Number) -> Number:
    """D(R, R_c) < 2 e^-2R, its value at R_c = 0: ratio - 1 > 0 [T2.5c]."""
    none = ancestral_distortion(share_at_rate(rate))
    return none / common_randomness_distortion(rate, common) - 1


@inequality(rate=(0.1, 4.0), common=(0.01, 2.0))
def common_randomness_above_flow(rate: Number, common: Number) -> Number:
    """D(R, R_c) > D_F(R), its limit as R_c grows: ratio - 1 > 0 [T2.5c]."""
    unlimited = flow_distortion(share_at_rate(rate))
    return common_randomness_distortion(rate, common) / unlimited - 1


@inequality(log_second_level=(-7.0, 0.0), log_above_cutoff=(0.01, 7.0))
def common_randomness_rate_is_positive(
    log_second_level: Number, log_above_cutoff: Number
) -> Number:
    """R_i > 0 above the cutoff √(μν) of water-filling: 1 - a_i > 0 at μ = 1 [T2.5d]."""
    eigenvalue = (log_second_level / 2 + log_above_cutoff).exp()
    return 1 - common_randomness_shares(eigenvalue, log_second_level.exp())[0]


@inequality(log_second_level=(-7.0, -0.1), log_above_cutoff=(0.05, 7.0))
def common_randomness_of_components_is_positive(
    log_second_level: Number, log_above_cutoff: Number
) -> Number:
    """S_i > R_i above the cutoff √(μν) of water-filling: a_i/b_i - 1 > 0 at ν < μ = 1 [T2.5d]."""
    eigenvalue = (log_second_level / 2 + log_above_cutoff).exp()
    first, second = common_randomness_shares(eigenvalue, log_second_level.exp())
    return first / second - 1


# Perception.


@inequality(distortion=(0.1, 0.8), part=(0.1, 0.8))
def perception_rate_falls_with_perception(distortion: Number, part: Number) -> Number:
    """R(D, P) falls with P where W₂² <= P binds: -∂R/∂P > 0, √P <= 0.8 (1 - √(1 - D)) [T2.1b]."""
    return -gradient(perception_rate)(distortion, _budget(distortion, part))[1]


@inequality(distortion=(0.1, 0.8), part=(0.1, 0.8))
def perception_rate_falls_with_distortion(distortion: Number, part: Number) -> Number:
    """R(D, P) falls with D where W₂² <= P binds: -∂R/∂D > 0, √P <= 0.8 (1 - √(1 - D)) [T2.1b]."""
    return -gradient(perception_rate)(distortion, _budget(distortion, part))[0]


@inequality(correlation=(0.0, 1.0), mixing=(1e-3, 1.0))
def surface_cubic_is_concave(correlation: Number, mixing: Number) -> Number:
    """The cubic for ρ has one root in (0, 1), as its right side is concave: -h''(ρ) > 0 [T2.2a]."""
    return -hessian(surface_cubic)(correlation, mixing)[0][0]


# Samplers.


@inequality(log_high=(-1.5, 1.5), part=(0.0, 0.75))
def ddim_gain_below_exact(log_high: Number, part: Number) -> Number:
    """DDIM's gain is below the exact one: exact/DDIM - 1 > 0 for σ_s <= 0.75 σ_t [T5.3a, P14]."""
    high = log_high.exp()
    return exact_gain(high, part * high) / ddim_gain(high, part * high) - 1


@inequality(angle=(0.05, 1.5), log_steps=(0.0, 3.0))
def ddim_variance_grows_with_steps(angle: Number, log_steps: Number) -> Number:
    """More steps of equal angle keep more variance: (T/Φ)² ∂(2T ln cos(Φ/T))/∂T > 0 [T5.3b]."""
    steps = log_steps.exp()
    return 2 * gradient(log_ddim_deviation)(angle, steps)[1] * (steps / angle) ** 2


@inequality(angle=(0.3, 1.5), log_steps=(0.0, 2.0))
def ddim_distortion_below_flow(angle: Number, log_steps: Number) -> Number:
    """DDIM in T steps has less distortion than the flow: 1 - ratio > 0 [T5.3c].

    It is not realistic: its variance is too small.
    """
    return 1 - ddim_distortion(angle, log_steps.exp()) / (2 * (1 - angle.cos()))


@inequality(angle=(0.01, 1.5), eta=(0.01, 2.0))
def stochastic_distortion_grows(angle: Number, eta: Number) -> Number:
    """D_η grows with η: ∂D_η/∂η / (ηΦ²) > 0 [T5.5, P13]."""
    return gradient(stochastic_distortion)(angle, eta)[1] / (eta * angle**2)


@inequality(log_noise=(-3.0, 3.0), scale=(0.0, 1.9))
def score_scaled_distortion_falls(log_noise: Number, scale: Number) -> Number:
    """A score times c <= 1.9 has a distortion that falls with c: -∂D/∂c (1 + t)/t² > 0 [T5.6a]."""
    noise = log_noise.exp()
    slope = gradient(score_scaled_distortion)(noise, scale)[1]
    return -slope * (noise + 1) / noise**2


@inequality(log_increment=(-5.0, 5.0))
def fixed_variance_costs_more(log_increment: Number) -> Number:
    """A step of fixed variance costs more than an exact one: x - ln(1 + x) > 0 [T5.1a].

    x = (s' - s) mmse(s); the costs are x/2 and ½ ln(1 + x).
    """
    increment = log_increment.exp()
    return increment - (increment + 1).log()


# Messages.


@inequality(first_bits=(0.0, 1000.0), second_bits=(0.0, 1000.0))
def joint_message_bounded_below(first_bits: Number, second_bits: Number) -> Number:
    """Two steps in one message have a smaller bound than in two (Eq. 3, 5), bits [T1.2a, T1.3]."""

    def overhead(bits: Number) -> Number:
        return (bits + 1).log() / arb(2).log() + 5

    return overhead(first_bits) + overhead(second_bits) - overhead(first_bits + second_bits)


@inequality(log_steps=(0.0, 7.0), log_bits=(0.0, 14.0))
def total_bits_is_unimodal(log_steps: Number, log_bits: Number) -> Number:
    """bits(T) of [T5.2] has one minimum: the derivative of T² g(T), over T, is > 0 [T5.2]."""
    # bits'(T) = (T² g(T) - L_b²)/T² is negative and then positive if T² g(T) increases.
    steps, bits = log_steps.exp(), log_bits.exp()
    return gradient(_steps_squared_times_overhead)(steps, bits)[0] / steps


TRADEOFF_INEQUALITIES = tuple(
    value for value in vars().values() if isinstance(value, EnclosedInequality)
)
"""All of the above."""


def _budget(distortion: Number, part: Number) -> Number:
    """P with √P = w (1 - √(1 - D)); beyond w = 1 the budget does not bind [T2.1a]."""
    return (part * (1 - (1 - distortion).sqrt())) ** 2


def _steps_squared_times_overhead(steps: Number, bits: Number) -> Number:
    each = bits / steps
    nats = (each + 1).log() - each / (each + 1)
    return steps**2 * (nats / arb(2).log() + 5)
