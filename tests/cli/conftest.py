"""Command lines, run within the test: what they print, and how they refuse."""

import pytest

from rdtheory.cli import main


@pytest.fixture
def run(capsys):
    """Run a command line; returns exit status, standard output and standard error."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def refused(run):
    """Run a command line that has a mistake in it; returns the one line of the error."""

    def refused(*arguments):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("error: ")
        assert err.endswith("\n")
        assert err.count("\n") == 1
        return err.removeprefix("error: ").removesuffix("\n")

    return refused


@pytest.fixture
def eigenvalues(tmp_path):
    """Write eigenvalues to a file; returns the SPEC that names it."""

    def eigenvalues(*values):
        path = tmp_path / "eigenvalues.txt"
        path.write_text("".join(f"{value!r}\n" for value in values), encoding="utf-8")
        return f"eigenvalues:{path}"

    return eigenvalues
