"""R(D) of scalar sources with a density, between a code and a dual on the whole line."""

import numpy as np
import pytest

from rdtheory.rate_distortion import (
    DiscreteRateDistortion,
    DiscreteSource,
    exact_mixture_rate_nats,
    quadrature_law,
    scalar_rate_distortion,
    shannon_lower_bound_nats,
)
from rdtheory.sources import GaussianMixture, Laplace, Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])


def test_the_mixture_below_its_variances_attains_shannons_bound():
    """[T4.2a, P19]; quadrature alone is good to 1e-10."""
    point = scalar_rate_distortion(MIXTURE, 0.05)
    assert abs(point.rate_nats - exact_mixture_rate_nats(0.05, MIXTURE)) < 1e-9
    assert point.gap_nats < 5e-6


@pytest.mark.parametrize(
    ("source", "distortion", "gap"),
    [
        (Laplace(np.sqrt(0.5)), 0.158639, 2e-5),
        (Uniform(half_width=1.0), 0.04, 1e-6),
        (MIXTURE, 0.3, 1e-6),
    ],
)
def test_reproductions_off_the_grid_close_the_gap(source, distortion, gap):
    """From 1e-3 on the nodes; what is found is a code, hence above Shannon's bound [T4.3a]."""
    grid = DiscreteRateDistortion(quadrature_law(source, distortion)).at_distortion(distortion)
    point = scalar_rate_distortion(source, distortion)
    assert point.distortion == pytest.approx(distortion, rel=1e-9)
    assert point.gap_nats < gap
    assert point.rate_nats < grid.rate_nats
    bound = float(shannon_lower_bound_nats(distortion, source.entropy_nats))
    assert point.rate_nats > bound - 1e-9


def test_the_gap_on_the_line_knows_reproductions_of_their_own():
    """0 alone serves ±1 with no rate: from slope -1/2 on, at ±1 nothing would be gained [T4.3a]."""
    coin = DiscreteSource([-1.0, 1.0], [0.5, 0.5])
    curve = DiscreteRateDistortion(coin, reproductions=[0.0])
    # c(x̂) = e^{-s x̂²} cosh(2 s x̂), at s = 1/4 largest at 0, at s = 1 near ±1.
    assert curve.gap_on_the_line_nats(curve.at_slope(-0.25)) < 1e-9
    x = np.linspace(0.5, 1.5, 100_001)
    largest = (-(x**2) + np.log(np.cosh(2 * x))).max()
    assert curve.gap_on_the_line_nats(curve.at_slope(-1.0)) == pytest.approx(largest, abs=1e-8)
