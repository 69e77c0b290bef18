"""The third result: when the probability flow is the best realistic reconstruction [T1.14].

Of all X̂ ~ X made from Y alone the best attains (Freirich, Michaeli and Meir 2021, arXiv 2107.02555)

    D = mmse + W₂²(m, X),    m = E[X | Y],

by the optimal map from the law of m to that of X: the gradient of a convex function. Where X has
independent components in some rotated basis, T ∘ m⁻¹ is that map, T being the flow. In general it
is not, which can be seen in two ways: the Jacobian of T ∘ m⁻¹ is not symmetric, or exchanging the
reconstructions of finitely many points lowers the error.
"""

from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64
from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.diffusion.independent_channel import IndependentChannel
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.errors import InputError
from rdtheory.sources.independent import IndependentComponents
from rdtheory.sources.line_quadrature import integrate
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.scalar import ScalarSource

CROSSED_STICKS = GaussianMixtureVector(
    weights=[0.5, 0.5],
    means=[[-3.0, 0.0], [3.0, 0.0]],
    covariances=[[[0.5, 0.49], [0.49, 0.5]], [[0.5, -0.49], [-0.49, 0.5]]],
)
"""Two narrow clusters across each other: at noise variance 4 the flow is not optimal [T1.14]."""

EXCHANGED = ((3.0, 0.0), (1.0, -4.0))
"""Two values of Y, at t = 4, whose reconstructions are better exchanged: `cyclic_gap` < -0.1."""


def best_realistic_distortion(source: IndependentComponents, noise_variance: float) -> float:
    """min E‖X - X̂‖² over X̂ ~ X made from Y: mmse + Σ W₂²(m_i, S_i) [T1.14].

    In one dimension the optimal coupling pairs quantiles, and m_i is increasing in y, so that
    W₂² = ∫ (m_i(F_Y⁻¹(u)) - F_S⁻¹(u))² du. No flow is needed for it.

    Args:
        source: X = Q S.
        noise_variance: t, a number as for `ScalarChannel`.

    Raises:
        InputError: if the source has no independent components.

    >>> from rdtheory.sources.laplace import Laplace
    >>> pair = IndependentComponents([Laplace(1.0), Laplace(2.0)])
    >>> best = best_realistic_distortion(pair, 0.3)
    >>> round(best / IndependentChannel(pair, 0.3).flow_distortion, 9)
    1.0
    """
    if not isinstance(source, IndependentComponents):
        raise InputError("source", type(source).__name__, "IndependentComponents")
    channel = IndependentChannel(source, noise_variance)
    t = channel.channels[0].noise_variance
    return channel.mmse + sum(_quantile_transport(one, t) for one in source.components)


def cyclic_gap(posterior_means: Any, reconstructions: Any) -> float:
    """Σ_i ⟨m_i, T_i - T_{i+1}⟩, cyclic: >= 0 for any points of an optimal map [T1.14].

    It is half of what handing each reconstruction to the previous point adds to Σ ‖m_i - T_i‖². A
    negative value proves that the map is not optimal: T is continuous, so that neighbourhoods of
    the points, which have positive probability, can be exchanged as well.

    Args:
        posterior_means: m_i, shape (n, M).
        reconstructions: T_i, of the same points, shape (n, M).

    Raises:
        InputError: if shapes differ, or a value is not finite.

    >>> channel = MixtureChannel(CROSSED_STICKS, 4.0)
    >>> round(cyclic_gap(channel.posterior_mean(EXCHANGED), channel.flow(EXCHANGED)), 6)
    -0.100894
    """
    means, reached = _pairs(posterior_means, reconstructions)
    return float(np.sum(means * (reached - np.roll(reached, -1, axis=0))))


def gain_of_re_pairing(posterior_means: Any, reconstructions: Any) -> float:
    """Share of Σ ‖m_i - T_i‖² that the best exchange of the T_i saves; 0 if optimal [T1.14].

    Of samples, it estimates which share of W₂² + (loss) is loss.

    Args:
        posterior_means: m_i, shape (n, M).
        reconstructions: T_i, of the same points, shape (n, M).

    Raises:
        InputError: if shapes differ, or a value is not finite.

    >>> gain_of_re_pairing([[0.0], [1.0]], [[1.0], [0.0]])
    1.0
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    costs = cdist(*_pairs(posterior_means, reconstructions), "sqeuclidean")
    own = float(np.trace(costs))
    if own == 0:
        return 0.0
    return max(0.0, 1 - float(costs[linear_sum_assignment(costs)].sum()) / own)


def jacobian_asymmetry(channel: MixtureChannel, y: Any) -> Array:
    """‖J - Jᵀ‖/‖J‖ of J = D(T ∘ m⁻¹) at m(y), shape (n,): 0 if T ∘ m⁻¹ is a gradient [T1.14].

    DT by central differences over 2·10⁻⁴ √t of the flow at tolerance 1e-10, good to 1e-5; Dm is
    Cov[X | y]/t.

    Args:
        channel: with isotropic noise t.
        y: points, shape (n, M).

    Raises:
        InputError: if the channel is none, its noise not isotropic, or y of another shape.

    >>> asymmetry = jacobian_asymmetry(MixtureChannel(CROSSED_STICKS, 4.0), EXCHANGED)
    >>> asymmetry.round(3)
    array([0.856, 0.859])
    """
    if not isinstance(channel, MixtureChannel):
        raise InputError("channel", type(channel).__name__, "a MixtureChannel")
    y, dim, noise = float64(np, "y", y), channel.source.dim, channel.isotropic_noise
    if y.ndim != 2 or y.shape[1] != dim:
        raise InputError("y", f"shape {y.shape}", f"shape (n, {dim})")
    step = 1e-4 * noise**0.5
    offsets = step * np.concatenate([np.eye(dim), -np.eye(dim)])
    ahead, behind = np.split(channel.flow(y[:, None] + offsets, tolerance=1e-10), 2, axis=1)
    flow = np.swapaxes(ahead - behind, 1, 2) / (2 * step)
    mean = channel.source.posterior_covariance(y, noise) / noise
    jacobian = np.swapaxes(np.linalg.solve(mean, np.swapaxes(flow, 1, 2)), 1, 2)
    size = np.linalg.norm(jacobian, axis=(1, 2))
    return np.linalg.norm(jacobian - np.swapaxes(jacobian, 1, 2), axis=(1, 2)) / size


def _quantile_transport(source: ScalarSource, noise_variance: float) -> float:
    """W₂²(E[S | Y], S), with u = Φ(z)."""
    from scipy.special import ndtr

    def integrand(z: Array) -> Array:
        u = ndtr(z)
        mean = source.posterior_mean(source.quantile(u, noise_variance), noise_variance)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return (density * (mean - source.quantile(u)) ** 2)[None]

    # 1 - u has 3 digits at z = 7.5, beyond which lie 3e-14 of the mass.
    return float(integrate(integrand, np.linspace(-7.5, 7.5, 31)).values[0])


def _pairs(posterior_means: Any, reconstructions: Any) -> tuple[Array, Array]:
    means = float64(np, "posterior_means", posterior_means)
    reached = float64(np, "reconstructions", reconstructions)
    if means.ndim != 2 or means.size == 0:
        raise InputError("posterior_means", f"shape {means.shape}", "shape (n, M), not empty")
    if reached.shape != means.shape:
        raise InputError("reconstructions", f"shape {reached.shape}", f"shape {means.shape}")
    for name, value in (("posterior_means", means), ("reconstructions", reached)):
        check(name, value, np.isfinite(value), "finite values")
    return means, reached


def _sides(source: Any, noise_variance: float) -> Chain:
    if isinstance(source, ScalarSource):
        source = IndependentComponents((source,))
    best = best_realistic_distortion(source, noise_variance)
    flow = IndependentChannel(source, noise_variance).flow_distortion
    lower, upper = (Member(f"mmse + W2^2{what}", best, 1e-9 * best) for what in ("", ", equal"))
    return Chain((lower, Member("D_F", flow, 1e-9 * flow), upper), "squared error")


THIRD_RESULT = Theorem(
    name="third-result",
    statement="D_F = mmse + W2^2(E[X | Y], X): no reconstruction X̂ ~ X from Y has a smaller error",
    assumptions=("X = Q S, Q orthogonal, S with independent components", "isotropic noise"),
    reference="Theis, Salimans, Hoffman and Mentzer 2022, Theorem 3; Freirich et al. 2021",
    shown="optimal maps on the line are increasing; both sides by quadrature",
    labels=("T1.14", "T4.1c"),
    sides=_sides,
)
"""The third result as a theorem of `rdtheory.bounds`."""
