"""Reverse channel coding: send a sample of q by an index of candidates from p [T1.15, T3].

Also called channel simulation or relative entropy coding. One algorithm a file; `laws` has their
exact costs; `gaussian_stream` sends vectors of a Gaussian source as real bits.
"""

from rdtheory.channel_simulation.a_star import AStar
from rdtheory.channel_simulation.branch_and_bound import BranchAndBoundGreedyPoisson
from rdtheory.channel_simulation.codebook import Circulant, Independent
from rdtheory.channel_simulation.dithered_uniform import DitheredUniform, UniformNoise
from rdtheory.channel_simulation.gaussian_pair import STANDARD_NORMAL, DiagonalGaussian
from rdtheory.channel_simulation.gaussian_stream import (
    GaussianStream,
    Received,
    decode_vectors,
    describe,
    encode_vectors,
)
from rdtheory.channel_simulation.greedy_poisson import GreedyPoisson
from rdtheory.channel_simulation.greedy_rejection import GreedyRejection
from rdtheory.channel_simulation.hybrid import Hybrid
from rdtheory.channel_simulation.layered import DirectLayered, ShiftedLayered
from rdtheory.channel_simulation.minimal_random import MinimalRandomCoding
from rdtheory.channel_simulation.n_ball import NBall
from rdtheory.channel_simulation.ordered_random import OrderedRandomCoding
from rdtheory.channel_simulation.plan import BlockSettings
from rdtheory.channel_simulation.poisson_functional import (
    PoissonFunctional,
    TruncatedPoissonFunctional,
)
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.simulator import ChannelSimulator, Code

__all__ = [
    "STANDARD_NORMAL",
    "AStar",
    "BlockSettings",
    "BranchAndBoundGreedyPoisson",
    "ChannelSimulator",
    "Circulant",
    "Code",
    "DiagonalGaussian",
    "DirectLayered",
    "DitheredUniform",
    "GaussianStream",
    "GreedyPoisson",
    "GreedyRejection",
    "Hybrid",
    "Independent",
    "Key",
    "MinimalRandomCoding",
    "NBall",
    "OrderedRandomCoding",
    "PoissonFunctional",
    "Received",
    "ShiftedLayered",
    "TruncatedPoissonFunctional",
    "UniformNoise",
    "decode_vectors",
    "describe",
    "encode_vectors",
]
