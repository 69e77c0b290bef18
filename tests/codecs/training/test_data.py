"""Pictures from folders, archives and arrays; crops of a known law; damaged and foreign files."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from rdtheory import InputError
from rdtheory.codecs.training import data as data_module
from rdtheory.codecs.training import read_sources, split
from rdtheory.codecs.training.data import Crops, PictureSource


def pictures(count=6, side=20, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def png(array, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, format="png", **options)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Six pictures in two levels, and a file that is none."""
    path = tmp_path / "folder"
    (path / "b").mkdir(parents=True)
    for number, picture in enumerate(pictures()):
        (path / ("b" if number > 2 else ".") / f"{number}.png").write_bytes(png(picture))
    (path / "README.md").write_text("no picture", encoding="utf-8")
    return path


@pytest.fixture
def tar(tmp_path, folder):
    """The same, in another order."""
    path = tmp_path / "pictures.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("b", "2.png", "1.png", "0.png", "README.md"):
            archive.add(folder / name, arcname=name)
    return path


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "pictures.npz"
    np.savez_compressed(path, images=pictures())
    return path


def read(path, crop=8):
    (source,) = read_sources("--data", str(path), crop)
    return source


def refused(path, crop=8):
    with pytest.raises(InputError) as caught:
        read_sources("--data", str(path), crop)
    message = str(caught.value)
    assert message.startswith("--data: got ")
    assert "\n" not in message
    return message


def test_folder_archive_and_array_hold_the_same(folder, tar, npz):
    sources = [read(folder), read(tar), read(npz)]
    for source in sources:
        assert np.array_equal(np.stack(list(source.pictures)), pictures())
        assert source.skipped == 0
    assert sources[0].crc32 == sources[1].crc32
    assert [source.name for source in sources] == ["folder", "pictures.tar", "pictures.npz"]


def test_the_fingerprint_sees_names_and_bytes(folder):
    before = read(folder).crc32
    (folder / "0.png").rename(folder / "00.png")
    renamed = read(folder).crc32
    picture = pictures()[0]
    picture[0, 0, 0] ^= 1
    (folder / "00.png").write_bytes(png(picture))
    assert len({before, renamed, read(folder).crc32}) == 3


def test_grey_pictures_become_colour(folder, tmp_path):
    grey = pictures()[0, :, :, 0]
    (folder / "b" / "9.png").write_bytes(png(grey))
    assert np.array_equal(read(folder).pictures[-1], np.stack([grey] * 3, axis=-1))
    np.savez(tmp_path / "grey.npz", images=grey[None])
    assert np.array_equal(read(tmp_path / "grey.npz").pictures[0], np.stack([grey] * 3, axis=-1))


def test_small_pictures_are_skipped_and_counted(folder):
    (folder / "small.png").write_bytes(png(pictures(1, 8)[0, :7]))
    source = read(folder)
    assert (len(source.pictures), source.skipped) == (6, 1)
    assert "7 pictures smaller than 21 x 21 and no other" in refused(folder, crop=21)


def test_lists_and_weights(folder, npz):
    sources = read_sources("--data", f"{folder}*2, {npz}*0.5,{folder}", 8)
    assert [source.weight for source in sources] == [2.0, 0.5, 1.0]
    for wrong in ("*0", "*-1", "*nan", "*inf", "*many", "*"):
        assert "PATH*WEIGHT" in refused(f"{folder}{wrong}")


def test_what_is_no_source(tmp_path, folder, npz, tar):
    (tmp_path / "text.tar").write_text("no archive", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.npz").write_text("no archive", encoding="utf-8")
    np.savez(tmp_path / "other.npz", pixels=pictures())
    np.savez(tmp_path / "float.npz", images=pictures() / 255)
    np.savez(tmp_path / "shape.npz", images=pictures()[..., :2])
    np.savez(tmp_path / "object.npz", images=np.array([{}], dtype=object))
    for name in ("absent", "absent.tar", "text.tar"):
        assert "a folder, .tar or .npz" in refused(tmp_path / name)
    for name in ("text", "other", "float", "shape", "object"):
        assert "uint8 `images`" in refused(tmp_path / f"{name}.npz")
    assert "0 pictures smaller" in refused(tmp_path / "empty")
    for wrong in ("", ",", f"{folder},"):
        assert "PATH*WEIGHT" in refused(wrong)


def test_damaged_and_deep_pictures(folder):
    whole = (folder / "1.png").read_bytes()
    for damaged in (b"", b"no picture", whole[:200], whole[:-40]):
        (folder / "1.png").write_bytes(damaged)
        assert "1.png, which cannot be read" in refused(folder)
    (folder / "1.png").write_bytes(png(np.zeros((9, 9), np.uint16)))
    assert "pictures of 8 bits" in refused(folder)


@pytest.mark.parametrize("kind", ["tar", "npz"])
def test_damaged_archives_never_end_in_a_traceback(request, kind):
    path = request.getfixturevalue(kind)
    whole, rng = path.read_bytes(), np.random.default_rng(5)
    for _ in range(100):
        changed = bytearray(whole)
        at = int(rng.integers(len(whole)))
        changed[at : at + 8] = rng.bytes(8)
        path.write_bytes(changed[: None if rng.integers(2) else int(rng.integers(len(whole)))])
        try:
            read(path)
        except InputError as error:
            message = str(error)
        else:
            message = ""
        assert "\n" not in message


def test_more_than_the_memory_allows(folder, monkeypatch):
    monkeypatch.setattr(data_module, "MOST_BYTES", 6 * 20 * 20 * 3)
    assert len(read(folder).pictures) == 6
    monkeypatch.setattr(data_module, "MOST_BYTES", 6 * 20 * 20 * 3 - 1)
    assert "GiB of pictures" in refused(folder)
    assert "GiB of pictures" in refused(f"{folder},{folder}")


def test_the_last_twentieth_is_held_out():
    source = PictureSource("a", 2.0, list(pictures(40)), 7, 0)
    few = PictureSource("b", 1.0, list(pictures(2)), 7, 0)
    first, last = split([source, few])
    assert [len(part.pictures) for part in first + last] == [38, 1, 2, 1]
    assert np.array_equal(last[0].pictures[1], source.pictures[39])
    assert (first[0].weight, last[0].crc32) == (2.0, 7)
    with pytest.raises(InputError, match="one picture in b"):
        split([PictureSource("b", 1.0, list(pictures(1)), 7, 0)])


def crops(*sources, crop=8, seed=0):
    return Crops([PictureSource("a", w, list(p), 0, 0) for w, p in sources], crop, seed)


def test_a_batch_depends_on_seed_and_number_alone():
    one, other = crops((1.0, pictures())), crops((1.0, pictures()))
    later = one.batch(7, 5)
    for number in range(7):
        other.batch(number, 3)
    assert np.array_equal(other.batch(7, 5), later)
    assert not np.array_equal(one.batch(8, 5), later)
    assert not np.array_equal(crops((1.0, pictures()), seed=1).batch(7, 5), later)


def test_the_batch_that_a_seed_has_always_given():
    """Pinned: if it changes, runs cannot be resumed by a newer version."""
    ramp = np.arange(20 * 20 * 3, dtype=np.uint8).reshape(20, 20, 3)
    batch = crops((1.0, [ramp])).batch(0, 4)
    assert batch[:, 0, 0, 0].tolist() == [164, 86, 190, 84]


def test_the_law_of_crops():
    """Place, flip, resolution and source of 20,000 crops; each bound is 6 deviations: 2e-9 each.

    Red tells the row, green the column; halves and quarters of such a ramp have steps of 2 and 4.
    """
    rows, columns = np.mgrid[:40, :40].astype(np.uint8)
    ramp = np.stack([rows, columns, np.zeros_like(rows)], axis=-1)
    ramps, flat = crops((3.0, [ramp]), (1.0, np.full((9, 8, 8, 3), 255, np.uint8))), 20_000
    batch = ramps.batch(0, flat).astype(int)
    of_flat = (batch == 255).all((1, 2, 3))
    assert abs(of_flat.mean() - 0.25) < 6 * np.sqrt(0.25 * 0.75 / flat)
    batch = batch[~of_flat]
    count = len(batch)
    step = batch[:, 1, 0, 0] - batch[:, 0, 0, 0]
    across = batch[:, 0, 1, 1] - batch[:, 0, 0, 1]
    assert np.array_equal(np.abs(across), step)
    assert abs((across < 0).mean() - 0.5) < 6 * np.sqrt(0.25 / count)
    assert set(step) == {1, 2, 4}
    for factor in (1, 2, 4):
        chosen = batch[step == factor]
        assert abs(len(chosen) / count - 1 / 3) < 6 * np.sqrt(2 / 9 / count)
        top, left = chosen[:, 0, 0, 0], chosen[:, 0, :, 1].min(axis=1)
        places = 40 // factor - 8 + 1
        # The mean of 2 or 4 rows lies half a row or so below the first; Pillow rounds it.
        place = (top - top.min()) // factor * places + (left - left.min()) // factor
        frequency = np.bincount(place, minlength=places**2) / len(chosen)
        assert len(frequency) == places**2
        chance = 1 / places**2
        assert np.abs(frequency - chance).max() < 6 * np.sqrt(chance / len(chosen))
        # Each crop is a ramp without a break: rows alike, columns alike.
        assert (np.diff(chosen[:, :, :, 0], axis=1) == factor).all()
        assert (np.abs(np.diff(chosen[:, :, :, 1], axis=2)) == factor).all()


def test_resolutions_are_averages_of_areas():
    picture = pictures(1, 32)[0]
    small = crops((1.0, [picture]), crop=8)
    quarter = picture.reshape(8, 4, 8, 4, 3).mean((1, 3))
    found = [
        one
        for one in small.batch(0, 60)
        if min(np.abs(one - quarter).max(), np.abs(one[:, ::-1] - quarter).max()) <= 0.5
    ]
    # A third of 60 is a quarter: fewer than 4 have a chance of 1e-7.
    assert len(found) >= 4


def test_pictures_below_four_crops_keep_their_resolution():
    picture = pictures(1, 15)[0]
    for one in crops((1.0, [picture]), crop=8).batch(0, 20):
        windows = np.lib.stride_tricks.sliding_window_view(picture, (8, 8, 3))[:, :, 0]
        same = (windows == one).all((2, 3, 4)) | (windows == one[:, ::-1]).all((2, 3, 4))
        assert same.any()
