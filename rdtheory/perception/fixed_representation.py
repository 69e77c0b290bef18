"""Distortion against perception at a fixed representation Z (Freirich et al. 2021) [T2.4].

For a given Z, whatever the rate was spent on (arXiv 2107.02555),

    D(P) = mmse + ((W₂ - sqrt(P))₊)²,   W₂ = W₂(E[X | Z], X),   Gaussian: W₂² = Σ λ (1 - ρ_i)²,

reached by X̂ = (1 - b) E[X | Z] + b X̂_pr with b = (1 - sqrt(P)/W₂)₊, between the posterior mean
(b = 0) and the flow's reconstruction X̂_pr = T(Z) (b = 1).
"""

from dataclasses import dataclass
from typing import Any

from rdtheory.arrays import Array, broadcast, check, float64, instance, namespace, vectors
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.diffusion.reconstruction import Flow
from rdtheory.results import Result


@dataclass(frozen=True, eq=False)
class RepresentationTradeoff(Result):
    """The decoder of least distortion with W₂²(X̂, X) <= P; the fields have the shape of P.

    Attributes:
        distortion: D(P).
        perception: W₂² that is reached: P, or less where the posterior mean has less.
        realism: b, the weight of the flow's reconstruction.

    >>> RepresentationTradeoff(1.0, 0.0, 1.0).to_dict()
    {'distortion': 1.0, 'perception': 0.0, 'realism': 1.0}
    """

    distortion: Array
    perception: Array
    realism: Array


def tradeoff_at_channel(channel: GaussianChannel, perception: Any) -> RepresentationTradeoff:
    """D(P) = mmse + ((W₂(E[X | Z], X) - sqrt(P))₊)² [T2.4].

    Args:
        channel: X -> Z.
        perception: P >= 0, in the unit of a squared error; any shape.

    Raises:
        InputError: if P is negative, NaN or infinite.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([2.0]), [1.0], [0.5])
    >>> tradeoff_at_channel(channel, [0.0, 1.0]).distortion.round(9)  # D_F and the mmse
    array([0.42229124, 0.4       ])
    """
    instance("channel", channel, GaussianChannel)
    xp = namespace(perception, channel.gains)
    perception = float64(xp, "perception", perception)
    good = (perception >= 0) & (perception < xp.inf)
    perception = check("perception", perception, good, "finite numbers >= 0")
    distance = xp.sqrt(squared_distance(channel))
    root = xp.minimum(xp.sqrt(perception), distance)
    missing = distance - root
    positive = distance > 0
    return RepresentationTradeoff(
        xp.sum(channel.posterior_variances) + missing * missing,
        root * root,
        xp.where(positive, missing / xp.where(positive, distance, 1.0), 0.0),
    )


def squared_distance(channel: GaussianChannel) -> Array:
    """W₂²(E[X | Z], X) = Σ λ (1 - ρ_i)² [T2.4].

    >>> from rdtheory.sources import GaussianVector
    >>> squared_distance(GaussianChannel(GaussianVector([2.0]), [1.0], [0.5])).round(9)
    np.float64(0.022291236)
    """
    instance("channel", channel, GaussianChannel)
    xp = namespace(channel.gains)
    return xp.sum(channel.source.eigenvalues * Flow().split(channel.snr)[0] ** 2)


def reconstruct(channel: GaussianChannel, z: Array, realism: Any) -> Array:
    """X̂ = (1 - b) E[X | Z] + b T(Z) in the coordinates of X, shape (..., M) [T2.4].

    A component of zero rate has T(Z) = Z's noise, scaled to the variance of X.

    Args:
        channel: X -> Z.
        z: received vectors, shape (..., M).
        realism: b in [0, 1].

    Raises:
        InputError: if b or the shape of z is out of range.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([3.0]), [0.5], [0.25])
    >>> reconstruct(channel, [1.0], 1.0)
    array([1.73205081])
    """
    instance("channel", channel, GaussianChannel)
    xp = namespace(z, realism, channel.gains)
    realism = float64(xp, "realism", realism)
    realism = check("realism", realism, (realism >= 0) & (realism <= 1), "0 <= realism <= 1")
    z = vectors(xp, "z", z, channel.source.dim)
    broadcast(z=z, realism=realism)
    return (1 - realism) * channel.posterior_mean(z) + realism * channel.flow(z)
