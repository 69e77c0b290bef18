"""Sending: the steps of a stream one by one, up to a budget or a quality (claims 1, 5, 6, 12, 13).

Each message continues where the one before ended, so that a stream can be sent at once or in
messages at different times; a target is approached by full strides and met by a shorter last one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from constriction import stream as coder  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.arrays import Array
from rdtheory.channel_simulation.range_coder import bytes_of
from rdtheory.codecs.diffc.ladder import RUNGS
from rdtheory.codecs.diffc.steps import (
    Channel,
    SentStep,
    State,
    information_bits,
    write_more,
    write_step,
)
from rdtheory.container import append, unpack
from rdtheory.errors import InputError

_FIRST_BITS = 48.0
"""Expected information of the first message: enough for a few blocks."""

_SECTION_BITS = 480.0
_SECTION_GROWTH = 0.25
"""A section carries so much at least, and so much of all that was sent before."""

_END_BYTES = 6
_TRIALS = 6
_SLACK = 0.01
"""Share of the budget that may be left."""


@dataclass(frozen=True, eq=False)
class Sent:
    """A stream that can be continued.

    Attributes:
        data: container with the sections that are closed.
        state: what the decoder will know.
        steps: all that was sent.
        section: the range coder of the section that is open, or None.
        open_bits: information in it.
    """

    data: bytes
    state: State
    steps: tuple[SentStep, ...] = ()
    section: Any = None
    open_bits: float = 0.0

    def closed(self) -> "Sent":
        """The same with the open section closed."""
        if self.section is None:
            return self
        encoder = self.section.clone()
        write_more(False, encoder)
        data = self.data + append(self.data, [bytes_of(encoder)])
        return replace(self, data=data, section=None, open_bits=0.0)

    @property
    def size(self) -> int:
        """Bytes of the stream if it ended here."""
        return len(self.closed().data) + _END_BYTES

    @property
    def payload_bits(self) -> int:
        """Bits of all sections, without their framing, if the stream ended here."""
        return 8 * sum(map(len, unpack(self.closed().data).sections))

    @property
    def information_bits(self) -> float:
        """Eq. 5, all steps."""
        return sum(step.information_bits for step in self.steps)

    @property
    def bound_bits(self) -> float:
        """Eq. 4, summed over all uses of reverse channel coding."""
        return sum(step.bound_bits for step in self.steps)


@dataclass(frozen=True, eq=False)
class Sender:
    """Sends one picture or sound.

    Attributes:
        channel: what both sides know.
        components: x, shape (n, M).
    """

    channel: Channel
    components: Array

    def to_rung(self, sent: Sent, rung: int) -> Sent:
        """One step further, to a rung below; the section is closed once it is full."""
        if sent.section is None:
            encoder = coder.queue.RangeEncoder()
        else:
            encoder = sent.section.clone()
            write_more(True, encoder)
        step = write_step(self.channel, sent.state, rung, self.components, encoder)
        longer = Sent(
            sent.data,
            step.state,
            (*sent.steps, step),
            encoder,
            sent.open_bits + step.information_bits,
        )
        before = longer.information_bits - longer.open_bits
        full = longer.open_bits >= max(_SECTION_BITS, _SECTION_GROWTH * before)
        return longer.closed() if full else longer

    def up_to_bytes(self, sent: Sent, most: int) -> Sent:
        """As many steps as fit in a stream of `most` bytes: full strides, then a shorter one.

        What a step will take is foretold from its information, which needs no search: few steps
        are coded in vain.
        """
        bytes_a_bit, rung = 1.3 / 8, self._first_rung(sent)
        while rung < RUNGS:
            bits = information_bits(self.channel, sent.state, rung, self.components)
            if sent.size + bits * bytes_a_bit > most:
                break
            attempt = self.to_rung(sent, rung)
            if attempt.size > most:
                break
            bytes_a_bit = max(attempt.size - sent.size, 1) / max(bits, 1.0)
            sent, rung = attempt, rung + self.channel.stride
        return self._last_step(sent, min(rung, RUNGS - 1), most, bytes_a_bit).closed()

    def up_to_quality(self, sent: Sent, quality: Callable[[State], float], least: float) -> Sent:
        """As few steps as reach a quality, which grows with the steps."""
        rung, reached = self._first_rung(sent), quality(sent.state)
        while rung < RUNGS:
            attempt = self.to_rung(sent, rung)
            reached = quality(attempt.state)
            if reached >= least:
                return self._shortest(sent, attempt, quality, least).closed()
            sent, rung = attempt, rung + self.channel.stride
        raise InputError(
            "psnr", f"{least:g} dB", f"at most {reached:.2f} dB for this picture", "ask for less"
        )

    def _shortest(
        self, before: Sent, attempt: Sent, quality: Callable[[State], float], least: float
    ) -> Sent:
        """The shortest step from `before` that reaches the quality, nearly."""
        low, high = before.state.rung, attempt.state.rung
        for _ in range(_TRIALS):
            if high - low <= 1:
                break
            middle = self.to_rung(before, (low + high) // 2)
            if quality(middle.state) >= least:
                attempt, high = middle, middle.state.rung
            else:
                low = middle.state.rung
        return attempt

    def _last_step(self, sent: Sent, furthest: int, most: int, bytes_a_bit: float) -> Sent:
        """The longest step, up to a rung, that fits in a stream of `most` bytes, nearly."""
        best, low, high = sent, sent.state.rung, furthest + 1
        for _ in range(_TRIALS):
            if high - low <= 1 or most - best.size <= _SLACK * most:
                break
            rung = self._rung_of(sent, low, high, (most - sent.size) / bytes_a_bit)
            attempt = self.to_rung(sent, rung)
            bits = attempt.steps[-1].information_bits
            bytes_a_bit = max(attempt.size - sent.size, 1) / max(bits, 1.0)
            if attempt.size <= most:
                best, low = attempt, rung
            else:
                high = rung
        return best

    def _rung_of(self, sent: Sent, low: int, high: int, most_bits: float) -> int:
        """The furthest rung between two, exclusive, whose step carries so many bits at most."""
        first, last = low + 1, high - 1
        while first < last:
            middle = (first + last + 1) // 2
            bits = information_bits(self.channel, sent.state, middle, self.components)
            first, last = (middle, last) if bits <= most_bits else (first, middle - 1)
        return first

    def _first_rung(self, sent: Sent) -> int:
        """The next rung of a full stride; the first message has to carry enough."""
        if sent.state.rung:
            return sent.state.rung + self.channel.stride
        low, high = self.channel.stride, RUNGS - 1
        while low < high:
            middle = (low + high) // 2
            step = self.channel.step(sent.state, middle)
            bits = 0.5 * self.channel.prior.vectors * np.log2(1 + step.ratios()).sum()
            low, high = (low, middle) if bits >= _FIRST_BITS else (middle + 1, high)
        return low
