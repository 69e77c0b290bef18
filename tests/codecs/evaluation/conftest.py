"""Pictures made on the spot, and a tiny codec that depends on nothing."""

import zlib

import numpy as np
import pytest

from rdtheory.codecs.codec import Codec, Encoded
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError


def made_picture(seed, height=64, width=64, channels=3):
    """Smooth fields of power 1/f² with a few edges, as photographs have."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    frequency[0, 0] = np.inf
    waves = np.fft.fft2(rng.normal(size=(channels, height, width)))
    field = np.fft.ifft2(waves / frequency).real
    field *= 35 / field.std()
    for _ in range(4):
        row, column, angle = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(0, 6.3)
        side = (np.arange(height)[:, None] - row) * np.sin(angle)
        side = side + (np.arange(width) - column) * np.cos(angle) > 0
        field += side * rng.normal(0, 15, (channels, 1, 1))
    grey = field.mean(axis=0)
    pixels = 128 + grey + 0.4 * (field - grey)
    return Picture(np.clip(np.rint(np.moveaxis(pixels, 0, 2)), 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def make_picture():
    return made_picture


@pytest.fixture(scope="session")
def photographs():
    """24 pictures of 64 x 64 pixels by name."""
    return {f"{number:02}.png": made_picture(number) for number in range(24)}


class Rounding(Codec):
    """Every pixel rounded to a multiple of the least step that fits the budget, and deflated."""

    name = "rounding"
    label = "rounding"
    header = b"header"

    def __init__(self):
        self.encoded = 0

    def encode(self, media, target):
        self.encoded += 1
        shape = np.array(media.pixels.shape, "<u2").tobytes()
        for step in (1, 2, 4, 8, 16, 32, 64, 128):
            payload = zlib.compress((media.pixels // step).tobytes())
            data = self.header + shape + bytes([step]) + payload
            if len(data) <= target.most_bytes(media.positions):
                return Encoded(data, len(payload), {"step": step})
        raise InputError("bpp", target.value, f"at least {8 * len(data) / media.positions:.4f}")

    def decode(self, data, reconstruction="middle", **how):
        if how or reconstruction not in ("middle", "lower"):
            raise InputError("reconstruction", repr(reconstruction), "middle, lower")
        shape, step = np.frombuffer(data[6:12], "<u2"), data[12]
        index = np.frombuffer(zlib.decompress(data[13:]), np.uint8).reshape(shape)
        return Picture(index * step + (step // 2 if reconstruction == "middle" else 0))

    @classmethod
    def recognises(cls, data):
        return data.startswith(cls.header)


@pytest.fixture
def rounding():
    return Rounding()
