"""Independent components in a rotated basis, X = Q S: the sources of the third result [T1.14].

Isotropic noise is as independent in the basis of S as S is, so that all falls apart into scalar
sources: of Y = X + √t U, QᵀY = S + √t QᵀU. NumPy only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, draw_count, float64, read_only_copy, vectors
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector
from rdtheory.sources.scalar import ScalarSource


@dataclass(frozen=True, eq=False)
class IndependentComponents:
    """X = Q S, S_i independent, seen through Y = X + √t U [T1.14].

    Vectors x and y have shape (..., M), in the coordinates of X; t is a number, finite and >= 0.

    Attributes:
        components: the laws of S_1, ..., S_M.
        rotation: Q, shape (M, M), orthonormal columns; None means the identity.

    Raises:
        InputError: if a component is no `ScalarSource`, there is none, or Q is not orthogonal.

    >>> from rdtheory.sources.laplace import Laplace
    >>> from rdtheory.sources.uniform import Uniform
    >>> half_turn = [[0.6, -0.8], [0.8, 0.6]]
    >>> IndependentComponents((Laplace(1.0), Uniform(3.0)), half_turn).covariance
    array([[ 2.64, -0.48],
           [-0.48,  2.36]])
    """

    components: tuple[ScalarSource, ...]
    rotation: Array | None = None

    def __post_init__(self) -> None:
        try:
            components = tuple(self.components)
        except TypeError:
            components = ()
        if not components or not all(isinstance(one, ScalarSource) for one in components):
            raise InputError("components", self.components, "at least one ScalarSource")
        object.__setattr__(self, "components", components)
        if self.rotation is not None:
            rotation = float64(np, "rotation", self.rotation)
            if rotation.shape != (self.dim, self.dim):
                raise InputError("rotation", f"shape {rotation.shape}", f"{(self.dim, self.dim)}")
            excess = np.abs(rotation.T @ rotation - np.eye(self.dim)).max(axis=0)
            check("rotation", excess, excess <= 1e-8, "orthonormal columns (by what they are off)")
            object.__setattr__(self, "rotation", read_only_copy(rotation))

    @property
    def dim(self) -> int:
        """M, the number of dimensions."""
        return len(self.components)

    @property
    def mean(self) -> Array:
        """E X = Q E S, shape (M,)."""
        return self.from_components(np.array([one.mean for one in self.components]))

    @property
    def covariance(self) -> Array:
        """Cov X = Q diag(Var S_i) Qᵀ, shape (M, M)."""
        return self.gaussian.covariance

    @property
    def gaussian(self) -> GaussianVector:
        """X*: the Gaussian with the same mean and covariance [T1.12]."""
        return GaussianVector([one.variance for one in self.components], self.rotation, self.mean)

    @property
    def entropy_nats(self) -> float:
        """h(X) = Σ h(S_i)."""
        return sum(one.entropy_nats for one in self.components)

    @property
    def fisher_information(self) -> float:
        """G = E‖∇ ln p(X)‖² = Σ G_i of Eq. (18) [T1.13]."""
        return sum(one.fisher_information for one in self.components)

    def to_components(self, x: Any) -> Array:
        """S = Qᵀ X, shape (..., M)."""
        x = vectors(np, "x", x, self.dim)
        return x if self.rotation is None else x @ self.rotation

    def from_components(self, components: Any) -> Array:
        """X = Q S, shape (..., M)."""
        x = vectors(np, "components", components, self.dim)
        return x if self.rotation is None else x @ self.rotation.T

    def log_density(self, y: Any, noise_variance: float = 0.0) -> Array:
        """ln p_t(y) = Σ ln p_{t,i}((Qᵀy)_i), nats, shape (...).

        >>> from rdtheory.sources.laplace import Laplace
        >>> IndependentComponents([Laplace(0.5)] * 2).log_density([3.0, -1.0])
        np.float64(-8.0)
        """
        return self._each("log_density", y, noise_variance).sum(axis=-1)

    def score(self, y: Any, noise_variance: float = 0.0) -> Array:
        """∇ ln p_t(y), shape (..., M)."""
        score = self._each("score", y, noise_variance)
        return self.from_components(score)

    def posterior_mean(self, y: Any, noise_variance: float) -> Array:
        """E[X | Y = y], shape (..., M)."""
        mean = self._each("posterior_mean", y, noise_variance)
        return self.from_components(mean)

    def posterior_variance(self, y: Any, noise_variance: float) -> Array:
        """E[‖X - E[X | y]‖² | Y = y] = Σ Var(S_i | (Qᵀy)_i), shape (...)."""
        return self._each("posterior_variance", y, noise_variance).sum(axis=-1)

    def flow(self, y: Any, noise_variance: float) -> Array:
        """T(y) = Q (T_i((Qᵀy)_i)): the optimal realistic reconstruction from y [T1.14] (Eq. 6).

        >>> from rdtheory.sources.two_point import TwoPoint
        >>> IndependentComponents([TwoPoint()] * 2).flow([3.0, -0.2], 0.7)
        array([ 1., -1.])
        """
        reached = self._each("flow", y, noise_variance)
        return self.from_components(reached)

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """`size` independent draws of X, shape (size, M)."""
        size = draw_count(size)
        drawn = [one.sample(rng, size) for one in self.components]
        return self.from_components(np.stack(drawn, axis=-1))

    def sample_posterior(self, y: Any, noise_variance: float, rng: np.random.Generator) -> Array:
        """A draw of P(X | Y = y) for each y, shape (..., M): the ancestral reconstruction."""
        drawn = self._each("sample_posterior", y, noise_variance, rng)
        return self.from_components(drawn)

    def _each(self, method: str, y: Any, noise_variance: Any, *more: Any) -> Array:
        """A method of every component at its coordinate of Qᵀy, stacked in the last axis."""
        if float64(np, "noise_variance", noise_variance).ndim:
            raise InputError("noise_variance", noise_variance, "one number: isotropic noise")
        columns = np.moveaxis(self.to_components(vectors(np, "y", y, self.dim)), -1, 0)
        pairs = zip(self.components, columns, strict=True)
        values = [getattr(one, method)(column, noise_variance, *more) for one, column in pairs]
        return np.stack(values, axis=-1)
