"""The source of a stream: in a form that is the same on both sides, and as sections of bytes."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from rdtheory.arrays import Array
from rdtheory.container import StreamError
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector

SECTIONS = 3
"""Mean, eigenvalues, eigenvectors."""


LARGEST_SENT_SOURCE = 2048
"""Dimensions up to which a source travels in a stream: its matrix stays within 32 MiB."""


def canonical(source: GaussianVector) -> GaussianVector:
    """The source with the sign of each eigenvector fixed: its largest entry is positive.

    An eigendecomposition leaves signs open, and another machine may choose others.

    >>> canonical(GaussianVector([2.0, 1.0], [[0.0, -1.0], [-1.0, 0.0]])).eigenvectors
    array([[0., 1.],
           [1., 0.]])
    """
    if source.eigenvectors is None:
        return source
    largest = np.abs(source.eigenvectors).argmax(axis=0)
    signs = np.sign(source.eigenvectors[largest, np.arange(source.dim)])
    # Adding zero: no negative zeros.
    return GaussianVector(source.eigenvalues, source.eigenvectors * signs + 0.0, source.mean)


def fingerprint(source: GaussianVector, levels: Array) -> int:
    """A checksum of the source, and of the SNR of every component after each step, shape (T, M).

    Eigenvalues, eigenvectors and mean are rounded first, so that the last digits of a decomposition
    do not matter; but where eigenvalues are equal eigenvectors may differ entirely, and a decoder
    must be told. Directions that are neither sent nor have a variance are left out.

    >>> fingerprint(GaussianVector([2.0, 1.0]), np.array([[4.0, 2.0]]))
    4184818523
    """
    scale = np.sqrt(source.leading_eigenvalue)
    # Eigenvalues of rounding size are rounding.
    relative = source.eigenvalues / source.leading_eigenvalue
    numbers = [np.rint(2**20 * relative), rounded(np.array([scale]))]
    if source.mean is not None:
        numbers.append(np.rint(2**20 * (source.mean / scale)))
    data = np.asarray(levels).astype("<f8").tobytes()
    data += b"".join(part.astype("<f8").tobytes() for part in numbers)
    if source.eigenvectors is not None:
        sent = source.eigenvectors[:, levels[-1] > 0]
        data += (np.rint(256 * sent) + 0.0).astype("<i2").tobytes()
    return crc32(data)


def rounded(values: Array) -> Array:
    """Numbers of 21 significant bits.

    >>> rounded(np.array([1 / 3])) * 2**22
    array([1398101.])
    """
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(mantissa * 2**21), exponent - 21)


def packed_source(source: GaussianVector) -> list[bytes]:
    """The sections that carry a source; components of variance 0 are left out."""
    kept = source.eigenvalues > 0
    mean = np.zeros(source.dim) if source.mean is None else source.mean
    basis = np.eye(source.dim) if source.eigenvectors is None else source.eigenvectors
    return [
        mean.astype("<f8").tobytes(),
        source.eigenvalues[kept].astype("<f8").tobytes(),
        np.ascontiguousarray(basis[:, kept].T).astype("<f4").tobytes(),
    ]


def unpacked_source(sections: Sequence[bytes], dim: int) -> GaussianVector:
    """The source that the first three sections carry.

    Raises:
        StreamError: if they have not all arrived, or are no source of `dim` dimensions.
    """
    if len(sections) < SECTIONS:
        raise StreamError(
            "stream", "its beginning, without the whole source", "at least the source", "fetch more"
        )
    if dim > LARGEST_SENT_SOURCE:
        raise StreamError("source", f"{dim} dimensions", f"at most {LARGEST_SENT_SOURCE}")
    mean, eigenvalues, basis = sections[:SECTIONS]
    rank = len(eigenvalues) // 8
    sizes = (len(mean), len(eigenvalues), len(basis))
    if sizes != (8 * dim, 8 * rank, 4 * dim * rank) or not 1 <= rank <= dim:
        raise StreamError("source", f"sections of {sizes} bytes", f"those of {dim} dimensions")
    columns = np.frombuffer(basis, "<f4").reshape(rank, dim).T.astype(np.float64)
    if not np.isfinite(columns).all():
        raise StreamError("source", "eigenvectors with NaN or infinity", "finite numbers")
    # Orthonormal to the last digit again, and completed by components of variance 0.
    orthonormal, triangle = np.linalg.qr(columns, mode="complete")
    orthonormal[:, :rank] *= np.where(np.diag(triangle) < 0, -1.0, 1.0)
    spectrum = np.zeros(dim)
    spectrum[:rank] = np.frombuffer(eigenvalues, "<f8")
    try:
        return GaussianVector(spectrum, orthonormal, np.frombuffer(mean, "<f8"))
    except InputError as error:
        raise StreamError("source", str(error), "a Gaussian source") from None
