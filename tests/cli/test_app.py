"""The command as a whole: help, version, warnings, pipes, the mistakes common to all commands."""

import io
import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points

import numpy as np
import pytest
from PIL import Image

import rdtheory
from rdtheory import progress
from rdtheory.cli import main

CURVE = ("curve", "--source", "patches", "--scheme", "diffc-f")
COMPONENTS = ("components", "--source", "patches", "--scheme", "diffc-f")


def in_a_process(*arguments, **options):
    command = [sys.executable, "-m", "rdtheory", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_version(run):
    assert run("--version") == (0, f"rdtheory {rdtheory.__version__}\n", "")


def test_the_installed_command_is_main():
    (script,) = entry_points(group="console_scripts", name="rdtheory")
    assert script.load() is main


def test_no_arguments_show_the_help(run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert out == run("--help")[1]
    assert "curve" in out
    assert "components" in out


@pytest.mark.parametrize("command", [(), ("curve",), ("components",)])
def test_help_has_an_example_that_runs(run, command):
    status, out, err = run(*command, "--help")
    assert (status, err) == (0, "")
    example = re.search(r"Example: (rdtheory .*?) Options:", " ".join(out.split()))[1]
    program, *arguments = shlex.split(example)
    assert program == "rdtheory"
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out.count("\n") > 3


def test_help_names_every_option(run):
    curve = ["--source", "--scheme", "--bits-per-dim", "--snr-db", "--distortion", "--points"]
    for command, options in {
        "curve": [*curve, "--json", "--csv", "--plot"],
        "components": ["--source", "--scheme", "--bits-per-dim", "--json", "--plot"],
    }.items():
        out = run(command, "--help")[1]
        for option in options:
            assert option in out, (command, option)
    for name in (*rdtheory.SCHEMES, "patches", "ar1:rho=", "eigenvalues:FILE", "images:FOLDER"):
        assert name in run("curve", "--help")[1], name


@pytest.mark.parametrize("arguments", [("nope",), ("Curve",), ("--nope",), ("curve", "--nope")])
def test_unknown_commands_and_options(refused, arguments):
    assert arguments[-1] in refused(*arguments)


@pytest.mark.parametrize("command", [CURVE, COMPONENTS])
@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--bits-per-dim", "1", "--bits-per-dim", "2"), "--bits-per-dim"),
        (("--bits-per-dim", "1", "--source", "photos"), "--source"),
        (("--bits-per-dim", "1", "--scheme", "rd"), "--scheme"),
        (("--bits-per-dim", "1", "--json", "--json"), "--json"),
        (("--bits-per-dim", "1", "--plot", "a.png", "--plot", "b.png"), "--plot"),
        (("--bits-per-dim",), "--bits-per-dim"),
        (("--bits-per-dim", "1", "surplus"), "surplus"),
        (("--bits-per-dim", "1", "--nope"), "--nope"),
    ],
)
def test_options_given_twice_half_or_in_vain(refused, command, more, named):
    assert named in refused(*command, *more)


@pytest.mark.parametrize("name", ["curve", "components"])
@pytest.mark.parametrize("missing", ["--source", "--scheme", "--bits-per-dim"])
def test_missing_options(refused, name, missing):
    options = {"--source": "patches", "--scheme": "rd", "--bits-per-dim": "1"}
    del options[missing]
    given = [word for pair in options.items() for word in pair]
    assert missing in refused(name, *given)


@pytest.mark.parametrize("command", ["curve", "components"])
@pytest.mark.parametrize("scheme", ["nope", "", "rd,", "rd,,diffc-f", "RD", "rd;diffc-f", "rd\nx"])
def test_unknown_schemes(refused, command, scheme):
    line = refused(command, "--source", "patches", "--scheme", scheme, "--bits-per-dim", 1)
    assert line.startswith("--scheme: got '")
    for name in rdtheory.SCHEMES:
        assert name in line


def test_a_scheme_asked_for_twice_is_shown_once(run):
    twice = run("curve", "--source", "patches", "--scheme", "rd,rd", "--points", 2, "--json")[1]
    assert len(json.loads(twice)) == 2


@pytest.mark.parametrize("command", [CURVE, COMPONENTS])
@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("picture.gif", "ending in"),
        ("picture", "ending in"),
        ("", "ending in"),
        ("missing/picture.png", "folder that exists"),
        ("folder.png", "may write"),
        ("a" * 300 + ".png", "too long"),
        ("a\0b.png", "null"),
    ],
)
def test_pictures_that_cannot_be_written(refused, tmp_path, monkeypatch, command, name, allowed):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    line = refused(*command, "--bits-per-dim", 1, "--plot", name)
    assert allowed in line
    assert "too long" in allowed or "--plot" in line


def test_a_picture_where_one_may_not_write(refused, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    path = tmp_path / "picture.png"
    assert "may write" in refused(*CURVE, "--bits-per-dim", 1, "--plot", path)


@pytest.mark.parametrize("command", [CURVE, COMPONENTS])
def test_what_goes_wrong_while_a_picture_is_written(refused, tmp_path, monkeypatch, command):
    def disk_is_full(self, path, **options):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", disk_is_full)
    line = refused(*command, "--bits-per-dim", 1, "--json", "--plot", tmp_path / "picture.png")
    assert line.endswith("picture.png: No space left on device")


def test_standard_output_that_takes_no_more(capsys, monkeypatch):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert main([*CURVE, "--bits-per-dim", "1"]) == 2
    assert capsys.readouterr().err == "error: standard output: No space left on device\n"


def test_not_enough_memory(refused, monkeypatch):
    def too_large(spec):
        raise MemoryError

    monkeypatch.setattr("rdtheory.cli.curve.from_spec", too_large)
    assert refused(*CURVE, "--bits-per-dim", 1) == "not enough memory for a source of this size"


def test_an_interrupt_is_no_traceback(run, monkeypatch):
    def interrupt(spec):
        raise KeyboardInterrupt

    monkeypatch.setattr("rdtheory.cli.curve.from_spec", interrupt)
    status, out, err = run(*CURVE, "--bits-per-dim", 1)
    assert (status, out) == (130, "")
    assert err in ("", "interrupted\n")


def test_warnings_are_one_line_on_standard_error(run, tmp_path, recwarn):
    Image.linear_gradient("L").save(tmp_path / "gradient.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    spec = f"images:{tmp_path},patch=2,downsample=4,skip-unreadable=yes"
    status, out, err = run("curve", "--source", spec, "--scheme", "rd", "--points", 2, "--json")
    assert status == 0
    assert len(json.loads(out)) == 2
    assert err == "warning: skip_unreadable left out 1 file: broken.png\n"


@pytest.mark.parametrize("command", [CURVE, COMPONENTS])
def test_no_progress_bar_where_nobody_looks(run, monkeypatch, command):
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run(*command, "--bits-per-dim", 1)[2] == ""


def test_a_progress_bar_on_a_terminal(capsys, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    arguments = [*CURVE, "--points", "101", "--json"]
    with monkeypatch.context() as patient:
        terminal = Terminal()
        patient.setattr(sys, "stderr", terminal)
        assert main(arguments) == 0
        assert terminal.getvalue() == ""  # done within two seconds
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(arguments) == 0
    assert "diffc-f" in terminal.getvalue()
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert len(json.loads(first)) == 101


def test_standard_output_of_a_process_is_nothing_but_json(tmp_path):
    np.save(tmp_path / "eigenvalues.npy", [2.0, 1.0])
    source = f"eigenvalues:{tmp_path / 'eigenvalues.npy'}"
    process = in_a_process("curve", "--source", source, "--scheme", "rd", "--points", "3", "--json")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert [row["scheme"] for row in json.loads(out)] == ["rd"] * 3


def test_a_reader_who_leaves_early_gets_no_traceback():
    process = in_a_process(*CURVE, "--points", "5000")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert err == b""
