"""T-step samplers: explicit matrices, limits of many steps, the best schedule, simulation."""

import json
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from scipy.linalg import sqrtm
from scipy.optimize import minimize

from rdtheory import GaussianVector, scheme
from rdtheory.diffusion import Progression
from rdtheory.diffusion.samplers import AncestralSampler, Ddim, equal_angle_noise_variances
from rdtheory.errors import InputError
from rdtheory.testing.strategies import spectra

CHAIN = np.array([5.0, 3.0, 1.4, 0.6, 0.2]) ** 2


def levels(longest=6):
    """Noise variances from noisy to clean, within six decades around 1."""
    each = st.floats(-3, 3, width=32)
    logarithms = st.lists(each, min_size=1, max_size=longest, unique=True)
    return logarithms.map(lambda values: 10.0 ** np.sort(values)[::-1])


# Explicit matrices: no angle, no eigenvalue, no variance-matched scale.


def ddim_ve(covariance, noisy, clean):
    eye = np.eye(len(covariance))
    mean = covariance @ np.linalg.inv(covariance + noisy * eye)
    return mean + np.sqrt(clean / noisy) * (eye - mean), 0 * eye


def ddpm_ve(covariance, noisy, clean, share=0.0):
    """Mean of Y_s given Y_t and X = E[X | Y_t]; share 0: variance of Y_s given Y_t and X."""
    eye = np.eye(len(covariance))
    mean = covariance @ np.linalg.inv(covariance + noisy * eye)
    step = noisy - clean
    return mean * (step / noisy) + eye * (clean / noisy), eye * clean * step / noisy


def exact_ve(covariance, noisy, clean):
    """The law of Y_s given Y_t, by the conditional of a joint Gaussian."""
    eye = np.eye(len(covariance))
    before = covariance + clean * eye
    gain = before @ np.linalg.inv(covariance + noisy * eye)
    return gain, before - gain @ before


def to_vp(noise_variance):
    """sqrt(1 - σ²) and σ of the variance-preserving channel, t = σ²/(1 - σ²) [T0.1]."""
    return 1 / np.sqrt(1 + noise_variance), np.sqrt(noise_variance / (1 + noise_variance))


def vp_mean(covariance, noisy):
    """E[X | Z] as a matrix, Z = α X + σ U."""
    alpha, sigma = to_vp(noisy)
    eye = np.eye(len(covariance))
    return alpha * covariance @ np.linalg.inv(alpha**2 * covariance + sigma**2 * eye)


def ddim_vp(covariance, noisy, clean):
    """Song, Meng and Ermon 2021, Eq. 12: z_s = α_s x + σ_s (z_t - α_t x)/σ_t."""
    (alpha, sigma), (alpha_s, sigma_s) = to_vp(noisy), to_vp(clean)
    mean, eye = vp_mean(covariance, noisy), np.eye(len(covariance))
    return alpha_s * mean + sigma_s / sigma * (eye - alpha * mean), 0 * eye


def ddpm_vp(covariance, noisy, clean, large):
    """Ho, Jain and Abbeel 2020, Eq. 6, 7, with the variance β̃ or β."""
    (alpha, sigma), (alpha_s, sigma_s) = to_vp(noisy), to_vp(clean)
    kept = (alpha / alpha_s) ** 2  # their α_t, and β_t = 1 - α_t
    beta, eye = 1 - kept, np.eye(len(covariance))
    gain = alpha_s * beta / sigma**2 * vp_mean(covariance, noisy)
    gain = gain + np.sqrt(kept) * sigma_s**2 / sigma**2 * eye
    return gain, eye * (beta if large else beta * sigma_s**2 / sigma**2)


def propagate(covariance, noise_variances, step, first_scale=1.0):
    """Cov(X, X̂) and Cov(X̂), by propagating the joint covariance of (X, Z)."""
    cross = covariance * first_scale
    own = (covariance + noise_variances[0] * np.eye(len(covariance))) * first_scale**2
    for noisy, clean in zip(noise_variances, [*noise_variances[1:], 0.0], strict=True):
        gain, noise = step(covariance, noisy, clean)
        cross, own = cross @ gain.T, gain @ own @ gain.T + noise
    return cross, own


KINDS = {
    "ddim, VE": (ddim_ve, False, lambda source: Ddim(source, CHAIN)),
    "ddim, VP": (ddim_vp, True, lambda source: Ddim(source, CHAIN)),
    "β̃, VE": (ddpm_ve, False, lambda source: AncestralSampler(source, CHAIN)),
    "β̃, VP": (
        lambda *step: ddpm_vp(*step, large=False),
        True,
        lambda source: AncestralSampler(source, CHAIN),
    ),
    "β, VP": (
        lambda *step: ddpm_vp(*step, large=True),
        True,
        lambda source: AncestralSampler(source, CHAIN, 1.0),
    ),
    "exact": (
        exact_ve,
        False,
        lambda source: AncestralSampler(source, CHAIN, source.eigenvalues),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_explicit_matrices_agree(kind):
    """[T5.3, T5.4] for a covariance that is not diagonal; VP and VE are one sampler [T0.1]."""
    step, preserving, make = KINDS[kind]
    root = np.random.default_rng(3).standard_normal((3, 3))
    covariance = root @ root.T
    source = GaussianVector.from_covariance(covariance)
    scale = to_vp(CHAIN[0])[0] if preserving else 1.0
    cross, own = propagate(covariance, CHAIN, step, scale)
    output = make(source).output
    # Six steps of 3 × 3 matrices with condition numbers below 100: 1e-12 is ample.
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(source.covariance_of(output.covariances), cross, **close)
    np.testing.assert_allclose(source.covariance_of(output.output_variances), own, **close)
    distortion = np.trace(covariance + own - cross - cross.T)
    assert output.distortion == pytest.approx(distortion, rel=1e-12)
    half = sqrtm(covariance)
    wasserstein = np.trace(covariance + own - 2 * sqrtm(half @ own @ half).real)
    assert output.squared_wasserstein == pytest.approx(wasserstein, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(
        output.variance_deficits, source.eigenvalues - output.output_variances, **close
    )


def test_check_values_of_ddim():
    """[T5.3a], [T5.3c]."""
    output = Ddim([2.3], CHAIN).output
    assert output.gains[0] == pytest.approx(0.2402614679, abs=5e-11)
    assert output.output_variances[0] == pytest.approx(1.5759081422, abs=5e-11)
    assert output.distortion == pytest.approx(2.7707053897, abs=5e-11)


def test_check_value_of_ancestral_sampling():
    """[T5.4]: the variance, and Cov(X, X̂) = λ cos² Φ = λ²/(λ + t)."""
    output = AncestralSampler([2.3], CHAIN).output
    assert output.output_variances[0] == pytest.approx(1.1333784364, abs=5e-11)
    assert output.covariances[0] == pytest.approx(2.3**2 / (2.3 + 25), rel=1e-14)


def test_angles_of_the_theory():
    """[T5.3b, T5.4] as printed, by the angles."""
    spectrum = np.array([2.3, 0.04, 90.0])
    angles = np.arctan(np.sqrt(np.append(CHAIN, 0.0)[:, None] / spectrum))[::-1]
    cosines = np.cos(np.diff(angles, axis=0)).prod(axis=0)
    output = Ddim(spectrum, CHAIN).output
    np.testing.assert_allclose(output.output_variances, spectrum * cosines**2, rtol=1e-13)
    clean, noisy = angles[:-1], angles[1:]
    terms = np.cos(clean) ** 4 * (1 - (np.tan(clean) / np.tan(noisy)) ** 2) ** 2
    expected = spectrum * (1 - (terms * np.sin(noisy) ** 2).sum(axis=0))
    output = AncestralSampler(spectrum, CHAIN).output
    np.testing.assert_allclose(output.output_variances, expected, rtol=1e-12)


# Limits.


def test_one_step_of_ddim_is_the_posterior_mean():
    source = GaussianVector([4.0, 1.0, 0.1])
    output = Ddim(source, [0.7]).output
    mmse = source.eigenvalues * 0.7 / (source.eigenvalues + 0.7)
    np.testing.assert_allclose(output.component_distortions, mmse, rtol=1e-14)


@pytest.mark.parametrize(
    ("make", "name"), [(Ddim, "diffc-f"), (AncestralSampler, "diffc-a")], ids=["ddim", "ancestral"]
)
def test_many_steps_give_the_flow_and_the_posterior(make, name):
    """The excess of W₂² and the error of D fall as 1/T² and 1/T [P14]."""
    source, noise_level = GaussianVector([4.0, 1.0, 0.1]), 0.7
    limit = scheme(name, source).at(noise_level=noise_level).distortion_per_dim * 3
    errors, distances = [], []
    for steps in (1000, 2000, 4000):
        output = make(source, equal_angle_noise_variances(1.0, noise_level, steps)).output
        errors.append(steps * (output.distortion - limit))
        distances.append(steps**2 * output.squared_wasserstein)
    assert abs(errors[0]) < 10
    # The next term is smaller by 8/T and 20/T or so, half of which is seen from T to 2T.
    np.testing.assert_allclose(errors[1:], errors[:-1], rtol=5e-3)
    np.testing.assert_allclose(distances[1:], distances[:-1], rtol=2e-2)


def test_exact_kernels_give_the_posterior_whatever_the_steps():
    source = GaussianVector([4.0, 1.0, 0.1, 0.0])
    sampler = AncestralSampler(source, CHAIN, source.eigenvalues)
    np.testing.assert_allclose(sampler.output.output_variances, source.eigenvalues, rtol=1e-14)
    expected = scheme("diffc-a", source).at(noise_level=25.0).distortion_per_dim * 4
    assert sampler.output.distortion == pytest.approx(expected, rel=1e-14)
    assert sampler.output.squared_wasserstein == 0


@pytest.mark.parametrize("assumed", [0.0, 0.3])
def test_small_deficits_with_fifty_digits(assumed):
    """Of λ - Var ~ 1e-6 λ, no digit is lost: a difference of float64 would lose six or more."""
    schedule = equal_angle_noise_variances(0.3, 1e-3, 50)
    deficits = [
        Ddim([0.3001], schedule).output.variance_deficits[0],
        AncestralSampler([0.3001], schedule, assumed).output.variance_deficits[0],
    ]
    with mp.workdps(60):
        variance, noisy_to_clean = mp.mpf(0.3001), [mp.mpf(t) for t in schedule] + [mp.mpf(0)]
        ddim = ancestral = variance + noisy_to_clean[0]
        for t, s in pairwise(noisy_to_clean):
            ddim *= ((variance + mp.sqrt(s * t)) / (variance + t)) ** 2
            kernel = (t - s) * (assumed + s) / (assumed + t)
            ancestral = ancestral * ((variance + s) / (variance + t)) ** 2 + kernel
        exact = [float(variance - ddim), float(variance - ancestral)]
    # sums of 50 terms of the same sign, each good to a few units in the last place
    np.testing.assert_allclose(deficits, exact, rtol=1e-12)


def test_pure_noise_is_where_large_noise_tends_to():
    spectrum = [3.0, 1.0, 0.0]
    for make in (Ddim, AncestralSampler):
        pure = make(spectrum, [np.inf, 4.0, 0.5]).output.to_dict()
        large = make(spectrum, [1e30, 4.0, 0.5]).output.to_dict()
        for name, values in pure.items():
            np.testing.assert_allclose(values, large[name], rtol=0, atol=1e-14)


# The best schedule.


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_no_schedule_does_better_than_equal_angles(steps):
    """[T5.3b], against a general optimiser of the T - 1 levels between the ends."""
    variance, start = 2.3, 25.0
    best = Ddim([variance], equal_angle_noise_variances(variance, start, steps)).output
    angle = np.arctan(np.sqrt(start / variance))
    expected = variance * np.cos(angle / steps) ** (2 * steps)
    assert best.output_variances[0] == pytest.approx(expected, rel=1e-13)

    def loss(falls):
        levels = start * np.exp(-np.cumsum(np.abs(falls)))
        return Ddim([variance], np.append(start, levels)).output.variance_deficits[0]

    if steps > 1:
        found = minimize(loss, np.ones(steps - 1), method="Nelder-Mead", options={"fatol": 1e-13})
        assert found.fun >= best.variance_deficits[0] * (1 - 1e-12)
        assert found.fun == pytest.approx(best.variance_deficits[0], rel=1e-4)


def test_equal_angles_for_many_steps():
    """cos^{2T}(Φ/T) ≈ 1 - Φ²/T, from pure noise: Φ = π/2."""
    schedule = equal_angle_noise_variances(1.0, np.inf, 10_000)
    assert schedule[0] == np.inf
    deficit = Ddim([1.0], schedule).output.variance_deficits[0]
    # The next term is Φ⁴/(2T²), 1.3e-4 of this one.
    assert deficit == pytest.approx((np.pi / 2) ** 2 / 10_000, rel=2e-4)


# Properties.


@given(spectra(dims=[1, 5], decades=6.0), levels())
def test_ddim_gains_are_below_those_of_the_flow(spectrum, noise_variances):
    """[P14]: gain of E[X | Y] <= gain <= gain of the flow; finer schedules come closer."""
    output = Ddim(spectrum, noise_variances).output
    share = spectrum / (spectrum + noise_variances[0])
    rounding = 1 + 1e-14
    assert (output.gains <= np.sqrt(share) * rounding).all()
    assert (output.gains >= share / rounding).all()
    assert (output.variance_deficits >= 0).all()
    finer = np.sort(np.append(noise_variances, noise_variances / 2))[::-1][1:]
    finer = np.append(noise_variances[0], finer)
    assert (Ddim(spectrum, finer).output.gains * rounding >= output.gains).all()


@given(spectra(dims=[5], decades=6.0), levels())
def test_variances_are_off_in_the_direction_of_the_assumed_one(spectrum, noise_variances):
    """v < λ: X̂ varies too little, v > λ: too much."""
    small = AncestralSampler(spectrum, noise_variances, spectrum / 2).output
    large = AncestralSampler(spectrum, noise_variances, spectrum * 2).output
    assert (small.variance_deficits >= 0).all()
    assert (large.variance_deficits <= 0).all()
    assert (small.component_distortions <= large.component_distortions).all()


@given(spectra(dims=[5], decades=6.0), levels(), st.floats(-3, 3))
def test_units_and_copies(spectrum, noise_variances, log_scale):
    """[P16, P18]: X -> cX multiplies D and W₂² by c²; copies add up."""
    square = 100.0**log_scale
    for make in (Ddim, AncestralSampler):
        output = make(spectrum, noise_variances).output
        scaled = make(spectrum * square, noise_variances * square).output
        assert scaled.distortion == pytest.approx(square * output.distortion, rel=1e-11)
        np.testing.assert_allclose(scaled.gains, output.gains, rtol=1e-11)
        copies = make(np.tile(spectrum, 3), noise_variances).output
        assert copies.distortion == pytest.approx(3 * output.distortion, rel=1e-12)
        assert copies.squared_wasserstein == pytest.approx(3 * output.squared_wasserstein)


# Noise that differs among components, steps that differ in what they assume.


def test_noise_families_with_silent_components():
    """A* noise: t_i differ and are infinite below the water level [T1.11]."""
    spectrum = [4.0, 1.0, 0.2]
    steps = Progression(scheme("diffc-a-star", spectrum), water_level=[2.0, 0.5, 0.3])
    assert np.isinf(steps.noise_variances[0, 1])
    for make in (Ddim, AncestralSampler):
        together = make(spectrum, steps.noise_variances).output
        for index, variance in enumerate(spectrum):
            alone = make([variance], steps.noise_variances[:, index]).output
            np.testing.assert_allclose(together.output_variances[index], alone.output_variances[0])
            np.testing.assert_allclose(together.gains[index], alone.gains[0])


def test_a_last_step_without_noise():
    """What β-samplers do in practice: v = (1, 1, 0)ᵀ."""
    noise_variances = [9.0, 2.0, 0.5]
    output = AncestralSampler([3.0, 0.2], noise_variances, [[1.0], [1.0], [0.0]]).output
    own = np.array([3.0, 0.2]) + 9.0
    for noisy, clean, assumed in ((9, 2, 1), (2, 0.5, 1), (0.5, 0, 0)):
        gain = (np.array([3.0, 0.2]) + clean) / (np.array([3.0, 0.2]) + noisy)
        own = gain**2 * own + (noisy - clean) * (assumed + clean) / (assumed + noisy)
    np.testing.assert_allclose(output.output_variances, own, rtol=1e-14)


# Simulation.


@pytest.mark.parametrize(
    "make",
    [Ddim, AncestralSampler, lambda *given: AncestralSampler(*given, 1.0)],
    ids=["ddim", "β̃", "β"],
)
def test_runs_have_the_law_of_the_closed_forms(make):
    """Each of 9 estimates is within 7 standard errors: false alarms below 9 · 3e-12 (fixed key)."""
    rng, size = np.random.default_rng(11), 40_000
    source = GaussianVector.from_covariance([[2.0, 0.9, 0.1], [0.9, 1.0, 0.0], [0.1, 0.0, 0.3]])
    sampler = make(source, CHAIN)
    x = source.sample(rng, size)
    y = source.to_components(x) + rng.standard_normal(x.shape) * CHAIN[0] ** 0.5
    z = y * np.sqrt(source.eigenvalues / (source.eigenvalues + CHAIN[0]))
    reconstructed = sampler.run(z, rng)
    output = sampler.output
    components, decoded = source.to_components(x), source.to_components(reconstructed)
    variance = output.output_variances
    for samples, expected, spread in (
        (decoded**2, variance, 2 * variance**2),
        (
            components * decoded,
            output.covariances,
            source.eigenvalues * variance + output.covariances**2,
        ),
        (
            (components - decoded) ** 2,
            output.component_distortions,
            2 * output.component_distortions**2,
        ),
    ):
        deviation = (samples.mean(axis=0) - expected) / np.sqrt(spread / size)
        assert (np.abs(deviation) < 7).all(), deviation


# Arrays and input.


@pytest.mark.parametrize("make", [Ddim, AncestralSampler])
def test_jax_in_jax_out(make):
    """Under jit, with the derivative of D by a level, against differences of NumPy's D."""
    spectrum = jnp.array([2.3, 0.5])

    @jax.jit
    def distortion_and_slopes(levels):
        return jax.value_and_grad(lambda levels: make(spectrum, levels).output.distortion)(levels)

    distortion, slopes = distortion_and_slopes(jnp.array(CHAIN))
    assert distortion == pytest.approx(make([2.3, 0.5], CHAIN).output.distortion, rel=1e-14)
    step = 1e-5 * np.diag(CHAIN)
    for index in range(5):
        there, back = (make([2.3, 0.5], CHAIN + sign * step[index]).output for sign in (1, -1))
        numeric = (there.distortion - back.distortion) / (2 * step[index, index])
        assert slopes[index] == pytest.approx(numeric, rel=1e-7)


def test_output_is_ready_for_json():
    table = json.loads(json.dumps(Ddim([2.3, 1.0], CHAIN).output.to_dict()))
    assert table["distortion"] == pytest.approx(sum(table["component_distortions"]))
    assert len(table["gains"]) == 2


@pytest.mark.parametrize(
    "noise_variances",
    [
        [],
        [1.0, 2.0],
        [0.0],
        [-1.0],
        [np.nan],
        "1",
        [[1.0, 1.0, 1.0]],
        1.0,
        np.ones((1, 1, 1)),
        None,
    ],
)
def test_wrong_noise_variances_are_refused(noise_variances):
    for make in (Ddim, AncestralSampler):
        with pytest.raises(InputError, match="noise_variances"):
            make([1.0, 2.0], noise_variances)


@pytest.mark.parametrize("assumed", [-1.0, np.nan, np.inf, "1", [1.0, 2.0, 3.0], None])
def test_wrong_assumed_variances_are_refused(assumed):
    with pytest.raises(InputError, match="assumed_variances"):
        AncestralSampler([1.0, 2.0], [1.0], assumed)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("variance", (0.0, 1.0, 2)),
        ("variance", ([1.0], 1.0, 2)),
        ("noise_variance", (1.0, 0.0, 2)),
        ("noise_variance", (1.0, np.nan, 2)),
        ("steps", (1.0, 1.0, 0)),
        ("steps", (1.0, 1.0, 2.0)),
        ("steps", (1.0, 1.0, 10**7)),
    ],
)
def test_wrong_schedules_are_refused(name, arguments):
    with pytest.raises(InputError, match=f"^{name}:"):
        equal_angle_noise_variances(*arguments)


def test_wrong_vectors_and_sources_are_refused():
    with pytest.raises(InputError, match="z"):
        Ddim([1.0, 2.0], [1.0]).run(np.ones(3), np.random.default_rng(0))
    with pytest.raises(InputError, match="eigenvalues"):
        Ddim([-1.0], [1.0])
