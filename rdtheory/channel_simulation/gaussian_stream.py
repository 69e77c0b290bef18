"""Streams of Gaussian vectors: DiffC on a Gaussian source with real bits (Eq. 1, 5) [T1.3, T1.11].

A stream sends vectors X along a noise family, in T messages from noisy to clean; T = 1 sends Z_t at
once. Whatever part of it arrived decodes: components whose section is missing keep the SNR that
they have. Each step's prior is recomputed from what the decoder has, so that part of the error of a
truncated block is paid back by the steps that follow.

The container is `rdtheory.container`'s, of kind "rcc". Its header says all that decoding needs but
the source, which is known to both sides or else sent along: sections 1 to 3 are then the mean, the
eigenvalues > 0 (float64) and their eigenvectors (float32, one after the other).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, vectors, whole_number
from rdtheory.channel_simulation.message import decode_message, encode_message
from rdtheory.channel_simulation.plan import BlockSettings, Plan
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.stream_header import MOST_STEPS, StreamHeader
from rdtheory.channel_simulation.stream_source import (
    LARGEST_SENT_SOURCE,
    SECTIONS,
    canonical,
    fingerprint,
    packed_source,
    rounded,
    unpacked_source,
)
from rdtheory.container import StreamError, append, pack, unpack
from rdtheory.diffusion import RECONSTRUCTIONS, Posterior, Progression, Scheme, scheme
from rdtheory.diffusion.noise import divide_or_inf
from rdtheory.errors import InputError
from rdtheory.sources.gaussian import GaussianVector, as_gaussian

KIND = "rcc"

LARGEST_ARRAY = 2**22
"""Numbers n M of the vectors of one stream, and M T of its levels: below a gibibyte at work."""

_MOST_WORK = 2**25
"""Numbers n M T that are looked at in all: less than a minute."""

_MOST_BLOCKS = 2**18
"""Blocks of all steps, which take 0.15 ms each to decode."""

_MOST_CANDIDATES = 2**32
"""Candidates of all blocks: about an hour's search."""


@dataclass(frozen=True, eq=False)
class GaussianStream:
    """What was sent, as the encoder knows it.

    Attributes:
        data: the bytes.
        header_bytes: how many of them come before the first step.
        step_ends: how many bytes of `data` reach to the end of each step.
        block_errors: stated total variation error of every block, an array for each step.
        information_bits: expected information of each step, all vectors, shape (T,).
        posterior: what the decoder knows in the end.

    >>> stream = encode_vectors(np.ones((3, 2)), scheme("diffc-a", [1.0, 1.0]), bits_per_dim=1.0)
    >>> len(stream.step_ends), stream.step_within(len(stream.data))
    (1, 1)
    """

    data: bytes
    header_bytes: int
    step_ends: list[int]
    block_errors: list[Array]
    information_bits: Array
    posterior: Posterior

    def step_within(self, most_bytes: int) -> int:
        """The last step, from 1 to T, that `most_bytes` bytes reach (0: none), claims 1, 5 and 6.

        The prefix `data[: step_ends[step - 1]]` is what to send or to keep.
        """
        return int(np.searchsorted(self.step_ends, most_bytes, side="right"))


@dataclass(frozen=True, eq=False)
class Received:
    """What a stream, or the first part of one, decodes to.

    Attributes:
        vectors: X̂, shape (n, M).
        posterior: what is known of X in the eigenbasis.
        steps: steps that arrived whole.
        complete: whether the whole stream arrived.

    >>> one = scheme("diffc-a", [1.0, 1.0])
    >>> stream = encode_vectors(np.ones((3, 2)), one, bits_per_dim=1.0)
    >>> decode_vectors(stream.data, one.source).complete
    True
    """

    vectors: Array
    posterior: Posterior
    steps: int
    complete: bool


def encode_vectors(
    x: Any,
    operated: Scheme | str,
    *,
    seed: int = 0,
    settings: BlockSettings | None = None,
    steps: int = 1,
    **target: Any,
) -> GaussianStream:
    """Send vectors x, shape (n, M), at a target of a scheme.

    Args:
        x: the vectors, finite.
        operated: a scheme on a source that the decoder knows; or a scheme's name, to fit a
            Gaussian to x and send it along.
        seed: of the shared randomness; travels in the header.
        settings: how components of little information are gathered into blocks.
        steps: T, of equal information, if the target is one number.
        **target: as `Scheme.at`: a number, or a vector from noisy to clean for one step each.

    Raises:
        InputError: if x does not fit the source or is not finite; as `Progression`; if a component
            would need more than 48 bits in a step.

    >>> from rdtheory.diffusion import scheme
    >>> flow = scheme("diffc-f-star", [4.0, 1.0, 0.25])
    >>> x = flow.source.sample(np.random.default_rng(0), 100)
    >>> sent = encode_vectors(x, flow, seed=7, bits_per_dim=[2.0, 3.0])
    >>> got = decode_vectors(sent.data, flow.source)
    >>> got.vectors.shape, got.steps, got.complete
    ((100, 3), 2, True)
    """
    x = _checked(x, None if isinstance(operated, str) else operated.source.dim)
    sections: list[bytes] = []
    if isinstance(operated, str):
        sections = packed_source(_fitted(x))
        operated = scheme(operated, unpacked_source(sections, x.shape[1]))
    operated = scheme(operated.name, canonical(operated.source))
    wanted = max((np.size(value) for value in target.values()), default=1)
    refusal = _too_large(len(x), x.shape[1], max(wanted, whole_number("steps", steps)))
    if refusal:
        raise InputError("steps", *refusal)
    progression = _progression(operated, steps, target)
    settings = BlockSettings() if settings is None else settings
    levels = _levels(operated, progression.points.leading_snr)
    header = StreamHeader(
        vectors=len(x),
        dim=x.shape[1],
        scheme=operated.name,
        leading_snr=progression.points.leading_snr.tolist(),
        seed=Key(seed).seed,
        settings=settings,
        source_sent=bool(sections),
        source_fingerprint=fingerprint(operated.source, levels),
    )
    data = pack(KIND, header.to_dict(), sections, end=False)
    header_bytes = len(data)
    plans = list(_plans(levels, len(x), settings))
    _refuse_long_searches(plans)
    components = operated.source.to_components(x)
    posterior = Posterior.before_anything(operated.source.eigenvalues, len(x))
    errors, ends, information = [], [], []
    for step, plan in enumerate(plans):
        targets = posterior.targets(components, levels[step])
        message = encode_message(targets, plan, Key(seed, step))
        data += append(data, message.sections)
        posterior = posterior.after(message.sample, levels[step], message.received)
        errors.append(message.errors)
        ends.append(len(data))
        information.append(plan.information_bits)
    data += append(data, [], end=True)
    return GaussianStream(data, header_bytes, ends, errors, np.array(information), posterior)


def decode_vectors(
    data: bytes, source: GaussianVector | None = None, reconstruction: str | None = None
) -> Received:
    """X̂ from a stream or from the first part of one.

    Args:
        data: the bytes.
        source: as known to the encoder, or its covariance; None if the stream carries its own.
        reconstruction: "ancestral", "flow" or "mmse"; None for that of the stream's scheme.

    Raises:
        StreamError: if the stream is damaged, breaks off before the source, or the source is not
            the encoder's.
        InputError: if the reconstruction is unknown, or a source is missing.

    >>> one = scheme("diffc-f", [1.0, 1.0])
    >>> stream = encode_vectors(np.ones((3, 2)), one, bits_per_dim=1.0)
    >>> decode_vectors(stream.data, one.source, reconstruction="mmse").vectors.shape
    (3, 2)
    """
    contents = unpack(data, KIND)
    header = StreamHeader.from_dict(contents.header)
    refusal = _too_large(header.vectors, header.dim, len(header.leading_snr))
    if refusal:
        raise StreamError("header", *refusal)
    if reconstruction is not None and reconstruction not in RECONSTRUCTIONS:
        raise InputError("reconstruction", repr(reconstruction), ", ".join(RECONSTRUCTIONS))
    sections = list(contents.sections)
    if header.source_sent:
        if source is not None:
            raise InputError("covariance", "one", "none: this stream carries its own")
        source, sections = unpacked_source(sections, header.dim), sections[SECTIONS:]
    elif source is None:
        raise InputError("covariance", "none", "the one that the encoder knew", "pass it")
    operated = scheme(header.scheme, canonical(as_gaussian(source)))
    if operated.source.dim != header.dim:
        raise StreamError(
            "covariance", f"{operated.source.dim} dimensions", f"the stream's {header.dim}"
        )
    levels = _levels(operated, np.array(header.leading_snr))
    if fingerprint(operated.source, levels) != header.source_fingerprint:
        raise StreamError("covariance", "another source", "the one that the encoder knew")
    posterior = Posterior.before_anything(operated.source.eigenvalues, header.vectors)
    steps = 0
    plans = list(_plans(levels, header.vectors, header.settings))
    if sum(plan.block_count for plan in plans) > _MOST_BLOCKS:
        raise StreamError("header", "a plan of too many blocks", f"at most {_MOST_BLOCKS}")
    for step, plan in enumerate(plans):
        count = plan.section_count
        here, sections = sections[:count], sections[count:]
        if here:
            sample, received = decode_message(here, plan, Key(header.seed, step))
            posterior = posterior.after(sample, levels[step], received)
        if len(here) < count:
            break
        steps += 1
    if sections:
        raise StreamError("stream", f"{len(sections)} sections too many", "those of its plan")
    how = operated.reconstruction if reconstruction is None else RECONSTRUCTIONS[reconstruction]
    decoder = RandomStreams(Key(header.seed), Purpose.DECODER)
    components = posterior.reconstruct(
        how, lambda shape: decoder.normals(0, 0, int(np.prod(shape))).reshape(shape)
    )
    found = operated.source.from_components(components)
    return Received(found, posterior, steps, contents.complete)


def describe(data: bytes) -> dict[str, Any]:
    """What a stream, or the first part of one, holds: its header, sections, completeness.

    >>> from rdtheory.diffusion import scheme
    >>> sent = encode_vectors(np.ones((4, 1)), scheme("rd", [2.0]), bits_per_dim=4.0)
    >>> told = describe(sent.data)
    >>> told["scheme"], told["vectors"], told["complete"], told["bytes"] == len(sent.data)
    ('rd', 4, True, True)
    """
    contents = unpack(data, KIND)
    header = StreamHeader.from_dict(contents.header)
    told = {**header.to_dict(), "steps": len(header.leading_snr), "bytes": len(data)}
    return {
        **told,
        "section_bytes": [len(section) for section in contents.sections],
        "bits_per_dim": 8 * len(data) / (header.vectors * header.dim),
        "complete": contents.complete,
    }


def _levels(operated: Scheme, leading_snr: Array) -> Array:
    """The SNR of every component after each step, shape (T, M), rounded to 21 bits.

    Two machines' eigenvalues of one covariance differ in their last bits. What the range coder
    works with is made from these levels, and must not.
    """
    return rounded(operated.channel_snr(leading_snr))


def _progression(operated: Scheme, steps: int, target: dict[str, Any]) -> Progression:
    """One step for each target; or `steps` steps of equal information up to a single one."""
    point = operated.at(**target)
    if point.leading_snr.ndim:
        return Progression(operated, **target)
    rates = point.bits_per_dim * np.arange(1, whole_number("steps", steps) + 1) / steps
    # The last step is the target itself, not the rate found from it and back.
    levels = np.append(operated.at(bits_per_dim=rates).leading_snr[:-1], point.leading_snr)
    noise_level = divide_or_inf(operated.source.leading_eigenvalue, levels)
    return Progression(operated, noise_level=noise_level)


def _plans(levels: Array, vectors: int, settings: BlockSettings) -> Iterator[Plan]:
    """The plan of each step, from the SNR after it and what was sent before.

    A component to which a step gives less than the plan's unit keeps its level until then.
    """
    before = np.zeros_like(levels[0])
    for snr in levels:
        plan = Plan((1 + before) / (1 + snr), vectors, settings)
        yield plan
        before = np.where(plan.sent, snr, before)


def _too_large(count: int, dim: int, steps: int) -> tuple[str, str] | None:
    """What is given and what is allowed, if vectors and steps are too many for one stream."""
    work = count * dim * steps
    small = max(count * dim, dim * steps) <= LARGEST_ARRAY and work <= _MOST_WORK
    if small and steps <= MOST_STEPS:
        return None
    return (f"{count} vectors of {dim} in {steps} steps", _ALLOWED)


def _refuse_long_searches(plans: list[Plan]) -> None:
    blocks = sum(plan.block_count for plan in plans)
    candidates = sum(plan.block_count * plan.block_candidates for plan in plans)
    if blocks > _MOST_BLOCKS or candidates > _MOST_CANDIDATES:
        raise InputError(
            "rate",
            f"one that takes {blocks} blocks and 2^{np.log2(candidates):.0f} candidates",
            f"at most {_MOST_BLOCKS} blocks and 2^{np.log2(_MOST_CANDIDATES):.0f} candidates",
            "send several streams, take less block_bits or padding_bits, or crossover_bits=0 to "
            "quantise every component",
        )


_ALLOWED = (
    f"at most {MOST_STEPS} steps, {LARGEST_ARRAY} numbers, and {_MOST_WORK} counted in every step"
)


def _checked(x: Any, dim: int | None) -> Array:
    x = float64(np, "vectors", x) if dim is None else vectors(np, "vectors", x, dim)
    if x.ndim != 2 or 0 in x.shape:
        raise InputError("vectors", f"shape {x.shape}", "shape (n, M), at least one vector")
    if x.size > LARGEST_ARRAY:
        raise InputError("vectors", f"shape {x.shape}", _ALLOWED, "send several streams")
    if dim is None and x.shape[1] > LARGEST_SENT_SOURCE:
        raise InputError(
            "vectors",
            f"{x.shape[1]} dimensions",
            f"at most {LARGEST_SENT_SOURCE} where the fitted source travels along",
            "pass the covariance",
        )
    return check("vectors", x, np.isfinite(x), "finite numbers")


def _fitted(x: Array) -> GaussianVector:
    if len(x) < 2:
        raise InputError("vectors", "a single one", "at least 2 to fit a Gaussian", "pass one")
    mean = x.mean(axis=0)
    centred = x - mean
    return GaussianVector.from_covariance(centred.T @ centred / len(x), mean)
