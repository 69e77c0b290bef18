"""Grey patches of pictures: brute-force oracles, kinds of pictures, and every error path."""

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from rdtheory.errors import InputError
from rdtheory.sources import images
from rdtheory.sources.images import (
    PatchMoments,
    extract_patches,
    fit_patches,
    from_images,
    read_patches,
)
from rdtheory.sources.pictures import area_downsample, decode_grey, grey

EPS = 2.0**-52
READERS = [read_patches, from_images]


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def in_memory(picture, name="PNG", **options):
    file = io.BytesIO()
    picture.save(file, name, **options)
    file.seek(0)
    return file


def refused(argument):
    """Expect a one-line error about `argument`."""
    return pytest.raises(InputError, match=rf"\A{argument}: got [^\n]*; allowed: [^\n]*\Z")


# grey


def test_grey_is_the_luma_of_each_pixel():
    image = noise(0, 3, 4, 5, 3)
    result = grey(image)
    assert result.shape == (3, 4, 5)
    assert result.dtype == np.float64
    for index in np.ndindex(3, 4, 5):
        red, green, blue = (int(v) for v in image[index])
        assert result[index] == float(Fraction(299 * red + 587 * green + 114 * blue, 1000))


def test_grey_of_equal_colours_is_that_value_exactly():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(grey(np.stack([levels] * 3, axis=-1)), levels)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.int64])
def test_grey_leaves_grey_as_it_is(dtype):
    image = noise(1, 2, 4, 5).astype(dtype)
    np.testing.assert_array_equal(grey(image), image)
    assert grey(image).dtype == np.float64


def test_grey_takes_two_axes_of_width_three_as_grey():
    np.testing.assert_array_equal(grey([[1, 2, 3]]), [[1.0, 2.0, 3.0]])


@pytest.mark.parametrize(
    "image",
    [
        [1.0, 2.0],
        3.0,
        np.empty((0, 4)),
        [[256.0]],
        [[-1.0]],
        [[np.nan]],
        [["a"]],
        [[1j]],
        [[40000]],
    ],
)
def test_grey_refuses_what_is_no_image(image):
    with refused("image"):
        grey(image)


# area_downsample


def area_average(image, size):
    """The same by loops and fractions: the integral of the picture over each square."""
    height, width = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    result = np.empty((size, size))
    step = Fraction(side, size)
    for i in range(size):
        for j in range(size):
            total = Fraction(0)
            for row in range(side):
                high = min((i + 1) * step, row + 1) - max(i * step, row)
                for column in range(side):
                    wide = min((j + 1) * step, column + 1) - max(j * step, column)
                    if high > 0 and wide > 0:
                        total += high * wide * int(image[top + row, left + column])
            result[i, j] = total / step**2
    return result


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(8, 8, 4), (9, 9, 3), (7, 7, 3), (7, 7, 5), (10, 13, 4), (13, 8, 6), (5, 6, 5), (3, 3, 1)],
)
def test_area_downsample_equals_explicit_loops(height, width, size):
    image = noise(height * width, height, width)
    # Sums of at most side <= 13 terms, twice: each rounds by side EPS of a value <= 255.
    np.testing.assert_allclose(
        area_downsample(image, size), area_average(image, size), rtol=0, atol=2 * 13 * 255 * EPS
    )


def test_area_downsample_to_the_same_size_changes_nothing():
    image = noise(2, 5, 5).astype(float)
    np.testing.assert_array_equal(area_downsample(image, 5), image)


def test_area_downsample_keeps_the_mean_and_leading_axes():
    image = noise(3, 2, 3, 11, 11)
    result = area_downsample(image, 4)
    assert result.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(
        result.mean(axis=(-2, -1)), image.mean(axis=(-2, -1)), rtol=11 * 11 * EPS
    )
    np.testing.assert_array_equal(result[1, 2], area_downsample(image[1, 2], 4))


def test_area_downsample_agrees_with_pillow_for_whole_ratios():
    image = noise(4, 24, 24)
    pillow = Image.fromarray(image.astype(np.float32)).resize((8, 8), Image.Resampling.BOX)
    # Pillow stores the result in float32.
    np.testing.assert_allclose(area_downsample(image, 8), np.asarray(pillow), rtol=2.0**-22)


def test_area_downsample_refuses_to_enlarge():
    with refused("size") as caught:
        area_downsample(np.zeros((4, 9)), 5)
    assert "1..4" in str(caught.value)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None])
def test_area_downsample_refuses_no_size(size):
    with refused("size"):
        area_downsample(np.zeros((4, 4)), size)


def test_area_downsample_refuses_no_picture():
    with refused("grey_image"):
        area_downsample(np.zeros(4), 2)


# extract_patches


@pytest.mark.parametrize("stride", [None, 1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(6, 9), (2, 7, 6), (2, 1, 3, 4)])
def test_extract_patches_equals_explicit_loops(shape, stride):
    pictures, patch = noise(5, *shape), 3
    step = stride or patch
    expected = []
    for picture in pictures.reshape(-1, *shape[-2:]):
        for top in range(0, shape[-2] - patch + 1, step):
            for left in range(0, shape[-1] - patch + 1, step):
                expected.append(picture[top : top + patch, left : left + patch].ravel())
    np.testing.assert_array_equal(extract_patches(pictures, patch, stride=stride), expected)


@pytest.mark.parametrize(
    ("argument", "arguments", "options"),
    [
        ("images", (np.zeros(4), 2), {}),
        ("images", ([[1.0, "a"]], 1), {}),
        ("patch", (np.zeros((4, 8)), 5), {}),
        ("patch", (np.zeros((4, 8)), 0), {}),
        ("patch", (np.zeros((4, 8)), 1.5), {}),
        ("stride", (np.zeros((4, 8)), 2), {"stride": 0}),
        ("stride", (np.zeros((4, 8)), 2), {"stride": 1.0}),
    ],
)
def test_extract_patches_refuses(argument, arguments, options):
    with refused(argument):
        extract_patches(*arguments, **options)


# fit_patches


def test_fit_patches_equals_explicit_loops():
    rows = [[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8], [9, 7, 9]]
    n = len(rows)
    mean = [Fraction(sum(row[i] for row in rows), n) for i in range(3)]
    covariance = [
        [
            float(sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) / (n - 1))
            for j in range(3)
        ]
        for i in range(3)
    ]
    source = fit_patches(rows)
    np.testing.assert_allclose(source.mean, [float(m) for m in mean], rtol=4 * EPS)
    # The decomposition is backward stable: a few EPS of the largest entry per dimension.
    np.testing.assert_allclose(source.covariance, covariance, rtol=0, atol=30 * EPS * 10)
    assert np.all(np.diff(source.eigenvalues) <= 0)


def test_fit_patches_has_the_normalisation_of_numpy_cov():
    rows = noise(6, 50, 4)
    np.testing.assert_allclose(
        np.sum(fit_patches(rows).eigenvalues), np.trace(np.cov(rows.T)), rtol=100 * EPS
    )


def test_few_rows_give_zero_eigenvalues():
    assert np.count_nonzero(fit_patches(noise(7, 3, 20)).eigenvalues > 1e-9) == 2


def test_moments_of_parts_are_moments_of_the_whole():
    rows = noise(8, 40, 5) + 1e6
    moments = PatchMoments(5)
    for part in (rows[:1], rows[1:1], rows[1:30], rows[30:]):
        moments.add(part)
    # Means near 1e6 are rounded a few times by EPS of that, and meet deviations of at most 255,
    # twice. Sums of squares near 1e12 would lose hundreds of times as much.
    np.testing.assert_allclose(
        moments.gaussian("rows").covariance, np.cov(rows.T), rtol=0, atol=4 * 1e6 * EPS * 2 * 255
    )
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=10 * EPS)


def test_blocks_are_taken_in_together(monkeypatch):
    rows = noise(8, 40, 5)
    one_by_one = PatchMoments(5)
    for start in range(0, 40, 10):
        one_by_one.add(rows[start : start + 10])
    monkeypatch.setattr(images, "_ROWS_AT_A_TIME", 10)
    together = PatchMoments(5)
    together.add_all(rows[start : start + 5] for start in range(0, 40, 5))
    np.testing.assert_array_equal(together.products, one_by_one.products)
    monkeypatch.setattr(images, "_ROWS_AT_A_TIME", 15)
    uneven = PatchMoments(5)
    uneven.add_all(rows[start : start + 4] for start in range(0, 40, 4))
    assert uneven.count == 40
    # Sums of 40 terms of at most 255².
    np.testing.assert_allclose(
        uneven.products, together.products, rtol=0, atol=40**2 * 255**2 * EPS
    )


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 2.0]],
        np.empty((0, 2)),
        np.empty((3, 0)),
        [1.0, 2.0],
        np.zeros((2, 2, 2)),
        [[1.0, np.nan], [0.0, 1.0]],
        [[1.0, np.inf], [0.0, 1.0]],
        [["a"], ["b"]],
        [[0.0, 0.0], [0.0, 0.0]],
        np.full((1000, 3), 0.1),
    ],
)
def test_fit_patches_refuses(rows):
    with refused("rows"):
        fit_patches(rows)


# Folders


def test_patches_of_a_folder_in_the_order_of_the_paths(tmp_path):
    pictures = {
        name: noise(i, 8, 8) for i, name in enumerate(["b.png", "a/z.png", "a.png", "c.PNG"])
    }
    for name in ("c.PNG", "b.png", "a.png", "a/z.png"):
        save(tmp_path / name, pictures[name], format="PNG")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_text("no picture")
    save(tmp_path / ".cache" / "x.png", noise(9, 8, 8))
    rows = read_patches(tmp_path, patch=2, downsample=4)
    expected = [
        extract_patches(area_downsample(pictures[name], 4), 2)
        for name in ("a/z.png", "a.png", "b.png", "c.PNG")
    ]
    np.testing.assert_array_equal(rows, np.concatenate(expected))
    np.testing.assert_array_equal(rows, read_patches(str(tmp_path), patch=2, downsample=4))


def test_fit_of_a_folder_is_the_fit_of_its_patches(tmp_path):
    for i in range(5):
        save(tmp_path / f"{i}.png", noise(i, 13, 17, 3))
    options = {"patch": 3, "downsample": 12, "stride": 2}
    source = from_images(tmp_path, **options)
    expected = fit_patches(read_patches(tmp_path, **options))
    assert source.dim == 9
    # The same sums in another order: n = 125 terms of at most 255².
    tolerance = 125 * 255**2 * EPS
    np.testing.assert_allclose(source.covariance, expected.covariance, rtol=0, atol=tolerance)
    np.testing.assert_allclose(source.mean, expected.mean, rtol=125 * EPS)


def test_the_defaults_are_patches_of_16_in_pictures_of_64(tmp_path):
    save(tmp_path / "a.png", noise(0, 64, 80))
    rows = read_patches(tmp_path)
    np.testing.assert_array_equal(rows, extract_patches(noise(0, 64, 80)[:, 8:72], 16))


def test_pictures_may_stay_as_they_are(tmp_path):
    picture = noise(0, 7, 10)
    save(tmp_path / "a.png", picture)
    save(tmp_path / "b.png", picture[:5, :4])
    rows = read_patches(tmp_path, patch=3, downsample=None)
    np.testing.assert_array_equal(rows[:6], extract_patches(picture[:6, :9], 3))
    np.testing.assert_array_equal(rows[6:], extract_patches(picture[:3, :3], 3))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("argument", "options"),
    [
        ("patch", {"patch": 0}),
        ("patch", {"patch": 2.5}),
        ("patch", {"patch": 9, "downsample": None}),
        ("downsample", {"patch": 3, "downsample": 8}),
        ("downsample", {"patch": 16, "downsample": 8}),
        ("downsample", {"patch": 4, "downsample": 0}),
        ("downsample", {"patch": 4, "downsample": "all"}),
        ("downsample", {"patch": 4, "downsample": 12}),
        ("stride", {"patch": 4, "downsample": 8, "stride": 0}),
    ],
)
def test_sizes_that_do_not_fit_are_refused(tmp_path, reader, argument, options):
    save(tmp_path / "small.png", noise(0, 8, 20))
    with refused(argument):
        reader(tmp_path, **options)


@pytest.mark.parametrize("reader", READERS)
def test_a_picture_that_is_too_small_is_named(tmp_path, reader):
    save(tmp_path / "small.png", noise(0, 63, 80))
    with refused("downsample") as caught:
        reader(tmp_path, skip_unreadable=True)
    assert str(tmp_path / "small.png") in str(caught.value)


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_without_pictures_is_refused(tmp_path, reader):
    (tmp_path / "file.txt").write_text("")
    for folder in (tmp_path, tmp_path / "missing", tmp_path / "file.txt", None, 3):
        with refused("folder"):
            reader(folder)


def test_a_folder_that_cannot_be_listed_is_refused(tmp_path, monkeypatch):
    save(tmp_path / "a.png", noise(0, 8, 8))
    (tmp_path / "closed").mkdir()
    listing = os.scandir

    def scandir(path):
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with refused("folder") as caught:
        read_patches(tmp_path, patch=2, downsample=4)
    assert str(tmp_path / "closed") in str(caught.value)


def test_a_fit_needs_two_patches_that_differ(tmp_path):
    save(tmp_path / "a.png", noise(0, 8, 8))
    assert read_patches(tmp_path, patch=4, downsample=4).shape == (1, 16)
    with refused("folder"):
        from_images(tmp_path, patch=4, downsample=4)
    save(tmp_path / "a.png", np.full((8, 8, 3), 77, dtype=np.uint8))
    with refused("folder"):
        from_images(tmp_path, patch=2, downsample=6)


# Unreadable files


def broken_files(folder):
    """Files that look like pictures: no picture, empty, cut off, and of a forbidden size."""
    whole = in_memory(Image.fromarray(noise(0, 64, 64, 3))).getvalue()
    header = struct.pack(">IIBBBBB", 40000, 40000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    checked = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    contents = {
        "text.jpg": b"no picture",
        "empty.png": b"",
        "cut.png": whole[: len(whole) // 2],
        "bomb.png": whole[:8] + checked + whole[33:],
        "postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(contents)


@pytest.mark.parametrize("reader", READERS)
def test_unreadable_files_are_named(tmp_path, reader):
    for name in broken_files(tmp_path):
        content = (tmp_path / name).read_bytes()
        only = tmp_path / f"only-{name}"
        only.mkdir()
        (only / name).write_bytes(content)
        with refused("folder") as caught:
            reader(only)
        assert str(only / name) in str(caught.value)
        assert "skip_unreadable=True" in str(caught.value)
        with refused("folder") as caught:
            reader(only, skip_unreadable=True)
        assert "none readable" in str(caught.value)


@pytest.mark.parametrize("reader", READERS)
def test_skipping_unreadable_files_says_so(tmp_path, reader):
    names = broken_files(tmp_path)
    picture = noise(1, 64, 64)
    save(tmp_path / "good.png", picture)
    message = rf"left out 5 files: {', '.join(names[:3])} and 2 more"
    with pytest.warns(UserWarning, match=message) as caught:
        result = reader(tmp_path, skip_unreadable=True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    mean = result.mean(axis=0) if reader is read_patches else result.mean
    np.testing.assert_allclose(mean, extract_patches(picture, 16).mean(axis=0), rtol=16 * EPS)
    for name in names[1:]:
        (tmp_path / name).unlink()
    with pytest.warns(UserWarning, match=rf"left out 1 file: {names[0]}\Z"):
        reader(tmp_path, skip_unreadable=True)


def test_no_warning_when_nothing_is_skipped(tmp_path):
    save(tmp_path / "good.png", noise(1, 64, 64))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_patches(tmp_path, skip_unreadable=True)


@pytest.mark.parametrize("limit", [8 * 8 - 1, 8 * 8 // 2 - 1], ids=["warning", "error"])
def test_more_pixels_than_pillow_holds_safe_are_refused(tmp_path, monkeypatch, limit):
    save(tmp_path / "a.png", noise(0, 8, 8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with refused("folder") as caught:
        read_patches(tmp_path, patch=2, downsample=4)
    assert "decompression bomb" in str(caught.value)


# Kinds of pictures


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF", "PPM", "WEBP", "JPEG2000"])
@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 3)])
def test_lossless_formats_give_their_pixels(name, shape):
    if name not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {name}")
    pixels = noise(0, *shape)
    options = {"lossless": True} if name == "WEBP" else {}
    np.testing.assert_array_equal(
        decode_grey(in_memory(Image.fromarray(pixels), name, **options)), grey(pixels)
    )


@pytest.mark.parametrize("name", ["PNG", "TIFF", "PPM"])
def test_16_bits_become_grey_levels_in_0_to_255(name):
    pixels = np.array([[0, 1, 257], [32896, 65278, 65535]], dtype=np.uint16)
    result = decode_grey(in_memory(Image.fromarray(pixels), name))
    np.testing.assert_array_equal(result, pixels / 257.0)


def test_palettes_become_their_colours():
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.putpixel((1, 0), 1)
    np.testing.assert_array_equal(
        decode_grey(in_memory(picture)), grey([[[10, 20, 30], [200, 100, 50]]])
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_white(mode):
    picture = Image.new(mode, (3, 1))
    black = (0,) * (len(mode) - 1)
    for x, alpha in enumerate((0, 51, 255)):
        picture.putpixel((x, 0), (*black, alpha))
    np.testing.assert_array_equal(decode_grey(in_memory(picture)), [[255.0, 204.0, 0.0]])


@pytest.mark.parametrize("mode", ["P", "L"])
def test_a_transparent_value_is_laid_over_white(mode):
    picture = Image.new(mode, (2, 1))
    if mode == "P":
        picture.putpalette([0, 0, 0, 90, 90, 90])
    picture.putpixel((1, 0), 1 if mode == "P" else 90)
    file = in_memory(picture, transparency=0)
    np.testing.assert_array_equal(decode_grey(file), [[255.0, 90.0]])


def test_bilevel_and_cmyk_and_first_frames():
    bilevel = Image.new("1", (2, 1))
    bilevel.putpixel((1, 0), 1)
    np.testing.assert_array_equal(decode_grey(in_memory(bilevel)), [[0.0, 255.0]])
    cmyk = Image.new("CMYK", (1, 1), (0, 0, 0, 255))
    np.testing.assert_array_equal(decode_grey(in_memory(cmyk, "TIFF")), [[0.0]])
    frames = [Image.new("L", (1, 1), level) for level in (40, 80)]
    file = in_memory(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode_grey(file), [[40.0]])


def test_the_orientation_of_cameras_is_heeded():
    pixels = noise(0, 4, 6)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    file = in_memory(Image.fromarray(pixels), exif=exif)
    np.testing.assert_array_equal(decode_grey(file), np.rot90(pixels, -1))


def test_float_pixels_have_no_known_range(tmp_path):
    save(tmp_path / "a.tiff", np.zeros((8, 8), dtype=np.float32))
    with refused("folder") as caught:
        read_patches(tmp_path, patch=2, downsample=4)
    assert "32-bit floats" in str(caught.value)


def test_integers_beyond_16_bits_are_refused(tmp_path):
    save(tmp_path / "a.tiff", np.full((8, 8), 70000, dtype=np.int32))
    with refused("folder"):
        read_patches(tmp_path, patch=2, downsample=4)


def test_importing_the_module_loads_no_image_library():
    code = "import sys, rdtheory.sources.images; print({'PIL', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
