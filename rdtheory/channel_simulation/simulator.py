"""One interface for every algorithm of reverse channel coding: encode, decode, and what it cost.

Encoder and decoder share a prior p and a key. `encode` draws a sample of the target q and says it
by an index; `decode` makes the same sample from the index alone. The index travels by an entropy
code whose one parameter, the information that a sample is expected to carry, both sides know.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import (
    DiagonalGaussian,
    StandardPair,
    require_fit,
    standardise,
)
from rdtheory.channel_simulation.index_codes import Zipf
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats


@dataclass(frozen=True, eq=False)
class Code:
    """What was sent for a batch of targets and, on the encoder's side, what it cost.

    Attributes:
        index: what travels: whole numbers, shape (...,) for one a target, or (..., parts).
        dim: d, the number of components of a target.
        information_bits: expected information of one sample, the parameter of the index code.
        fingerprint: of algorithm, key and dimension, so that the wrong ones are refused.
        sample: the sample that the decoder will have, shape (..., d).
        candidates: how many candidates the encoder examined, shape (...,).
        ideal_bits: -log2 of the index's probability under the index code, shape (...,).
        actual_bits: length of the range coder's output for all of them.
        error: stated error: a bound on the total variation between the sample's law and q, given
            what the encoder saw; its mean bounds that of the algorithm; 0 if exact. Shape (...,).

    >>> Code(np.array([3]), dim=1, information_bits=2.0, fingerprint=7).index
    array([3])
    """

    index: Array
    dim: int
    information_bits: float
    fingerprint: int
    sample: Array | None = field(default=None, repr=False)
    candidates: Array | None = field(default=None, repr=False)
    ideal_bits: Array | None = field(default=None, repr=False)
    actual_bits: int | None = None
    error: Array | None = field(default=None, repr=False)

    def received(self) -> "Code":
        """The code as the decoder gets it: without what only the encoder knows.

        >>> Code(np.array([3]), 1, 2.0, 0, sample=np.zeros((1, 1))).received().sample is None
        True
        """
        return Code(self.index, self.dim, self.information_bits, self.fingerprint)


@dataclass(frozen=True, eq=False)
class Selection:
    """An encoder's choice for n targets.

    Attributes:
        index: shape (n,) or (n, parts).
        candidates: how many were examined, shape (n,).
        error: total variation bound, shape (n,).
    """

    index: Array
    candidates: Array
    error: Array


class ChannelSimulator(ABC):
    """An algorithm of reverse channel coding; a subclass is a frozen dataclass of its parameters.

    A subclass says how to `select` an index for standardised targets, how to make the `sample` that
    an index stands for, and, unless a Zipf code serves it, how the index travels.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DirectLayered
    >>> code = DirectLayered(0.5).encode(DiagonalGaussian([1.0], 0.5), STANDARD_NORMAL, Key(1))
    >>> found = DirectLayered(0.5).decode(code, STANDARD_NORMAL, Key(1))
    >>> bool((found == code.sample).all())
    True
    """

    def encode(self, target: DiagonalGaussian, prior: DiagonalGaussian, key: Key) -> Code:
        """One sample of every target, as an index.

        Args:
            target: q, shape (..., d): known to the encoder alone.
            prior: p, known to both sides; of one component if all are alike.
            key: the shared randomness.

        Raises:
            InputError: if the algorithm cannot serve these targets, or not at a reasonable cost.
        """
        if target.mean.size == 0:
            raise InputError("target", f"means of shape {target.mean.shape}", "at least one target")
        pair, lead = standardise(target, prior), target.mean.shape[:-1]
        selection = self.select(pair, key)
        index, information = selection.index, float(np.mean(bits_from_nats(pair.kl_nats)))
        encoder = stream.queue.RangeEncoder()
        self.write(index, information, key, encoder)
        return Code(
            index=index.reshape(lead + index.shape[1:]),
            dim=pair.dim,
            information_bits=information,
            fingerprint=self._fingerprint(key, pair.dim),
            sample=self._in_units_of(prior, self.sample(index, pair.dim, key), lead),
            candidates=selection.candidates.reshape(lead),
            ideal_bits=self.ideal_bits(index, information, key).reshape(lead),
            actual_bits=int(encoder.num_bits()),
            error=selection.error.reshape(lead),
        )

    def decode(self, code: Code, prior: DiagonalGaussian, key: Key) -> Array:
        """The samples that a code stands for, shape (..., d), from its index alone.

        Args:
            code: from `encode`, or as received.
            prior: as at the encoder.
            key: as at the encoder.

        Raises:
            InputError: if key, dimension or algorithm are not the encoder's; if an index cannot be.
        """
        if code.fingerprint != self._fingerprint(key, code.dim):
            raise InputError(
                "code", "one of another key, dimension or algorithm", "what encoded it"
            )
        index = np.asarray(code.index)
        if index.dtype.kind not in "iu":
            raise InputError("code.index", f"values of {index.dtype}", "whole numbers")
        parts = self.index_shape(code.dim)
        lead, own = index.shape[: index.ndim - len(parts)], index.shape[index.ndim - len(parts) :]
        if own != parts:
            raise InputError("code.index", f"shape {index.shape}", f"shape (..., {parts})")
        if index.size and not -(2**62) <= index.min() <= index.max() <= 2**62:
            raise InputError("code.index", f"{index.min()} to {index.max()}", "at most 2^62")
        require_fit(prior, (*lead, code.dim))
        sample = self.sample(index.reshape(-1, *parts).astype(np.int64), code.dim, key)
        return self._in_units_of(prior, sample, lead)

    @abstractmethod
    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The index that says a sample of every target."""

    @abstractmethod
    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The samples of these indices in standardised coordinates, shape (n, d)."""

    def index_shape(self, dim: int) -> tuple[int, ...]:
        """Shape of the index of one target: () for a single number."""
        return ()

    # How the index travels: by the Zipf code of the expected information [T3.2b].

    def ideal_bits(self, index: Array, information_bits: float, key: Key) -> Array:
        """-log2 of the probability of every target's index, shape (n,)."""
        return Zipf(information_bits).ideal_bits(index)

    def write(self, index: Array, information_bits: float, key: Key, encoder: Any) -> None:
        """Put the indices of n targets into a range encoder."""
        Zipf(information_bits).encode(index, encoder)

    def read(self, count: int, dim: int, information_bits: float, key: Key, decoder: Any) -> Array:
        """Take the indices of `count` targets from a range decoder; the inverse of `write`."""
        return Zipf(information_bits).decode(count, decoder)

    def _in_units_of(self, prior: DiagonalGaussian, z: Array, lead: tuple[int, ...]) -> Array:
        return prior.mean + np.sqrt(prior.variances) * z.reshape((*lead, z.shape[-1]))

    def _fingerprint(self, key: Key, dim: int) -> int:
        return crc32(f"{self!r} {key!r} {dim}".encode())
