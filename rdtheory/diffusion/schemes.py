"""A scheme: a noise family and a reconstruction applied to a Gaussian source [T1.4-T1.10].

    scheme name        noise       reconstruction
    rd                 A*          posterior mean    R*(D): the test channel of water-filling
    rd-half            A*          ancestral         R*(D/2): the best deterministic realistic code
    diffc-a, -f        isotropic   ancestral, flow   Eq. 1, 6, 9-12
    diffc-a-pink, -f-  pink        ancestral, flow   Fig. 7A, "P"
    diffc-a-star       A*          ancestral         Eq. 13, 14; the same curve as rd-half
    diffc-f-star       F*          flow              Eq. 15

A scheme is operated at a noise level, a water level, a rate, a distortion or an SNR; one number or
an array of them. The result is an `OperatingPoint`; a table of them is a `Curve`.
"""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, is_numpy, namespace, whole_number
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.diffusion.inversion import HIGHEST
from rdtheory.diffusion.noise import AStar, FStar, Isotropic, Noise, Pink, divide_or_inf
from rdtheory.diffusion.operating_point import Components, Curve, OperatingPoint
from rdtheory.diffusion.reconstruction import Ancestral, Flow, PosteriorMean, Reconstruction
from rdtheory.diffusion.totals import ComponentSums, Totals
from rdtheory.errors import InputError, only_given
from rdtheory.rate_distortion.water_filling import ReverseWaterFilling
from rdtheory.sources.gaussian import GaussianVector, as_gaussian
from rdtheory.units import bits_from_nats, db_from_nats, nats_from_bits, nats_from_db

SCHEMES: Mapping[str, tuple[Noise, Reconstruction]] = MappingProxyType(
    {
        "rd": (AStar(), PosteriorMean()),
        "rd-half": (AStar(), Ancestral()),
        "diffc-a": (Isotropic(), Ancestral()),
        "diffc-f": (Isotropic(), Flow()),
        "diffc-a-pink": (Pink(), Ancestral()),
        "diffc-f-pink": (Pink(), Flow()),
        "diffc-a-star": (AStar(), Ancestral()),
        "diffc-f-star": (FStar(), Flow()),
    }
)
"""The named schemes. A new noise or a new reconstruction is a class and a row here."""


def scheme(name: str, source: GaussianVector | Any) -> "Scheme":
    """The scheme of that name (see `SCHEMES`) for a source.

    Args:
        name: one of `SCHEMES`.
        source: a `GaussianVector`, a vector of eigenvalues or a covariance matrix.

    Raises:
        InputError: if the name is unknown or the source is not valid.

    >>> scheme("rd", [5.0, 2.0, 0.7, 0.1]).at(distortion_per_dim=0.4).bits_per_dim.round(12)
    np.float64(0.725919365257)
    """
    if not isinstance(name, str) or name not in SCHEMES:
        raise InputError("scheme", repr(name), ", ".join(SCHEMES))
    noise, reconstruction = SCHEMES[name]
    return Scheme(as_gaussian(source), noise, reconstruction, name)


class Scheme:
    """A noise family and a reconstruction on a Gaussian source: rate, distortion, SNR, channel.

    Args:
        source: the Gaussian vector.
        noise: the family of channels.
        reconstruction: how X̂ is made from Z.
        name: what tables and legends call it.

    >>> flow = scheme("diffc-f", [2.0])
    >>> flow.at(noise_level=0.5).distortion_per_dim.round(9)  # [T1.5]
    np.float64(0.422291236)
    """

    def __init__(
        self, source: GaussianVector, noise: Noise, reconstruction: Reconstruction, name: str
    ) -> None:
        self.source, self.noise, self.reconstruction = source, noise, reconstruction
        self.name = name

    def __repr__(self) -> str:
        return f"<scheme {self.name} on {self.source.dim} dimensions>"

    def at(
        self,
        *,
        noise_level: Any = None,
        water_level: Any = None,
        bits_per_dim: Any = None,
        distortion_per_dim: Any = None,
        snr_db: Any = None,
    ) -> OperatingPoint:
        """The operating point at exactly one of the targets, a number or an array of any shape.

        Accurate to about 1e-12 relative in float64, for up to 430 bits in the component of largest
        eigenvalue; more is refused. Under a JAX transformation a target out of
        range gives NaN in place of an error.

        Args:
            noise_level: t₁ > 0, the noise variance of Y = X + sqrt(t) U in the component of largest
                eigenvalue (isotropic noise: in all); infinite at zero rate.
            water_level: θ of A* (0 < θ <= λ₁) or F* noise (θ > 0) [T1.8, T1.9].
            bits_per_dim: R / (M ln 2) >= 0.
            distortion_per_dim: D / M, from above 0 to its value at zero rate, 2 tr Σ / M (`rd`:
                tr Σ / M).
            snr_db: 10 log10(2 tr Σ / D) [T1.10a], from 0 (`rd`: 3.01) dB up.

        Raises:
            InputError: if not exactly one target is given, or if it is out of range.

        >>> point = scheme("diffc-f-star", [5.0, 2.0, 0.7, 0.1]).at(water_level=0.8)  # [T1.9]
        >>> (point.bits_per_dim * 4 * np.log(2)).round(12), (point.distortion_per_dim * 4).round(12)
        (np.float64(1.726694032394), np.float64(2.251762751155))
        """
        ways = {
            "noise_level": (noise_level, self._from_noise_level),
            "water_level": (water_level, self._from_water_level),
            "bits_per_dim": (bits_per_dim, self._from_bits_per_dim),
            "distortion_per_dim": (distortion_per_dim, self._from_distortion_per_dim),
            "snr_db": (snr_db, self._from_snr_db),
        }
        name = only_given("target", {name: value for name, (value, _) in ways.items()})
        value, leading_snr_from = ways[name]
        xp = namespace(value, self.source.eigenvalues)
        if xp is not namespace(self.source.eigenvalues):
            source = self.source.to_namespace(xp)
            return Scheme(source, self.noise, self.reconstruction, self.name).at(**{name: value})
        target = float64(xp, name, value)
        if 0 in target.shape:
            raise InputError(name, f"shape {target.shape}", "at least one target")
        with np.errstate(over="ignore", divide="ignore"):  # infinite: not reached
            leading_snr = leading_snr_from(target)
        reached = leading_snr <= np.exp(HIGHEST)
        check(name, target, reached, "levels that float64 can hold", "ask for a lower rate")
        return self._operate(xp.where(reached, leading_snr, np.nan))

    def curve(self, points: int | None = None, **target: Any) -> Curve:
        """The scheme's curve: a table of operating points.

        Args:
            points: so many rates, evenly spaced from 0 to 4 bits per dimension; 101 if neither
                this nor a target is given.
            **target: or else a vector of targets for one of the arguments of `at`.

        Raises:
            InputError: as `at`; if `points` is below 2; if the targets are no vector.

        >>> (0.0 + scheme("diffc-a-pink", [5.0, 2.0]).curve(3).snr_db).round(4)
        array([ 0.    , 12.0412, 24.0824])
        """
        if points is not None and target:
            raise InputError("target", f"points, {', '.join(target)}", "points or one target")
        if not target:
            target = {"bits_per_dim": even_rates(101 if points is None else points)}
        point = self.at(**target)
        if point.leading_snr.ndim != 1:
            raise InputError(
                " or ".join(target), f"shape {point.leading_snr.shape}", "a vector of targets"
            )
        return Curve.of(point)

    # What an `OperatingPoint` works out only when asked.

    def components(self, leading_snr: Array) -> Components:
        """Rate, distortion and SNR of every component at s₁ (Fig. 7B), shape (..., M)."""
        eigenvalues, snr = self.source.eigenvalues, self.channel_snr(leading_snr)
        reconstruction, xp = self.reconstruction, namespace(snr)
        remaining, _ = reconstruction.split(snr)
        return Components(
            eigenvalue=eigenvalues,
            bits=bits_from_nats(xp.log1p(snr) / 2),
            distortion=reconstruction.zero_rate_factor * eigenvalues * remaining,
            snr_db=db_from_nats(reconstruction.log_gain(snr)) + reconstruction.zero_rate_snr_db[0],
        )

    def channel(self, leading_snr: Array) -> GaussianChannel:
        """The forward channel X -> Z at one s₁."""
        if leading_snr.ndim != 0:
            raise InputError(
                "channel", f"{leading_snr.shape} operating points", "a single one", "index first"
            )
        source = self.source
        gains, variances = self.noise.channel(
            source.eigenvalues, source.leading_eigenvalue, leading_snr
        )
        return GaussianChannel(source, gains, variances)

    def slope(self, leading_snr: Array) -> Array:
        """dR/dD in nats per unit of squared error; at zero rate its limit, 0 for the flow."""
        xp = namespace(leading_snr)
        leading_snr = xp.maximum(leading_snr, _NEARLY_NOTHING)
        return self._totals.slope(leading_snr) / self.reconstruction.zero_rate_factor

    def noise_variances(self, leading_snr: Array) -> Array:
        """t_i = λ_i/s_i of Y_i = X_i + N(0, t_i), shape (..., M) [T1.11]; infinite at rate 0."""
        return divide_or_inf(self.source.eigenvalues, self.channel_snr(leading_snr))

    def channel_snr(self, leading_snr: Array) -> Array:
        """s_i = λ_i/t_i of every component at s₁, shape (..., M)."""
        return self.noise.component_snr(self.source, leading_snr)

    @cached_property
    def _totals(self) -> Totals:
        # Water-filling knows A* noise with the posterior's mean or a sample in closed form.
        if isinstance(self.noise, AStar) and isinstance(self.reconstruction, Ancestral):
            return ReverseWaterFilling(self.source)
        return ComponentSums(self.source, self.noise, self.reconstruction)

    @property
    def _zero_rate_distortion(self) -> Array:
        return self.reconstruction.zero_rate_factor * self.source.total_variance

    def _operate(self, leading_snr: Array) -> OperatingPoint:
        dim, leading = self.source.dim, self.source.leading_eigenvalue
        xp = namespace(leading_snr)
        factor = self.reconstruction.zero_rate_factor
        rate, remaining, captured = self._totals.totals(leading_snr)
        part, captured = (
            remaining / self.source.total_variance,
            captured / self.source.total_variance,
        )
        # ln(1/part), by whichever of part and 1 - part is known without cancellation.
        log_gain = -xp.where(captured < part, xp.log1p(-xp.minimum(captured, 0.75)), xp.log(part))
        water_level = self.noise.water_level(leading, leading_snr)
        return OperatingPoint(
            scheme=self,
            leading_snr=leading_snr,
            bits_per_dim=bits_from_nats(rate) / dim,
            distortion_per_dim=factor * remaining / dim,
            snr_db=db_from_nats(log_gain) + self.reconstruction.zero_rate_snr_db[0],
            noise_level=divide_or_inf(leading, leading_snr)[()],
            water_level=None if water_level is None else water_level[()],
        )

    # From a target to s₁.

    def _from_noise_level(self, noise_level: Array) -> Array:
        noise_level = check(
            "noise_level", noise_level, noise_level > 0, "numbers > 0 (infinite: zero rate)"
        )
        return self.source.leading_eigenvalue / noise_level

    def _from_water_level(self, water_level: Array) -> Array:
        return self.noise.leading_snr_at_water_level(self.source.leading_eigenvalue, water_level)

    def _from_bits_per_dim(self, bits_per_dim: Array) -> Array:
        finite = (bits_per_dim >= 0) & (bits_per_dim < np.inf)
        bits_per_dim = check("bits_per_dim", bits_per_dim, finite, "finite numbers >= 0")
        rate = nats_from_bits(bits_per_dim) * self.source.dim
        # Solvers work on logarithms: where nothing is sent they are given something harmless, and
        # the level follows the straight line that all families are there, for its derivative.
        xp, nothing = namespace(rate), rate == 0
        found = self._totals.leading_snr_at_rate(xp.where(nothing, 1.0, rate))
        return xp.where(nothing, self._line(0, rate), found)

    def _from_distortion_per_dim(self, distortion_per_dim: Array) -> Array:
        largest = self._zero_rate_distortion / self.source.dim
        distortion_per_dim = check(
            "distortion_per_dim",
            distortion_per_dim,
            (distortion_per_dim > 0) & (distortion_per_dim <= largest * (1 + _ROUNDING)),
            f"0 < distortion_per_dim <= {largest!s}, its value at zero rate",
        )
        share, dim = distortion_per_dim / self.reconstruction.zero_rate_factor, self.source.dim
        return self._from_distortion(share * dim, self.source.total_variance_minus(share, dim))

    def _from_snr_db(self, snr_db: Array) -> Array:
        at_zero_rate, rounding = self.reconstruction.zero_rate_snr_db
        snr_db = check(
            "snr_db",
            snr_db,
            (snr_db >= at_zero_rate - _ROUNDING) & (snr_db < np.inf),
            f"finite numbers >= {at_zero_rate:.6g} dB, the SNR at zero rate",
        )
        log_gain = nats_from_db((snr_db - at_zero_rate) - rounding)
        xp, total = namespace(log_gain), self.source.total_variance
        return self._from_distortion(total * xp.exp(-log_gain), -total * xp.expm1(-log_gain))

    def _from_distortion(self, remaining: Array, captured: Array) -> Array:
        xp, nothing, half = namespace(captured), captured <= 0, self.source.total_variance / 2
        found = self._totals.leading_snr_at_distortion(
            xp.where(nothing, half, remaining), xp.where(nothing, half, captured)
        )
        return xp.where(nothing, self._line(2, captured), found)

    def _line(self, which: int, amount: Array) -> Array:
        """s₁ near zero rate as a multiple of the rate (0) or of captured (2), 0 for NumPy."""
        xp = namespace(self.source.eigenvalues)
        if is_numpy(xp):
            return np.float64(0.0)
        little = xp.asarray(_NEARLY_NOTHING)
        return amount * (little / self._totals.totals(little)[which])


def even_rates(points: int) -> np.ndarray:
    """`points` rates from 0 to 4 bits per dimension, evenly spaced: a curve's default.

    Raises:
        InputError: if `points` is no whole number from 2 to a million.

    >>> even_rates(5)
    array([0., 1., 2., 3., 4.])
    """
    if not 2 <= whole_number("points", points) <= _MOST_POINTS:
        raise InputError("points", points, f"2 to {_MOST_POINTS}")
    return np.linspace(0.0, 4.0, points)


_MOST_POINTS = 1_000_000

_NEARLY_NOTHING = 1e-120
"""A leading SNR at which every family has reached its limit at zero rate."""

_ROUNDING = 2.0**-50
"""A target may pass its limit by this much: it was rounded on its way here."""
