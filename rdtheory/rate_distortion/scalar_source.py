"""R(D) of a real random variable with a density, bracketed by a code and by a dual [T4.2, T4.3].

The density becomes weights at the nodes of a Gauss rule with panels a few sqrt(D) wide. The
functions that Blahut and Arimoto integrate are smooth on that scale, so that both sides of the
bracket are those of X itself but for the error of the rule and the mass that the grid leaves out:
about 1e-10 nats. Quantising X instead would cost an error of the order of the squared cell.
"""

from dataclasses import replace

import numpy as np

from rdtheory.arrays import Array, instance, positive
from rdtheory.errors import InputError
from rdtheory.rate_distortion.blahut_arimoto import DiscreteRateDistortion, RateDistortionPoint
from rdtheory.rate_distortion.discrete_source import DiscreteSource
from rdtheory.sources.line_quadrature import WEIGHTS, panel_nodes
from rdtheory.sources.scalar import ScalarSource

_PANEL = 3.0
"""Width of a panel of 16 nodes, in units of sqrt(D)."""

_TAIL = 1e-12
"""Probability that the grid leaves out on either side."""

_BULK = 1e-6
"""Beyond, where this much is on either side, panels may be wider: errors weigh a millionth."""

_COARSER = 2.5

_MOST_PANELS = 64

_GAP = 1e-6
"""Nats: as long as reproductions off the grid could save more, the best of them are added."""

_GROWTH = 1.25
"""Of the number of reproductions: the cost of a round is cubic in it."""

_UNUSED = 1e-3
"""Of 1 - c: such a reproduction is left out of the next round."""


def scalar_rate_distortion(source: ScalarSource, distortion: float) -> RateDistortionPoint:
    """R(D) ∈ [rate - gap, rate] of a scalar source with a density, squared error [T1.4a, T4.3a].

    The rate is that of a code whose reproductions are nodes of the rule, and others that are added
    as long as they save something; the gap counts what still others on the line might save.

    Args:
        source: X; one with atoms is a `DiscreteSource`.
        distortion: D, such that the bulk of X takes at most 64 panels of 3 sqrt(D).

    Raises:
        InputError: if X has atoms, or D is out of range.

    >>> from rdtheory.sources import GaussianMixture
    >>> mixture = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
    >>> point = scalar_rate_distortion(mixture, 0.05)  # D below every variance: Shannon's bound
    >>> round(point.rate_nats, 8), point.gap_nats < 1e-5
    (1.33072177, True)
    """
    law = quadrature_law(source, distortion)
    reproductions, best = law.points, None
    while best is None or reproductions.size <= _GROWTH * law.points.size:
        curve = DiscreteRateDistortion(law, reproductions=reproductions)
        point = curve.at_distortion(distortion)
        if point.rate_nats == 0:
            return point
        point = replace(point, gap_nats=curve.gap_on_the_line_nats(point))
        if best is not None and point.gap_nats > best.gap_nats / 2:
            break
        best = point
        if point.gap_nats < _GAP:
            break
        reproductions = _better(curve, point, reproductions)
    return best


def quadrature_law(source: ScalarSource, distortion: float) -> DiscreteSource:
    """Nodes and weights of ∫ p(x) f(x) dx, for functions f smooth on the scale sqrt(D).

    Args:
        source: X, with a density.
        distortion: D, such that the bulk of X takes at most 64 panels of 3 sqrt(D).

    Raises:
        InputError: if X has atoms, or D is out of range.

    >>> from rdtheory.sources import Laplace
    >>> law = quadrature_law(Laplace(1.0), 0.5)
    >>> abs(law.variance - 2) < 1e-8
    True
    """
    instance("source", source, ScalarSource)
    distortion = positive("distortion", distortion)
    if source.entropy_nats == -np.inf:
        raise InputError("source", source.name, "one with a density", "use a DiscreteSource")
    tails = np.array([_TAIL, _BULK])
    low, first, last, high = source.quantile(np.concatenate([tails, 1 - tails[::-1]]))
    smallest = ((last - first) / (_PANEL * _MOST_PANELS)) ** 2
    if not smallest <= distortion <= 1e150:
        allowed = f"a number from {smallest:.3g} to 1e150 for this source"
        raise InputError("distortion", distortion, allowed)
    width = _PANEL * np.sqrt(distortion)
    # Kinks of the density must be edges.
    points = source.features(distortion).points
    edges = [
        _even(low, first, _COARSER * width),
        _even(first, last, width),
        _even(last, high, _COARSER * width),
        points[(points > low) & (points < high)],
    ]
    edges = np.unique(np.concatenate(edges))
    x = panel_nodes(edges[:-1], edges[1:])
    mass = np.diff(edges)[:, None] / 2 * WEIGHTS * np.exp(source.log_density(x))
    real = mass > 1e-290
    return DiscreteSource(x[real], mass[real] / mass.sum())


def _even(low: float, high: float, width: float) -> np.ndarray:
    """Edges from low to high, at most `width` apart."""
    return np.linspace(low, high, int(np.ceil((high - low) / width)) + 1)


def _better(curve: DiscreteRateDistortion, point: RateDistortionPoint, old: Array) -> Array:
    """The reproductions that are of use, and where others on the line would be of most.

    That is where c has its peaks; and, as a peak between two atoms means one atom in place of both,
    the centroids of neighbours.
    """
    from scipy.optimize import elementwise

    x, log_weights = curve.source.points[:, None], curve.log_weights(point)[:, None]

    def terms(at: Array) -> Array:
        return np.exp(log_weights + point.slope * (x - at) ** 2)

    def pull(at: Array) -> Array:
        """dc/dx̂, but for a positive factor."""
        return (terms(at) * (x - at)).sum(axis=0)

    used = terms(old).sum(axis=0) > 1 - _UNUSED
    atoms, q = old[used], point.output_probabilities[used]
    knots = np.union1d(curve.source.points, old)
    rising = pull(knots) > 0
    peaks = np.flatnonzero(rising[:-1] & ~rising[1:])
    peaks = elementwise.find_root(pull, (knots[peaks], knots[peaks + 1])).x
    right = np.unique(np.searchsorted(atoms, peaks).clip(1, atoms.size - 1))
    left = right - 1
    centroids = (atoms[left] * q[left] + atoms[right] * q[right]) / (q[left] + q[right])
    return np.unique(np.concatenate([atoms, centroids, peaks]))
