"""The exact law of the index of the Poisson functional representation, one target [T3.3].

K given the sample is geometric with mean 1 + h, and h depends on ln r alone [T3.3b, T3.3c]. So the
law is an integral over one number, which the trapezoidal rule does to the last digits, and a draw
of K costs O(1) whatever the KL [T3.3g]. Source: [LiElGamal2018]; the law is derived in T3.3.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from rdtheory.arrays import Array
from rdtheory.channel_simulation.contour import LogRatio
from rdtheory.channel_simulation.laws.geometric_mixture import GeometricMixture, log_geometric
from rdtheory.channel_simulation.laws.level_quadrature import Coordinate
from rdtheory.channel_simulation.laws.target_law import TargetLaw

_CERTAIN = 40.0
"""Where ln r is above this, ln h = ln r."""

_IMPOSSIBLE = -45.0
"""Where ln h is below this, K = 1."""


@dataclass(frozen=True, eq=False)
class IndexDraws:
    """Draws of the sample Z* ~ q, by two numbers, and of the index that sends it.

    Attributes:
        projection: μ·Z*/‖μ‖ (any fixed direction if μ = 0).
        square_norm: ‖Z*‖².
        log_index: ln K.

    >>> PFRIndexLaw(1.5).draw(np.random.default_rng(0), 3).log_index.shape
    (3,)
    """

    projection: Array
    square_norm: Array
    log_index: Array


class PFRIndexLaw(TargetLaw, GeometricMixture):
    """The law of K for q = N(μ, s² I_d), p = N(0, I_d) [T3.3c].

    Args:
        shift: m = ‖μ‖ >= 0, a number.
        std: s > 0, a number.
        dim: d.

    Raises:
        InputError: if an argument is not as above.

    >>> law = PFRIndexLaw(shift=1.5)
    >>> law.pmf([1, 2, 3]).round(6), round(law.mean_log2, 5)
    (array([0.377597, 0.146584, 0.08516 ]), 1.66951)

    A chunk of a DDPM step, 16 bits, and what stopping after 2^18 candidates does to it [T3.5]:

    >>> chunk = PFRIndexLaw(np.sqrt(2 * 16 * np.log(2)))
    >>> round(chunk.entropy_bits, 3), round(float(chunk.survival(2**18)), 4)
    (19.512, 0.3446)
    """

    @cached_property
    def mean(self) -> float:
        """E[K] = 1 + E_q h = E_q r + E_q[(excess at r)]; infinite for s² >= 2 [T3.3f].

        >>> round(PFRIndexLaw(1.5).mean, 6)  # 1/2 + e^(m²) Φ(m sqrt 2)
        9.826943
        """
        if self.std**2 >= 2 and self.std != 1:
            return np.inf
        log_r, log_weight = self._target_nodes
        # h - r + 1, the excess at r, is between 0 and 1.
        near = log_r < _CERTAIN
        excess = np.exp(self._log_h[near]) - np.expm1(log_r[near])
        ratio = LogRatio(self._sets.curvature, self._sets.shift**2, self.dim)
        with np.errstate(over="ignore", under="ignore"):
            mean_ratio = np.exp(ratio.value(np.float64(2.0)))
            return float(mean_ratio + np.exp(log_weight[near]) @ excess)

    def draw_log_index(self, rng: np.random.Generator, size: Any = None) -> Array:
        """ln K of independent exact draws, O(1) each [T3.3g].

        >>> draws = PFRIndexLaw(2.0, 0.3).draw_log_index(np.random.default_rng(1), 10**5)
        >>> bool(abs(draws.mean() / np.log(2) - 3.37992) < 0.02)
        True
        """
        return self.draw(rng, size).log_index

    def draw(self, rng: np.random.Generator, size: Any = None) -> IndexDraws:
        """The sample, by its projection on μ and its squared norm, and ln K of the same draw.

        Args:
            rng: the source of randomness.
            size: shape of the arrays.

        >>> draws = PFRIndexLaw(2.0, 0.3, dim=4).draw(np.random.default_rng(1), 10**5)
        >>> bool(abs(draws.projection.mean() - 2) < 0.01)
        True
        """
        m, s, dim = self.shift, self.std, self.dim
        normal = rng.standard_normal(size)
        across = rng.chisquare(dim - 1, size) if dim > 1 else 0.0
        exponential = rng.standard_exponential(size)
        # No difference of squares: ln r = its value at μ + m s x + (s² - 1)/2 (x² + χ²).
        spread = (s - 1) * (s + 1) / 2 * (normal**2 + across)
        log_r = m * m / 2 - dim * np.log(s) + m * s * normal + spread
        return IndexDraws(
            projection=m + s * normal,
            square_norm=(m + s * normal) ** 2 + s * s * across,
            log_index=log_geometric(self._interpolated_log_h(log_r), exponential)[()],
        )

    def _nodes(self) -> tuple[Array, Array]:
        return self._log_h, self._target_nodes[1]

    @cached_property
    def _target_nodes(self) -> tuple[Array, Array]:
        return Coordinate(self._sets).target_nodes()

    @cached_property
    def _log_h(self) -> Array:
        return self._sets.log_h(self._target_nodes[0])

    def _interpolated_log_h(self, log_r: Array) -> Array:
        if self._table is None:
            return np.asarray(log_r)
        low, high = self._table.x[[0, -1]]
        log_h = self._table(np.clip(log_r, low, high))
        return np.where(log_r < high, log_h, log_r)

    @cached_property
    def _table(self) -> CubicSpline | None:
        """ln h as a function of ln r up to 40, to about 1e-10; None if none of q is there."""
        if self._sets.equal:
            return CubicSpline([-1.0, 1.0], [2 * _IMPOSSIBLE, 2 * _IMPOSSIBLE])
        coordinate = Coordinate(self._sets)
        eta = np.linspace(*coordinate.target_range(), 4001)
        log_r = np.unique(coordinate.levels(eta).log_ratio)
        log_r = log_r[log_r < _CERTAIN + 1]
        if log_r.size < 4:
            return None
        log_h = self._sets.log_h(log_r)
        first = max(np.searchsorted(log_h, _IMPOSSIBLE) - 1, 0)
        return CubicSpline(log_r[first:], log_h[first:])
