"""`rdtheory curve`: rows, files and pictures, known values, and every mistake a user can make."""

import csv
import json
import math
import os
from xml.etree import ElementTree

import numpy as np
import pytest

from rdtheory import SCHEMES, scheme, sources

KEYS = ["scheme", "bits_per_dim", "distortion_per_dim", "snr_db"]
NATS = 1 / math.log(2)


@pytest.fixture
def rows(run):
    """The rows that a command line prints as JSON, and that it prints nothing else."""

    def rows(*arguments):
        status, out, err = run("curve", *arguments, "--json")
        assert (status, err) == (0, "")
        assert out.count("\n") == 1
        return json.loads(out)

    return rows


@pytest.fixture
def refused_for(refused):
    """The error of a curve of R*(D) with such options."""

    def refused_for(*options, source="patches", name="rd"):
        return refused("curve", "--source", source, "--scheme", name, *options)

    return refused_for


def test_rows_have_exactly_the_keys_of_the_contract(rows):
    result = rows("--source", "patches", "--scheme", ",".join(SCHEMES), "--points", 3)
    assert isinstance(result, list)
    assert [row["scheme"] for row in result] == [name for name in SCHEMES for _ in range(3)]
    for row in result:
        assert list(row) == KEYS
        assert all(math.isfinite(row[key]) for key in KEYS[1:])


@pytest.mark.parametrize(
    ("option", "target"),
    [
        ("--bits-per-dim", "bits_per_dim"),
        ("--snr-db", "snr_db"),
        ("--distortion", "distortion_per_dim"),
    ],
)
def test_numbers_are_those_of_the_library(rows, option, target):
    values = [400.0, 30.0, 11.0] if target == "distortion_per_dim" else [3.5, 7.25, 12.0]
    result = rows(
        "--source", "photos", "--scheme", "diffc-f,rd", option, ",".join(map(str, values))
    )
    for name in ("diffc-f", "rd"):
        curve = scheme(name, sources.photos()).curve(**{target: values})
        assert [row for row in result if row["scheme"] == name] == curve.rows()
    assert [row[target] for row in result] == pytest.approx(values * 2, rel=2e-12)


def test_points_are_evenly_spaced_from_0_to_4_bits(rows):
    result = rows("--source", "patches", "--scheme", "diffc-f-star", "--points", 107)
    bits = [row["bits_per_dim"] for row in result]
    assert bits == pytest.approx(np.linspace(0, 4, 107).tolist(), rel=2e-12)
    assert result[0]["snr_db"] == 0.0


# The check values of the theory page, at the digits that it prints.


@pytest.mark.parametrize(
    ("spectrum", "nats", "distortions"),
    [
        ((2.0,), math.log(5) / 2, {"diffc-a": 0.8, "diffc-f": 0.422291236}),  # T1.5
        (  # T1.6
            (5.0, 2.0, 0.7, 0.1),
            2.532561739690163,
            {"diffc-a": 2.459090909090909, "diffc-f": 1.336748023295278},
        ),
        (  # T1.8
            (5.0, 2.0, 0.7, 0.1),
            2.0126758453675744,
            {"diffc-a-star": 3.2, "rd-half": 3.2, "rd": 1.6},
        ),
        (  # T1.9
            (5.0, 2.0, 0.7, 0.1),
            1.72669403239423141958,
            {"diffc-f-star": 2.25176275115496810510},
        ),
        (  # T1.16
            (5.0, 2.0, 0.7, 0.1, 0.01),
            2.0,
            {
                "diffc-f-star": 1.882,
                "diffc-f": 1.925,
                "diffc-a-star": 3.245,
                "diffc-a": 3.458,
                "diffc-f-pink": 4.029,
                "diffc-a-pink": 7.019,
            },
        ),
    ],
)
def test_known_values(rows, eigenvalues, spectrum, nats, distortions):
    dim, total = len(spectrum), sum(spectrum)
    result = rows(
        *("--source", eigenvalues(*spectrum), "--scheme", ",".join(distortions)),
        *("--bits-per-dim", repr(nats * NATS / dim)),
    )
    for row, (name, distortion) in zip(result, distortions.items(), strict=True):
        decimals = len(repr(distortion).partition(".")[2])
        printed = 0.5 * 10.0**-decimals if decimals in (3, 9) else 0.0
        actual = row["distortion_per_dim"] * dim
        # Half a unit of the last printed digit, and 1e-12 for what is computed.
        assert abs(actual - distortion) <= printed + 1e-12 * distortion, name
        assert row["snr_db"] == pytest.approx(10 * math.log10(2 * total / actual), rel=1e-12)


def test_table(run):
    status, out, err = run(
        "curve", "--source", "standard:dim=3", "--scheme", "rd", "--bits-per-dim", 1
    )
    assert (status, err) == (0, "")
    head, row = out.splitlines()
    assert head.split() == ["scheme", "bits/dim", "distortion/dim", "SNR", "(dB)"]
    assert row.split() == ["rd", "1", "0.25", "9.03090"]


def test_csv_is_the_json(run, rows, tmp_path):
    arguments = ("--source", "patches", "--scheme", "rd,diffc-f", "--points", 5)
    path = tmp_path / "curve.csv"
    assert run("curve", *arguments, "--csv", path) == (0, "", "")
    with path.open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [
        {key: text if key == "scheme" else float(text) for key, text in row.items()} for row in read
    ] == rows(*arguments)
    assert list(read[0]) == KEYS


@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
def test_plot(run, tmp_path, suffix):
    path = tmp_path / f"curve.{suffix}"
    arguments = ("curve", "--source", "patches", "--scheme", "rd,diffc-f", "--points", "9")
    with_picture = run(*arguments, "--plot", path)
    assert with_picture == run(*arguments)
    content = path.read_bytes()
    if suffix == "svg":
        assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert content.startswith({"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n"}[suffix])


# Mistakes in targets and files.


@pytest.mark.parametrize("option", ["--bits-per-dim", "--snr-db", "--distortion"])
@pytest.mark.parametrize("text", ["x", "", ",", "1,,2", "1,x", "1;2", "[1,2]", "1\n,y"])
def test_lists_that_are_none(refused_for, option, text):
    line = refused_for(f"{option}={text}")
    assert line.startswith(f"{option}: got ")
    assert line.endswith("; allowed: numbers separated by commas")


@pytest.mark.parametrize(
    ("option", "argument", "texts"),
    [
        ("--bits-per-dim", "bits_per_dim", ["nan", "inf", "-1", "1,-1e-9", "0.1,nan"]),
        ("--snr-db", "snr_db", ["nan", "inf", "-1", "3.01", "20,3.01", "5,nan"]),
        ("--distortion", "distortion_per_dim", ["nan", "inf", "-1", "0", "1,0", "3927"]),
    ],
)
def test_targets_out_of_range(refused_for, option, argument, texts):
    for text in texts:
        line = refused_for(f"{option}={text}")
        assert line.startswith(f"{argument}: got ")
        given = float(text.rpartition(",")[2])
        assert line.startswith(f"{argument}: got {given}; allowed: ")


def test_targets_beyond_float64(refused_for):
    for name in SCHEMES:
        for option in ("--bits-per-dim=1e5", "--bits-per-dim=1e308", "--snr-db=1e5"):
            assert "; allowed: levels that float64 can hold; " in refused_for(option, name=name)


def test_the_largest_distortion_is_a_target(rows):
    largest = sources.standard(3).total_variance / 3
    (row,) = rows(
        "--source", "standard:dim=3", "--scheme", "rd", "--distortion", repr(float(largest))
    )
    assert row["bits_per_dim"] == 0.0


@pytest.mark.parametrize("text", ["1", "0", "-3", "1.5", "x", "", "nan", "100001", "1" + "0" * 30])
def test_points_that_are_no_number_of_points(refused_for, text):
    assert "--points" in refused_for(f"--points={text}")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--bits-per-dim=1", "--snr-db=9"],
        ["--bits-per-dim=1", "--points=3"],
        ["--snr-db=9", "--distortion=1", "--points=3"],
    ],
)
def test_exactly_one_target(refused_for, options):
    line = refused_for(*options)
    shown = ", ".join(option.partition("=")[0] for option in options) or "nothing"
    assert line.startswith(f"targets: got {shown}; allowed: exactly one of --bits-per-dim, ")


def test_json_or_csv(refused_for, tmp_path):
    path = tmp_path / "curve.csv"
    assert "--json and --csv" in refused_for("--points=3", "--json", "--csv", path)
    assert not path.exists()


@pytest.mark.parametrize(
    "name", ["a.txt", "a", "", "missing/a.csv", "folder.csv", "x" * 300 + ".csv"]
)
def test_tables_that_cannot_be_written(refused_for, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    line = refused_for("--points=3", "--csv", name)
    assert "too long" in line or line.startswith(f"--csv: got '{name or '.'}'; allowed: ")


# Mistakes in sources.


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nope", "source: got 'nope'; allowed: patches, photos, standard:dim=1"),
        ("", "source: got ''"),
        (":", "source: got ':'"),
        ("Patches", "source: got 'Patches'"),
        ("patches:", "allowed: patches"),
        ("patches:dim=4", "'dim=4'"),
        ("standard:", "allowed: standard:dim=1"),
        ("standard:dim", "'dim'"),
        ("standard:dim=", "''"),
        ("standard:dim=1,", "standard:dim=1"),
        ("standard:dim=1,dim=2", "dim twice"),
        ("standard:rho=1", "'rho=1'"),
        ("standard:dim=0", "dim: got 0; allowed: a whole number >= 1"),
        ("standard:dim=-1", "dim: got -1"),
        ("standard:dim=1.5", "dim of source standard: got '1.5'; allowed: a whole number"),
        ("standard:dim=1e99", "'1e99'"),
        ("standard:dim=nan", "'nan'"),
        ("standard:dim=100000000000", "dim: got 100000000000; allowed: at most 10000000"),
        (f"standard:dim=1{'0' * 30}", "at most 10000000"),
        (f"standard:dim=1{'0' * 5000}", "dim of source standard"),
        ("powerlaw:exponent=2,dim=100000000000", "dim: got 100000000000; allowed: at most"),
        ("powerlaw:exponent=2,dim=1000000000000", "dim: got 1000000000000; allowed: at most"),
        ("powerlaw:exponent=2", "'dim'"),
        ("powerlaw:exponent=-1,dim=4", "exponent: got -1.0"),
        ("powerlaw:exponent=nan,dim=4", "exponent: got nan"),
        ("powerlaw:exponent=inf,dim=4", "exponent: got inf"),
        ("powerlaw:exponent=400,dim=1000", "exponent: got 400.0; allowed: at most 101.3"),
        ("ar1:rho=0.9", "'dim'"),
        ("ar1:rho=1,dim=4", "rho: got 1.0"),
        ("ar1:rho=-1,dim=4", "rho: got -1.0"),
        ("ar1:rho=nan,dim=4", "rho: got nan"),
        ("ar1:rho=x,dim=4", "rho of source ar1: got 'x'; allowed: a number"),
        ("ar1:rho=0.9,dim=8193", "dim: got 8193; allowed: at most 8192"),
        ("eigenvalues", "without a path"),
        ("eigenvalues:", "without a path"),
        ("covariance:", "without a path"),
        ("images:", "without a path"),
        ("images:,patch=2", "without a path"),
    ],
)
def test_sources_that_are_none(refused_for, source, words):
    assert words in refused_for("--bits-per-dim=1", source=source)


FILES = {
    "text.txt": b"hello world\n",
    "header.csv": b"eigenvalue\n3\n2\n",
    "ragged.csv": b"1,2\n3\n",
    "empty.txt": b"",
    "blank.csv": b" \n\n",
    "comment.txt": b"# nothing\n",
    "latin.txt": b"\xff\xfe\x00",
    "empty.npy": b"",
    "random.npy": bytes(range(200)),
    "truncated.npy": None,
    "pickled.npy": None,
    "complex.npy": None,
    "strings.npy": None,
    "truths.npy": None,
    "archive.npy": None,
    "folder.npy": None,
    "unknown.dat": b"1 2 3",
    "missing.npy": None,
}


@pytest.fixture
def files(tmp_path):
    for name, content in FILES.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    np.save(tmp_path / "truncated.npy", np.arange(100.0))
    os.truncate(tmp_path / "truncated.npy", 300)
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "complex.npy", np.array([1j]))
    np.save(tmp_path / "strings.npy", np.array(["1", "2"]))
    np.save(tmp_path / "truths.npy", np.array([True]))
    np.savez(tmp_path / "archive.npz", eigenvalues=np.ones(3))
    (tmp_path / "archive.npz").rename(tmp_path / "archive.npy")
    (tmp_path / "folder.npy").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["eigenvalues", "covariance"])
def test_files_that_hold_no_numbers(refused_for, files, monkeypatch, kind, name):
    monkeypatch.chdir(files)
    line = refused_for("--bits-per-dim=1", source=f"{kind}:{name}")
    assert line.startswith(f"{kind}: got '{name}'")
    assert "; allowed: a" in line


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, -2.0], "eigenvalues: got -2.0; allowed: finite values >= 0"),
        ([1.0, np.nan], "eigenvalues: got nan"),
        ([1.0, np.inf], "eigenvalues: got inf"),
        ([0.0, 0.0], "eigenvalues: got zeros only"),
        ([[1.0, 2.0], [3.0, 4.0]], "eigenvalues: got shape (2, 2)"),
        (3.0, "eigenvalues: got shape ()"),
        (np.empty(0), "eigenvalues: got shape (0,)"),
        ([1e308, 1e308], "eigenvalues: got 1e+308 as the largest"),
        ([5e-324], "eigenvalues: got 5e-324 as the largest"),
    ],
)
def test_eigenvalues_that_are_none(refused_for, tmp_path, values, words):
    path = tmp_path / "values.npy"
    np.save(path, values)
    assert words in refused_for("--bits-per-dim=1", source=f"eigenvalues:{path}")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones((2, 3)), "covariance: got shape (2, 3); allowed: a square matrix"),
        (np.ones(3), "covariance: got shape (1, 3)"),
        (np.ones((2, 2, 2)), "covariance: got shape (2, 2, 2)"),
        (np.empty((0, 0)), "covariance: got an empty matrix"),
        ([[1.0, 0.5], [0.4, 1.0]], "a symmetric matrix"),
        ([[1.0, 2.0], [2.0, 1.0]], "eigenvalue -1; allowed: a positive semidefinite matrix"),
        ([[1.0, np.nan], [np.nan, 1.0]], "covariance: got nan"),
        ([[np.inf, 0.0], [0.0, 1.0]], "covariance: got inf"),
        (np.zeros((2, 2)), "zeros only"),
    ],
)
def test_covariances_that_are_none(refused_for, tmp_path, values, words):
    path = tmp_path / "values.npy"
    np.save(path, values)
    assert words in refused_for("--bits-per-dim=1", source=f"covariance:{path}")


@pytest.mark.parametrize(
    ("folder", "options", "words"),
    [
        ("missing", "", "folder: got missing; allowed: the path of a folder that exists"),
        ("file.png", "", "folder: got file.png; allowed: the path of a folder that exists"),
        ("empty", "", "folder: got no picture in it"),
        ("broken", "", "broken.png"),
        ("broken", ",skip-unreadable=yes", "none readable"),
        ("broken", ",skip-unreadable=maybe", "'maybe'; allowed: yes or no"),
        ("broken", ",patch=0", "patch: got 0"),
        ("broken", ",patch=91", "patch: got 91; allowed: at most 90"),
        ("broken", f",patch=1{'0' * 20}", "allowed: at most 90"),
        ("broken", ",patch=2,patch=2", "patch twice"),
        ("broken", ",patch=16,downsample=63", "downsample: got 63"),
        ("broken", ",stride=-1", "stride: got -1"),
        ("broken", ",size=3", "'size=3'"),
    ],
)
def test_folders_without_pictures(refused_for, tmp_path, monkeypatch, folder, options, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    for name in ("broken/broken.png", "file.png"):
        (tmp_path / name).write_bytes(b"no picture")
    assert words in refused_for("--bits-per-dim=1", source=f"images:{folder}{options}")
