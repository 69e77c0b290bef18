"""The embedded spectra: what the data card says of them, and how they are made."""

import hashlib
import io
import math
import subprocess
import sys
import tarfile
from importlib import resources

import numpy as np
import pytest
from PIL import Image

from rdtheory.sources import embedded
from rdtheory.sources.data import make
from rdtheory.sources.images import extract_patches
from rdtheory.sources.pictures import area_downsample, grey

SOURCES = {"patches": embedded.patches, "photos": embedded.photos}
FOLDER = resources.files("rdtheory.sources.data")


@pytest.fixture(params=SOURCES)
def name(request):
    return request.param


@pytest.fixture
def source(name):
    return SOURCES[name]()


@pytest.fixture
def stored(name):
    with FOLDER.joinpath(f"{name}.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def test_the_gaussian_is_well_formed(source):
    assert source.dim == 256
    assert np.all(source.eigenvalues > 0)
    assert np.all(np.diff(source.eigenvalues) < 0)
    gram = source.eigenvectors.T @ source.eigenvectors
    np.testing.assert_allclose(gram, np.eye(256), rtol=0, atol=1e-12)
    assert np.all((source.mean > 100) & (source.mean < 140))


def test_the_signs_of_the_eigenvectors_are_fixed(source):
    largest = np.argmax(np.abs(source.eigenvectors), axis=0)
    assert np.all(source.eigenvectors[largest, np.arange(256)] > 0)


def test_the_first_component_is_the_brightness_of_the_patch(source):
    # Of one sign and nearly flat, about 1/16, as in every natural-image spectrum.
    assert np.all(np.abs(source.eigenvectors[:, 0] * 16 - 1) < 0.2)


def test_loaded_once_and_for_reading_only(name, source):
    assert SOURCES[name]() is source
    for array in (source.eigenvalues, source.eigenvectors, source.mean):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


@pytest.mark.parametrize(
    ("which", "leading", "smallest", "total"),
    [
        ("patches", [557.440, 93.846, 74.871, 30.256, 24.173, 23.512], 46.805, 1_005_308),
        ("photos", [810.032, 78.701, 67.906, 27.873, 23.913, 21.831], 41.156, 1_242_016),
    ],
)
def test_the_numbers_of_the_card(which, leading, smallest, total):
    source = SOURCES[which]()
    card = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    # Half a unit of the last digit that is printed.
    np.testing.assert_allclose(source.eigenvalues[:6] / 1000, leading, rtol=0, atol=0.5e-3)
    assert abs(source.eigenvalues[-1] - smallest) < 0.5e-3
    assert abs(source.total_variance - total) < 0.5
    condition = round(source.eigenvalues[0] / source.eigenvalues[-1])
    ranks = np.arange(2, 129)
    slope = np.polyfit(np.log(ranks), np.log(source.eigenvalues[1:128]), 1)[0]
    for text in (
        ", ".join(f"{value:.3f}" for value in leading),
        f"{smallest:.3f}",
        f"{total:,}",
        f"{condition:,}",
        f"{slope:.2f}",
    ):
        assert text in card


@pytest.mark.parametrize(("which", "zeros"), [("patches", 158), ("photos", 156)])
def test_more_than_half_of_the_components_get_no_bit_from_a_star(which, zeros):
    """Fig. 7B: R = 1/2 Σ log2(λ / min(λ, θ)) = 0.391 M, by bisection for the water level θ."""
    eigenvalues = [float(v) for v in SOURCES[which]().eigenvalues]
    low, high = 0.0, max(eigenvalues)
    while True:
        theta = (low + high) / 2
        if theta in (low, high):
            break
        bits = sum(0.5 * math.log2(v / theta) for v in eigenvalues if v > theta)
        low, high = (theta, high) if bits > 0.391 * 256 else (low, theta)
    assert sum(v <= theta for v in eigenvalues) == zeros
    card = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    assert f"{zeros} of 256" in card


def test_the_card_and_the_file_name_the_same_input(stored):
    card = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    assert "sha256" in card
    assert str(stored["input_sha256"]) in card
    assert str(stored["input_name"]) in card
    assert f"{int(stored['patch_count']):,}" in card
    assert int(stored["patch_count"]) == 169 * int(stored["picture_count"])
    assert (int(stored["patch"]), int(stored["stride"]), int(stored["size"])) == (16, 4, 64)


def test_the_files_are_small():
    for which in SOURCES:
        assert len(FOLDER.joinpath(f"{which}.npz").read_bytes()) < 600_000


# Making them


def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


def save_npz(path):
    np.savez(path, images=pictures())


def save_tar(path):
    """The same pictures, in another order, twice as large, among other members."""
    with tarfile.open(path, "w") as archive:
        members = {"train/notes.txt": b"no picture"}
        for i in (2, 0, 1):
            file = io.BytesIO()
            large = pictures()[i].repeat(2, axis=0).repeat(2, axis=1)
            Image.fromarray(large).save(file, "PNG")
            members[f"train/{i}.png"] = file.getvalue()
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(("kind", "save"), [("npz", save_npz), ("tar", save_tar)])
def test_the_same_input_gives_the_same_bytes(tmp_path, capsys, kind, save):
    path = tmp_path / f"input.{kind}"
    save(path)
    written = []
    for run in ("first", "second"):
        out = tmp_path / run
        out.mkdir()
        assert make.main(["photos", str(path), "--out", str(out)]) == 0
        assert capsys.readouterr().out == f"{out / 'photos.npz'}\n"
        written.append((out / "photos.npz").read_bytes())
    assert written[0] == written[1]
    with np.load(io.BytesIO(written[0]), allow_pickle=False) as stored:
        arrays = dict(stored)
    assert str(arrays["input_sha256"]) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert str(arrays["input_name"]) == path.name
    assert int(arrays["picture_count"]) == 3
    rows = extract_patches(area_downsample(grey(pictures()), 64), 16, stride=4)
    assert int(arrays["patch_count"]) == len(rows) == 3 * 169
    covariance = (arrays["eigenvectors"] * arrays["eigenvalues"]) @ arrays["eigenvectors"].T
    # Sums of n = 507 terms of at most 255², in another order.
    np.testing.assert_allclose(covariance, np.cov(rows.T), rtol=0, atol=507 * 255**2 * 2.0**-52)
    np.testing.assert_allclose(arrays["mean"], rows.mean(axis=0), rtol=507 * 2.0**-52)


def test_the_command_writes_the_file(tmp_path):
    save_npz(tmp_path / "input.npz")
    command = [sys.executable, "-m", "rdtheory.sources.data.make", "patches"]
    command += [str(tmp_path / "input.npz"), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert (tmp_path / "patches.npz").is_file()


def bad_inputs(folder):
    """Each a file that is no input: missing, of no kind, without images, cut off, damaged."""
    yield folder / "missing.tar"
    yield folder
    for name in ("text.npz", "text.tar"):
        (folder / name).write_text("neither")
        yield folder / name
    np.savez(folder / "other.npz", pictures=pictures())
    yield folder / "other.npz"
    np.savez(folder / "pickled.npz", images=np.array([None]))
    yield folder / "pickled.npz"
    np.savez(folder / "number.npz", images=3)
    yield folder / "number.npz"
    save_tar(folder / "whole.tar")
    content = (folder / "whole.tar").read_bytes()
    (folder / "cut.tar").write_bytes(content[: len(content) // 2])
    yield folder / "cut.tar"
    with tarfile.open(folder / "damaged.tar", "w") as archive:
        info = tarfile.TarInfo("a.png")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"none"))
    yield folder / "damaged.tar"
    with tarfile.open(folder / "empty.tar", "w"):
        pass
    yield folder / "empty.tar"


def test_bad_input_gives_one_line_and_status_2(tmp_path, capsys):
    for path in bad_inputs(tmp_path):
        assert make.main(["photos", str(path), "--out", str(tmp_path)]) == 2, path
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
        assert shown.err.startswith("input: got "), path
    assert not (tmp_path / "photos.npz").exists()


def test_pictures_are_never_enlarged(tmp_path, capsys):
    np.savez(tmp_path / "small.npz", images=pictures()[:, :32])
    assert make.main(["photos", str(tmp_path / "small.npz"), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("size: got 64; allowed: 1..32")


def test_a_missing_output_folder_is_named(tmp_path, capsys):
    save_npz(tmp_path / "input.npz")
    out = tmp_path / "missing"
    assert make.main(["photos", str(tmp_path / "input.npz"), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith("out: got ")


def test_only_the_two_names_are_known(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        make.main(["others", str(tmp_path / "input.npz")])
    assert "invalid choice" in capsys.readouterr().err
