"""Laws of perception, common randomness, decoders and samplers, on random requests [T2, T5, T8].

A rate or a distortion found by a search is good to about 1e-10; so are laws that compare two.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from rdtheory.diffusion import Ddim, scheme
from rdtheory.perception import CommonRandomness, scaled_flow, smallest_rate, stochastic_decoder
from rdtheory.testing import Law
from rdtheory.testing import strategies as some
from rdtheory.testing.strategies import Request
from rdtheory.units import bits_from_nats, nats_from_bits

_FOUND = 1e-9


def _rate(request: Request, **changed: Any) -> float:
    asked = {
        "distortion": request.distortion,
        "perception": request.perception,
        "common_randomness_bits": float(bits_from_nats(request.common_randomness_nats)),
        **changed,
    }
    return smallest_rate(request.eigenvalues, **asked).rate_nats


def _certified(request: Request) -> float:
    """The gap, of which `smallest_rate` accepts 1e-9 (1 + R)."""
    bits = float(bits_from_nats(request.common_randomness_nats))
    found = smallest_rate(request.eigenvalues, request.distortion, request.perception, bits)
    return -abs(found.gap_nats) / (1 + found.rate_nats)


def _falls_in_each_argument(request: Request) -> float:
    here = _rate(request)
    more = (
        {"distortion": 1.3 * request.distortion},
        {"perception": 1.3 * request.perception + 0.01 * request.distortion},
        {"common_randomness_bits": float(bits_from_nats(request.common_randomness_nats)) + 1},
    )
    return min((here - _rate(request, **one)) / (1 + here) for one in more)


def _scaled(request: Request) -> float:
    here, factor = _rate(request), 5.5
    bigger = Request(
        factor * request.eigenvalues,
        factor * request.distortion,
        factor * request.perception,
        request.common_randomness_nats,
    )
    return -abs(_rate(bigger) - here) / (1 + here)


def _scheme_rate(name: str, request: Request, largest: float) -> float:
    """Nats of a scheme at the distortion asked for; 0 where it needs none."""
    dim, total = request.eigenvalues.size, float(request.eigenvalues.sum())
    if request.distortion >= largest * total:
        return 0.0
    point = scheme(name, request.eigenvalues).at(distortion_per_dim=request.distortion / dim)
    return float(nats_from_bits(point.bits_per_dim)) * dim


def _perfect_realism_is_f_star(request: Request) -> float:
    found = _rate(request, perception=0.0, common_randomness_bits=np.inf)
    return -abs(found - _scheme_rate("diffc-f-star", request, 2.0)) / (1 + found)


def _no_common_randomness_is_a_star(request: Request) -> float:
    found = _rate(request, perception=0.0, common_randomness_bits=0.0)
    return -abs(found - _scheme_rate("diffc-a-star", request, 2.0)) / (1 + found)


def _no_perception_is_shannon(request: Request) -> float:
    found = _rate(request, perception=None)
    return -abs(found - _scheme_rate("rd", request, 1.0)) / (1 + found)


def _common_randomness_helps(case: Any) -> float:
    spectrum, rate, common = case
    less, more = CommonRandomness(spectrum).at_rate(rate, [common, 1.5 * common]).distortion
    return float(1 - more / less)


def _decoders_in_order(case: Any) -> float:
    """Flow, in between, ancestral; and the flow is the scaled flow of c = 1."""
    channel, eta = case
    distortions = stochastic_decoder(channel, [0.0, eta, 1.0]).distortion
    steps = np.diff(distortions) / distortions[-1]
    flow = float(scaled_flow(channel, 1.0).distortion)
    return float(min(*steps, -abs(flow - distortions[0]) / flow))


def _ddim_gain(case: Any) -> float:
    spectrum, level, steps = case
    levels = np.geomspace(level, level / 100, steps)
    exact = np.sqrt(spectrum / (spectrum + level))
    gains = np.asarray(Ddim(spectrum, levels).output.gains)
    return float(np.min(1 - gains / exact))


_POSITIVE_SPECTRA = some.spectra(decades=3, zeros=False)

TRADEOFF_LAWS = (
    Law(
        "the smallest rate for (D, P, Rc) has a dual bound",
        some.requests(),
        _certified,
        _FOUND,
        ("T2.2a", "T2.5d", "T2.6c"),
        examples=60,
    ),
    Law(
        "the smallest rate falls with D, with P and with Rc",
        some.requests(),
        _falls_in_each_argument,
        _FOUND,
        ("P4",),
        examples=25,
    ),
    Law(
        "X -> cX: R same for D, P times c²",
        some.requests(),
        _scaled,
        _FOUND,
        ("P16", "T0.1"),
        examples=30,
    ),
    Law(
        "P = 0, Rc unlimited: DiffC-F*",
        some.requests(),
        _perfect_realism_is_f_star,
        _FOUND,
        ("P3", "T2.2b", "T2.5e"),
    ),
    Law(
        "P = 0, Rc = 0: DiffC-A*, R(D/2)",
        some.requests(),
        _no_common_randomness_is_a_star,
        _FOUND,
        ("P4", "T2.5c"),
    ),
    Law(
        "no perception constraint: reverse water-filling",
        some.requests(),
        _no_perception_is_shannon,
        _FOUND,
        ("P3", "T2.2b"),
    ),
    Law(
        "D(R, Rc) falls with Rc",
        st.tuples(_POSITIVE_SPECTRA, st.floats(0.05, 5.0), st.floats(0.01, 5.0)),
        _common_randomness_helps,
        _FOUND,
        ("P4", "T2.5d"),
    ),
    Law(
        "D_F = D_0 <= D_η <= D_1 = D_A for 0 <= η <= 1",
        st.tuples(some.channels(), st.floats(0.0, 1.0)),
        _decoders_in_order,
        1e-12,
        ("P13", "T5.5", "T5.6a"),
    ),
    Law(
        "the gain of DDIM is at most that of the flow",
        st.tuples(_POSITIVE_SPECTRA, some.noise_levels(1e-3, 1e3), st.integers(1, 20)),
        _ddim_gain,
        1e-12,
        ("P14", "T5.3a"),
    ),
)
"""Laws of (R, D, P, Rc), of decoders and of samplers."""
