"""The page of the command line: the `--help` of every command, as it is printed.

Printed by the commands themselves, so that the manual cannot tell anything else.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from typing import Any
from unittest.mock import patch

import typer

from figures.__main__ import main as figures
from paper.__main__ import main as paper
from rdtheory.cli.app import app
from rdtheory.cli.app import main as rdtheory
from simulations.__main__ import main as simulations

_SIMULATIONS = (("sweep", "diffc-gaussian"), ("status", "diffc-gaussian"))


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command below a group, after those of the group itself.

    >>> [" ".join(words) for words in commands(typer.main.get_command(app))][:5]
    ['', 'curve', 'components', 'cost', 'verify']
    """
    yield words
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*words, name))


def help_of(main: Callable[[list[str]], int], *words: str) -> str:
    """What a command prints with `--help`.

    >>> help_of(rdtheory, "cost").splitlines()[0]
    'Usage: rdtheory cost [OPTIONS]'
    """
    printed = io.StringIO()
    width = patch.dict(os.environ, COLUMNS="80")  # whatever the terminal
    with width, redirect_stdout(printed), suppress(SystemExit):  # argparse leaves by it
        main([*words, "--help"])
    return printed.getvalue().strip()


def page() -> str:
    """The Markdown of all commands."""
    helps = [
        (" ".join(("rdtheory", *words)), help_of(rdtheory, *words))
        for words in commands(typer.main.get_command(app))
    ]
    for words in ((), ("run",), *_SIMULATIONS, ("reproduce",)):
        helps.append((" ".join(("python -m simulations", *words)), help_of(simulations, *words)))
    for words in ((), ("build",)):
        helps.append((" ".join(("python -m figures", *words)), help_of(figures, *words)))
    helps.append(("python -m paper", help_of(paper)))
    return "\n".join(f"## {title}\n\n```text\n{text}\n```\n" for title, text in helps)
