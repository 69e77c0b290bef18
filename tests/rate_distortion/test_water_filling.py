"""Reverse water-filling against a general solver, and at its edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from rdtheory import InputError
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.testing import strategies as rd


@pytest.mark.parametrize("rate", [0.01, 0.4, 2.0, 7.0])
def test_no_allocation_of_the_rate_does_better(rate):
    """Minimise Σ λ_i exp(-2 R_i) over R_i >= 0 with Σ R_i = R: the problem that Eq. 8 solves."""
    eigenvalues = np.array([5.0, 2.0, 0.7, 0.1])
    found = minimize(
        lambda r: np.sum(eigenvalues * np.exp(-2 * r)),
        np.full(4, rate / 4),
        jac=lambda r: -2 * eigenvalues * np.exp(-2 * r),
        bounds=[(0, None)] * 4,
        constraints={"type": "eq", "fun": lambda r: np.sum(r) - rate, "jac": lambda r: np.ones(4)},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    # SLSQP stops when the objective changes by less than 1e-15, which leaves it good to 1e-9.
    assert ReverseWaterFilling(eigenvalues).distortion(rate) == pytest.approx(found.fun, rel=1e-9)


@given(rd.spectra(), st.floats(1e-12, 1.0))
def test_the_level_fills_to_the_distortion(spectrum, share):
    """Σ min(λ_i, θ) = D, by plain summation (each sum errs by M 2^-53 at most)."""
    distortion = share * spectrum.sum()
    filling = ReverseWaterFilling(spectrum)
    level = filling.water_level(distortion)
    assert np.minimum(spectrum, level).sum() == pytest.approx(distortion, rel=1e-14 * len(spectrum))
    # R from its own definition loses digits near zero rate: there compare on the scale of M.
    active = spectrum[spectrum > level]
    rate = 0.5 * np.log(active / level).sum()
    assert filling.rate_nats(distortion) == pytest.approx(
        rate, rel=1e-10, abs=1e-14 * len(spectrum)
    )


@given(rd.spectra(), rd.bits_per_dim())
def test_rate_and_distortion_are_inverse(spectrum, bits):
    filling = ReverseWaterFilling(spectrum)
    rate = bits * np.log(2) * len(spectrum)
    distortion = filling.distortion(rate)
    assert filling.distortion(filling.rate_nats(distortion)) == pytest.approx(distortion, rel=1e-12)


def test_check_values():
    """T1.8 at θ = ½ halves to R* = 2.0126758453675744, D* = 1.6."""
    filling = ReverseWaterFilling([0.7, 5.0, 0.1, 2.0])
    assert filling.rate_nats(1.6) == pytest.approx(2.0126758453675744, rel=1e-15)
    assert filling.water_level(1.6) == pytest.approx(0.5, rel=1e-15)
    assert filling.distortion(2.0126758453675744) == pytest.approx(1.6, rel=1e-15)


def test_arrays_of_any_shape():
    filling = ReverseWaterFilling([5.0, 2.0])
    rates = np.array([[0.0, 0.5], [1.0, 2.0]])
    each = [[filling.distortion(rate) for rate in row] for row in rates]
    np.testing.assert_array_equal(filling.distortion(rates), each)


def test_all_of_the_variance_costs_nothing():
    filling = ReverseWaterFilling(np.full(1000, 0.1))
    assert filling.rate_nats(filling.source.total_variance) == 0
    assert filling.distortion(0.0) == pytest.approx(100.0, rel=1e-15)


@pytest.mark.parametrize("distortion", [0.0, -1.0, 7.1, np.nan, np.inf, [1.0, 8.0]])
def test_distortions_out_of_range(distortion):
    with pytest.raises(InputError, match=r"distortion: got .*allowed: 0 < distortion <= 7"):
        ReverseWaterFilling([5.0, 2.0]).rate_nats(distortion)


@pytest.mark.parametrize("rate", [-1e-9, np.nan, np.inf])
def test_rates_out_of_range(rate):
    with pytest.raises(InputError, match=r"rate_nats: got .*allowed: finite numbers >= 0"):
        ReverseWaterFilling([5.0, 2.0]).distortion(rate)
