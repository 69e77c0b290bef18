"""Make the tables of the patch models again, from the pictures named in `patches.md`.

    python -m rdtheory.codecs.diffc.data.make_patches gaussian imagenet_area64.npz
    python -m rdtheory.codecs.diffc.data.make_patches mixture imagenet64_train.tar cid22_train.tar

`gaussian` writes gaussian_patches.npz: means, eigenvalues and eigenvectors of patches of 16 x 16
values, of luma and two chromas each. `mixture` writes mixture_patches.npz: a mixture of 32
Gaussians of 8 x 8 patches, all planes together, by expectation maximisation. Values are in units of
half the range.
"""

import argparse
import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.cluster.vq import kmeans2

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.cosine_field import COLOURS
from rdtheory.codecs.diffc.patch_basis import orthonormal
from rdtheory.progress import track
from rdtheory.sources.data.make import sha256, with_fixed_signs
from rdtheory.sources.images import PatchMoments, extract_patches

GAUSSIAN_SIDE, STRIDE = 16, 4
MIXTURE_SIDE, COMPONENTS, PATCHES, ROUNDS = 8, 32, 150_000, 20
"""Of the mixture: p, K, patches of each file, rounds of expectation maximisation."""

_PIECE = 4096
_LEAST = 1e-5
"""Added to variances, relative to those of all patches: keeps covariances regular."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0, or status 2 and one line if a file is missing."""
    parser = _parser()
    options = parser.parse_args(arguments)
    for path in options.inputs:
        if not path.is_file():
            parser.error(f"{path} is no file")
    arrays = gaussian(options.inputs) if options.table == "gaussian" else mixture(options.inputs)
    facts: dict[str, Any] = {
        "input_names": np.array([path.name for path in options.inputs]),
        "input_sha256": np.array([sha256(path) for path in options.inputs]),
    }
    target = options.out / f"{options.table}_patches.npz"
    np.savez(target, **arrays | facts)
    print(target)
    return 0


def gaussian(paths: Sequence[Path]) -> dict[str, Array]:
    """Means, eigenvectors and variances of patches of 16 x 16 values, for each plane."""
    moments = [PatchMoments(GAUSSIAN_SIDE**2) for _ in COLOURS]
    for path in paths:
        for values in _pictures(path):
            for plane, one in zip(np.moveaxis(values @ COLOURS.T, -1, 0), moments, strict=True):
                one.add(extract_patches(plane, GAUSSIAN_SIDE, stride=STRIDE))
    return {**_basis(moments), "patches": np.array(moments[0].count)}


def mixture(paths: Sequence[Path]) -> dict[str, Array]:
    """Weights, means and Cholesky factors of the mixture in each plane's eigenbasis."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([_drawn_patches(path, rng) for path in paths])
    moments = [PatchMoments(MIXTURE_SIDE**2) for _ in COLOURS]
    for plane, one in enumerate(moments):
        one.add(rows[:, plane].astype(np.float64))
    basis = _basis(moments)
    scales = np.sqrt(basis["eigenvalues"])
    bases, means = orthonormal(basis["eigenvectors"]), basis["means"]
    for plane in range(len(COLOURS)):  # in place: the rows fill half a gigabyte
        centred = rows[:, plane] - means[plane].astype(np.float32)
        rows[:, plane] = centred @ (bases[plane] / scales[plane]).astype(np.float32)
    weights, centres, covariances = fit(rows, COMPONENTS, ROUNDS, rng)
    order = np.argsort(-weights, kind="stable")
    weights = weights[order] / weights.sum()  # single precision left the sum at 1 - 3e-8
    centres = (centres[order] * scales).astype(np.float32)
    side = np.tril_indices(MIXTURE_SIDE**2)
    # Each row relative to the variance of its component, so that half precision holds it.
    halves = np.linalg.cholesky(covariances[order])[:, :, *side].astype(np.float16)
    factors = np.zeros(covariances.shape)
    factors[:, :, *side] = halves
    variances = np.sum(factors**2, axis=-1) * scales**2 + centres.astype(np.float64) ** 2
    return {
        "means": basis["means"],
        "eigenvectors": basis["eigenvectors"],
        "eigenvalues": np.tensordot(weights, variances, axes=1),
        "weights": weights,
        "centres": centres,
        "factors": halves,
        "scales": scales,
        "patches": np.array(len(rows)),
    }


def fit(rows: Array, components: int, rounds: int, rng: Any) -> tuple[Array, Array, Array]:
    """A mixture of Gaussians whose planes are independent in each, by expectation maximisation.

    It begins with clusters of like energy in octaves of components.

    Args:
        rows: float32, shape (n, C, m), of variance 1 or so.
        components: K.
        rounds: how many.
        rng: a `numpy.random.Generator`.

    Returns:
        Weights, means and covariances, shapes (K,), (K, C, m) and (K, C, m, m).
    """
    starts = [0, 1, 3, 6, 10, 20, 36]
    starts = [start for start in starts if start < rows.shape[2]]
    energies = np.log(np.add.reduceat(rows**2, starts, axis=2))
    features = energies.reshape(len(rows), -1)
    _, labels = kmeans2(features, components, iter=30, minit="++", rng=rng)
    shares = np.eye(components, dtype=np.float32)[labels]
    model = _maximised(rows, lambda first: shares[first : first + _PIECE], components)
    for _ in track(range(rounds), "Expectation maximisation"):
        whitening = _whitening(model)
        model = _maximised(
            rows, lambda first, w=whitening: _shares(rows[first : first + _PIECE], *w), components
        )
    return model


def _maximised(rows: Array, shares_from: Any, components: int) -> tuple[Array, Array, Array]:
    """Moments of the rows under each component's shares."""
    planes, dim = rows.shape[1:]
    counts, sums = np.zeros(components), np.zeros((components, planes, dim))
    products = np.zeros((components, planes, dim, dim))
    for first in range(0, len(rows), _PIECE):
        piece, shares = rows[first : first + _PIECE], shares_from(first)
        counts += shares.sum(axis=0)
        sums += np.tensordot(shares, piece, axes=(0, 0))
        by_plane = np.moveaxis(piece, 1, 0)
        for k in range(components):
            products[k] += (by_plane * shares[:, k, None]).transpose(0, 2, 1) @ by_plane
    means = sums / counts[:, None, None]
    outer = means[..., :, None] * means[..., None, :]
    covariances = products / counts[:, None, None, None] - outer + _LEAST * np.eye(dim)
    return counts / len(rows), means, covariances


def _whitening(model: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """W of each plane, of all components side by side, with their offsets and log weights."""
    weights, means, covariances = model
    whitening = np.linalg.inv(np.linalg.cholesky(covariances)).transpose(0, 1, 3, 2)
    peaks = np.log(weights) + np.linalg.slogdet(whitening)[1].sum(axis=1)
    offsets = np.einsum("kci,kcij->ckj", means, whitening)
    together = whitening.transpose(1, 2, 0, 3).reshape(*means.shape[1:], -1)
    return together.astype(np.float32), offsets.astype(np.float32), peaks.astype(np.float32)


def _shares(piece: Array, whitening: Array, offsets: Array, peaks: Array) -> Array:
    """P(k | x), shape (n, K)."""
    joint = np.tile(peaks, (len(piece), 1))
    for plane, (w, offset) in enumerate(zip(whitening, offsets, strict=True)):
        residuals = (piece[:, plane] @ w).reshape(len(piece), *offset.shape) - offset
        joint -= np.einsum("nki,nki->nk", residuals, residuals) / 2
    shares = np.exp(joint - joint.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _basis(moments: Sequence[PatchMoments]) -> dict[str, Array]:
    """Of each plane: mean, eigenvectors as they are stored, variances along these."""
    fits = [one.gaussian("inputs") for one in moments]
    stored = np.array([with_fixed_signs(one.eigenvectors) for one in fits]).astype(np.float16)
    turned = orthonormal(stored)
    covariances = np.array([one.covariance for one in fits])
    return {
        "means": np.array([one.mean for one in moments]),
        "eigenvectors": stored,
        "eigenvalues": np.einsum("cji,cjk,cki->ci", turned, covariances, turned, optimize=True),
    }


def _drawn_patches(path: Path, rng: Any) -> Array:
    """Patches from chance places, as many of every picture, the rounding to 8 bits undone."""
    pictures = list(_pixels(path))
    each = -(-PATCHES // len(pictures))
    rows = np.empty((each * len(pictures), 3, MIXTURE_SIDE**2), np.float32)
    for number, pixels in enumerate(track(pictures, "Drawing patches")):
        for row in range(number * each, (number + 1) * each):
            top, left = (int(rng.integers(side - MIXTURE_SIDE + 1)) for side in pixels.shape[:2])
            square = pixels[top : top + MIXTURE_SIDE, left : left + MIXTURE_SIDE].reshape(-1, 3)
            smooth = (square + rng.random(square.shape) - 0.5) / 127.5 - 1
            rows[row] = COLOURS @ smooth.T
    return rows


def _pictures(path: Path) -> Iterator[Array]:
    """Colour pictures, in units of half the range, from an npz with `images` or a tar of files."""
    for pixels in _pixels(path):
        yield pixels.astype(np.float32) / np.float32(127.5) - 1


def _pixels(path: Path) -> Iterator[Array]:
    from PIL import Image

    if path.suffix == ".npz":
        yield from np.load(path)["images"]
        return
    with tarfile.open(path) as archive:
        files = sorted((m for m in archive if m.isfile()), key=lambda member: member.name)
        for member in track(files, f"Reading {path.name}"):
            data = archive.extractfile(member)
            assert data is not None
            yield np.asarray(Image.open(io.BytesIO(data.read())).convert("RGB"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rdtheory.codecs.diffc.data.make_patches",
        description="Fit a model of patches and write its table.",
        epilog="example: python -m rdtheory.codecs.diffc.data.make_patches gaussian pictures.tar",
    )
    parser.add_argument("table", choices=("gaussian", "mixture"), help="which of the two")
    parser.add_argument("inputs", type=Path, nargs="+", help="a .npz with `images`, or .tar files")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="the folder to write to (this one)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
