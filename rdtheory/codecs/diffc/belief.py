"""What the decoder believes of X, message by message, with any model (Eq. 1, 5) [T1.3b].

After observations that are worth Y_i = X_i + N(0, t_i), the belief is X_i ~ N(x̂_i, g_i e_i): the
model's posterior mean, its expected error e_i at noise t, and a scale g_i that a message states
(`scales`). A message that lowers t to t' sends one more observation W_i = X_i + N(0, τ_i),

    1/τ = 1/t' - 1/t,     expected   N(x̂, g e + τ)
    target of the message N(m, v),   m = (x - x̂)/sqrt(g e + τ),  v = τ/(g e + τ)
    update                y' = t' (y/t + w/τ)

Its cost is KL(N(m, v) ‖ N(0, 1)), a term of Eq. 5, with a prior whose variance is the model's too:
for steps of any length the exact Gaussian model loses nothing. With g e = 0 in v it would be the
kernel of fixed variance of DDPM, whose price is [T5.1a]. `Posterior` is this belief of a Gaussian
source in closed form.

v and e come from the model's tables and from whole numbers of the stream alone, so that another
machine's network, whose last digits differ, changes x̂ and Z by as little and no bit of a message.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.stream_source import rounded
from rdtheory.codecs.diffc.model import Prior
from rdtheory.diffusion.noise import divide_or_inf


@dataclass(frozen=True, eq=False)
class Belief:
    """X ~ N(x̂, g e), from Y = X + N(0, t).

    Attributes:
        prior: the model.
        observed: y, shape (n, M); not looked at where t is infinite.
        noise_variances: t, shape (M,).

    >>> from rdtheory.codecs.diffc.stationary import CosinePrior
    >>> start = Belief.before_anything(CosinePrior((2, 2, 1), np.full(4, 3.0)))
    >>> start.step(np.full(4, 1.0)).variances(np.ones(4))
    array([0.25, 0.25, 0.25, 0.25])
    """

    prior: Prior
    observed: Array
    noise_variances: Array

    @classmethod
    def before_anything(cls, prior: Prior) -> "Belief":
        """Nothing observed: t infinite."""
        dim = len(prior.eigenvalues)
        return cls(prior, np.zeros((prior.vectors, dim)), np.full(dim, np.inf))

    @cached_property
    def mean(self) -> Array:
        """x̂, shape (n, M): one evaluation of the model."""
        return self.prior.denoise(self.observed, self.noise_variances)

    @cached_property
    def errors(self) -> Array:
        """e, shape (M,), of 21 bits."""
        return rounded(self.prior.errors(self.noise_variances))

    def step(self, noise_variances: Array) -> "Step":
        """The step to t' = `noise_variances` <= t, shape (M,)."""
        return Step(self, noise_variances)


@dataclass(frozen=True, eq=False)
class Step:
    """One message: from a belief to the next.

    Attributes:
        belief: before the message.
        noise_variances: t' after it, shape (M,).
    """

    belief: Belief
    noise_variances: Array

    @cached_property
    def observation_noise(self) -> Array:
        """τ, shape (M,), infinite where nothing is sent."""
        gained = np.maximum(1 / self.noise_variances - 1 / self.belief.noise_variances, 0.0)
        return divide_or_inf(np.ones_like(gained), gained)

    def ratios(self) -> Array:
        """e/τ, shape (M,): the SNR of the observation, of 21 bits."""
        return rounded(self.belief.errors / self.observation_noise)

    def variances(self, scales: Array) -> Array:
        """v = τ/(g e + τ), shape (M,), of 21 bits: the same on every machine."""
        return rounded(1 / (1 + scales * self.ratios()))

    def residuals(self, components: Array) -> Array:
        """(x - x̂)/sqrt(τ), shape (n, M); 0 where nothing is sent."""
        return (components - self.belief.mean) / np.sqrt(self.observation_noise)

    def after(self, sample: Array, variances: Array) -> Belief:
        """The belief after the message's sample z, shape (n, M), of relative noise variances v."""
        belief, noise = self.belief, self.observation_noise
        sent = np.isfinite(noise)
        noise = np.where(sent, noise, 1.0)
        observation = belief.mean + np.sqrt(noise / variances) * sample
        weight = np.where(sent, self.noise_variances / noise, 0.0)
        observed = belief.observed + weight * (observation - belief.observed)
        left = np.where(sent, self.noise_variances, belief.noise_variances)
        return Belief(belief.prior, observed, left)
