"""An example sent through the channel of the operating point, and what decoders make of it.

Sources of pictures send a photograph, patch by patch; others send draws of their own, one after the
other. The noise is the same for every choice, so that a slider changes what it changes and no more.
"""

from dataclasses import dataclass
from functools import cache, partial
from math import isqrt

import numpy as np

from rdtheory.diffusion import OperatingPoint
from rdtheory.example_picture import cut, photograph, psnr_db, together
from rdtheory.explorer.choice import Choice
from rdtheory.perception import reconstruct
from rdtheory.sources import GaussianVector
from rdtheory.units import db_from_nats

SEED = 0
FEWEST_VALUES = 64
"""Of a source that is no picture: as many draws as have that many values together."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """What was sent and what came of it: pictures (H, W), or signals of one axis.

    Attributes:
        original: X.
        received: Z, scaled back to X where it says anything of it.
        by_scheme: X̂ of the operated scheme.
        by_slack: X̂ of least distortion for the perception asked for, from the same Z [T2.4].
        quality_db: of `by_scheme` and `by_slack`; PSNR of pictures, SNR of signals.
    """

    original: np.ndarray
    received: np.ndarray
    by_scheme: np.ndarray
    by_slack: np.ndarray
    quality_db: tuple[float, float]

    @property
    def is_picture(self) -> bool:
        """Whether there are pixels to show."""
        return self.original.ndim == 2


def decode(choice: Choice, point: OperatingPoint) -> Decoded:
    """Send the example of a source at an operating point."""
    source, channel = point.scheme.source, point.channel
    patch = patch_side(choice.spec, source)
    rng = np.random.default_rng(SEED)
    x = source.sample(rng, draws(source)) if patch is None else cut(_square(patch), patch)
    z = channel.send(x, rng)
    decoders = {
        "mmse": channel.posterior_mean,
        "ancestral": lambda z: channel.posterior_sample(z, rng),
        "flow": channel.flow,
    }
    silent = channel.gains == 0
    scaled = np.where(silent, 0.0, z / np.where(silent, 1.0, channel.gains))
    rows = (
        x,
        source.from_components(scaled),
        decoders[point.scheme.reconstruction.name](z),
        reconstruct(channel, z, 1 - choice.slack),
    )
    if patch is None:
        shown, quality_db = [np.ravel(one) for one in rows], partial(snr_db, source, x)
    else:
        shown, exact = [together(one) for one in rows], _square(patch)
        rows, quality_db = shown, lambda picture: psnr_db(picture, exact)
    original, received, by_scheme, by_slack = shown
    qualities = quality_db(rows[2]), quality_db(rows[3])
    return Decoded(original, received, by_scheme, by_slack, qualities)


def patch_side(spec: str, source: GaussianVector) -> int | None:
    """Pixels per side of the patches that a source is of; None if it is not of pictures.

    >>> from rdtheory.sources import patches, standard
    >>> patch_side("patches", patches()), patch_side("standard:dim=4", standard(4))
    (16, None)
    """
    if spec.partition(":")[0] not in ("patches", "photos", "images"):
        return None
    return isqrt(source.dim)


def draws(source: GaussianVector) -> int:
    """How many draws of a source make a signal."""
    return -(-FEWEST_VALUES // source.dim)


def snr_db(source: GaussianVector, x: np.ndarray, decoded: np.ndarray) -> float:
    """10 log10(2 tr Σ / D) with the mean squared error of these draws as D [T1.10a]."""
    error = np.mean(np.sum((x - decoded) ** 2, axis=-1))
    return float(db_from_nats(np.log(2 * source.total_variance / error)))


@cache
def _square(patch: int) -> np.ndarray:
    """The photograph, cut to whole patches; decoding its file takes longer than all the rest."""
    picture = photograph()
    side = len(picture) // patch * patch
    return picture[:side, :side]
