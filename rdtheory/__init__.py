"""rdtheory: the rate-distortion theory of lossy compression with Gaussian diffusion."""

from importlib import import_module
from types import ModuleType

from rdtheory import diffusion, rate_distortion, sources, units
from rdtheory.diffusion import SCHEMES, Scheme, scheme
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector

__version__ = "0.1.0"

_ON_DEMAND = ("bounds", "channel_simulation", "perception", "symbolic", "testing", "verification")
"""Packages that need SciPy, SymPy or an extra: imported when they are first asked for."""


def __getattr__(name: str) -> ModuleType:
    if name in _ON_DEMAND:
        return import_module(f"rdtheory.{name}")
    raise AttributeError(f"module 'rdtheory' has no attribute {name!r}")


__all__ = [
    "SCHEMES",
    "GaussianVector",
    "InputError",
    "Scheme",
    "__version__",
    "diffusion",
    "rate_distortion",
    "scheme",
    "sources",
    "units",
]
