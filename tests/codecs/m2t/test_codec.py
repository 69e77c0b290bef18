"""The codec of the masked transformers: pictures of all sizes, targets, damaged streams."""

from dataclasses import asdict, replace

import jax
import numpy as np
import pytest

from rdtheory.codecs.codec import Target
from rdtheory.codecs.m2t.codec import M2T, MT, FullAR
from rdtheory.codecs.m2t.configs import CONFIGS
from rdtheory.codecs.m2t.header import KIND, Header
from rdtheory.codecs.m2t.model import M2tModel
from rdtheory.codecs.m2t.network import Network
from rdtheory.codecs.media import Picture, Sound
from rdtheory.codecs.training.weights import save_weights
from rdtheory.container import StreamError, append, pack, unpack
from rdtheory.errors import InputError

CONFIG = replace(CONFIGS["tiny"], log_scales=(-2.0, 6.0))


@pytest.fixture(scope="module")
def network():
    with jax.enable_x64(False):
        return Network(CONFIG, jax.random.key(0, impl="rbg"))


@pytest.fixture(scope="module")
def model(network):
    return M2tModel(network, 7)


@pytest.fixture(scope="module")
def picture():
    return drawn(70, 90, 3)


def drawn(height, width, channels):
    rng = np.random.default_rng(0)
    return Picture(rng.integers(0, 256, (height, width, channels)).astype(np.uint8))


@pytest.fixture(scope="module")
def stream(model, picture):
    """5 x 6 tokens: four patches, three of them over the edge."""
    return M2T(model).encode(picture, Target("bytes", 120)).data


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (M2T, {}),
        (FullAR, {}),
        (MT, {}),
        (MT, {"location": "entropy", "steps": 5}),
        (MT, {"location": "checkerboard"}),
    ],
)
def test_the_very_same_tokens_come_back(model, picture, kind, options):
    codec = kind(model, **options)
    sent = codec.encode(picture, Target("bytes", 150))
    assert len(sent.data) <= 150
    header, tokens = M2T(model).receive(sent.data)
    assert (tokens == model.tokens(picture.values, header.log_scale)).all()
    again = M2T(model).decode(sent.data)
    expected = model.values(tokens, header.log_scale, (70, 90, 3))
    assert (again.pixels == Picture.from_values(expected).pixels).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1, 1), (17, 1, 3), (16, 200, 1)])
def test_any_size(model, shape):
    codec = M2T(model)
    sent = codec.encode(drawn(*shape), Target("bytes", 400))
    assert codec.decode(sent.data).pixels.shape == shape


def test_targets(model, picture):
    codec = M2T(model)
    sizes = [len(codec.encode(picture, Target("bytes", most)).data) for most in (140, 180, 260)]
    assert sizes == sorted(sizes)
    assert all(0.7 * most < size <= most for size, most in zip(sizes, (140, 180, 260), strict=True))
    # An untrained decoder's PSNR is some 8 dB: near the coarsest scale is enough for 7.
    sent = codec.encode(picture, Target("psnr", 7.0))
    error = np.mean((codec.decode(sent.data).values - picture.values) ** 2)
    assert 10 * np.log10(4 / error) >= 7.0
    for wrong in (Target("bytes", 20), Target("psnr", 99.0)):
        with pytest.raises(InputError, match=wrong.kind):
            codec.encode(picture, wrong)


def test_weights_in_a_file(network, picture, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, network, asdict(CONFIG), {}, {}, task="m2t")
    codec = M2T(path)
    sent = codec.encode(picture, Target("bytes", 150))
    assert M2T(str(path)).decode(sent.data).pixels.shape == (70, 90, 3)
    with pytest.raises(StreamError, match="model"):
        M2T(M2tModel(network, 8)).decode(sent.data)


def test_what_is_not_a_stream_is_refused_in_one_line(model, stream):
    codec, header = M2T(model), unpack(stream).header
    sections = unpack(stream).sections
    numbers = header[KIND]
    forged = [
        b"",
        stream[:-1],
        stream[: len(stream) // 2],
        pack("dfc", header, sections),
        pack(KIND, header, sections[:-1]),
        pack(KIND, header, [*sections, sections[0]]),
        pack(KIND, {KIND: numbers[:-1]}, sections),
        pack(KIND, {KIND: [*numbers, 1]}, sections),
        pack(KIND, {KIND: [numbers[0], 2**24, 2**24, *numbers[3:]]}, sections),
        pack(KIND, {KIND: [8, *numbers[1:]]}, sections),
        pack(KIND, {KIND: [*numbers[:5], 3]}, sections),
        pack(KIND, {KIND: [*numbers[:5], True]}, sections),
        pack(KIND, {KIND: [numbers[0], "1", *numbers[2:]]}, sections),
        pack(KIND, {}, sections),
        stream + append(stream[:-6], [b"x"], end=True),
    ]
    for data in forged:
        with pytest.raises(StreamError) as caught:
            codec.decode(data)
        assert "\n" not in str(caught.value)


def test_mutated_streams_are_refused(model, stream, mutations):
    codec = M2T(model)
    tokens = codec.receive(stream)[1]
    for changed in mutations(stream, 9000, seed=1):
        try:
            assert (codec.receive(changed)[1] == tokens).all()
        except StreamError:
            continue


def test_sealed_mutations_are_refused(model, stream, mutations):
    """Payloads changed, and the container's checksums made to fit."""
    codec = M2T(model)
    contents = unpack(stream)
    (section,) = contents.sections
    tokens = codec.receive(stream)[1]
    for changed in mutations(section, 1000, seed=2):
        try:
            assert (codec.receive(pack(KIND, contents.header, [changed]))[1] == tokens).all()
        except StreamError:
            continue


def test_headers_that_are_small(stream):
    assert len(stream) - len(unpack(stream).sections[0]) < 60
    assert Header.from_dict(unpack(stream).header).height == 70


def test_unknown_choices_are_refused_in_one_line(model, picture):
    with jax.enable_x64(False):
        fewer = M2tModel(Network(replace(CONFIG, ways=("mt",)), jax.random.key(0, impl="rbg")), 9)
    for make in (
        lambda: M2T("no such file"),
        lambda: M2T(fewer),
        lambda: MT(model, location="spiral"),
        lambda: MT(model, steps=17),
        lambda: M2T(model).decode(b"", quality=3),
        lambda: M2T(model).encode(Sound(np.zeros(9, np.int16), 8000), Target("bytes", 99)),
        lambda: M2T(model).encode(
            Picture(np.zeros((4097, 4096, 1), np.uint8)), Target("bytes", 99)
        ),
    ):
        with pytest.raises(InputError) as caught:
            make()
        assert "\n" not in str(caught.value)
