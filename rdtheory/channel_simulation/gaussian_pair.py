"""What is sent and what both sides know: Gaussians of independent components, q and p [T1.15].

The encoder's target is q = N(μ, diag v); the prior of encoder and decoder is p = N(ν, diag w).
Every algorithm works on the standardised pair, where p = N(0, I): m = (μ - ν)/sqrt(w), and v/w.
There the density ratio r = dq/dp is, with a_i = ½ (1 - w_i/v_i) and b_i = m_i w_i/v_i,

    ln r(z) = Σ_i (a_i z_i² + b_i z_i) - ½ Σ_i (ln(v_i/w_i) + m_i² w_i/v_i).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.channel_simulation.tail_bounds import TailBounds
from rdtheory.errors import InputError


@dataclass(frozen=True, eq=False, init=False)
class DiagonalGaussian:
    """N(mean, diag variances), one or many of them.

    Args:
        mean: shape (..., d), or a number for d = 1.
        variances: > 0, finite; a number or anything that broadcasts against the mean.

    Raises:
        InputError: if a mean is not finite, a variance not positive, or the shapes do not fit.

    >>> DiagonalGaussian([[0.0, 1.0], [2.0, 3.0]], 0.25).dim
    2
    """

    mean: Array
    variances: Array

    def __init__(self, mean: Any, variances: Any = 1.0) -> None:
        mean = np.atleast_1d(float64(np, "mean", mean))
        variances = float64(np, "variances", variances)
        check("mean", mean, np.isfinite(mean), "finite numbers")
        good = (variances > 0) & (variances < np.inf)
        check("variances", variances, good, "finite numbers > 0")
        try:
            shape = np.broadcast_shapes(mean.shape, variances.shape)
        except ValueError:
            raise InputError(
                "variances",
                f"shape {variances.shape}",
                f"a shape that broadcasts against that of the mean, {mean.shape}",
            ) from None
        object.__setattr__(self, "mean", np.broadcast_to(mean, shape))
        object.__setattr__(self, "variances", variances)

    @property
    def dim(self) -> int:
        """d, the number of components."""
        return self.mean.shape[-1]


STANDARD_NORMAL = DiagonalGaussian(0.0)
"""N(0, 1), or N(0, I) in as many components as the target has."""


@dataclass(frozen=True, eq=False)
class StandardPair:
    """n targets against p = N(0, I), in d components.

    Attributes:
        mean: m, shape (n, d).
        variances: v/w, shape (n, d), or (n, 1) if all components of a target have the same.

    >>> pair = standardise(DiagonalGaussian([1.5, 0.0]), STANDARD_NORMAL)
    >>> pair.kl_nats  # m²/2
    array([1.125])
    """

    mean: Array
    variances: Array

    @property
    def count(self) -> int:
        """n, the number of targets."""
        return self.mean.shape[0]

    @property
    def dim(self) -> int:
        """d, the number of components."""
        return self.mean.shape[1]

    @cached_property
    def kl_nats(self) -> Array:
        """KL(q ‖ p) = ½ Σ (v - 1 - ln v + m²), shape (n,)."""
        v = self.variances
        terms = np.expm1(np.log(v)) - np.log(v) + self.mean**2
        return terms.sum(-1) / 2

    @cached_property
    def log_sup(self) -> Array:
        """D_∞ = ln sup r, shape (n,); infinite unless v < 1 wherever q differs from p [T1.15c]."""
        v, m = self.variances, self.mean
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.where(m == 0, 0.0, m * m / (1 - v))
        bounded = (v < 1) | ((v == 1) & (m == 0))
        return np.where(bounded, excess - np.log(v), np.inf).sum(-1) / 2

    @cached_property
    def weights(self) -> tuple[Array, Array, Array]:
        """a, b (n, d) and the constant (n,) of ln r(z) = Σ (a z² + b z) + constant."""
        v = self.variances
        a = np.broadcast_to((1 - 1 / v) / 2, self.mean.shape)
        constant = -np.sum(np.broadcast_to(np.log(v), self.mean.shape) + self.mean**2 / v, -1) / 2
        return a, self.mean / v, constant

    @cached_property
    def is_shift(self) -> bool:
        """Whether all variances are those of the prior, so that a = 0."""
        return bool(np.all(self.variances == 1))

    def log_ratio(self, z: Array, targets: slice | Array = slice(None)) -> Array:
        """ln r(z) of candidates z of shape (n, c, d), of these targets; shape (n, c)."""
        a, b, constant = self.weights
        # einsum without BLAS: the same order of additions whatever the number of threads.
        total = np.einsum("ncd,nd->nc", z, b[targets]) + constant[targets, None]
        return total if self.is_shift else total + np.einsum("ncd,ncd,nd->nc", z, z, a[targets])

    @property
    def isotropic(self) -> bool:
        """Whether every target has one variance in all its components."""
        return self.variances.shape[-1] == 1

    @cached_property
    def level_sets(self) -> LevelSets:
        """The masses of {r >= h} under p and q, in closed form, for isotropic targets.

        Raises:
            InputError: if a target has different variances.
        """
        if not self.isotropic:
            raise InputError(
                "target",
                "variances (relative to the prior's) that differ between components",
                "one variance for all components of a target",
                "use ordered random coding or the truncated PFR, or group components by variance",
            )
        std = np.sqrt(self.variances[:, 0])
        return LevelSets(np.minimum(np.sqrt(np.sum(self.mean**2, -1)), 1e9), std, self.dim)

    def expected_better(self, log_best: Array, log_time: Array) -> Array:
        """N(s*, t) = E_p (s* r - t)_+ [T3.12a], shape (n,); a bound if not isotropic."""
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(log_best + self._tails.log_excess(log_time - log_best))

    def log_horizon(self, targets: Array, log_best: Array, epsilon: float) -> Array:
        """ln t_ε(s*), from which on N(s*, t) <= ε [T3.12c], of some of the targets."""
        return self._tails.take(targets).log_horizon(log_best, epsilon)

    def log_target_mass(self, log_h: Array) -> Array:
        """ln P_q(r >= h), shape (..., n); a bound if not isotropic."""
        return self._tails.log_target_mass(log_h)

    @cached_property
    def _tails(self) -> LevelSets | TailBounds:
        return self.level_sets if self.isotropic else TailBounds(self.mean, self.variances)


def require_fit(prior: DiagonalGaussian, shape: tuple[int, ...]) -> None:
    """Refuse a prior that is not one for targets of this shape.

    >>> require_fit(STANDARD_NORMAL, (3, 2))
    """
    own = np.broadcast_shapes(prior.mean.shape, np.shape(prior.variances))
    pairs = zip(own[::-1], shape[::-1], strict=False)
    if len(own) > len(shape) or any(a not in (1, b) for a, b in pairs):
        raise InputError("prior", f"shape {own}", f"one that broadcasts to the targets', {shape}")


def standardise(target: DiagonalGaussian, prior: DiagonalGaussian) -> StandardPair:
    """The pair in coordinates where the prior is N(0, I).

    Raises:
        InputError: if target and prior have different numbers of components.

    >>> standardise(DiagonalGaussian([3.0], 0.5), DiagonalGaussian([1.0], 4.0)).mean
    array([[1.]])
    """
    dim = target.dim
    require_fit(prior, target.mean.shape)
    with np.errstate(over="ignore", under="ignore"):
        mean = (target.mean - prior.mean) / np.sqrt(prior.variances)
        variances = target.variances / prior.variances
    check("target", mean, np.isfinite(mean), "means in reach of the prior")
    good = (variances > 0) & (variances < np.inf)
    check("target", variances, good, "variances in reach of the prior's")
    # One variance for all components stays one number.
    width = dim if variances.ndim and variances.shape[-1] == dim > 1 else 1
    variances = np.broadcast_to(variances, (*mean.shape[:-1], width))
    return StandardPair(mean.reshape(-1, dim), variances.reshape(-1, width))
