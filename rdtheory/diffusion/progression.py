"""A noise family as one diffusion through time: a curve is one progressive code [T1.3b, T1.11].

Along a family the noise variance t_i of every component falls together. So the noisier
Y_i = X_i + N(0, t_i) is a degraded copy of the cleaner one, and the cleaner is reached by a message
that carries just the difference: the observations of X_i made so far have SNR s_i, and a step to
s_i' sends what one more observation of SNR s_i' - s_i is worth, ½ ln(1 + (s_i' - s_i)/(1 + s_i)).
This holds for isotropic noise, where it is the diffusion of Eq. 2 [T1.1a], and for A* and F* noise
as well.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rdtheory.arrays import Array, check, float64, namespace
from rdtheory.diffusion.operating_point import OperatingPoint
from rdtheory.diffusion.schemes import Scheme
from rdtheory.errors import InputError


@dataclass(frozen=True, eq=False, init=False)
class Progression:
    """T steps along a scheme's noise family, from noisy to clean (Eq. 2, (5)) [T1.3, T1.11].

    Args:
        scheme: noise and source.
        **target: a vector of T targets for one of the arguments of `Scheme.at`, such that each step
            is less noisy than the one before: `noise_level=[1.0, 0.1]`, `bits_per_dim=[0.5, 2.0]`.

    Attributes:
        scheme: as given.
        points: the operating points, shape (T,).

    Raises:
        InputError: as `Scheme.at`; if the targets are no vector or not in order.

    >>> from rdtheory.diffusion import scheme
    >>> steps = Progression(scheme("diffc-f-star", [4.0, 1.0]), bits_per_dim=[0.5, 1.0, 2.0])
    >>> steps.noise_variances.shape
    (3, 2)
    """

    scheme: Scheme
    points: OperatingPoint

    def __init__(self, scheme: Scheme, **target: Any) -> None:
        points = scheme.at(**target)
        snr, ((name, given),) = points.leading_snr, target.items()
        if snr.ndim != 1:
            raise InputError(name, f"shape {snr.shape}", "a vector of targets")
        values = float64(namespace(snr), name, given)
        check(name, values[1:], snr[1:] >= snr[:-1], "an order from noisy to clean")
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "points", points)

    @property
    def noise_variances(self) -> Array:
        """t_i after each step, shape (T, M) [T1.11]; infinite where nothing was sent yet."""
        return self.scheme.noise_variances(self.points.leading_snr)

    @cached_property
    def snr(self) -> Array:
        """s_i = λ_i/t_i after each step, shape (T, M)."""
        return self.scheme.channel_snr(self.points.leading_snr)

    @property
    def step_information_nats(self) -> Array:
        """What each message carries, Σ_i ½ ln(1 + Δs_i / (1 + s_i)) [T1.3b], shape (T,)."""
        xp, snr = namespace(self.snr), self.snr
        before = xp.concat((xp.zeros((1, snr.shape[1])), snr[:-1]))
        return xp.sum(xp.log1p((snr - before) / (1 + before)), axis=-1) / 2
