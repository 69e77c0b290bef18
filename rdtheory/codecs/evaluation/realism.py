"""Realism: how far the statistics of reconstructions are from those of real pictures.

Four statistics between a set of pictures and the set of their reconstructions, of every window or
patch of each (see the modules):

- `frechet_patch_distance` of fixed, hand-made patch features. It is not an FID, and compares with
  none;
- `kernel_patch_distance` of the same features, unbiased;
- `sliced_wasserstein` of small patches of a pyramid, in grey levels;
- `spectrum_error_db` of the radial power spectrum of luma.

None of them says whether a reconstruction resembles its original, only whether it could be a
picture of the same kind; a distance is small at high rates since pictures come back unchanged.

Each comes with its floor: the same statistic between two disjoint halves of the real pictures, mean
and standard deviation over eight random splits. It says what difference there is between real sets
of that size: half as many pictures as the statistic itself has, so for the Fréchet distance, whose
expectation falls as 1/n, about twice what all pictures would have. Reconstructions of the same
pictures share their content, so good ones lie below the floor: then the statistic is not limited by
the number of pictures, but a difference of that size says little about the kind of pictures. Of the
unbiased kernel distance the mean over splits is near 0; its standard deviation tells what is noise.

Four pictures are needed, each of 32 x 32 pixels at least.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from rdtheory.arrays import Array
from rdtheory.codecs.evaluation.frechet import frechet_distance
from rdtheory.codecs.evaluation.kernel_distance import embedding, kernel_distance
from rdtheory.codecs.evaluation.patch_features import patch_features
from rdtheory.codecs.evaluation.planes import WINDOW
from rdtheory.codecs.evaluation.sliced_wasserstein import projections, squared_wasserstein
from rdtheory.codecs.evaluation.spectrum import radial_spectrum, spectrum_error_db
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError
from rdtheory.results import Result

FEWEST_PICTURES = 4
SPLITS = 8
SPLIT_SEED = 2


@dataclass(frozen=True, eq=False)
class Impression:
    """What the statistics keep of a picture.

    Attributes:
        features: of its windows, shape (windows, 27).
        embedding: of the cubic kernel.
        projections: of its patches, a level each.
        power: its radial spectrum.
    """

    features: Array
    embedding: Array
    projections: list[Array]
    power: Array

    @classmethod
    def of(cls, picture: Picture) -> "Impression":
        """Of a picture of 32 x 32 pixels or more.

        >>> Impression.of(Picture(np.zeros((32, 48, 3), np.uint8))).features.shape
        (2, 27)
        """
        features = patch_features(picture)
        return cls(features, embedding(features), projections(picture), radial_spectrum(picture))

    @staticmethod
    def possible(picture: Picture) -> bool:
        """Whether the picture is large enough."""
        return min(picture.pixels.shape[:2]) >= WINDOW


Impressions: TypeAlias = Sequence[Impression]


@dataclass(frozen=True)
class Measured(Result):
    """A statistic and its real-against-real floor.

    Attributes:
        value: between the real pictures and the others.
        floor: between halves of the real pictures, mean over splits.
        floor_deviation: standard deviation over splits.

    >>> Measured(value=0.5, floor=0.2, floor_deviation=0.1).to_dict()
    {'value': 0.5, 'floor': 0.2, 'floor_deviation': 0.1}
    """

    value: float
    floor: float
    floor_deviation: float


@dataclass(frozen=True)
class Realism:
    """The four statistics.

    Attributes:
        pictures: n, of each set.
        windows: of 32 x 32 pixels, in all pictures of a set.
        frechet_patch_distance: squared Fréchet distance of patch features, no unit.
        kernel_patch_distance: squared maximum mean discrepancy of patch features, no unit.
        sliced_wasserstein: of patches, in grey levels.
        spectrum_error_db: rms over spatial frequencies, dB.

    >>> one = Measured(value=0.5, floor=0.2, floor_deviation=0.1)
    >>> Realism(8, 72, one, one, one, one).to_dict()["windows"]
    72
    """

    pictures: int
    windows: int
    frechet_patch_distance: Measured
    kernel_patch_distance: Measured
    sliced_wasserstein: Measured
    spectrum_error_db: Measured

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON."""
        measured = {name: getattr(self, name).to_dict() for name in STATISTICS}
        return {"pictures": self.pictures, "windows": self.windows, **measured}


class RealPictures:
    """The real side of the comparison; floors are computed once, when they are asked for.

    Args:
        impressions: of four real pictures or more.

    Raises:
        InputError: if there are fewer.

    >>> RealPictures([])
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: pictures: got 0; allowed: 4 or more
    """

    def __init__(self, impressions: Impressions) -> None:
        if len(impressions) < FEWEST_PICTURES:
            raise InputError("pictures", len(impressions), f"{FEWEST_PICTURES} or more")
        self._real = impressions

    @cached_property
    def floors(self) -> dict[str, tuple[float, float]]:
        """Mean and standard deviation over splits of each statistic."""
        rng = np.random.default_rng(SPLIT_SEED)
        half = len(self._real) // 2
        splits = []
        for _ in range(SPLITS):
            order = rng.permutation(len(self._real))
            halves = [[self._real[i] for i in part] for part in (order[:half], order[-half:])]
            splits.append([statistic(*halves) for statistic in STATISTICS.values()])
        means, deviations = np.mean(splits, axis=0), np.std(splits, axis=0, ddof=1)
        pairs = zip(means.tolist(), deviations.tolist(), strict=True)
        return dict(zip(STATISTICS, pairs, strict=True))

    def against(self, made: Impressions) -> Realism:
        """The statistics of reconstructions of the same pictures, in the same order."""
        measured = {
            name: Measured(statistic(self._real, made), *self.floors[name])
            for name, statistic in STATISTICS.items()
        }
        windows = sum(len(one.features) for one in self._real)
        return Realism(len(self._real), windows, **measured)


def measure_realism(real: Sequence[Picture], made: Sequence[Picture]) -> Realism:
    """The four statistics between pictures and their reconstructions, with floors.

    Args:
        real: n >= 4 pictures of 32 x 32 pixels or more.
        made: as many, the i-th a reconstruction of the i-th.

    Raises:
        InputError: if the numbers differ, or there are too few pictures or a too small one.

    >>> rng = np.random.default_rng(0)
    >>> real = [Picture(np.uint8(rng.integers(0, 256, (32, 32, 1)))) for _ in range(4)]
    >>> measure_realism(real, real).frechet_patch_distance.value < 1e-9
    True
    """
    if len(real) != len(made):
        raise InputError("made", f"{len(made)} pictures", f"as many as real: {len(real)}")
    reference = RealPictures([Impression.of(picture) for picture in real])
    return reference.against([Impression.of(picture) for picture in made])


def _frechet_patch_distance(first: Impressions, second: Impressions) -> float:
    return frechet_distance(
        *(np.concatenate([one.features for one in side]) for side in (first, second))
    )


def _kernel_patch_distance(first: Impressions, second: Impressions) -> float:
    return kernel_distance(*(np.stack([one.embedding for one in side]) for side in (first, second)))


def _sliced_wasserstein(first: Impressions, second: Impressions) -> float:
    squares = []
    for level in range(len(first[0].projections)):
        sides = (
            np.concatenate([one.projections[level] for one in side], axis=1)
            for side in (first, second)
        )
        squares.append(squared_wasserstein(*sides))
    return float(np.sqrt(np.mean(squares)))


def _spectrum_error_db(first: Impressions, second: Impressions) -> float:
    powers = [
        np.average([one.power for one in side], axis=0, weights=[len(one.features) for one in side])
        for side in (first, second)
    ]
    return spectrum_error_db(powers[1], powers[0])


STATISTICS: dict[str, Callable[[Impressions, Impressions], float]] = {
    "frechet_patch_distance": _frechet_patch_distance,
    "kernel_patch_distance": _kernel_patch_distance,
    "sliced_wasserstein": _sliced_wasserstein,
    "spectrum_error_db": _spectrum_error_db,
}
"""The statistics by name; the real pictures come first."""
