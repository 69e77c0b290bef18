"""One message: n vectors through M Gaussian channels, as sections of bytes.

What is sent are standardised components: target N(m, v) against the prior N(0, 1), with the
relative noise variances v known to both sides [T1.3b]. Layered parts come first, then parts of
blocks (see `plan`). Either every part is a section with a range coder of its own, so that any
prefix decodes; or all parts go to one range coder, which may hold more than this message.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.arrays import Array
from rdtheory.channel_simulation.codebook import Circulant, Independent
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.index_codes import Zipf
from rdtheory.channel_simulation.layered import DirectLayered
from rdtheory.channel_simulation.plan import Block, Plan
from rdtheory.channel_simulation.poisson_functional import TruncatedPoissonFunctional
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.range_coder import bytes_of, decoder_of
from rdtheory.container import StreamError
from rdtheory.progress import track

_CIRCULANT_FROM = 16
"""Components from which on a block's codebook is circulant, if the settings ask for it."""

_LEAST_LAYERED_BITS = 0.25
_SLACK_BITS = 64


@dataclass(frozen=True, eq=False)
class Sample:
    """What the decoder will make of a message.

    Attributes:
        sample: z, standardised, shape (n, M); 0 where nothing was sent.
        received: where something was sent, shape (n, M).
        errors: stated total variation errors of the blocks, shape (B,).
    """

    sample: Array
    received: Array
    errors: Array


@dataclass(frozen=True, eq=False)
class Message(Sample):
    """A message of sections, and what the decoder will make of it.

    Attributes:
        sections: the bytes.
    """

    sections: list[bytes]


def encode_message(means: Array, plan: Plan, key: Key) -> Message:
    """Send targets N(m, v), shape (n, M), by a plan, a section for each part.

    >>> from rdtheory.channel_simulation.plan import BlockSettings
    >>> plan = Plan(np.array([2.0**-8, 0.5]), vectors=20, settings=BlockSettings())
    >>> sent = encode_message(np.zeros((20, 2)), plan, Key(7))
    >>> sample, received = decode_message(sent.sections, plan, Key(7))
    >>> bool((sample == sent.sample).all()), bool(received.all())
    (True, True)
    """
    encoders = []

    def new_encoder() -> stream.queue.RangeEncoder:
        encoders.append(stream.queue.RangeEncoder())
        return encoders[-1]

    made = _written(means, plan, key, new_encoder)
    sections = [bytes_of(encoder) for encoder in encoders]
    return Message(made.sample, made.received, made.errors, sections)


def write_message(means: Array, plan: Plan, key: Key, encoder: stream.queue.RangeEncoder) -> Sample:
    """Append a message to what a range coder holds.

    >>> from rdtheory.channel_simulation.plan import BlockSettings
    >>> plan = Plan(np.array([2.0**-8, 0.5]), vectors=20, settings=BlockSettings())
    >>> encoder = stream.queue.RangeEncoder()
    >>> sent = write_message(np.zeros((20, 2)), plan, Key(7), encoder)
    >>> bool((read_message(encoder.get_decoder(), plan, Key(7)) == sent.sample).all())
    True
    """
    return _written(means, plan, key, lambda: encoder)


def decode_message(sections: Sequence[bytes], plan: Plan, key: Key) -> tuple[Array, Array]:
    """The sample z and where it was received, both of shape (n, M), from the first sections.

    Raises:
        StreamError: if there are more sections than the plan has, or one cannot be.
    """
    layered, blocks = plan.layered, plan.block_sections
    if len(sections) > len(layered) + len(blocks):
        raise StreamError(
            "stream", f"{len(sections)} sections", f"at most {len(layered) + len(blocks)}"
        )
    for numbers, section in zip(blocks, sections[len(layered) :], strict=False):
        refuse_short(section, plan, len(numbers))
    out = _read(plan, key, [decoder_of(section) for section in sections])
    return out.sample, out.received


def read_message(decoder: stream.queue.RangeDecoder, plan: Plan, key: Key) -> Array:
    """The sample z, shape (n, M), of a message that was written by `write_message`.

    Raises:
        StreamError: if no encoder wrote it.
    """
    return _read(plan, key, repeat(decoder)).sample


def refuse_short(section: bytes, plan: Plan, blocks: int, layered: int = 0) -> None:
    """Raise a StreamError if so many blocks and quantised components cannot be in a section.

    No index takes less than the first, and thousands of quantised components take a quarter of a
    bit each, whatever they are: a short section would be work for nothing.
    """
    least = blocks * float(_index_code(plan).ideal_bits(1)) + layered * _LEAST_LAYERED_BITS
    if 8 * len(section) < least - _SLACK_BITS:
        raise StreamError("section", f"{len(section)} bytes", f"those of {least:.0f} bits")


def _written(
    means: Array, plan: Plan, key: Key, encoder_of_part: Callable[[], stream.queue.RangeEncoder]
) -> Sample:
    out, errors = _Board(plan), np.zeros(plan.block_count)
    for number, components in enumerate(plan.layered):
        coder, place = _layered(plan, components), key.from_target(number)
        pair = StandardPair(means[:, components], _variances(plan, components, len(means)))
        index = coder.select(pair, place).index
        coder.write(index, 0.0, place, encoder_of_part())
        out.put_components(components, coder.sample(index, len(components), place))
    for numbers in plan.block_sections:
        index = np.empty(len(numbers), np.int64)
        for i, number in enumerate(track(numbers, "coding blocks")):
            block = plan.block(number)
            coder, place = _block_coder(plan, block), key.from_target(number)
            mean = means[block.vectors, block.components][None]
            selection = coder.select(
                StandardPair(mean, _variances(plan, block.components, 1)), place
            )
            index[i], errors[number] = selection.index[0], selection.error[0]
            out.put_block(block, coder.sample(selection.index, mean.shape[1], place)[0])
        _index_code(plan).encode(index, encoder_of_part())
    return Sample(out.sample, out.received, errors)


def _read(plan: Plan, key: Key, decoders: Iterable[stream.queue.RangeDecoder]) -> "_Board":
    """The parts for which there are decoders."""
    out, decoders = _Board(plan), iter(decoders)
    for (number, components), decoder in zip(enumerate(plan.layered), decoders, strict=False):
        coder, place = _layered(plan, components), key.from_target(number)
        index = coder.read(plan.vectors, len(components), 0.0, place, decoder)
        out.put_components(components, coder.sample(index, len(components), place))
    for numbers, decoder in zip(plan.block_sections, decoders, strict=False):
        index = _index_code(plan).decode(len(numbers), decoder)
        for number, one in zip(numbers, index, strict=True):
            block = plan.block(number)
            coder = _block_coder(plan, block)
            dim = len(block.components)
            sample = coder.sample(np.array([one]), dim, key.from_target(number))
            out.put_block(block, sample[0])
    return out


class _Board:
    """Where samples are put together."""

    def __init__(self, plan: Plan) -> None:
        shape = (plan.vectors, len(plan.variances))
        self.sample, self.received = np.zeros(shape), np.zeros(shape, bool)

    def put_components(self, components: Array, sample: Array) -> None:
        self.sample[:, components] = sample
        self.received[:, components] = True

    def put_block(self, block: Block, sample: Array) -> None:
        self.sample[block.vectors, block.components] = sample
        self.received[block.vectors, block.components] = True


def _layered(plan: Plan, components: Array) -> DirectLayered:
    return DirectLayered(tuple(plan.variances[components].tolist()))


def _block_coder(plan: Plan, block: Block) -> TruncatedPoissonFunctional:
    settings = plan.settings
    circulant = settings.circulant and len(block.components) >= _CIRCULANT_FROM
    codebook = Circulant() if circulant else Independent()
    return TruncatedPoissonFunctional(plan.block_candidates, codebook)


def _index_code(plan: Plan) -> Zipf:
    return Zipf(plan.block_information_bits, largest=plan.block_candidates)


def _variances(plan: Plan, components: Array, rows: int) -> Array:
    variances = plan.variances[components]
    alike = bool((variances == variances[0]).all())
    return np.tile(variances[:1] if alike else variances, (rows, 1))
