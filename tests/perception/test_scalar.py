"""R(D, P) of the scalar Gaussian against 50 digits, check values and a better code [T2.1]."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from scipy.integrate import quad

from rdtheory import InputError
from rdtheory.perception.exponential_excess import exponential_excess, log_variance_ratio
from rdtheory.perception.scalar import SMALLEST_DEVIATIONS, scalar_tradeoff

MEASURES = tuple(SMALLEST_DEVIATIONS)
EXPONENTS = st.floats(-12, 0.5)


def exact(distortion, perception, measure):
    """[T2.1a-d] for unit variance, by the Lambert function at 60 digits."""
    with mp.workdps(60):
        d, p = mp.mpf(distortion), mp.mpf(perception)
        argument = -mp.exp(-1 - 2 * p)
        s_min = {
            "wasserstein": lambda: max(1 - mp.sqrt(p), 0),
            "kl": lambda: mp.sqrt(-mp.re(mp.lambertw(argument, 0))),
            "kl-reverse": lambda: 1 / mp.sqrt(-mp.re(mp.lambertw(argument, -1))),
        }[measure]()
        s = max(s_min, mp.sqrt(max(1 - d, 0)))
        rho = (1 + s * s - d) / (2 * s) if s > 0 else 0
        return float(-mp.log(1 - rho**2) / 2) if rho > 0 else 0.0


@pytest.mark.parametrize("measure", MEASURES)
@given(distortion=EXPONENTS, perception=EXPONENTS)
def test_the_formula_at_fifty_digits(measure, distortion, perception):
    """Both ends: P -> 0 is the branch point of W, D -> 0 is ρ -> 1 [T2.1a-d, T2.7]."""
    distortion, perception = 10.0**distortion, 10.0**perception
    found = scalar_tradeoff(1.0, distortion, perception, measure)
    # A few roundings of R, and of ρ², which is all there is at low rate.
    expected = exact(distortion, perception, measure)
    assert found.rate_nats == pytest.approx(expected, rel=1e-12, abs=1e-14)


@given(st.floats(-300, 3))
def test_divergences_are_inverted_at_both_ends(exponent):
    """½ (e^z - 1 - z) = P on both branches, relative to P and to z [T2.1c, T2.1d]."""
    divergence = 10.0**exponent
    for z in log_variance_ratio(np.float64(divergence)):
        with mp.workdps(700):
            at = mp.mpf(float(z))
            excess = (mp.expm1(at) - at) / 2
            assert float(excess / mp.mpf(divergence)) == pytest.approx(1, rel=1e-12)


def test_the_excess_is_smooth_where_the_series_ends():
    """Both forms at |z| = 1: the series of 19 terms leaves 1e-17."""
    z = np.array([-1.0, np.nextafter(-1.0, 0), np.nextafter(1.0, 0), 1.0])
    expected = [np.exp(-1), np.exp(-1), np.e - 2, np.e - 2]
    np.testing.assert_allclose(exponential_excess(z), expected, rtol=1e-15)


@given(st.floats(-3, 3), EXPONENTS, EXPONENTS)
def test_the_closed_form_of_the_literature(log_variance, distortion, perception):
    """[T2.1e], and scaling X -> cX [P16]."""
    variance = 10.0**log_variance
    distortion, perception = variance * 10.0**distortion, variance * 10.0**perception
    q = np.sqrt(variance) - np.sqrt(perception)
    if q > 0 and np.sqrt(abs(variance - distortion)) <= q:
        product = variance * q * q
        inside = product - max((variance + q * q - distortion) / 2, 0) ** 2
        # The page's form cancels: it has lost ε · product / inside.
        expected, error = np.log(product / inside) / 2, 1e-15 * product / inside
    else:
        expected, error = max(np.log(variance / distortion) / 2, 0.0), 0.0
    found = scalar_tradeoff(variance, distortion, perception)
    assert found.rate_nats == pytest.approx(expected, rel=1e-11, abs=1e-14 + 10 * error)


def test_check_values():
    """[T2.1d] and [T1.5]: P = 0 is the flow."""
    assert scalar_tradeoff(1.0, 0.95, 1.0, "kl-reverse").rate_nats == pytest.approx(
        0.04349, abs=5e-6
    )
    assert scalar_tradeoff(1.0, 0.9, 0.5, "kl-reverse").rate_nats == pytest.approx(
        0.07386, abs=5e-6
    )
    for measure in MEASURES:
        flow = scalar_tradeoff(2.0, 0.42229123600033806, 0.0, measure)
        assert flow.rate_nats == pytest.approx(0.8047189562170503, rel=1e-14)


def test_a_mixture_of_codes_beats_the_reverse_divergence():
    """[T2.1d]: two Gaussian outputs chosen by common randomness need 0.0337 < 0.04349 nats.

    The page gives four digits of each number: D, P and R hold to 1e-3.
    """
    share, s = np.array([0.1504, 0.8496]), np.array([0.7091, 0.2568])
    rho = np.array([0.4499, 0.1964])

    def divergence(x):
        normal = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        mixture = np.sum(share / s * np.exp(-((x / s) ** 2) / 2)) / np.sqrt(2 * np.pi)
        return normal * np.log(normal / mixture)

    reached = 2 * quad(divergence, 0, 20, epsabs=1e-12, limit=200)[0]
    rate = -np.sum(share * np.log1p(-(rho**2))) / 2
    assert reached == pytest.approx(1.0, abs=1e-3)
    assert share @ (1 + s * s - 2 * s * rho) == pytest.approx(0.95, abs=1e-3)
    assert rate == pytest.approx(0.0337, abs=1e-4)
    bound = scalar_tradeoff(1.0, 0.95, 1.0, "kl-reverse")
    assert bound.upper_bound_only
    assert rate < bound.rate_nats - 0.009


@pytest.mark.parametrize("measure", MEASURES)
def test_jax_in_jax_out(measure):
    distortion, perception = np.array([1e-9, 0.3, 1.2, 3.0]), np.array([[0.0], [1e-10], [0.4]])
    expected = scalar_tradeoff(1.0, distortion, perception, measure)
    found = jax.jit(lambda d, p: scalar_tradeoff(1.0, d, p, measure).rate_nats)(
        jnp.asarray(distortion), jnp.asarray(perception)
    )
    assert isinstance(found, jax.Array)
    np.testing.assert_allclose(found, expected.rate_nats, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_is_sent_where_nothing_is_asked(measure):
    """[T2.7]: D >= 2λ at P = 0; a little more than λ at large P."""
    found = scalar_tradeoff(1.0, [2.0, 5.0, 1.1], [0.0, 0.0, 300.0], measure)
    assert not found.rate_nats.any()
    assert json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("variance", (0.0, 1.0, 1.0)),
        ("variance", (np.inf, 1.0, 1.0)),
        ("distortion", (1.0, 0.0, 1.0)),
        ("distortion", (1.0, [1.0, np.nan], 1.0)),
        ("distortion", (1.0, "x", 1.0)),
        ("perception", (1.0, 1.0, -1e-9)),
        ("perception", (1.0, 1.0, np.inf)),
        ("measure", (1.0, 1.0, 1.0, "tv")),
        ("measure", (1.0, 1.0, 1.0, ["kl"])),
    ],
)
def test_bad_input(argument, arguments):
    with pytest.raises(InputError, match=f"^{argument}: got "):
        scalar_tradeoff(*arguments)
