"""M2T beside MT and full AR: how long decoding takes, in the network and in all.

MT passes S times over w tokens, M2T once: with S = 12 a twelfth of the operations, though each step
of M2T reads all weights for few tokens. Full AR does as many operations as M2T, one token at a
time: it reads all weights w times.
"""

from collections.abc import Callable, Iterator

from benchmarks.side_by_side import Row, compare_timed
from simulations.decoding_time import Config, Decoder, decoders

STEPS = 12


def rows() -> Iterator[Row]:
    """The source's sizes with one patch; the package's with more and more."""
    for sizes, patches, rounds in (
        ("base", 1, 3),
        ("small", 1, 9),
        ("small", 4, 9),
        ("small", 16, 9),
    ):
        m2t, mt, ar = decoders(Config(sizes=sizes, steps=str(STEPS), patches=patches))
        what = f"M2T, {sizes}, {patches} patch{'es' if patches > 1 else ''}"
        promised = sizes == "base"
        for part, name, limit in ((0, "network", 1 / 4), (1, "whole", 1 / 3)):
            timing = compare_timed(_milliseconds(m2t, part), _milliseconds(mt, part), rounds)
            yield Row(f"{what}: {name}", "MT", timing, at_most=limit if promised else None)
        timing = compare_timed(_milliseconds(m2t, 1), _milliseconds(ar, 1), rounds)
        yield Row(f"{what}: whole", "full AR", timing)


def _milliseconds(decoder: Decoder, part: int) -> Callable[[], float]:
    return lambda: 1e3 * decoder.seconds()[part]
