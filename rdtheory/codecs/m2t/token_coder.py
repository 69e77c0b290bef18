"""Tokens to bits and back: groups in the order of a schedule, by what a transformer predicts.

Of each group the stream says, on one range coder:

    ties       which parameters are so near to where rounding changes that another machine might
               round them otherwise, and how they were rounded: almost always none
    numbers    of the tokens, by mixtures on the lattice; those beyond the picture are known to be 0
    checksum   some bits of the CRC-32 of all numbers so far: 8 of up to 16 groups, fewer of more

and at the end that CRC-32. A decoder whose predictions are not the encoder's finds out within
a few groups, and says so.
"""

import zlib
from abc import ABC, abstractmethod

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.channel_simulation.index_codes import EliasDelta
from rdtheory.channel_simulation.range_coder import (
    bytes_of,
    decode_uniform,
    decoder_of,
    encode_uniform,
)
from rdtheory.codecs.m2t.mixture import distance_from_tie, on_lattice, other_side
from rdtheory.codecs.m2t.number_coder import decode_numbers, encode_numbers, entropy
from rdtheory.codecs.m2t.runners import Runner
from rdtheory.container import StreamError

_NEAR = 1e-9
"""Steps of the lattice from a tie. In double precision machines differ by 1e-12 at most."""

_CHECK_BITS, _ALL_CHECKS = 8, 128
"""Of a group's checksum, at most; of those of all groups together, if one bit each is no more."""


def encode_tokens(runner: Runner, tokens: np.ndarray, valid: np.ndarray) -> bytes:
    """The bits of P patches of tokens.

    Args:
        runner: a fresh one.
        tokens: whole numbers below 2^31 in magnitude, shape (P, w, c); 0 where not valid.
        valid: which tokens are the picture's, shape (P, w).
    """
    writer = _Writer(tokens, checksum_bits(len(runner.schedule.sizes)))
    _through(runner, valid, writer)
    encode_uniform([writer.crc], [32], writer.coder)
    return bytes_of(writer.coder)


def decode_tokens(runner: Runner, data: bytes, valid: np.ndarray) -> np.ndarray:
    """What `encode_tokens` made bits of, int64, shape (P, w, c).

    Args:
        runner: a fresh one, of the same network, schedule and number of patches.
        data: the bits.
        valid: as it was there.

    Raises:
        StreamError: if the bits were damaged, or this machine's predictions are not the encoder's.
    """
    reader = _Reader(data, checksum_bits(len(runner.schedule.sizes)))
    tokens = _through(runner, valid, reader)
    if int(decode_uniform([32], reader.coder)[0]) != reader.crc:
        raise _lost(runner.step)
    return tokens


def checksum_bits(groups: int) -> int:
    """Of each group: all of them are 16 bytes at most, up to 128 groups.

    >>> checksum_bits(12), checksum_bits(64), checksum_bits(576)
    (8, 2, 1)
    """
    return max(1, min(_CHECK_BITS, _ALL_CHECKS // groups))


class _Port(ABC):
    """One side of the stream.

    Attributes:
        crc: CRC-32 of all numbers so far.
    """

    def __init__(self, check_bits: int) -> None:
        self.crc, self.check_bits = 0, check_bits

    @abstractmethod
    def lattice(self, predictions: np.ndarray) -> np.ndarray:
        """Predictions on the lattice, the same on both sides."""

    @abstractmethod
    def numbers(self, lattice: np.ndarray, places: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Of tokens, shape (n, c), by predictions (n, c, 3, N_M); places are patches, locations."""

    def count(self, numbers: np.ndarray) -> int:
        """Take numbers into the checksum; returns the bits of it that are sent."""
        self.crc = zlib.crc32(numbers.astype("<i8").tobytes(), self.crc)
        return self.crc % 2**self.check_bits


class _Writer(_Port):
    def __init__(self, tokens: np.ndarray, check_bits: int) -> None:
        super().__init__(check_bits)
        self.coder = stream.queue.RangeEncoder()
        self._tokens = np.asarray(tokens, np.int64)

    def lattice(self, predictions: np.ndarray) -> np.ndarray:
        found = on_lattice(predictions)
        near = np.flatnonzero(distance_from_tie(predictions) < _NEAR)
        EliasDelta().encode(len(near) + 1, self.coder)
        EliasDelta().encode(np.diff(near, prepend=-1), self.coder)
        encode_uniform(found.reshape(-1)[near] & 1, np.ones(len(near), int), self.coder)
        return found

    def numbers(self, lattice: np.ndarray, places: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        found = self._tokens[places]
        encode_numbers(found.reshape(-1), lattice.reshape(-1, *lattice.shape[2:]), self.coder)
        encode_uniform([self.count(found)], [self.check_bits], self.coder)
        return found


class _Reader(_Port):
    def __init__(self, data: bytes, check_bits: int) -> None:
        super().__init__(check_bits)
        self.coder = decoder_of(data)
        self._groups = 0

    def lattice(self, predictions: np.ndarray) -> np.ndarray:
        found = on_lattice(predictions)
        count = int(EliasDelta().decode(1, self.coder)[0]) - 1
        if count > found.size:
            raise _lost(self._groups)
        gaps = EliasDelta().decode(count, self.coder)
        near = np.cumsum(gaps) - 1
        if count and (gaps.max() > found.size or near[-1] >= found.size):
            raise _lost(self._groups)
        parity = decode_uniform(np.ones(count, int), self.coder)
        flat = found.reshape(-1)
        wrong = near[(flat[near] & 1) != parity]
        flat[wrong] = other_side(predictions).reshape(-1)[wrong]
        return found

    def numbers(self, lattice: np.ndarray, places: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        rows = lattice.reshape(-1, *lattice.shape[2:])
        found = decode_numbers(rows, self.coder).reshape(lattice.shape[:2])
        self._groups += 1
        if int(decode_uniform([self.check_bits], self.coder)[0]) != self.count(found):
            raise _lost(self._groups)
        return found


def _through(runner: Runner, valid: np.ndarray, port: _Port) -> np.ndarray:
    """All groups, on either side; returns the tokens."""
    tokens = None
    for size in runner.schedule.sizes:
        locations, predictions = runner.predict()
        lattice = port.lattice(predictions)
        if locations.shape[1] > size:
            locations, lattice = _easiest(locations, lattice, size)
        patches = np.arange(len(locations))[:, None]
        coded = valid[patches, locations]
        found = np.zeros((*locations.shape, lattice.shape[2]), np.int64)
        places = np.broadcast_to(patches, locations.shape)[coded], locations[coded]
        found[coded] = port.numbers(lattice[coded], places)
        if tokens is None:
            tokens = np.zeros((*valid.shape, lattice.shape[2]), np.int64)
        tokens[patches, locations] = found
        runner.uncover(locations, found)
    assert tokens is not None  # a schedule has a group
    return tokens


def _easiest(
    locations: np.ndarray, lattice: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """The candidates of least entropy in each patch, whose count is `size`."""
    rows = lattice.reshape(-1, *lattice.shape[3:])
    bits = entropy(rows).reshape(lattice.shape[:3]).sum(axis=2)
    # In whole numbers, so that the last digits of a logarithm decide nothing.
    chosen = np.argsort(np.rint(2.0**10 * bits), axis=1, kind="stable")[:, :size]
    here = np.arange(len(locations))[:, None]
    return locations[here, chosen], lattice[here, chosen]


def _lost(group: int) -> StreamError:
    return StreamError(
        "stream",
        f"group {group} that does not check",
        "the encoder's predictions",
        "damaged, or made by a machine or model whose predictions differ",
    )
