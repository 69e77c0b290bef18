"""e^z - 1 - z and its inverse: the divergence between Gaussians of one mean [T2.1].

    KL(N(0, e^z v) ‖ N(0, v)) = ½ (e^z - 1 - z) = P

so that z is the logarithm of the ratio of variances at divergence P. The usual way back is the
Lambert function, e^z = -W(-exp(-1 - 2P)), of which P -> 0 is the branch point: there its argument
has lost half of the digits of z [T2.1c, T2.1d]. Here z is found itself.
"""

from typing import Any

from rdtheory.arrays import Array, namespace


def exponential_excess(z: Any) -> Array:
    """e^z - 1 - z, by its series where |z| < 1: the difference would cancel. Infinite from 700 on.

    >>> import numpy as np
    >>> exponential_excess(np.array([-1e-8, 0.0, 2.0])).round(20)
    array([5.0000000e-17, 0.0000000e+00, 4.3890561e+00])
    """
    xp = namespace(z)
    near = xp.abs(z) < 1
    small = xp.where(near, z, 0.0)
    series = xp.ones_like(small)
    for k in range(19, 2, -1):  # the next term is 2/20! = 1e-18 of the first
        series = 1 + series * small / k
    far = xp.where(z < 700, xp.expm1(xp.minimum(z, 700.0)) - z, xp.inf)
    return xp.where(near, small * small / 2 * series, far)


def log_variance_ratio(divergence: Any) -> tuple[Array, Array]:
    """The roots z <= 0 and z >= 0 of ½ (e^z - 1 - z) = P, the branches W₀ and W₋₁ [T2.1c, T2.1d].

    Args:
        divergence: P >= 0 and finite, an array of float64.

    >>> import numpy as np
    >>> from scipy.special import lambertw
    >>> below, above = log_variance_ratio(np.float64(0.5))
    >>> np.exp(below).round(12), -lambertw(-np.exp(-2.0), 0).real.round(12)
    (np.float64(0.158594339563), np.float64(0.158594339563))
    """
    xp = namespace(divergence)
    first = 2 * xp.sqrt(divergence)  # z = ± this as P -> 0
    # Both starts lie beyond the root, where Newton's steps on a convex function never cross it.
    return (
        _newton(-(2 * divergence + first), divergence),
        _newton(xp.log1p(2 * divergence + first), divergence),
    )


def _newton(z: Array, divergence: Array) -> Array:
    xp = namespace(z)
    for _ in range(8):
        slope = xp.expm1(z)
        z = z - (exponential_excess(z) - 2 * divergence) / xp.where(slope == 0, 1.0, slope)
    return z
