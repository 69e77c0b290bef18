"""`rdtheory explore` without its packages, and with a port that is none."""

import sys

import pytest


def test_without_the_extra_it_says_what_to_install(refused, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("rdtheory.explorer.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bokeh", None)
    for name in [name for name in sys.modules if name.startswith("bokeh.")]:
        monkeypatch.delitem(sys.modules, name)
    line = refused("explore", "--no-browser")
    assert "needs the package bokeh" in line
    assert line.endswith("pip install 'rdtheory[explore]'")


@pytest.mark.parametrize("port", [-1, 65536, 10**30])
def test_a_port_out_of_range_is_refused(refused, port):
    assert refused("explore", "--no-browser", "--port", port) == (
        f"--port: got {port}; allowed: from 0 to 65535"
    )
