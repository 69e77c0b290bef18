"""DiffC: lossy compression with Gaussian diffusion [Theis2022], on Gaussian sources [T1]."""

from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.diffusion.coding_cost import (
    ScheduleCost,
    assumed_marginal_nats,
    one_shot_bound_bits,
    schedule_cost,
)
from rdtheory.diffusion.noise import AStar, FStar, Isotropic, Noise, Pink
from rdtheory.diffusion.operating_point import Components, Curve, OperatingPoint
from rdtheory.diffusion.posterior import Posterior
from rdtheory.diffusion.progression import Progression
from rdtheory.diffusion.reconstruction import (
    RECONSTRUCTIONS,
    Ancestral,
    Flow,
    PosteriorMean,
    Reconstruction,
)
from rdtheory.diffusion.schemes import SCHEMES, Scheme, even_rates, scheme

__all__ = [
    "RECONSTRUCTIONS",
    "SCHEMES",
    "AStar",
    "Ancestral",
    "Components",
    "Curve",
    "FStar",
    "Flow",
    "GaussianChannel",
    "Isotropic",
    "Noise",
    "OperatingPoint",
    "Pink",
    "Posterior",
    "PosteriorMean",
    "Progression",
    "Reconstruction",
    "ScheduleCost",
    "Scheme",
    "assumed_marginal_nats",
    "even_rates",
    "one_shot_bound_bits",
    "schedule_cost",
    "scheme",
]
