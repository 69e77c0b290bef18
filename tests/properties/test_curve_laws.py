"""The laws of T1.16, T1.18 and T8, for random spectra over 24 orders of magnitude.

Unless a comment says otherwise, 1e-12 is the promised relative accuracy of a rate or a distortion,
and laws that compare two of them may miss by twice that.
"""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rdtheory import SCHEMES, GaussianVector, Scheme, scheme
from rdtheory.diffusion import (
    Ancestral,
    Flow,
    FStar,
    Isotropic,
    Pink,
    PosteriorMean,
    Progression,
    schedule_cost,
)
from rdtheory.testing import strategies as rd

EXACT = 2e-12
WITH_REALISM = [name for name in SCHEMES if name != "rd"]
KINKED = np.array([1.0, *[0.002] * 30000])  # the counter-example of T1.16c


def distortion(name, spectrum, bits):
    return scheme(name, spectrum).at(bits_per_dim=bits).distortion_per_dim


@given(rd.spectra(), rd.bits_per_dim())
@example(KINKED, 0.3 / 30001 / np.log(2))
@example(np.array([5.0, 2.0, 0.7, 0.1, 0.01]), 2 / 5 / np.log(2))
def test_order_at_equal_rate(spectrum, bits):
    """T1.16a, and T1.16b for isotropic and pink noise."""
    d = {name: distortion(name, spectrum, bits) for name in SCHEMES}
    below = [
        ("rd", "diffc-f-star"),
        *(("diffc-f-star", name) for name in ("diffc-f", "diffc-f-pink", "diffc-a-star")),
        *(("diffc-a-star", name) for name in ("diffc-a", "diffc-a-pink")),
        ("diffc-f", "diffc-a"),
        ("diffc-f-pink", "diffc-a-pink"),
    ]
    for smaller, larger in below:
        assert d[smaller] <= d[larger] * (1 + EXACT), (smaller, larger)
    for noise in ("", "-pink"):
        assert d[f"diffc-a{noise}"] / 2 <= d[f"diffc-f{noise}"] * (1 + EXACT)


@given(rd.spectra(), rd.bits_per_dim())
def test_a_star_is_twice_the_rate_distortion_function(spectrum, bits):
    """P1: D_A*(R) = 2 D*(R), and rd-half is the same curve."""
    expected = 2 * distortion("rd", spectrum, bits)
    assert distortion("diffc-a-star", spectrum, bits) == pytest.approx(expected, rel=EXACT)
    assert distortion("rd-half", spectrum, bits) == pytest.approx(expected, rel=EXACT)


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim(), st.floats(0.01, 10.0))
def test_distortion_falls_with_rate(name, spectrum, bits, more):
    lower = distortion(name, spectrum, min(bits * (1 + more), 26.0))
    assert 0 < lower <= distortion(name, spectrum, bits) * (1 + EXACT)


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim(), rd.bits_per_dim())
@example("rd", np.array([1.0, *[0.0] * 15]), 1.0, 25.0)  # 400 bits in one component
def test_distortion_is_convex_in_rate(name, spectrum, first, second):
    ends = distortion(name, spectrum, [first, second])
    middle = distortion(name, spectrum, (first + second) / 2)
    assert middle <= ends.mean() * (1 + EXACT)


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim(1e-6, 20.0))
def test_slope_is_the_derivative(name, spectrum, bits):
    """D(R) is convex, so its derivative lies between the two one-sided differences."""
    here = scheme(name, spectrum).at(bits_per_dim=[bits * (1 - 1e-3), bits, bits * (1 + 1e-3)])
    d, r = here.distortion_per_dim, here.bits_per_dim
    left, right = np.diff(d) / np.diff(r)
    # A difference quotient of numbers good to EXACT / 10 over a step of 1e-3 of the rate.
    noise = d[0] * EXACT / (bits * 1e-3)
    assert left - noise <= 1 / here.slope_bits[1] <= right + noise


@given(
    st.sampled_from([Isotropic(), Pink(), FStar()]),
    st.sampled_from([Ancestral(), Flow(), PosteriorMean()]),
    rd.spectra(decades=2),
    rd.bits_per_dim(0.01, 8.0),
)
def test_slope_of_any_pair_of_noise_and_reconstruction(noise, reconstruction, spectrum, bits):
    """By differences along the family, which is smooth in ln t₁ for these noises.

    A central difference over a step of 1e-4 in ln t₁ errs by some 1e-8 times a derivative of order
    1 relative to the first; differences of numbers good to 1e-14 over that step err by 1e-9.
    """
    one = Scheme(GaussianVector(spectrum), noise, reconstruction, "pair")
    here = one.at(bits_per_dim=bits)
    around = one.at(noise_level=here.noise_level * np.exp([1e-4, -1e-4]))
    slope = np.diff(around.bits_per_dim) / np.diff(around.distortion_per_dim)
    assert here.slope_bits == pytest.approx(slope[0], rel=1e-6)


@given(rd.spectra(), rd.bits_per_dim())
def test_slopes_are_those_of_the_water_levels(spectrum, bits):
    """P20: -1/(2θ) for R* and F*, -1/(4θ) for A*."""
    for name, factor in (("rd", 2), ("diffc-f-star", 2), ("diffc-a-star", 4)):
        point = scheme(name, spectrum).at(bits_per_dim=bits)
        expected = -1 / (factor * point.water_level)
        assert point.slope_bits * np.log(2) == pytest.approx(expected, rel=EXACT), name


@given(rd.scheme_names(), rd.spectra(decades=6), rd.bits_per_dim(), st.floats(1e-6, 1e6))
def test_scaling(name, spectrum, bits, factor):
    """P16: X -> cX leaves R alone and multiplies D and t by c²."""
    point = scheme(name, spectrum).at(bits_per_dim=bits)
    scaled = scheme(name, spectrum * factor).at(bits_per_dim=bits)
    assert scaled.distortion_per_dim == pytest.approx(point.distortion_per_dim * factor, rel=EXACT)
    assert scaled.noise_level == pytest.approx(point.noise_level * factor, rel=EXACT)
    assert scaled.snr_db == pytest.approx(point.snr_db, rel=EXACT)


@given(rd.scheme_names(), rd.gaussian_vectors(), rd.bits_per_dim(1e-3, 8.0))
def test_rotation_changes_nothing(name, source, bits):
    """P17. A covariance matrix keeps its eigenvalues to M 2^-52 of the largest, no better."""
    rotated = GaussianVector.from_covariance(source.covariance)
    largest = source.leading_eigenvalue
    # Not for pink noise of a singular matrix: its rate counts the eigenvalues above 0 [T1.7].
    if "pink" in name and source.eigenvalues.min() < 1e-9 * largest:
        return
    expected = scheme(name, source).at(bits_per_dim=bits)
    # Moving eigenvalues by ε λ₁ moves ln λ_i by at most ε λ₁/λ_min, and with it a distortion at
    # fixed rate by at most that share; where λ_i is lost D moves by ε λ₁ itself.
    share = largest / expected.distortion_per_dim
    tolerance = 16 * source.dim * 2.0**-52 * max(share, 1.0) * 100
    actual = scheme(name, rotated).at(bits_per_dim=bits)
    assert actual.distortion_per_dim == pytest.approx(
        expected.distortion_per_dim, rel=max(EXACT, tolerance)
    )


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim(), st.integers(2, 50))
def test_copies(name, spectrum, bits, copies):
    """P18: M copies cost M times as much."""
    one = distortion(name, spectrum, bits)
    assert distortion(name, np.tile(spectrum, copies), bits) == pytest.approx(one, rel=EXACT)


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim(), st.integers(1, 9))
def test_constant_components_cost_and_distort_nothing(name, spectrum, bits, zeros):
    """T1.18: λ_i = 0 contributes (0, 0)."""
    dim = len(spectrum)
    total = distortion(name, spectrum, bits) * dim
    padded = np.concatenate([np.zeros(zeros), spectrum])
    share = dim / len(padded)
    actual = distortion(name, padded, bits * share) * len(padded)
    assert actual == pytest.approx(total, rel=EXACT)


@given(st.sampled_from(rd.DIMS), st.floats(-12, 12), rd.bits_per_dim(highest=60.0))
def test_equal_eigenvalues_make_all_noises_one(dim, log_variance, bits):
    """T1.18: F* = F = P-F and A* = A = P-A; also for M = 1."""
    spectrum = np.full(dim, 10.0**log_variance)
    flow = distortion("diffc-f", spectrum, bits)
    ancestral = distortion("diffc-a", spectrum, bits)
    for noise in ("-pink", "-star"):
        assert distortion(f"diffc-f{noise}", spectrum, bits) == pytest.approx(flow, rel=EXACT)
        assert distortion(f"diffc-a{noise}", spectrum, bits) == pytest.approx(ancestral, rel=EXACT)


@given(rd.spectra(dims=[1]), rd.bits_per_dim(highest=60.0))
def test_one_dimension(spectrum, bits):
    """[T1.5b], [T1.5f]: D_A = 2 λ a and D_F/D_A = 1/(1 + ρ) (P5), with a = 4^-R [T9.1]."""
    (variance,) = spectrum
    ancestral = distortion("diffc-a", spectrum, bits)
    assert ancestral == pytest.approx(2 * variance * 4.0**-bits, rel=EXACT)
    rho = np.sqrt(-np.expm1(-2 * bits * np.log(2)))
    flow = distortion("diffc-f", spectrum, bits)
    assert flow == pytest.approx(ancestral / (1 + rho), rel=EXACT)


@given(rd.spectra(decades=6, zeros=False))
def test_high_rate_limits(spectrum):
    """P2, T1.18, t -> 0: D_A = 2tM, D_F = tM to first order in t/λ_min; the noises coincide."""
    level = 1e-9 * spectrum.min()
    for name, factor in (("diffc-a", 2), ("diffc-f", 1), ("diffc-a-star", 2), ("diffc-f-star", 1)):
        point = scheme(name, spectrum).at(noise_level=level)
        assert point.distortion_per_dim == pytest.approx(factor * level, rel=2e-9)
        assert point.scheme.noise_variances(point.leading_snr) == pytest.approx(level, rel=2e-9)


@given(rd.spectra())
def test_zero_rate_limits(spectrum):
    """T1.18, t -> ∞: R -> 0 and D -> 2 tr Σ (`rd`: tr Σ), 0 dB (3.01 dB)."""
    for name in SCHEMES:
        point = scheme(name, spectrum).at(noise_level=np.inf)
        factor = 1 if name == "rd" else 2
        assert point.bits_per_dim == 0
        assert point.distortion_per_dim == pytest.approx(factor * spectrum.mean(), rel=EXACT)
        assert point.snr_db == pytest.approx(10 * np.log10(2 / factor), abs=1e-15)
        assert np.all(point.components.bits == 0)


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim())
def test_components_add_up(name, spectrum, bits):
    point = scheme(name, spectrum).at(bits_per_dim=bits)
    parts = point.components
    assert np.mean(parts.bits) == pytest.approx(bits, rel=1e-10)  # A*, cf. test_round_trips
    assert np.mean(parts.distortion) == pytest.approx(point.distortion_per_dim, rel=EXACT)
    assert np.all((parts.distortion >= 0) & (parts.bits >= 0))


@given(rd.scheme_names(), rd.spectra(), rd.bits_per_dim())
def test_round_trips(name, spectrum, bits):
    """Rate to level, SNR or distortion and back, to 1e-10."""
    one = scheme(name, spectrum)
    point = one.at(bits_per_dim=bits)
    assert point.bits_per_dim == pytest.approx(bits, rel=1e-10)
    again = one.at(noise_level=point.noise_level)
    assert again.bits_per_dim == pytest.approx(bits, rel=1e-10)
    assert again.distortion_per_dim == pytest.approx(point.distortion_per_dim, rel=1e-10)
    by_distortion = one.at(distortion_per_dim=point.distortion_per_dim)
    assert by_distortion.distortion_per_dim == pytest.approx(point.distortion_per_dim, rel=1e-10)
    by_snr = one.at(snr_db=point.snr_db)
    assert by_snr.snr_db == pytest.approx(point.snr_db, rel=1e-10)
    # A distortion rounded to float64 fixes the rate only so well near zero rate, where all of D is
    # there whatever the rate; so does an SNR for `rd`, which starts at 3 dB.
    rounding = 2.0**-51
    known = abs(point.slope_bits) * point.distortion_per_dim * rounding / bits
    assert by_distortion.bits_per_dim == pytest.approx(bits, rel=1e-10 + 4 * known)
    known = known if name == "rd" else 0
    assert by_snr.bits_per_dim == pytest.approx(bits, rel=1e-10 + 8 * known)


@given(rd.scheme_names(), rd.spectra(), st.lists(rd.bits_per_dim(1e-6), min_size=1, max_size=9))
def test_steps_add_up_to_the_joint_information(name, spectrum, rates):
    """P9 [T1.3b], for every noise family: each curve is one progressive code [T1.11]."""
    rates = np.sort(rates)
    steps = Progression(scheme(name, spectrum), bits_per_dim=rates)
    cost = schedule_cost(steps)
    total = rates[-1] * len(spectrum)
    assert cost.information_bits == pytest.approx(total, rel=1e-10)
    assert np.all(cost.step_bits >= 0)
    variances = steps.noise_variances
    assert np.all(variances[1:] <= variances[:-1] * (1 + EXACT))
    assert cost.joint_bound_bits <= cost.stepwise_bound_bits * (1 + EXACT)


def test_which_is_better_pink_flow_or_a_star_depends():
    """T1.16c: the pairs that are not ordered, each way round, pinned."""
    bits = 0.3 / len(KINKED) / np.log(2)
    assert distortion("diffc-f", KINKED, bits) > distortion("diffc-a-star", KINKED, bits)
    total = {n: distortion(n, KINKED, bits) * len(KINKED) for n in ("diffc-f", "diffc-a-star")}
    assert total == pytest.approx({"diffc-f": 121.270, "diffc-a-star": 121.098}, abs=5e-4)
    spectrum, bits = np.array([5.0, 2.0, 0.7, 0.1, 0.01]), 2 / 5 / np.log(2)
    assert distortion("diffc-f", spectrum, bits) < distortion("diffc-a-star", spectrum, bits)
    assert distortion("diffc-f-pink", spectrum, bits) > distortion("diffc-a-star", spectrum, bits)
    assert distortion("diffc-f-pink", np.ones(3), 1.0) < distortion("diffc-a-star", np.ones(3), 1.0)
