"""M2T beside MT and full AR: how long decoding takes, in the network and in all.

MT passes S times over w tokens, M2T once: with S = 12 a twelfth of the operations, though each step
of M2T reads all weights for few tokens. Full AR does as many operations as M2T, one token at a
time: it reads all weights w times, minutes at the source's sizes, where it is left out here and is
in the figure `decoding-time`.
"""

from collections.abc import Iterator

from benchmarks.side_by_side import Row, compare_pairs
from simulations.decoding_time import Config, Decoder, decoders

STEPS = 12


def rows() -> Iterator[Row]:
    """The source's sizes with one patch; the package's with more and more."""
    m2t, mt = decoders(Config(sizes="base", ways="m2t,mt", steps=str(STEPS)))
    yield from _beside("MT", "base, 1 patch", m2t, mt, 3, promised=True)
    for patches in (1, 4, 16):
        m2t, mt, ar = decoders(Config(sizes="small", steps=str(STEPS), patches=patches))
        what = f"small, {patches} patch{'es' if patches > 1 else ''}"
        yield from _beside("MT", what, m2t, mt, 9)
        yield from _beside("full AR", what, m2t, ar, 9)


def _beside(
    name: str, what: str, ours: Decoder, theirs: Decoder, rounds: int, promised: bool = False
) -> Iterator[Row]:
    runs = [(ours.seconds(), theirs.seconds()) for _ in range(rounds)]
    for part, kind, limit in ((0, "network", 1 / 4), (1, "whole", 1 / 3)):
        pairs = [(1e3 * a[part], 1e3 * b[part]) for a, b in runs]
        at_most = limit if promised else None
        yield Row(f"M2T, {what}: {kind}", name, compare_pairs(pairs), at_most=at_most)
