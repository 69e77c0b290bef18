"""The header of a stream of Gaussian vectors, and the checks of one that came from outside."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rdtheory.channel_simulation.plan import BlockSettings
from rdtheory.container import StreamError
from rdtheory.diffusion.inversion import HIGHEST
from rdtheory.diffusion.schemes import SCHEMES
from rdtheory.errors import InputError

MOST_STEPS = 1000


@dataclass(frozen=True)
class StreamHeader:
    """What decoding needs beside the source and the sections.

    Attributes:
        vectors: n.
        dim: M.
        scheme: name of noise and reconstruction.
        leading_snr: s₁ after each step, from noisy to clean.
        seed: of the shared randomness.
        settings: of the blocks.
        source_sent: whether the source travels in the first sections.
        source_fingerprint: of the components that are sent.
    """

    vectors: int
    dim: int
    scheme: str
    leading_snr: list[float]
    seed: int
    settings: BlockSettings
    source_sent: bool
    source_fingerprint: int

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, header: dict[str, Any]) -> "StreamHeader":
        """A header as received.

        Raises:
            StreamError: if a field is missing, unknown, of another type or out of range.
        """
        try:
            settings = BlockSettings(**header["settings"])
            read = cls(**{**header, "settings": settings})
            good = _good(read) and read.to_dict() == header
        except (TypeError, KeyError, ValueError, OverflowError, InputError):
            good = False
        if not good:
            raise StreamError(
                "header", sorted(header), "the fields of a stream of vectors", "damaged or forged"
            )
        return read


def _good(header: StreamHeader) -> bool:
    whole = (header.vectors, header.dim, header.seed, header.source_fingerprint)
    levels = np.array(header.leading_snr, dtype=np.float64)
    return (
        all(type(number) is int for number in whole)
        and 1 <= header.vectors <= 2**40
        and 1 <= header.dim <= 2**24
        and 0 <= header.seed < 2**64
        and 0 <= header.source_fingerprint < 2**32
        and header.scheme in SCHEMES
        and type(header.source_sent) is bool
        and type(header.settings.circulant) is bool
        and levels.ndim == 1
        and 1 <= levels.size <= MOST_STEPS
        and bool((levels >= 0).all() and (levels <= np.exp(HIGHEST)).all())
        and bool((np.diff(levels) >= 0).all())
    )
