"""E f(Y) for a Gaussian mixture Y, as a number with its error.

Up to two dimensions the trapezoidal rule on a grid around each component, refined until it stands
still; beyond, randomised quasi-Monte-Carlo (scrambled Sobol points). What is analytic and
falls off like a Gaussian is integrated by the trapezoidal rule with an error of exp(-2πd/h) at step
h, d being the distance of the nearest singularity from the reals, and a finer grid keeps all the
points of a coarser one.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.sources.noisy_mixture import NoisyMixture

_NODES = 2**18
"""A grid has no more nodes than this per component."""

_SCRAMBLINGS = 16
"""Independent randomisations, whose spread is the standard error."""

_ROUNDING = 2.0**-48


@dataclass(frozen=True)
class Estimate:
    """A number and how far it may be off; sums and multiples are estimates again.

    Attributes:
        value: the number.
        error: of "quadrature", what the last refinements of the grid let expect; of
            "quasi-Monte-Carlo", the standard error. Errors of a sum are added.
        method: "quadrature" or "quasi-Monte-Carlo".

    >>> quarter = Estimate(0.25, 0.01, "quadrature")
    >>> (1 - 2 * quarter).to_dict()
    {'value': 0.5, 'error': 0.02, 'method': 'quadrature'}
    >>> (quarter - quarter / 2).error
    0.015
    """

    value: float
    error: float
    method: str

    def __float__(self) -> float:
        return self.value

    def __add__(self, other: "Estimate | float") -> "Estimate":
        if isinstance(other, Estimate):
            return Estimate(self.value + other.value, self.error + other.error, self.method)
        return Estimate(self.value + other, self.error, self.method)

    def __mul__(self, factor: float) -> "Estimate":
        return Estimate(self.value * factor, self.error * abs(factor), self.method)

    def __truediv__(self, divisor: float) -> "Estimate":
        return self * (1 / divisor)

    def __sub__(self, other: "Estimate | float") -> "Estimate":
        return self + -1.0 * other

    def __rsub__(self, other: float) -> "Estimate":
        return self * -1.0 + other

    __radd__, __rmul__ = __add__, __mul__

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON."""
        return asdict(self)


def expectation(
    integrand: Callable[[Array], Array],
    law: NoisyMixture,
    *,
    relative_to: float,
    accuracy: float,
    points: int,
    seed: int,
) -> Estimate:
    """E f(Y) = Σ_k w_k E f(m_k + F_k Z), Z ~ N(0, I), F_k F_kᵀ = A_k.

    Args:
        integrand: f, from vectors y of shape (n, M) to (n,); coordinates not sent are NaN.
        law: of Y, with m coordinates that are sent: quadrature for m <= 2, else sampled.
        relative_to: the size of the result to which f contributes; |E f| is added to it.
        accuracy: a grid is refined until its error is less than this times that size.
        points: Sobol points per component and scrambling, a power of two; not used by quadrature.
        seed: of the scramblings.

    >>> from rdtheory.sources.mixture_vector import GaussianMixtureVector
    >>> law = GaussianMixtureVector([0.5, 0.5], [[-1.0], [1.0]], [2.0, 2.0]).observed(1.0)
    >>> square = expectation(lambda y: y[:, 0] ** 2, law, relative_to=1.0, accuracy=1e-10,
    ...                      points=1024, seed=0)
    >>> round(square.value, 12), square.method
    (4.0, 'quadrature')
    """

    def average(nodes: Array, node_weights: Array) -> float:
        total, y = 0.0, np.full((len(nodes), law.dim), np.nan)
        for weight, mean, factor in zip(law.weights, law.means, law.factors, strict=True):
            y[:, law.sent] = mean[law.sent] + nodes @ factor.T
            total += weight * (node_weights @ integrand(y))
        return float(total)

    dim = int(law.sent.sum())
    if dim <= 2:
        return _refined(average, dim, relative_to, accuracy)
    return _sampled(average, dim, points, seed)


_Average = Callable[[Array, Array], float]
"""The mean of the integrand over the mixture, from nodes and weights for N(0, I)."""


def _refined(average: _Average, dim: int, relative_to: float, accuracy: float) -> Estimate:
    # The integrals beyond the grid's radius r are of the order of exp(-r²/2) = accuracy / 10^5.
    radius = float(np.sqrt(-2 * np.log(accuracy * 1e-5)))
    step, total, mass = 1.0, 0.0, 0.0
    value = change = error = np.inf
    while (2 * radius / step) ** dim < _NODES:
        nodes, weights = _new_nodes(dim, step, radius)
        total, mass = total + average(nodes, weights), mass + float(weights.sum())
        value, previous = total / mass, value
        if previous < np.inf:
            size = relative_to + abs(value)
            change, before = abs(value - previous), change
            # Changes that shrink by a factor r leave r/(1-r) of the last one to come, less if the
            # factor improves, as it does for analytic integrands.
            ratio = min(change / before, 0.5) if 0 < before < np.inf else 0.5
            error = max(2 * ratio * change, _ROUNDING * size)
            if error <= accuracy * size:
                break
        step /= 2
    return Estimate(value, error, "quadrature")


def _new_nodes(dim: int, step: float, radius: float) -> tuple[Array, Array]:
    """Nodes, shape (n, dim), in a ball and on no coarser grid, and their weights exp(-|z|²/2)."""
    count = int(radius / step)
    axis = np.arange(-count, count + 1)
    places = np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), axis=-1).reshape(-1, dim)
    squares = step**2 * np.sum(places**2, axis=1)
    new = (squares <= radius**2) & ((step == 1) | (places % 2 == 1).any(axis=1))
    return step * places[new], np.exp(-squares[new] / 2)


def _sampled(average: _Average, dim: int, points: int, seed: int) -> Estimate:
    from scipy.special import ndtri
    from scipy.stats import qmc

    seeds = np.random.SeedSequence(seed).spawn(_SCRAMBLINGS)
    values = []
    for child in seeds:
        uniform = qmc.Sobol(dim, rng=np.random.default_rng(child)).random(points)
        # A scrambled coordinate may be 0: the middle of its cell of 2^-53 is as good.
        nodes = ndtri(np.maximum(uniform, 2.0**-54))
        values.append(average(nodes, np.full(points, 1 / points)))
    error = float(np.std(values, ddof=1)) / _SCRAMBLINGS**0.5
    return Estimate(float(np.mean(values)), error, "quasi-Monte-Carlo")
