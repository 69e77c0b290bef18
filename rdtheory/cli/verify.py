"""`rdtheory verify`: all the bounds and identities, how each was shown and how tight it is."""

import json
import shutil
import textwrap
from typing import Annotated, Any

import typer

from rdtheory.errors import InputError
from rdtheory.progress import track


def verify(
    only: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Only statements, labels or means that contain TEXT."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False,
) -> None:
    """Show every theorem, bound and identity again, and say how and with what margin.

    Exits with status 1 if one of them fails. Takes a minute or two.

    Example: rdtheory verify --only 'D_F*'
    """
    checks = [check for check in _checks() if only is None or _mentions(check, only)]
    if not checks:
        raise InputError("--only", only, "a text that some statement, label or means contains")
    from rdtheory.verification import outcomes

    results = list(outcomes(track(checks, "verify")))
    failed = sum(not result.holds for result in results)
    if as_json:
        print(json.dumps([result.to_dict() for result in results]))
    else:
        _print_table(results)
        seconds = sum(result.seconds for result in results)
        print(f"\n{len(results) - failed} of {len(results)} hold; {seconds:.1f} s")
    if failed:
        raise typer.Exit(1)


def _checks() -> list[Any]:
    try:
        from rdtheory.verification import CHECKS
    except ModuleNotFoundError as error:
        raise InputError(
            "rdtheory verify",
            f"an installation without {error.name}",
            "one with the extra 'testing'",
            "pip install 'rdtheory[testing]'",
        ) from None
    return list(CHECKS)


def _mentions(check: Any, text: str) -> bool:
    return any(text.lower() in part.lower() for part in (check.statement, check.how, *check.labels))


def _print_table(results: list[Any]) -> None:
    how = max(len(result.how) for result in results)
    width = max(30, shutil.get_terminal_size((140, 0)).columns - how - 30)
    print(f"{'':5} {'statement':<{width}}  {'how':<{how}} {'margin':>10} {'seconds':>8}")
    for result in results:
        lines = textwrap.wrap(f"{result.statement} [{', '.join(result.labels)}]", width)
        if not result.holds:
            lines += textwrap.wrap(result.detail, width)
        margin = "-" if result.margin is None else f"{result.margin:.3g}"
        mark = "holds" if result.holds else "FAILS"
        print(
            f"{mark:5} {lines[0]:<{width}}  {result.how:<{how}} {margin:>10} {result.seconds:>8.2f}"
        )
        for line in lines[1:]:
            print(f"{'':5} {line}")
