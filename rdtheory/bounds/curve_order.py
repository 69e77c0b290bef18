"""The order of the curves of a Gaussian source at equal rate [T1.16], and of its rates [T1.4c].

Not ordered, and so in no chain [T1.16c]: DiffC-F with pink noise against DiffC-A*, and DiffC-F with
isotropic noise against DiffC-A*.
"""

from collections.abc import Callable
from typing import Any

from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.diffusion import scheme
from rdtheory.sources.gaussian import as_gaussian

_SYMBOLS = {
    "rd": "D*",
    "diffc-f-star": "D_F*",
    "diffc-f": "D_F",
    "diffc-f-pink": "D_PF",
    "diffc-a-star": "D_A*",
    "diffc-a": "D_A",
    "diffc-a-pink": "D_PA",
}


def _order(*names: str) -> Callable[[Any, float], Chain]:
    """Distortions at the rate that isotropic noise of variance t has."""

    def sides(source: Any, noise_variance: float) -> Chain:
        source = as_gaussian(source)
        rate = scheme("diffc-a", source).at(noise_level=noise_variance).bits_per_dim
        return Chain(tuple(_at_rate(source, name, rate) for name in names), "squared error")

    return sides


def _at_rate(source: Any, name: str, bits_per_dim: Any) -> Member:
    point = scheme(name, source).at(bits_per_dim=bits_per_dim)
    return Member(_SYMBOLS[name], float(point.distortion_per_dim) * source.dim)


def _same_channel(source: Any, noise_variance: float) -> Chain:
    source = as_gaussian(source)
    ancestral, flow = (
        float(scheme(name, source).at(noise_level=noise_variance).distortion_per_dim) * source.dim
        for name in ("diffc-a", "diffc-f")
    )
    members = Member("D_A/2", ancestral / 2), Member("D_F", flow), Member("D_A", ancestral)
    return Chain(members, "squared error")


def _rates(source: Any, noise_variance: float) -> Chain:
    source = as_gaussian(source)
    point = scheme("diffc-f-star", source).at(noise_level=noise_variance)
    distortion = point.distortion_per_dim
    without, half = (
        float(scheme(name, source).at(distortion_per_dim=distortion).bits_per_dim) * source.dim
        if distortion < _SHANNON_REACH[name] * source.total_variance / source.dim
        else 0.0
        for name in ("rd", "rd-half")
    )
    members = (
        Member("R(D)", without),
        Member("R_pr(D)", float(point.bits_per_dim) * source.dim),
        Member("R(D/2)", half),
    )
    return Chain(members, "bits")


_SHANNON_REACH = {"rd": 1.0, "rd-half": 2.0}
"""From that share of the variance on, the rate is 0."""

_GAUSSIAN = ("a Gaussian source",)
_CLOSED = "closed forms; the enclosures of `rdtheory verify`"

CURVE_ORDER = (
    Theorem(
        "order-flow",
        "D*(R) <= D_F*(R) <= D_F(R) <= D_A(R)",
        _GAUSSIAN,
        "Theis, Salimans, Hoffman and Mentzer 2022",
        _CLOSED,
        ("T1.16a",),
        _order("rd", "diffc-f-star", "diffc-f", "diffc-a"),
    ),
    Theorem(
        "order-ancestral",
        "D*(R) <= D_F*(R) <= D_A*(R) = 2 D*(R) <= D_A(R)",
        _GAUSSIAN,
        "Theis, Salimans, Hoffman and Mentzer 2022",
        _CLOSED,
        ("T1.16a", "P1"),
        _order("rd", "diffc-f-star", "diffc-a-star", "diffc-a"),
    ),
    Theorem(
        "order-pink-flow",
        "D*(R) <= D_F*(R) <= D_PF(R) <= D_PA(R)",
        _GAUSSIAN,
        "Theis, Salimans, Hoffman and Mentzer 2022",
        _CLOSED,
        ("T1.16a",),
        _order("rd", "diffc-f-star", "diffc-f-pink", "diffc-a-pink"),
    ),
    Theorem(
        "order-pink-ancestral",
        "D_A*(R) <= D_PA(R)",
        _GAUSSIAN,
        "Theis, Salimans, Hoffman and Mentzer 2022",
        _CLOSED,
        ("T1.16a",),
        _order("diffc-a-star", "diffc-a-pink"),
    ),
    Theorem(
        "same-channel",
        "D_A / 2 <= D_F <= D_A over the same channel",
        _GAUSSIAN,
        "derived from the closed forms: D_F / D_A = 1 / (1 + ρ) in each component",
        _CLOSED,
        ("T1.16b", "T1.5f", "P5"),
        _same_channel,
    ),
    Theorem(
        "price-of-realism",
        "R(D) <= R_pr(D) <= R(D/2)",
        _GAUSSIAN,
        "Theis, Salimans, Hoffman and Mentzer 2022; R_pr is the rate of DiffC-F* [T1.9f]",
        _CLOSED,
        ("T1.4c", "T1.9f"),
        _rates,
    ),
)
"""Theorems about the curves of a Gaussian source."""
