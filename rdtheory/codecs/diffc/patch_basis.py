"""Pictures as patches, and patches as components: the values of p x p squares in a fixed basis.

A colour picture is first turned into luma and two chromas (`COLOURS`). Each plane is cut into
squares of p x p values, row by row; sides that p does not divide are filled up by repeating the
last row and column. A square x of plane c has the components V_cᵀ(x - m_c), V_c orthonormal; a
vector of components holds those of all planes of one square, luma first.
"""

from dataclasses import dataclass
from importlib import resources
from math import isqrt
from zlib import crc32

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.cosine_field import COLOURS
from rdtheory.errors import InputError


@dataclass(frozen=True, eq=False)
class PatchBasis:
    """Values of one shape as n vectors of M = C p² components.

    Attributes:
        shape: (h, w, C), C being 1 or 3.
        means: m, shape (C, p²).
        bases: V, shape (C, p², p²), component i is along column i.

    >>> basis = PatchBasis((3, 5, 1), np.zeros((1, 4)), np.eye(4)[None])
    >>> values = np.arange(15.0).reshape(3, 5, 1)
    >>> basis.vectors, basis.to_components(values)[0]
    (6, array([0., 1., 5., 6.]))
    >>> bool((basis.from_components(basis.to_components(values)) == values).all())
    True
    """

    shape: tuple[int, ...]
    means: Array
    bases: Array

    @property
    def vectors(self) -> int:
        """n, the number of squares."""
        rows, columns = self._squares
        return rows * columns

    def to_components(self, values: Array) -> Array:
        """Shape (n, M)."""
        planes = values @ COLOURS.T if len(self.means) == 3 else values
        (rows, columns), p = self._squares, self._side
        filling = ((0, rows * p - self.shape[0]), (0, columns * p - self.shape[1]), (0, 0))
        filled = np.pad(planes, filling, mode="edge")
        squares = filled.reshape(rows, p, columns, p, -1).transpose(4, 0, 2, 1, 3)
        stacked = squares.reshape(len(self.means), self.vectors, -1) - self.means[:, None]
        return (stacked @ self.bases).transpose(1, 0, 2).reshape(self.vectors, -1)

    def from_components(self, components: Array) -> Array:
        """Values of the shape; what was filled up is cut off."""
        (rows, columns), p = self._squares, self._side
        stacked = components.reshape(self.vectors, len(self.means), -1).transpose(1, 0, 2)
        squares = stacked @ self.bases.transpose(0, 2, 1) + self.means[:, None]
        planes = squares.reshape(-1, rows, columns, p, p).transpose(1, 3, 2, 4, 0)
        values = planes.reshape(rows * p, columns * p, -1)[: self.shape[0], : self.shape[1]]
        return values @ COLOURS if len(self.means) == 3 else values

    @property
    def _side(self) -> int:
        """p."""
        return isqrt(self.means.shape[1])

    @property
    def _squares(self) -> tuple[int, int]:
        """Rows and columns of squares."""
        return -(-self.shape[0] // self._side), -(-self.shape[1] // self._side)


def planes_of(shape: tuple[int, ...]) -> int:
    """How many planes a picture of this shape has: 1 or 3.

    Raises:
        InputError: if it is no picture's shape.

    >>> planes_of((64, 48, 3))
    3
    """
    if len(shape) != 3 or min(shape) < 1 or shape[2] not in (1, 3):
        raise InputError("shape", shape, "(h, w, 3) or (h, w, 1)", "only pictures have patches")
    return shape[2]


def orthonormal(columns: Array) -> Array:
    """Matrices (..., m, m) whose columns are orthonormal to three digits, made so to the last.

    Three steps of V <- V (3 - VᵀV)/2, which squares the error: eigenvectors stored in half
    precision are a basis again, the same on every machine but for rounding.

    >>> basis = orthonormal(np.array([[0.6, -0.8], [0.8, 0.6]], np.float16))
    >>> bool(np.allclose(basis.T @ basis, np.eye(2), rtol=0, atol=1e-14))
    True
    """
    basis = columns.astype(np.float64)
    for _ in range(3):
        basis = 1.5 * basis - basis @ (np.swapaxes(basis, -1, -2) @ basis) / 2
    return basis


def stored(name: str) -> dict[str, Array]:
    """The arrays of a table of the package.

    >>> stored("gaussian_patches")["eigenvalues"].shape
    (3, 256)
    """
    file = resources.files("rdtheory.codecs.diffc.data") / f"{name}.npz"
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return dict(arrays)


def checksum(*arrays: Array) -> int:
    """CRC-32 of the numbers of tables as they are stored: not of what was computed from them.

    >>> checksum(np.zeros(1)) == checksum(np.zeros(1, np.float16))
    True
    """
    return crc32(b"".join(array.astype("<f8").tobytes() for array in arrays))
