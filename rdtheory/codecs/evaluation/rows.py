"""What a comparison of codecs finds: a row a codec and target, with every picture in it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.codecs.evaluation.fidelity import psnr_db
from rdtheory.codecs.evaluation.realism import Realism
from rdtheory.codecs.media import Picture
from rdtheory.results import Result


@dataclass(frozen=True)
class Coded(Result):
    """One picture, coded at one target.

    Attributes:
        name: of the picture.
        pixels: of the picture.
        file_bytes: of all that is sent.
        counted_bytes: of it, those that count against the target: all, but for codecs whose
            headers are taken for known.
        payload_bytes: of it, those that depend on the content.
        squared_error: mean over samples, in grey levels squared.
        ms_ssim: 0 to 1, or None for a picture too small for it.
        encode_seconds: of wall time.
        decode_seconds: of wall time.
        details: what the codec tells of its work.

    >>> one = Coded("a.png", 4096, 512, 512, 470, 65.025, None, 0.01, 0.01, {})
    >>> one.bits_per_pixel, one.psnr_db
    (1.0, 30.0)
    """

    name: str
    pixels: int
    file_bytes: int
    counted_bytes: int
    payload_bytes: int
    squared_error: float
    ms_ssim: float | None
    encode_seconds: float
    decode_seconds: float
    details: dict[str, Any]

    @property
    def bits_per_pixel(self) -> float:
        """Of the file."""
        return 8 * self.file_bytes / self.pixels

    @property
    def counted_bits_per_pixel(self) -> float:
        """Of what counts against the target."""
        return 8 * self.counted_bytes / self.pixels

    @property
    def payload_bits_per_pixel(self) -> float:
        """Of the payload alone."""
        return 8 * self.payload_bytes / self.pixels

    @property
    def psnr_db(self) -> float:
        """Infinite if nothing was lost."""
        return psnr_db(self.squared_error)

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON; what is infinite is None."""
        derived = {name: _plain(getattr(self, name)) for name in (*_RATES, "psnr_db")}
        return {**super().to_dict(), **derived}


@dataclass(frozen=True, eq=False)
class Row:
    """One codec at one target over all pictures that it could code; means are over those.

    Attributes:
        codec: as on the command line.
        label: as in figures.
        target_bits_per_pixel: what was asked for.
        coded: the pictures, in order.
        refused: how many pictures the codec could not code at this target.
        refusal: why, of the first of them.
        realism: None if fewer than four pictures were coded, or one has less than 32 x 32 pixels.
        examples: reconstructions of the first pictures, None for one that was refused.

    >>> one = Coded("a.png", 4096, 512, 512, 470, 65.025, None, 0.01, 0.01, {})
    >>> row = Row("jpeg", "JPEG", 1.5, (one,), refused=0, refusal=None, realism=None)
    >>> row.pictures, row.bits_per_pixel, row.psnr_of_mean_error_db
    (1, 1.0, 30.0)
    """

    codec: str
    label: str
    target_bits_per_pixel: float
    coded: tuple[Coded, ...]
    refused: int
    refusal: str | None
    realism: Realism | None
    examples: tuple[Picture | None, ...] = ()

    @property
    def pictures(self) -> int:
        """How many were coded. Only rows of the same pictures should be compared."""
        return len(self.coded)

    @property
    def bits_per_pixel(self) -> float:
        """Mean over pictures of those of the file."""
        return self._mean("bits_per_pixel")

    @property
    def counted_bits_per_pixel(self) -> float:
        """Mean over pictures of those that count against the target."""
        return self._mean("counted_bits_per_pixel")

    @property
    def payload_bits_per_pixel(self) -> float:
        """Mean over pictures of those of the payload."""
        return self._mean("payload_bits_per_pixel")

    @property
    def mean_psnr_db(self) -> float:
        """The mean of the pictures' PSNRs."""
        return self._mean("psnr_db")

    @property
    def psnr_of_mean_error_db(self) -> float:
        """The PSNR of the mean over pictures of the squared error."""
        return psnr_db(self._mean("squared_error"))

    @property
    def mean_ms_ssim(self) -> float:
        """NaN if one of the pictures is too small for it."""
        return self._mean("ms_ssim")

    @property
    def encode_seconds(self) -> float:
        """Median over pictures: the first may have waited for a compiler."""
        return self._median("encode_seconds")

    @property
    def decode_seconds(self) -> float:
        """Median over pictures."""
        return self._median("decode_seconds")

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON; what is not a finite number is None."""
        means = {name: _plain(getattr(self, name)) for name in MEANS}
        return {
            "codec": self.codec,
            "label": self.label,
            "target_bits_per_pixel": self.target_bits_per_pixel,
            "pictures": self.pictures,
            "refused": self.refused,
            "refusal": self.refusal,
            **means,
            "realism": None if self.realism is None else self.realism.to_dict(),
            "coded": [one.to_dict() for one in self.coded],
        }

    def _values(self, name: str) -> list[float]:
        values = [getattr(one, name) for one in self.coded]
        return [math.nan if value is None else value for value in values]

    def _mean(self, name: str) -> float:
        return float(np.mean(self._values(name))) if self.coded else math.nan

    def _median(self, name: str) -> float:
        return float(np.median(self._values(name))) if self.coded else math.nan


_RATES = ("bits_per_pixel", "counted_bits_per_pixel", "payload_bits_per_pixel")

MEANS = (
    *_RATES,
    "mean_psnr_db",
    "psnr_of_mean_error_db",
    "mean_ms_ssim",
    "encode_seconds",
    "decode_seconds",
)
"""The properties of a row that are numbers."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A comparison of codecs.

    Attributes:
        provenance: what was compared, with what: versions, pictures with checksums, seeds.
        rows: codec by codec, at the targets in their order.

    >>> Evaluation({"versions": {}}, ()).to_dict()
    {'provenance': {'versions': {}}, 'rows': []}
    """

    provenance: dict[str, Any]
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        rows = [row.to_dict() for row in self.rows]
        return {"provenance": self.provenance, "rows": rows}


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
