"""Limits at high rate and at many steps, by halving: the error must fall as the expansion says."""

from collections.abc import Callable
from functools import partial

import numpy as np

from rdtheory.bounds.optimal_flow import CROSSED_STICKS, EXCHANGED, cyclic_gap
from rdtheory.bounds.second_result import TWO_POINT_RATIO, UNIFORM_EDGE
from rdtheory.bounds.verdict import Verdict
from rdtheory.diffusion import (
    MixtureChannel,
    Progression,
    ScalarChannel,
    arc_length,
    arc_length_noise_levels,
    fixed_variance_cost,
    scheme,
)
from rdtheory.perception import scalar_perfect_realism
from rdtheory.rate_distortion import flow_expansion_nats
from rdtheory.sources import GaussianMixture, Laplace, TwoPoint, Uniform, normal
from rdtheory.units import nats_from_bits
from rdtheory.verification.check import Check

_MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])


def _falls(error: Callable[[float], float], steps: tuple[float, float], power: float) -> Verdict:
    """|error| <= C h^power for the C of the larger step: it falls at least that fast."""
    large, small = (abs(error(step)) for step in steps)
    allowed = large * (steps[1] / steps[0]) ** power
    detail = f"{large:.3g} at {steps[0]:g}, {small:.3g} at {steps[1]:g}"
    return Verdict(small <= allowed, float(allowed - small), detail)


def _smooth_sources() -> Verdict:
    """(D_F/D_A - 1/2)/t - G/8 falls: like t where the density is smooth, like sqrt(t) at a kink."""

    def error(source: GaussianMixture | Laplace, t: float) -> float:
        ratio = ScalarChannel(source, t).flow_ratio
        return (ratio - 0.5) / t - source.fisher_information / 8

    parts = [
        _falls(partial(error, source), (1e-3, 1e-4), power)
        for source, power in ((normal(), 0.9), (_MIXTURE, 0.9), (Laplace(1.0), 0.4))
    ]
    margin = min(part.margin for part in parts)
    return Verdict(all(part.holds for part in parts), margin, parts[1].detail)


def _uniform() -> Verdict:
    def error(t: float) -> float:
        return (ScalarChannel(Uniform(1.0), t).flow_ratio - 0.5) / t**0.5 - UNIFORM_EDGE

    return _falls(error, (1e-3, 1e-5), 0.4)


def _two_points() -> Verdict:
    """To first order in t: the next term of Mills' ratio."""
    return _falls(
        lambda t: ScalarChannel(TwoPoint(), t).flow_ratio - TWO_POINT_RATIO, (1e-2, 2.5e-3), 0.9
    )


def _high_rate_law() -> Verdict:
    """The residual is of order t², its own second term [T4.4a]."""

    def error(t: float) -> float:
        channel = ScalarChannel(_MIXTURE, t)
        entropy, fisher = _MIXTURE.entropy_nats, _MIXTURE.fisher_information
        law = flow_expansion_nats(channel.flow_distortion, entropy, fisher)
        return channel.information_nats - float(law)

    return _falls(error, (1e-2, 1e-3), 1.8)


def _second_order_optimality() -> Verdict:
    """(R_F - R_pr)/D falls with D: beyond Gaussian sources a conjecture [T7.1]."""

    def error(t: float) -> float:
        channel = ScalarChannel(_MIXTURE, t)
        distortion = channel.flow_distortion
        best = scalar_perfect_realism(_MIXTURE, distortion)
        return (channel.information_nats - best.rate_nats) / distortion

    return _falls(error, (0.04, 0.01), 0.5)


def _steps() -> Verdict:
    """T · excess - L² falls like 1/T."""
    source, level = [4.0, 1.0, 0.2], 0.05
    length = arc_length(source, level)

    def error(inverse: float) -> float:
        levels = arc_length_noise_levels(source, level, round(1 / inverse))
        excess = fixed_variance_cost(Progression(scheme("diffc-a", source), noise_level=levels))
        return float(nats_from_bits(excess.excess_bits)) / inverse - length**2

    return _falls(error, (1 / 64, 1 / 1024), 0.9)


def _crossed_sticks() -> Verdict:
    channel = MixtureChannel(CROSSED_STICKS, 4.0)
    y = np.array(EXCHANGED)
    gap = cyclic_gap(channel.posterior_mean(y), channel.flow(y, tolerance=1e-10))
    detail = f"exchanging two reconstructions changes the squared error by {2 * gap:.4f}"
    return Verdict(gap < -1e-6, -gap, detail)


_HOW = "expansion, by quadrature at two scales"

LIMITS = (
    Check("D_F/D_A = 1/2 + G t/8 + o(t)", ("T1.13a", "T1.13c", "P8"), _HOW, _smooth_sources),
    Check("D_F/D_A = 1/2 + c sqrt(t) for a uniform source", ("T1.13d",), _HOW, _uniform),
    Check("D_F/D_A -> 2/π for two points", ("T1.13d", "P8"), _HOW, _two_points),
    Check("R_F(D) = h - ½ ln 2πeD + G D/8 + o(D)", ("T4.4a",), _HOW, _high_rate_law),
    Check(
        "conjecture: R_F(D) - R_pr(D) = o(D) also for a mixture",
        ("T7.1", "T4.4c"),
        "duality gap at two scales",
        _second_order_optimality,
    ),
    Check("T steps of equal arc length cost L²/T too much", ("T5.1b",), _HOW, _steps),
    Check(
        "the flow is not optimal for two crossed clusters in the plane",
        ("T1.14", "T7.2"),
        "counter-example, ODE at tolerance 1e-10",
        _crossed_sticks,
    ),
)
"""Checks of asymptotic statements, and of one that fails."""
