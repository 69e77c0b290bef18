"""The first result: the rate of DiffC-A* beside the best deterministic code (Eq. 16, 17) [T1.12].

With Z = X + A* noise, X̂ ~ P(X | Z), D = E‖X - X̂‖² = 2 mmse, and a star for the Gaussian of the
same mean and covariance,

    R*(D/2) - KL(P_X ‖ P_X*)  <=  R(D/2)  <=  I(X; Z)  <=  R*(D/2) - KL(P_Z ‖ P_Z*)
                              <=  R(D/2) + KL(P_X ‖ P_X*) - KL(P_Z ‖ P_Z*).

(a) A dual point of the Gaussian times p*/p is one of X: R >= R* - KL. (b) E[X | Z] has the
distortion D/2. (c) I(X; Z) = I(X*; Z*) - KL(P_Z ‖ P_Z*), and mmse <= mmse*. Components whose
eigenvalue is below the water level are noise only.

On the line the noise is given by its variance. For a mixture of vectors it is given by the water
level θ, and R(D/2), which no one knows, is left out of the chain.
"""

from typing import Any

import numpy as np

from rdtheory.arrays import check, float64
from rdtheory.bounds.chain import Chain, Member
from rdtheory.bounds.theorem import Theorem
from rdtheory.diffusion.estimate import Estimate, expectation
from rdtheory.diffusion.mixture_channel import MixtureChannel
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.errors import InputError
from rdtheory.rate_distortion.scalar_source import scalar_rate_distortion
from rdtheory.rate_distortion.water_filling import ReverseWaterFilling
from rdtheory.sources.mixture_vector import GaussianMixtureVector
from rdtheory.sources.scalar import ScalarSource

_QUADRATURE = 1e-9
"""Error of the integrals of a scalar channel, relative; their values are of order 1."""


def _sides(source: Any, noise_variance: float) -> Chain:
    if isinstance(source, ScalarSource):
        return _scalar_sides(source, noise_variance)
    if isinstance(source, GaussianMixtureVector):
        return _mixture_sides(source, noise_variance)
    raise InputError("source", type(source).__name__, "a ScalarSource or a GaussianMixtureVector")


def _scalar_sides(source: ScalarSource, noise_variance: float) -> Chain:
    if source.entropy_nats == -np.inf:
        raise InputError("source", source.name, "a source of finite differential entropy")
    channel = ScalarChannel(source, noise_variance)
    best = scalar_rate_distortion(source, channel.mmse)
    gaussian = float(np.log(source.variance / channel.mmse)) / 2
    from_gaussian = float(np.log(2 * np.pi * np.e * source.variance)) / 2 - source.entropy_nats
    shift = from_gaussian - channel.gaussian_divergence_nats
    rate = Member("R(D/2)", best.rate_nats - best.gap_nats / 2, best.gap_nats / 2 + _QUADRATURE)
    members = (
        Member("R*(D/2) - KL_X", gaussian - from_gaussian, _QUADRATURE),
        rate,
        Member("I(X; Z)", channel.information_nats, _QUADRATURE),
        Member("R*(D/2) - KL_Z", gaussian - channel.gaussian_divergence_nats, _QUADRATURE),
        Member("R(D/2) + KL_X - KL_Z", rate.value + shift, rate.error + _QUADRATURE),
    )
    return Chain(members, "nats")


def _mixture_sides(source: GaussianMixtureVector, water_level: float) -> Chain:
    """In the eigenbasis of the covariance, where A* noise is independent [T1.11]."""
    gaussian = source.gaussian
    eigenvalues, level = gaussian.eigenvalues, float64(np, "noise_variance", water_level)
    check("noise_variance", level, (level > 0) & (level < eigenvalues[0]), "0 < θ < λ₁")
    active = eigenvalues > level
    noise = np.full(source.dim, np.inf)
    noise[active] = level * eigenvalues[active] / (eigenvalues[active] - level)
    turned = _in_eigenbasis(source)
    channel = MixtureChannel(turned, noise)
    information, divergence = channel.information_nats, channel.gaussian_divergence_nats
    from_gaussian = _divergence_from_gaussian(turned)
    rate = float(ReverseWaterFilling(gaussian).rate_nats(channel.mmse.value))
    uncertain = channel.mmse.error / (2 * float(level))  # the slope of R* is -1/(2θ)
    members = (
        Member("R*(D/2) - KL_X", rate - from_gaussian.value, uncertain + from_gaussian.error),
        Member("I(X; Z)", information.value, information.error),
        Member("R*(D/2) - KL_Z", rate - divergence.value, uncertain + divergence.error),
    )
    return Chain(members, "nats")


def _in_eigenbasis(source: GaussianMixtureVector) -> GaussianMixtureVector:
    basis = np.asarray(source.gaussian.eigenvectors)
    return GaussianMixtureVector(
        source.weights, source.means @ basis, basis.T @ source.covariances @ basis
    )


def _divergence_from_gaussian(source: GaussianMixtureVector) -> Estimate:
    """KL(P_X ‖ P_X*)."""
    star = GaussianMixtureVector(np.ones(1), source.mean[None], source.covariance[None])
    return expectation(
        lambda x: source.log_density(x) - star.log_density(x),
        source.observed(0.0),
        relative_to=1.0,
        accuracy=1e-10,
        points=1024,
        seed=0,
    )


FIRST_RESULT = Theorem(
    name="first-result",
    statement="R*(D/2) - KL_X <= R(D/2) <= I(X; Z) <= R*(D/2) - KL_Z <= R(D/2) + KL_X - KL_Z",
    assumptions=("finite differential entropy", "Z = X + A* noise, X̂ ~ P(X | Z)"),
    reference="Theis, Salimans, Hoffman and Mentzer 2022, Theorem 1; Eq. 16, 17",
    shown="proof by the dual of R(D); both sides by quadrature, R(D/2) by Blahut-Arimoto",
    labels=("T1.12", "P7"),
    sides=_sides,
)
"""The first result as a theorem of `rdtheory.bounds`."""
