"""Power-law spectra at high rate: the constants against sums over all k."""

import json

import numpy as np
import pytest
from mpmath import mp
from scipy.special import zeta

from rdtheory import scheme, sources
from rdtheory.diffusion.power_law_limit import power_law_limit, power_law_star_ratio
from rdtheory.errors import InputError


@pytest.mark.parametrize(
    ("exponent", "ratio"), [(1.5, 0.8008300), (2.0, 0.7177700), (3.0, 0.6413287)]
)
def test_check_values_of_the_ratio(exponent, ratio):
    """[T6.2]: D_F*/D_A* at equal high rate."""
    assert power_law_star_ratio(exponent) == pytest.approx(ratio, abs=5e-8)
    flow, ancestral = (power_law_limit(f"diffc-{name}-star", exponent) for name in "fa")
    expected = flow.constant / ancestral.constant
    assert power_law_star_ratio(exponent) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "constant"),
    [
        ("diffc-a-star", 4.0),
        ("rd-half", 4.0),
        ("rd", 2.0),
        ("diffc-f-star", 2.8710800),
        ("diffc-a", np.pi**2 / 2),
        ("diffc-f", np.pi),
    ],
)
def test_check_values_of_the_constants(name, constant):
    """[T6.2]: α = 2."""
    assert power_law_limit(name, 2.0).constant == pytest.approx(constant, rel=2e-8)


def integrals(name):
    """Rate and distortion of a component with λ = u^-α where the level is 1 [T1.6, T1.8, T1.9]."""

    def terms(variance):
        if name == "diffc-f-star":
            rho = 2 * variance / (1 + mp.sqrt(1 + 4 * variance**2))
            # 1 - ρ from ρ/λ = 1 - ρ², without the difference
            return -mp.log(rho / variance) / 2, 2 * rho / (1 + rho)
        if name in ("rd", "diffc-a-star"):
            factor = 1 if name == "rd" else 2
            return mp.log(max(variance, 1)) / 2, factor * min(variance, 1)
        share = variance / (1 + variance)
        if name == "diffc-a":
            return mp.log1p(variance) / 2, 2 * share
        return mp.log1p(variance) / 2, 2 * share / (1 + mp.sqrt(share))

    return terms


@pytest.mark.parametrize("name", ["rd", "diffc-a-star", "diffc-f-star", "diffc-a", "diffc-f"])
@pytest.mark.parametrize("exponent", [1.25, 2.0, 7.0])
def test_constants_by_quadrature(name, exponent):
    """r = ∫ R(u^-α) du and d = ∫ D(u^-α) du over u > 0, with 30 digits."""
    terms = integrals(name)
    with mp.workdps(30):
        alpha = mp.mpf(exponent)

        def integral(which):
            # u = e^x: both tails fall exponentially in x.
            points = [-80, -20, -5, 0, 5, 20, 80 / (alpha - 1)]
            return mp.quad(lambda x: terms(mp.exp(-alpha * x))[which] * mp.exp(x), points)

        rate, distortion = float(integral(0)), float(integral(1))
    limit = power_law_limit(name, exponent)
    assert limit.rate == pytest.approx(rate, rel=1e-10)
    assert limit.distortion == pytest.approx(distortion, rel=1e-10)
    assert limit.constant == pytest.approx(distortion * rate ** (exponent - 1), rel=1e-9)


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0])
@pytest.mark.parametrize("name", ["diffc-a", "diffc-f", "diffc-f-star"])
def test_sums_over_all_components(name, exponent):
    """Σ over k <= 10^6 by the scheme itself, the rest by Hurwitz's zeta function.

    By Euler-Maclaurin and Stirling, with θ = t for isotropic noise,
    R = r θ^(-1/α) - ¼ ln(1/θ) - (α/4) ln 2π + O(θ) and D = d θ^(1 - 1/α) - ½ D(0) + O(θ²), where
    D(0) = 2θ for A and θ for the flow: what a component contributes at high rate. The O terms carry
    a factor ζ(-α) < 0.03.
    """
    count, level = 10**6, 1e-4
    source = sources.power_law(exponent, count)
    at = {"water_level": level} if name == "diffc-f-star" else {"noise_level": level}
    point = scheme(name, source).at(**at)
    rate, distortion = point.bits_per_dim * count * np.log(2), point.distortion_per_dim * count

    def tail(power, order):
        """Σ λ^order/θ^power over k > 10^6."""
        return zeta(order * exponent, count + 1) / level**power

    # ln(1 + λ/t) and 1 - ρ to second order in λ/θ <= 1e-5.
    distortion += 2 * tail(0, 1)
    if name == "diffc-a":
        rate += tail(1, 1) / 2 - tail(2, 2) / 4
        distortion -= 2 * (tail(1, 2) - tail(2, 3))
    elif name == "diffc-f":
        rate += tail(1, 1) / 2 - tail(2, 2) / 4
        distortion -= 2 * (tail(0.5, 1.5) - tail(1.5, 2.5) / 2)
    else:
        rate += tail(2, 2) / 2
        distortion -= 2 * tail(1, 2)
    rate += np.log(1 / level) / 4 + exponent / 4 * np.log(2 * np.pi)
    distortion += level * (1.0 if name == "diffc-a" else 0.5)
    limit = power_law_limit(name, exponent)
    assert rate * level ** (1 / exponent) == pytest.approx(limit.rate, rel=5e-8)
    expected = limit.distortion * level ** (1 - 1 / exponent)
    assert distortion == pytest.approx(expected, rel=5e-8)


def test_the_law_at_high_rate():
    """D R^(α - 1) of a long spectrum: (1 + O(ln R/R)) c."""
    source = sources.power_law(2.0, 10**5)
    for name in ("rd", "diffc-a-star", "diffc-f-star", "diffc-a", "diffc-f"):
        rate_nats = 1000.0
        point = scheme(name, source).at(bits_per_dim=rate_nats / np.log(2) / 10**5)
        limit = power_law_limit(name, 2.0)
        expected = limit.distortion_at(rate_nats)
        assert point.distortion_per_dim * 10**5 == pytest.approx(expected, rel=2e-2)


def test_order_of_the_schemes_and_ends_of_the_ratio():
    """rd < F* < F, F* < A* < A [T1.16a]; the ratio falls from 1 to ½ with α."""
    for exponent in (1.01, 1.3, 2.0, 5.0, 30.0):
        rd, f_star, a_star, flow, ancestral = (
            power_law_limit(name, exponent).constant
            for name in ("rd", "diffc-f-star", "diffc-a-star", "diffc-f", "diffc-a")
        )
        assert rd < f_star < min(flow, a_star)
        assert max(flow, a_star) < ancestral
    ratios = [power_law_star_ratio(exponent) for exponent in (1 + 1e-9, 1.1, 2, 10, 100)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] == pytest.approx(1, abs=1e-8)
    assert 0.5 < ratios[-1] < 0.52


def test_exponents_near_one():
    """sin(π/α) by its supplement: r (α - 1) -> ½ for isotropic noise."""
    limit = power_law_limit("diffc-a", 1 + 2.0**-40)
    assert limit.rate * 2.0**-40 == pytest.approx(0.5, rel=1e-11)


def test_constants_are_ready_for_json():
    table = json.loads(json.dumps(power_law_limit("diffc-f", 2.0).to_dict()))
    assert table["scheme"] == "diffc-f"
    assert table["constant"] == pytest.approx(np.pi)


@pytest.mark.parametrize("exponent", [1.0, 0.5, np.nan, np.inf, 101.0, "2", [2.0], None])
def test_wrong_exponents_are_refused(exponent):
    for call in (lambda: power_law_limit("rd", exponent), lambda: power_law_star_ratio(exponent)):
        with pytest.raises(InputError, match=r"^exponent:"):
            call()


@pytest.mark.parametrize("name", ["diffc-a-pink", "diffc-f-pink", "jpeg", None, 3])
def test_schemes_without_a_limit_are_refused(name):
    with pytest.raises(InputError, match=r"^scheme:"):
        power_law_limit(name, 2.0)


def test_wrong_rates_are_refused():
    for rate in (0.0, -1.0, np.nan, "a"):
        with pytest.raises(InputError, match=r"^rate_nats:"):
            power_law_limit("rd", 2.0).distortion_at(rate)
