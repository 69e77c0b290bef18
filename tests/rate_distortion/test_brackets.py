"""Brackets of I(X; Y) and the mmse from (h, G, Σ) [T4.2c]."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdtheory.errors import InputError
from rdtheory.rate_distortion.brackets import channel_bracket, source_bracket
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture
from rdtheory.sources.two_point import TwoPoint
from rdtheory.sources.uniform import Uniform

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])


@pytest.mark.parametrize(
    ("t", "information", "information_bracket", "mmse", "mmse_bracket"),
    [
        (0.2, 0.9101, (0.7608, 0.9769), 0.1356550504, (0.10146, 0.17421)),
        (0.03, 1.6508, (1.6067, 1.6541), 0.0265481792, (0.02618, 0.02935)),
    ],
)
def test_the_mixture_has_the_check_values(t, information, information_bracket, mmse, mmse_bracket):
    """[T4.2c] check values, to the digits printed."""
    found = source_bracket(MIXTURE, t)
    sides = (found.information_lower_nats, found.information_upper_nats)
    assert np.allclose(sides, information_bracket, rtol=0, atol=5.1e-5)
    assert np.allclose((found.mmse_lower, found.mmse_upper), mmse_bracket, rtol=0, atol=5.1e-6)
    assert sides[0] <= information <= sides[1]
    assert found.mmse_lower <= mmse <= found.mmse_upper


@pytest.mark.parametrize(
    "source",
    [MIXTURE, Laplace(scale=0.7), Uniform(half_width=1.0), TwoPoint()],
    ids=lambda source: source.name,
)
@pytest.mark.parametrize("t", [1e-3, 0.1, 3.0, 1e3])
def test_quadrature_falls_between_the_sides(source, t):
    """[T4.2c] beside I = h(Y) - ½ ln 2πe t and E Var(X | Y) on 40001 points ([T4.1a]).

    The trapezoidal rule over 12 deviations and the tails it leaves out are good to 1e-6 of each.
    """
    deviation = np.sqrt(t)
    end = 12 * deviation + 20 * np.sqrt(source.variance)
    y = np.linspace(-end, end, 40_001)
    log_density = source.log_density(y, t)
    density = np.exp(log_density)
    entropy = -np.trapezoid(density * np.where(density > 0, log_density, 0), y)
    information = entropy - np.log(2 * np.pi * np.e * t) / 2
    mmse = np.trapezoid(density * source.posterior_variance(y, t), y)
    found = source_bracket(source, t)
    assert found.information_lower_nats <= information + 1e-6
    assert information <= found.information_upper_nats + 1e-6
    assert found.mmse_lower * (1 - 1e-6) <= mmse <= found.mmse_upper * (1 + 1e-6)


@given(
    log_eigenvalue=st.floats(-12, 12), log_noise=st.floats(-12, 12), dim=st.sampled_from([1, 2, 7])
)
def test_a_white_normal_law_leaves_nothing_between(log_eigenvalue, log_noise, dim):
    """[T4.2c]: equality on both sides for N(m, λI); M copies give M times as much [P18]."""
    eigenvalue, t = 10.0**log_eigenvalue, 10.0**log_noise
    entropy = dim * np.log(2 * np.pi * np.e * eigenvalue) / 2
    found = channel_bracket(t, entropy, dim / eigenvalue, np.full(dim, eigenvalue))
    information = dim * np.log1p(eigenvalue / t) / 2
    mmse = dim * t * eigenvalue / (t + eigenvalue)
    # h carries an error of 1e-16 of its terms, up to 30 each, into the entropy power.
    assert found.information_lower_nats == pytest.approx(information, rel=1e-13)
    assert found.information_upper_nats == pytest.approx(information, rel=1e-13, abs=1e-13)
    assert found.mmse_lower == pytest.approx(mmse, rel=1e-14)
    assert found.mmse_upper == pytest.approx(mmse, rel=1e-14)


def test_a_normal_vector_lies_between_its_sides():
    """[T1.6a], where the sides on the right are equalities."""
    eigenvalues = np.array([4.0, 1.0, 0.2])
    entropy = float(np.sum(np.log(2 * np.pi * np.e * eigenvalues)) / 2)
    for t in (1e-9, 0.3, 1e9):
        found = channel_bracket(t, entropy, float(np.sum(1 / eigenvalues)), eigenvalues)
        information = np.sum(np.log1p(eigenvalues / t)) / 2
        mmse = np.sum(eigenvalues * t / (eigenvalues + t))
        assert found.information_lower_nats <= information * (1 + 1e-13)
        assert information <= found.information_upper_nats * (1 + 1e-13)
        assert found.mmse_lower <= mmse * (1 + 1e-14)
        assert mmse <= found.mmse_upper * (1 + 1e-14)


def test_atoms_leave_the_sides_of_the_variance_alone():
    found = source_bracket(TwoPoint(), 0.5)
    assert (found.information_lower_nats, found.mmse_lower) == (0.0, 0.0)
    assert found.information_upper_nats == pytest.approx(np.log(3) / 2)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("noise_variance", 0.0),
        ("noise_variance", np.inf),
        ("noise_variance", [0.1, 0.2]),
        ("entropy_nats", np.nan),
        ("entropy_nats", np.inf),
        ("entropy_nats", 1.5),  # more than that of a normal law
        ("fisher_information", 0.5),  # less than that of a normal law
        ("fisher_information", np.nan),
        ("fisher_information", "much"),
        ("eigenvalues", [1.0, 0.0]),
        ("eigenvalues", []),
        ("eigenvalues", [[1.0]]),
    ],
)
def test_bad_input_is_refused(argument, value):
    good = {
        "noise_variance": 0.1,
        "entropy_nats": 1.0,
        "fisher_information": 2.0,
        "eigenvalues": 1.0,
    }
    with pytest.raises(InputError, match=f"^{argument}"):
        channel_bracket(**{**good, argument: value})


def test_a_bracket_is_ready_for_json():
    data = json.loads(json.dumps(source_bracket(MIXTURE, 0.2).to_dict()))
    assert list(data) == [
        "information_lower_nats",
        "information_upper_nats",
        "mmse_lower",
        "mmse_upper",
    ]
