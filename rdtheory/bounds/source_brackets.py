"""Any source with a density on the line between bounds of h, G and variance [T4.2], [T1.4], [P15].

At noise variance t, with Y = X + N(0, t):

    information       entropy power  <=  I(X; Y)  <=  Stam, and the Gaussian            [T4.2c]
    mmse              van Trees  <=  mmse  <=  the Gaussian                             [T4.2c]
    R(D)              Shannon's lower bound  <=  R(D)  <=  that + ½ ln(1 + DG)          [T4.2]
    perfect realism   R(D)  <=  R_pr(D)  <=  R_F(D), which is I(X; Y) at D = D_F        [T1.4c]
"""

from typing import Any

import numpy as np

from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.perception.scalar_realism import scalar_perfect_realism
from rdtheory.rate_distortion.brackets import source_bracket
from rdtheory.rate_distortion.certified import CertifiedPoint
from rdtheory.rate_distortion.scalar_source import scalar_rate_distortion
from rdtheory.rate_distortion.shannon_lower_bound import (
    shannon_lower_bound_nats,
    shannon_upper_bound_nats,
)
from rdtheory.sources.scalar import ScalarSource

_QUADRATURE = 1e-9
"""Error of the integrals of a scalar channel, in nats or relative."""


def _channel(source: Any, noise_variance: float) -> ScalarChannel:
    if not isinstance(source, ScalarSource) or source.entropy_nats == -np.inf:
        raise InputError("source", getattr(source, "name", source), "a ScalarSource with a density")
    return ScalarChannel(source, noise_variance)


def _certified(name: str, point: CertifiedPoint) -> Member:
    return Member(name, point.rate_nats - point.gap_nats / 2, point.gap_nats / 2 + _QUADRATURE)


def _information(source: Any, noise_variance: float) -> Chain:
    channel, bracket = _channel(source, noise_variance), source_bracket(source, noise_variance)
    members = (
        Member("entropy power", bracket.information_lower_nats),
        Member("I(X; Y)", channel.information_nats, _QUADRATURE * channel.information_nats),
        Member("Stam, Gaussian", bracket.information_upper_nats),
    )
    return Chain(members, "nats")


def _mmse(source: Any, noise_variance: float) -> Chain:
    channel, bracket = _channel(source, noise_variance), source_bracket(source, noise_variance)
    members = (
        Member("van Trees", bracket.mmse_lower),
        Member("mmse", channel.mmse, _QUADRATURE * channel.mmse),
        Member("Gaussian", bracket.mmse_upper),
    )
    return Chain(members, "squared error")


def _shannon(source: Any, noise_variance: float) -> Chain:
    distortion = _channel(source, noise_variance).mmse
    entropy, fisher = source.entropy_nats, source.fisher_information
    members = (
        Member("Shannon", max(float(shannon_lower_bound_nats(distortion, entropy)), 0.0)),
        _certified("R(D)", scalar_rate_distortion(source, distortion)),
        Member("upper", float(shannon_upper_bound_nats(distortion, entropy, fisher))),
    )
    return Chain(members, "nats")


def _realism(source: Any, noise_variance: float) -> Chain:
    channel = _channel(source, noise_variance)
    distortion = channel.flow_distortion
    realistic = scalar_perfect_realism(source, distortion)
    members = (
        _certified("R(D)", scalar_rate_distortion(source, distortion)),
        _certified("R_pr(D)", realistic),
        Member("R_F(D)", channel.information_nats, _QUADRATURE),
    )
    return Chain(members, "nats")


_DENSITY = ("X in one dimension with a density",)

SOURCE_BRACKETS = (
    Theorem(
        "information-bracket",
        "½ ln(1 + e^2h/(2πe t)) <= I(X; Y) <= min(h + ½ ln((1 + tG)/(2πe t)), ½ ln(1 + λ/t))",
        _DENSITY,
        "entropy power inequality; Stam 1959",
        "derived from both inequalities; I by quadrature",
        ("T4.2c",),
        _information,
    ),
    Theorem(
        "mmse-bracket",
        "t/(1 + tG) <= mmse <= λt/(λ + t)",
        _DENSITY,
        "van Trees 1968",
        "derived from the inequality; the mmse by quadrature",
        ("T4.2c",),
        _mmse,
    ),
    Theorem(
        "shannon-bracket",
        "h - ½ ln(2πe D) <= R(D) <= h - ½ ln(2πe D) + ½ ln(1 + DG)",
        _DENSITY,
        "Shannon 1959; derived for the upper side",
        "R(D) by Blahut-Arimoto with its dual",
        ("T4.2a", "T4.2b"),
        _shannon,
    ),
    Theorem(
        "realism-of-a-source",
        "R(D) <= R_pr(D) <= R_F(D)",
        _DENSITY,
        "Theis, Salimans, Hoffman and Mentzer 2022",
        "R(D) by Blahut-Arimoto and R_pr(D) by entropic transport, with their duals",
        ("T1.4c", "P15", "T4.3a", "T4.3b"),
        _realism,
    ),
)
"""Theorems about a source with a density on the line."""
