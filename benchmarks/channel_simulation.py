"""Reverse channel coding beside its limits: the generator, the range coder, the plain codebook."""

from collections.abc import Iterator

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from benchmarks.side_by_side import Row, compare
from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    Circulant,
    DiagonalGaussian,
    DirectLayered,
    Key,
    OrderedRandomCoding,
    PoissonFunctional,
    TruncatedPoissonFunctional,
)
from rdtheory.channel_simulation.gaussian_pair import standardise
from rdtheory.channel_simulation.laws import PFRIndexLaw
from rdtheory.channel_simulation.random_streams import Purpose, RandomStreams

DIM = 1024
BITS = 14.0


def rows() -> Iterator[Row]:
    """All rows."""
    yield from _draws()
    yield from _codebooks()
    yield from _layered()
    yield _far_candidate()


def _draws() -> Iterator[Row]:
    """A draw of the PFR index costs a normal and an exponential, whatever the information."""
    rng = np.random.default_rng(0)
    count = 1_000_000

    def limit() -> None:
        rng.standard_normal(count)
        rng.standard_exponential(count)

    laws = {
        f"scalar shift, {bits:g} bits": PFRIndexLaw(np.sqrt(2 * bits * np.log(2)))
        for bits in (1, 100, 1000)
    }
    laws["scalar, std 0.3, 4 bits"] = PFRIndexLaw(2.0, 0.3)
    laws["shift, d = 1024, 14 bits"] = PFRIndexLaw(np.sqrt(2 * 14 * np.log(2)), 1.0, DIM)
    laws["std 0.95, d = 64, 5 bits"] = PFRIndexLaw(2.0, 0.95, 64)
    for name, law in laws.items():
        law.draw_log_index(rng, 1000)  # tables that are made once
        slow = law.std != 1 and law.dim > 1
        yield Row(
            f"1e6 indices: {name}",
            "normals, exponentials",
            compare(lambda law=law: law.draw_log_index(rng, count), limit, rounds=5),
            ours_at_most_ms=1e3 * (1 / 0.3 if slow else 1),
        )


def _codebooks() -> Iterator[Row]:
    """A block's encoder reads d normals a candidate: the generator is the limit."""
    pair = standardise(
        DiagonalGaussian(np.full(DIM, np.sqrt(2 * BITS * np.log(2) / DIM))), STANDARD_NORMAL
    )
    normals, count = RandomStreams(Key(0), Purpose.CANDIDATES), 2**12
    numpys = np.random.Generator(np.random.Philox(0))
    yield Row(
        "4e6 normals of a stream",
        "NumPy's Philox ziggurat",
        compare(
            lambda: normals.normals(0, 0, count * DIM),
            lambda: numpys.standard_normal(count * DIM),
            rounds=9,
        ),
    )
    for name, kind in (("PFR", TruncatedPoissonFunctional), ("ORC", OrderedRandomCoding)):
        yield Row(
            f"{name}, d = {DIM}, 2^12 candidates",
            "their normals alone",
            compare(
                lambda kind=kind: kind(count).select(pair, Key(0)),
                lambda: normals.normals(0, 0, count * DIM),
                rounds=9,
            ),
            at_most=1 / 0.6,
        )
    yield Row(
        f"circulant ORC, d = {DIM}, 2^16 candidates",
        "independent candidates",
        compare(
            lambda: OrderedRandomCoding(2**16, Circulant()).select(pair, Key(0)),
            lambda: OrderedRandomCoding(2**16).select(pair, Key(0)),
            rounds=3,
        ),
        at_most=0.01,
    )


def _layered() -> Iterator[Row]:
    """A million components at 4 bits, beside the range coder with one model for all."""
    count, variance = 1_000_000, 2.0**-8
    rng, coder = np.random.default_rng(0), DirectLayered(variance)
    x = rng.standard_normal((count, 1)) * np.sqrt(1 - variance)
    pair = standardise(DiagonalGaussian(x, variance), STANDARD_NORMAL)
    model = stream.model.QuantizedGaussian(-256, 256, 0.0, 12.0)
    plain = np.rint(12 * rng.standard_normal(count)).astype(np.int32)

    def encode() -> stream.queue.RangeEncoder:
        encoder = stream.queue.RangeEncoder()
        coder.write(coder.select(pair, Key(0)).index, 0.0, Key(0), encoder)
        return encoder

    def encode_plain() -> stream.queue.RangeEncoder:
        encoder = stream.queue.RangeEncoder()
        encoder.encode(plain, model)
        return encoder

    words, plain_words = encode().get_compressed(), encode_plain().get_compressed()

    def decode() -> None:
        index = coder.read(count, 1, 0.0, Key(0), stream.queue.RangeDecoder(words))
        coder.sample(index, 1, Key(0))

    yield Row(
        "layered, 1e6 components: encode",
        "range coder alone",
        compare(encode, encode_plain, rounds=7),
        ours_at_most_ms=300.0,
    )
    yield Row(
        "layered, 1e6 components: decode",
        "range coder alone",
        compare(
            decode,
            lambda: stream.queue.RangeDecoder(plain_words).decode(model, count),
            rounds=7,
        ),
        ours_at_most_ms=500.0,
    )


def _far_candidate() -> Row:
    coder = PoissonFunctional()
    far, near = np.array([2**30]), np.array([1])
    return Row(
        f"candidate 2^30, d = {DIM}",
        "candidate 1",
        compare(
            lambda: coder.sample(far, DIM, Key(0)),
            lambda: coder.sample(near, DIM, Key(0)),
            rounds=101,
        ),
        ours_at_most_ms=1.0,
    )
