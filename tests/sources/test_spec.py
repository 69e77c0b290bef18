"""Sources named in a string: each form, its defaults, and the files that it reads."""

import numpy as np
import pytest
from PIL import Image

from rdtheory.sources import (
    GaussianVector,
    ar1,
    from_images,
    from_spec,
    patches,
    photos,
    power_law,
    read_numbers,
    standard,
)

VALUES = [0.25, 5.0, 1e-3]


def test_shipped_sources():
    assert from_spec("patches") is patches()
    assert from_spec("photos") is photos()


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        ("standard", standard(1)),
        ("standard:dim=3", standard(3)),
        ("ar1:rho=0.9,dim=4", ar1(0.9).vector(4)),
        ("ar1:dim=4,rho=-9e-1", ar1(-0.9).vector(4)),
        ("powerlaw:exponent=2,dim=5", power_law(2, 5)),
        ("powerlaw:exponent=0,dim=2", standard(2)),
        ("powerlaw:exponent=1e9,dim=1", standard(1)),
    ],
)
def test_named_sources(spec, source):
    np.testing.assert_array_equal(from_spec(spec).eigenvalues, source.eigenvalues)


def test_power_law():
    expected = [1.0, 2**-1.5, 3**-1.5, 1 / 8]
    np.testing.assert_allclose(power_law(1.5, 4).eigenvalues, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lines.txt", "0.25\n5\n1e-3\n"),
        ("row.txt", "0.25 5 1e-3\n"),
        ("row.csv", "0.25,5,1e-3\n"),
        ("lines.csv", "0.25\n5.0\n0.001\n"),
        ("comments.txt", "# from a, b\n0.25  # first\n\n5\n1e-3"),
        ("windows.csv", "0.25,5,1e-3\r\n"),
    ],
)
def test_eigenvalues_from_text(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert from_spec(f"eigenvalues:{path}").eigenvalues.tolist() == VALUES


@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8])
def test_eigenvalues_from_an_array(tmp_path, shape, dtype):
    path = tmp_path / "values.npy"
    values = np.array([3, 1, 2], dtype=dtype)
    np.save(path, values.reshape(shape))
    assert from_spec(f"eigenvalues:{path}").eigenvalues.tolist() == [3.0, 1.0, 2.0]


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_single_eigenvalue(tmp_path, shape):
    np.save(tmp_path / "one.npy", np.full(shape, 2.0))
    (tmp_path / "one.txt").write_text("2.0\n", encoding="utf-8")
    for name in ("one.npy", "one.txt"):
        assert from_spec(f"eigenvalues:{tmp_path / name}").eigenvalues.tolist() == [2.0]
        assert from_spec(f"covariance:{tmp_path / name}").eigenvalues.tolist() == [2.0]


def test_covariance_from_files(tmp_path):
    covariance = np.array([[2.0, 1.0], [1.0, 2.0]])
    np.save(tmp_path / "a.npy", covariance)
    np.savetxt(tmp_path / "a.txt", covariance)
    np.savetxt(tmp_path / "a.csv", covariance, delimiter=",")
    expected = GaussianVector.from_covariance(covariance)
    for name in ("a.npy", "a.txt", "a.csv"):
        source = from_spec(f"covariance:{tmp_path / name}")
        np.testing.assert_array_equal(source.eigenvalues, expected.eigenvalues)
        np.testing.assert_array_equal(source.eigenvectors, expected.eigenvectors)


def test_a_path_may_hold_commas_and_colons(tmp_path):
    path = tmp_path / "a,b:c=d.txt"
    path.write_text("1 2", encoding="utf-8")
    assert from_spec(f"eigenvalues:{path}").eigenvalues.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ("", {}),
        (",patch=4", {"patch": 4}),
        (
            ",patch=4,downsample=8,stride=2,skip-unreadable=no",
            {"patch": 4, "downsample": 8, "stride": 2, "skip_unreadable": False},
        ),
    ],
)
def test_images(tmp_path, options, keywords):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    source = from_spec(f"images:{tmp_path}{options}")
    np.testing.assert_array_equal(source.eigenvalues, from_images(tmp_path, **keywords).eigenvalues)


def test_read_numbers_keeps_the_shape_of_an_array(tmp_path):
    path = tmp_path / "values.npy"
    np.save(path, np.arange(6).reshape(2, 3))
    for given in (path, str(path)):
        np.testing.assert_array_equal(read_numbers("values", given), [[0, 1, 2], [3, 4, 5]])
