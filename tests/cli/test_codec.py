"""`rdtheory codec`: files in, files out, and every mistake a user can make."""

import json
import sys
from typing import ClassVar

import numpy as np
import pytest

from rdtheory.codecs import registry
from rdtheory.codecs.codec import Codec, Encoded
from rdtheory.codecs.media import Picture, Sound, read_media, write_media
from rdtheory.container import pack, unpack


class Told(Codec):
    """A codec that stores what it was told, to see what the command line passes on."""

    name = "told"
    label = "Told"
    decoded: ClassVar[list] = []

    def __init__(self, model="default", *, noise="isotropic", seed=0):
        self.options = [model, noise, seed]

    def encode(self, media, target):
        header = {"options": self.options, "target": [target.kind, target.value]}
        return Encoded(pack("told", header, [b"abc"]), 3, {"kind": media.kind})

    def decode(self, data, **how):
        self.decoded.append((len(data), self.options, how))
        return Sound(np.zeros(4, np.int16), 8000)

    @classmethod
    def recognises(cls, data):
        return data[5:9] == b"told"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with in.png and in.wav, and a codec "told"."""
    monkeypatch.setitem(registry._CODECS, "told", f"{__name__}:Told")
    ramp = np.arange(24 * 32 * 3).reshape(24, 32, 3) // 10
    write_media(tmp_path / "in.png", Picture(ramp.astype(np.uint8)))
    write_media(tmp_path / "in.wav", Sound(np.arange(50, dtype=np.int16), 8000))
    Told.decoded.clear()
    return tmp_path


def encode(run, files, name, *options, source="in.png"):
    return run("codec", "encode", files / source, files / "out.bin", "--codec", name, *options)


def test_list(run):
    status, out, err = run("codec", "list")
    assert (status, err) == (0, "")
    assert "heic              HEVC intra (HEIC) 4:4:4" in out.splitlines()
    told = json.loads(run("codec", "list", "--json")[1])
    assert [one["name"] for one in told] == list(registry.codec_names())
    assert all(one["installed"] and one["label"] for one in told)


def test_list_says_what_is_missing(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.delitem(sys.modules, "rdtheory.codecs.classical.jpeg_xl", raising=False)
    assert "jpeg-xl           needs pip install rdtheory[codecs]" in run("codec", "list")[1]
    told = json.loads(run("codec", "list", "--json")[1])
    assert {"name": "jpeg-xl", "label": None, "installed": False} in told


@pytest.mark.parametrize(
    "name", ["jpeg", "jpeg-headerless", "jpeg2000", "jpeg-xl", "webp", "avif", "heic"]
)
def test_there_and_back(run, files, name):
    status, out, err = encode(run, files, name, "--bytes", 900)
    size = (files / "out.bin").stat().st_size
    assert (status, err) == (0, "")
    assert out == f"{size} bytes, {8 * size / 768:.4f} bits per pixel\n"
    assert run("codec", "decode", files / "out.bin", files / "out.png") == (0, "", "")
    difference = read_media(files / "out.png").pixels - read_media(files / "in.png").pixels / 1.0
    assert np.abs(difference).mean() < 10


def test_json_says_what_was_sent(run, files):
    status, out, err = encode(run, files, "webp", "--psnr", 30, "--json")
    told = json.loads(out)
    size = (files / "out.bin").stat().st_size
    assert (status, err) == (0, "")
    assert list(told) == ["codec", "label", "bytes", "payload_bytes", "bits_per_pixel", "details"]
    assert (told["codec"], told["label"], told["bytes"]) == ("webp", "WebP", size)
    assert told["payload_bytes"] == size - 20 - size % 2 or told["payload_bytes"] == size - 21
    assert told["bits_per_pixel"] == 8 * size / 768
    assert "libwebp" in told["details"]["encoder"]


def test_info(run, files):
    encode(run, files, "jpeg", "--bpp", 7)
    size = (files / "out.bin").stat().st_size
    status, out, err = run("codec", "info", files / "out.bin", "--json")
    told = json.loads(out)
    assert (status, err) == (0, "")
    assert [told[name] for name in ("codec", "bytes", "height", "width", "channels")] == [
        "jpeg",
        size,
        24,
        32,
        3,
    ]
    assert "  height  24\n" in run("codec", "info", files / "out.bin")[1]


def test_info_of_a_container(run, files):
    encode(run, files, "told", "--bpp", 1)
    told = json.loads(run("codec", "info", files / "out.bin", "--json")[1])
    assert (told["codec"], told["section_bytes"], told["complete"]) == ("told", [3], True)


def test_options_are_passed_on(run, files):
    def header(*options, **more):
        assert encode(run, files, "told", *options, **more)[0] == 0
        return unpack((files / "out.bin").read_bytes()).header

    told = header("--bpp", 0.5, "--model", "m", "--noise", "pink", "--seed", 0)
    assert told == {"options": ["m", "pink", 0], "target": ["bpp", 0.5]}
    told = header("--bytes", 9, "--seed", 7)
    assert told == {"options": ["default", "isotropic", 7], "target": ["bytes", 9]}
    told = header("--psnr", 30)
    assert told == {"options": ["default", "isotropic", 0], "target": ["psnr", 30]}


def test_sounds(run, files):
    status, out, _ = encode(run, files, "told", "--bpp", 1, "--json", source="in.wav")
    told = json.loads(out)
    assert (status, told["details"]) == (0, {"kind": "sound"})
    assert told["bits_per_sample"] == 8 * told["bytes"] / 50


def test_prefix_and_reconstruction_are_passed_on(run, files):
    encode(run, files, "told", "--bpp", 1)
    decode = ("codec", "decode", files / "out.bin", files / "out.wav")
    assert run(*decode)[0] == 0
    assert run(*decode, "--prefix", 5, "--reconstruction", "mmse", "--model", "m")[0] == 0
    size = (files / "out.bin").stat().st_size
    assert Told.decoded == [
        (size, ["default", "isotropic", 0], {}),
        (5, ["m", "isotropic", 0], {"reconstruction": "mmse"}),
    ]
    assert read_media(files / "out.wav").samples.tolist() == [0] * 4


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((), "target: got nothing; allowed: one of --bpp, --bytes and --psnr"),
        (("--bpp", 1, "--psnr", 30), "target: got bpp and psnr; allowed: one of"),
        (("--bpp", 0), "bpp: got 0.0; allowed: a finite number > 0"),
        (("--bpp", "nan"), "bpp: got nan"),
        (("--bytes", "many"), "valid integer"),
        (("--bpp", 1, "--model", "m"), "model for the codec jpeg; allowed: none for this one"),
        (("--bpp", 0.001), "allowed: at least"),
        (("--psnr", 90), "allowed: at most"),
        (("--bpp", 1, "--bpp", 2), "more than once"),
    ],
)
def test_encoding_mistakes(refused, files, options, line):
    said = encode(refused, files, "jpeg", *options)
    assert line in said
    assert not (files / "out.bin").exists()


def test_mistaken_files(refused, files):
    assert "'bpg'; allowed: jpeg" in encode(refused, files, "bpg", "--bpp", 1)
    assert "No such file" in encode(refused, files, "jpeg", "--bpp", 1, source="none.png")
    assert "a sound" in encode(refused, files, "jpeg", "--bpp", 1, source="in.wav")
    (files / "text.png").write_text("no picture")
    assert "text.png" in encode(refused, files, "jpeg", "--bpp", 1, source="text.png")
    same = ("codec", "encode", files / "in.png", files / "in.png", "--codec", "jpeg", "--bpp", 1)
    assert "another file than those that are read" in refused(*same)
    nowhere = ("codec", "encode", files / "in.png", files / "no" / "x", "--codec", "jpeg")
    assert "a folder that exists" in refused(*nowhere, "--bpp", 1)


def test_decoding_mistakes(run, refused, files):
    encode(run, files, "jpeg", "--bpp", 7)
    stream, picture = files / "out.bin", files / "out.png"
    assert ".png or .wav" in refused("codec", "decode", stream, files / "out.jpg")
    assert "ending in .png" in refused("codec", "decode", stream, files / "out.wav")
    assert "whole" in refused("codec", "decode", stream, picture, "--prefix", 300)
    assert "--prefix" in refused("codec", "decode", stream, picture, "--prefix", -1)
    assert "no options" in refused("codec", "decode", stream, picture, "--reconstruction", "flow")
    assert "model for the codec jpeg" in refused("codec", "decode", stream, picture, "--model", "m")
    stream.write_bytes(b"RDTSxxxxxxxxxxx")
    for command in (("decode", stream, picture), ("info", stream)):
        assert "no codec knows" in refused("codec", *command)
    assert not picture.exists()


def test_a_damaged_stream(run, refused, files):
    encode(run, files, "heic", "--bytes", 900)
    data = (files / "out.bin").read_bytes()
    (files / "out.bin").write_bytes(data[: len(data) // 2])
    for command in (("decode", files / "out.bin", files / "out.png"), ("info", files / "out.bin")):
        assert refused("codec", *command)


def test_help_has_examples(run):
    for command in ((), ("list",), ("encode",), ("decode",), ("info",)):
        status, out, _ = run("codec", *command, "--help")
        assert status == 0
        assert "Example: rdtheory codec" in out
