"""A Gaussian fitted to grey image patches: the source of the theory's figures on images [T1.10].

A picture becomes grey, is cropped to its central square, reduced by area averaging and cut into
patches of p x p pixels. A patch is a vector x of M = p² grey levels in 0..255, row by row. The fit
is X ~ N(mean, Σ) with the mean of each pixel and the sample covariance

    mean = (1/n) Σₖ xₖ,    Σ = 1/(n - 1) Σₖ (xₖ - mean)(xₖ - mean)ᵀ.

Of a folder of pictures only n, mean and the matrix of products are kept in memory: sums over parts
are merged by the update of Chan, Golub and LeVeque [Chan1983], which loses no digits to the large
mean.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.arrays import check, float64, whole_number
from rdtheory.errors import InputError
from rdtheory.progress import track
from rdtheory.sources.gaussian import LARGEST_MATRIX, GaussianVector
from rdtheory.sources.pictures import area_downsample, decode_grey, picture_paths, pixels_of

_NAMES_IN_WARNING = 3
_ROWS_AT_A_TIME = 4096


def extract_patches(images: Any, patch: int, *, stride: int | None = None) -> np.ndarray:
    """All blocks of patch x patch pixels at rows and columns 0, stride, 2 stride, ... as vectors.

    Args:
        images: numbers, shape (..., H, W), with H and W at least `patch`.
        patch: pixels per side of a block.
        stride: the distance from one block to the next; None means `patch`, so that blocks neither
            overlap nor leave gaps. Pixels at the right and the bottom that fill no block are left
            out.

    Returns:
        float64, shape (n, patch²): image by image, in an image block by block along the rows, in
        a block pixel by pixel along the rows.

    Raises:
        InputError: if no block fits, or if `patch` or `stride` is no whole number >= 1.

    >>> extract_patches([[1, 2, 3, 4], [5, 6, 7, 8]], 2)
    array([[1., 2., 5., 6.],
           [3., 4., 7., 8.]])
    """
    pixels = pixels_of("images", images)
    patch = whole_number("patch", patch)
    step = patch if stride is None else whole_number("stride", stride)
    if patch > min(pixels.shape[-2:]):
        height, width = pixels.shape[-2:]
        raise InputError("patch", patch, f"at most {min(height, width)}, for {height} x {width}")
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (patch, patch), axis=(-2, -1))
    return windows[..., ::step, ::step, :, :].reshape(-1, patch * patch)


@dataclass
class PatchMoments:
    """The count, mean and matrix of products Σₖ (xₖ - mean)(xₖ - mean)ᵀ of vectors seen so far.

    >>> moments = PatchMoments(1)
    >>> moments.add(np.array([[1.0], [2.0]]))
    >>> moments.add(np.array([[6.0]]))
    >>> moments.gaussian("rows").eigenvalues, moments.mean
    (array([7.]), array([3.]))
    """

    dim: int
    count: int = 0

    def __post_init__(self) -> None:
        self.mean = np.zeros(self.dim)
        self.products = np.zeros((self.dim, self.dim))
        self._first: np.ndarray | None = None
        self._all_alike = True

    def add(self, rows: np.ndarray) -> None:
        """Take in the vectors `rows`, shape (n, dim)."""
        new = len(rows)
        if new == 0:
            return
        if self._first is None:
            self._first = rows[0].copy()
        self._all_alike = self._all_alike and bool(np.all(rows == self._first))
        mean = rows.mean(axis=0)
        centred = rows - mean
        shift = mean - self.mean
        total = self.count + new
        self.products += centred.T @ centred + np.outer(shift, shift) * (self.count * new / total)
        self.mean = self.mean + shift * (new / total)
        self.count = total

    def add_all(self, blocks: Iterable[np.ndarray]) -> None:
        """Take in blocks of vectors, many at a time: a product for each picture takes longer."""
        waiting, rows = [], 0
        for block in blocks:
            waiting.append(block)
            rows += len(block)
            if rows >= _ROWS_AT_A_TIME:
                self.add(np.concatenate(waiting))
                waiting, rows = [], 0
        if waiting:
            self.add(np.concatenate(waiting))

    def gaussian(self, argument: str) -> GaussianVector:
        """The fit; errors speak of `argument`.

        Raises:
            InputError: if there are fewer than two vectors, or if all are the same.
        """
        if self.count < 2:
            raise InputError(argument, f"{self.count} patches", "at least 2", "add pictures")
        # Not by the products: rounding errors of the mean would pass for a variance.
        if self._all_alike:
            raise InputError(
                argument, "patches all alike", "patches that differ", "add other pictures"
            )
        return GaussianVector.from_covariance(self.products / (self.count - 1), self.mean)


def fit_patches(rows: Any) -> GaussianVector:
    """X ~ N(mean, Σ) with the mean and Σ = 1/(n - 1) Σₖ (xₖ - mean)(xₖ - mean)ᵀ of the rows xₖ.

    The normalisation is that of `numpy.cov`. Fewer than M + 1 rows give zero eigenvalues.

    Args:
        rows: patches, shape (n, M), n >= 2, M >= 1.

    Raises:
        InputError: if `rows` is no such array of finite numbers, or if all rows are the same.

    >>> fit_patches([[1.0, 0.0], [3.0, 0.0], [2.0, 1.0], [2.0, -1.0]]).eigenvalues.round(6)
    array([0.666667, 0.666667])
    """
    rows = float64(np, "rows", rows)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise InputError("rows", f"shape {rows.shape}", "a matrix (n, M) with n >= 2, M >= 1")
    check("rows", rows, np.isfinite(rows), "finite numbers")
    moments = PatchMoments(rows.shape[1])
    moments.add(rows)
    return moments.gaussian("rows")


def read_patches(
    folder: str | os.PathLike[str],
    *,
    patch: int = 16,
    downsample: int | None = 64,
    stride: int | None = None,
    skip_unreadable: bool = False,
) -> np.ndarray:
    """All grey patches of the pictures of a folder and its subfolders, as vectors.

    Pictures are the files with an extension of one of `FORMATS`, in the order of their paths;
    other files and names that begin with a dot are passed over. Of a picture counts the first
    frame, turned as its EXIF orientation says; 16-bit grey is divided by 257, palettes and other
    colour spaces become RGB, transparency is laid over white, colour profiles are ignored.

    Args:
        folder: where the pictures are.
        patch: pixels per side of a patch.
        downsample: pixels per side of the square that a picture is reduced to, see
            `area_downsample`; a multiple of `patch`. None leaves pictures as they are, less the
            pixels at the right and the bottom that fill no patch.
        stride: the distance between patches, see `extract_patches`; None means no overlap.
        skip_unreadable: leave out files that cannot be read, with one warning; else they are
            errors.

    Returns:
        float64 in 0..255, shape (n, patch²).

    Raises:
        InputError: if the folder is missing or has no picture, if a picture cannot be read, has
            more pixels than Pillow holds safe or is too small, or if `downsample` is no multiple
            of `patch`.

    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.linear_gradient("L").save(f"{folder}/gradient.png")
    ...     read_patches(folder, patch=2, downsample=4).round(1)[::2]
    array([[ 31.5,  31.5,  95.5,  95.5],
           [159.5, 159.5, 223.5, 223.5]])
    """
    skipped = [] if skip_unreadable else None
    rows = list(_patches_by_picture(folder, patch, downsample, stride, skipped))
    _warn_of(skipped)
    return np.concatenate(rows)


def from_images(
    folder: str | os.PathLike[str],
    *,
    patch: int = 16,
    downsample: int | None = 64,
    stride: int | None = None,
    skip_unreadable: bool = False,
) -> GaussianVector:
    """X ~ N(mean, Σ) with the mean and covariance of all grey patches of a folder's pictures.

    The same as `fit_patches(read_patches(folder, ...))` up to rounding, for folders of any size:
    a few thousand patches at a time are in memory.

    Args:
        folder: where the pictures are, see `read_patches`.
        patch: pixels per side of a patch, at most 90; the dimension is M = patch².
        downsample: pixels per side of the reduced picture, or None, see `read_patches`.
        stride: the distance between patches, see `extract_patches`; None means no overlap.
        skip_unreadable: leave out files that cannot be read, with one warning.

    Returns:
        Eigenvalues in grey levels squared, in decreasing order, with eigenvectors and mean.

    Raises:
        InputError: as `read_patches`, and if there are fewer than two patches or all are the same.

    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.linear_gradient("L").save(f"{folder}/gradient.png")
    ...     from_images(folder, patch=2, downsample=4).eigenvalues.round(1)
    array([21845.3,     0. ,     0. ,     0. ])
    """
    if whole_number("patch", patch) ** 2 > LARGEST_MATRIX:
        raise InputError("patch", patch, f"at most {isqrt(LARGEST_MATRIX)}")
    moments = PatchMoments(patch**2)
    skipped = [] if skip_unreadable else None
    moments.add_all(_patches_by_picture(folder, patch, downsample, stride, skipped))
    _warn_of(skipped)
    return moments.gaussian("folder")


def _patches_by_picture(
    folder: str | os.PathLike[str],
    patch: int,
    downsample: int | None,
    stride: int | None,
    skipped: list[str] | None,
) -> Iterator[np.ndarray]:
    """The patches of each picture; names of unreadable files go to `skipped`, or are an error."""
    patch, downsample = _sizes(patch, downsample)
    if stride is not None:
        stride = whole_number("stride", stride)
    paths = picture_paths(folder)
    for path in track(paths, "Reading pictures"):
        try:
            picture = decode_grey(path)
        except Exception as error:
            if skipped is not None:
                skipped.append(path.name)
                continue
            raise InputError(
                "folder",
                "a file that cannot be read",
                "pictures that Pillow can read",
                f"mend or remove {path}, or pass skip_unreadable=True ({_reason(error)})",
            ) from None
        yield extract_patches(_reduced(picture, path, patch, downsample), patch, stride=stride)
    if skipped and len(skipped) == len(paths):
        raise InputError(
            "folder", f"{len(paths)} files, none readable", "at least one readable picture"
        )


def _sizes(patch: int, downsample: int | None) -> tuple[int, int | None]:
    patch = whole_number("patch", patch)
    if downsample is None:
        return patch, None
    downsample = whole_number("downsample", downsample)
    if downsample % patch:
        raise InputError(
            "downsample",
            downsample,
            f"None or a multiple of patch = {patch}",
            f"try {max(1, round(downsample / patch)) * patch}",
        )
    return patch, downsample


def _reduced(picture: np.ndarray, path: Path, patch: int, downsample: int | None) -> np.ndarray:
    height, width = picture.shape
    side = min(height, width)
    if side < (downsample or patch):
        argument, given = ("patch", patch) if downsample is None else ("downsample", downsample)
        raise InputError(
            argument,
            given,
            f"at most {side}, for a picture of {height} x {width} pixels",
            f"lower it or remove {path}",
        )
    return picture if downsample is None else area_downsample(picture, downsample)


def _reason(error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "no picture in a known format"
    return " ".join(str(error).split()) or type(error).__name__


def _warn_of(skipped: list[str] | None) -> None:
    """One warning, at the line that called the reader."""
    if not skipped:
        return
    names = ", ".join(skipped[:_NAMES_IN_WARNING])
    more = len(skipped) - _NAMES_IN_WARNING
    tail = f" and {more} more" if more > 0 else ""
    files = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
    warnings.warn(f"skip_unreadable left out {files}: {names}{tail}", stacklevel=3)
