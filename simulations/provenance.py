"""What goes along with a result: what computed it, and plain data in place of arrays."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rdtheory.provenance import machine_kind, versions

_ROOT = Path(__file__).parent.parent
_PACKAGES = (
    *("numpy", "scipy", "jax", "jaxlib", "equinox", "optax", "optimistix"),
    *("constriction", "imagecodecs", "pillow", "pillow-heif"),
)


def provenance() -> dict[str, str]:
    """Versions of what computed, the code's git revision, and the machine.

    >>> [*provenance()][:3], [*provenance()][-2:]
    (['python', 'rdtheory', 'numpy'], ['revision', 'machine'])
    """
    return {**versions(_PACKAGES), "revision": revision(), "machine": machine_kind()}


@cache
def revision(checkout: Path = _ROOT) -> str:
    """The commit, with `-dirty` where tracked files differ from it; "unknown" outside a checkout.

    Asked once a process: what runs is the code that was loaded, not what is edited meanwhile.
    """
    # A copy of the code within another project's checkout would tell that one's commit.
    if not (checkout / ".git").exists():
        return "unknown"
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        told = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    except OSError:  # git is not installed
        return "unknown"
    return told.stdout.strip() or "unknown"


def plain(value: Any) -> Any:
    """Dictionaries, lists and numbers in place of arrays, ready for JSON.

    >>> plain({"a": np.arange(2), "b": (np.float64(1.0),)})
    {'a': [0, 1], 'b': [1.0]}
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
