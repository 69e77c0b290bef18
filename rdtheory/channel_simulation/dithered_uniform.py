"""Dithered uniform quantisation (ECDQ): exact for uniform noise at the least rate there is [T3.8].

The target is x + Unif(-Δ/2, Δ/2), and x is N(0, σ²) as the decoder knows it. The interval of
`quantiser` is always the same: length Δ, centre 0. The index costs

    H(k | U) = I(X; X + U') = -(1/Δ) ∫ g(z) log2 g(z) dz,   g(z) = Φ((z + Δ/2)/σ) - Φ((z - Δ/2)/σ)

bits a component, at most 0.2547 more than Gaussian noise of equal variance [ZamirFeder1992].

Component number i of the whole batch (row by row) has the dither U = u_i - 1/2, with u_i uniform
number i of the stream DITHER of the key's first target.
"""

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, cast

import numpy as np
from scipy.special import ndtr, xlogy

from rdtheory.arrays import Array, check, float64
from rdtheory.channel_simulation.gaussian_pair import DiagonalGaussian
from rdtheory.channel_simulation.quantiser import DitheredQuantiser, Lattice
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.simulator import Code
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats


@dataclass(frozen=True, eq=False, init=False)
class UniformNoise:
    """The law of x + Unif(-width/2, width/2), its components independent; one or many of them.

    Args:
        mean: x, shape (..., d), or a number for d = 1.
        width: > 0, finite; a number or one for each component.

    Attributes:
        mean: x, shape (..., d).
        variances: width²/12.
        dim: d, the number of components.

    Raises:
        InputError: if a mean is not finite, a width not positive, or the shapes do not fit.

    >>> UniformNoise([0.0, 1.0], 0.6).variances
    array(0.03)
    """

    mean: Array
    variances: Array

    def __init__(self, mean: Any, width: Any) -> None:
        width = float64(np, "width", width)
        check("width", width, (width > 0) & (width < np.inf), "finite numbers > 0")
        moments = DiagonalGaussian(mean, width * width / 12)
        object.__setattr__(self, "mean", moments.mean)
        object.__setattr__(self, "variances", moments.variances)

    @property
    def dim(self) -> int:
        """d, the number of components."""
        return self.mean.shape[-1]


@dataclass(frozen=True)
class DitheredUniform(DitheredQuantiser):
    """Uniform noise of known width, for a source that the decoder takes for Gaussian.

    Attributes:
        step: Δ > 0, in units of the prior's deviation.
        source_variance: σ² > 0, that of x relative to the prior's.

    Raises:
        InputError: if one is not a finite number > 0.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, Key
    >>> dithered = DitheredUniform(step=0.3)
    >>> code = dithered.encode(UniformNoise([[1.0], [-0.2]], 0.3), STANDARD_NORMAL, Key(7))
    >>> sample = dithered.decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> bool((sample == code.sample).all()), abs(sample - [[1.0], [-0.2]]).max() <= 0.15
    (True, np.True_)
    """

    step: float
    source_variance: float = 1.0

    def __post_init__(self) -> None:
        for name in ("step", "source_variance"):
            value = float64(np, name, getattr(self, name))
            if value.ndim or not 0 < value < np.inf:
                raise InputError(name, value, "a finite number > 0")
            object.__setattr__(self, name, float(value))

    @property
    def noise_variances(self) -> Array:
        """Δ²/12."""
        return np.asarray(self.step * self.step / 12)

    @property
    def source_variances(self) -> Array:
        """σ²."""
        return np.asarray(self.source_variance)

    @property
    def rate_bits_per_dim(self) -> float:
        """I(X; X + U') of a component [T3.8].

        >>> round(DitheredUniform(step=0.3).rate_bits_per_dim, 6)
        3.789451
        """
        half = self.step / sqrt(self.source_variance) / 2
        # z in units of σ, on one side: further in g is 1, and further out it is 0.
        z, spacing = np.linspace(max(half - 9, 0.0), half + 9, 1001, retstep=True)
        g = ndtr(z + half) - ndtr(z - half)
        terms = xlogy(g, g)
        integral = spacing * (terms.sum() - (terms[0] + terms[-1]) / 2)
        return float(bits_from_nats(-integral / half))

    def encode(self, target: UniformNoise, prior: DiagonalGaussian, key: Key) -> Code:
        """One sample of every target, as an index.

        Args:
            target: x + uniform noise of width Δ times the prior's deviation, shape (..., d).
            prior: of mean and deviation that serve as origin and unit of x, known to both sides.
            key: the shared randomness.

        Raises:
            InputError: if the width is not the one that both sides know; if |x| is beyond 2^53 Δ.
        """
        # The base class looks at mean and variances alone.
        code = super().encode(cast(DiagonalGaussian, target), prior, key)
        return replace(code, information_bits=code.dim * self.rate_bits_per_dim)

    def lattice(self, key: Key, count: int, dim: int) -> Lattice:
        """Intervals and dither of `count` targets."""
        uniforms = RandomStreams(key, Purpose.DITHER).uniforms(0, 0, count * dim)
        dither = (uniforms - 0.5).reshape(count, dim)
        return Lattice(np.full((count, dim), self.step), dither, dither)
