"""The ladder of noise levels on which all streams stand, by whole numbers.

Rung ℓ = 0, 1, ... has the leading noise variance t₁ = 2^(20 - ℓ/32), in units of (half the range)²;
the other components' follow from it by the noise family [T1.6, T1.7, T1.8, T1.11]. A stream names
its rungs, so that both sides have the very same levels, and what is between two rungs, 0.19 dB, is
too little to matter for rate control.
"""

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.stream_source import rounded
from rdtheory.codecs.diffc.model import Prior
from rdtheory.diffusion.noise import AStar, FStar, Isotropic, Noise, Pink, divide_or_inf

RUNGS = 1728
"""From t₁ = 2^20 to 2^-34."""

NOISES: dict[str, Noise] = {noise.name: noise for noise in (Isotropic(), Pink(), AStar(), FStar())}
"""Noise families by name."""


def noise_variances(prior: Prior, noise: str, rung: int) -> Array:
    """t of every component on a rung, shape (M,), infinite where the noise family sends nothing.

    >>> from rdtheory.codecs.diffc.stationary import CosinePrior
    >>> prior = CosinePrior((1, 2, 1), np.array([4.0, 0.5]))
    >>> noise_variances(prior, "isotropic", 640), noise_variances(prior, "a-star", 640)
    (array([1., 1.]), array([ 1., inf]))
    """
    level = float(rounded(np.array(2.0 ** (20 - rung / 32))))
    if noise == "isotropic":
        return np.full(len(prior.eigenvalues), level)
    leading = prior.eigenvalues.max()
    snr = NOISES[noise].snr(prior.eigenvalues, leading, leading / level)
    return rounded(divide_or_inf(prior.eigenvalues, snr))
