"""The command line: `rdtheory curve`, `rdtheory components` and so on, each with `--help`."""

from rdtheory.cli.app import main

__all__ = ["main"]
