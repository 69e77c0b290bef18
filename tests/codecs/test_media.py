"""Pictures and sounds: their values, what files are read as, and every file that is refused."""

import io
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageFile
from scipy.io import wavfile

from rdtheory.codecs import media
from rdtheory.codecs.media import Picture, Sound, read_media, write_media
from rdtheory.container import StreamError
from rdtheory.errors import InputError

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (5, 7, 3), np.uint8)
GREY = COLOUR[:, :, :1]


def file_of(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def png_of_depth(pixels, depth, colour):
    """A PNG file by the specification alone: what Pillow cannot write."""
    rows = b"".join(b"\0" + row.astype(f">u{depth // 8}").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, colour, 0, 0, 0)

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.fixture
def read(tmp_path):
    """Read bytes as a file of a misleading name."""

    def read(data):
        path = tmp_path / "file.txt"
        path.write_bytes(data)
        return read_media(path)

    return read


@pytest.fixture
def refused(read):
    """The one line with which bytes are refused."""

    def refused(data, kind=InputError):
        with pytest.raises(InputError) as caught:
            read(data)
        assert type(caught.value) is kind
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return refused


# Values


def test_values_of_every_pixel():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    values = Picture(pixels).values
    exact = [Fraction(2 * p, 255) - 1 for p in range(256)]
    assert max(abs(Fraction(v) - e) for v, e in zip(values.ravel(), exact, strict=True)) < 2**-52
    assert (Picture.from_values(values).pixels == pixels).all()
    # Any error of less than half a grey level is rounded away.
    assert (Picture.from_values(values + 0.49 / 127.5).pixels == pixels).all()


def test_values_of_every_sample():
    samples = np.arange(-(2**15), 2**15, dtype=np.int16)
    sound = Sound(samples, 44100)
    assert (sound.values * 2**15 == samples).all()
    assert (Sound.from_values(sound.values - 0.49 / 2**15, 44100).samples == samples).all()


def test_values_are_clipped():
    far = np.array([[[-9.0], [-np.inf], [9.0], [np.inf]]])
    assert Picture.from_values(far).pixels.ravel().tolist() == [0, 0, 255, 255]
    assert Sound.from_values(far.ravel(), 1).samples.tolist() == [-(2**15)] * 2 + [2**15 - 1] * 2


def test_positions():
    assert Picture(COLOUR).positions == 35
    assert Sound(np.zeros(9, np.int16), 1).positions == 9


@pytest.mark.parametrize(
    "make",
    [
        lambda: Picture(COLOUR.astype(float)),
        lambda: Picture(COLOUR[:, :, 0]),
        lambda: Picture(COLOUR[:, :, :2]),
        lambda: Picture(COLOUR[:0]),
        lambda: Picture.from_values([[[np.nan]]]),
        lambda: Sound(np.zeros((2, 2), np.int16), 8000),
        lambda: Sound(np.zeros(2), 8000),
        lambda: Sound(np.zeros(0, np.int16), 8000),
        lambda: Sound(np.zeros(2, np.int16), 0),
        lambda: Sound(np.zeros(2, np.int16), 2**31),
    ],
)
def test_what_is_no_picture_or_sound(make):
    with pytest.raises(InputError):
        make()


def test_nobody_changes_a_picture():
    pixels = COLOUR.copy()
    picture = Picture(pixels)
    pixels[:] = 0
    assert (picture.pixels == COLOUR).all()
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0] = 0


# Files


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3), (3, 5, 3), (1, 5000, 3), (5000, 1, 1)])
def test_pictures_there_and_back(tmp_path, shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    write_media(tmp_path / "a.PNG", Picture(pixels))
    assert np.array_equal(read_media(tmp_path / "a.PNG").pixels, pixels)


def test_sounds_there_and_back(tmp_path):
    samples = np.array([-(2**15), 2**15 - 1, 3], np.int16)
    write_media(tmp_path / "a.wav", Sound(samples, 2**31 - 1))
    sound = read_media(tmp_path / "a.wav")
    assert (sound.samples.tolist(), sound.rate) == (samples.tolist(), 2**31 - 1)


def test_wrong_suffix(tmp_path):
    with pytest.raises(InputError, match=r"\.png, for a picture"):
        write_media(tmp_path / "a.jpg", Picture(GREY))
    with pytest.raises(InputError, match=r"\.wav, for a sound"):
        write_media(tmp_path / "a.png", Sound(np.zeros(1, np.int16), 1))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "PPM", "JPEG2000"])
def test_lossless_formats_are_told_by_content(read, file_format):
    assert np.array_equal(read(file_of(Image.fromarray(COLOUR), file_format)).pixels, COLOUR)


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "AVIF"])
def test_lossy_formats(read, file_format):
    data = file_of(Image.new("RGB", (9, 6), (200, 100, 50)), file_format, quality=95)
    assert np.abs(read(data).pixels.astype(int) - (200, 100, 50)).max() < 8


def test_what_does_not_matter_is_dropped(read):
    grey, colour = Image.fromarray(GREY[:, :, 0]), Image.fromarray(COLOUR)
    opaque = Image.new("L", colour.size, 255)
    for image, expected in [
        (Image.merge("LA", (grey, opaque)), GREY),
        (Image.merge("RGBA", (*colour.split(), opaque)), COLOUR),
    ]:
        assert np.array_equal(read(file_of(image, "PNG")).pixels, expected)


def test_one_bit_is_grey(read):
    bits = GREY[:, :, 0] > 127
    assert np.array_equal(read(file_of(Image.fromarray(bits), "PNG")).pixels[:, :, 0], 255 * bits)


def test_a_palette_is_colour(read):
    indexed = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), "L").copy()
    image = Image.frombytes("P", (2, 2), indexed.tobytes())
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    expected = [[[10, 20, 30], [40, 50, 60]], [[70, 80, 90], [40, 50, 60]]]
    assert read(file_of(image, "PNG")).pixels.tolist() == expected
    # A palette with an alpha of which only opaque entries are used.
    assert read(file_of(image, "PNG", transparency=b"\xff\xff\xff\0")).pixels.tolist() == expected


def test_transparency_is_refused(refused):
    colour, grey = Image.fromarray(COLOUR), Image.fromarray(GREY[:, :, 0])
    clear = Image.fromarray(np.where(GREY[:, :, 0] == GREY.max(), 254, 255).astype(np.uint8))
    palette = grey.convert("P")
    cases = [
        (Image.merge("RGBA", (*colour.split(), clear)), {}),
        (Image.merge("LA", (grey, clear)), {}),
        (colour, {"transparency": tuple(COLOUR[0, 0].tolist())}),
        (grey, {"transparency": int(GREY[0, 0, 0])}),
        (palette, {"transparency": palette.getpixel((0, 0))}),
    ]
    for image, options in cases:
        assert "flatten it" in refused(file_of(image, "PNG", **options))


def test_many_bits_are_refused(refused):
    many = np.arange(6, dtype=np.uint16).reshape(2, 3) * 9999
    files = [
        png_of_depth(many, 16, 0),
        png_of_depth(many[:, :, None].repeat(3, 2), 16, 2),
        png_of_depth(many[:, :, None].repeat(4, 2), 16, 6),
        file_of(Image.fromarray(many), "TIFF"),
        file_of(Image.fromarray(many.astype(np.float32)), "TIFF"),
        b"P6 1 1 65535 " + bytes(6),
        b"P5 1 1 1023 " + bytes(2),
        b"P3 1 1 300 1 2 3\n",
    ]
    for data in files:
        assert "8 bits" in refused(data)


def test_the_oracle_of_depth_is_right(read):
    """The PNG writer above writes what is read where the depth is 8."""
    assert np.array_equal(read(png_of_depth(COLOUR, 8, 2)).pixels, COLOUR)


def test_other_colours_are_refused(refused):
    for file_format in ("JPEG", "TIFF"):
        assert "RGB" in refused(file_of(Image.new("CMYK", (4, 4)), file_format))
    assert "RGB" in refused(file_of(Image.new("LAB", (4, 4)), "TIFF"))


@pytest.mark.parametrize("file_format", ["PNG", "GIF", "WEBP", "TIFF", "AVIF"])
def test_several_pictures_are_refused(refused, file_format):
    frames = [Image.fromarray(COLOUR), Image.fromarray(255 - COLOUR)]
    data = file_of(frames[0], file_format, save_all=True, append_images=frames[1:])
    assert "2 pictures" in refused(data)


def test_a_photograph_with_its_preview_is_one_picture(read):
    frames = [Image.new("RGB", (8, 8), 99), Image.new("RGB", (2, 2))]
    data = file_of(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert read(data).pixels.shape == (8, 8, 3)


UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
"""What the EXIF standard says that row 0 and column 0 are."""


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation(read, file_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(Image.fromarray(COLOUR), file_format, exif=exif)
    assert np.array_equal(read(data).pixels, UPRIGHT[orientation](COLOUR))


def test_orientation_of_a_jpeg(read):
    exif = Image.Exif()
    exif[0x0112] = 6
    halves = np.zeros((16, 32, 3), np.uint8)
    halves[:, 16:] = 255  # the right half, which orientation 6 turns to the bottom
    pixels = read(file_of(Image.fromarray(halves), "JPEG", exif=exif)).pixels
    assert pixels.shape == (32, 16, 3)
    assert pixels[:16].max() < 20 < 235 < pixels[16:].min()


def test_damaged_exif_says_nothing(read):
    data = file_of(Image.fromarray(COLOUR), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert np.array_equal(read(data).pixels, COLOUR)


# Forged and damaged files


def test_forged_sizes(refused):
    png = bytearray(png_of_depth(COLOUR, 8, 2))
    for width, height in [(2**31 - 1, 2**31 - 1), (100000, 1000), (2**25 + 1, 1), (8192, 4097)]:
        png[16:24] = struct.pack(">II", width, height)
        png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
        assert "at most 33554432 pixels" in refused(bytes(png))


def test_forged_tiles(refused):
    """A tile of TIFF takes memory by its own size, not by the picture's."""
    tiled = [(256, 1, 5), (257, 1, 5), (258, 1, 8), (262, 1, 1), (277, 1, 1)]
    tiled += [(322, 4, 2**16), (323, 4, 2**14), (324, 4, 8), (325, 4, 8)]
    entries = b"".join(struct.pack("<HHIHH", t, 3, n, v, 0) for t, n, v in tiled[:5])
    entries += b"".join(struct.pack("<HHII", t, 4, 1, v) for t, _, v in tiled[5:])
    data = b"II*\0" + struct.pack("<IH", 8, len(tiled)) + entries + bytes(16)
    assert "16384 pixels" in refused(data)


def test_scans_without_end(refused):
    """Each scan of a JPEG passes over the whole picture: a small file could take hours."""
    data = file_of(Image.fromarray(COLOUR), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert "scans" in refused(data[:-2] + 250 * data[last:-2] + data[-2:], StreamError)


def test_large_files(read, refused, monkeypatch):
    data = file_of(Image.fromarray(COLOUR), "PNG")
    monkeypatch.setattr(media, "LARGEST_FILE", len(data))
    read(data)
    monkeypatch.setattr(media, "LARGEST_FILE", len(data) - 1)
    assert "bytes" in refused(data)


def test_a_device_without_end():
    class Endless(io.RawIOBase):
        def read(self, size=-1):
            assert 0 < size <= 2**29
            return bytes(size)

    class Device:
        def open(self, mode):
            return Endless()

    with pytest.raises(InputError, match="more than 268435456 bytes"):
        media.read_bytes(Device())


@pytest.mark.parametrize("data", [b"", b"R", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WAVE", bytes(99)])
def test_garbage(refused, data):
    refused(data, StreamError)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_media(tmp_path / "none.png")


def test_truncated_files(refused):
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    for file_format in ("PNG", "JPEG", "TIFF", "WEBP", "JPEG2000"):
        data = file_of(Image.fromarray(np.tile(COLOUR, (9, 9, 1))), file_format)
        refused(data[: len(data) // 2], StreamError)


@pytest.mark.parametrize(
    "file_format", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "PPM", "WEBP", "WAV", "WAV24"]
)
def test_mutated_files_are_read_or_refused(read, mutations, file_format):
    if file_format.startswith("WAV"):
        kind = np.int16 if file_format == "WAV" else np.int32
        file = io.BytesIO()
        wavfile.write(file, 8000, np.arange(200).astype(kind) << 16 * (kind is np.int32))
        data = file.getvalue()
    else:
        data = file_of(Image.fromarray(np.tile(COLOUR, (4, 3, 1))), file_format)
    outcomes = []
    for changed in mutations(data, 300, seed=len(file_format)):
        try:
            outcomes.append(read(changed))
        except InputError as error:
            outcomes.append(str(error))
    lines = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert lines
    assert not any("\n" in line for line in lines)


# Sounds


def wav_of(samples, rate=8000):
    file = io.BytesIO()
    wavfile.write(file, rate, samples)
    return file.getvalue()


def wav_of_24_bits(samples):
    """A WAV file by the specification alone: what SciPy cannot write."""
    frames = b"".join(int(s).to_bytes(3, "little", signed=True) for s in samples)
    form = struct.pack("<HHIIHH", 1, 1, 8000, 24000, 3, 24)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form
    body += b"data" + struct.pack("<I", len(frames)) + frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_sounds_that_16_bits_hold(read):
    exact = np.array([-(2**15), -1, 0, 256, 2**15 - 256], np.int16)
    same = [
        wav_of(exact),
        wav_of(np.stack([exact, exact], 1)),
        wav_of(exact.astype(np.int32) << 16),
        wav_of(exact.astype(np.float32) / 2**15),
        wav_of(exact.astype(np.float64) / 2**15),
        wav_of_24_bits(exact.astype(int) * 256),
    ]
    for data in same:
        assert read(data).samples.tolist() == exact.tolist()
    assert read(wav_of(np.array([0, 128, 255], np.uint8))).samples.tolist() == [-32768, 0, 32512]


def test_sounds_that_16_bits_do_not_hold(refused):
    cases = [
        wav_of(np.array([1], np.int32)),
        wav_of(np.array([1.0], np.float32)),  # 32768 is one too many
        wav_of(np.array([2.0**-16], np.float64)),
        wav_of(np.array([np.nan], np.float32)),
        wav_of_24_bits([1]),
    ]
    for data in cases:
        assert "16-bit PCM" in refused(data)


def test_stereo(refused):
    assert "2 channels" in refused(wav_of(np.array([[1, 2], [3, 3]], np.int16)))


def test_truncated_sound(refused):
    data = wav_of(np.arange(100, dtype=np.int16))
    for size in (20, 40, 60, len(data) - 1):
        refused(data[:size], StreamError)


def test_empty_sound(refused):
    refused(wav_of(np.zeros(0, np.int16)))


def test_chunks_that_nobody_knows(read):
    data = wav_of(np.arange(3, dtype=np.int16)) + b"what" + struct.pack("<I", 2) + b"ab"
    data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    assert read(data).samples.tolist() == [0, 1, 2]
