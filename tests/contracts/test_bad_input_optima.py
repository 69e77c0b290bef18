"""Mistakes in the arguments of the optima: rate_distortion and perception, one `InputError` each.

Rows are those of `test_bad_input`: the argument, words of what was given, the call.
"""

import inspect
import json

import numpy as np
import pytest

from rdtheory import GaussianVector, InputError, perception, rate_distortion
from rdtheory.diffusion import GaussianChannel
from rdtheory.sources import GaussianMixture, TwoPoint, normal

SPECTRUM = [5.0, 2.0, 0.7, 0.1]
CHANNEL = GaussianChannel(GaussianVector(SPECTRUM), np.ones(4), np.ones(4))
LAW = rate_distortion.DiscreteSource([0.0, 1.0, 3.0], [0.2, 0.3, 0.5])
CURVE, REALISTIC = rate_distortion.DiscreteRateDistortion(LAW), perception.PerfectRealism(LAW)
MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
OTHER = rate_distortion.DiscreteSource([0.0, 1.0], [0.5, 0.5])

GOOD = {
    "variance": 2.0,
    "distortion": 0.05,
    "perception": 0.1,
    "rate_nats": 0.5,
    "common_nats": 0.3,
    "output_variance": 1.0,
    "mean_difference": 0.0,
    "rate_multiplier": 0.5,
    "total_multiplier": 0.3,
    "common_randomness_bits": 1.0,
    "water_level": 0.5,
    "realism": 0.5,
    "multiplier": 0.5,
    "scale": 1.5,
    "stochasticity": 0.5,
    "epsilon": 1.0,
    "slope": -1.0,
    "reproductions": [0.0],
    "noise_variance": 0.2,
    "entropy_nats": 1.2,
    "fisher_information": 5.0,
    "eigenvalues": 1.35,
    "edges": [0.0, 1.0],
    "tail_probability": 1e-5,
}
"""A good value of every numerical argument, and of the others by function below."""

CALLS = {
    perception.common_randomness_distortion: {},
    perception.weak_perception_distortion: {},
    perception.CommonRandomness(SPECTRUM).family: {},
    perception.CommonRandomness(SPECTRUM).at_rate: {},
    perception.CommonRandomness(SPECTRUM).at_distortion: {},
    perception.WeakPerception(SPECTRUM).at_rate: {},
    perception.WeakPerception(SPECTRUM).at_distortion: {},
    perception.WassersteinTradeoff(SPECTRUM).at: {},
    perception.WassersteinTradeoff(SPECTRUM).surface: {},
    perception.DivergenceTradeoff(SPECTRUM).surface: {},
    perception.ReverseDivergenceTradeoff(SPECTRUM).at: {},
    perception.scalar_tradeoff: {"measure": "kl"},
    perception.scaled_flow: {"channel": CHANNEL},
    perception.score_scaling_excess: {"channel": CHANNEL},
    perception.stochastic_decoder: {"channel": CHANNEL},
    perception.tradeoff_at_channel: {"channel": CHANNEL},
    perception.reconstruct: {"channel": CHANNEL, "z": np.ones(4)},
    perception.realism_lower_bound: {"source": normal(), "quantisation": None},
    perception.smallest_rate: {"source": SPECTRUM, "measure": "wasserstein"},
    REALISTIC.at_regularisation: {},
    REALISTIC.at_distortion: {},
    CURVE.at_slope: {},
    CURVE.at_distortion: {},
    CURVE.at_rate: {},
    LAW.squared_errors: {},
    rate_distortion.channel_bracket: {},
    rate_distortion.source_bracket: {"source": normal()},
    rate_distortion.discretise: {"source": normal(), "count": 11},
    rate_distortion.quantise: {"source": normal()},
    rate_distortion.scalar_rate_distortion: {"source": MIXTURE},
    rate_distortion.quadrature_law: {"source": normal()},
    rate_distortion.shannon_lower_bound_nats: {"dim": 1},
    rate_distortion.shannon_upper_bound_nats: {"dim": 1},
    rate_distortion.flow_expansion_nats: {"dim": 1},
    rate_distortion.ancestral_expansion_nats: {"dim": 1},
    rate_distortion.exact_mixture_rate_nats: {"mixture": MIXTURE},
}
OPTIONAL = {"perception", "reproductions", "output_variance"}
"""None stands for something."""


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        pytest.param(call, argument, id=f"{call.__qualname__}-{argument}")
        for call in CALLS
        for argument in inspect.signature(call).parameters
        if argument in GOOD
    ],
)
def test_every_number_is_checked(call, argument):
    """NaN, text, complex numbers, ragged lists and objects are refused by name."""
    others = CALLS[call] | {
        name: GOOD[name] for name in inspect.signature(call).parameters if name in GOOD
    }
    for bad in (np.nan, [1.0, np.nan], "abc", "1", 1j, object(), {}, [1, [2]], 10**400, None):
        if not (bad is None and argument in OPTIONAL):
            with pytest.raises(InputError, match=rf"^{argument}: got [^\n]*; allowed: [^\n]+$"):
                call(**(others | {argument: bad}))


def test_results_of_extreme_numbers_are_plain_or_refused():
    """No warning, other error or NaN; `to_dict` is JSON without infinities; arrays are fixed."""
    for call, given in CALLS.items():
        names = [name for name in inspect.signature(call).parameters if name in GOOD]
        for name in names:
            for value in (0.0, -1.0, 1e-310, 1e-300, 1e300, 1e308, np.inf, -np.inf, []):
                arguments = given | {other: GOOD[other] for other in names} | {name: value}
                try:
                    result = call(**arguments)
                except InputError:
                    continue
                if hasattr(result, "to_dict"):
                    json.dumps(result.to_dict(), allow_nan=False)
                    for part in vars(result).values():
                        assert not isinstance(part, np.ndarray) or not part.flags.writeable
                        assert not isinstance(part, float) or not np.isnan(part)


def rows(*table):
    return pytest.mark.parametrize(
        ("argument", "call"),
        [pytest.param(*row, id=f"{number}-{row[0]}") for number, row in enumerate(table)],
    )


@rows(
    ("channel", lambda: perception.scaled_flow(None, 1.5)),
    ("channel", lambda: perception.stochastic_decoder("abc", 1.5)),
    ("channel", lambda: perception.squared_distance(SPECTRUM)),
    ("channel", lambda: perception.tradeoff_at_channel(1.0, 1.0)),
    ("channel", lambda: perception.reconstruct(None, [1.0], 1.0)),
    ("realism", lambda: perception.reconstruct(CHANNEL, np.ones(4), [0.5, 0.5])),
    ("source", lambda: perception.realism_lower_bound(SPECTRUM, 0.5)),
    ("quantisation", lambda: perception.realism_lower_bound(normal(), 0.5, 401)),
    ("source", lambda: perception.PerfectRealism([0.0, 1.0])),
    ("point", lambda: REALISTIC.coupling(None)),
    ("point", lambda: REALISTIC.coupling(perception.PerfectRealism(OTHER).at_distortion(0.1))),
    ("point", lambda: CURVE.gap_on_the_line_nats(1.0)),
    (
        "point",
        lambda: CURVE.gap_on_the_line_nats(
            rate_distortion.DiscreteRateDistortion(OTHER).at_slope(-1.0)
        ),
    ),
    (
        "reproductions",
        lambda: rate_distortion.DiscreteRateDistortion(OTHER, np.eye(2), reproductions=[0.0]),
    ),
    ("points", lambda: rate_distortion.DiscreteSource([0, 1e80], [0.5, 0.5]).squared_errors()),
    ("distortions", lambda: perception.PerfectRealism(OTHER, 1e-200 * (1 - np.eye(2)))),
    ("source", lambda: rate_distortion.source_bracket(None, 1.0)),
    ("source", lambda: rate_distortion.discretise([1.0], 11)),
    ("count", lambda: rate_distortion.discretise(normal(), 10**30)),
    ("source", lambda: rate_distortion.quantise(None, [0.0])),
    ("source", lambda: rate_distortion.quadrature_law(TwoPoint(), 0.1)),
    ("source", lambda: rate_distortion.scalar_rate_distortion(OTHER, 0.1)),
    ("mixture", lambda: rate_distortion.exact_mixture_rate_nats(0.1, normal)),
    ("dim", lambda: rate_distortion.shannon_lower_bound_nats(0.1, 1.0, 10**400)),
    ("perception", lambda: perception.WassersteinTradeoff(SPECTRUM).at([1.0, 2.0], [0.0] * 3)),
    ("common_nats", lambda: perception.CommonRandomness(SPECTRUM).at_rate([1, 2], [0.0] * 3)),
    ("distortion", lambda: perception.scalar_tradeoff([1.0, 2.0], [0.1] * 3, 0.1)),
    # Rates and distortions beyond those of any code in float64: never the nearest one instead.
    ("rate_nats", lambda: perception.CommonRandomness([1.0]).at_rate(400.0, 0.5)),
    ("rate_nats", lambda: perception.WeakPerception([1.0]).at_rate(400.0, 0.5, 0.1)),
)
def test_what_is_no_number_or_does_not_fit(argument, call):
    with pytest.raises(InputError, match=rf"^{argument}: got [^\n]*; allowed: [^\n]+$"):
        call()


def test_results_do_not_share_memory_with_arguments():
    level = np.array([0.5])
    points = perception.WassersteinTradeoff(SPECTRUM).surface(level, 0.5)
    level[0] = 7.0
    assert points.water_level == 0.5
    for made in (CURVE.at_rate(0.0).output_probabilities, REALISTIC.at_distortion(9.0).potentials):
        with pytest.raises(ValueError, match="read-only"):
            made[0] = 2.0


def test_empty_targets_have_empty_answers():
    code = perception.CommonRandomness(SPECTRUM)
    for call in (code.at_rate, code.at_distortion, code.family):
        assert call([], 0.0).rate_nats.shape == (0,)
