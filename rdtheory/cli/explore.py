"""`rdtheory explore`: a page with sliders, on this machine alone."""

from typing import Annotated

import typer

from rdtheory.errors import InputError


def explore(
    port: Annotated[
        int, typer.Option(metavar="N", help="Listen on this port; 0 for one that is free.")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
) -> None:
    """Explore curves, components, realism and decoded pictures in the browser.

    Nothing leaves this machine, and only this machine can reach the page. Ctrl-C ends it.

    Example: rdtheory explore
    """
    try:
        from rdtheory.explorer.server import serve
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "rdtheory":
            raise
        raise InputError(
            "command",
            f"explore, which needs the package {missing}",
            "commands whose packages are installed",
            "pip install 'rdtheory[explore]'",
        ) from None
    serve(port, browser=not no_browser)
