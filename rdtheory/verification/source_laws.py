"""Laws of sources on the line that need not be Gaussian, at random noise levels [T4, T8]."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from rdtheory.diffusion import ScalarChannel
from rdtheory.rate_distortion import source_bracket
from rdtheory.sources import GaussianMixture
from rdtheory.testing import Law
from rdtheory.testing import strategies as some

_QUADRATURE = 1e-9


def _brackets(case: Any) -> float:
    """Relative, but for the information, whose bounds meet for Gaussians at any rate."""
    source, t = case
    channel, bracket = ScalarChannel(source, t), source_bracket(source, t)
    information, scale = channel.information_nats, 1 + channel.information_nats
    return min(
        (information - bracket.information_lower_nats) / scale,
        (bracket.information_upper_nats - information) / scale,
        1 - bracket.mmse_lower / channel.mmse,
        1 - channel.mmse / bracket.mmse_upper,
    )


def _flow_ratio(case: Any) -> float:
    source, t = case
    ratio = ScalarChannel(source, t * source.variance).flow_ratio
    return min(ratio - 0.5, 1 - ratio)


def _information_and_mmse(case: Any) -> float:
    """A central difference over a factor of e^(±h), h = 1e-3, of t: off by h² or 1e-9/h."""
    source, t = case
    below, here, above = (ScalarChannel(source, t * np.exp(h)) for h in (-1e-3, 0.0, 1e-3))
    slope = (above.information_nats - below.information_nats) / 2e-3  # dI/d ln t = -mmse/(2t)
    return -abs(slope + here.mmse / (2 * t))


def _scaled(case: Any) -> float:
    source, t = case
    bigger = GaussianMixture(source.weights, 3 * source.means, 9 * source.variances)
    here, there = ScalarChannel(source, t), ScalarChannel(bigger, 9 * t)
    return -max(
        abs(there.information_nats - here.information_nats),
        abs(there.mmse / here.mmse / 9 - 1),
        abs(there.flow_distortion / here.flow_distortion / 9 - 1),
    )


SOURCE_LAWS = (
    Law(
        "I(X; Y) and the mmse lie between the bounds of (h, G, variance)",
        st.tuples(some.smooth_sources(), some.noise_levels(1e-3, 1e3)),
        _brackets,
        _QUADRATURE,
        ("T4.2c",),
        examples=100,
    ),
    Law(
        "1/2 <= D_F/D_A <= 1 for any source on the line",
        st.tuples(some.scalar_sources(), some.noise_levels(0.01, 100.0)),
        _flow_ratio,
        _QUADRATURE,
        ("T1.13", "T1.14", "T1.16b"),
        examples=100,
    ),
    Law(
        "dI/dSNR = mmse/2",
        st.tuples(some.scalar_sources(), some.noise_levels(0.01, 100.0)),
        _information_and_mmse,
        1e-5,
        ("P6", "T4.1a"),
        examples=60,
    ),
    Law(
        "X -> cX: I same, mmse and D_F times c²",
        st.tuples(some.gaussian_mixtures(), some.noise_levels(1e-2, 1e2)),
        _scaled,
        _QUADRATURE,
        ("P16", "T0.1"),
        examples=60,
    ),
)
"""Laws of the channel of a scalar source."""
