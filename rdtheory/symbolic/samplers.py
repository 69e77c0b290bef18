"""Finite-step and marginal-preserving samplers on one Gaussian component [T5.3-T5.6].

λ the variance; the noise deviation at angle φ is √λ tan φ. A step goes from the noise variance t
(deviation σ_t, angle φ_t) to s < t.
"""

from collections.abc import Iterator

from sympy import Symbol, cos, diff, exp, expand_trig, sin, sqrt, symbols, tan

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, tends

LAMBDA, HIGH, LOW = symbols("lambda sigma_t sigma_s", positive=True)
EARLY, LATE = symbols("phi_t phi_s", positive=True)
NOISE, SCALE = symbols("t c", positive=True)
ETA = Symbol("eta", positive=True)

EXACT_GAIN = sqrt((LAMBDA + LOW**2) / (LAMBDA + HIGH**2))
DDIM_GAIN = (LAMBDA + LOW * HIGH) / (LAMBDA + HIGH**2)
_ANGLES = {HIGH: sqrt(LAMBDA) * tan(EARLY), LOW: sqrt(LAMBDA) * tan(LATE)}


@proof
def ddim_step() -> Iterator[Step]:
    """E[X|y] + (σ_s/σ_t)(y - E[X|y]) has the gain (λ + σ_sσ_t)/(λ + σ_t²) [T5.3a]."""
    denoised = LAMBDA / (LAMBDA + HIGH**2)
    yield equal(denoised + LOW / HIGH * (1 - denoised), DDIM_GAIN)


@proof
def ddim_gain_is_exact_times_cosine() -> Iterator[Step]:
    """DDIM's gain is the exact gain times cos(φ_t - φ_s), so below it [T5.3a, P14]."""
    exact = cos(EARLY) / cos(LATE)
    yield equal(EXACT_GAIN.subs(_ANGLES) ** 2, exact**2)
    cosine = expand_trig(cos(EARLY - LATE))
    yield equal(DDIM_GAIN.subs(_ANGLES), exact * cosine)
    sine_squared = LAMBDA * (HIGH - LOW) ** 2 / ((LAMBDA + LOW**2) * (LAMBDA + HIGH**2))
    yield equal(1 - (DDIM_GAIN / EXACT_GAIN) ** 2, sine_squared)


@proof
def ddim_moments() -> Iterator[Step]:
    """With g = Π cos Δφ: Var = λg², D = λ(1 + g² - 2g cos Φ) [T5.3b, T5.3c]."""
    angle, g = symbols("Phi g", positive=True)
    gain = g * cos(angle)  # the exact gains multiply to cos Φ
    start = LAMBDA + LAMBDA * tan(angle) ** 2
    yield equal(gain**2 * start, LAMBDA * g**2)
    error = (1 - gain) ** 2 * LAMBDA + gain**2 * LAMBDA * tan(angle) ** 2
    yield equal(error, LAMBDA * (1 + g**2 - 2 * g * cos(angle)))


@proof
def equal_angles_are_best() -> Iterator[Step]:
    """ln cos is concave, so equal angles maximise Π cos² Δφ; T(1 - cos^2T(Φ/T)) -> Φ² [T5.3b]."""
    odds, angle = symbols("x Phi", positive=True)
    slope = -tan(odds)  # of ln cos
    yield equal(diff(slope, odds), -1 / cos(odds) ** 2)
    # With 1/T = x: (1 - cos(Φx)^(2/x))/x.
    yield tends((1 - cos(angle * odds) ** (2 / odds)) / odds, odds, 0, angle**2)


@proof
def ancestral_gain() -> Iterator[Step]:
    """A step with variance β̃ has the mean gain (λ + s)/(λ + t): Cov(X, X̂) = λ cos² Φ [T5.4]."""
    share = LOW**2 / HIGH**2
    gain = share + (1 - share) * LAMBDA / (LAMBDA + HIGH**2)
    yield equal(gain, (LAMBDA + LOW**2) / (LAMBDA + HIGH**2))
    # The gains telescope; from Φ down to 0 they give cos² Φ.
    yield equal(gain.subs(LOW, 0).subs(_ANGLES), cos(EARLY) ** 2)


@proof
def ancestral_variance() -> Iterator[Step]:
    """A step's variance misses λ(1 - s/t)² sin² φ_t, which reaches X̂ times cos⁴ φ_s [T5.4]."""
    share = LOW**2 / HIGH**2
    kernel = (LAMBDA + LOW**2) * (1 - (LAMBDA + LOW**2) / (LAMBDA + HIGH**2))
    missing = kernel - LOW**2 * (1 - share)
    yield equal(missing, (1 - share) ** 2 * LAMBDA * HIGH**2 / (LAMBDA + HIGH**2))
    yield equal(((1 - share) ** 2).subs(_ANGLES), (1 - tan(LATE) ** 2 / tan(EARLY) ** 2) ** 2)
    yield equal((HIGH**2 / (LAMBDA + HIGH**2)).subs(_ANGLES), sin(EARLY) ** 2)
    yield equal((LAMBDA / (LAMBDA + LOW**2)).subs(_ANGLES) ** 2, cos(LATE) ** 4)


@proof
def stochastic_moments() -> Iterator[Step]:
    """The sampler η keeps the variance λ + t; Cov(X, y) falls to λ cos^(1 + η²) Φ [T5.5].

    Backwards in t: d Var/dt = (1 + η²) Var/(λ + t) - η², d Cov/dt = ½ (1 + η²) Cov/(λ + t).
    """
    start = Symbol("T", positive=True)
    variance = LAMBDA + NOISE
    yield equal(diff(variance, NOISE), (1 + ETA**2) * variance / (LAMBDA + NOISE) - ETA**2)
    covariance = LAMBDA * ((LAMBDA + NOISE) / (LAMBDA + start)) ** ((1 + ETA**2) / 2)
    rate = (1 + ETA**2) / 2 / (LAMBDA + NOISE)
    yield equal(diff(covariance, NOISE) / covariance, rate)
    yield equal(covariance.subs(NOISE, start), LAMBDA)
    yield equal((LAMBDA / (LAMBDA + start)).subs(start, LAMBDA * tan(EARLY) ** 2), cos(EARLY) ** 2)


@proof
def stochastic_ends() -> Iterator[Step]:
    """D_η = 2λ(1 - cos^(1 + η²) Φ) is D_F at η = 0, D_A at η = 1, and grows [T5.5, P13]."""
    cosine, odds = Symbol("rho", positive=True), Symbol("x", positive=True)
    distortion = 2 * LAMBDA * (1 - cosine ** (1 + ETA**2))
    yield equal(distortion.subs(ETA, 0), 2 * LAMBDA * (1 - cosine))
    yield equal(distortion.subs(ETA, 1), 2 * LAMBDA * (1 - cosine**2))
    # ρ = e^-x, x > 0.
    yield positive(diff((2 * LAMBDA * (1 - exp(-odds * (1 + ETA**2)))), ETA))


@proof
def score_scaled_gain() -> Iterator[Step]:
    """A score times c: y ∝ (λ + t)^(c/2), so the gain is (λ/(λ + t))^(c/2) [T5.6a]."""
    path = (LAMBDA + NOISE) ** (SCALE / 2)
    yield equal(diff(path, NOISE) / path, SCALE / 2 / (LAMBDA + NOISE))
    gain = (LAMBDA / (LAMBDA + NOISE)) ** (SCALE / 2)
    yield equal(gain.subs(SCALE, 1), sqrt(LAMBDA / (LAMBDA + NOISE)))
    yield equal(gain.subs(SCALE, 2), LAMBDA / (LAMBDA + NOISE))


@proof
def score_scaled_tradeoff() -> Iterator[Step]:
    """Any gain g gives D = mmse + (W - √P)², W = √λ(1 - ρ): on the curve of [T2.4] [T5.6a]."""
    rho, g = symbols("rho g", positive=True)
    noise = LAMBDA * (1 - rho**2) / rho**2
    distortion = (1 - g) ** 2 * LAMBDA + g**2 * noise
    root_perception = sqrt(LAMBDA) - g * sqrt(LAMBDA) / rho
    width = sqrt(LAMBDA) * (1 - rho)
    yield equal(distortion, LAMBDA * (1 - rho**2) + (width - root_perception) ** 2)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
