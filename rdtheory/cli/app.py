"""The `rdtheory` command: its commands, and one line and exit status 2 for a user's mistake."""

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer
import typer.core
import typer.exceptions

import rdtheory
from rdtheory.cli import codec, codec_train, rcc
from rdtheory.cli.codec_evaluate import evaluate
from rdtheory.cli.components import components
from rdtheory.cli.cost import cost
from rdtheory.cli.curve import curve
from rdtheory.cli.explore import explore
from rdtheory.cli.verify import verify
from rdtheory.errors import InputError


class _Command(typer.core.TyperCommand):
    """A command that refuses an option given twice, of which one would be passed over."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option in given:
            if given.count(option) > 1:
                raise InputError(option.opts[0], "it more than once", "each option once")
        return super().parse_args(ctx, args)


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
app.command(cls=_Command)(curve)
app.command(cls=_Command)(components)
app.command(cls=_Command)(cost)
app.command(cls=_Command)(verify)
app.command(cls=_Command)(explore)

_rcc = typer.Typer(
    help=(
        "Send vectors of a Gaussian source as real bits by reverse channel coding.\n\n"
        "Example: rdtheory rcc encode x.npy x.rcc --scheme diffc-f-star --bits-per-dim 1"
    ),
    rich_markup_mode=None,
)
for command in (rcc.encode, rcc.decode, rcc.info):
    _rcc.command(cls=_Command)(command)
app.add_typer(_rcc, name="rcc")

_codec = typer.Typer(
    help=(
        "Code pictures and sounds: DiffC, and the classical codecs beside it.\n\n"
        "Example: rdtheory codec encode in.png out.dfc --codec diffc --bpp 0.5"
    ),
    rich_markup_mode=None,
)
_codec.command("list", cls=_Command)(codec.list_codecs)
for command in (codec.encode, codec.decode, codec.info, evaluate, codec_train.train):
    _codec.command(cls=_Command)(command)
app.add_typer(_codec, name="codec")


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
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _one_line_warning
            status = app(
                (sys.argv[1:] if arguments is None else arguments) or ["--help"],
                prog_name="rdtheory",
                standalone_mode=False,
            )
        if sys.stdout is not None:  # closed by the caller
            sys.stdout.flush()
    except typer.exceptions.TyperException as error:
        return _fail(error.format_message())
    except InputError as error:
        return _fail(str(error))
    except BrokenPipeError:  # the reader, say head, has seen enough
        if sys.stdout is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # an output file that cannot be written, say
        return _fail(f"{error.filename or 'standard output'}: {error.strerror}")
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
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)
