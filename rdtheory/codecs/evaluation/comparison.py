"""Codecs against each other over the same pictures, at real bytes."""

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rdtheory.arrays import positive
from rdtheory.codecs.codec import Encoded, Target
from rdtheory.codecs.evaluation.contender import Contender
from rdtheory.codecs.evaluation.fidelity import mean_squared_error
from rdtheory.codecs.evaluation.realism import (
    FEWEST_PICTURES,
    SPLIT_SEED,
    Impression,
    Realism,
    RealPictures,
)
from rdtheory.codecs.evaluation.rows import Coded, Evaluation, Row
from rdtheory.codecs.evaluation.sliced_wasserstein import DIRECTION_SEED
from rdtheory.codecs.evaluation.structural_similarity import ms_ssim
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError
from rdtheory.progress import track
from rdtheory.provenance import versions

_PACKAGES = ("numpy", "scipy", "jax", "pillow", "pillow-heif", "imagecodecs")


def evaluate(
    pictures: Mapping[str, Picture],
    contenders: Sequence[Contender],
    bits_per_pixel: Sequence[float],
    *,
    examples: int = 0,
) -> Evaluation:
    """Code every picture by every codec at every rate, decode it, and measure.

    A picture that a codec refuses at a target, most often as the target is below what its headers
    take, is counted and left out of that row: compare only rows of the same pictures.

    Args:
        pictures: by name.
        contenders: those with the same codec object are decoded from the same streams.
        bits_per_pixel: targets, not to be exceeded by what counts: the whole file, for most codecs.
        examples: of so many pictures, the first, the reconstructions are kept.

    Raises:
        InputError: if something is missing or there twice, or a decoder has no such option.

    >>> import numpy as np
    >>> from rdtheory.codecs.evaluation import contenders
    >>> grey = {"grey": Picture(np.full((64, 64, 3), 99, np.uint8))}
    >>> row = evaluate(grey, contenders("jpeg"), [4.0]).rows[0]
    >>> row.pictures, row.bits_per_pixel <= 4, row.mean_psnr_db > 50, row.realism
    (1, True, True, None)
    """
    if not pictures:
        raise InputError("pictures", "none", "at least one")
    names = _distinct("contenders", [contender.name for contender in contenders])
    targets = _distinct("bits_per_pixel", [positive("bits_per_pixel", r) for r in bits_per_pixel])
    real = _Originals(pictures)
    rows = {
        (row.codec, row.target_bits_per_pixel): row
        for target in targets
        for group in _by_codec(contenders)
        for row in _rows(real, group, target, examples)
    }
    ordered = tuple(rows[name, target] for name in names for target in targets)
    return Evaluation(_provenance(pictures, contenders, targets), ordered)


class _Originals:
    """The pictures, and what realism is measured against: by which of them a codec could code."""

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        self.pictures = dict(pictures)
        self.large_enough = all(Impression.possible(one) for one in self.pictures.values())
        self._impressions: dict[str, Impression] = {}
        self._real: dict[tuple[str, ...], RealPictures] = {}

    def realism(self, impressions: dict[str, Impression]) -> Realism | None:
        """Of reconstructions by name."""
        names = tuple(impressions)
        if len(names) < FEWEST_PICTURES:
            return None
        if names not in self._real:
            self._real[names] = RealPictures([self._impression(name) for name in names])
        return self._real[names].against(list(impressions.values()))

    def _impression(self, name: str) -> Impression:
        if name not in self._impressions:
            self._impressions[name] = Impression.of(self.pictures[name])
        return self._impressions[name]


@dataclass
class _Found:
    """What was found of a contender so far, at one target."""

    coded: list[Coded] = field(default_factory=list)
    impressions: dict[str, Impression] = field(default_factory=dict)
    examples: list[Picture | None] = field(default_factory=list)


def _rows(real: _Originals, group: Sequence[Contender], target: float, examples: int) -> list[Row]:
    """Rows of contenders that share a codec."""
    codec = group[0].codec
    found = [_Found() for _ in group]
    refusals: list[str] = []
    work = track(real.pictures.items(), f"{codec.label} at {target:g} bits per pixel")
    for number, (name, picture) in enumerate(work):
        started = time.perf_counter()
        try:
            encoded = codec.encode(picture, Target("bpp", target))
        except InputError as error:
            encoded = None
            refusals.append(str(error))
        seconds = time.perf_counter() - started
        for contender, into in zip(group, found, strict=True):
            made = None
            if encoded is not None:
                made, coded = _decoded(contender, name, picture, encoded, seconds)
                into.coded.append(coded)
                if real.large_enough:
                    into.impressions[name] = Impression.of(made)
            if number < examples:
                into.examples.append(made)
    return [
        Row(
            contender.name,
            contender.label,
            target,
            tuple(one.coded),
            len(refusals),
            refusals[0] if refusals else None,
            real.realism(one.impressions),
            tuple(one.examples),
        )
        for contender, one in zip(group, found, strict=True)
    ]


def _decoded(
    contender: Contender, name: str, picture: Picture, encoded: Encoded, encode_seconds: float
) -> tuple[Picture, Coded]:
    started = time.perf_counter()
    made = contender.codec.decode(encoded.data, **contender.options)
    decode_seconds = time.perf_counter() - started
    assert isinstance(made, Picture)
    # All of a file counts, unless its codec says otherwise.
    coded = Coded(
        name,
        picture.positions,
        len(encoded.data),
        contender.codec.counted_bytes(encoded.data),
        encoded.payload_bytes,
        mean_squared_error(made.pixels, picture.pixels),
        ms_ssim(made.pixels, picture.pixels),
        encode_seconds,
        decode_seconds,
        encoded.details,
    )
    return made, coded


def _distinct(argument: str, values: list[Any]) -> list[Any]:
    if not values or len(set(values)) < len(values):
        raise InputError(argument, values, "at least one, and none twice")
    return values


def _by_codec(contenders: Sequence[Contender]) -> list[list[Contender]]:
    groups: dict[int, list[Contender]] = {}
    for contender in contenders:
        groups.setdefault(id(contender.codec), []).append(contender)
    return list(groups.values())


def _provenance(
    pictures: Mapping[str, Picture], contenders: Sequence[Contender], targets: list[float]
) -> dict[str, Any]:
    return {
        "versions": versions(_PACKAGES),
        "contenders": {
            one.name: {"label": one.label, "options": dict(one.options)} for one in contenders
        },
        "target_bits_per_pixel": targets,
        "pictures": [
            {
                "name": name,
                "shape": list(one.pixels.shape),
                "crc32": f"{zlib.crc32(one.pixels.tobytes()):08x}",
            }
            for name, one in pictures.items()
        ],
        "seeds": {"halves": SPLIT_SEED, "directions": DIRECTION_SEED},
    }
