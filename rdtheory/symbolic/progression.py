"""What chains of channels cost [T1.2, T1.3, T4.1, T5.1] (Eq. 3, 5), one Gaussian component.

Y_s = X + N(0, 1/s) at SNR s; a step reveals Y at the higher SNR s + Δ to who has Y_s. With
v = λ/(1 + λs), the mmse at s, the exact reverse kernel costs ½ ln(1 + Δv) nats.
"""

from collections.abc import Iterator

from sympy import Matrix, Symbol, diff, exp, log

from rdtheory.symbolic.proof import Proof, Step, equal, positive, proof, tends

LAMBDA = Symbol("lambda", positive=True)
SNR = Symbol("s", positive=True)
STEP = Symbol("Delta", positive=True)

INFORMATION = log(1 + LAMBDA * SNR) / 2
"""I(X; Y_s)."""
MMSE = LAMBDA / (1 + LAMBDA * SNR)
STEP_COST = log(1 + STEP * MMSE) / 2

_LATER = SNR + STEP
_RETAINED = SNR / _LATER
"""The regression of Y_(s + Δ) on Y_s given X keeps this much of Y_s."""
_BRIDGE = 1 / _LATER - SNR / _LATER**2
"""β̃, the variance of Y_(s + Δ) given X and Y_s."""


@proof
def telescoping() -> Iterator[Step]:
    """½ ln(1 + Δλ/(1 + λs)) = I(X; Y_(s + Δ)) - I(X; Y_s): the steps add up [T1.3b, P9]."""
    gained = INFORMATION.subs(SNR, _LATER) - INFORMATION
    yield equal(exp(2 * STEP_COST), exp(2 * gained))


@proof
def step_is_conditional_information() -> Iterator[Step]:
    """I(X; Y_(s + Δ) | Y_s), by determinants of the covariance, is ½ ln(1 + Δ mmse) [T1.3b]."""
    late, early = LAMBDA + 1 / _LATER, LAMBDA + 1 / SNR
    covariance = Matrix([[LAMBDA] * 3, [LAMBDA, late, late], [LAMBDA, late, early]])
    pairs = [covariance.extract(chosen, chosen) for chosen in ([0, 2], [1, 2])]
    ratio = pairs[0].det() * pairs[1].det() / (early * covariance.det())
    yield equal(ratio, exp(2 * STEP_COST))


@proof
def exact_kernel() -> Iterator[Step]:
    """E KL of the step's posterior from the exact kernel is ½ ln of the variances [T1.3a, T1.3b].

    The kernel's variance v_p is β̃ plus the variance of the posterior's mean, so that all but the
    logarithm cancels in E KL = ½ (v_q/v_p - 1 + E(Δmean)²/v_p + ln v_p/v_q).
    """
    of_mean = (1 - _RETAINED) ** 2 * MMSE
    late, early = LAMBDA + 1 / _LATER, LAMBDA + 1 / SNR
    kernel = late - late**2 / early  # Y_(s + Δ) given Y_s; late = their covariance too
    yield equal(kernel, _BRIDGE + of_mean)
    yield equal(kernel / _BRIDGE, exp(2 * STEP_COST))


@proof
def fixed_variance() -> Iterator[Step]:
    """A kernel of variance β̃ costs ½ Δ mmse(s), the left Riemann sum of I-MMSE [T5.1a]."""
    of_mean = (1 - _RETAINED) ** 2 * MMSE
    yield equal(of_mean / (2 * _BRIDGE), STEP * MMSE / 2)
    # Its excess Δm/2 - ½ ln(1 + Δm) is 0 at Δ = 0 and grows with Δ.
    excess = STEP * MMSE / 2 - STEP_COST
    yield equal(excess.subs(STEP, 0), 0)
    yield positive(diff(excess, STEP))
    yield tends(excess / STEP**2, STEP, 0, MMSE**2 / 4)


@proof
def information_and_mmse() -> Iterator[Step]:
    """dI/ds = ½ mmse(s) [T4.1a, P6]."""
    yield equal(diff(INFORMATION, SNR), MMSE / 2)


@proof
def assumed_marginal() -> Iterator[Step]:
    """C_t = E KL(q(y|X) ‖ N(0, w)) = I(X; Y) + KL(N(0, λ + t) ‖ N(0, w)) [T1.2c]."""
    noise, assumed = Symbol("t", positive=True), Symbol("w", positive=True)

    def divergence(variance, mean_square):
        return (variance / assumed - 1 + mean_square / assumed - log(variance / assumed)) / 2

    cost = divergence(noise, LAMBDA)
    information = log((LAMBDA + noise) / noise) / 2
    yield equal(cost, information + divergence(LAMBDA + noise, 0))


@proof
def arc_length() -> Iterator[Step]:
    """K equal parts of the arc ½ ln(1 + λs) have equal cost ½ ln(1 + Δ mmse) [T5.1b]."""
    ratio = Symbol("k", positive=True)
    # Equal arcs multiply 1 + λs by a constant k, hence Δ = (k - 1)(1 + λs)/λ.
    step = (ratio - 1) * (1 + LAMBDA * SNR) / LAMBDA
    yield equal(exp(2 * STEP_COST).subs(STEP, step), ratio)


PROOFS = tuple(value for value in vars().values() if isinstance(value, Proof))
"""All of the above."""
