"""The parsers of files: payloads against a plain search of the bytes, and forged sizes."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from rdtheory.codecs.classical.boxes import brands, media_data_bytes
from rdtheory.codecs.codec import Target
from rdtheory.codecs.media import Picture
from rdtheory.codecs.registry import codec
from rdtheory.container import StreamError
from rdtheory.errors import InputError

from .conftest import smooth

PICTURE = smooth(64, 64, 3)


def written(name, picture=PICTURE):
    one = codec(name)
    return one, one.write(picture, one.settings[len(one.settings) // 2])


def forged(name, old, new):
    """A stream with a size in its header replaced."""
    one, data = written(name, smooth(64, 128, 3))
    assert data.count(old) >= 1
    return one, data.replace(old, new)


# Payloads


def test_payload_of_jpeg():
    one, data = written("jpeg")
    scan = data.index(b"\xff\xda")
    header = int.from_bytes(data[scan + 2 : scan + 4], "big")
    assert one.payload_bytes(data) == len(data) - 2 - (scan + 2 + header)
    # What stands around it at this size: JFIF, two tables each, frame and scan.
    assert 308 <= len(data) - one.payload_bytes(data) <= 625


def test_payload_of_a_progressive_jpeg_with_restarts():
    file = io.BytesIO()
    image = Image.fromarray(PICTURE.pixels)
    image.save(file, "JPEG", progressive=True, restart_marker_blocks=2)
    data = file.getvalue()
    # By decoding nothing: cut out all segments that have a length.
    left, rest = 0, data[2:]
    while rest[:2] != b"\xff\xd9":
        length = 2 + int.from_bytes(rest[2:4], "big")
        scan, rest = rest[1] == 0xDA, rest[length:]
        while scan and (rest[0] != 0xFF or rest[1] in (0, *range(0xD0, 0xD8))):
            left, rest = left + 1, rest[1:]
    assert codec("jpeg").payload_bytes(data) == left > 0


def test_jpeg_is_what_it_says():
    _, data = written("jpeg")
    with Image.open(io.BytesIO(data)) as image:
        assert JpegImagePlugin.get_sampling(image) == 2  # Pillow's number of 4:2:0
        assert "progressive" not in image.info
    plain = io.BytesIO()
    Image.fromarray(PICTURE.pixels).save(plain, "JPEG", quality=51, subsampling="4:2:0")
    assert len(data) < len(plain.getvalue())  # by tables made for the picture


def test_headerless_jpeg_has_the_budget_for_its_payload():
    budget = Target("bytes", 500)
    whole, headerless = (
        codec(name).encode(PICTURE, budget) for name in ("jpeg", "jpeg-headerless")
    )
    assert len(whole.data) <= 500 < len(headerless.data)
    assert whole.payload_bytes < headerless.payload_bytes <= 500
    with Image.open(io.BytesIO(headerless.data)) as image:
        assert image.format == "JPEG"


def test_payload_of_jpeg_2000():
    one, data = written("jpeg2000")
    assert data.count(b"\xff\x90") == data.count(b"\xff\x93") == 1  # one tile-part
    assert data.endswith(b"\xff\xd9")
    assert one.payload_bytes(data) == len(data) - data.index(b"\xff\x93") - 4


def test_payload_of_jpeg_2000_with_tiles():
    file = io.BytesIO()
    Image.fromarray(PICTURE.pixels).save(file, "JPEG2000", no_jp2=True, tile_size=(32, 32))
    data, bodies = file.getvalue(), 0
    assert data.count(b"\xff\x90\x00\x0a") == 4
    for tile in range(4):
        start = data.index(b"\xff\x90\x00\x0a" + struct.pack(">H", tile))
        (length,) = struct.unpack(">I", data[start + 6 : start + 10])
        bodies += length - (data.index(b"\xff\x93", start) + 2 - start)
    assert codec("jpeg2000").payload_bytes(data) == bodies


def test_jpeg_2000_names_no_encoder():
    _, data = written("jpeg2000")
    assert b"OpenJPEG" not in data
    assert b"\xff\x64" not in data[: data.index(b"\xff\x90")]


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_2000_is_what_it_says(channels):
    _, data = written("jpeg2000", smooth(64, 64, channels))
    style = data[data.index(b"\xff\x52") :]
    assert style[6:8] == b"\0\1"  # layers
    assert style[8] == (channels == 3)  # whether luma is parted from chroma
    assert style[13] == 0  # the 9/7 wavelet


def test_chunks_of_webp_are_padded():
    chunks = b"ICCP\3\0\0\0abc\0" + b"VP8 \2\0\0\0ab" + b"EXIF\1\0\0\0a\0"
    assert codec("webp").payload_bytes(b"RIFF\0\0\0\0WEBP" + chunks) == 2


def test_payload_of_webp():
    one, data = written("webp")
    assert data[12:16] == b"VP8 "
    assert one.payload_bytes(data) == int.from_bytes(data[16:20], "little")
    assert len(data) - one.payload_bytes(data) <= 21


def test_grey_webp_has_eight_bytes_more():
    _, data = written("webp", smooth(16, 16, 1))
    assert data[-8:] == b"grey\0\0\0\0"
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    with Image.open(io.BytesIO(data)) as image:  # other readers see a picture like any
        assert np.asarray(image).shape == (16, 16, 3)


@pytest.mark.parametrize(("name", "most"), [("avif", 320), ("heic", 400)])
def test_payload_of_boxes(name, most):
    one, data = written(name)
    start = data.index(b"mdat")
    (size,) = struct.unpack(">I", data[start - 4 : start])
    assert one.payload_bytes(data) == size - 8
    assert len(data) - one.payload_bytes(data) < most


def test_boxes():
    def box(name, body, size=None):
        return struct.pack(">I", len(body) + 8 if size is None else size) + name + body

    def media_bytes(boxes):
        return media_data_bytes(box(b"ftyp", b"avif\0\0\0\0") + boxes)

    media = box(b"mdat", b"12345")
    assert media_bytes(box(b"free", b"") + media + media) == 10
    assert media_bytes(media + box(b"mdat", b"123", size=0)) == 8
    assert media_bytes(box(b"mdat", struct.pack(">Q", 18) + b"12", size=1)) == 2
    assert media_bytes(b"") == 0
    for bad in (
        box(b"mdat", b"12", size=11),
        box(b"mdat", b"12", size=7),
        box(b"mdat", struct.pack(">Q", 15) + b"12", size=1),
        box(b"mdat", struct.pack(">Q", 2**63), size=1),
        b"mdat",
    ):
        with pytest.raises(StreamError):
            media_bytes(bad)


def test_boxes_without_a_start():
    with pytest.raises(StreamError, match="ftyp"):
        media_data_bytes(struct.pack(">I", 10) + b"mdat12")


def test_brands():
    start = struct.pack(">I", 24) + b"ftypavif\0\0\0\0mif1miaf"
    assert brands(start) == {b"avif", b"mif1", b"miaf"}
    for bad in (start[:20], start[4:], b"", struct.pack(">I", 0) + start[4:]):
        assert brands(bad) == set()


# Sizes


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("jpeg", struct.pack(">HH", 64, 128), struct.pack(">HH", 65500, 65500)),
        ("jpeg2000", struct.pack(">II", 128, 64), struct.pack(">II", 2**31 - 1, 2**31 - 1)),
        ("jpeg2000", struct.pack(">II", 128, 64), struct.pack(">II", 2**16, 2**10)),
        ("webp", struct.pack("<HH", 128, 64), struct.pack("<HH", 2**14 - 1, 2**14 - 1)),
        ("avif", struct.pack(">II", 128, 64), struct.pack(">II", 2**14, 2**13)),
        ("heic", struct.pack(">II", 128, 64), struct.pack(">II", 2**31 - 1, 2**31 - 1)),
        ("heic", struct.pack(">II", 128, 64), struct.pack(">II", 2**14, 2**13)),
    ],
)
def test_forged_sizes(name, old, new):
    one, data = forged(name, old, new)
    with pytest.raises(InputError, match="at most 33554432 pixels"):
        one.decode(data)


def test_a_container_that_lies_about_its_frame():
    """The frame of 1024 x 1024 pixels is not made if the container says 16 x 16."""
    large = Picture(np.zeros((1024, 1024, 1), np.uint8))
    one = codec("heic")
    data = one.write(large, 0).replace(struct.pack(">II", 1024, 1024), struct.pack(">II", 16, 16))
    with pytest.raises(StreamError):
        one.decode(data)


# JPEG XL


class Bits:
    """Bits as the format orders them: the first is the lowest of the first byte."""

    def __init__(self):
        self.bits = []

    def add(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]
        return self

    def stream(self):
        bits = self.bits + [0] * (-len(self.bits) % 8)
        return b"\xff\x0a" + np.packbits(bits, bitorder="little").tobytes() + bytes(8)


@pytest.mark.parametrize(
    ("bits", "size"),
    [
        (Bits().add(0, 1).add(3, 2).add(2**30 - 1, 30).add(1, 3), "1073741824 x 1073741824"),
        (
            Bits().add(0, 1).add(2, 2).add(2**18 - 1, 18).add(0, 3).add(2, 2).add(4095, 18),
            "4096 x 262144",
        ),
        (Bits().add(0, 1).add(2, 2).add(11999, 18).add(5, 3), "21333 x 12000"),
        (Bits().add(0, 1).add(1, 2).add(2**13 - 1, 13).add(2, 3), "9830 x 8192"),
    ],
)
def test_forged_sizes_of_jpeg_xl(bits, size):
    with pytest.raises(InputError, match=f"{size} pixels"):
        codec("jpeg-xl").decode(bits.stream())


@pytest.mark.parametrize(
    "more",
    [
        Bits().add(0, 1).add(1, 1),  # orientation and the like
        Bits().add(0, 1).add(0, 1).add(1, 1),  # floating point
        Bits().add(0, 1).add(0, 1).add(0, 1).add(2, 2),  # 12 bits
        Bits().add(0, 1).add(0, 1).add(0, 1).add(0, 2).add(0, 1).add(3, 2),  # many channels
    ],
)
def test_other_pictures_of_jpeg_xl(more):
    start = Bits().add(1, 1).add(3, 5).add(1, 3)  # 32 x 32
    start.bits += more.bits
    with pytest.raises(InputError, match="plain pictures of 8 bits"):
        codec("jpeg-xl").decode(start.stream())


@pytest.mark.parametrize(
    "shape",
    [(32, 32), (32, 48), (48, 64), (40, 50), (20, 40), (40, 72), (33, 41), (600, 3), (9, 16)],
)
def test_sizes_of_jpeg_xl_as_written(shape, monkeypatch):
    """The encoder writes sizes in all their forms; the parser reads them."""
    from rdtheory.codecs.classical import jpeg_xl

    seen = []
    monkeypatch.setattr(jpeg_xl, "check_size", lambda _, *size: seen.append(size))
    one, data = written("jpeg-xl", smooth(*shape, 1))
    one.decode(data)
    assert seen == [shape]
