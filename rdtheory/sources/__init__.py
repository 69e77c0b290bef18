"""What is compressed: Gaussian vectors, named, fitted or shipped with the package."""

from rdtheory.sources.embedded import patches, photos
from rdtheory.sources.gaussian import GaussianVector, as_gaussian
from rdtheory.sources.images import from_images
from rdtheory.sources.spec import from_spec, read_numbers
from rdtheory.sources.spectra import power_law, standard
from rdtheory.sources.stationary import StationaryProcess, ar1

__all__ = [
    "GaussianVector",
    "StationaryProcess",
    "ar1",
    "as_gaussian",
    "from_images",
    "from_spec",
    "patches",
    "photos",
    "power_law",
    "read_numbers",
    "standard",
]
