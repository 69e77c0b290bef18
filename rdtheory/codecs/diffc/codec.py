"""DiffC as a codec of pictures and sounds: models, rate control, reconstructions."""

import time
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rdtheory.arrays import Array, whole_number
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.range_coder import decoder_of
from rdtheory.codecs.codec import Codec, Encoded, Target
from rdtheory.codecs.diffc.header import KIND, LARGEST, MOST_STRIDE, Header
from rdtheory.codecs.diffc.ladder import NOISES
from rdtheory.codecs.diffc.model import DiffusionModel, Prior
from rdtheory.codecs.diffc.models import model_named, model_of_stream
from rdtheory.codecs.diffc.sender import Sender, Sent
from rdtheory.codecs.diffc.steps import Channel, State, read_more, read_step
from rdtheory.codecs.diffc.timed_prior import TimedPrior
from rdtheory.codecs.media import Media, Picture, Sound
from rdtheory.container import StreamError, append, pack, unpack
from rdtheory.diffusion.reconstruction import Normals
from rdtheory.errors import InputError

RECONSTRUCTIONS = ("ancestral", "flow", "mmse")

_MOST_WORK = 2**28
"""Components times steps of one stream."""


class DiffC(Codec):
    """Lossy compression with Gaussian diffusion (claims 1 to 20).

    Args:
        model: name or file of a model, or a model.
        noise: "isotropic", or where the model allows it "pink", "a-star", "f-star".
        reconstruction: "ancestral" (DiffC-A), "flow" (DiffC-F, Eq. 6) or "mmse": of the decoder,
            and of the encoder where it aims at a PSNR.
        seed: of the shared randomness; travels in the stream.
        stride: rungs of the noise ladder of a step, 32 for each factor of 2 of the noise variance.

    Raises:
        InputError: if there is no such model, noise or reconstruction.

    >>> codec = DiffC("gaussian")
    >>> picture = Picture(np.full((16, 16, 3), 200, np.uint8))
    >>> sent = codec.encode(picture, Target("bytes", 120))
    >>> len(sent.data) <= 120, codec.decode(sent.data).pixels.shape
    (True, (16, 16, 3))
    """

    name: ClassVar[str] = "diffc"
    label: ClassVar[str] = "DiffC"

    def __init__(
        self,
        model: str | Path | DiffusionModel = "default",
        *,
        noise: str = "isotropic",
        reconstruction: str = "flow",
        seed: int = 0,
        stride: int = 48,
    ) -> None:
        if noise not in NOISES:
            raise InputError("noise", repr(noise), ", ".join(NOISES))
        self._model = model
        self.noise = noise
        self.reconstruction = _reconstruction(reconstruction)
        self.seed = Key(seed).seed
        if not 1 <= whole_number("stride", stride) < MOST_STRIDE:
            raise InputError("stride", stride, f"1 to {MOST_STRIDE - 1}")
        self.stride = stride

    def encode(self, media: Media, target: Target) -> Encoded:
        """Send a picture or sound at a target."""
        started = time.perf_counter()
        values = media.values
        sent, channel = self.start(media)
        prior = TimedPrior(channel.prior)
        channel = replace(channel, prior=prior)
        sent = replace(sent, state=channel.start())
        sender = Sender(channel, channel.prior.to_components(values))
        if target.kind == "psnr":
            sent = sender.up_to_quality(sent, self._psnr(channel, values), target.value)
        else:
            sent = sender.up_to_bytes(sent, _budget(target, media, sent.size))
        data = sent.data + append(sent.data, [], end=True)
        details = {
            "steps": len(sent.steps),
            "information_bits": sent.information_bits,
            "bound_bits": sent.bound_bits,
            "blocks": sum(step.blocks for step in sent.steps),
            "seconds": time.perf_counter() - started,
            "network_seconds": prior.seconds,
            "channel_simulation_seconds": sum(step.seconds for step in sent.steps),
        }
        return Encoded(data, sent.payload_bits // 8, details)

    def start(self, media: Media) -> tuple[Sent, Channel]:
        """A stream with nothing but its header, to be continued by a `Sender`."""
        values = media.values
        if values.size > LARGEST:
            raise InputError(
                "picture", f"{values.size} values", f"at most {LARGEST}", "cut it into several"
            )
        model = model_named(self._model, media.kind)
        side = model.side_information(values)
        rate = media.rate if isinstance(media, Sound) else 0
        header = Header(
            values.shape, model.fingerprint, self.seed, self.noise, self.stride, rate, side
        )
        channel = _channel(header, model)
        return Sent(pack(KIND, header.to_dict(), [], end=False), channel.start()), channel

    def decode(self, data: bytes, reconstruction: str | None = None, **how: Any) -> Media:
        """The reconstruction from a stream or the first part of one.

        Args:
            data: the stream; any prefix that holds the header.
            reconstruction: in place of the codec's own.
            **how: nothing else.
        """
        if how:
            raise InputError("decode", ", ".join(how), "reconstruction")
        chosen = self.reconstruction if reconstruction is None else _reconstruction(reconstruction)
        header, channel, state = self.receive(data)
        values = reconstructed(channel, state, chosen)
        if header.rate:
            return Sound.from_values(values, header.rate)
        return Picture.from_values(values)

    def describe(self, data: bytes) -> dict[str, Any]:
        """Header, sections and sizes of a stream, without decoding it.

        Raises:
            StreamError: if it is damaged, or another codec's.
        """
        contents = unpack(data, KIND)
        header = Header.from_dict(contents.header)
        sizes = [len(section) for section in contents.sections]
        return {
            "shape": list(header.shape),
            "model": header.model,
            "noise": header.noise,
            "seed": header.seed,
            "stride": header.stride,
            **({"rate": header.rate} if header.rate else {}),
            "payload_bytes": sum(sizes),
            "section_bytes": sizes,
            "complete": contents.complete,
        }

    def receive(self, data: bytes) -> tuple[Header, Channel, State]:
        """What a stream, or the first part of one, tells the decoder."""
        contents = unpack(data, KIND)
        header = Header.from_dict(contents.header)
        channel = _channel(header, model_of_stream(header.model, self._model))
        state = channel.start()
        for section in contents.sections:
            decoder, more = decoder_of(section), True
            while more:
                state = read_step(channel, state, section, decoder)
                if state.steps * np.prod(header.shape) > _MOST_WORK:
                    raise StreamError("stream", f"{state.steps} steps", "fewer for this size")
                more = read_more(decoder)
        return header, channel, state

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it is a container of this kind."""
        return data[:4] == b"RDTS" and data[5:9] == KIND.ljust(4).encode()

    def _psnr(self, channel: Channel, values: Array) -> Any:
        def psnr(state: State) -> float:
            found = reconstructed(channel, state, self.reconstruction)
            error = np.mean((np.clip(found, -1, 1) - values) ** 2)
            return float(10 * np.log10(4 / max(error, 1e-12)))

        return psnr


def reconstructed(channel: Channel, state: State, how: str) -> Array:
    """X̂ in values of the data's shape; both sides make the same, but for rounding."""
    belief, normals = state.belief, _normals(channel.seed)
    components = channel.prior.reconstruct(how, belief.observed, belief.noise_variances, normals)
    return channel.prior.from_components(components)


def _normals(seed: int) -> Normals:
    """The decoder's own randomness: each call goes on where the last one ended."""
    streams, used = RandomStreams(Key(seed, 2**32), Purpose.DECODER), 0

    def normals(shape: tuple[int, ...]) -> Array:
        nonlocal used
        start, used = used, used + prod(shape)
        return streams.normals(0, start, prod(shape)).reshape(shape)

    return normals


def _channel(header: Header, model: DiffusionModel) -> Channel:
    prior: Prior = model.prior(header.shape, header.side)
    if prior.isotropic_only and header.noise != "isotropic":
        raise InputError(
            "noise", repr(header.noise), "isotropic for this model", "take the model gaussian"
        )
    return Channel(prior, header.noise, header.seed, header.stride)


def _budget(target: Target, media: Media, least: int) -> int:
    most = target.most_bytes(media.positions)
    if most < least:
        raise InputError(target.kind, f"{most} bytes", f"at least {least}, those of the header")
    return most


def _reconstruction(name: str) -> str:
    if name not in RECONSTRUCTIONS:
        raise InputError("reconstruction", repr(name), ", ".join(RECONSTRUCTIONS))
    return name
