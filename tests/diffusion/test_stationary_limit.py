"""Szegő's limit: against closed forms, fifty-digit integrals and growing Toeplitz matrices."""

import json
from functools import cache
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from rdtheory import SCHEMES, scheme
from rdtheory.diffusion.spectral_law import SpectralLaw
from rdtheory.diffusion.spectral_limit import SpectralLimit
from rdtheory.diffusion.stationary_limit import isotropic_ar1, stationary_limit
from rdtheory.errors import InputError
from rdtheory.sources import StationaryProcess, ar1

LN2 = float(np.log(2))
WITH_LEVEL = {
    "diffc-f-star": "water_level",
    "diffc-a-star": "water_level",
    "diffc-a": "noise_level",
    "diffc-f": "noise_level",
}


def exact(name, density, level, cuts=()):
    """R in bits and D per dimension by 40-digit quadrature over [0, π], per the theory page."""
    with mp.workdps(40):
        level = mp.mpf(level)

        def terms(w):
            s = density(w)
            if name == "diffc-f-star":  # [T1.9]
                rho = 2 * s / (level + mp.sqrt(level**2 + 4 * s**2))
                return -mp.log1p(-(rho**2)) / 2, 2 * s * (1 - rho)
            if name == "diffc-a-star":  # [T1.8]
                return mp.log(max(s / level, 1)) / 2, 2 * min(s, level)
            rate = mp.log1p(s / level) / 2  # [T1.6]
            if name == "diffc-a":
                return rate, 2 * s * level / (s + level)
            return rate, 2 * s * (1 - mp.sqrt(s / (s + level)))

        points = sorted([*mp.linspace(0, mp.pi, 9), *cuts])
        bits, distortion = (
            mp.quad(lambda w, which=which: terms(w)[which], points) / mp.pi for which in (0, 1)
        )
        return float(bits / mp.log(2)), float(distortion)


def ar1_density(w):
    return mp.mpf("0.19") / (1 - mp.mpf("1.8") * mp.cos(w) + mp.mpf("0.81"))


@pytest.mark.parametrize("name", WITH_LEVEL)
@pytest.mark.parametrize("level", [0.02, 0.3, 5.0])
def test_ar1_with_forty_digits(name, level):
    """[T6.1a]: every scheme with a level of its own, water-filling cut at its kink."""
    with mp.workdps(40):
        cosine = (mp.mpf("1.81") - mp.mpf("0.19") / mp.mpf(level)) / mp.mpf("1.8")
        cuts = [mp.acos(cosine)] if abs(cosine) < 1 else []
    bits, distortion = exact(name, ar1_density, level, cuts)
    point = stationary_limit(name, ar1(0.9)).at(**{WITH_LEVEL[name]: level})
    # the density itself is good to a few units in the last place
    assert point.bits_per_dim == pytest.approx(bits, rel=2e-14)
    assert point.distortion_per_dim == pytest.approx(distortion, rel=2e-14)


@pytest.mark.parametrize(
    ("name", "level"), list(zip(WITH_LEVEL, cycle([0.001, 0.3, 1.7]), strict=False))
)
def test_a_density_with_a_zero_and_a_peak_inside(name, level):
    """S = (1 + cos ω)(1 + ½ sin² ω): a zero of second order at π, a peak in between."""

    def density(w):
        return (1 + mp.cos(w)) * (1 + mp.sin(w) ** 2 / 2)

    with mp.workdps(40):
        cuts = [
            mp.findroot(lambda w: density(w) - level, (low, high), solver="anderson")
            for low, high in ((0, 0.5), (0.7, 3.1415926))
            if (density(low) - level) * (density(high) - level) < 0
        ]
        # towards the zero the square roots and logarithms vary on the scale of sqrt t
        cuts += [mp.pi - mp.mpf(2) ** -k for k in range(12)]
    bits, distortion = exact(name, density, level, cuts)
    process = StationaryProcess(
        np.ones_like, lambda w: 2 * np.cos(w / 2) ** 2 * (1 + np.sin(w) ** 2 / 2)
    )
    point = stationary_limit(name, process).at(**{WITH_LEVEL[name]: level})
    assert point.bits_per_dim == pytest.approx(bits, rel=1e-13)
    assert point.distortion_per_dim == pytest.approx(distortion, rel=1e-13)


def test_toeplitz_matrices_come_as_close_as_the_theory_says():
    """[T6.1a]: M × the largest error of F*, A*, A and F is 0.4469848 for M = 16, .., 1024."""
    limits = {
        name: stationary_limit(name, ar1(0.9)).at(**{level: 0.3})
        for name, level in WITH_LEVEL.items()
    }
    for dim in (16, 64, 256):
        source, errors = ar1(0.9).vector(dim), []
        for name, level in WITH_LEVEL.items():
            point = scheme(name, source).at(**{level: 0.3})
            errors += [
                (point.bits_per_dim - limits[name].bits_per_dim) * LN2,
                point.distortion_per_dim - limits[name].distortion_per_dim,
            ]
        assert dim * np.abs(errors).max() == pytest.approx(0.4469848, abs=1e-6)


stretch = cache(ar1(0.7).vector)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("bits", [0.03, 0.5, 2.0])
def test_every_scheme_at_a_rate_is_the_limit_of_vectors(name, bits):
    """At a given rate, D of M values tends to the limit as c/M: twice M, half the error."""
    limit = stationary_limit(name, ar1(0.7)).at(bits_per_dim=bits)
    assert limit.bits_per_dim == pytest.approx(bits, rel=1e-12)
    errors = [
        dim * (scheme(name, stretch(dim)).at(bits_per_dim=bits).distortion_per_dim)
        - dim * limit.distortion_per_dim
        for dim in (128, 256)
    ]
    assert np.abs(errors).max() < 1
    # Water-filling has sawteeth of 1/M² for every level that an eigenvalue passes.
    assert errors[1] == pytest.approx(errors[0], rel=0.02, abs=0.01)


@settings(max_examples=30)
@given(st.sampled_from(list(SCHEMES)), st.floats(-6, 6), st.floats(-3, 4.5))
def test_white_noise_is_one_component(name, log_variance, log_rate):
    variance, bits = 10.0**log_variance, 2.0**log_rate
    process = StationaryProcess(np.ones_like, lambda w: np.full_like(w, variance))
    point = stationary_limit(name, process).at(bits_per_dim=bits)
    expected = scheme(name, [variance]).at(bits_per_dim=bits)
    assert point.distortion_per_dim == pytest.approx(expected.distortion_per_dim, rel=1e-11)
    assert point.snr_db == pytest.approx(expected.snr_db, rel=1e-11)


@pytest.mark.parametrize("name", SCHEMES)
def test_arrays_of_rates_and_the_way_back(name):
    limit = stationary_limit(name, ar1(-0.8))
    rates = np.array([[0.0, 1e-6, 1e-3], [0.1, 1.0, 12.0]])
    points = limit.at(bits_per_dim=rates)
    np.testing.assert_allclose(points.bits_per_dim, rates, rtol=1e-11)
    assert points.noise_level[0, 0] == np.inf
    again = limit.at(noise_level=points.noise_level)
    np.testing.assert_allclose(again.distortion_per_dim, points.distortion_per_dim, rtol=1e-9)
    factor = 10 * np.log10(2 / points.distortion_per_dim)  # variance 1
    np.testing.assert_allclose(points.snr_db, factor, rtol=1e-10, atol=1e-10)
    table = json.loads(json.dumps(points.to_dict()))
    assert table["noise_level"][0][0] is None
    if points.water_level is not None:
        assert table["water_level"][1][2] == points.water_level[1, 2]


def test_kolmogorov_above_all_frequencies_under_water():
    """rd with θ below the least density: R = ½ ln(σ²/θ), D = θ, σ² the innovation variance."""
    point = stationary_limit("rd", ar1(0.9, innovation_variance=3.0)).at(water_level=0.5)
    assert point.bits_per_dim == pytest.approx(np.log2(3.0 / 0.5) / 2, rel=1e-14)
    assert point.distortion_per_dim == pytest.approx(0.5, rel=1e-14)


def test_water_filling_at_the_smallest_rates():
    """Near the peak S ≈ S₀ (1 - κω²): R = (2/3π) (1 - θ/S₀)^{3/2}/sqrt κ as θ tends to S₀."""
    limit = stationary_limit("rd", ar1(0.9))
    excess = 1e-8
    point = limit.at(water_level=19.0 * (1 - excess))
    kappa = 0.9 / 0.01  # S₀/S = 1 + 4ρ sin²(ω/2)/(1 - ρ)²
    expected = 2 / (3 * np.pi) * excess**1.5 / np.sqrt(kappa)
    # S₀ - θ loses eight digits of θ; the next order is 1e-8.
    assert point.bits_per_dim * LN2 == pytest.approx(expected, rel=1e-6)


def test_band_limited_processes():
    """A jump of the density: 2 on a third of the band, 0 elsewhere."""
    process = StationaryProcess(np.ones_like, lambda w: np.where(w < np.pi / 3, 2.0, 0.0))
    for name in SCHEMES:
        point = stationary_limit(name, process).at(noise_level=0.5)
        expected = scheme(name, [2.0]).at(noise_level=0.5)
        assert point.bits_per_dim == pytest.approx(expected.bits_per_dim / 3, rel=1e-13)
        assert point.distortion_per_dim == pytest.approx(expected.distortion_per_dim / 3, rel=1e-13)


@given(st.floats(-4, 4), st.sampled_from(list(WITH_LEVEL)))
def test_units(log_scale, name):
    """[P16]."""
    square = 10.0**log_scale
    point = stationary_limit(name, ar1(0.6)).at(**{WITH_LEVEL[name]: 0.4})
    scaled = stationary_limit(name, ar1(0.6, square * 0.64)).at(**{WITH_LEVEL[name]: 0.4 * square})
    assert scaled.bits_per_dim == pytest.approx(point.bits_per_dim, rel=1e-12)
    expected = square * point.distortion_per_dim
    assert scaled.distortion_per_dim == pytest.approx(expected, rel=1e-12)


# The closed form of the AR(1).


def test_check_values_of_the_closed_form():
    """[T6.1b]."""
    point = isotropic_ar1(0.9, 0.19, 0.3)
    assert point.bits_per_dim * LN2 == pytest.approx(0.35837905673, abs=5e-12)
    assert point.distortion_per_dim == pytest.approx(0.22999161084, abs=5e-12)


@given(st.floats(-0.999, 0.999), st.floats(-12, 12), st.floats(-12, 12))
def test_closed_form_with_sixty_digits(rho, log_innovation, log_level):
    """[T6.1b] as printed, where the differences of float64 would leave nothing."""
    innovation, level = 10.0**log_innovation, 10.0**log_level
    with mp.workdps(60):
        a, e, t = mp.mpf(rho), mp.mpf(innovation), mp.mpf(level)
        first, second = e + t * (1 + a * a), 2 * a * t
        q = mp.sqrt(first**2 - second**2)
        bits = float(mp.log((first + q) / (2 * t)) / (2 * mp.log(2)))
        distortion = float(2 * t * e / q)
    point = isotropic_ar1(rho, innovation, level)
    assert point.bits_per_dim == pytest.approx(bits, rel=1e-14)
    assert point.distortion_per_dim == pytest.approx(distortion, rel=1e-14)


@pytest.mark.parametrize("rho", [0.0, 0.9, -0.99, 0.99999])
@pytest.mark.parametrize("level", [1e-9, 0.3, 1e9])
def test_integral_and_closed_form_agree(rho, level):
    limit = stationary_limit("diffc-a", ar1(rho)).at(noise_level=level)
    point = isotropic_ar1(rho, (1 - rho) * (1 + rho), level)
    # A peak at π of width 1 - |ρ| feels the rounding of ω there.
    assert limit.bits_per_dim == pytest.approx(point.bits_per_dim, rel=1e-12)
    assert limit.distortion_per_dim == pytest.approx(point.distortion_per_dim, rel=1e-12)


def test_density_and_autocovariance_of_the_ar1_belong_together():
    process = ar1(-0.6, innovation_variance=2.0)
    again = StationaryProcess.from_spectral_density(process.spectral_density)
    lags = np.arange(50)
    np.testing.assert_allclose(
        again.autocovariance(lags), process.autocovariance(lags), rtol=0, atol=1e-13
    )
    assert process.autocovariance(np.arange(1))[0] == pytest.approx(2 / 0.64, rel=1e-15)
    assert stationary_limit("rd", again).law.leading_eigenvalue == pytest.approx(2 / 0.16)


def test_the_law_says_how_good_it_is():
    assert stationary_limit("rd", ar1(0.9)).law.relative_error < 1e-14
    assert isotropic_ar1(0.5, 1.0, 1.0).to_dict().keys() == {"bits_per_dim", "distortion_per_dim"}


def flat(value):
    return StationaryProcess(np.ones_like, lambda w: np.full_like(w, value))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("scheme", lambda: stationary_limit("jpeg", ar1(0.9))),
        ("scheme", lambda: SpectralLimit(None, None)),
        ("process", lambda: stationary_limit("rd", [1.0])),
        ("process", lambda: stationary_limit("rd", StationaryProcess(np.ones_like))),
        ("eigenvalue", lambda: stationary_limit("rd", flat(-1.0))),
        ("eigenvalue", lambda: stationary_limit("rd", flat(np.nan))),
        ("eigenvalue", lambda: stationary_limit("rd", flat(np.inf))),
        ("eigenvalue", lambda: stationary_limit("rd", flat(0.0))),
        ("eigenvalue", lambda: stationary_limit("rd", flat(1e200))),
        ("eigenvalue", lambda: SpectralLaw(lambda w: 1.0, np.ones_like)),
        ("eigenvalue", lambda: SpectralLaw(lambda w: "a", np.ones_like)),
        ("eigenvalue", lambda: SpectralLaw(3.0, np.ones_like)),
        ("eigenvalue", lambda: SpectralLaw(lambda w: 2 + np.sin(1e9 * w), np.ones_like)),
        ("weight", lambda: SpectralLaw(np.ones_like, lambda w: -np.ones_like(w))),
        ("weight", lambda: SpectralLaw(np.ones_like, np.zeros_like)),
        ("target", lambda: stationary_limit("rd", ar1(0.9)).at()),
        ("target", lambda: stationary_limit("rd", ar1(0.9)).at(noise_level=1, bits_per_dim=1)),
        ("noise_level", lambda: stationary_limit("rd", ar1(0.9)).at(noise_level=0.0)),
        ("noise_level", lambda: stationary_limit("rd", ar1(0.9)).at(noise_level=[])),
        ("noise_level", lambda: stationary_limit("rd", ar1(0.9)).at(noise_level="1")),
        ("water_level", lambda: stationary_limit("rd", ar1(0.9)).at(water_level=20.0)),
        ("water_level", lambda: stationary_limit("diffc-a", ar1(0.9)).at(water_level=1.0)),
        ("bits_per_dim", lambda: stationary_limit("rd", ar1(0.9)).at(bits_per_dim=-1.0)),
        ("bits_per_dim", lambda: stationary_limit("rd", ar1(0.9)).at(bits_per_dim=np.nan)),
        ("bits_per_dim", lambda: stationary_limit("rd", ar1(0.9)).at(bits_per_dim=1e4)),
        ("rho", lambda: isotropic_ar1(1.0, 1.0, 1.0)),
        ("innovation_variance", lambda: isotropic_ar1(0.5, 0.0, 1.0)),
        ("noise_level", lambda: isotropic_ar1(0.5, 1.0, [1.0, 0.0])),
        ("innovation_variance", lambda: ar1(0.5, -1.0)),
        ("innovation_variance", lambda: ar1(0.5, np.nan)),
    ],
)
def test_bad_input_is_refused(name, call):
    with pytest.raises(InputError, match=f"^{name}:"):
        call()
