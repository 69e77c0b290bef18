"""Optima whose certificate is a duality gap: R(D), R_pr(D) and requests (D, P, Rc) [T2, T4.3].

The margin is what is left of the largest gap that is allowed.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from rdtheory.bounds.verdict import Verdict
from rdtheory.diffusion import scheme
from rdtheory.perception import PerfectRealism, scalar_perfect_realism, smallest_rate
from rdtheory.rate_distortion import (
    DiscreteRateDistortion,
    discretise,
    exact_mixture_rate_nats,
    scalar_rate_distortion,
)
from rdtheory.sources import GaussianMixture, Laplace, Uniform, normal
from rdtheory.units import nats_from_bits
from rdtheory.verification.check import Check

_GAP_NATS = float(nats_from_bits(1e-8))
_MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
_GRID = 201
_SPECTRUM = [5.0, 2.0, 0.7, 0.1]


def _gaps(points: Callable[[], Iterable[Any]]) -> Verdict:
    gaps = [abs(point.gap_nats) for point in points()]
    detail = f"largest of {len(gaps)} gaps {max(gaps):.2e} nats"
    return Verdict(max(gaps) <= _GAP_NATS, _GAP_NATS - max(gaps), detail)


def _rates() -> Iterable[Any]:
    for source in (normal(), _MIXTURE, Laplace(1.0), Uniform(1.0)):
        curve = DiscreteRateDistortion(discretise(source, _GRID).law)
        for share in (0.03, 0.3, 0.9):
            yield curve.at_distortion(share * source.variance)


def _realistic_rates() -> Iterable[Any]:
    for source in (normal(), _MIXTURE, Laplace(1.0), Uniform(1.0)):
        curve = PerfectRealism(discretise(source, _GRID).law)
        for share in (0.06, 0.6, 1.8):
            yield curve.at_distortion(share * source.variance)


def _requests() -> Iterable[Any]:
    for distortion in (0.3, 2.0, 9.0):
        for perception in (None, 0.0, 0.15):
            for common_bits in (0.0, 1.0, float("inf")):
                yield smallest_rate(_SPECTRUM, distortion, perception, common_bits)
        yield smallest_rate(_SPECTRUM, distortion, 0.15, measure="kl")


def _agree(found: float, expected: float, tolerance: float) -> Verdict:
    miss = abs(found - expected)
    return Verdict(miss <= tolerance, tolerance - miss, f"off by {miss:.2e} of {tolerance:.0e}")


def _mixture_below_its_variances() -> Verdict:
    """The grid leaves out 1e-12 of the mass on either side, some 1e-10 nats."""
    found = scalar_rate_distortion(_MIXTURE, 0.05).rate_nats
    return _agree(found, float(exact_mixture_rate_nats(0.05, _MIXTURE)), 1e-9)


def _transport_is_f_star() -> Verdict:
    """The same grid."""
    distortion = 0.4
    found = scalar_perfect_realism(normal(), distortion)
    expected = float(scheme("diffc-f-star", [1.0]).at(distortion_per_dim=distortion).bits_per_dim)
    return _agree(found.rate_nats, float(nats_from_bits(expected)), 1e-9)


_GAP = f"duality gap <= 1e-8 bits, {_GRID} points"

OPTIMA = (
    Check("R(D) by Blahut-Arimoto", ("T4.3a", "T1.4a"), _GAP, partial(_gaps, _rates)),
    Check("R_pr(D) by entropic transport", ("T4.3b",), _GAP, partial(_gaps, _realistic_rates)),
    Check(
        "smallest rate for (D, P, Rc) of a Gaussian vector",
        ("T2.2a", "T2.3a", "T2.5d", "T2.6c"),
        "duality gap <= 1e-8 bits, 30 requests",
        partial(_gaps, _requests),
    ),
    Check(
        "R(D) of a mixture is Shannon's lower bound where D <= min v",
        ("T4.2a", "P19"),
        "Blahut-Arimoto against the closed form",
        _mixture_below_its_variances,
    ),
    Check(
        "R_pr(D) of a Gaussian is the rate of DiffC-F*",
        ("T1.9e", "T1.9f"),
        "entropic transport against the closed form",
        _transport_is_f_star,
    ),
)
"""Checks with a certificate of optimality."""
