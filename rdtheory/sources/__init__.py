"""What is compressed: Gaussian vectors, named, fitted or shipped; mixtures and other laws."""

from rdtheory.sources.density import DensitySource
from rdtheory.sources.embedded import patches, photos
from rdtheory.sources.gaussian import GaussianVector, as_gaussian
from rdtheory.sources.images import from_images
from rdtheory.sources.independent import IndependentComponents
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.scalar import ScalarSource
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.spec import from_spec, read_numbers
from rdtheory.sources.spectra import power_law, standard
from rdtheory.sources.stationary import StationaryProcess, ar1
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform

__all__ = [
    "DensitySource",
    "GaussianMixture",
    "GaussianMixtureVector",
    "GaussianVector",
    "IndependentComponents",
    "Laplace",
    "ScalarSource",
    "StationaryProcess",
    "TwoPoint",
    "Uniform",
    "ar1",
    "as_gaussian",
    "from_images",
    "from_spec",
    "normal",
    "patches",
    "photos",
    "power_law",
    "read_numbers",
    "standard",
]
