"""`rdtheory rcc`: files in, files out, prefixes, and every mistake a user can make."""

import json

import numpy as np
import pytest

from rdtheory import scheme
from rdtheory.channel_simulation import decode_vectors


@pytest.fixture
def files(tmp_path):
    """Vectors of a known covariance: the folder with x.npy and covariance.npy."""
    rng = np.random.default_rng(0)
    root = rng.normal(size=(5, 5)) * 0.6 ** np.arange(5)
    np.save(tmp_path / "covariance.npy", root @ root.T)
    np.save(tmp_path / "x.npy", rng.normal(size=(200, 5)) @ root.T)
    return tmp_path


def encode(run, files, *options, name="diffc-f-star"):
    arguments = ("rcc", "encode", files / "x.npy", files / "x.rcc", "--scheme", name, *options)
    return run(*arguments)


def test_there_and_back_with_the_fitted_covariance(run, files):
    status, out, err = encode(run, files, "--bits-per-dim", 2)
    assert (status, err) == (0, "")
    assert "bytes" in out
    assert run("rcc", "decode", files / "x.rcc", files / "y.npy") == (0, "", "")
    x, y = np.load(files / "x.npy"), np.load(files / "y.npy")
    assert y.shape == x.shape
    assert y.dtype == np.float64
    assert ((x - y) ** 2).mean() < 0.2 * (x**2).mean()


@pytest.mark.parametrize("name", ["diffc-a", "diffc-f-pink", "diffc-a-star", "diffc-f-star", "rd"])
def test_there_and_back_with_a_known_covariance_at_a_distortion(run, files, name):
    known = ("--covariance", files / "covariance.npy")
    options = ("--distortion", 0.05, *known, "--seed", 2**64 - 1)
    assert encode(run, files, *options, name=name)[0] == 0
    assert run("rcc", "decode", files / "x.rcc", files / "y.npy", *known) == (0, "", "")
    x, y = np.load(files / "x.npy"), np.load(files / "y.npy")
    assert ((x - y) ** 2).mean() == pytest.approx(0.05, rel=0.2)


def test_prefixes_are_coarser(run, files):
    encode(run, files, "--bits-per-dim", 2, "--steps", 3, "--json")
    size = (files / "x.rcc").stat().st_size
    errors = []
    x = np.load(files / "x.npy")
    for prefix in (size * 7 // 10, size * 17 // 20, size):
        options = ("--prefix", prefix, "--reconstruction", "mmse")
        assert run("rcc", "decode", files / "x.rcc", files / "y.npy", *options)[0] == 0
        errors.append(((np.load(files / "y.npy") - x) ** 2).mean())
    assert errors == sorted(errors, reverse=True)


def test_json_says_what_was_sent(run, files):
    status, out, _ = encode(run, files, "--bits-per-dim", 2, "--steps", 2, "--json")
    told = json.loads(out)
    assert status == 0
    assert out.count("\n") == 1
    data = (files / "x.rcc").read_bytes()
    assert told["bytes"] == len(data)
    assert told["information_bits_per_dim"] == pytest.approx(2.0, rel=1e-5)
    assert told["bits_per_dim"] == pytest.approx(8 * len(data) / 1000)
    assert len(told["step_ends"]) == 2
    assert 0 <= told["mean_block_error_bound"] <= 1


def test_info(run, files):
    encode(run, files, "--bits-per-dim", 1, "--seed", 5)
    status, out, _ = run("rcc", "info", files / "x.rcc", "--json")
    told = json.loads(out)
    assert status == 0
    assert (told["vectors"], told["dim"], told["seed"], told["scheme"]) == (
        200,
        5,
        5,
        "diffc-f-star",
    )
    assert told["complete"]
    assert told["source_sent"]
    status, out, _ = run("rcc", "info", files / "x.rcc")
    assert status == 0
    assert '"diffc-f-star"' in out


def test_the_command_writes_what_the_library_would(run, files):
    known = ("--covariance", files / "covariance.npy")
    encode(run, files, "--bits-per-dim", 1, *known, name="diffc-f")
    operated = scheme("diffc-f", np.load(files / "covariance.npy"))
    run("rcc", "decode", files / "x.rcc", files / "y.npy", *known)
    received = decode_vectors((files / "x.rcc").read_bytes(), operated.source)
    np.testing.assert_array_equal(np.load(files / "y.npy"), received.vectors)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "target: got nothing; allowed: one of --bits-per-dim and --distortion"),
        (("--bits-per-dim", 1, "--distortion", 1), "bits_per_dim and distortion_per_dim"),
        (("--bits-per-dim", -1), "bits_per_dim: got -1.0"),
        (("--bits-per-dim", "nan"), "bits_per_dim: got nan"),
        (("--bits-per-dim", 90), "at most 48 bits in a component and step"),
        (("--distortion", 0), "distortion_per_dim: got 0.0"),
        (("--bits-per-dim", 1, "--seed", -1), "seed: got -1"),
        (("--bits-per-dim", 1, "--steps", 0), "steps: got 0"),
        (("--bits-per-dim", 1, "--steps", 100_000), "in 100000 steps; allowed: at most 1000 steps"),
        (("--bits-per-dim", 1, "--block-bits", 99), "block_bits: got 99.0"),
        (("--bits-per-dim", 1, "--covariance", "none.npy"), "none.npy"),
    ],
)
def test_bad_options_are_refused_and_nothing_is_written(refused, files, options, words):
    arguments = ("rcc", "encode", files / "x.npy", files / "x.rcc", "--scheme", "diffc-f")
    assert words in refused(*arguments, *options)
    assert not (files / "x.rcc").exists()


def test_bad_files_are_refused(refused, run, files):
    def encoding(array, *options):
        np.save(files / "bad.npy", array)
        end = ("--scheme", "rd", "--bits-per-dim", 1, *options)
        return refused("rcc", "encode", files / "bad.npy", files / "bad.rcc", *end)

    assert "vectors: got nan" in encoding(np.full((3, 2), np.nan))
    assert "vectors: got shape (3,)" in encoding(np.ones(3))
    assert "vectors: got shape (0, 2)" in encoding(np.ones((0, 2)))
    assert "real numbers" in encoding(np.array([["a"]]))
    assert "a single one" in encoding(np.ones((1, 2)))
    assert "shape" in encoding(np.ones((4, 2)), "--covariance", files / "covariance.npy")
    (files / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'shape': (9999999999,")
    end = ("--scheme", "rd", "--bits-per-dim", 1)
    assert "a .npy file" in refused("rcc", "encode", files / "bad.npy", files / "b.rcc", *end)
    assert "folder" in refused("rcc", "decode", files / "bad.npy", files / "none" / "y.npy")
    assert "starts with RDTS" in refused("rcc", "decode", files / "bad.npy", files / "y.npy")
    assert "missing" in refused("rcc", "info", files / "missing")
    assert not (files / "y.npy").exists()


def test_damaged_streams_are_refused_and_the_old_file_is_kept(refused, run, files):
    encode(run, files, "--bits-per-dim", 1)
    run("rcc", "decode", files / "x.rcc", files / "y.npy")
    before = (files / "y.npy").read_bytes()
    data = bytearray((files / "x.rcc").read_bytes())
    data[-20] ^= 1
    (files / "x.rcc").write_bytes(data)
    refused("rcc", "decode", files / "x.rcc", files / "y.npy")
    refused("rcc", "decode", files / "x.rcc", files / "y.npy", "--prefix", 5)
    refused("rcc", "decode", files / "x.rcc", files / "y.npy", "--prefix", -5)
    assert (files / "y.npy").read_bytes() == before


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(50),
        b"\x93NUMPY\x01\x00\x40\x00{'descr': (), 'fortran_order': False, 'shape': (3, 3), }",
        b"\x93NUMPY\x01\x00\x0c\x00{'descr': ('",
        b"\x93NUMPY\x01\x00\xff\x22" + b"(" * 8959,
        b"",
        bytes(100),
    ],
)
def test_forged_array_files_are_refused(refused, files, data):
    """Each once ended in a traceback."""
    (files / "bad.npy").write_bytes(data)
    end = ("--scheme", "rd", "--bits-per-dim", 1)
    out = files / "bad.rcc"
    assert "a .npy file" in refused("rcc", "encode", files / "bad.npy", out, *end)
    known = ("--covariance", files / "bad.npy")
    assert "a .npy file" in refused("rcc", "encode", files / "x.npy", out, *end, *known)


def test_an_input_is_never_overwritten(refused, run, files):
    before = (files / "x.npy").read_bytes()
    end = ("--scheme", "rd", "--bits-per-dim", 1)
    message = refused("rcc", "encode", files / "x.npy", files / "x.npy", *end)
    assert "another file than those that are read" in message
    encode(run, files, "--bits-per-dim", 1)
    stream = (files / "x.rcc").read_bytes()
    refused("rcc", "decode", files / "x.rcc", files / "x.rcc")
    assert (files / "x.npy").read_bytes() == before
    assert (files / "x.rcc").read_bytes() == stream


def test_the_wrong_covariance_is_refused(refused, run, files):
    known = ("--covariance", files / "covariance.npy")
    encode(run, files, "--bits-per-dim", 1, *known)
    assert "covariance: got none" in refused("rcc", "decode", files / "x.rcc", files / "y.npy")
    np.save(files / "other.npy", 2 * np.eye(5))
    other = ("--covariance", files / "other.npy")
    message = refused("rcc", "decode", files / "x.rcc", files / "y.npy", *other)
    assert "the one that the encoder knew" in message


def test_help_explains_itself_with_examples(run):
    for command in ((), ("encode",), ("decode",), ("info",)):
        status, out, _ = run("rcc", *command, "--help")
        assert status == 0
        assert "Example: rdtheory rcc" in " ".join(out.split())
