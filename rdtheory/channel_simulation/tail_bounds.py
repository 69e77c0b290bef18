"""Bounds on the masses of {r >= h} where the components' variances differ (*derived here*).

Level sets of r are ellipsoids then, and their masses have no closed form. The moments of r do: with
precision s/v + 1 - s > 0 in every component,

    ln E_p r^s = ½ Σ [ -s ln v - ln(s/v + 1 - s) + (s m/v)²/(s/v + 1 - s) - s m²/v ]

and for every α > 0, as 1 <= x^α for x >= 1, and x - 1 <= x^{1+α} α^α/(1+α)^{1+α} for all x,

    P_q(r >= h)     <= E_p r^{1+α} h^{-α}                                  (Chernoff)
    E_p (r - h)_+   <= E_p r^{1+α} h^{-α} α^α / (1+α)^{1+α}

The best α of a grid is taken; the bounds hold for each.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array

_ALPHA = np.geomspace(0.02, 20.0, 61)
_LOG_FACTOR = _ALPHA * np.log(_ALPHA) - (1 + _ALPHA) * np.log1p(_ALPHA)


@dataclass(frozen=True, eq=False)
class TailBounds:
    """Upper bounds on ln P_q(r >= h) and ln E_p (r - h)_+ of n targets, q = N(m, diag v).

    Attributes:
        mean: m, shape (n, d).
        variances: v, shape (n, d).

    >>> tails = TailBounds(np.array([[1.5]]), np.array([[1.0]]))
    >>> exact = -0.2877  # P_q(r >= 1) = Φ(0.75) for a shift by 1.5
    >>> bool(tails.log_target_mass(np.zeros(1))[0] >= exact)
    True
    """

    mean: Array
    variances: Array

    def log_target_mass(self, log_h: Array) -> Array:
        """A bound on ln P_q(r >= h), shape (..., n) like `log_h`."""
        return np.minimum(0.0, self._least(log_h, 0.0))

    def log_excess(self, log_h: Array) -> Array:
        """A bound on ln E_p (r - h)_+, shape (..., n) like `log_h`; at most 0, as E_p r = 1."""
        return np.minimum(0.0, self._least(log_h, _LOG_FACTOR))

    def log_horizon(self, log_best_score: Array, epsilon: float) -> Array:
        """ln of the time from which on the bound on N(s*, t) is at most ε; -inf if s* <= ε."""
        target = np.log(epsilon) - log_best_score
        levels = (self._log_moments + _LOG_FACTOR - target[:, None]) / _ALPHA
        return np.where(target < 0, log_best_score + levels.min(axis=1), -np.inf)

    def take(self, targets: Array) -> "TailBounds":
        """The bounds of some of the targets."""
        return TailBounds(self.mean[targets], self.variances[targets])

    def _least(self, log_h: Array, log_factor: Array | float) -> Array:
        exponents = self._log_moments + log_factor - _ALPHA * np.asarray(log_h)[..., None]
        return exponents.min(axis=-1)

    @cached_property
    def _log_moments(self) -> Array:
        """ln E_p r^{1+α}, shape (n, α); infinite where the moment is."""
        s, m, v = 1 + _ALPHA, self.mean[..., None], self.variances[..., None]
        precision = s / v + 1 - s
        positive = precision > 0
        precision = np.where(positive, precision, 1.0)
        terms = (s * m / v) ** 2 / precision - s * m * m / v - np.log(precision) - s * np.log(v)
        return np.where(positive, terms, np.inf).sum(axis=1) / 2
