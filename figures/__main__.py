"""`python -m figures list` and `python -m figures build NAME...|all`."""

from collections.abc import Sequence
from pathlib import Path

from figures.build import OUT, build
from figures.registry import FIGURES
from rdtheory.errors import InputError
from rdtheory.progress import track
from simulations.command_line import Parser, fail


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0, or 2 after one line for bad input."""
    options = _parser().parse_args(arguments)
    if options.command == "list":
        for name, module in FIGURES.items():
            print(f"{name:<24}{(module.__doc__ or '').splitlines()[0]}")
        return 0
    names = list(FIGURES) if options.names == ["all"] else options.names
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        return fail(str(InputError("figure", repr(unknown[0]), ", ".join(FIGURES))))
    for number, name in enumerate(track(names, "Building figures"), start=1):
        try:
            paths = build(name, options.out)
        except OSError as error:  # a folder that cannot be written, say
            return fail(f"{error.filename}: {error.strerror}")
        print(f"[{number}/{len(names)}] {', '.join(str(path) for path in paths)}", flush=True)
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="python -m figures",
        description="List the figures, or build them as PDF and PNG with their data as JSON.",
        epilog="example: python -m figures build fig-7a-rate-distortion standard-normal",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="names and captions")
    builder = commands.add_parser("build", help="build figures")
    builder.add_argument("names", nargs="+", metavar="NAME", help="names, or all")
    builder.add_argument("--out", type=Path, default=OUT, help="folder to write to")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
