"""`rdtheory components`: the SNR of every principal component, in decreasing order."""

import json
import math
from xml.etree import ElementTree

import numpy as np
import pytest

from rdtheory import SCHEMES, scheme, sources

UNSORTED = (0.1, 5.0, 0.7, 2.0)
SORTED = [5.0, 2.0, 0.7, 0.1]


@pytest.fixture
def objects(run):
    """The objects that a command line prints as JSON, and that it prints nothing else."""

    def objects(*arguments):
        status, out, err = run("components", *arguments, "--json")
        assert (status, err) == (0, "")
        assert out.count("\n") == 1
        return json.loads(out)

    return objects


def test_objects_have_exactly_the_keys_of_the_contract(objects):
    result = objects("--source", "patches", "--scheme", ",".join(SCHEMES), "--bits-per-dim", 0.391)
    assert [one["scheme"] for one in result] == list(SCHEMES)
    for one in result:
        assert list(one) == ["scheme", "eigenvalue", "snr_db"]
        assert len(one["eigenvalue"]) == len(one["snr_db"]) == 256


def test_decreasing_order_of_eigenvalue_whatever_the_file(objects, eigenvalues):
    result = objects(
        *("--source", eigenvalues(*UNSORTED), "--scheme", "diffc-f,diffc-a-star"),
        *("--bits-per-dim", 0.5),
    )
    for one in result:
        assert one["eigenvalue"] == SORTED
        assert np.all(np.diff(one["snr_db"]) < 0) or one["scheme"] == "diffc-a-star"
        parts = scheme(one["scheme"], SORTED).at(bits_per_dim=0.5).components
        assert one["snr_db"] == pytest.approx(parts.snr_db.tolist(), rel=1e-12)


def test_known_values(objects, eigenvalues):
    """T1.8 and T1.9: γ² = θ/λ of A*, the printed ρ of F* (8 digits), as SNR [T1.10b]."""
    source = eigenvalues(*UNSORTED)
    nats = 2.0126758453675744
    (star,) = objects(
        "--source", source, "--scheme", "diffc-a-star", "--bits-per-dim", nats / 4 / math.log(2)
    )
    expected = [10 * math.log10(max(value / 0.5, 1)) for value in SORTED]
    assert star["snr_db"] == pytest.approx(expected, abs=1e-11)
    (flow,) = objects(
        *("--source", source, "--scheme", "diffc-f-star"),
        *("--bits-per-dim", 1.72669403239423141958 / 4 / math.log(2)),
    )
    for rho, snr_db in zip(
        (0.9231949, 0.8198039, 0.58032254, 0.12310563), flow["snr_db"], strict=True
    ):
        assert 1 - 10 ** (-snr_db / 10) == pytest.approx(rho, abs=6e-8)


def test_zero_rate_is_zero_db(objects):
    for one in objects(
        "--source", "ar1:rho=0.9,dim=5", "--scheme", ",".join(SCHEMES), "--bits-per-dim", 0
    ):
        # rd gives half the distortion at zero rate, which is 10 log10(2) dB.
        expected = 10 * math.log10(2) if one["scheme"] == "rd" else 0.0
        assert one["snr_db"] == pytest.approx([expected] * 5, abs=1e-14)


def test_zero_eigenvalues_are_shown(objects, eigenvalues):
    (one,) = objects("--source", eigenvalues(0.0, 2.0), "--scheme", "diffc-f", "--bits-per-dim", 1)
    assert one["eigenvalue"] == [2.0, 0.0]
    assert one["snr_db"][1] == 0.0


def test_over_half_of_the_patch_components_get_nothing_from_a_star(objects):
    (one,) = objects("--source", "patches", "--scheme", "diffc-a-star", "--bits-per-dim", 0.391)
    assert one["snr_db"].count(0.0) == 158
    assert one["eigenvalue"] == sources.patches().eigenvalues.tolist()


def test_table(run, eigenvalues):
    source = eigenvalues(*UNSORTED)
    status, out, err = run(
        "components", "--source", source, "--scheme", "diffc-a-pink,rd", "--bits-per-dim", 1
    )
    assert (status, err) == (0, "")
    head, *lines = out.splitlines()
    assert head.split() == ["component", "eigenvalue", "diffc-a-pink", "rd"]
    for rank, (line, eigenvalue) in enumerate(zip(lines, SORTED, strict=True), start=1):
        assert line.split()[:4] == [str(rank), f"{eigenvalue:g}", "6.0206", "dB"]


@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
def test_plot(run, tmp_path, suffix):
    path = tmp_path / f"components.{suffix}"
    arguments = ("components", "--source", "patches", "--scheme", "rd,diffc-f", "--bits-per-dim", 1)
    assert run(*arguments, "--plot", path) == run(*arguments)
    content = path.read_bytes()
    if suffix == "svg":
        assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert content.startswith({"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n"}[suffix])


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "x", "", "1,2"])
def test_rates_that_are_none(refused, text):
    line = refused("components", "--source", "patches", "--scheme", "rd", f"--bits-per-dim={text}")
    assert "bits" in line


@pytest.mark.parametrize("option", ["--snr-db=3", "--points=3", "--csv=a.csv", "--distortion=1"])
def test_options_of_curve(refused, option):
    arguments = ("--source", "patches", "--scheme", "rd", "--bits-per-dim=1")
    line = refused("components", *arguments, option)
    assert option.partition("=")[0] in line


@pytest.mark.parametrize("source", ["nope", "standard:dim=0", "standard:dim=1000000000000"])
def test_sources_that_are_none(refused, source):
    line = refused("components", "--source", source, "--scheme", "rd", "--bits-per-dim=1")
    assert "; allowed: " in line
