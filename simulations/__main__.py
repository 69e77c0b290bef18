"""`python -m simulations list` and `python -m simulations run NAME [--setting VALUE ...]`."""

import json
from collections.abc import Sequence
from dataclasses import fields

from rdtheory.errors import InputError
from simulations import outcomes
from simulations.command_line import Parser, fail
from simulations.registry import EXPERIMENTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0, or 2 after one line for bad input."""
    options = vars(_parser().parse_args(arguments))
    if options.pop("command") == "list":
        for name, module in EXPERIMENTS.items():
            print(f"{name:<22}{(module.__doc__ or '').splitlines()[0]}")
        return 0
    name = options.pop("name")
    try:
        print(json.dumps(outcomes.run(name, **options), indent=1))
    except InputError as error:
        return fail(str(error))
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="python -m simulations",
        description="List the experiments, or run one and print its result as JSON.",
        epilog="example: python -m simulations run diffc-gaussian --steps 4 --bits-per-dim 0.5",
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    commands.add_parser("list", help="names and questions")
    runner = commands.add_parser("run", help="run an experiment")
    names = runner.add_subparsers(dest="name", required=True, metavar="NAME", parser_class=Parser)
    for name, module in EXPERIMENTS.items():
        one = names.add_parser(name, help=(module.__doc__ or "").splitlines()[0])
        for field in fields(module.Config):
            option = f"--{field.name.replace('_', '-')}"
            one.add_argument(
                option, type=type(field.default), default=field.default, help="%(default)s"
            )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
