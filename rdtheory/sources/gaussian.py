"""The Gaussian vector X ~ N(mean, Σ): what every closed form of the library is about [T0].

Rotations change no rate and no distortion, so all formulas need the eigenvalues λ of Σ alone. The
eigenvectors serve to move vectors into the eigenbasis and back, for simulations and pictures.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rdtheory.arrays import (
    Array,
    check,
    concrete_cached_property,
    exact_sum,
    float64,
    is_concrete,
    is_numpy,
    namespace,
    read_only_copy,
    vectors,
)
from rdtheory.errors import InputError

LARGEST_MATRIX = 8192
"""Sources that make a covariance matrix make none that is larger: its eigendecomposition would
take minutes and gigabytes."""

_LOWEST, _HIGHEST = 1e-150, 1e150
"""Range of the largest eigenvalue: what is computed from it stays within that of float64."""


@dataclass(frozen=True, eq=False)
class GaussianVector:
    """X ~ N(mean, Σ) with Σ = V diag(λ) Vᵀ [T0].

    Attributes:
        eigenvalues: λ, shape (M,), finite and >= 0, in any order; the largest from 1e-150 to
            1e150.
        eigenvectors: V, shape (M, M), column i belongs to eigenvalue i; None means the identity.
        mean: shape (M,); None means 0.

    Raises:
        InputError: if a value is NaN, infinite or negative, if all are zero, if the largest is out
            of range, or if shapes differ.

    >>> GaussianVector([5.0, 2.0, 0.7, 0.1]).dim
    4
    """

    eigenvalues: Array
    eigenvectors: Array | None = None
    mean: Array | None = None

    def __post_init__(self) -> None:
        xp = namespace(self.eigenvalues, self.eigenvectors, self.mean)
        eigenvalues = float64(xp, "eigenvalues", self.eigenvalues)
        if eigenvalues.ndim != 1 or eigenvalues.shape[0] == 0:
            raise InputError(
                "eigenvalues", f"shape {tuple(eigenvalues.shape)}", "a vector of at least one value"
            )
        # Two passes whatever M: a NaN reaches both, and the common case looks at two numbers.
        smallest, largest = xp.min(eigenvalues), xp.max(eigenvalues)
        if not (is_concrete(smallest) and smallest >= 0 and _LOWEST <= largest <= _HIGHEST):
            eigenvalues = check(
                "eigenvalues",
                eigenvalues,
                (eigenvalues >= 0) & (eigenvalues < xp.inf),
                "finite values >= 0",
            )
        if is_concrete(largest) and not _LOWEST <= largest <= _HIGHEST:
            if largest == 0:
                raise InputError(
                    "eigenvalues", "zeros only", "at least one > 0", "a constant needs no code"
                )
            raise InputError(
                "eigenvalues",
                f"{float(largest)!r} as the largest",
                f"a largest one from {_LOWEST!r} to {_HIGHEST!r}",
                "measure X in another unit",
            )
        object.__setattr__(self, "eigenvalues", read_only_copy(eigenvalues))
        if is_concrete(largest):
            self.__dict__["leading_eigenvalue"] = largest  # it took a pass over all of them
        dim = eigenvalues.shape[0]
        for name, shape in (("eigenvectors", (dim, dim)), ("mean", (dim,))):
            value = getattr(self, name)
            if value is None:
                continue
            value = float64(xp, name, value)
            if tuple(value.shape) != shape:
                raise InputError(name, f"shape {tuple(value.shape)}", f"shape {shape}")
            value = check(name, value, xp.isfinite(value), "finite values")
            object.__setattr__(self, name, read_only_copy(value))
        if self.eigenvectors is not None:
            excess = xp.max(xp.abs(self.eigenvectors.T @ self.eigenvectors - xp.eye(dim)))
            if is_concrete(excess) and excess > 1e-8:
                raise InputError(
                    "eigenvectors",
                    f"columns whose products are off by {float(excess):.2g}",
                    "orthonormal columns",
                )

    def to_namespace(self, xp: Any) -> "GaussianVector":
        """The same source with its arrays in another namespace: NumPy's as JAX's, say."""
        parts = (self.eigenvalues, self.eigenvectors, self.mean)
        return GaussianVector(*(None if part is None else xp.asarray(part) for part in parts))

    @classmethod
    def from_covariance(cls, covariance: Any, mean: Any = None) -> "GaussianVector":
        """X ~ N(mean, Σ) from Σ, by its eigendecomposition, eigenvalues in decreasing order.

        Eigenvalues below zero by no more than the rounding error of the decomposition, M 2^-52
        times the largest, count as zero.

        Args:
            covariance: Σ, shape (M, M), finite, symmetric to 1e-10 of its largest entry,
                positive semidefinite.
            mean: shape (M,); None means 0.

        Raises:
            InputError: if Σ is none of that.

        >>> GaussianVector.from_covariance([[2.0, 1.0], [1.0, 2.0]]).eigenvalues
        array([3., 1.])
        """
        xp = namespace(covariance, mean)
        covariance = float64(xp, "covariance", covariance)
        if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
            raise InputError(
                "covariance", f"shape {tuple(covariance.shape)}", "a square matrix (M, M)"
            )
        if covariance.shape[0] == 0:
            raise InputError("covariance", "an empty matrix", "at least one dimension")
        covariance = check("covariance", covariance, xp.isfinite(covariance), "finite values")
        largest = xp.max(xp.abs(covariance))
        asymmetry = xp.max(xp.abs(covariance - covariance.T))
        if is_concrete(asymmetry) and asymmetry > 1e-10 * largest:
            raise InputError(
                "covariance",
                f"a matrix that differs from its transpose by {float(asymmetry):.3g}",
                "a symmetric matrix",
                "pass (C + C.T) / 2 if the asymmetry is rounding",
            )
        eigenvalues, eigenvectors = xp.linalg.eigh(covariance / 2 + covariance.T / 2)
        eigenvalues, eigenvectors = xp.flip(eigenvalues), xp.flip(eigenvectors, axis=1)
        rounding = covariance.shape[0] * 2.0**-52 * eigenvalues[0]
        if is_concrete(rounding) and eigenvalues[-1] < -rounding:
            raise InputError(
                "covariance",
                f"a matrix with eigenvalue {float(eigenvalues[-1]):.6g}",
                "a positive semidefinite matrix",
            )
        return cls(xp.where(eigenvalues > 0, eigenvalues, 0.0), eigenvectors, mean)

    @property
    def dim(self) -> int:
        """M, the number of dimensions."""
        return self.eigenvalues.shape[0]

    @concrete_cached_property
    def leading_eigenvalue(self) -> Array:
        """λ₁ = max λ, the variance of the strongest component."""
        return namespace(self.eigenvalues).max(self.eigenvalues)

    @concrete_cached_property
    def total_variance(self) -> Array:
        """E‖X - mean‖² = tr Σ = Σλ."""
        return namespace(self.eigenvalues).sum(self.eigenvalues)

    def total_variance_minus(self, share: Array, count: int = 1) -> Array:
        """tr Σ - count · share, good to its own last place even where the two nearly agree.

        A distortion close to its largest value says by this difference how little was sent. JAX
        arrays get the plain difference.
        """
        if not is_numpy(namespace(self.eigenvalues, share)):
            return self.total_variance - count * share
        total, rounding = self._exact_total_variance
        # The upper half of the digits [Dekker1971]: count times it is exact, and so is the rest.
        scaled = share * (2.0**27 + 1)
        upper = scaled - (scaled - share)
        # What is left of the total after both is exact too, so that its rounding comes last.
        return (total - count * upper) - count * (share - upper) + rounding

    @cached_property
    def _exact_total_variance(self) -> tuple[float, float]:
        return exact_sum(self.eigenvalues)

    @property
    def covariance(self) -> Array:
        """Σ = V diag(λ) Vᵀ, shape (M, M).

        >>> GaussianVector([2.0, 1.0]).covariance
        array([[2., 0.],
               [0., 1.]])
        """
        return self.covariance_of(self.eigenvalues)

    def covariance_of(self, variances: Array) -> Array:
        """V diag(v) Vᵀ: the covariance of a vector whose components have the variances v.

        >>> import numpy as np
        >>> GaussianVector([2.0, 1.0]).covariance_of(np.array([3.0, 4.0]))
        array([[3., 0.],
               [0., 4.]])
        """
        if self.eigenvectors is None:
            return namespace(variances).eye(self.dim) * variances
        return (self.eigenvectors * variances) @ self.eigenvectors.T

    def to_components(self, x: Array) -> Array:
        """Vᵀ(x - mean): vectors x of shape (..., M) as uncorrelated components.

        >>> GaussianVector([2.0, 1.0], mean=[1.0, 1.0]).to_components([1.0, 3.0])
        array([0., 2.])
        """
        xp = namespace(x, self.eigenvalues)
        x = vectors(xp, "x", x, self.dim)
        centred = x if self.mean is None else x - self.mean
        return centred if self.eigenvectors is None else centred @ self.eigenvectors

    def from_components(self, components: Array) -> Array:
        """Mean + V c: the inverse of `to_components`, shape (..., M).

        >>> GaussianVector([2.0, 1.0], mean=[1.0, 1.0]).from_components([0.0, 2.0])
        array([1., 3.])
        """
        xp = namespace(components, self.eigenvalues)
        x = vectors(xp, "components", components, self.dim)
        if self.eigenvectors is not None:
            x = x @ self.eigenvectors.T
        return x if self.mean is None else x + self.mean

    def sample(self, rng: Any, size: int) -> Array:
        """`size` independent draws of X, shape (size, M), from a `numpy.random.Generator`.

        >>> import numpy as np
        >>> GaussianVector([2.0, 1.0]).sample(np.random.default_rng(0), 3).shape
        (3, 2)
        """
        scale = namespace(self.eigenvalues).sqrt(self.eigenvalues)
        return self.from_components(rng.standard_normal((size, self.dim)) * scale)


def as_gaussian(source: Any) -> GaussianVector:
    """A `GaussianVector` from itself, from a vector of eigenvalues or from a covariance matrix.

    >>> as_gaussian([2.0, 1.0]).dim
    2
    """
    if isinstance(source, GaussianVector):
        return source
    xp = namespace(source)
    if is_numpy(xp) and hasattr(source, "log_density"):
        raise InputError("source", source, "a GaussianVector, eigenvalues or a covariance matrix")
    array = float64(xp, "source", source)
    if array.ndim == 2:
        return GaussianVector.from_covariance(array)
    return GaussianVector(array)
