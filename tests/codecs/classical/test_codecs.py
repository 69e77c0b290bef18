"""What all classical codecs promise: shapes, budgets, the best setting, and every refusal."""

import re

import numpy as np
import pytest

from rdtheory.codecs.codec import Target
from rdtheory.codecs.media import MOST_POSITIONS, Picture, Sound
from rdtheory.codecs.registry import codec
from rdtheory.container import StreamError
from rdtheory.errors import InputError

from .conftest import CLASSICAL, smooth

SHAPES = [(1, 1, 1), (1, 1, 3), (3, 5, 3), (17, 31, 1), (2, 6000, 3), (6000, 1, 1), (33, 64, 3)]


def psnr(picture, original):
    error = np.mean((picture.pixels.astype(float) - original.pixels) ** 2)
    return 10 * np.log10(255**2 / error)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_comes_back(classical, shape):
    picture = smooth(*shape)
    middle = classical.settings[len(classical.settings) * 9 // 10]
    data = classical.write(picture, middle)
    decoded = classical.decode(data)
    assert decoded.pixels.shape == shape
    assert classical.recognises(data)
    assert 0 < classical.payload_bytes(data) <= len(data)
    # A mirrored, swapped or shifted picture would be near 11 dB; chroma of 4:2:0 costs most here.
    assert np.abs(decoded.pixels.astype(float) - picture.pixels).mean() < 20


def test_a_budget_is_used_and_kept(classical):
    picture = smooth(64, 64, 3)
    for target, budget in [(Target("bytes", 1500), 1500), (Target("bpp", 4), 2048)]:
        sent = classical.encode(picture, target)
        counted = classical.counted_bytes(sent.data)
        # Rate factors of x265 are whole: a step is 12 % of the coded bytes.
        assert 0.85 * budget < counted <= budget
        assert sent.payload_bytes == classical.payload_bytes(sent.data) < len(sent.data) + 1


def test_a_psnr_is_reached_and_hardly_more(classical):
    picture = smooth(64, 48, 1)
    sent = classical.encode(picture, Target("psnr", 32))
    assert 32 <= psnr(classical.decode(sent.data), picture) < 33.5


@pytest.mark.parametrize("name", ["jpeg", "jpeg-headerless", "webp", "avif"])
def test_no_setting_is_better(name):
    """Against all settings; neighbours of the crossing are tried, so that here none is missed."""
    one, picture = codec(name), smooth(32, 32, 3)
    settings = one.settings if name.startswith("jpeg") else one.settings[::4]
    budget = 700
    sizes = [one.counted_bytes(one.write(picture, setting)) for setting in settings]
    sent = one.encode(picture, Target("bytes", budget))
    assert one.counted_bytes(sent.data) >= max(size for size in sizes if size <= budget)


def test_out_of_reach_tells_what_is_within(classical):
    picture = smooth(24, 24, 3)
    with pytest.raises(InputError) as caught:
        classical.encode(picture, Target("bytes", 1))
    least = int(re.search(r"at least (\d+) bytes", str(caught.value))[1])
    assert classical.counted_bytes(classical.encode(picture, Target("bytes", least)).data) == least
    with pytest.raises(InputError) as caught:
        classical.encode(picture, Target("psnr", 99))
    best = float(re.search(r"at most (.*) dB", str(caught.value))[1])
    sent = classical.encode(picture, Target("psnr", best))
    assert psnr(classical.decode(sent.data), picture) >= best


def test_one_picture_one_file(classical):
    picture = smooth(40, 70, 3)
    target = Target("bytes", 1200)
    assert classical.encode(picture, target).data == classical.encode(picture, target).data


def test_details_say_how(classical):
    details = classical.encode(smooth(16, 16, 3), Target("bytes", 2000)).details
    assert details[classical.setting_name] in classical.settings
    assert re.search(r"\d+\.\d+", details["encoder"])
    assert details["chroma"] in classical.label or classical.name in ("webp", "jpeg2000", "jpeg-xl")
    grey = classical.encode(smooth(16, 16, 1), Target("bytes", 2000)).details
    assert grey["chroma"] == "4:0:0"


def test_describe(classical):
    sent = classical.encode(smooth(17, 31, 1), Target("bytes", 2000))
    assert classical.describe(sent.data) == {
        "payload_bytes": sent.payload_bytes,
        "height": 17,
        "width": 31,
        "channels": 1,
        "bits_per_pixel": 8 * len(sent.data) / (17 * 31),
    }


def test_names_and_labels():
    assert len({codec(name).label for name in CLASSICAL}) == len(CLASSICAL) == 7
    assert all(codec(name).name == name for name in CLASSICAL)
    assert codec("heic").label.startswith("HEVC intra (HEIC)")


def test_chroma_is_what_the_label_says(classical):
    """Colours that alternate from column to column survive 4:4:4 and are averaged by 4:2:0."""
    pixels = np.full((32, 32, 3), (120, 60, 60), np.uint8)
    pixels[:, ::2] = (60, 90, 60)
    decoded = classical.decode(classical.write(Picture(pixels), classical.settings[-1]))
    kept = np.ptp(decoded.pixels[8:24, 8:24, 0].astype(float).mean(0))
    assert (kept > 40) == (classical.chroma == "4:4:4")


def test_sounds_are_refused(classical):
    with pytest.raises(InputError, match="a sound"):
        classical.encode(Sound(np.zeros(64, np.int16), 8000), Target("bytes", 99))


def test_sides_that_no_file_can_tell(classical):
    if classical.most_side < MOST_POSITIONS:
        wide = Picture(np.zeros((1, classical.most_side + 1, 1), np.uint8))
        with pytest.raises(InputError, match=f"at most {classical.most_side} a side"):
            classical.encode(wide, Target("bytes", 99))


def test_the_longest_side_is_right():
    for name in ("jpeg", "webp", "avif", "heic"):
        one = codec(name)
        wide = Picture(np.full((1, one.most_side, 1), 9, np.uint8))
        assert one.decode(one.write(wide, one.settings[10])).pixels.shape == wide.pixels.shape


def test_an_encoder_that_fails_is_told_in_one_line(classical, monkeypatch):
    def write(*_):
        raise RuntimeError("no\nmemory")

    monkeypatch.setattr(classical, "write", write)
    with pytest.raises(InputError, match=r"8 x 4 pixels.*no memory"):
        classical.encode(smooth(4, 8, 3), Target("bytes", 9999))


def test_decoding_has_no_options(classical):
    with pytest.raises(InputError, match="reconstruction"):
        classical.decode(b"", reconstruction="flow")


@pytest.mark.parametrize("data", [b"", b"\xff", bytes(64), b"RDTS" + bytes(64)])
def test_garbage(classical, data):
    assert not classical.recognises(data)
    for use in (classical.decode, classical.payload_bytes, classical.describe):
        with pytest.raises(StreamError) as caught:
            use(data)
        assert "\n" not in str(caught.value)


def test_streams_of_others(classical):
    picture = smooth(16, 16, 3)
    for name in CLASSICAL:
        data = codec(name).write(picture, codec(name).settings[-1])
        same = classical.name.partition("-h")[0] == name.partition("-h")[0]
        assert classical.recognises(data) == same
        if not same:
            with pytest.raises(StreamError):
                classical.decode(data)


def test_truncated_streams(classical):
    data = classical.write(smooth(64, 64, 3), classical.settings[-1])
    for size in range(0, len(data) - 3, len(data) // 25):
        with pytest.raises(StreamError):
            classical.decode(data[:size])


def test_mutated_streams(classical, mutations):
    """Bits flipped, bytes replaced, cut off: a picture or one line."""
    data = classical.write(smooth(20, 24, 3), classical.settings[len(classical.settings) // 2])
    lines = []
    for changed in mutations(data, 250, seed=0):
        try:
            classical.describe(changed)
        except InputError as error:
            lines.append(str(error))
    assert lines
    assert not any("\n" in line for line in lines)
