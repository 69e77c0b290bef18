"""R(D) from entropy and Fisher information [T4.2a, T4.2b, T4.4, P19]."""

import numpy as np
import pytest
from mpmath import mp

from rdtheory.diffusion import scheme
from rdtheory.errors import InputError
from rdtheory.rate_distortion import ReverseWaterFilling
from rdtheory.rate_distortion.shannon_lower_bound import (
    ancestral_expansion_nats,
    exact_mixture_rate_nats,
    flow_expansion_nats,
    shannon_lower_bound_nats,
    shannon_upper_bound_nats,
)
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
EIGENVALUES = np.array([2.0, 0.6, 1.0])
ENTROPY = float(np.sum(np.log(2 * np.pi * np.e * EIGENVALUES)) / 2)
FISHER = float(np.sum(1 / EIGENVALUES))


def test_the_bound_is_the_rate_of_a_normal_law_below_its_smallest_variance():
    """[T4.2a] with reverse water-filling: equality for D <= M min λ, below it beyond."""
    distortion = np.array([1e-6, 0.3, 1.8, 2.5, 3.5])
    bound = shannon_lower_bound_nats(distortion, ENTROPY, 3)
    rate = ReverseWaterFilling(EIGENVALUES).rate_nats(distortion)
    assert np.allclose(bound[:3], rate[:3], rtol=1e-14, atol=1e-15)
    assert np.all(bound[3:] < rate[3:])


def test_the_bounds_agree_with_fifty_digits():
    """[T4.2a, T4.2b, T4.4] term by term."""
    with mp.workdps(60):
        D, h, G, M = mp.mpf("0.003"), mp.mpf("-1.25"), mp.mpf("7.5"), 4
        lower = h - M * mp.log(2 * mp.pi * mp.e * D / M) / 2
        upper = lower + M * mp.log(1 + D * G / M**2) / 2
        flow = lower + G * D / (8 * M)
        ancestral = h - M * mp.log(mp.pi * mp.e * D / M) / 2
        expected = [float(value) for value in (lower, upper, flow, ancestral)]
    found = [
        shannon_lower_bound_nats(0.003, -1.25, 4),
        shannon_upper_bound_nats(0.003, -1.25, 7.5, 4),
        flow_expansion_nats(0.003, -1.25, 7.5, 4),
        ancestral_expansion_nats(0.003, -1.25, 4),
    ]
    assert np.allclose(found, expected, rtol=1e-14)


def test_the_rate_of_a_normal_vector_is_between_the_bounds():
    """[T4.2b], whose upper side is R(D) of a normal law up to ½ ln(1 + D)."""
    distortion = np.geomspace(1e-4, 3.6, 50)
    rate = ReverseWaterFilling(EIGENVALUES).rate_nats(distortion)
    upper = shannon_upper_bound_nats(distortion, ENTROPY, FISHER, 3)
    assert np.all(shannon_lower_bound_nats(distortion, ENTROPY, 3) <= rate + 1e-13)
    assert np.all(rate <= upper)


def test_a_density_that_jumps_has_no_upper_bound():
    source = Uniform(half_width=1.0)
    bound = shannon_upper_bound_nats(0.1, source.entropy_nats, source.fisher_information)
    assert np.isinf(bound)


def test_the_mixture_is_exact_up_to_its_smallest_variance():
    """[T4.2a, P19] check value; the gap that Blahut-Arimoto leaves is tested with it."""
    assert abs(exact_mixture_rate_nats(0.05, MIXTURE) - 1.33072177) < 5e-9
    assert np.shape(exact_mixture_rate_nats([0.01, 0.1], MIXTURE)) == (2,)
    for distortion in (0.1001, 0.0, np.nan):
        with pytest.raises(InputError, match=r"^distortion"):
            exact_mixture_rate_nats(distortion, MIXTURE)


def test_a_normal_law_is_a_mixture_of_one():
    """[T1.4d]: ½ ln(λ/D) up to D = λ."""
    assert abs(exact_mixture_rate_nats(2.0, normal(2.0))) < 1e-15
    assert abs(exact_mixture_rate_nats(0.5, normal(2.0)) - np.log(2)) < 1e-15


def test_the_flow_expansion_has_the_residuals_of_the_check_value():
    """[T4.4c] check value: λ = (2, 0.6, 1), t = 1e-3: 9.5e-8 isotropic, 5.2e-8 for F*."""
    t = 1e-3
    isotropic = scheme("diffc-f", EIGENVALUES).at(noise_level=t)
    distortion = float(isotropic.distortion_per_dim * 3)
    residual = float(isotropic.bits_per_dim * 3 * np.log(2)) - flow_expansion_nats(
        distortion, ENTROPY, FISHER, 3
    )
    assert abs(residual) == pytest.approx(9.5e-8, rel=0.01)
    assert FISHER * distortion / 24 == pytest.approx(3.96e-4, rel=2e-3)


def test_the_expansions_are_of_the_order_they_claim():
    """[T4.4a, T4.4b]: a normal law, where [T1.5] is exact: errors are O(D²) and 0."""
    h = np.log(2 * np.pi * np.e) / 2
    distortion = np.array([0.1, 0.01])
    exact = -np.log(distortion * (1 - distortion / 4)) / 2  # [T1.5e]
    error = exact - flow_expansion_nats(distortion, h, 1.0)
    # -½ ln(1 - D/4) = D/8 + D²/64 + O(D³).
    assert np.allclose(error, distortion**2 / 64, rtol=0.02)
    assert np.allclose(ancestral_expansion_nats(distortion, h), -np.log(distortion / 2) / 2)


@pytest.mark.parametrize("source", [MIXTURE, Laplace(scale=1.0)], ids=lambda source: source.name)
def test_scaling_a_source_changes_no_bound(source):
    """[P16]: h + ln c, G/c², D c²."""
    c, h, G = 3.0, source.entropy_nats, source.fisher_information
    for bound in (shannon_upper_bound_nats, flow_expansion_nats):
        first = bound(0.05, h, G)
        assert abs(bound(0.05 * c**2, h + np.log(c), G / c**2) - first) < 1e-13


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "low", None, [[0.1], [-1.0]]], ids=repr)
def test_a_distortion_that_is_none_is_refused(bad):
    for bound in (shannon_lower_bound_nats, ancestral_expansion_nats):
        with pytest.raises(InputError, match=r"^distortion"):
            bound(bad, 1.0)
    with pytest.raises(InputError, match=r"^distortion"):
        shannon_upper_bound_nats(bad, 1.0, 1.0)


def test_other_bad_arguments_are_refused():
    with pytest.raises(InputError, match=r"^entropy_nats"):
        shannon_lower_bound_nats(0.1, -np.inf)
    with pytest.raises(InputError, match=r"^entropy_nats"):
        shannon_lower_bound_nats([0.1, 0.2], [1.0, 2.0, 3.0])
    with pytest.raises(InputError, match=r"^dim"):
        shannon_lower_bound_nats(0.1, 1.0, 0)
    with pytest.raises(InputError, match=r"^fisher_information"):
        shannon_upper_bound_nats(0.1, 1.0, -1.0)
    with pytest.raises(InputError, match=r"^fisher_information"):
        flow_expansion_nats(0.1, 1.0, np.inf)
    with pytest.raises(InputError, match=r"^fisher_information"):
        flow_expansion_nats([0.1, 0.2], 1.0, [1.0, 1.0, 1.0])
