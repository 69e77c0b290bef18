"""What operating a scheme gives: a point (or an array of points), its components, a curve."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.results import plain_numbers
from rdtheory.units import bits_from_nats

if TYPE_CHECKING:
    import xarray

    from rdtheory.diffusion.schemes import Scheme


@dataclass(frozen=True, eq=False)
class Components:
    """An operating point broken down by principal component (Fig. 7B).

    Attributes:
        eigenvalue: λ_i, shape (M,), in the order of the source.
        bits: R_i in bits, shape (..., M).
        distortion: D_i, shape (..., M).
        snr_db: 10 log10(2 λ_i / D_i) [T1.10b], shape (..., M); where λ_i = 0, its value at rate 0.

    >>> from rdtheory.diffusion import scheme
    >>> scheme("diffc-a-star", [4.0, 1.0]).at(water_level=1.0).components.bits
    array([1., 0.])
    """

    eigenvalue: Array
    bits: Array
    distortion: Array
    snr_db: Array

    def to_dict(self) -> dict[str, Any]:
        """Lists, in decreasing order of eigenvalue."""
        order = np.argsort(-np.asarray(self.eigenvalue), kind="stable")
        return {
            field.name: np.asarray(getattr(self, field.name))[..., order].tolist()
            for field in fields(self)
        }


@dataclass(frozen=True, eq=False)
class OperatingPoint:
    """A scheme at one target or at an array of them; every field has the shape of the target.

    Attributes:
        scheme: what was operated.
        leading_snr: s₁ = λ₁/t₁, the parameter that everything else follows from.
        bits_per_dim: R / (M ln 2).
        distortion_per_dim: D / M.
        snr_db: 10 log10(2 tr Σ / D) [T1.10a].
        noise_level: t₁, the noise variance of Y = X + sqrt(t) U in the component of largest
            eigenvalue; infinite at zero rate.
        water_level: θ of A* or F* noise, None for other noises.

    >>> from rdtheory.diffusion import scheme
    >>> point = scheme("diffc-f", [2.0]).at(noise_level=[0.5, 2.0])
    >>> point.bits_per_dim.round(6)  # [T1.5]
    array([1.160964, 0.5     ])
    """

    scheme: "Scheme"
    leading_snr: Array
    bits_per_dim: Array
    distortion_per_dim: Array
    snr_db: Array
    noise_level: Array
    water_level: Array | None

    @property
    def slope_bits(self) -> Array:
        """dR/dD: bits per unit of squared error (the same in all as per dimension) [T1.4d, T1.9c].

        >>> from rdtheory.diffusion import scheme
        >>> point = scheme("diffc-f-star", [5.0, 2.0]).at(water_level=0.8)
        >>> (point.slope_bits * np.log(2)).round(12)  # -1 / (2 θ)
        np.float64(-0.625)
        """
        return bits_from_nats(self.scheme.slope(self.leading_snr))

    @property
    def components(self) -> Components:
        """Rate, distortion and SNR of each principal component."""
        return self.scheme.components(self.leading_snr)

    @property
    def channel(self) -> GaussianChannel:
        """The forward channel X -> Z of a single point.

        Raises:
            InputError: if this is an array of points.
        """
        return self.scheme.channel(self.leading_snr)

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON: infinite levels become None."""
        names = {"scheme": self.scheme.name, "dim": self.scheme.source.dim}
        return {**names, **{name: plain_numbers(getattr(self, name)) for name in _NUMBERS}}


_NUMBERS = ("bits_per_dim", "distortion_per_dim", "snr_db", "noise_level", "water_level")


@dataclass(frozen=True, eq=False)
class Curve:
    """A scheme's curve: vectors of the same length, a table to plot or to save.

    Attributes:
        scheme: the name of the scheme.
        dim: M.
        bits_per_dim: R / (M ln 2), and so on as in `OperatingPoint`.
        distortion_per_dim: D / M.
        snr_db: 10 log10(2 tr Σ / D).
        noise_level: t₁.
        water_level: θ, or None.

    >>> from rdtheory.diffusion import scheme
    >>> list(scheme("diffc-a", [1.0]).curve(bits_per_dim=[0.0, 1.0]).rows()[0])
    ['scheme', 'bits_per_dim', 'distortion_per_dim', 'snr_db']
    """

    scheme: str
    dim: int
    bits_per_dim: Array
    distortion_per_dim: Array
    snr_db: Array
    noise_level: Array
    water_level: Array | None

    @classmethod
    def of(cls, point: OperatingPoint) -> "Curve":
        """The curve through an array of operating points."""
        numbers = {name: getattr(point, name) for name in _NUMBERS}
        return cls(scheme=point.scheme.name, dim=point.scheme.source.dim, **numbers)

    @classmethod
    def join(cls, pieces: "list[Curve]") -> "Curve":
        """One curve of pieces of the same scheme, in that order (at least one)."""
        first = pieces[0]
        numbers = {
            name: None
            if getattr(first, name) is None
            else np.concatenate([getattr(piece, name) for piece in pieces])
            for name in _NUMBERS
        }
        return cls(scheme=first.scheme, dim=first.dim, **numbers)

    def __len__(self) -> int:
        return self.bits_per_dim.shape[0]

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a point: `scheme`, `bits_per_dim`, `distortion_per_dim`, `snr_db`."""
        names = ("bits_per_dim", "distortion_per_dim", "snr_db")
        columns = [np.asarray(getattr(self, name)).tolist() for name in names]
        return [
            {"scheme": self.scheme, **dict(zip(names, values, strict=True))}
            for values in zip(*columns, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON: infinite levels become None."""
        names = {"scheme": self.scheme, "dim": self.dim}
        return {**names, **{name: plain_numbers(getattr(self, name)) for name in _NUMBERS}}

    def to_xarray(self) -> "xarray.Dataset":
        """A data set along the dimension `point`, with units and long names.

        >>> from rdtheory.diffusion import scheme
        >>> scheme("rd", [5.0, 2.0]).curve(3).to_xarray().snr_db.attrs["units"]
        'dB'
        """
        import xarray

        units = {
            "bits_per_dim": ("rate", "bits per dimension"),
            "distortion_per_dim": ("distortion", "squared error per dimension"),
            "snr_db": ("signal-to-noise ratio", "dB"),
            "noise_level": ("noise variance in the leading component", "squared units of X"),
            "water_level": ("water level", "squared units of X"),
        }
        variables = {
            name: ("point", np.asarray(getattr(self, name)), {"long_name": long, "units": unit})
            for name, (long, unit) in units.items()
            if getattr(self, name) is not None
        }
        return xarray.Dataset(variables, attrs={"scheme": self.scheme, "dim": self.dim})

    def plot(self, axes: Any, x: str = "bits_per_dim", y: str = "snr_db", **style: Any) -> Any:
        """Draw one column against another on Matplotlib axes; returns the line."""
        (line,) = axes.plot(getattr(self, x), getattr(self, y), **{"label": self.scheme, **style})
        return line
