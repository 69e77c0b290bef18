"""Vectors of components from a Gaussian mixture: denoiser, errors, reconstructions [T4.1].

The expected errors are

    Σ_k w_k Var[X_i | Y, k] + E Σ_k P(k | Y) (E[X_i | Y, k] - E[X_i | Y])²,

the first part in closed form, the second a mean over fixed draws of Y. The probability flow (Eq. 6)
[T1.1c] follows t(v), v from 0 to 1, in which noise may differ between components,

    dy_i/dv = -½ dt_i/dv ∂_i ln p_t(y),    t_i(v) = ε expm1((1 - v) ln(1 + t_i/ε)),

ε the smallest eigenvalue of any C_kc, by Heun's method, in coordinates z_i in which it stands still
for a Gaussian source.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.special import ndtr

from rdtheory.arrays import Array
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.codecs.diffc.block_mixture import BlockMixture, NoisyBlocks
from rdtheory.codecs.diffc.gaussian_prior import reconstruction
from rdtheory.codecs.diffc.model import Prior
from rdtheory.diffusion.reconstruction import Normals
from rdtheory.progress import track

DRAWS = 256
"""About so many vectors are drawn for the errors."""

FLOW_STEPS = 24

_ERROR_BITS = 9
"""Errors have so many bits, relative to those of linear estimates: machines agree on them."""

_END = 1e-9
"""The flow ends at so much noise, relative to ε: none, to the last digit of a reconstruction."""


class MixturePrior(Prior):
    """n independent vectors from one mixture, of mean 0.

    Args:
        vectors: n.
        mixture: of M components.
        eigenvalues: their variances, shape (M,): given, to be the same on every machine.

    >>> mixture = BlockMixture(np.ones(1), np.zeros((1, 1, 2)), np.eye(2)[None, None])
    >>> prior = MixturePrior(1, mixture, np.ones(2))
    >>> prior.reconstruct("flow", np.ones((1, 2)), np.full(2, 3.0), np.zeros)
    array([[0.5, 0.5]])
    """

    isotropic_only = False

    def __init__(self, vectors: int, mixture: BlockMixture, eigenvalues: Array) -> None:
        self.vectors = vectors
        self.mixture = mixture
        self.eigenvalues = eigenvalues

    def denoise(self, observed: Array, noise_variances: Array) -> Array:
        """E[X | Y] [T1.13b]; components that are not sent are known through the others."""
        return self.mixture.observed(noise_variances).posterior_mean(observed)

    def errors(self, noise_variances: Array) -> Array:
        """See `expected_errors`."""
        return expected_errors(self.mixture, self.eigenvalues, noise_variances)

    def reconstruct(
        self, how: str, observed: Array, noise_variances: Array, normals: Normals
    ) -> Array:
        """X̂ from Y: a draw of P(X | Y), the end of the flow in 24 steps, or E[X | Y].

        Raises:
            InputError: if there is no such reconstruction.
        """
        if reconstruction(how).name == "mmse":
            return self.denoise(observed, noise_variances)
        law = self.mixture.observed(noise_variances)
        # All at once: `normals` may give the same ones again when asked again.
        *own, noise = normals((4, *observed.shape))
        drawn = law.sample_posterior(observed, ndtr(own[0][:, 0]), np.stack(own[1:]))
        if how == "ancestral":
            return drawn
        # What was not sent begins as noise, as it is distributed given what was.
        silent = np.isinf(noise_variances)
        filled = np.where(silent, self.eigenvalues, noise_variances)
        begin = np.where(silent, drawn + noise * np.sqrt(filled), observed)
        return _Flow(self.mixture, self.eigenvalues, filled).end(begin)


def expected_errors(mixture: BlockMixture, eigenvalues: Array, noise_variances: Array) -> Array:
    """E(X_i - E[X_i | Y])², shape (M,): at most λ_i/(1 + λ_i/t_i), those of a linear estimate.

    The ratio to these is computed to ten digits on any machine, and from 256 draws, to a few
    percent of what is owed to not knowing k; it is rounded to 9 bits. Below λ_i also where t_i is
    infinite, if anything else is sent. The last levels asked for are remembered.

    >>> factors = np.sqrt([0.2, 1.8]).reshape(2, 1, 1, 1)
    >>> mixture = BlockMixture(np.array([0.5, 0.5]), np.zeros((2, 1, 1)), factors)
    >>> expected_errors(mixture, np.ones(1), np.ones(1))  # 0.5 if X were Gaussian
    array([0.47949219])
    """
    linear = eigenvalues / (1 + eigenvalues / noise_variances)
    mantissa, exponent = np.frexp(_errors(mixture, noise_variances.tobytes()) / linear)
    ratio = np.ldexp(np.rint(mantissa * 2.0**_ERROR_BITS), exponent - _ERROR_BITS)
    return linear * np.minimum(ratio, 1.0)


@lru_cache(maxsize=1024)
def _errors(mixture: BlockMixture, noise_bytes: bytes) -> Array:
    """Before rounding."""
    noise_variances = np.frombuffer(noise_bytes)
    law = mixture.observed(noise_variances)
    return mixture.weights @ law.component_variances + _spread(law, noise_variances)


def _spread(law: NoisyBlocks, noise_variances: Array) -> Array:
    """The mean of `NoisyBlocks.spread` over fixed draws: of every k, about w_k of them."""
    mixture, dim = law.mixture, law.mixture.dim
    counts = np.maximum(2, np.rint(DRAWS * mixture.weights)).astype(int)
    labels = np.repeat(np.arange(len(counts)), counts)
    # Not NumPy's normals: they may change with its version.
    drawn = RandomStreams(Key(0), Purpose.DECODER).normals(0, 0, 2 * labels.size * dim)
    signal, noise = drawn.reshape(2, labels.size, *mixture.means.shape[1:], 1)
    x = mixture.means[labels] + (mixture.factors[labels] @ signal)[..., 0]
    scales = np.sqrt(np.where(np.isinf(noise_variances), 0.0, noise_variances))
    y = x.reshape(-1, dim) + noise.reshape(-1, dim) * scales
    return (mixture.weights / counts)[labels] @ law.spread(y)


@dataclass(frozen=True, eq=False)
class _Flow:
    """From noise variances t at v = 0 to none at v = 1, in z_i = (y_i - E X_i)/sqrt(λ_i + t_i)."""

    mixture: BlockMixture
    eigenvalues: Array
    start: Array

    def end(self, observed: Array) -> Array:
        z, step = (
            (observed - self.mixture.mean) / np.sqrt(self.eigenvalues + self.start),
            1 / FLOW_STEPS,
        )
        for number in track(range(FLOW_STEPS), "Probability flow"):
            first = self._velocity(z, number * step)
            second = self._velocity(z + first * step, (number + 1) * step)
            z = z + (first + second) * (step / 2)
        return self.mixture.mean + z * np.sqrt(self.eigenvalues)

    def _velocity(self, z: Array, v: float) -> Array:
        """dz/dv."""
        noise = self._shortest * np.maximum(np.expm1((1 - v) * self._span), _END)
        variances = self.eigenvalues + noise
        score = self.mixture.observed(noise).score(self.mixture.mean + z * np.sqrt(variances))
        return (
            self._span * (noise + self._shortest) / 2 * (score / np.sqrt(variances) + z / variances)
        )

    @cached_property
    def _span(self) -> Array:
        """ln(1 + t/ε)."""
        return np.log1p(self.start / self._shortest)

    @cached_property
    def _shortest(self) -> float:
        """ε."""
        return float(self.mixture.spectra[0].min())
