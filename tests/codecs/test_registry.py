"""Codecs by name and by stream, also where a package is not installed."""

import sys

import numpy as np
import pytest

from rdtheory.codecs import Picture, registry
from rdtheory.codecs.codec import Codec, Target
from rdtheory.codecs.registry import codec, codec_class, codec_names, codec_of_stream
from rdtheory.container import StreamError, pack
from rdtheory.errors import InputError


@pytest.fixture
def without_heif(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(sys.modules, "rdtheory.codecs.classical.heic", raising=False)


def test_every_name_has_a_codec():
    assert "diffc" in codec_names()
    for name in codec_names():
        assert issubclass(codec_class(name), Codec)
        assert codec_class(name).name == name
        assert codec_class(name).label


def test_unknown_name():
    with pytest.raises(InputError, match=r"'bpg'; allowed: jpeg, .*diffc"):
        codec("bpg")


def test_options():
    assert codec("diffc", seed=7).seed == 7
    with pytest.raises(InputError, match="seed for the codec jpeg; allowed: none"):
        codec("jpeg", seed=7)
    with pytest.raises(InputError, match="tune for the codec diffc; allowed: model"):
        codec("diffc", tune=1)


def test_a_stream_finds_its_codec():
    picture = Picture(np.full((16, 16, 3), 99, np.uint8))
    for name in codec_names():
        if name != "diffc":
            data = codec(name).encode(picture, Target("bytes", 700)).data
            expected = "m2t" if name in ("mt", "ar") else name.removesuffix("-headerless")
            assert codec_of_stream(data).name == expected
    assert codec_of_stream(pack("dfc", {}, [])).name == "diffc"
    assert codec_of_stream(pack("dfc", {}, []), seed=5).seed == 5


@pytest.mark.parametrize("data", [b"", b"GIF89a", pack("rcc", {}, [])])
def test_a_stream_of_nobody(data):
    with pytest.raises(StreamError, match="no codec knows; allowed: a stream of jpeg"):
        codec_of_stream(data)


def test_a_missing_package(without_heif):
    with pytest.raises(InputError, match=r"heic.*pillow_heif.*pip install 'rdtheory\[codecs\]'"):
        codec("heic")
    assert codec("jpeg").name == "jpeg"
    with pytest.raises(StreamError, match="for heic, pip install"):
        codec_of_stream(b"\0\0\0\x14ftypheic" + bytes(8))


def test_a_pillow_without_a_library(monkeypatch):
    from PIL import features

    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    with pytest.raises(InputError, match="libavif; pip install --upgrade pillow"):
        codec("avif")
    assert codec("webp").name == "webp"


def test_an_own_module_that_is_missing_is_no_missing_package(monkeypatch):
    monkeypatch.setitem(registry._CODECS, "broken", "rdtheory.codecs.none:None")
    with pytest.raises(ModuleNotFoundError):
        codec("broken")
