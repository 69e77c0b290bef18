"""Mistakes in arguments of scalar sources, mixtures, their channels, limits and samplers.

Rows as in `test_bad_input.py`: the argument that the error names, words that it shows of what was
given, and the call.
"""

import re

import numpy as np
import pytest

from rdtheory import InputError
from rdtheory.bounds import (
    best_realistic_distortion,
    cyclic_gap,
    gain_of_re_pairing,
    jacobian_asymmetry,
)
from rdtheory.diffusion import (
    AncestralSampler,
    Ddim,
    IndependentChannel,
    MarchenkoPastur,
    MixtureChannel,
    ScalarChannel,
    SpectralLaw,
    SpectralLimit,
    arc_length,
    arc_length_noise_levels,
    best_step_count,
    equal_angle_noise_variances,
    fixed_variance_cost,
    isotropic_ar1,
    one_shot_overhead_bits,
    power_law_limit,
    random_covariance_limit,
    stationary_limit,
    stationary_step_count,
    step_count,
)
from rdtheory.sources import (
    DensitySource,
    GaussianMixture,
    GaussianMixtureVector,
    IndependentComponents,
    Laplace,
    TwoPoint,
    Uniform,
    normal,
)

MANY = 10**40
RNG = np.random.default_rng(0)
SCALAR = {
    "laplace": Laplace(1.0),
    "uniform": Uniform(1.0),
    "two points": TwoPoint(),
    "mixture": GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3]),
    "density": DensitySource(lambda x: -np.abs(x), breaks=(0.0,)),
}
PLANE = GaussianMixtureVector([0.5, 0.5], [[-1.0, 0.0], [1.0, 0.0]], [0.5, 0.5])
PAIR = IndependentComponents([Laplace(1.0), Uniform(1.0)])
LAW = SpectralLaw(lambda angle: 2 + np.cos(angle), lambda angle: 0 * angle + 1 / np.pi)
OF_Y = ("log_density", "score", "posterior_mean", "posterior_variance", "cdf", "sf", "flow")
NO_NUMBERS = [("abc", "abc"), (1j, "1j"), ([1, [2]], "[1, [2]]"), ({}, "{}"), ("1", "1")]
NO_FINITE_NUMBERS = [(np.nan, "nan"), (None, "nan"), (np.inf, "inf"), (-np.inf, "-inf")]


def refuses(argument, shown, call):
    """Assert that `call` raises the one-line error."""
    with pytest.raises(InputError) as caught:
        call()
    match = re.fullmatch(
        rf"{re.escape(argument)}: got ([^\n]*?); allowed: [^\n]+", str(caught.value)
    )
    assert match, str(caught.value)
    assert shown in match[1], str(caught.value)
    assert len(str(caught.value)) < 400


def rows(*table):
    return pytest.mark.parametrize(
        ("argument", "shown", "call"),
        [pytest.param(*row, id=f"{number}-{row[0]}") for number, row in enumerate(table)],
    )


@pytest.mark.parametrize("source", SCALAR.values(), ids=SCALAR)
def test_functions_of_y(source):
    for method in map(source.__getattribute__, OF_Y):
        for value, shown in [*NO_NUMBERS, *NO_FINITE_NUMBERS, (1e300, "1e+300")]:
            refuses("y", shown, lambda m=method, v=value: m(v, 0.5))
            refuses("noise_variance", shown, lambda m=method, v=value: m(0.3, v))
        for value in (-1.0, 1e-300, [0.5, -1.0]):
            refuses("noise_variance", "1", lambda m=method, v=value: m(0.3, v))
        refuses("noise_variance", "shape (3,)", lambda m=method: m([0.1, 0.2], [1.0] * 3))


@pytest.mark.parametrize("source", SCALAR.values(), ids=SCALAR)
def test_draws_channels_and_quantiles_of_a_scalar_source(source):
    for value in (None, 0, np.random, np.random.RandomState(0)):
        refuses("rng", "", lambda v=value: source.sample(v, 3))
        refuses("rng", "", lambda v=value: source.sample_posterior(0.3, 0.5, v))
        refuses("rng", "", lambda v=value: ScalarChannel(source, 0.5).send(0.3, v))
    for size in (0, -1, 2.0, True, None, "3", MANY):
        refuses("size", str(size), lambda v=size: source.sample(RNG, v))
    for p in (0.0, 1.0, -0.1, np.nan):
        refuses("p", str(p), lambda v=p: source.quantile([0.5, v], 0.5))
    for t in (0.0, -1.0, np.nan, np.inf, 1e200, [1.0], "1", None):
        refuses("noise_variance", "", lambda v=t: ScalarChannel(source, v))
        refuses("noise_variance", "", lambda v=t: source.features(v))
    refuses("x", "nan", lambda: ScalarChannel(source, 0.5).send([0.1, np.nan], RNG))


@rows(
    *(
        (name, shown, lambda m=make, v=value: m(v))
        for name, make in (("scale", Laplace), ("half_width", Uniform), ("amplitude", TwoPoint))
        for value, shown in [
            *NO_NUMBERS,
            (np.nan, "nan"),
            (None, "None"),
            (0.0, "0"),
            (-1.0, "-1"),
            (1e100, "1e+100"),
            ([1.0], "[1.0]"),
        ]
    ),
    ("variances", "0.0", lambda: normal(0.0)),
    ("means", "nan", lambda: normal(1.0, mean=np.nan)),
    ("means", "1e+100", lambda: normal(1.0, mean=1e100)),
    ("variances", "1e-20", lambda: normal(1e-20, mean=1.0)),  # float64 has no points between
    ("weights", "shape ()", lambda: GaussianMixture(1.0, 1.0, 1.0)),
    ("weights", "shape (0,)", lambda: GaussianMixture([], [], [])),
    ("weights", "0.0", lambda: GaussianMixture([0.0, 1.0], [0.0, 1.0], [1.0, 1.0])),
    ("weights", "0.9", lambda: GaussianMixture([0.4, 0.5], [0.0, 1.0], [1.0, 1.0])),
    ("means", "shape (1,)", lambda: GaussianMixture([0.5, 0.5], [0.0], [1.0, 1.0])),
    ("variances", "shape (3,)", lambda: GaussianMixture([0.5, 0.5], [0.0, 1.0], [1.0] * 3)),
    ("source", "str", lambda: ScalarChannel("laplace", 0.5)),
    ("source", "Laplace", lambda: IndependentChannel(Laplace(1.0), 0.5)),
    ("source", "Laplace", lambda: MixtureChannel(Laplace(1.0), 0.5)),
)
def test_scalar_sources(argument, shown, call):
    refuses(argument, shown, call)


def density(function, **options):
    return lambda: DensitySource(function, **options)


def bell(x):
    return -x * x / 2


@rows(
    ("log_density_function", "None", density(None)),
    ("log_density_function", "abc", density(lambda x: "abc")),
    ("log_density_function", "shape ()", density(lambda x: None)),
    ("log_density_function", "[1, [2]]", density(lambda x: [1, [2]])),
    ("log_density_function", "shape ()", density(lambda x: 1.0)),
    ("log_density_function", "nan", density(lambda x: x * np.nan)),
    ("log_density_function", "inf", density(lambda x: np.where(x == 0, np.inf, -x * x))),
    ("log_density_function", "-inf", density(lambda x: np.full_like(x, -np.inf))),
    ("log_density_function", "not decay", density(np.zeros_like)),
    ("log_density_function", "not decay", density(lambda x: x * x)),
    ("log_density_function", "not decay", density(lambda x: -np.log1p(x * x))),
    ("log_density_function", "spike", density(lambda x: -1e200 * x * x)),
    ("log_density_function", "rough", density(lambda x: bell(x) + np.sin(1e5 * x))),
    ("support", "abc", density(bell, support="abc")),
    ("support", "None", density(bell, support=None)),
    ("support", "(1.0,)", density(bell, support=(1.0,))),
    ("support", "(2.0, 1.0)", density(bell, support=(2.0, 1.0))),
    ("support", "(nan, 1.0)", density(bell, support=(np.nan, 1.0))),
    ("support", "1e+300", density(bell, support=(0.0, 1e300))),
    ("breaks", "abc", density(bell, breaks="abc")),
    ("breaks", "nan", density(bell, breaks=(np.nan,))),
    ("breaks", "3.0", density(bell, support=(0.0, 1.0), breaks=(0.5, 3.0))),
    ("breaks", "shape (1, 1)", density(bell, breaks=[[0.0]])),
)
def test_densities(argument, shown, call):
    refuses(argument, shown, call)


@pytest.mark.parametrize("source", [PLANE, PAIR], ids=["mixture", "independent"])
def test_vectors(source):
    for method in map(source.__getattribute__, OF_Y[:4]):
        for value, shown in [
            *NO_NUMBERS,
            (0.3, "shape ()"),
            ([0.1] * 3, "shape (3,)"),
            ([], "shape (0,)"),
            ([np.nan, 1.0], "nan"),
        ]:
            refuses("y", shown, lambda m=method, v=value: m(v, 0.5))
        for value in (-1.0, np.nan, "abc", [0.5] * 3, 1e200):
            refuses("noise_variance", "", lambda m=method, v=value: m([0.1, 0.2], v))
    for value in (None, 0, np.random):
        refuses("rng", "", lambda v=value: source.sample(v, 3))
        refuses("rng", "", lambda v=value: source.sample_posterior([0.1, 0.2], 0.5, v))
    for size in (0, 2.0, True, MANY):
        refuses("size", str(size), lambda v=size: source.sample(RNG, v))
    make = MixtureChannel if source is PLANE else IndependentChannel
    refuses("rng", "7", lambda: make(source, 0.5).send([0.1, 0.2], 7))
    refuses("rng", "7", lambda: make(source, 0.5).ancestral([0.1, 0.2], 7))
    refuses("x", "nan", lambda: make(source, 0.5).send([0.1, np.nan], RNG))


@rows(
    ("points", "3", lambda: MixtureChannel(PLANE, 0.5, points=3)),
    ("points", "True", lambda: MixtureChannel(PLANE, 0.5, points=True)),
    ("points", "2097152", lambda: MixtureChannel(PLANE, 0.5, points=2**21)),
    ("seed", "-1", lambda: MixtureChannel(PLANE, 0.5, seed=-1)),
    ("tolerance", "0.5", lambda: MixtureChannel(PLANE, 0.5).flow([0.1, 0.2], 0.5)),
    ("tolerance", "nan", lambda: MixtureChannel(PLANE, 0.5).flow([0.1, 0.2], np.nan)),
    ("tolerance", "[1e-09]", lambda: MixtureChannel(PLANE, 0.5).flow([0.1, 0.2], [1e-9])),
    ("components", "[]", lambda: IndependentComponents([])),
    ("components", "None", lambda: IndependentComponents(None)),
    ("rotation", "shape (1, 1)", lambda: IndependentComponents([Laplace(1.0)] * 2, [[1.0]])),
    ("rotation", "3", lambda: IndependentComponents([Laplace(1.0)], [[2.0]])),
    ("source", "GaussianMixtureVector", lambda: best_realistic_distortion(PLANE, 0.5)),
    ("channel", "None", lambda: jacobian_asymmetry(None, [[0.1, 0.2]])),
    ("y", "shape (2,)", lambda: jacobian_asymmetry(MixtureChannel(PLANE, 0.5), [0.1, 0.2])),
    ("posterior_means", "shape (0, 2)", lambda: cyclic_gap(np.empty((0, 2)), [])),
    ("reconstructions", "nan", lambda: gain_of_re_pairing([[0.0]], [[np.nan]])),
)
def test_channels_and_bounds_of_vectors(argument, shown, call):
    refuses(argument, shown, call)


@rows(
    ("law", "NoneType", lambda: SpectralLimit("rd", None)),
    ("scheme", "None", lambda: SpectralLimit(None, LAW)),
    ("kink", "nan", lambda: LAW.nodes(np.nan)),
    ("kink", "abc", lambda: LAW.nodes("abc")),
    ("kink", "[1.0]", lambda: LAW.nodes([1.0])),
    ("eigenvalue", "None", lambda: SpectralLaw(None, LAW)),
    ("process", "3", lambda: stationary_limit("rd", 3)),
    ("ratio", "0", lambda: MarchenkoPastur(0)),
    ("ratio", "nan", lambda: random_covariance_limit("rd", np.nan)),
    ("snr", "-1.0", lambda: MarchenkoPastur(0.5).mmse([1.0, -1.0])),
    ("eigenvalue", "inf", lambda: MarchenkoPastur(0.5).density(np.inf)),
    ("exponent", "1.0", lambda: power_law_limit("rd", 1.0)),
    ("rho", "1.0", lambda: isotropic_ar1(1.0, 1.0, 1.0)),
    ("innovation_variance", "0.0", lambda: isotropic_ar1(0.5, 0.0, 1.0)),
    ("noise_level", "0.0", lambda: isotropic_ar1(0.5, 1.0, [1.0, 0.0])),
    ("progression", "float", lambda: fixed_variance_cost(3.0)),
    ("noise_level", "0.0", lambda: arc_length([1.0], 0.0)),
    ("noise_level", "[1.0]", lambda: arc_length([1.0], [1.0])),
    ("steps", "0", lambda: arc_length_noise_levels([1.0], 0.1, 0)),
    ("steps", str(MANY), lambda: arc_length_noise_levels([1.0], 0.1, MANY)),
    ("variance", "1e+200", lambda: equal_angle_noise_variances(1e200, 1.0, 3)),
    ("noise_variance", "0", lambda: equal_angle_noise_variances(1.0, 0, 3)),
    ("steps", "2.0", lambda: equal_angle_noise_variances(1.0, 1.0, 2.0)),
    ("steps", str(MANY), lambda: step_count(MANY, 1.0, 1.0)),
    ("message_bits", "-1.0", lambda: one_shot_overhead_bits(-1.0)),
    ("message_bits", "None", lambda: one_shot_overhead_bits(None)),
    ("overhead", "3", lambda: step_count(4, 1.0, 1.0, 3)),
    ("overhead", "None", lambda: step_count(4, 1.0, 1.0, lambda bits: None)),
    ("largest_message_bits", "0", lambda: best_step_count(9.0, 1.0, largest_message_bits=0)),
    ("squared_length_bits", "0.0", lambda: stationary_step_count(9.0, 0.0)),
)
def test_limits_and_schedules(argument, shown, call):
    refuses(argument, shown, call)


@pytest.mark.parametrize("sampler", [Ddim, AncestralSampler])
def test_samplers(sampler):
    for levels in ([], 1.0, [1.0, 2.0], [0.0], [np.nan], [[1.0] * 3], "abc", None):
        refuses("noise_variances", "", lambda v=levels: sampler([2.0, 1.0], v))
    one = sampler([2.0, 1.0], [1.0])
    refuses("z", "nan", lambda: one.run([np.nan, 1.0], RNG))
    refuses("z", "shape (3,)", lambda: one.run([1.0] * 3, RNG))
    refuses("rng", "0", lambda: one.run([1.0, 1.0], 0))


def test_the_shortest_arcs_are_equal_too():
    """An SNR of 1e-300 overflowed the solver: equal arcs of it are equal SNR."""
    levels = arc_length_noise_levels([1.0], 1e300, 4)
    np.testing.assert_allclose(1 / levels, np.arange(1, 5) / 4 * 1e-300, rtol=1e-10)
