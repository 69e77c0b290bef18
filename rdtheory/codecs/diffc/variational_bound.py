"""The variational bound of a picture's bits, the loss that trains the denoiser.

With Y_t = X + N(0, t I), from t_most, where the Gaussian model is used as it is, down to t_least,
below one grey level, and in bits a dimension (Kingma, Salimans, Poole and Ho 2021, arXiv
2107.00630, in the variables of this package):

    first     KL(N(x, t_most) ‖ N(0, λ + t_most)), summed over the cosine components
    diffusion 1/2 ∫ ‖x - x̂(Y_t, t)‖² d(1/t), the limit of Eq. 5 for many steps: fixed variances
    last      -log P(x | Y at t_least): each pixel is one of 256 values, of equal weight before

For the Gaussian model the first two make its exact cost KL(N(x, t_least) ‖ N(0, λ + t_least)).

Most of the bound is paid at noise of a few grey levels and less, which no stream below some two
bits a pixel reaches. Where a network is trained for such streams its terms can be weighted:

    weighted  ½ ∫ w(t) ‖x - x̂(Y_t, t)‖² d(1/t),   w(t) = c (ε(t)/t)^-p

with ε(t) the Wiener filter's error and an emphasis p from 0, the bound, to 1, where all levels of
ln t count alike, each by the network's error relative to the Wiener filter's. c leaves the Gaussian
model's expected value as it is.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from rdtheory.codecs.diffc.cosine_field import COLOURS, picture_spectrum
from rdtheory.codecs.diffc.network import Denoiser

NOISE_LEAST = (0.25 / 127.5) ** 2
NOISE_MOST = 20.0
"""Noise variances between which the network is used, in units of (half the range)²."""


class Bound:
    """The bound for pictures of one shape (h, w, 3).

    >>> from rdtheory.codecs.diffc.configs import CONFIGS
    >>> bound = Bound((8, 8, 3))
    >>> pictures = jnp.full((2, 8, 8, 3), 128, jnp.uint8)
    >>> network = Denoiser(CONFIGS["tiny"], jax.random.key(0, impl="rbg"))
    >>> bound.bits_per_dim(network, pictures, jax.random.key(1)).shape
    (2,)
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        height, width, _ = shape
        self._spectrum = jnp.asarray(picture_spectrum(shape).reshape(shape), jnp.float32)
        self._rows, self._columns = (jnp.asarray(_cosine_matrix(n)) for n in (height, width))
        self._colours = jnp.asarray(COLOURS, jnp.float32)
        levels = jnp.geomspace(NOISE_LEAST, NOISE_MOST, 128)
        self._mean_gains = jax.lax.map(self._mean_gain, levels)

    def bits_per_dim(
        self, network: Denoiser, pictures: jax.Array, key: jax.Array, emphasis: float = 0.0
    ) -> jax.Array:
        """Bits a dimension of each picture, shape (B,): one noise level drawn for each.

        Args:
            network: the denoiser.
            pictures: uint8, shape (B, h, w, 3).
            key: of levels and noise. The levels of a batch are spread evenly.
            emphasis: p of the weights; a bound for 0 only.
        """
        levels_key, noise_key, last_key = jax.random.split(key, 3)
        x = pictures.astype(jnp.float32) / 127.5 - 1
        count = len(pictures)
        spread = (jax.random.uniform(levels_key) + jnp.arange(count) / count) % 1.0
        span = jnp.log(NOISE_MOST / NOISE_LEAST)
        t = NOISE_LEAST * jnp.exp(span * spread)
        y = x + jnp.sqrt(t)[:, None, None, None] * jax.random.normal(noise_key, x.shape)
        error = jax.vmap(self.denoised, (None, 0, 0))(network, y, t) - x
        diffusion = 0.5 * span * jnp.mean(error**2, axis=(1, 2, 3)) / t
        if emphasis:
            diffusion = diffusion * self._weight(t, emphasis)
        last = _last(pictures, jax.random.normal(last_key, x.shape))
        return (self._first(x) + diffusion + last) / jnp.log(2.0)

    def denoised(self, network: Denoiser, y: jax.Array, t: jax.Array) -> jax.Array:
        """x̂ of one noisy picture y, shape (h, w, 3)."""
        gain = self._spectrum / (self._spectrum + t)
        wiener = self._values(gain * self._components(y))
        error = t * self._mean_gain(t)
        found = network(y.transpose(2, 0, 1), wiener.transpose(2, 0, 1), t, error)
        return found.transpose(1, 2, 0)

    def _mean_gain(self, t: jax.Array) -> jax.Array:
        """ε(t)/t."""
        return jnp.mean(self._spectrum / (self._spectrum + t))

    def _weight(self, t: jax.Array, emphasis: float) -> jax.Array:
        """w(t), shape (B,)."""
        gains = self._mean_gains
        usual = jnp.mean(gains) / jnp.mean(gains ** (1 - emphasis))
        return usual * jax.lax.map(self._mean_gain, t) ** -emphasis

    def _first(self, x: jax.Array) -> jax.Array:
        """Nats a dimension of the first message, shape (B,)."""
        components = jax.vmap(self._components)(x)
        total = self._spectrum + NOISE_MOST
        share = self._spectrum / total
        nats = 0.5 * (components**2 / total - share - jnp.log1p(-share))
        return jnp.mean(nats, axis=(1, 2, 3))

    def _components(self, x: jax.Array) -> jax.Array:
        return jnp.einsum("ki,lj,ijc,dc->kld", self._rows, self._columns, x, self._colours)

    def _values(self, components: jax.Array) -> jax.Array:
        return jnp.einsum("ki,lj,kld,dc->ijc", self._rows, self._columns, components, self._colours)


def _last(pictures: jax.Array, noise: jax.Array) -> jax.Array:
    """Nats a dimension of the pixels given Y at the least noise, shape (B,)."""
    # In grey levels: y = p + 0.25 N. Values more than three levels away have no weight.
    sigma = jnp.sqrt(NOISE_LEAST) * 127.5
    offsets = jnp.arange(-3.0, 4.0)
    values = pictures.astype(jnp.float32)[..., None] + offsets
    inside = (values >= 0) & (values <= 255)
    logs = -0.5 * (noise[..., None] - offsets / sigma) ** 2
    total = logsumexp(jnp.where(inside, logs, -jnp.inf), axis=-1)
    return jnp.mean(total + 0.5 * noise**2, axis=(1, 2, 3))


def _cosine_matrix(size: int) -> np.ndarray:
    """The orthonormal DCT-II as a matrix: rows are components."""
    from scipy.fft import dct

    return np.asarray(dct(np.eye(size), axis=0, norm="ortho"), np.float32)
