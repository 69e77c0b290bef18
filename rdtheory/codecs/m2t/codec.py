"""The masked transformers as codecs of pictures: M2T, MT and full AR."""

import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rdtheory.codecs.codec import Codec, Encoded, Target
from rdtheory.codecs.m2t.configs import WAYS
from rdtheory.codecs.m2t.header import KIND, LARGEST, SCALE_STEPS, Header
from rdtheory.codecs.m2t.model import M2tModel, model_named, rounded
from rdtheory.codecs.m2t.network import usual_schedule
from rdtheory.codecs.m2t.patches import filled_up, from_patches, into_patches, places_inside
from rdtheory.codecs.m2t.runners import Runner, runner_for
from rdtheory.codecs.m2t.schedule import LOCATIONS, schedule
from rdtheory.codecs.m2t.token_coder import decode_tokens, encode_tokens
from rdtheory.codecs.media import Media, Picture
from rdtheory.container import StreamError, pack, unpack
from rdtheory.errors import InputError

_BATCH = 16
"""Patches coded at the same time, a section of the stream for each so many."""


class MaskedTransformer(Codec):
    """Neural compression with masked transformers, whose `name` is the way to run them.

    Args:
        model: a model, "small" (the package's), or a file of weights.

    Raises:
        InputError: if there is no such model, or it was not trained for this way.
        StreamError: if a file of weights is damaged.
    """

    def __init__(self, model: str | Path | M2tModel = "default") -> None:
        self.model = model_named(model)
        if self.name not in self.model.config.ways:
            ways = ", ".join(self.model.config.ways)
            raise InputError("model", f"one without {self.name}", f"one with it, not {ways}")
        self._schedule = 0, 0, 0

    def encode(self, media: Media, target: Target) -> Encoded:
        """Code a picture at the scale that comes next to a target."""
        started = time.perf_counter()
        if not isinstance(media, Picture):
            raise InputError("media", "a sound", "a picture")
        if media.positions > LARGEST:
            raise InputError("picture", f"{media.positions} pixels", f"at most {LARGEST}")
        features = self.model.features(media.values)
        found = self._for_target(media, features, target)
        if found is None:
            least, most = (2.0**end for end in self.model.config.log_scales)
            allowed = f"what scales from {least:g} to {most:g} reach with this picture"
            raise InputError(target.kind, target.value, allowed)
        header, data = found
        details = {"scale": 2.0**header.log_scale, "seconds": time.perf_counter() - started}
        return Encoded(data, sum(map(len, unpack(data).sections)), details)

    def decode(self, data: bytes, **how: Any) -> Picture:
        """The picture of a whole stream."""
        if how:
            raise InputError("decode", ", ".join(how), "nothing else")
        header, tokens = self.receive(data)
        shape = header.height, header.width, header.channels
        return Picture.from_values(self.model.values(tokens, header.log_scale, shape))

    def receive(self, data: bytes) -> tuple[Header, np.ndarray]:
        """The header and the tokens y, int64, shape (ceil(h/16), ceil(w/16), c)."""
        contents = unpack(data, KIND, prefix_ok=False)
        header = Header.from_dict(contents.header)
        if header.model != self.model.fingerprint:
            raise StreamError("model", f"a stream of {header.model}", "this one", "pass its model")
        if WAYS[header.way] not in self.model.config.ways:
            raise StreamError("header", WAYS[header.way], ", ".join(self.model.config.ways))
        valid, batches = _layout(header, self.model)
        if len(contents.sections) != len(batches):
            raise StreamError("sections", len(contents.sections), f"{len(batches)} of this size")
        parts = [
            decode_tokens(self._runner(header, len(valid[batch])), section, valid[batch])
            for section, batch in zip(contents.sections, batches, strict=True)
        ]
        return header, from_patches(np.concatenate(parts), *_size(header))

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether it is a container of this kind."""
        return data[:4] == b"RDTS" and data[5:9] == KIND.ljust(4).encode()

    def _for_target(
        self, picture: Picture, features: np.ndarray, target: Target
    ) -> tuple[Header, bytes] | None:
        """The finest scale within a budget, or the coarsest that reaches a quality."""
        low, high = (round(SCALE_STEPS * end) for end in self.model.config.log_scales)
        best = None
        while low <= high:
            middle = (low + high) // 2
            header = self._header(picture, middle)
            if target.kind == "psnr":
                good = self._psnr(picture, features, header) >= target.value
                data = b""
            else:
                data = self._coded(features, header)
                good = len(data) <= target.most_bytes(picture.positions)
            best = (header, data) if good else best
            low, high = (low, middle - 1) if good == (target.kind == "psnr") else (middle + 1, high)
        if best is not None and not best[1]:
            best = best[0], self._coded(features, best[0])
        return best

    def _header(self, picture: Picture, scale_step: int) -> Header:
        height, width, channels = picture.pixels.shape
        way, numbers = WAYS.index(self.name), (self.model.fingerprint, height, width, channels)
        return Header(*numbers, scale_step, way, *self._schedule)

    def _coded(self, features: np.ndarray, header: Header) -> bytes:
        side = self.model.config.transformer.side
        tokens = into_patches(filled_up(rounded(features, header.log_scale), side), side)
        valid, batches = _layout(header, self.model)
        sections = [
            encode_tokens(self._runner(header, len(valid[batch])), tokens[batch], valid[batch])
            for batch in batches
        ]
        return pack(KIND, header.to_dict(), sections)

    def _psnr(self, picture: Picture, features: np.ndarray, header: Header) -> float:
        tokens = rounded(features, header.log_scale)
        made = self.model.values(tokens, header.log_scale, picture.pixels.shape)
        error = np.mean((np.clip(made, -1, 1) - picture.values) ** 2)
        return float(10 * np.log10(4 / max(error, 1e-12)))

    def _runner(self, header: Header, patches: int) -> Runner:
        way, config = WAYS[header.way], self.model.config
        transformer = self.model.network.transformers[way]
        if way == "mt":
            side, location = config.transformer.side, LOCATIONS[header.location]
            plan = schedule(location, side, header.steps, header.alpha)
        else:
            plan = usual_schedule(config, way)
        return runner_for(way, transformer, plan, patches, header.log_scale)


class M2T(MaskedTransformer):
    """Groups of tokens one after another, each looked at once; keys and values are kept [72-82].

    >>> codec = M2T()
    >>> picture = Picture(np.full((40, 30, 3), 200, np.uint8))
    >>> sent = codec.encode(picture, Target("bytes", 120))
    >>> len(sent.data) <= 120, codec.decode(sent.data).pixels.shape
    (True, (40, 30, 3))
    """

    name: ClassVar[str] = "m2t"
    label: ClassVar[str] = "M2T"


class MT(MaskedTransformer):
    """All tokens looked at in each of S steps, those not known yet hidden [67-71].

    Args:
        model: as of `MaskedTransformer`.
        location: where tokens are, by step; see `schedule`.
        steps: S; that of M2T if not given.

    Raises:
        InputError: if there is no such model, location or number of steps.
    """

    name: ClassVar[str] = "mt"
    label: ClassVar[str] = "MT"

    def __init__(
        self,
        model: str | Path | M2tModel = "default",
        *,
        location: str = "qlds",
        steps: int | None = None,
    ) -> None:
        super().__init__(model)
        config = self.model.config
        alpha_step = round(16 * config.alpha)
        side, most = config.transformer.side, steps or config.steps
        plan = schedule(location, side, most, alpha_step / 16)
        self._schedule = LOCATIONS.index(location), len(plan.sizes), alpha_step


class FullAR(MaskedTransformer):
    """Token after token in raster order [78]: M2T with groups of one."""

    name: ClassVar[str] = "ar"
    label: ClassVar[str] = "Full AR"


def _size(header: Header) -> tuple[int, int]:
    """Rows and columns of tokens."""
    return -(-header.height // 16), -(-header.width // 16)


def _layout(header: Header, model: M2tModel) -> tuple[np.ndarray, list[slice]]:
    """Which tokens are the picture's, shape (P, w), and the batches of patches."""
    valid = places_inside(*_size(header), model.config.transformer.side)
    return valid, [slice(start, start + _BATCH) for start in range(0, len(valid), _BATCH)]
