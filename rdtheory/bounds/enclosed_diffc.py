"""Inequalities of DiffC that intervals prove over boxes: orders of curves, noises, rates [T1, T4].

By scaling [T0.1] one eigenvalue may be 1; spectra of two components are (1, r), of three (1, r, q).
Quantities that range over decades enter by their natural logarithm, `log_...`; rates are nats.
Where a slack vanishes in a limit, the box keeps away from it or a factor is divided out: the
statement says which.
"""

from collections.abc import Callable
from math import prod

from rdtheory.bounds.dual import Number, gradient, hessian
from rdtheory.bounds.enclosed_inequality import EnclosedInequality, inequality
from rdtheory.bounds.interval_forms import (
    ancestral_distortion,
    ancestral_star_noise_variance,
    channel_share,
    flow_distortion,
    flow_rate,
    flow_star_distortion,
    flow_star_noise_variance,
    flow_star_share,
    isotropic_snr,
    rate_at_share,
    share_at_rate,
)

DECADES = (-7.0, 7.0)
"""Logarithms of eigenvalues and levels from 1/1096 to 1096."""

RATES = (1e-3, 10.0)
"""Nats in one component: up to 14.4 bits."""

RATIOS = (-5.0, -0.25)
"""Logarithms of r from 1/148 to 0.779; at r = 1 the noises coincide and so do the brackets."""


# One component.


@inequality(rate=RATES)
def flow_below_ancestral(rate: Number) -> Number:
    """D_F < D_A at equal rate: D_A/D_F - 1 > 0 [T1.16b, P15]."""
    share = share_at_rate(rate)
    return ancestral_distortion(share) / flow_distortion(share) - 1


@inequality(rate=(1e-3, 3.0))
def flow_above_half_ancestral(rate: Number) -> Number:
    """D_A < 2 D_F at equal rate: 2 D_F/D_A - 1 > 0 [T1.16b]."""
    share = share_at_rate(rate)
    return 2 * flow_distortion(share) / ancestral_distortion(share) - 1


@inequality(rate=RATES)
def flow_distortion_is_convex(rate: Number) -> Number:
    """D_F is convex in R: e^2R D_F''(R) > 0 [T1.9f, T1.16a].

    So F*, where all D_F'(R_i) are equal, is the best allocation of rate for any spectrum.
    """
    ((second,),) = hessian(lambda rate: flow_distortion(share_at_rate(rate)))(rate)
    return second / share_at_rate(rate)


@inequality(log_distortion=(-7.0, 0.0))
def flow_rate_above_gaussian(log_distortion: Number) -> Number:
    """R(D) < R_F(D) for λ = 1, D from 1/1096 to 1 [T1.4c, P15]."""
    distortion = log_distortion.exp()
    return flow_rate(distortion) - rate_at_share(distortion)


@inequality(log_distortion=(-7.0, 0.688))
def flow_rate_below_gaussian_at_half(log_distortion: Number) -> Number:
    """R_F(D) < R(D/2) for λ = 1, D from 1/1096 to 1.99 [T1.4c, T1.5e]."""
    distortion = log_distortion.exp()
    return rate_at_share(distortion / 2) - flow_rate(distortion)


@inequality(log_distortion=(-7.0, 0.693))
def flow_rate_is_convex(log_distortion: Number) -> Number:
    """R_F is convex: D² R_F''(D) > 0 for λ = 1 [T1.5e]."""
    distortion = log_distortion.exp()
    ((second,),) = hessian(flow_rate)(distortion)
    return second * distortion**2


@inequality(log_noise=(-3.0, 7.0))
def ratio_below_expansion(log_noise: Number) -> Number:
    """Gaussian source: D_F/D_A < 1/2 + Gt/8, by a factor t²/(1 + t)², G = 1/λ = 1 [T1.13c]."""
    noise = log_noise.exp()
    share = channel_share(1 / noise)
    ratio = flow_distortion(share) / ancestral_distortion(share)
    return (noise / 8 + 0.5 - ratio) * (1 / noise + 1) ** 2


@inequality(log_level=DECADES)
def flow_star_distortion_below_level(log_level: Number) -> Number:
    """F*: a component's distortion is below the water level: 1 - D_i/θ > 0 [T1.9c, P2]."""
    level = log_level.exp()
    return 1 - flow_star_distortion(level) / level


@inequality(log_level=DECADES)
def flow_star_noise_above_level(log_level: Number) -> Number:
    """F* noise exceeds the water level: t_i/θ - 1 > 0 [T1.11]."""
    level = log_level.exp()
    return flow_star_noise_variance(level) / level - 1


@inequality(log_level=DECADES)
def flow_star_noise_grows(log_level: Number) -> Number:
    """F* is one diffusion: t_i grows faster than θ: d ln t_i / d ln θ - 1 > 0 [T1.11]."""
    return gradient(_log_flow_star_noise)(log_level)[0] - 1


@inequality(log_level=(-7.0, 3.5))
def flow_star_noise_grows_slowly(log_level: Number) -> Number:
    """F* noise grows more slowly than θ²: 2 - d ln t_i / d ln θ > 0 [T1.11]."""
    return 2 - gradient(_log_flow_star_noise)(log_level)[0]


@inequality(log_excess=DECADES)
def ancestral_star_noise_grows(log_excess: Number) -> Number:
    """A* is one diffusion: d ln t_i / d ln θ - 1 > 0 for θ < 1 [T1.11]."""
    level = 1 / (log_excess.exp() + 1)
    (growth,) = gradient(ancestral_star_noise_variance)(level)
    return growth * level / ancestral_star_noise_variance(level) - 1


# Two and three components at equal total rate.


@inequality(log_ratio=(-3.0, -0.7), log_level=(-0.5, 1.0))
def flow_star_below_flow(log_ratio: Number, log_level: Number) -> Number:
    """D_F* < D_F, spectrum (1, r): ln D_F/D_F* > 0 [T1.16a]."""
    share = _flow_star_share(log_level, log_ratio)
    log_snr = isotropic_snr(log_ratio.exp(), share).log()
    isotropic = _isotropic(flow_distortion, log_snr, log_ratio)
    return (isotropic / _flow_star_distortion(log_level, log_ratio)).log()


@inequality(log_second=(-3.0, -0.7), log_third=(-3.0, -0.7), log_level=(-1.0, 0.5))
def flow_star_below_pink_flow(log_second: Number, log_third: Number, log_level: Number) -> Number:
    """D_F* < D_P-F, spectrum (1, r, q): ln D_P-F/D_F* > 0 [T1.16a]."""
    share = (_flow_star_share(log_level, log_second, log_third).log() / 3).exp()
    pink = (log_second.exp() + log_third.exp() + 1) * flow_distortion(share)
    return (pink / _flow_star_distortion(log_level, log_second, log_third)).log()


@inequality(log_ratio=(-5.0, 0.0), log_depth=(0.0, 5.0))
def flow_star_below_ancestral_star(log_ratio: Number, log_depth: Number) -> Number:
    """D_F* < D_A* = 2 D*(R), spectrum (1, r), F* level θ <= r: ln D_A*/D_F* > 0 [T1.16a]."""
    log_level = log_ratio - log_depth
    both_active = _ancestral_star_distortion(log_ratio, _flow_star_share(log_level, log_ratio))
    return (both_active / _flow_star_distortion(log_level, log_ratio)).log()


@inequality(log_ratio=RATIOS, log_snr=(-3.0, 1.5))
def ancestral_star_below_ancestral(log_ratio: Number, log_snr: Number) -> Number:
    """D_A > 4 √r e^-R, spectrum (1, r), which is D_A* where both components are active [T1.16a]."""
    both_active = _ancestral_star_distortion(log_ratio, _isotropic_share(log_snr, log_ratio))
    return _isotropic(ancestral_distortion, log_snr, log_ratio) / both_active - 1


@inequality(log_ratio=(-5.0, -0.25), fraction=(0.1, 1.0))
def ancestral_star_below_ancestral_at_low_rate(log_ratio: Number, fraction: Number) -> Number:
    """D_A* < D_A where one component is active, spectrum (1, r): D_A/D_A* - 1 > 0 [T1.16a]."""
    # The second component becomes active where e^(-2R) = r.
    second, share = log_ratio.exp(), (fraction * log_ratio).exp()
    log_snr = isotropic_snr(second, share).log()
    return _isotropic(ancestral_distortion, log_snr, log_ratio) / (2 * (share + second)) - 1


# Brackets that know only entropy, Fisher information and variance, on Gaussians [T4.2c].


@inequality(log_ratio=RATIOS, log_snr=(-3.0, 3.0))
def information_above_entropy_power(log_ratio: Number, log_snr: Number) -> Number:
    """entropy power: I > ln(1 + √r/t), spectrum (1, r) [T4.2c]."""
    power = (log_ratio / 2 + log_snr).exp()
    share = _isotropic_share(log_snr, log_ratio)
    return rate_at_share(share * (power + 1) ** 2)


@inequality(log_ratio=RATIOS, log_snr=(-3.0, 2.0))
def information_below_stam(log_ratio: Number, log_snr: Number) -> Number:
    """Stam: I < h + ln(1 + tG/2) - ln 2πet, G = 1 + 1/r, spectrum (1, r) [T4.2c]."""
    half_fisher = ((-log_ratio).exp() + 1) / 2
    stam = log_ratio / 2 + (log_snr.exp() + half_fisher).log()
    return stam - rate_at_share(_isotropic_share(log_snr, log_ratio))


@inequality(log_ratio=RATIOS, log_snr=(-3.0, 1.5))
def mmse_above_van_trees(log_ratio: Number, log_snr: Number) -> Number:
    """van Trees: mmse > 2t/(1 + tG/2), G = 1 + 1/r, spectrum (1, r): ratio - 1 > 0 [T4.2c]."""
    half_fisher = ((-log_ratio).exp() + 1) / 2
    mmse = _isotropic(ancestral_distortion, log_snr, log_ratio) / 2
    return mmse * (log_snr.exp() + half_fisher) / 2 - 1


DIFFC_INEQUALITIES = tuple(
    value for value in vars().values() if isinstance(value, EnclosedInequality)
)
"""All of the above."""


def _flow_star_share(log_level: Number, *log_others: Number) -> Number:
    """e^(-2R) of F* in all, for eigenvalues 1 and others."""
    first = flow_star_share(log_level.exp())
    return prod((flow_star_share((log_level - each).exp()) for each in log_others), start=first)


def _flow_star_distortion(log_level: Number, *log_others: Number) -> Number:
    """The same for D_F*."""
    return sum(
        (each.exp() * flow_star_distortion((log_level - each).exp()) for each in log_others),
        start=flow_star_distortion(log_level.exp()),
    )


def _log_flow_star_noise(log_level: Number) -> Number:
    return flow_star_noise_variance(log_level.exp()).log()


def _ancestral_star_distortion(log_ratio: Number, share: Number) -> Number:
    """D_A* = 4 √r e^-R of eigenvalues 1 and r, both active [T1.8]."""
    return 4 * (log_ratio.exp() * share).sqrt()


def _isotropic_share(log_snr: Number, log_ratio: Number) -> Number:
    """e^(-2R) of isotropic noise 1/s in all, for eigenvalues 1 and r."""
    return channel_share(log_snr.exp()) * channel_share((log_snr + log_ratio).exp())


def _isotropic(decoder: Callable[[Number], Number], log_snr: Number, log_ratio: Number) -> Number:
    """The same for the distortion of a decoder."""
    first = decoder(channel_share(log_snr.exp()))
    return first + log_ratio.exp() * decoder(channel_share((log_snr + log_ratio).exp()))
