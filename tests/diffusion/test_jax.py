"""JAX in, JAX out: jit, vmap and grad of every scheme, against NumPy and finite differences."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rdtheory import SCHEMES, InputError, scheme
from rdtheory.diffusion import Progression, schedule_cost
from rdtheory.rate_distortion import ReverseWaterFilling

EIGENVALUES = np.array([5.0, 2.0, 0.7, 0.1, 0.0])
BITS = 0.7
# Two of the outputs stand for all: each is reached from the other by an inversion.
RESULTS = {"bits_per_dim": "distortion_per_dim", "distortion_per_dim": "bits_per_dim"}
RESULTS |= {"snr_db": "bits_per_dim", "noise_level": "snr_db"}


def operate(name, target, result):
    def value(eigenvalues, at):
        return getattr(scheme(name, eigenvalues).at(**{target: at}), result)

    return value


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("target", RESULTS)
def test_values_and_gradients(name, target):
    """jit of value and gradient, by eigenvalues and by target.

    A central difference with a step h errs by h² times a third derivative of order 1 here, and by
    2^-52 / h: at h = 1e-5 by some 1e-10; 1e-6 leaves room for the derivatives' size.
    """
    function = operate(name, target, RESULTS[target])
    at = float(getattr(scheme(name, EIGENVALUES).at(bits_per_dim=BITS), target))
    value, (by_eigenvalue, by_target) = jax.jit(jax.value_and_grad(function, argnums=(0, 1)))(
        jnp.asarray(EIGENVALUES), at
    )
    assert isinstance(value, jax.Array)
    assert value.dtype == jnp.float64
    assert float(value) == pytest.approx(function(EIGENVALUES, at), rel=1e-12)

    step = 1e-5
    for i, positive in enumerate(EIGENVALUES > 0):
        if not positive:
            assert np.isfinite(by_eigenvalue[i])
            continue
        move = step * np.eye(len(EIGENVALUES))[i]
        difference = function(EIGENVALUES + move, at) - function(EIGENVALUES - move, at)
        assert by_eigenvalue[i] == pytest.approx(difference / (2 * step), rel=1e-6, abs=1e-7)
    difference = function(EIGENVALUES, at + step) - function(EIGENVALUES, at - step)
    assert by_target == pytest.approx(difference / (2 * step), rel=1e-6)


@pytest.mark.parametrize("name", ["rd", "diffc-f", "diffc-f-star"])
def test_vmap_over_targets_and_over_spectra(name):
    function = operate(name, "bits_per_dim", "distortion_per_dim")
    rates = jnp.array([1e-9, 0.1, 3.0, 60.0])
    mapped = jax.jit(jax.vmap(function, in_axes=(None, 0)))(jnp.asarray(EIGENVALUES), rates)
    np.testing.assert_allclose(mapped, function(EIGENVALUES, np.asarray(rates)), rtol=1e-12)
    spectra = jnp.stack([jnp.asarray(EIGENVALUES), jnp.arange(1.0, 6.0)])
    mapped = jax.jit(jax.vmap(function, in_axes=(0, None)))(spectra, 0.5)
    each = [function(np.asarray(spectrum), 0.5) for spectrum in spectra]
    np.testing.assert_allclose(mapped, each, rtol=1e-12)


@pytest.mark.parametrize("name", ["rd", "diffc-a", "diffc-f-star"])
def test_targets_out_of_range_are_nan_under_jit_and_errors_outside(name):
    function = operate(name, "bits_per_dim", "distortion_per_dim")
    at_targets = jax.jit(function)(jnp.asarray(EIGENVALUES), jnp.array([0.0, -1.0, jnp.nan]))
    zero_rate = (1 if name == "rd" else 2) * EIGENVALUES.mean()
    np.testing.assert_allclose(at_targets, [zero_rate, np.nan, np.nan], rtol=1e-15)
    with pytest.raises(InputError, match=r"bits_per_dim: got -1\.0"):
        function(jnp.asarray(EIGENVALUES), -1.0)


@pytest.mark.parametrize("name", ["rd", "diffc-f", "diffc-f-star"])
def test_a_numpy_source_takes_a_traced_target(name):
    value = operate(name, "bits_per_dim", "distortion_per_dim")
    gradient = jax.jit(jax.grad(lambda rate: value(EIGENVALUES, rate)))(BITS)
    slope = scheme(name, EIGENVALUES).at(bits_per_dim=BITS).slope_bits
    assert gradient == pytest.approx(1 / slope, rel=1e-10)


@pytest.mark.parametrize("name", ["rd", "diffc-f"])
def test_a_scheme_made_outside_is_used_inside_and_again_outside(name):
    """Nothing that was computed inside a transformation is kept in a cache."""
    one = scheme(name, jnp.asarray(EIGENVALUES))
    inside = jax.jit(lambda rate: one.at(bits_per_dim=rate).snr_db)(BITS)
    assert inside == pytest.approx(float(one.at(bits_per_dim=BITS).snr_db), rel=1e-12)


@pytest.mark.parametrize("name", ["rd", "diffc-a", "diffc-a-pink"])
def test_derivatives_at_zero_rate(name):
    """The flow's are infinite there and not tested."""
    value = operate(name, "bits_per_dim", "distortion_per_dim")
    gradient = jax.jit(jax.grad(lambda rate: value(EIGENVALUES, rate)))(0.0)
    slope = scheme(name, EIGENVALUES).at(bits_per_dim=0.0).slope_bits
    assert gradient == pytest.approx(1 / slope, rel=1e-12)


def test_gradient_at_tied_eigenvalues():
    """R*(D) at a noise level: D = Σ min(λ, θ), θ = λ₁t/(λ₁ + t); a subgradient is not negative."""
    value = operate("rd", "noise_level", "distortion_per_dim")
    gradient = jax.jit(jax.grad(value))(jnp.array([2.0, 2.0, 1.0, 1.0]), 0.4)
    assert np.all(gradient >= 0)
    assert gradient[0] == pytest.approx(float(gradient[1]), rel=1e-12)


def test_gradient_of_the_flow_map_with_a_constant_component():
    def total(eigenvalues):
        return scheme("diffc-f", eigenvalues).at(bits_per_dim=0.4).channel.flow_gains.sum()

    assert np.all(np.isfinite(jax.jit(jax.grad(total))(jnp.asarray(EIGENVALUES))))


@pytest.mark.parametrize("name", ["rd", "diffc-f"])
@pytest.mark.parametrize("bad", [[1.0, -0.5], [0.0, 0.0], [np.nan, 1.0]])
def test_bad_sources_are_nan_under_jit(name, bad):
    value = jax.jit(operate(name, "bits_per_dim", "distortion_per_dim"))
    assert np.isnan(value(jnp.asarray(bad), 0.3))


def test_jax_results_serialise():
    one = scheme("diffc-f-star", jnp.asarray(EIGENVALUES))
    for result in (one.at(bits_per_dim=0.0), one.curve(bits_per_dim=jnp.array([0.0, 1.0]))):
        assert "null" in json.dumps(result.to_dict(), allow_nan=False)  # the level at zero rate
    steps = Progression(one, bits_per_dim=[0.5, 1.0])
    assert json.dumps(schedule_cost(steps).to_dict(), allow_nan=False)


def test_derivatives_by_a_target_are_the_slopes():
    point = scheme("diffc-f-star", EIGENVALUES).at(bits_per_dim=BITS)
    rate = operate("diffc-f-star", "distortion_per_dim", "bits_per_dim")
    slope = jax.grad(rate, argnums=1)(jnp.asarray(EIGENVALUES), float(point.distortion_per_dim))
    assert slope == pytest.approx(point.slope_bits, rel=1e-10)


def test_water_filling_differentiates():
    """dR*/dD = -1/(2θ) [T1.4d]."""
    filling = ReverseWaterFilling(jnp.asarray(EIGENVALUES))
    slope = jax.grad(lambda d: filling.rate_nats(d))(1.6)
    assert slope == pytest.approx(-1 / (2 * float(filling.water_level(1.6))), rel=1e-14)


def test_float32_is_refused_with_the_remedy():
    with jax.enable_x64(False), pytest.raises(InputError, match="jax_enable_x64"):
        scheme("diffc-f", jnp.asarray(EIGENVALUES, dtype=jnp.float32))


def test_numpy_users_never_see_a_jax_array():
    point = scheme("diffc-f", EIGENVALUES).at(bits_per_dim=[0.1, 1.0])
    for value in (point.distortion_per_dim, point.components.snr_db, point.noise_level):
        assert type(value) is np.ndarray
    assert type(scheme("rd", EIGENVALUES).at(snr_db=9.0).bits_per_dim) is np.float64
