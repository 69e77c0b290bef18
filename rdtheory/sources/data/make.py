"""Make the embedded patch Gaussians again, from the pictures named in the data card.

    python -m rdtheory.sources.data.make patches imagenet_area64.npz
    python -m rdtheory.sources.data.make photos cid22_train.tar

Each writes one NAME.npz: `eigenvalues` in decreasing order, `eigenvectors` (columns, the entry of
largest magnitude positive), `mean`, and where they come from: `input_name`, `input_sha256`,
`picture_count`, `patch_count`, `patch`, `stride` and `size`. The same input on the same machine
gives the same file to the last bit. Other machines may differ in the last digits of the
eigenvectors, by the rounding of their linear algebra.
"""

import argparse
import hashlib
import io
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.errors import InputError
from rdtheory.progress import track
from rdtheory.sources.images import PatchMoments, extract_patches
from rdtheory.sources.pictures import area_downsample, decode_grey, grey, picture_extensions

PATCH, STRIDE, SIZE = 16, 4, 64
"""Pixels per side of a patch, from one patch to the next, and per side of the reduced picture."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0 when the file is written, 2 with one line on bad input."""
    options = _parser().parse_args(arguments)
    target = options.out / f"{options.name}.npz"
    try:
        if not options.out.is_dir():
            raise InputError("out", options.out, "a folder that exists")
        write(target, fit(options.input))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(target)
    return 0


def fit(path: Path) -> dict[str, Any]:
    """All that the npz holds, from a npz with an array `images` or from a tar of pictures.

    Raises:
        InputError: if the file is neither, or if a picture is unreadable or too small.
    """
    moments = PatchMoments(PATCH**2)
    moments.add_all(
        extract_patches(area_downsample(picture, SIZE), PATCH, stride=STRIDE)
        for picture in _pictures(path)
    )
    source = moments.gaussian("input")
    facts = {
        "input_name": path.name,
        "input_sha256": sha256(path),
        "picture_count": moments.count // ((SIZE - PATCH) // STRIDE + 1) ** 2,
        "patch_count": moments.count,
        "patch": PATCH,
        "stride": STRIDE,
        "size": SIZE,
    }
    return {
        "eigenvalues": source.eigenvalues,
        "eigenvectors": with_fixed_signs(source.eigenvectors),
        "mean": moments.mean,
        **facts,
    }


def with_fixed_signs(eigenvectors: Any) -> np.ndarray:
    """The columns, each turned so that its (first) entry of largest magnitude is positive.

    >>> with_fixed_signs(np.array([[0.6, 0.8], [-0.8, 0.6]]))
    array([[-0.6,  0.8],
           [ 0.8,  0.6]])
    """
    largest = np.argmax(np.abs(eigenvectors), axis=0)
    return eigenvectors * np.sign(eigenvectors[largest, np.arange(eigenvectors.shape[1])])


def write(target: Path, arrays: dict[str, Any]) -> None:
    """Write a npz, not compressed: eigenvectors hardly shrink, and zlib's bytes vary by version."""
    # NumPy dates every member 1980-01-01, so the bytes depend on the arrays alone.
    with target.open("wb") as file:
        np.savez(file, **arrays)


def _pictures(path: Path) -> Iterator[np.ndarray]:
    if not path.is_file():
        raise InputError("input", path, "a .npz with an array `images`, or a .tar of pictures")
    if path.suffix == ".npz":
        return _pictures_of_npz(path)
    return _pictures_of_tar(path)


def _pictures_of_npz(path: Path) -> Iterator[np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            images = stored["images"]
    except (KeyError, ValueError, OSError, zipfile.BadZipFile):
        raise InputError("input", path, "a .npz with an array `images`") from None
    if images.ndim < 3:
        raise InputError("input", f"`images` of shape {images.shape}", "shape (n, H, W[, 3])")
    for image in track(images, "Reading pictures"):
        yield grey(image)


def _pictures_of_tar(path: Path) -> Iterator[np.ndarray]:
    """The pictures in the order of their names, each decoded in memory: nothing is extracted."""
    if not tarfile.is_tarfile(path):
        raise InputError("input", path, "a .npz with an array `images`, or a .tar of pictures")
    with tarfile.open(path) as archive:
        for member in track(_picture_members(archive), "Reading pictures"):
            yield _decoded(archive, member)


def _picture_members(archive: tarfile.TarFile) -> list[tarfile.TarInfo]:
    extensions = picture_extensions()
    try:
        members = archive.getmembers()
    except tarfile.TarError as error:
        raise InputError("input", error, "a whole .tar", "fetch the file again") from None
    pictures = [
        member
        for member in members
        if member.isfile() and Path(member.name).suffix.lower() in extensions
    ]
    return sorted(pictures, key=lambda member: member.name)


def _decoded(archive: tarfile.TarFile, member: tarfile.TarInfo) -> np.ndarray:
    file = archive.extractfile(member)
    assert file is not None  # the caller passes files only
    try:
        return decode_grey(io.BytesIO(file.read()))
    except Exception:
        raise InputError("input", member.name, "pictures that Pillow can read") from None


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rdtheory.sources.data.make",
        description="Fit the Gaussian of 16 x 16 grey patches and write it as NAME.npz.",
        epilog="example: python -m rdtheory.sources.data.make photos cid22_train.tar",
    )
    parser.add_argument("name", choices=("patches", "photos"), help="which of the two to write")
    parser.add_argument("input", type=Path, help="a .npz with an array `images`, or a .tar")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="the folder to write to (this one)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
