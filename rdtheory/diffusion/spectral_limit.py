"""Rate and distortion per dimension in the limit of many dimensions [T6.1a, T6.3].

With the law of an eigenvalue in place of M eigenvalues, and the component's channel SNR s(λ) of a
noise family (`Noise`), share δ(s) of a reconstruction (`Reconstruction`):

    R = E ½ ln(1 + s(λ)) nats a dimension,   D = c E λ δ(s(λ)) a dimension
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64
from rdtheory.diffusion.inversion import HIGHEST, solve_log
from rdtheory.diffusion.noise import AStar, divide_or_inf
from rdtheory.diffusion.schemes import SCHEMES
from rdtheory.diffusion.spectral_law import SpectralLaw
from rdtheory.errors import InputError, only_given
from rdtheory.results import plain_numbers
from rdtheory.units import bits_from_nats, db_from_nats, nats_from_bits


@dataclass(frozen=True, eq=False)
class LimitPoint:
    """A scheme in the limit of many dimensions; every field has the shape of the target.

    Attributes:
        bits_per_dim: R/(M ln 2).
        distortion_per_dim: D/M.
        snr_db: 10 log10(2 tr Σ/D) [T1.10a].
        noise_level: t₁, the noise variance where the eigenvalue is largest; infinite at zero rate.
        water_level: θ of A* or F* noise, None for other noises.

    >>> LimitPoint(1.0, 0.5, 6.0, np.inf, None).to_dict()["noise_level"]
    """

    bits_per_dim: Array
    distortion_per_dim: Array
    snr_db: Array
    noise_level: Array
    water_level: Array | None

    def to_dict(self) -> dict[str, Any]:
        """Numbers and lists, ready for JSON: infinite levels become None."""
        return {field.name: plain_numbers(getattr(self, field.name)) for field in fields(self)}


class SpectralLimit:
    """A scheme of `SCHEMES` on infinitely many dimensions, given the law of an eigenvalue.

    As accurate as the law; a rate of A* noise has to be above 1e-20 bits. NumPy only.

    Args:
        name: one of `SCHEMES`.
        law: the law of an eigenvalue.

    Raises:
        InputError: if the name is unknown or the law is none.

    >>> white = SpectralLaw(lambda angle: 0 * angle + 2, lambda angle: 0 * angle + 1 / np.pi)
    >>> SpectralLimit("diffc-f", white).at(noise_level=0.5).distortion_per_dim.round(9)  # [T1.5]
    np.float64(0.422291236)
    """

    def __init__(self, name: str, law: SpectralLaw) -> None:
        if not isinstance(name, str) or name not in SCHEMES:
            raise InputError("scheme", repr(name), ", ".join(SCHEMES))
        if not isinstance(law, SpectralLaw):
            raise InputError("law", type(law).__name__, "a SpectralLaw")
        self.name, self.law = name, law
        self.noise, self.reconstruction = SCHEMES[name]

    def at(
        self, *, noise_level: Any = None, water_level: Any = None, bits_per_dim: Any = None
    ) -> LimitPoint:
        """The operating point at exactly one of the targets, a number or an array of any shape.

        Args:
            noise_level: t₁ > 0, the noise variance where the eigenvalue is largest (isotropic
                noise: everywhere); infinite at zero rate.
            water_level: θ of A* (0 < θ <= λ₁) or F* noise (θ > 0).
            bits_per_dim: R/(M ln 2) >= 0.

        Raises:
            InputError: if not exactly one target is given, or if it is out of range.
        """
        ways = {
            "noise_level": (noise_level, self._from_noise_level),
            "water_level": (water_level, self._from_water_level),
            "bits_per_dim": (bits_per_dim, self._from_bits_per_dim),
        }
        name = only_given("target", {name: value for name, (value, _) in ways.items()})
        value, leading_snr_from = ways[name]
        target = float64(np, name, value)
        if 0 in target.shape:
            raise InputError(name, f"shape {target.shape}", "at least one target")
        with np.errstate(over="ignore", divide="ignore"):  # infinite: not reached
            leading_snr = leading_snr_from(target)
        reached = leading_snr <= np.exp(HIGHEST)
        check(name, target, reached, "levels that float64 can hold", "ask for a lower rate")
        return self._operate(leading_snr)

    def _operate(self, leading_snr: Array) -> LimitPoint:
        rate, remaining, captured = self._totals(leading_snr)
        reconstruction, leading = self.reconstruction, self.law.leading_eigenvalue
        gain_db = db_from_nats(np.log1p(captured / remaining))
        return LimitPoint(
            bits_per_dim=bits_from_nats(rate),
            distortion_per_dim=reconstruction.zero_rate_factor * remaining,
            snr_db=gain_db + reconstruction.zero_rate_snr_db[0],
            noise_level=divide_or_inf(np.float64(leading), leading_snr)[()],
            water_level=self.noise.water_level(np.float64(leading), leading_snr),
        )

    def _totals(self, leading_snr: Array) -> np.ndarray:
        """R, E λ δ(s) and E λ (1 - δ(s)) at s₁, shape (3, ...)."""
        means = [self._means(snr) for snr in np.reshape(leading_snr, -1)]
        return np.reshape(np.transpose(means), (3, *np.shape(leading_snr)))

    def _means(self, leading_snr: float) -> list[float]:
        leading = self.law.leading_eigenvalue
        kink = leading / (1 + leading_snr) if isinstance(self.noise, AStar) else None
        eigenvalues, weights = self.law.nodes(kink)
        snr = self.noise.snr(eigenvalues, np.float64(leading), np.float64(leading_snr))
        remaining, captured = self.reconstruction.split(snr)
        variances = weights * eigenvalues
        return [weights @ np.log1p(snr) / 2, variances @ remaining, variances @ captured]

    def _from_noise_level(self, noise_level: Array) -> Array:
        check("noise_level", noise_level, noise_level > 0, "numbers > 0 (infinite: zero rate)")
        return self.law.leading_eigenvalue / noise_level

    def _from_water_level(self, water_level: Array) -> Array:
        leading = np.float64(self.law.leading_eigenvalue)
        return self.noise.leading_snr_at_water_level(leading, water_level)

    def _from_bits_per_dim(self, bits_per_dim: Array) -> Array:
        finite = (bits_per_dim >= 0) & (bits_per_dim < np.inf)
        check("bits_per_dim", bits_per_dim, finite, "finite numbers >= 0")
        rate = nats_from_bits(bits_per_dim)
        # The floor keeps the logarithm finite where water-filling rounds to nothing at all.
        found = solve_log(
            lambda snr: np.maximum(self._totals(snr)[0], 1e-30 * np.minimum(snr, 1.0)),
            np.where(rate > 0, rate, 1.0),
        )
        return np.where(rate > 0, found, 0.0)
