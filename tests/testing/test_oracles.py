"""The oracles against the check values of the theory page and against other definitions.

The cross-checks share no formula with the oracles: mutual information from determinants of joint
covariance matrices, distortions from products of full (rotated) matrices, the flow from matrix
square roots, optimality from numerical derivatives.

Tolerances. A check value printed with k decimals is within half a unit of the last one. The
oracles promise 60 digits (`DIGITS`); where they are compared with each other or with matrix
algebra at 80 digits on well-conditioned matrices, 1e-50 leaves 10 digits for condition numbers.
"""

import math

import pytest
from mpmath import mp, mpf

from rdtheory.testing.oracles import (
    DIGITS,
    SCHEMES,
    Oracle,
    Spectrum,
    at_distortion,
    at_noise_level,
    at_rate,
    at_snr,
    evaluate,
)

FOUR = Spectrum.of([5.0, 2.0, 0.7, 0.1])  # the spectrum of most check values
REALISTIC = tuple(s for s in SCHEMES if s != "rd")  # the reconstruction has the law of X
STARS = ("rd", "rd-half", "diffc-a-star")
ISOTROPIC = ("diffc-a", "diffc-f")
PINK = ("diffc-a-pink", "diffc-f-pink")
BITS = math.log(2.0)
CLOSE = mpf(10) ** -50  # see the module docstring


@pytest.fixture(autouse=True)
def _eighty_digits():
    """The tests compute with 80 digits; the oracles must not depend on the caller's precision."""
    with mp.workdps(80):
        yield


def close(a: mpf, b: mpf, tolerance: mpf = CLOSE) -> bool:
    """Equal relative to the larger."""
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def same_point(a: Oracle, b: Oracle, tolerance: mpf = CLOSE) -> bool:
    """All returned quantities equal, each relative to itself."""
    totals = ("level", "rate_nats", "distortion", "snr_db", "noise_level")
    components = ("component_rates_nats", "component_distortions", "component_snr_db")
    return all(close(getattr(a, n), getattr(b, n), tolerance) for n in totals) and all(
        close(x, y, tolerance)
        for n in components
        for x, y in zip(getattr(a, n), getattr(b, n), strict=True)
    )


def printed(value: mpf, text: str) -> bool:
    """Whether `value` is within half a unit of the last decimal of the printed check value."""
    return abs(value - mpf(text)) <= mpf(10) ** -len(text.partition(".")[2]) / 2


# --------------------------------------------------------------------------------- check values


def test_t1_5_scalar():
    ancestral = evaluate("diffc-a", Spectrum.of([2.0]), 0.5)
    flow = evaluate("diffc-f", Spectrum.of([2.0]), 0.5)
    assert printed(ancestral.rate_nats, "0.804718956")
    assert printed(ancestral.rate_nats / mp.ln(2), "1.160964047")
    assert close(ancestral.distortion, mpf(4) / 5)
    assert printed(flow.distortion, "0.422291236")
    assert flow.rate_nats == ancestral.rate_nats


def test_t5_5_scalar_ends_of_the_sampler_family():
    scalar = Spectrum.of([2.3])
    assert printed(evaluate("diffc-f", scalar, 1.9).distortion, "1.195940798")
    assert printed(evaluate("diffc-a", scalar, 1.9).distortion, "2.080952381")


def test_t1_3b_rate_at_snr_20():
    point = evaluate("diffc-a", Spectrum.of([4.0, 1.0, 0.2]), 0.05)
    assert printed(point.rate_nats, "4.524204752")


def test_t1_6_isotropic():
    ancestral, flow = evaluate("diffc-a", FOUR, 0.5), evaluate("diffc-f", FOUR, 0.5)
    # Printed by programs in float64, of inputs 0.7 and 0.1 that are not exact there: 2 units of
    # the last of 16 digits (2^-52 relative to the value, twice).
    for value, text in (
        (ancestral.rate_nats, "2.532561739690163"),
        (ancestral.distortion, "2.459090909090909"),
        (flow.distortion, "1.336748023295278"),
    ):
        assert close(value, mpf(text), mpf(2) ** -51)
    assert flow.rate_nats == ancestral.rate_nats


def test_t1_7_pink():
    gamma2 = mpf(1) / 3  # tau = 1/2
    ancestral, flow = evaluate("diffc-a-pink", FOUR, 0.5), evaluate("diffc-f-pink", FOUR, 0.5)
    trace = mp.fsum(mpf(v) for v in FOUR.values)
    assert close(ancestral.rate_nats, 2 * mp.ln(3))
    assert close(flow.rate_nats, 2 * mp.ln(3))
    assert close(ancestral.distortion, 2 * gamma2 * trace)
    assert close(flow.distortion, 2 * (1 - mp.sqrt(mpf(2) / 3)) * trace)
    assert close(flow.noise_level, mpf(5) / 2)


def test_t1_8_a_star():
    point = evaluate("diffc-a-star", FOUR, 0.5)
    # Float64 output of a program, as in test_t1_6_isotropic.
    assert close(point.rate_nats, mpf("2.0126758453675744"), mpf(2) ** -51)
    assert close(point.distortion, mpf("3.2"), mpf(2) ** -51)
    assert point.component_rates_nats[3] == 0
    assert point.component_snr_db[3] == 0
    assert close(point.noise_level, mpf(5) / 9)


def test_t1_9_f_star():
    # More digits than a float64 holds: 0.7, 0.1 and 0.8 are meant as decimal fractions.
    spectrum = Spectrum((mpf(5), mpf(2), mpf("0.7"), mpf("0.1")), (1, 1, 1, 1))
    point = evaluate("diffc-f-star", spectrum, mpf("0.8"))
    assert printed(point.rate_nats, "1.72669403239423141958")
    assert printed(point.distortion, "2.25176275115496810510")
    rhos = ("0.9231949", "0.8198039", "0.58032254", "0.12310563")
    for lam, d, text in zip(spectrum.values, point.component_distortions, rhos, strict=True):
        assert printed(1 - d / (2 * lam), text)


def test_t1_10_limits_of_the_snr():
    scalar = Spectrum.of([1.0])
    gap = evaluate("diffc-f", scalar, 1e-6).snr_db - evaluate("diffc-a", scalar, 1e-6).snr_db
    assert printed(gap, "3.01030")
    for scheme in REALISTIC:
        # At 1e-9 nats, 1 - D/(2 tr) is of the order of rho <= sqrt(2e-9) < 1e-4: below 1e-3 dB.
        assert 0 < at_rate(scheme, FOUR, 1e-9).snr_db < 1e-3


def test_t1_16_order_and_values_at_two_nats():
    five = Spectrum.of([5.0, 2.0, 0.7, 0.1, 0.01])
    values = {
        "diffc-f-star": "1.882",
        "diffc-f": "1.925",
        "diffc-a-star": "3.245",
        "diffc-a": "3.458",
        "diffc-f-pink": "4.029",
        "diffc-a-pink": "7.019",
    }
    for scheme, text in values.items():
        assert printed(at_rate(scheme, five, 2.0).distortion, text), scheme


def test_t1_16c_counterexample_with_multiplicities():
    spectrum = Spectrum((1.0, 0.002), (1, 30000))
    found = {s: at_rate(s, spectrum, 0.3).distortion for s in SCHEMES}
    assert printed(found["diffc-f"], "121.270")
    assert printed(found["diffc-a-star"], "121.098")
    assert printed(found["diffc-f-star"], "120.525")


# ------------------------------------------------------ other definitions: full joint covariances


def rotated(values: tuple[float, ...]) -> tuple[mp.matrix, mp.matrix]:
    """A full covariance with these eigenvalues and the orthogonal matrix that it came from."""
    n = len(values)
    q, _ = mp.qr(mp.matrix([[mp.sin(3 * i + j * j + 1) for j in range(n)] for i in range(n)]))
    return q * mp.diag([mpf(v) for v in values]) * q.T, q


def trace(a: mp.matrix) -> mpf:
    return mp.fsum(a[i, i] for i in range(a.rows))


def mutual_information(sx: mp.matrix, cross: mp.matrix, sz: mp.matrix) -> mpf:
    """½ ln(det Cov X · det Cov Z / det Cov(X, Z)) for jointly Gaussian X and Z."""
    n = sx.rows
    joint = mp.matrix(2 * n)
    for i in range(n):
        for j in range(n):
            joint[i, j], joint[n + i, n + j] = sx[i, j], sz[i, j]
            joint[i, n + j], joint[n + j, i] = cross[i, j], cross[i, j]
    return mp.ln(mp.det(sx) * mp.det(sz) / mp.det(joint)) / 2


def posterior_covariance(sx: mp.matrix, cross: mp.matrix, sz: mp.matrix) -> mp.matrix:
    return sx - cross * mp.inverse(sz) * cross.T


def flow_map(sx: mp.matrix, noise: mp.matrix) -> mp.matrix:
    """[T1.6d] T with X̂ = T Y: Σ^{1/2} (Σ + N)^{-1/2}, for N that commutes with Σ."""
    return mp.sqrtm(sx) * mp.inverse(mp.sqrtm(sx + noise))


def mean_square_error(sx: mp.matrix, gain: mp.matrix, noise: mp.matrix) -> mpf:
    """E|X - T(X + N)|² = tr((I - T) Σ (I - T)' + T N T')."""
    rest = mp.eye(sx.rows) - gain
    return trace(rest * sx * rest.T + gain * noise * gain.T)


def noise_covariance(scheme: str, sx: mp.matrix, level: mpf) -> mp.matrix:
    """Of the VE channel, as a function of the full matrix Σ (A* with θ below all eigenvalues)."""
    identity = mp.eye(sx.rows)
    if scheme in PINK:
        return level * sx
    if scheme in STARS:
        # Posterior covariance θ I: Σ^-1 + N^-1 = I/θ.
        return mp.inverse(identity / level - mp.inverse(sx))
    if scheme == "diffc-f-star":
        # The flow returns Z ~ X with Cov(X, Z) = C [T1.9e]; Z = C Σ^-1 (X + N), covariance Σ.
        cross = self_coupling(sx, level)
        gain = cross * mp.inverse(sx)
        return mp.inverse(gain) * sx * mp.inverse(gain).T - sx
    return level * identity


def self_coupling(sx: mp.matrix, theta: mpf) -> mp.matrix:
    """[T1.9e] (Σ² + θ²/4 I)^{1/2} - θ/2 I, the entropic self-coupling with ε = 2 θ."""
    identity = mp.eye(sx.rows)
    return mp.sqrtm(sx * sx + theta**2 / 4 * identity) - theta / 2 * identity


@pytest.mark.parametrize("level", [0.0625, 0.09375])  # below the least eigenvalue, for A*
@pytest.mark.parametrize("scheme", SCHEMES)
def test_against_full_covariance_matrices(scheme: str, level: float):
    values = (3.0, 0.75, 0.125)
    sx, _ = rotated(values)
    noise = noise_covariance(scheme, sx, mpf(level))
    point = evaluate(scheme, Spectrum.of(values), level)
    assert close(point.rate_nats, mutual_information(sx, sx, sx + noise))
    posterior = posterior_covariance(sx, sx, sx + noise)
    if scheme.startswith("diffc-f"):
        expected = mean_square_error(sx, flow_map(sx, noise), noise)
    else:
        # The posterior mean, or a sample of the posterior: an independent copy of X given Y.
        expected = trace(posterior) if scheme == "rd" else 2 * trace(posterior)
    assert close(point.distortion, expected)
    assert close(point.snr_db, 10 * mp.log10(2 * trace(sx)) - 10 * mp.log10(expected))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_noise_level_is_that_of_the_full_channel(scheme: str):
    values = (3.0, 0.75, 0.125)
    sx, q = rotated(values)
    noise = q.T * noise_covariance(scheme, sx, mpf(0.0625)) * q
    assert close(evaluate(scheme, Spectrum.of(values), 0.0625).noise_level, noise[0, 0])


@pytest.mark.parametrize("theta", [0.5, 8.0])
def test_f_star_is_the_entropic_self_coupling(theta: float):
    values = (3.0, 0.75, 0.125)
    sx, _ = rotated(values)
    cross = self_coupling(sx, mpf(theta))
    point = evaluate("diffc-f-star", Spectrum.of(values), theta)
    assert close(point.rate_nats, mutual_information(sx, cross, sx))
    assert close(point.distortion, 2 * trace(sx) - 2 * trace(cross))


def test_flow_by_integrating_the_probability_flow():
    """[T1.1d] dy/dt = -½ ∇ ln p_t(y), Runge-Kutta, backwards from t to 0."""
    lam, t, steps = mpf("0.75"), mpf("1.5"), 200

    def slope(gain: mpf, time: mpf) -> mpf:
        return gain / (lam + time) / 2

    gain, h = mpf(1), -t / steps
    for k in range(steps):
        s = t + k * h
        k1 = slope(gain, s)
        k2 = slope(gain + h / 2 * k1, s + h / 2)
        k3 = slope(gain + h / 2 * k2, s + h / 2)
        k4 = slope(gain + h * k3, s + h)
        gain += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    expected = (1 - gain) ** 2 * lam + gain**2 * t
    # Order 4: error of a step at most (h/λ)^5/120 relative, so (0.01)^4/120 times the length 2 λ
    # of the path in units of λ in all, 1.7e-10.
    point = evaluate("diffc-f", Spectrum((lam,), (1,)), t)
    assert close(point.distortion, expected, mpf("2e-10"))


# ------------------------------------------------------------- optimality, by numerical derivatives


def derivative(f, x: mpf) -> mpf:
    """Central difference with step h = 1e-20 x: error h² times third derivatives, about 1e-40."""
    h = x * mpf(10) ** -20
    return (f(x + h) - f(x - h)) / (2 * h)


DERIVATIVE = (
    mpf(10) ** -35
)  # 1e-40 of `derivative` (and 1e-60/1e-20 of rounding), five digits spare


@pytest.mark.parametrize("theta", [0.03, 0.8, 20.0])
def test_f_star_stationarity(theta: float):
    """Each ρ_i minimises -½ ln(1 - ρ²) + 2 λ (1 - ρ)/(2 θ) [T1.9]; the sign of θ is not free."""
    point = evaluate("diffc-f-star", FOUR, theta)
    for lam, distortion in zip(FOUR.values, point.component_distortions, strict=True):
        rho = 1 - distortion / (2 * mpf(lam))

        def lagrangian(r: mpf, lam: float = lam) -> mpf:
            return -mp.log(1 - r**2) / 2 + 2 * mpf(lam) * (1 - r) / (2 * mpf(theta))

        # The two terms of the derivative cancel: compare with the size of one of them.
        assert abs(derivative(lagrangian, rho)) <= DERIVATIVE * mpf(lam) / mpf(theta)
        assert lagrangian(rho) < min(lagrangian(rho * mpf("0.99")), lagrangian(rho * mpf("1.001")))


@pytest.mark.parametrize("theta", [0.03, 0.5, 3.0])
@pytest.mark.parametrize(
    ("scheme", "slope"), [("rd", 2), ("rd-half", 4), ("diffc-a-star", 4), ("diffc-f-star", 2)]
)
def test_slope_is_minus_one_over_a_multiple_of_the_level(scheme: str, slope: int, theta: float):
    """P20: dR/dD = -1/(2θ) for R* and F*, -1/(4θ) for A*."""
    theta = mpf(theta)
    rate = derivative(lambda x: evaluate(scheme, FOUR, x).rate_nats, theta)
    distortion = derivative(lambda x: evaluate(scheme, FOUR, x).distortion, theta)
    assert close(rate / distortion, -1 / (slope * theta), DERIVATIVE)


@pytest.mark.parametrize("t", [0.01, 1.0, 100.0])
def test_i_mmse(t: float):
    """P6: dI/dSNR = mmse/2 with SNR = 1/t, and D_A = 2 mmse."""
    snr = 1 / mpf(t)
    slope = derivative(lambda s: evaluate("diffc-a", FOUR, 1 / s).rate_nats, snr)
    assert close(slope, evaluate("diffc-a", FOUR, t).distortion / 4, DERIVATIVE)


# ------------------------------------------------------------------------ relations and limits


@pytest.mark.parametrize("rate", [1e-6, 0.3, 2.0, 40.0])
def test_order_of_the_curves(rate: float):
    """[T1.16a], and P1: D_A*(R) = 2 D*(R), the same as R*(D/2)."""
    d = {s: at_rate(s, FOUR, rate).distortion for s in SCHEMES}
    assert close(d["diffc-a-star"], 2 * d["rd"])
    assert close(d["diffc-a-star"], d["rd-half"])
    assert d["rd"] < d["diffc-f-star"]
    assert d["diffc-f-star"] < min(d["diffc-f"], d["diffc-f-pink"], d["diffc-a-star"])
    assert d["diffc-a-star"] < min(d["diffc-a"], d["diffc-a-pink"])
    assert d["diffc-f"] < d["diffc-a"]


@pytest.mark.parametrize("rate", [1e-9, 2.0, 100.0])
def test_equal_eigenvalues_and_dimension_one(rate: float):
    """[T1.18] F* = F = P-F and A* = A = P-A."""
    for spectrum in (Spectrum((0.3,), (7,)), Spectrum((0.3,), (1,))):
        d = {s: at_rate(s, spectrum, rate).distortion for s in SCHEMES}
        assert close(d["diffc-f-star"], d["diffc-f"])
        assert close(d["diffc-f-pink"], d["diffc-f"])
        assert close(d["diffc-a-star"], d["diffc-a"])
        assert close(d["diffc-a-pink"], d["diffc-a"])
        # [T1.5f] with e^-R = sin φ for each of the M dimensions.
        phi = mp.asin(mp.exp(-mpf(rate) / spectrum.dim))
        scale = spectrum.dim * mpf(0.3)
        assert close(d["diffc-a"], 2 * scale * mp.sin(phi) ** 2)
        assert close(d["diffc-f"], 4 * scale * mp.sin(phi / 2) ** 2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_low_and_high_levels(scheme: str):
    """[T1.18] D/(t M) tends to 1 (2 for A); R to 0 and D to 2 tr Σ (tr Σ for R*)."""
    trace_ = mp.fsum(mpf(v) for v in FOUR.values)
    scale = trace_ if scheme in PINK else mpf(FOUR.dim)
    low = evaluate(scheme, FOUR, mpf(10) ** -30)
    factor = 1 if scheme == "rd" or scheme.startswith("diffc-f") else 2
    # First corrections are of the order of t/λ <= 1e-29.
    assert close(low.distortion / (scale * mpf(10) ** -30), mpf(factor), mpf(10) ** -28)
    high = evaluate(scheme, FOUR, mpf(10) ** 60)
    zero = evaluate(scheme, FOUR, mp.inf)
    # At high level ρ <= sqrt(λ/t) ~ 1e-29.6 and 1 - D/D(inf) is at most of that order.
    assert close(high.distortion, zero.distortion, mpf(10) ** -29)
    # R is of the order of Σ ρ²/2 <= 1e-59 tr Σ.
    assert 0 <= high.rate_nats < mpf(10) ** -58
    assert zero.rate_nats == 0
    assert zero.noise_level == mp.inf
    assert close(zero.distortion, (1 if scheme == "rd" else 2) * trace_)
    assert close(zero.snr_db, 10 * mp.log10(2) if scheme == "rd" else mpf(0))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_zero_eigenvalues_carry_nothing(scheme: str):
    with_zeros = evaluate(scheme, Spectrum.of([5.0, 0.0, 2.0, 0.0, 0.7, 0.1]), 0.5)
    without = evaluate(scheme, FOUR, 0.5)
    assert with_zeros.rate_nats == without.rate_nats
    assert with_zeros.distortion == without.distortion
    assert with_zeros.snr_db == without.snr_db
    assert with_zeros.component_rates_nats[-1] == 0
    assert with_zeros.component_distortions[-1] == 0
    limit = 10 * mp.log10(2) if scheme == "rd" else mpf(0)
    assert close(with_zeros.component_snr_db[-1], limit)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scaling(scheme: str):
    """P16: λ -> c² λ leaves R, multiplies D by c² (c² a power of two, so that it is exact)."""
    scaled = Spectrum.of([v * 1024.0 for v in FOUR.values])
    factor = 1 if scheme in PINK else 1024
    a, b = evaluate(scheme, FOUR, 0.5), evaluate(scheme, scaled, 0.5 * factor)
    assert close(a.rate_nats, b.rate_nats)
    assert close(1024 * a.distortion, b.distortion)
    assert close(a.snr_db, b.snr_db)
    assert close(1024 * a.noise_level, b.noise_level)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_multiplicities_are_repetitions(scheme: str):
    """P18, and counts cost nothing: a million copies."""
    once = evaluate(scheme, FOUR, 0.5)
    many = evaluate(scheme, Spectrum(FOUR.values, (250_000,) * 4), 0.5)
    assert close(many.rate_nats, 250_000 * once.rate_nats)
    assert close(many.distortion, 250_000 * once.distortion)
    assert many.component_snr_db == once.component_snr_db
    assert close(many.snr_db, once.snr_db)


# ------------------------------------------------------------------------------ inverses


WIDE = Spectrum(
    (*(10.0 ** (6 - 24 * k / 7) for k in range(8)), 0.0), (1, 2, 3, 1, 5, 1, 1, 10, 2)
)  # 24 orders of magnitude, 26 dimensions, two of them without variance


@pytest.mark.parametrize("bits_per_dim", [1e-9, 0.391, 60.0])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_inverses_agree(scheme: str, bits_per_dim: float):
    rate = bits_per_dim * BITS * WIDE.dim
    point = at_rate(scheme, WIDE, rate)
    # 1e-45: of the 65 digits that D is passed on with, at most 2 * 9 are lost at 1e-9 bits per
    # dimension: 9 where D is flat (1 - D/D(inf) >= 1e-9), 9 where R ~ ln(λ_1/θ)/2 is small.
    tolerance = mpf(10) ** -45
    assert close(point.rate_nats, mpf(rate), mpf(10) ** -DIGITS)
    for inverse, name in (
        (at_distortion, "distortion"),
        (at_snr, "snr_db"),
        (at_noise_level, "noise_level"),
        (at_rate, "rate_nats"),
    ):
        found = inverse(scheme, WIDE, getattr(point, name))
        assert close(getattr(found, name), getattr(point, name), mpf(10) ** -DIGITS), name
        assert same_point(found, point, tolerance), name


@pytest.mark.parametrize("level", [1e-9, 0.3, 4.9])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_inverses_recover_the_level(scheme: str, level: float):
    point = evaluate(scheme, FOUR, level)
    tolerance = mpf(10) ** -45
    for found in (
        at_rate(scheme, FOUR, point.rate_nats),
        at_distortion(scheme, FOUR, point.distortion),
        at_snr(scheme, FOUR, point.snr_db),
        at_noise_level(scheme, FOUR, point.noise_level),
    ):
        assert same_point(found, point, tolerance)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_inverses_at_zero_rate(scheme: str):
    zero = evaluate(scheme, FOUR, mp.inf)
    assert at_rate(scheme, FOUR, 0.0) == zero
    assert at_distortion(scheme, FOUR, zero.distortion) == zero
    assert at_snr(scheme, FOUR, zero.snr_db) == zero
    assert at_noise_level(scheme, FOUR, mp.inf) == zero


@pytest.mark.parametrize("scheme", STARS)
def test_water_level_that_reaches_a_component(scheme: str):
    """The kink of the curve: θ equal to the second eigenvalue."""
    point = evaluate(scheme, FOUR, 2.0)
    found = at_rate(scheme, FOUR, point.rate_nats)
    assert close(found.level, mpf(2))
    # That component has just reached the water level: its rate is right in absolute terms.
    assert abs(found.component_rates_nats[1]) < CLOSE


# --------------------------------------------------------------------------------- extremes


@pytest.mark.parametrize("bits_per_dim", [1e-9, 60.0])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_extremes_are_the_same_at_twice_the_precision(scheme: str, bits_per_dim: float):
    point = at_rate(scheme, WIDE, bits_per_dim * BITS * WIDE.dim)
    # The working precision follows the digits asked for: 200 more here.
    again = evaluate(scheme, WIDE, point.level, digits=260)
    assert same_point(point, again, mpf(10) ** -DIGITS)
    for value in (point.level, point.rate_nats, point.distortion, point.snr_db, point.noise_level):
        assert mp.isfinite(value)
        assert value > 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_components_sum_to_the_totals(scheme: str):
    point = at_rate(scheme, WIDE, 3.0)
    assert close(mp.fdot(WIDE.counts, point.component_rates_nats), point.rate_nats)
    assert close(mp.fdot(WIDE.counts, point.component_distortions), point.distortion)


@pytest.mark.parametrize("dps", [5, 15, 300])
def test_the_callers_precision_does_not_matter(dps: int):
    expected = at_rate("diffc-f-star", WIDE, 3.0)
    with mp.workdps(dps):
        point = at_rate("diffc-f-star", WIDE, 3.0)
        by_distortion = at_distortion("diffc-f-star", WIDE, expected.distortion)
        assert mp.dps == dps
    assert point == expected
    assert same_point(by_distortion, expected)


# ------------------------------------------------------------------------------- bad input


def test_spectrum_groups_exactly_equal_values():
    spectrum = Spectrum.of([0.1, 0.30000000000000004, 0.1, 0.3, 0.0, -0.0])
    assert spectrum == Spectrum((0.30000000000000004, 0.3, 0.1, 0.0), (1, 1, 2, 2))
    assert spectrum.dim == 6


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ((1.0, 2.0), (1,)),
        ((1.0,), (0,)),
        ((-1.0,), (1,)),
        ((math.nan,), (1,)),
        ((math.inf,), (1,)),
        ((0.0,), (3,)),
        ((), ()),
    ],
)
def test_bad_spectrum(values: tuple[float, ...], counts: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"^(values|counts): got"):
        Spectrum(values, counts)


@pytest.mark.parametrize(
    ("function", "argument", "bad"),
    [
        (evaluate, "level", (0.0, -1.0, math.nan)),
        (at_rate, "rate_nats", (-1.0, math.inf, math.nan)),
        (at_distortion, "distortion", (0.0, -1.0, 15.7, math.inf, math.nan)),
        (at_snr, "snr_db", (-1.0, math.inf, math.nan)),
        (at_noise_level, "noise_level", (0.0, -1.0, math.nan)),
    ],
)
def test_bad_argument(function, argument: str, bad: tuple[float, ...]):
    for value in bad:
        with pytest.raises(ValueError, match=f"^{argument}: got"):
            function("diffc-f-star", FOUR, value)
    with pytest.raises(ValueError, match=r"^scheme: got"):
        function("diffc-g", FOUR, 1.0)
