"""What goes along with a result: what computed it, and plain data in place of arrays."""

import platform
from typing import Any

import numpy as np
import scipy

import rdtheory


def provenance() -> dict[str, str]:
    """Versions of what computed.

    >>> sorted(provenance())
    ['numpy', 'python', 'rdtheory', 'scipy']
    """
    return {
        "rdtheory": rdtheory.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
    }


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
