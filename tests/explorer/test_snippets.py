"""What is copied runs, and gives the numbers that the page shows."""

import contextlib
import io
import json
import shlex

import numpy as np
import pytest

from rdtheory.cli import main
from rdtheory.example_picture import together
from rdtheory.explorer.choice import Choice, load
from rdtheory.explorer.realism import least_rate
from rdtheory.explorer.snippets import command, python
from rdtheory.explorer.view import view_of

CHOICES = [
    Choice(),
    Choice("photos", operated="diffc-a", target="noise_level", value=512.345, slack=0.3),
    Choice("standard:dim=1", ("rd",), "diffc-f-star", value=1.0, slack=1.0),
    Choice("ar1:rho=0.9,dim=8", (), "rd", value=0.25, slack=0.5, common_bits_per_dim=0.5),
    Choice("powerlaw:exponent=2,dim=5", operated="diffc-a-pink", value=4.0),
    Choice("powerlaw:exponent=2,dim=5", operated="diffc-f-pink", value=0.01),
]


@pytest.fixture(params=CHOICES, ids=lambda choice: f"{choice.spec} {choice.operated}")
def view(request):
    return view_of(request.param, load(request.param.spec))


def test_the_command_lines_give_the_points_and_the_components(view, capsys):
    curve, components = command(view).splitlines()
    words = shlex.split(curve)
    assert words[0] == "rdtheory"
    assert main([*words[1:], "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert main([*shlex.split(components)[1:], "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["scheme"] for row in rows] == [row["scheme"] for row in listed]
    for row, one, point in zip(rows, listed, view.points, strict=True):
        # A list of targets is solved by other steps than one target: 1e-12 relative each.
        assert row["snr_db"] == pytest.approx(float(point.snr_db), rel=1e-10)
        assert one["snr_db"] == point.components.to_dict()["snr_db"]
    shown = {row["scheme"]: row["snr_db"] for row in rows}[view.choice.operated]
    assert shown == pytest.approx(float(view.point.snr_db), rel=1e-10)


def test_the_python_gives_the_point_the_example_and_the_least_rate(view):
    names = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(python(view), names)
    assert names["point"].to_dict() == view.point.to_dict()
    assert names["least"].rate_nats == least_rate(view).rate_nats
    assert printed.getvalue().startswith(str(view.point.to_dict()))
    for name, shown in (
        ("decoded", view.decoded.by_scheme),
        ("realistic", view.decoded.by_slack),
    ):
        found = together(names[name]) if view.decoded.is_picture else np.ravel(names[name])
        np.testing.assert_array_equal(found, shown)


def test_a_source_with_a_hostile_name_stays_one_word(tmp_path):
    path = tmp_path / 'it\'s $(touch here); a "name".txt'
    path.write_text("2 1", encoding="utf-8")
    spec = f"eigenvalues:{path}"
    view = view_of(Choice(spec, ("rd",)), load(spec))
    for line in command(view).splitlines():
        assert shlex.split(line)[3] == spec
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(python(view), names)
    assert names["point"].to_dict() == view.point.to_dict()
