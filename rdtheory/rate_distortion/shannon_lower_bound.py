"""R(D) from entropy and Fisher information: below, above, exactly, and as D → 0 [T4.2, T4.4].

h is the differential entropy in nats, G the Fisher information of location (Eq. (18)), M the
dimension and D the squared error summed over dimensions. Everything but `exact_mixture_rate_nats`
works elementwise and for any source.
"""

from typing import Any

import numpy as np

from rdtheory.arrays import Array, broadcast, check, float64, instance, namespace, whole_number
from rdtheory.sources.scalar_mixture import GaussianMixture

LOG_2_PI_E = float(np.log(2 * np.pi * np.e))


def shannon_lower_bound_nats(distortion: Any, entropy_nats: Any, dim: int = 1) -> Array:
    """R(D) >= h - (M/2) ln(2πe D/M), with equality iff X = X̂ + N(0, D/M · I) [T4.2a].

    It is negative, hence idle, where D is larger than the variance of a normal law of entropy h.

    Args:
        distortion: D > 0, any shape.
        entropy_nats: h, finite, in nats; broadcasts with D.
        dim: M.

    Raises:
        InputError: if an argument is not as above.

    >>> round(float(shannon_lower_bound_nats(0.05, 1.2517941692)), 8)  # the mixture of [T4.2]
    1.33072177
    """
    xp, distortion, entropy = _arguments(distortion, entropy_nats, dim)
    return entropy - dim / 2 * (LOG_2_PI_E + xp.log(distortion / dim))


def shannon_upper_bound_nats(
    distortion: Any, entropy_nats: Any, fisher_information: Any, dim: int = 1
) -> Array:
    """R(D) <= h - (M/2) ln(2πe D/M) + (M/2) ln(1 + D G/M²) [T4.2b].

    What X + N(0, D/M · I) says of X, whose posterior mean is within D of X.

    Args:
        distortion: D > 0, any shape.
        entropy_nats: h, finite, in nats.
        fisher_information: G >= 0, infinite where the density jumps.
        dim: M.

    Raises:
        InputError: if an argument is not as above.

    >>> h = np.log(2 * np.pi * np.e) / 2  # N(0, 1) at D = 1/2: ½ ln 2 <= ½ ln 3
    >>> round(float(shannon_upper_bound_nats(0.5, h, 1.0) / np.log(3)), 12)
    0.5
    """
    lower = shannon_lower_bound_nats(distortion, entropy_nats, dim)
    xp, distortion, fisher = _with_fisher(distortion, fisher_information)
    return lower + dim / 2 * xp.log1p(distortion * fisher / dim**2)


def exact_mixture_rate_nats(distortion: Any, mixture: GaussianMixture) -> Array:
    """R(D) = h - ½ ln(2πe D) of a mixture on the line, for 0 < D <= min_k v_k [T4.2a, P19].

    X̂ ~ Σ w_k N(m_k, v_k - D) plus N(0, D) is X: the bound is attained.

    Args:
        distortion: D, any shape.
        mixture: a `GaussianMixture`.

    Raises:
        InputError: if a distortion is outside (0, min_k v_k].

    >>> from rdtheory.sources.scalar_mixture import GaussianMixture
    >>> mixture = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
    >>> round(float(exact_mixture_rate_nats(0.05, mixture)), 8)
    1.33072177
    """
    instance("mixture", mixture, GaussianMixture)
    xp = namespace(distortion)
    distortion = float64(xp, "distortion", distortion)
    largest = float(np.min(mixture.variances))
    inside = (distortion > 0) & (distortion <= largest)
    distortion = check(
        "distortion", distortion, inside, f"0 < distortion <= {largest!r}, the smallest variance"
    )
    return shannon_lower_bound_nats(distortion, mixture.entropy_nats)


def flow_expansion_nats(
    distortion: Any, entropy_nats: Any, fisher_information: Any, dim: int = 1
) -> Array:
    """R_F(D) = h - (M/2) ln(2πe D/M) + G D/(8M) + o(D), DiffC-F as D → 0 [T4.4a].

    For a Gaussian source F* has the same second term [T4.4c].

    Args:
        distortion: D > 0, any shape.
        entropy_nats: h, finite, in nats.
        fisher_information: G, finite, >= 0.
        dim: M.

    Raises:
        InputError: if an argument is not as above.

    >>> h = np.log(2 * np.pi * np.e) / 2
    >>> exact = -np.log(0.01 * (1 - 0.01 / 4)) / 2  # [T1.5e], D = 0.01
    >>> bool(abs(flow_expansion_nats(0.01, h, 1.0) - exact) < 2e-6)
    True
    """
    lower = shannon_lower_bound_nats(distortion, entropy_nats, dim)
    xp, distortion, fisher = _with_fisher(distortion, fisher_information)
    check("fisher_information", fisher, fisher < xp.inf, "finite numbers")
    return lower + fisher * distortion / (8 * dim)


def ancestral_expansion_nats(distortion: Any, entropy_nats: Any, dim: int = 1) -> Array:
    """R_A(D) = h - (M/2) ln(πe D/M) + o(D), DiffC-A as D → 0: 3 dB behind the flow [T4.4b].

    Args:
        distortion: D > 0, any shape.
        entropy_nats: h, finite, in nats.
        dim: M.

    Raises:
        InputError: if an argument is not as above.

    >>> h = np.log(2 * np.pi * np.e) / 2  # exactly so for the normal law
    >>> round(float(ancestral_expansion_nats(0.02, h) / np.log(10)), 12)
    1.0
    """
    xp = namespace(distortion, entropy_nats)
    return shannon_lower_bound_nats(float64(xp, "distortion", distortion) / 2, entropy_nats, dim)


def _arguments(distortion: Any, entropy_nats: Any, dim: int) -> tuple[Any, Array, Array]:
    xp = namespace(distortion, entropy_nats)
    whole_number("dim", dim, most=10**9)
    distortion = float64(xp, "distortion", distortion)
    good = (distortion >= 1e-150) & (distortion <= 1e150)
    distortion = check("distortion", distortion, good, "numbers from 1e-150 to 1e150")
    entropy = float64(xp, "entropy_nats", entropy_nats)
    entropy = check("entropy_nats", entropy, xp.isfinite(entropy), "finite numbers")
    broadcast(distortion=distortion, entropy_nats=entropy)
    return xp, distortion, entropy


def _with_fisher(distortion: Any, fisher_information: Any) -> tuple[Any, Array, Array]:
    xp = namespace(distortion, fisher_information)
    fisher = float64(xp, "fisher_information", fisher_information)
    good = (fisher >= 0) & ((fisher <= 1e150) | (fisher == xp.inf))
    fisher = check("fisher_information", fisher, good, "numbers from 0 to 1e150, or infinity")
    distortion = float64(xp, "distortion", distortion)
    broadcast(distortion=distortion, fisher_information=fisher)
    return xp, distortion, fisher
