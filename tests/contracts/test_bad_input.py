"""Every mistake in an argument is one `InputError`: its name, what was given, what is allowed.

A row of a table is the argument that the error names, words that it shows of what was given, and
the call. Warnings are errors here: none may come before the error.
"""

import re
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import rdtheory
from rdtheory import GaussianVector, InputError, scheme, sources
from rdtheory.diffusion import (
    GaussianChannel,
    Progression,
    assumed_marginal_nats,
    one_shot_bound_bits,
)
from rdtheory.rate_distortion.water_filling import ReverseWaterFilling
from rdtheory.sources import StationaryProcess, ar1, from_spec, power_law, read_numbers, standard

SPECTRUM = [2.0, 1.0]
SOURCE = GaussianVector(SPECTRUM)
CHANNEL = GaussianChannel(SOURCE, [1.0, 1.0], [1.0, 1.0])
OBJECT = object()
NO_NUMBERS = [("abc", "abc"), (1j, "1j"), ([1.0, 1j], "1j"), (OBJECT, "object"), ({}, "{}")]
"""Values of a type that no argument takes, with what an error shows of them."""


def refuses(argument, shown, call):
    """Assert that `call` raises the one-line error."""
    with pytest.raises(InputError) as caught:
        call()
    assert isinstance(caught.value, ValueError)
    message = str(caught.value)
    pattern = rf"{re.escape(argument)}: got ([^\n]*?); allowed: [^\n]+"
    match = re.fullmatch(pattern, message)
    assert match, message
    assert shown in match[1], message
    assert len(message) < 400


def rows(*table):
    """A table's rows as parameters, named by their place and argument."""
    return pytest.mark.parametrize(
        ("argument", "shown", "call"),
        [pytest.param(*row, id=f"{number}-{row[0]}") for number, row in enumerate(table)],
    )


# Sources.


@rows(
    ("eigenvalues", "shape ()", lambda: GaussianVector(3.0)),
    ("eigenvalues", "shape ()", lambda: GaussianVector(None)),
    ("eigenvalues", "shape (0,)", lambda: GaussianVector([])),
    ("eigenvalues", "shape (1, 2)", lambda: GaussianVector([[1.0, 2.0]])),
    ("eigenvalues", "nan", lambda: GaussianVector([1.0, np.nan])),
    ("eigenvalues", "nan", lambda: GaussianVector([1.0, None])),
    ("eigenvalues", "inf", lambda: GaussianVector([1.0, np.inf])),
    ("eigenvalues", "-inf", lambda: GaussianVector([1.0, -np.inf])),
    ("eigenvalues", "-1e-300", lambda: GaussianVector([1.0, -1e-300])),
    ("eigenvalues", "zeros only", lambda: GaussianVector([0.0, 0.0])),
    ("eigenvalues", "1e+308", lambda: GaussianVector([1e308, 1e308])),
    ("eigenvalues", "5e-324", lambda: GaussianVector([5e-324])),
    *(("eigenvalues", shown, lambda v=v: GaussianVector(v)) for v, shown in NO_NUMBERS),
    ("eigenvectors", "shape (2, 1)", lambda: GaussianVector(SPECTRUM, [[1.0], [0.0]])),
    ("eigenvectors", "shape (2,)", lambda: GaussianVector(SPECTRUM, [1.0, 0.0])),
    ("eigenvectors", "nan", lambda: GaussianVector(SPECTRUM, [[1.0, 0.0], [0.0, np.nan]])),
    ("eigenvectors", "abc", lambda: GaussianVector(SPECTRUM, "abc")),
    ("mean", "shape (3,)", lambda: GaussianVector(SPECTRUM, mean=[1.0, 2.0, 3.0])),
    ("mean", "shape ()", lambda: GaussianVector(SPECTRUM, mean=0.0)),
    ("mean", "inf", lambda: GaussianVector(SPECTRUM, mean=[0.0, np.inf])),
    ("mean", "1j", lambda: GaussianVector(SPECTRUM, mean=[0.0, 1j])),
    ("x", "shape (3,)", lambda: SOURCE.to_components([1.0, 2.0, 3.0])),
    ("x", "shape ()", lambda: SOURCE.to_components(1.0)),
    ("x", "abc", lambda: SOURCE.to_components("abc")),
    ("components", "shape (3,)", lambda: SOURCE.from_components([1.0, 2.0, 3.0])),
    ("components", "shape ()", lambda: SOURCE.from_components(1.0)),
)
def test_gaussian_vector(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("covariance", "shape ()", lambda: GaussianVector.from_covariance(1.0)),
    ("covariance", "shape ()", lambda: GaussianVector.from_covariance(None)),
    ("covariance", "shape (2,)", lambda: GaussianVector.from_covariance([1.0, 2.0])),
    ("covariance", "shape (1, 2)", lambda: GaussianVector.from_covariance([[1.0, 2.0]])),
    ("covariance", "empty", lambda: GaussianVector.from_covariance(np.empty((0, 0)))),
    ("covariance", "nan", lambda: GaussianVector.from_covariance([[np.nan]])),
    ("covariance", "inf", lambda: GaussianVector.from_covariance([[1.0, 0.0], [0.0, np.inf]])),
    ("covariance", "by 0.1", lambda: GaussianVector.from_covariance([[1.0, 0.5], [0.4, 1.0]])),
    ("covariance", "-1", lambda: GaussianVector.from_covariance([[1.0, 2.0], [2.0, 1.0]])),
    ("covariance", "-1", lambda: GaussianVector.from_covariance(-np.eye(2))),
    ("eigenvalues", "zeros only", lambda: GaussianVector.from_covariance(np.zeros((2, 2)))),
    ("eigenvalues", "e+308", lambda: GaussianVector.from_covariance(np.eye(2) * 1.7e308)),
    *(
        ("covariance", shown, lambda v=v: GaussianVector.from_covariance(v))
        for v, shown in NO_NUMBERS
    ),
    ("mean", "shape (1,)", lambda: GaussianVector.from_covariance(np.eye(2), [1.0])),
    ("mean", "nan", lambda: GaussianVector.from_covariance(np.eye(2), [1.0, np.nan])),
)
def test_from_covariance(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("dim", "0", lambda: standard(0)),
    ("dim", "-1", lambda: standard(-1)),
    ("dim", "1.5", lambda: standard(1.5)),
    ("dim", "2.0", lambda: standard(2.0)),
    ("dim", "1e+99", lambda: standard(1e99)),
    ("dim", "nan", lambda: standard(np.nan)),
    ("dim", "True", lambda: standard(True)),
    ("dim", "abc", lambda: standard("abc")),
    ("dim", "None", lambda: standard(None)),
    ("dim", "10000001", lambda: standard(10_000_001)),
    ("dim", "1000000000000", lambda: standard(10**12)),
    ("dim", "0", lambda: power_law(2.0, 0)),
    ("dim", "100000000000", lambda: power_law(2.0, 10**11)),
    ("dim", "1000000000000", lambda: power_law(2.0, 10**30)),
    ("exponent", "-1e-09", lambda: power_law(-1e-9, 3)),
    ("exponent", "nan", lambda: power_law(np.nan, 3)),
    ("exponent", "inf", lambda: power_law(np.inf, 3)),
    ("exponent", "400", lambda: power_law(400.0, 1000)),
    ("exponent", "[1. 2.]", lambda: power_law([1.0, 2.0], 3)),
    ("exponent", "nan", lambda: power_law(None, 3)),
    *(("exponent", shown, lambda v=v: power_law(v, 3)) for v, shown in NO_NUMBERS),
    ("rho", "1.0", lambda: ar1(1.0)),
    ("rho", "-1.0", lambda: ar1(-1)),
    ("rho", "nan", lambda: ar1(np.nan)),
    ("rho", "inf", lambda: ar1(np.inf)),
    ("rho", "[0.1 0.2]", lambda: ar1([0.1, 0.2])),
    ("rho", "nan", lambda: ar1(None)),
    *(("rho", shown, lambda v=v: ar1(v)) for v, shown in NO_NUMBERS),
)
def test_named_sources(argument, shown, call):
    refuses(argument, shown, call)


def density(values):
    return lambda: StationaryProcess.from_spectral_density(lambda w: values(w))


def covariances(values, dim=3):
    return lambda: StationaryProcess(lambda lag: values).vector(dim)


@rows(
    ("dim", "0", lambda: ar1(0.5).vector(0)),
    ("dim", "1.0", lambda: ar1(0.5).vector(1.0)),
    ("dim", "8193", lambda: ar1(0.5).vector(8193)),
    ("dim", "1000000000000", lambda: ar1(0.5).vector(10**12)),
    ("autocovariance", "None", lambda: StationaryProcess(None).vector(3)),
    ("autocovariance", "abc", covariances("abc")),
    ("autocovariance", "shape ()", covariances(1.0)),
    ("autocovariance", "shape (2,)", covariances([1.0, 0.5])),
    ("covariance", "nan", covariances([1.0, np.nan, 0.0])),
    ("covariance", "inf", covariances([np.inf, 0.0, 0.0])),
    ("covariance", "eigenvalue -", covariances([1.0, 2.0, 0.0])),
    ("eigenvalues", "zeros only", covariances([0.0, 0.0, 0.0])),
    ("density", "None", lambda: StationaryProcess.from_spectral_density(None)),
    ("density", "abc", density(lambda w: "abc")),
    ("density", "1j", density(lambda w: 1j)),
    ("density", "shape ()", density(lambda w: 1.0)),
    ("density", "shape (8192,)", density(lambda w: w[1:])),
    ("density", "-0.5", density(lambda w: np.where(w < 1, 1.0, -0.5))),
    ("density", "nan", density(lambda w: w * np.nan)),
    ("density", "inf", density(lambda w: w + np.inf)),
    ("density", "uncertain", density(lambda w: np.where(w < 1, 1.0, 0.0))),
    ("points", "0", lambda: StationaryProcess.from_spectral_density(np.cosh, 0)),
    ("points", "1", lambda: StationaryProcess.from_spectral_density(np.cosh, 1)),
    ("points", "6", lambda: StationaryProcess.from_spectral_density(np.cosh, 6)),
    ("points", "8.0", lambda: StationaryProcess.from_spectral_density(np.cosh, 8.0)),
    ("points", "1000000000000", lambda: StationaryProcess.from_spectral_density(np.cosh, 10**12)),
    (
        "lag",
        "4096",
        lambda: StationaryProcess.from_spectral_density(np.ones_like).vector(4097),
    ),
)
def test_stationary_processes(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    *(
        ("source", shown, lambda v=v: from_spec(v))
        for v, shown in [*NO_NUMBERS, (None, "None"), ([], "[]"), (b"patches", "b'patches'")]
    ),
    ("source", "'nope'", lambda: from_spec("nope")),
    ("source", "''", lambda: from_spec("")),
    ("source", "'a b'", lambda: from_spec("a b")),
    ("source", "patches:", lambda: from_spec("patches:")),
    ("source", "dim twice", lambda: from_spec("standard:dim=1,dim=2")),
    ("source", "'rho=1'", lambda: from_spec("standard:rho=1")),
    ("source", "'dim'", lambda: from_spec("ar1:rho=0.5")),
    ("source", "without a path", lambda: from_spec("covariance:")),
    ("dim of source standard", "'1.5'", lambda: from_spec("standard:dim=1.5")),
    ("rho of source ar1", "''", lambda: from_spec("ar1:rho=,dim=3")),
    ("dim", "-1", lambda: from_spec("standard:dim=-1")),
    ("eigenvalues", "'none.npy', no such file", lambda: from_spec("eigenvalues:none.npy")),
    ("n", "'none.txt', no such file", lambda: read_numbers("n", "none.txt")),
    ("n", "none.dat", lambda: read_numbers("n", Path("none.dat"))),
    ("n", "None", lambda: read_numbers("n", None)),
    ("n", "1j", lambda: read_numbers("n", 1j)),
    ("folder", "none", lambda: sources.from_images("none")),
    ("folder", "None", lambda: sources.from_images(None)),
    ("folder", "1j", lambda: sources.from_images(1j)),
    ("patch", "0", lambda: sources.from_images(".", patch=0)),
    ("patch", "2.0", lambda: sources.from_images(".", patch=2.0)),
    ("patch", "91", lambda: sources.from_images(".", patch=91)),
    ("patch", "1000000000000", lambda: sources.from_images(".", patch=10**12)),
    ("stride", "0", lambda: sources.from_images(".", stride=0)),
    ("downsample", "0", lambda: sources.from_images(".", downsample=0)),
    ("downsample", "63", lambda: sources.from_images(".", downsample=63)),
)
def test_sources_by_name(argument, shown, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refuses(argument, shown, call)


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("text.txt", b"hello", "'text.txt' (could not"),
        ("header.csv", b"a,b\n1,2\n", "'header.csv' (could not"),
        ("ragged.csv", b"1,2\n3\n", "'ragged.csv' (the number of columns"),
        ("empty.txt", b"", "'empty.txt', an empty file"),
        ("comment.csv", b"# 1, 2\n", "'comment.csv', an empty file"),
        ("random.npy", bytes(range(100)), "'random.npy' ("),
        ("empty.npy", b"", "'empty.npy' ("),
        ("two\nlines.txt", b"x", "lines.txt"),
    ],
)
def test_files(name, content, shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    refuses("n", shown, lambda: read_numbers("n", name))


def test_pickles_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    refuses("n", "'pickled.npy' (Object arrays", lambda: read_numbers("n", "pickled.npy"))


def test_a_folder_whose_name_has_two_lines():
    with tempfile.TemporaryDirectory(suffix="\nfolder") as folder:
        refuses("folder", "no picture", lambda: sources.from_images(folder))


# Schemes and their targets.


@rows(
    ("scheme", "'nope'", lambda: scheme("nope", SPECTRUM)),
    ("scheme", "''", lambda: scheme("", SPECTRUM)),
    ("scheme", "None", lambda: scheme(None, SPECTRUM)),
    ("scheme", "'RD'", lambda: scheme("RD", SPECTRUM)),
    ("eigenvalues", "shape ()", lambda: scheme("rd", 3.0)),
    ("eigenvalues", "shape ()", lambda: scheme("rd", None)),
    ("eigenvalues", "shape (1, 1, 1)", lambda: scheme("rd", [[[1.0]]])),
    ("eigenvalues", "-1.0", lambda: scheme("rd", [1.0, -1.0])),
    ("covariance", "shape (1, 2)", lambda: scheme("rd", [[1.0, 2.0]])),
    ("source", "abc", lambda: scheme("rd", "abc")),
    ("source", "1j", lambda: scheme("rd", [1j])),
    ("source", "object", lambda: scheme("rd", OBJECT)),
    ("target", "nothing", lambda: scheme("rd", SPECTRUM).at()),
    ("target", "nothing", lambda: scheme("rd", SPECTRUM).at(bits_per_dim=None)),
    (
        "target",
        "bits_per_dim, snr_db",
        lambda: scheme("rd", SPECTRUM).at(bits_per_dim=1.0, snr_db=9.0),
    ),
    ("target", "points, snr_db", lambda: scheme("rd", SPECTRUM).curve(3, snr_db=9.0)),
    ("points", "1", lambda: scheme("rd", SPECTRUM).curve(1)),
    ("points", "-1", lambda: scheme("rd", SPECTRUM).curve(points=-1)),
    ("bits_per_dim", "shape ()", lambda: scheme("rd", SPECTRUM).curve(bits_per_dim=1.0)),
    ("snr_db", "shape (1, 1)", lambda: scheme("rd", SPECTRUM).curve(snr_db=[[9.0]])),
    (
        "channel",
        "(2,) operating points",
        lambda: scheme("rd", SPECTRUM).at(bits_per_dim=[1.0, 2.0]).channel,
    ),
)
def test_schemes(argument, shown, call):
    refuses(argument, shown, call)


OUT_OF_RANGE = {
    "bits_per_dim": [-1.0, -1e-300, np.nan, np.inf, -np.inf],
    "distortion_per_dim": [0.0, -1.0, 3.001, np.nan, np.inf],
    "snr_db": [-1.0, -1e-9, np.nan, np.inf, -np.inf],
    "noise_level": [0.0, -1.0, np.nan, -np.inf],
    "water_level": [0.0, -1.0, np.nan, -np.inf],
}
IN_RANGE = {"bits_per_dim": 1.0, "distortion_per_dim": 0.5, "snr_db": 9.0, "noise_level": 0.5}
IN_RANGE["water_level"] = 0.5


def operated(name):
    """A scheme at a target: a point, a curve, a progression."""
    one = scheme(name, SPECTRUM)
    return [one.at, one.curve, lambda **target: Progression(one, **target)]


@pytest.mark.parametrize("target", OUT_OF_RANGE)
@pytest.mark.parametrize("name", rdtheory.SCHEMES)
def test_targets_out_of_range(name, target):
    good = IN_RANGE[target]
    at, *calls = operated(name)
    if target == "water_level" and "star" not in name and not name.startswith("rd"):
        refuses(target, "noise", partial(at, water_level=good))
        return
    for bad in OUT_OF_RANGE[target]:
        refuses(target, str(bad), partial(at, **{target: bad}))
        for call in (at, *calls):
            # One bad number among good ones is the one that is shown.
            for values in ([good, bad], [bad, good], np.array([good, good, bad])):
                refuses(target, str(bad), partial(call, **{target: values}))


def test_limits_of_a_scheme_of_its_own():
    rd, a_star = (scheme(name, SPECTRUM) for name in ("rd", "diffc-a-star"))
    refuses("distortion_per_dim", "1.501", lambda: rd.at(distortion_per_dim=1.501))
    refuses("snr_db", "3.01", lambda: rd.at(snr_db=3.01))
    refuses("water_level", "2.001", lambda: rd.at(water_level=2.001))
    refuses("water_level", "inf", lambda: rd.at(water_level=np.inf))
    refuses("water_level", "2.001", lambda: a_star.at(water_level=2.001))


@pytest.mark.parametrize("target", OUT_OF_RANGE)
@pytest.mark.parametrize("name", ["rd", "diffc-f", "diffc-f-pink", "diffc-f-star"])
def test_targets_that_are_no_numbers(name, target):
    for value, shown in [*NO_NUMBERS, (["a"], "a")]:
        for call in operated(name):
            refuses(target, shown, partial(call, **{target: value}))


@rows(
    ("bits_per_dim", "100000.0", lambda: scheme("rd", SPECTRUM).at(bits_per_dim=1e5)),
    # 874 bits, all of them in the one component that is not constant.
    ("bits_per_dim", "54.6", lambda: scheme("rd", [1.0] + 15 * [0.0]).at(bits_per_dim=54.6)),
    ("snr_db", "100000.0", lambda: scheme("diffc-f", SPECTRUM).at(snr_db=1e5)),
    (
        "distortion_per_dim",
        "1e-320",
        lambda: scheme("diffc-f", SPECTRUM).at(distortion_per_dim=1e-320),
    ),
    ("noise_level", "5e-324", lambda: scheme("diffc-f", SPECTRUM).at(noise_level=5e-324)),
)
def test_targets_beyond_float64(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("rate_nats", "-1.0", lambda: ReverseWaterFilling(SPECTRUM).distortion([1.0, -1.0])),
    ("rate_nats", "nan", lambda: ReverseWaterFilling(SPECTRUM).distortion(np.nan)),
    ("rate_nats", "inf", lambda: ReverseWaterFilling(SPECTRUM).distortion(np.inf)),
    ("rate_nats", "abc", lambda: ReverseWaterFilling(SPECTRUM).distortion("abc")),
    ("distortion", "0.0", lambda: ReverseWaterFilling(SPECTRUM).rate_nats([1.0, 0.0])),
    ("distortion", "3.001", lambda: ReverseWaterFilling(SPECTRUM).rate_nats(3.001)),
    ("distortion", "nan", lambda: ReverseWaterFilling(SPECTRUM).rate_nats(np.nan)),
    ("distortion", "1j", lambda: ReverseWaterFilling(SPECTRUM).rate_nats(1j)),
    ("distortion", "-1.0", lambda: ReverseWaterFilling(SPECTRUM).water_level(-1)),
    ("eigenvalues", "zeros only", lambda: ReverseWaterFilling([0.0])),
)
def test_water_filling(argument, shown, call):
    refuses(argument, shown, call)


# Channels, progressions, coding cost.


@rows(
    ("gains", "shape (1,)", lambda: GaussianChannel(SOURCE, [1.0], [1.0, 1.0])),
    ("gains", "shape ()", lambda: GaussianChannel(SOURCE, 1.0, [1.0, 1.0])),
    ("gains", "nan", lambda: GaussianChannel(SOURCE, [1.0, np.nan], [1.0, 1.0])),
    ("gains", "inf", lambda: GaussianChannel(SOURCE, [1.0, np.inf], [1.0, 1.0])),
    ("gains", "abc", lambda: GaussianChannel(SOURCE, "abc", [1.0, 1.0])),
    ("gains", "1j", lambda: GaussianChannel(SOURCE, [1.0, 1j], [1.0, 1.0])),
    ("noise_variances", "shape (3,)", lambda: GaussianChannel(SOURCE, [1.0, 1.0], [1.0] * 3)),
    ("noise_variances", "nan", lambda: GaussianChannel(SOURCE, [1.0, 1.0], [1.0, np.nan])),
    ("noise_variances", "inf", lambda: GaussianChannel(SOURCE, [1.0, 1.0], [1.0, np.inf])),
    ("noise_variances", "-1.0", lambda: GaussianChannel(SOURCE, [1.0, 1.0], [1.0, -1.0])),
    ("noise_variances", "0.0", lambda: GaussianChannel(SOURCE, [1.0, 1.0], [1.0, 0.0])),
    ("noise_variances", "abc", lambda: GaussianChannel(SOURCE, [1.0, 1.0], "abc")),
    ("x", "shape (3,)", lambda: CHANNEL.send([1.0] * 3, np.random.default_rng(0))),
)
def test_channels(argument, shown, call):
    refuses(argument, shown, call)


FLOW = scheme("diffc-f", SPECTRUM)


@rows(
    ("target", "nothing", lambda: Progression(FLOW)),
    ("target", "bits_per_dim, snr_db", lambda: Progression(FLOW, bits_per_dim=[1], snr_db=[9])),
    ("bits_per_dim", "shape ()", lambda: Progression(FLOW, bits_per_dim=1.0)),
    ("bits_per_dim", "shape (1, 2)", lambda: Progression(FLOW, bits_per_dim=[[1.0, 2.0]])),
    ("bits_per_dim", "", lambda: Progression(FLOW, bits_per_dim=[2.0, 1.0])),
    ("snr_db", "", lambda: Progression(FLOW, snr_db=[9.0, 12.0, 10.0])),
    ("noise_level", "", lambda: Progression(FLOW, noise_level=[0.5, 1.0])),
    ("distortion_per_dim", "", lambda: Progression(FLOW, distortion_per_dim=[0.5, 1.0])),
)
def test_progressions(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("information_bits", "-1.0", lambda: one_shot_bound_bits([1.0, -1.0])),
    ("information_bits", "nan", lambda: one_shot_bound_bits(np.nan)),
    ("information_bits", "nan", lambda: one_shot_bound_bits(None)),
    *(("information_bits", shown, lambda v=v: one_shot_bound_bits(v)) for v, shown in NO_NUMBERS),
    ("assumed_variances", "0.0", lambda: assumed_marginal_nats(CHANNEL, 0.0)),
    ("assumed_variances", "-1.0", lambda: assumed_marginal_nats(CHANNEL, [1.0, -1.0])),
    ("assumed_variances", "nan", lambda: assumed_marginal_nats(CHANNEL, np.nan)),
    ("assumed_variances", "inf", lambda: assumed_marginal_nats(CHANNEL, np.inf)),
    ("assumed_variances", "shape (3,)", lambda: assumed_marginal_nats(CHANNEL, [1.0] * 3)),
    *(
        ("assumed_variances", shown, lambda v=v: assumed_marginal_nats(CHANNEL, v))
        for v, shown in NO_NUMBERS
    ),
)
def test_coding_cost(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("eigenvalues", "[1, [2]]", lambda: GaussianVector([1, [2]])),
    ("bits_per_dim", "[1, [2]]", lambda: FLOW.at(bits_per_dim=[1, [2]])),
    ("eigenvalues", "1", lambda: GaussianVector(["1", "2"])),
    ("bits_per_dim", "1", lambda: FLOW.at(bits_per_dim="1")),
    ("eigenvalues", "2020", lambda: GaussianVector(np.array(["2020"], dtype="M8[Y]"))),
    ("scheme", "['rd']", lambda: scheme(["rd"], SPECTRUM)),
    ("points", "3.0", lambda: FLOW.curve(3.0)),
    ("points", "abc", lambda: FLOW.curve("abc")),
    ("points", "1000000000000", lambda: FLOW.curve(10**30)),
    ("target", "points, bits_per_dim", lambda: FLOW.curve(3, bits_per_dim=[1.0])),
    ("bits_per_dim", "shape (0,)", lambda: FLOW.curve(bits_per_dim=[])),
    ("bits_per_dim", "shape (0,)", lambda: Progression(FLOW, bits_per_dim=[])),
    ("bits_per_dim", "1.0", lambda: Progression(FLOW, bits_per_dim=[2.0, 1.0])),
)
def test_what_numpy_or_a_shape_would_let_through(argument, shown, call):
    refuses(argument, shown, call)
