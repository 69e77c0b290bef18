"""From Y back to X by a denoiser, in S steps: ancestral, flow or none (Eq. 6; claims 17, 18).

With Y_t = X + N(0, t) and x̂ = E[X | Y_t], the probability flow is dy/d(√t) = (y - x̂)/√t, of which

    flow        y_s = x̂ + sqrt(s/t) (y_t - x̂)                          DDIM [T5.3]
    ancestral   y_s = x̂ + (s/t) (y_t - x̂) + sqrt(s (t - s)/t) N         β̃ of [T5.4]

are steps from t to s. The levels fall in equal steps of ln t to one below a quarter of a grey
level, where x̂ is taken as it is. How few steps change the outcome is in [T5.3c].
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.diffc.variational_bound import NOISE_LEAST
from rdtheory.diffusion.reconstruction import Normals
from rdtheory.errors import InputError
from rdtheory.progress import track

Denoise = Callable[[Array, float], Array]
"""E[X | Y = y] at noise variance t, arrays of shape (n, M)."""


def walk(
    denoise: Denoise, observed: Array, noise: float, how: str, normals: Normals, steps: int
) -> Array:
    """X̂ from Y = X + N(0, t), shape (n, M).

    Args:
        denoise: the model.
        observed: y, shape (n, M).
        noise: t, finite.
        how: "ancestral", "flow" or "mmse".
        normals: makes standard normals of a shape.
        steps: S, evaluations of the model for the first two.

    Raises:
        InputError: if there is no such reconstruction.

    >>> gaussian = lambda y, t: y / (1 + t)  # X ~ N(0, 1), whose flow scales by 1/sqrt(1 + t)
    >>> walk(gaussian, np.array([[2.0]]), 3.0, "flow", np.zeros, steps=1000).round(3)
    array([[0.999]])
    """
    if how not in ("ancestral", "flow", "mmse"):
        raise InputError("reconstruction", repr(how), "ancestral, flow, mmse")
    if how == "mmse":
        return denoise(observed, noise)
    y = observed
    for t, s in track(list(pairwise(levels(noise, steps))), "reconstructing"):
        mean = denoise(y, t)
        if how == "flow":
            y = mean + np.sqrt(s / t) * (y - mean)
        else:
            y = mean + s / t * (y - mean) + np.sqrt(s * max(t - s, 0) / t) * normals(y.shape)
    return y


def levels(noise: float, steps: int) -> list[float]:
    """S + 1 noise variances from t to 0, the first S in equal steps of ln t.

    >>> [round(level, 3) for level in levels(1.0, 1)]
    [1.0, 0]
    """
    least = min(NOISE_LEAST, noise)
    return [*np.geomspace(noise, least, steps + 1)[:-1].tolist(), 0]
