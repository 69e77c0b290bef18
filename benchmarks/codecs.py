"""DiffC beside its limits: circulant against independent codebooks, and where the time goes.

A step of n bits in blocks of 10 looks at n/10 times 2^14 candidates. A circulant candidate costs
one normal, one radius and its share of an FFT; an independent one costs as many normals as the
block has components. A block of a picture at one bit a pixel has some sixty.
"""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from benchmarks.side_by_side import Row, compare, compare_pairs
from rdtheory.codecs.codec import Target
from rdtheory.codecs.diffc import steps
from rdtheory.codecs.diffc.codec import DiffC
from rdtheory.codecs.diffc.cosine_field import CosineBasis, picture_spectrum
from rdtheory.codecs.media import Picture

LARGE, HALF = (64, 64, 3), Target("bpp", 0.5)
SMALL, ONE = (32, 32, 3), Target("bpp", 1.0)  # independent codebooks take a minute for it


def rows() -> Iterator[Row]:
    """All rows."""
    codec, large, small = DiffC("gaussian"), _picture(LARGE), _picture(SMALL)
    yield Row(
        "encode 32 x 32 at 1 bpp",
        "independent codebooks",
        compare(lambda: codec.encode(small, ONE), lambda: _independent(codec, small), rounds=2),
    )
    data = codec.encode(large, HALF).data
    yield Row(
        "decode 64 x 64 at 0.5 bpp",
        "encode",
        compare(lambda: codec.decode(data), lambda: codec.encode(large, HALF), rounds=3),
    )
    details = [codec.encode(large, HALF).details for _ in range(3)]
    names = "channel_simulation_seconds", "seconds"
    parts = [(1e3 * entry[names[0]], 1e3 * entry[names[1]]) for entry in details]
    yield Row("reverse channel coding kept", "the whole encoder", compare_pairs(parts))


def _independent(codec: DiffC, picture: Picture) -> None:
    # The kind of codebook is part of the stream's format, and no setting.
    names = "_SETTINGS", "_FIRST_SETTINGS"
    changed = {name: replace(getattr(steps, name), circulant=False) for name in names}
    with patch.multiple(steps, **changed):
        codec.encode(picture, ONE)


def _picture(shape: tuple[int, int, int]) -> Picture:
    """A draw of the Gaussian model, so that the benchmark needs no file."""
    spectrum = picture_spectrum(shape)
    components = np.random.default_rng(0).standard_normal((1, spectrum.size)) * np.sqrt(spectrum)
    return Picture.from_values(CosineBasis(shape).from_components(components))
