"""The law of Marchenko and Pastur: closed forms, its density, eigenvalues of random matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from rdtheory import SCHEMES, GaussianVector, scheme
from rdtheory.diffusion.random_covariance_limit import MarchenkoPastur, random_covariance_limit
from rdtheory.errors import InputError

ratios = st.floats(-6, 6).map(lambda logarithm: 10.0**logarithm)
snrs = st.floats(-15, 30).map(lambda logarithm: 10.0**logarithm)


@pytest.mark.parametrize(
    ("ratio", "snr", "mean_log", "mmse"),
    [
        (0.5, 10.0, 2.1663116, 0.0851669),
        (0.5, 1.0, 0.6335352, 0.4384472),
        (2.0, 10.0, 1.3902310, 0.0457786),
        (2.0, 1.0, 0.4943672, 0.2928932),
    ],
)
def test_check_values(ratio, snr, mean_log, mmse):
    """[T6.3]."""
    law = MarchenkoPastur(ratio)
    assert law.mean_log_nats(snr) == pytest.approx(mean_log, abs=5e-8)
    assert law.mmse(snr) == pytest.approx(mmse, abs=5e-8)


@given(ratios, snrs)
def test_closed_forms_as_printed_with_a_hundred_digits(ratio, snr):
    """[T6.3]: where 1 + g - F/4 and 1 - η cancel, the forms without differences do not."""
    with mp.workdps(100):
        b, g = mp.mpf(ratio), mp.mpf(snr)
        low, high = (1 - mp.sqrt(b)) ** 2, (1 + mp.sqrt(b)) ** 2
        f = (mp.sqrt(g * high + 1) - mp.sqrt(g * low + 1)) ** 2
        first, second = mp.log(1 + g - f / 4), mp.log(1 + g * b - f / 4) / b
        mean_log = float(first + second - f / (4 * b * g))
        mmse = float((1 - (1 - f / (4 * b * g))) / g)
    law = MarchenkoPastur(ratio)
    assert law.mmse(snr) == pytest.approx(mmse, rel=1e-14)
    # The three terms are of the size of the result, or two of them are and the rest is less.
    assert law.mean_log_nats(snr) == pytest.approx(mean_log, rel=2e-14)


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1.0, 2.0, 40.0])
@pytest.mark.parametrize("snr", [1e-3, 1.0, 1e4])
def test_closed_forms_are_means_over_the_density(ratio, snr):
    """∫ f(λ) density dλ with 30 digits, in λ = λ₋ + (λ₊ - λ₋) x², which tames both ends."""
    law = MarchenkoPastur(ratio)
    with mp.workdps(30):
        b = mp.mpf(ratio)
        low, high = (1 - mp.sqrt(b)) ** 2, (1 + mp.sqrt(b)) ** 2

        def mean(function):
            def integrand(x):
                value = low + (high - low) * x**2
                root = (high - low) * x * mp.sqrt(1 - x**2)
                return function(value) * root / (2 * mp.pi * b * value) * 2 * (high - low) * x

            return mp.quad(integrand, [0, 0.001, 0.01, 0.1, 0.5, 1])

        total = float(mean(lambda value: 1))
        mean_log = float(mean(lambda value: mp.log1p(snr * value)))
        mmse = float(mean(lambda value: value / (1 + snr * value)))
    assert total == pytest.approx(1 - law.atom, rel=1e-12)
    assert law.mean_log_nats(snr) == pytest.approx(mean_log, rel=1e-12)
    assert law.mmse(snr) == pytest.approx(mmse, rel=1e-12)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 3.0])
def test_density_is_the_one_of_the_angle(ratio):
    """Both descriptions of the law give the same moments E λ = 1 and E λ² = 1 + b."""
    law = MarchenkoPastur(ratio)
    eigenvalues, weights = law.law.nodes()
    assert weights.sum() == pytest.approx(1 - law.atom, rel=1e-13)
    assert weights @ eigenvalues == pytest.approx(1, rel=1e-13)
    assert weights @ eigenvalues**2 == pytest.approx(1 + ratio, rel=1e-13)
    low, high = law.support
    angle = np.linspace(0, np.pi, 200_001)[1:-1]
    values = low + (high - low) * (1 - np.cos(angle)) / 2
    slope = (high - low) * np.sin(angle) / 2
    # The trapezoidal rule for a smooth periodic function; at b = 1 the density itself has a pole.
    for power in (1, 2):
        moment = np.sum(law.density(values) * values**power * slope) * (angle[1] - angle[0])
        assert moment == pytest.approx((1, 1 + ratio)[power - 1], rel=1e-10)


def test_density_outside_and_at_the_ends():
    law = MarchenkoPastur(4.0)
    assert law.support == pytest.approx((1.0, 9.0))
    assert law.atom == 0.75
    np.testing.assert_array_equal(law.density([0.5, 9.5, -1.0, 0.0]), 0.0)
    assert MarchenkoPastur(1.0).density(0.0) == np.inf


@given(ratios, snrs)
def test_transposed_matrices_have_the_same_eigenvalues(ratio, snr):
    """HᵀH and HHᵀ share all that are not 0: b E_b f(λ) = E_{1/b} f(bλ) for f(0) = 0."""
    law, transposed = MarchenkoPastur(ratio), MarchenkoPastur(1 / ratio)
    inside = max(min(snr * ratio, 1e60), 0)
    expected = transposed.mean_log_nats(inside)
    assert ratio * law.mean_log_nats(snr) == pytest.approx(expected, rel=1e-12)


@given(ratios, st.floats(-10, 20).map(lambda logarithm: 10.0**logarithm))
def test_isotropic_noise_is_the_closed_form(ratio, snr):
    """Two programs: the law integrated over its angle, and [T6.3]."""
    law = MarchenkoPastur(ratio)
    point = random_covariance_limit("diffc-a", ratio).at(noise_level=1 / snr)
    mean_log, mmse = law.mean_log_nats(1 / (1 / snr)), law.mmse(1 / (1 / snr))
    assert 2 * point.bits_per_dim * np.log(2) == pytest.approx(mean_log, rel=1e-12)
    assert point.distortion_per_dim / 2 == pytest.approx(mmse, rel=1e-12)


@pytest.mark.parametrize(("rows", "columns"), [(400, 200), (200, 400)])
def test_random_matrices(rows, columns):
    """Sums over eigenvalues fluctuate by O(1) in all: within 8/K a dimension (fixed key).

    For smooth functions of λ that vary by about 1, the sum over all K is asymptotically normal
    with a deviation below 1 and a mean that is off by less than 1 (Bai and Silverstein 2004): 8 is
    7 deviations, a false alarm below 1e-11.
    """
    rng = np.random.default_rng(7)
    matrix = rng.standard_normal((rows, columns)) / np.sqrt(rows)
    eigenvalues = np.maximum(np.linalg.eigvalsh(matrix.T @ matrix), 0)
    source, ratio = GaussianVector(eigenvalues), columns / rows
    for name in SCHEMES:
        limit = random_covariance_limit(name, ratio)
        level = "water_level" if "star" in name or name.startswith("rd") else "noise_level"
        if "pink" in name:  # rounding makes the zeros eigenvalues of their own
            continue
        point, sampled = limit.at(**{level: 0.2}), scheme(name, source).at(**{level: 0.2})
        assert abs(point.bits_per_dim - sampled.bits_per_dim) < 8 / columns
        assert abs(point.distortion_per_dim - sampled.distortion_per_dim) < 8 / columns


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("ratio", [0.2, 1.0, 5.0])
def test_rates_and_the_way_back(name, ratio):
    limit = random_covariance_limit(name, ratio)
    rates = np.array([1e-6, 0.1, 3.0])
    points = limit.at(bits_per_dim=rates)
    np.testing.assert_allclose(points.bits_per_dim, rates, rtol=1e-11)
    assert (np.diff(points.distortion_per_dim) < 0).all()
    # E λ = 1: the SNR is 10 log10(2/D) [T1.10a].
    snr_db = 10 * np.log10(2 / points.distortion_per_dim)
    np.testing.assert_allclose(points.snr_db, snr_db, rtol=1e-9, atol=1e-9)


def test_narrow_and_wide_laws():
    """b -> 0: λ = 1; b -> ∞: 1 - 1/b zeros, the rest near b."""
    law = MarchenkoPastur(1e-6)
    assert law.mean_log_nats(3.0) == pytest.approx(np.log(4), abs=1e-6)
    law = MarchenkoPastur(1e6)
    assert law.atom == pytest.approx(1 - 1e-6)
    assert 1e6 * law.mean_log_nats(1e-3) == pytest.approx(np.log1p(1e3), rel=1e-3)


@pytest.mark.parametrize("ratio", [0.0, -1.0, np.nan, np.inf, 1e7, "1", [1.0], None])
def test_wrong_ratios_are_refused(ratio):
    for call in (MarchenkoPastur, lambda ratio: random_covariance_limit("rd", ratio)):
        with pytest.raises(InputError, match=r"^ratio:"):
            call(ratio)


def test_wrong_arguments_are_refused():
    law = MarchenkoPastur(0.5)
    for snr in (-1.0, np.nan, np.inf, "a"):
        for function in (law.mean_log_nats, law.mmse):
            with pytest.raises(InputError, match=r"^snr:"):
                function(snr)
    with pytest.raises(InputError, match=r"^eigenvalue:"):
        law.density(np.nan)
    with pytest.raises(InputError, match=r"^scheme:"):
        random_covariance_limit("jpeg", 0.5)
