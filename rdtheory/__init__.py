"""rdtheory: the rate-distortion theory of lossy compression with Gaussian diffusion."""

from rdtheory import diffusion, rate_distortion, sources, units
from rdtheory.diffusion import SCHEMES, Scheme, scheme
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector

__version__ = "0.1.0"

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
