"""`python -m paper`: what the paper includes, from `figures/out/`, then `paper/main.pdf`."""

from collections.abc import Sequence

from paper import build
from rdtheory.errors import InputError
from simulations.command_line import Parser, fail


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0, or 2 after one line on what is wrong."""
    parser = Parser(
        prog="python -m paper",
        description="Write paper/generated/ from the data of the figures in figures/out/, then "
        "paper/main.pdf; `make paper` builds the figures first.",
    )
    parser.add_argument("--no-pdf", action="store_true", help="write paper/generated/ alone")
    options = parser.parse_args(arguments)
    try:
        build.generate()
        if not options.no_pdf:
            print(build.typeset())
    except (InputError, OSError) as error:
        return fail(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
