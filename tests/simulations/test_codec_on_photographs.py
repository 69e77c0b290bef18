"""The experiments with pictures: reverse steps against closed forms, and their command line."""

import json

import numpy as np
import pytest

from rdtheory.codecs.diffc.cosine_field import CosineBasis, picture_spectrum
from rdtheory.codecs.media import Picture
from simulations.__main__ import main
from simulations.outcomes import run

SHAPE = (32, 32, 3)
PICTURES = 3


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Of pictures that the Gaussian model itself has drawn."""
    path = tmp_path_factory.mktemp("pictures") / "drawn.npz"
    spectrum, rng = picture_spectrum(SHAPE), np.random.default_rng(0)
    draws = rng.standard_normal((PICTURES, 1, spectrum.size)) * np.sqrt(spectrum)
    pixels = [Picture.from_values(CosineBasis(SHAPE).from_components(x)) for x in draws]
    np.savez(path, images=np.stack([one.pixels for one in pixels]))
    settings = {"pictures": str(path), "count": PICTURES, "model": "gaussian", "first_rung": 700}
    return run("codec-on-photographs", steps=3, gain_rung=928, gain_rungs=1, **settings)["result"]


def test_streams_grow_and_errors_fall(found):
    streams = found["streams"]
    assert np.shape(streams["flow"]) == (3, PICTURES)
    for name in ("file_bits_per_pixel", "payload_bits_per_pixel", "information_bits_per_pixel"):
        assert (np.diff(streams[name], axis=0) > 0).all()
    for how in ("flow", "ancestral", "mmse"):
        assert (np.diff(np.mean(streams[how], axis=1)) < 0).all()


@pytest.mark.parametrize("how", ["flow", "ancestral"])
def test_reverse_steps_are_those_of_the_gaussian_vector(found, how):
    """At this noise a quarter of 3 x 3,072 components carries the errors: a ratio has a relative
    standard error below 3 %, and clipping to 0 .. 255 takes some 2 % more."""
    assert found["reverse_steps"] == [1, 2, 4, 8, 16, 32, 64]
    (row,) = found["gains"]
    measured, theory = np.array(row[how]), np.array(row[f"{how}_gaussian"])
    np.testing.assert_allclose(measured / measured[0], theory / theory[0], rtol=0.1)
    # One step gives the posterior mean; many tend to 2 mmse and to the flow's distortion.
    assert theory[0] == pytest.approx(1.0)
    assert {"flow": 1.05, "ancestral": 1.8}[how] < theory[-1] < {"flow": 1.3, "ancestral": 2}[how]


def test_codecs_are_compared_at_real_bytes(capsys):
    words = ["--codecs", "jpeg,diffc@gaussian:mmse", "--bits-per-pixel", "3"]
    assert main(["run", "codec-comparison", *words]) == 0
    found = json.loads(capsys.readouterr().out)["result"]
    assert [row["codec"] for row in found["rows"]] == ["jpeg", "diffc@gaussian:mmse"]
    assert all(1 < row["bits_per_pixel"] <= 3 for row in found["rows"])
    assert found["provenance"]["pictures"][0]["name"] == "grace-hopper"


def test_what_cannot_be_done_is_said_in_one_line(capsys):
    wrong = {"--bits-per-pixel": "much", "--codecs": "none", "--pictures": "nowhere"}
    for option, value in wrong.items():
        assert main(["run", "codec-comparison", option, value]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["run", "codec-on-photographs", "--most-reverse-steps", "0"]) == 2
    assert capsys.readouterr().err.startswith("error: most_reverse_steps: got 0")
