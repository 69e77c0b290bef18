"""`python -m simulations list | run | sweep | status | reproduce`, with settings as options."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

from rdtheory.errors import InputError
from simulations import outcomes, sweep
from simulations.command_line import Parser, fail
from simulations.registry import EXPERIMENTS
from simulations.store import Store

_EPILOG = """examples:
  python -m simulations run diffc-gaussian --steps 4 --bits-per-dim 0.5
  python -m simulations sweep diffc-gaussian --steps 1 2 4 --seed 0..9 --store outcomes
  python -m simulations status diffc-gaussian --steps 1 2 4 --seed 0..9 --store outcomes
  python -m simulations reproduce masked-fields
"""

_RESUMES = "After a kill the same command goes on: nothing that was finished is computed twice."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0, or 2 after one line for bad input."""
    options = vars(_parser().parse_args(arguments))
    del options["command"]
    try:
        return options.pop("act")(options) or 0
    except (InputError, OSError) as error:
        return fail(str(error))


def _list(_: dict[str, Any]) -> None:
    for name, module in EXPERIMENTS.items():
        print(f"{name:<22}{(module.__doc__ or '').splitlines()[0]}")


def _run(options: dict[str, Any]) -> None:
    print(json.dumps(outcomes.run(options.pop("name"), **options), indent=1))


def _sweep(options: dict[str, Any]) -> None:
    folder, workers, address = (options.pop(name) for name in ("store", "workers", "dask"))
    questions, store = _questions(options), Store(folder)
    with sweep.dask(address) if address else sweep.cores(workers) as executor:
        computed = sweep.sweep(questions, store, executor)
    print(f"{computed} computed, {len(questions) - computed} were there already")


def _status(options: dict[str, Any]) -> None:
    store = Store(options.pop("store"))
    questions = _questions(options)
    done = sum(question in store for question in questions)
    print(f"{done} of {len(questions)} are there")


def _reproduce(options: dict[str, Any]) -> int:
    missing = {
        stem: outcomes.missing_pictures(stem) for stem in options["names"] or outcomes.kept()
    }
    for stem, pictures in missing.items():
        if pictures:
            fail(f"{stem}: needs the pictures {pictures}, which are not in this folder; left out")
    for stem in (stem for stem, pictures in missing.items() if not pictures):
        same = outcomes.reproduce(stem)
        print(f"{stem}: {'as before' if same else 'not as before, see git diff'}", flush=True)
    return 2 if any(missing.values()) else 0


def _questions(options: dict[str, Any]) -> list[Any]:
    name = options.pop("name")
    several = {key: [*dict.fromkeys(chain(*values))] for key, values in options.items()}
    return sweep.grid(name, several)


def _parser() -> Parser:
    parser = Parser(
        prog="python -m simulations",
        description="List the experiments, run one and print its result as JSON, or run many.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    commands.add_parser("list", help="names and questions").set_defaults(act=_list)
    _experiments(commands.add_parser("run", help="run an experiment"), _run, _add_single)
    sweep_help = "run all combinations of settings and keep them; resumes by itself"
    many = commands.add_parser("sweep", help=sweep_help)
    told = commands.add_parser("status", help="how many combinations of settings are kept")
    for one in _experiments(many, _sweep, _add_several):
        one.description = f"Computes what the store lacks. {_RESUMES}"
        where = one.add_mutually_exclusive_group()
        where.add_argument("--workers", type=int, metavar="N", help="processes; one a core")
        where.add_argument("--dask", metavar="ADDRESS", help="workers of this scheduler instead")
    _experiments(told, _status, _add_several)
    again = commands.add_parser("reproduce", help="make the results of simulations/results/ anew")
    again.add_argument("names", metavar="NAME", nargs="*", help="of a result; all if not given")
    again.set_defaults(act=_reproduce)
    return parser


def _experiments(
    parser: Any, act: Callable[[dict[str, Any]], None], add: Callable[[Parser, Any], None]
) -> list[Parser]:
    """A parser for each experiment, with its settings as options."""
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME", parser_class=Parser)
    parser.set_defaults(act=act)
    parsers = []
    for name, module in EXPERIMENTS.items():
        parsers.append(names.add_parser(name, help=(module.__doc__ or "").splitlines()[0]))
        for field in fields(module.Config):
            add(parsers[-1], field)
        if add is _add_several:
            help_text = "the folder of outcomes"
            parsers[-1].add_argument("--store", type=Path, required=True, help=help_text)
    return parsers


def _add_single(parser: Parser, field: Any) -> None:
    kind = type(field.default)
    parser.add_argument(_option(field), type=kind, default=field.default, help="%(default)s")


def _add_several(parser: Parser, field: Any) -> None:
    kind = type(field.default)

    def values(word: str) -> list[Any]:
        first, dots, last = word.partition("..")
        if kind is int and dots:
            return list(range(int(first), int(last) + 1))
        return [kind(word)]

    values.__name__ = kind.__name__
    usual = [[field.default]]
    parser.add_argument(_option(field), type=values, nargs="+", default=usual, help="several")


def _option(field: Any) -> str:
    return f"--{field.name.replace('_', '-')}"


if __name__ == "__main__":
    raise SystemExit(main())
