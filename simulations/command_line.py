"""What `python -m simulations` and `python -m figures` share: errors of one line, status 2."""

import argparse
import sys
from typing import NoReturn


def fail(message: str) -> int:
    """Print one line on standard error; returns 2, the exit status."""
    print(f"error: {message}", file=sys.stderr)
    return 2


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        raise SystemExit(fail(message))
