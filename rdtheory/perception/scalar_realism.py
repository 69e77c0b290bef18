"""R_pr(D) of a real random variable with a density: entropic transport on a Gauss rule [T4.3b]."""

from rdtheory.perception.perfect_realism import PerfectRealism, PerfectRealismPoint
from rdtheory.rate_distortion.scalar_source import quadrature_law
from rdtheory.sources.scalar import ScalarSource


def scalar_perfect_realism(source: ScalarSource, distortion: float) -> PerfectRealismPoint:
    """R_pr(D) of a scalar source with a density, squared error, to about 1e-10 nats [T1.4b, T4.3b].

    Entropic transport is smooth on the scale of sqrt(D), so that on the nodes of
    `quadrature_law` it is that of X itself, as good as the rule is. The gap is that on the nodes;
    `realism_lower_bound` is a certificate for X, less tight.

    Args:
        source: X; one with atoms is a `DiscreteSource`.
        distortion: D, as for `quadrature_law`.

    Raises:
        InputError: if X has atoms, or D is out of range.

    >>> from rdtheory.sources import Laplace
    >>> point = scalar_perfect_realism(Laplace(0.5**0.5), 0.1672)  # DiffC-F: 0.8616 [T4.3]
    >>> round(point.rate_nats, 4)
    0.8592
    """
    return PerfectRealism(quadrature_law(source, distortion)).at_distortion(distortion)
