"""R(D) and D(R) of a source, whatever the code: the limits that schemes are held against."""

from rdtheory.rate_distortion.blahut_arimoto import DiscreteRateDistortion, RateDistortionPoint
from rdtheory.rate_distortion.brackets import ChannelBracket, channel_bracket, source_bracket
from rdtheory.rate_distortion.certified import CertifiedPoint
from rdtheory.rate_distortion.discrete_source import DiscreteSource
from rdtheory.rate_distortion.quantisation import Quantisation, discretise, quantise
from rdtheory.rate_distortion.scalar_source import quadrature_law, scalar_rate_distortion
from rdtheory.rate_distortion.shannon_lower_bound import (
    ancestral_expansion_nats,
    exact_mixture_rate_nats,
    flow_expansion_nats,
    shannon_lower_bound_nats,
    shannon_upper_bound_nats,
)
from rdtheory.rate_distortion.water_filling import ReverseWaterFilling

__all__ = [
    "CertifiedPoint",
    "ChannelBracket",
    "DiscreteRateDistortion",
    "DiscreteSource",
    "Quantisation",
    "RateDistortionPoint",
    "ReverseWaterFilling",
    "ancestral_expansion_nats",
    "channel_bracket",
    "discretise",
    "exact_mixture_rate_nats",
    "flow_expansion_nats",
    "quadrature_law",
    "quantise",
    "scalar_rate_distortion",
    "shannon_lower_bound_nats",
    "shannon_upper_bound_nats",
    "source_bracket",
]
