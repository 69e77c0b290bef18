"""The second result: at high rate the flow's error is half that of ancestral sampling [T1.13].

For Y = X + N(0, t), D_A = 2 mmse and D_F = E(X - T(Y))². Both reconstruct from the same Y, so
D_F/D_A >= 1/2, and in one dimension the flow is the best realistic reconstruction [T1.14], so
D_F/D_A <= 1. As t -> 0, with G = E (d ln p/dx)² of Eq. (18),

    D_F/D_A = 1/2 + G t/8 + o(t)        X with a smooth density           [T1.13a-c]
            = 1/2 + c sqrt(t)/a + ...   X uniform on [-a, a], G infinite  [T1.13d]
            -> 2/π                      X = ±a, without a density         [T1.13d]

The lemma behind it: T(y) = y + (t/2) d ln p_t/dy + O(t²), while E[X | y] = y + t d ln p_t/dy, and
mmse = t - t² J_t [T1.13b].
"""

from math import isinf, pi
from typing import Any

from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.sources.scalar import ScalarSource

UNIFORM_EDGE = 0.0754722538
"""c = ½ ∫ Φ(-v) (v - φ(v)/Φ(-v) + φ(v) - v Φ(-v))² dv, of a uniform source of half-width 1."""

TWO_POINT_RATIO = 2 / pi
"""lim D_F/D_A of two points, where the 3 dB are 1.96 dB."""


def flow_ratio_at_high_rate(source: ScalarSource, noise_variance: float) -> float:
    """½ + G t/8, which D_F/D_A approaches as t -> 0 [T1.13c].

    Raises:
        InputError: if G is infinite.

    >>> from rdtheory.sources import Laplace
    >>> round(flow_ratio_at_high_rate(Laplace(0.5**0.5), 0.01), 6)  # G = 2
    0.5025
    """
    information = source.fisher_information
    if isinf(information):
        raise InputError("source", source.name, "a source of finite Fisher information G")
    return 0.5 + information * noise_variance / 8


def _sides(source: Any, noise_variance: float) -> Chain:
    if not isinstance(source, ScalarSource):
        raise InputError("source", type(source).__name__, "a ScalarSource")
    members = (
        Member("1/2", 0.5),
        Member("D_F / D_A", ScalarChannel(source, noise_variance).flow_ratio, 1e-9),
        Member("1", 1.0),
    )
    return Chain(members, "1")


SECOND_RESULT = Theorem(
    name="second-result",
    statement="1/2 <= D_F/D_A <= 1, and D_F/D_A = 1/2 + G t/8 + o(t) as t -> 0",
    assumptions=(
        "X in one dimension",
        "for the limit a smooth density, G = E (d ln p/dx)² < ∞; two points: 2/π",
    ),
    reference="Theis, Salimans, Hoffman and Mentzer 2022, Theorem 2; Eq. 18",
    shown="expansion of the flow and of the posterior mean; both sides by quadrature",
    labels=("T1.13a", "T1.13c", "P8"),
    sides=_sides,
)
"""The second result as a theorem of `rdtheory.bounds`."""
