"""DiffC: lossy compression with Gaussian diffusion [Theis2022], on Gaussian sources [T1]."""

from rdtheory.diffusion.arc_length import arc_length, arc_length_noise_levels
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.diffusion.coding_cost import (
    ScheduleCost,
    assumed_marginal_nats,
    one_shot_bound_bits,
    schedule_cost,
)
from rdtheory.diffusion.estimate import Estimate
from rdtheory.diffusion.independent_channel import IndependentChannel
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.diffusion.noise import AStar, FStar, Isotropic, Noise, Pink
from rdtheory.diffusion.operating_point import Components, Curve, OperatingPoint
from rdtheory.diffusion.posterior import Posterior
from rdtheory.diffusion.power_law_limit import (
    PowerLawLimit,
    power_law_limit,
    power_law_star_ratio,
)
from rdtheory.diffusion.progression import Progression
from rdtheory.diffusion.random_covariance_limit import MarchenkoPastur, random_covariance_limit
from rdtheory.diffusion.reconstruction import (
    RECONSTRUCTIONS,
    Ancestral,
    Flow,
    PosteriorMean,
    Reconstruction,
)
from rdtheory.diffusion.samplers import (
    AncestralSampler,
    Ddim,
    SamplerOutput,
    equal_angle_noise_variances,
)
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.diffusion.schemes import SCHEMES, Scheme, even_rates, scheme
from rdtheory.diffusion.spectral_law import SpectralLaw
from rdtheory.diffusion.spectral_limit import LimitPoint, SpectralLimit
from rdtheory.diffusion.stationary_limit import IsotropicAr1, isotropic_ar1, stationary_limit
from rdtheory.diffusion.step_cost import FixedVarianceCost, fixed_variance_cost
from rdtheory.diffusion.step_count import (
    StepCount,
    best_step_count,
    one_shot_overhead_bits,
    stationary_step_count,
    step_count,
)

__all__ = [
    "RECONSTRUCTIONS",
    "SCHEMES",
    "AStar",
    "Ancestral",
    "AncestralSampler",
    "Components",
    "Curve",
    "Ddim",
    "Estimate",
    "FStar",
    "FixedVarianceCost",
    "Flow",
    "GaussianChannel",
    "IndependentChannel",
    "Isotropic",
    "IsotropicAr1",
    "LimitPoint",
    "MarchenkoPastur",
    "MixtureChannel",
    "Noise",
    "OperatingPoint",
    "Pink",
    "Posterior",
    "PosteriorMean",
    "PowerLawLimit",
    "Progression",
    "Reconstruction",
    "SamplerOutput",
    "ScalarChannel",
    "ScheduleCost",
    "Scheme",
    "SpectralLaw",
    "SpectralLimit",
    "StepCount",
    "arc_length",
    "arc_length_noise_levels",
    "assumed_marginal_nats",
    "best_step_count",
    "equal_angle_noise_variances",
    "even_rates",
    "fixed_variance_cost",
    "isotropic_ar1",
    "one_shot_bound_bits",
    "one_shot_overhead_bits",
    "power_law_limit",
    "power_law_star_ratio",
    "random_covariance_limit",
    "schedule_cost",
    "scheme",
    "stationary_limit",
    "stationary_step_count",
    "step_count",
]
