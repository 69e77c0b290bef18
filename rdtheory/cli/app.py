"""The `rdtheory` command: its commands, and one line and exit status 2 for a user's mistake."""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer
import typer.exceptions

import rdtheory
from rdtheory.cli.components import components
from rdtheory.cli.curve import curve
from rdtheory.errors import InputError

app = typer.Typer(
    name="rdtheory",
    help=(
        "Rate-distortion theory of lossy compression with Gaussian diffusion.\n\n"
        "Example: rdtheory curve --source patches --scheme rd,diffc-f --points 20"
    ),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(curve)
app.command()(components)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rdtheory {rdtheory.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line: 0, or 2 after one line on standard error for bad input."""
    warnings.showwarning = _one_line_warning
    try:
        status = app(
            (sys.argv[1:] if arguments is None else arguments) or ["--help"],
            prog_name="rdtheory",
            standalone_mode=False,
        )
    except typer.exceptions.TyperException as error:
        return _fail(error.format_message())
    except InputError as error:
        return _fail(str(error))
    except OSError as error:  # an output file that cannot be written, say
        return _fail(f"{error.filename}: {error.strerror}")
    except MemoryError:
        return _fail("not enough memory for a source of this size")
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    return status or 0


def _fail(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _one_line_warning(message: Warning | str, *_: object) -> None:
    print(f"warning: {message}", file=sys.stderr)
