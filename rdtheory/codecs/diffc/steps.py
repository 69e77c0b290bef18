"""The steps of a stream of DiffC: what is sent, and how it is received (Eq. 1, 5; claims 1 to 20).

A stream is a container (`rdtheory.container`) of kind "dfc". Its header has one list, `Header`. Its
sections are range-coded, each with a coder of its own; a section holds one step after another, and
a step is

    rungs     by how many rungs of the ladder (`ladder`) t falls: the stride, or another number
    scales    k of each band (`scales`)
    message   the observation itself (`channel_simulation.message`)
    more      whether another step follows in this section

The first step is the first message, of Eq. 1; the others refine it. A prefix decodes to the last
whole section. Sections may be sent later: nothing in the header says how many there are. All that
the range coder depends on comes from the header, from what it decoded before, and from the model's
tables.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.message import read_message, refuse_short, write_message
from rdtheory.channel_simulation.plan import BlockSettings, Plan
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.range_coder import (
    decode_uniform,
    decoded,
    encode_uniform,
    symbols_of,
    table,
)
from rdtheory.codecs.diffc import scales
from rdtheory.codecs.diffc.belief import Belief, Step
from rdtheory.codecs.diffc.ladder import RUNGS, noise_variances
from rdtheory.codecs.diffc.model import Prior
from rdtheory.container import StreamError
from rdtheory.errors import InputError

_STRIDE_LIKELY = [2**24 * 15 // 16, 2**24 // 16]
_MORE_LIKELY = [2**23, 2**23]
_RUNG_BITS = 11
_SETTINGS = BlockSettings(block_bits=10.0)
_FIRST_SETTINGS = BlockSettings(block_bits=10.0, padding_bits=7.0)
"""Of the first steps: a picture may differ most from what the model expects of them, and they have
few blocks, which can do with more candidates each."""

_FIRST_STEPS = 2
_FEW_BLOCKS = 16


@dataclass(frozen=True, eq=False)
class State:
    """Where a stream stands, on both sides.

    Attributes:
        belief: what the decoder knows.
        rung: of the ladder; 0 before anything was sent.
        steps: that were sent.
        exponents: k of the scales of the last step, shape (M,).
    """

    belief: Belief
    exponents: Array
    rung: int = 0
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Channel:
    """What both sides know before the first message.

    Attributes:
        prior: the model of data of this shape.
        noise: name of the noise family.
        seed: of the shared randomness.
        stride: rungs of most steps.
    """

    prior: Prior
    noise: str
    seed: int
    stride: int

    def start(self) -> State:
        """Nothing was sent."""
        dim = len(self.prior.eigenvalues)
        return State(Belief.before_anything(self.prior), np.zeros(dim, np.int64))

    def step(self, state: State, rung: int) -> Step:
        """The step from a state to a rung below."""
        return state.belief.step(noise_variances(self.prior, self.noise, rung))


@dataclass(frozen=True, eq=False)
class SentStep:
    """A step as the encoder knows it.

    Attributes:
        state: after it.
        information_bits: KL(N(m, v) ‖ N(0, 1)) of all components: the step's term of Eq. 5.
        bound_bits: Σ C + log(C + 1) + 5 over its blocks and its quantised components (Eq. 4).
        blocks: how many blocks it has.
        seconds: that reverse channel coding took.
    """

    state: State
    information_bits: float
    bound_bits: float
    blocks: int
    seconds: float


def write_step(
    channel: Channel, state: State, rung: int, components: Array, encoder: Any
) -> SentStep:
    """Append the step from a state to a rung to a range coder.

    >>> from constriction import stream
    >>> from rdtheory.codecs.diffc.stationary import CosinePrior
    >>> channel = Channel(CosinePrior((4, 4, 1), np.full(16, 9.0)), "isotropic", 7, 64)
    >>> encoder = stream.queue.RangeEncoder()
    >>> sent = write_step(channel, channel.start(), 640, np.ones((1, 16)), encoder)
    >>> got = read_step(channel, channel.start(), bytes(64), encoder.get_decoder())
    >>> bool((got.belief.observed == sent.state.belief.observed).all()), got.rung
    (True, 640)
    """
    step = channel.step(state, rung)
    message = _message(state, step, components)
    _write_rungs(rung - state.rung, channel.stride, encoder)
    scales.write(message.exponents, scales.expected(state.exponents, message.parts), encoder)
    key = Key(channel.seed, state.steps)
    started = time.perf_counter()
    sample = write_message(message.means, message.plan, key, encoder).sample
    seconds = time.perf_counter() - started
    belief = _after(step, message.plan, sample, key)
    exponents = scales.of_components(message.exponents, message.parts, len(state.exponents))
    after = State(belief, exponents, rung, state.steps + 1)
    return SentStep(after, *_costs(message.means, message.plan), seconds)


def information_bits(channel: Channel, state: State, rung: int, components: Array) -> float:
    """What the step to a rung carries, a term of Eq. 5, without a search for it."""
    message = _message(state, channel.step(state, rung), components)
    return float(_divergences(message.means, message.plan).sum())


def read_step(channel: Channel, state: State, section: bytes, decoder: Any) -> State:
    """The state after the next step that a range coder holds.

    Args:
        channel: as for the encoder.
        state: before the step.
        section: all that the range coder reads: a message that is longer is refused.
        decoder: the range coder.

    Raises:
        StreamError: if no encoder wrote it.
    """
    rung = state.rung + _read_rungs(channel.stride, decoder)
    if rung >= RUNGS:
        raise StreamError("section", f"rung {rung}", f"rungs below {RUNGS}", "damaged or forged")
    step = channel.step(state, rung)
    parts = _bands(state, step)
    read = scales.read(scales.expected(state.exponents, parts), decoder)
    exponents = scales.of_components(read, parts, len(state.exponents))
    plan = _plan(state, step, exponents)
    quantised = plan.vectors * sum(map(len, plan.layered))
    refuse_short(section, plan, plan.block_count, quantised)
    key = Key(channel.seed, state.steps)
    sample = read_message(decoder, plan, key)
    return State(_after(step, plan, sample, key), exponents, rung, state.steps + 1)


def write_more(more: bool, encoder: Any) -> None:
    """Say whether another step follows in this section."""
    encoder.encode(symbols_of(np.array([more])), table(_MORE_LIKELY))


def read_more(decoder: Any) -> bool:
    """What `write_more` said.

    Raises:
        StreamError: if no encoder wrote it.
    """
    return bool(decoded(decoder, table(_MORE_LIKELY), 1)[0])


@dataclass(frozen=True, eq=False)
class _Message:
    """What a step says: scales, and targets N(m, v) by a plan."""

    parts: list[Array]
    exponents: list[int]
    plan: Plan
    means: Array


def _bands(state: State, step: Step) -> list[Array]:
    """Bands of equal information, if the scales of the last step are right for this one too."""
    guessed = scales.factors(state.exponents) * step.ratios()
    return scales.bands(guessed, step.belief.prior.vectors)


def _message(state: State, step: Step, components: Array) -> _Message:
    ratios, residuals = step.ratios(), step.residuals(components)
    parts = _bands(state, step)
    exponents = scales.best(residuals, ratios, parts)
    plan = _plan(state, step, scales.of_components(exponents, parts, len(ratios)))
    return _Message(parts, exponents, plan, residuals * np.sqrt(plan.variances))


def _plan(state: State, step: Step, exponents: Array) -> Plan:
    variances, vectors = step.variances(scales.factors(exponents)), step.belief.prior.vectors
    try:
        plan = Plan(variances, vectors, _SETTINGS)
        few = state.steps < _FIRST_STEPS and plan.block_count <= _FEW_BLOCKS
        return Plan(variances, vectors, _FIRST_SETTINGS) if few else plan
    except InputError as error:
        raise StreamError("section", str(error), "what an encoder writes") from None


def _after(step: Step, plan: Plan, sample: Array, key: Key) -> Belief:
    """The belief after a message; where a component is worth less than a unit, pure chance speaks.

    Its noise level falls like all others', as an isotropic model needs it, and both sides draw its
    sample from the prior: an error below 2^-17 bit.
    """
    if not plan.sent.all():
        free = RandomStreams(key, Purpose.DECODER).normals(0, 0, sample.size)
        sample = np.where(plan.sent, sample, free.reshape(sample.shape))
    return step.after(sample, plan.variances)


def _write_rungs(rungs: int, stride: int, encoder: Any) -> None:
    other = int(rungs != stride)
    encoder.encode(symbols_of(np.array([other])), table(_STRIDE_LIKELY))
    if other:
        encode_uniform([rungs - 1], [_RUNG_BITS], encoder)


def _read_rungs(stride: int, decoder: Any) -> int:
    if not decoded(decoder, table(_STRIDE_LIKELY), 1)[0]:
        return stride
    return 1 + int(decode_uniform([_RUNG_BITS], decoder)[0])


def _divergences(means: Array, plan: Plan) -> Array:
    """KL(N(m, v) ‖ N(0, 1)) of every component, bits, shape (n, M)."""
    v = plan.variances
    return np.where(plan.sent, 0.5 * (means**2 + v - 1 - np.log(v)) / np.log(2), 0.0)


def _costs(means: Array, plan: Plan) -> tuple[float, float, int]:
    """Information and its bound (Eq. 4) of a message, bits, and the number of blocks."""
    bits = _divergences(means, plan)
    alone = np.concatenate([bits[:, group].ravel() for group in plan.layered] or [np.zeros(0)])
    blocks = [plan.block(number) for number in range(plan.block_count)]
    together = np.array([bits[block.vectors, block.components].sum() for block in blocks])
    uses = np.concatenate([alone, together])
    return float(uses.sum()), float(np.sum(uses + np.log2(uses + 1) + 5)), len(blocks)
