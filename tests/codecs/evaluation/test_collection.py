"""Folders, tars and npz of pictures: what is read, and what hostile ones do."""

import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rdtheory.codecs.evaluation import collection, read_collection
from rdtheory.errors import InputError


@pytest.fixture
def folder(tmp_path, make_picture):
    (tmp_path / "b").mkdir()
    for number, name in enumerate(["c.png", "b/a.png", "a.png"]):
        Image.fromarray(make_picture(number, 40, 50).pixels).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    return tmp_path


def read(path, limit=None):
    return read_collection("FOLDER", Path(path), limit)


def test_a_folder_in_the_order_of_names(folder, make_picture):
    pictures = read(folder)
    assert list(pictures) == ["a.png", "b/a.png", "c.png"]
    assert (pictures["c.png"].pixels == make_picture(0, 40, 50).pixels).all()
    assert list(read(folder, limit=2)) == ["a.png", "b/a.png"]


def test_a_tar(folder, tmp_path):
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        for path in folder.rglob("*.png"):
            archive.add(path, path.relative_to(folder).as_posix())
    found, expected = read(tmp_path / "all.tar"), read(folder)
    assert list(found) == list(expected)
    for name, picture in expected.items():
        assert (found[name].pixels == picture.pixels).all()


def test_an_npz(tmp_path, photographs):
    images = np.stack([one.pixels for one in photographs.values()])
    np.savez_compressed(tmp_path / "x.npz", images=images)
    found = read(tmp_path / "x.npz", limit=5)
    assert len(found) == 5
    assert (np.stack([one.pixels for one in found.values()]) == images[:5]).all()


def huge_png(side):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


def test_a_picture_that_claims_too_much(tmp_path):
    (tmp_path / "bomb.png").write_bytes(huge_png(5000))
    tracemalloc.start()
    with pytest.raises(InputError, match="25000000 pixels"):
        read(tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_too_many_pixels_together(folder, monkeypatch):
    monkeypatch.setattr(collection, "MOST_PIXELS", 5000)
    with pytest.raises(InputError, match="--limit 2"):
        read(folder)
    assert len(read(folder, limit=2)) == 2


def test_an_archive_that_unfolds_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(collection, "MOST_PIXELS", 2**20)
    path = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("images.npy", "w") as file,
    ):
        for _ in range(4):
            file.write(bytes(2**20))
    with pytest.raises(InputError, match="bytes of pixels"):
        read(path)


@pytest.mark.parametrize("name", ["x.npz", "x.tar", "x.png"])
def test_damaged_files(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(range(200)))
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_other_arrays(tmp_path):
    for images in (np.zeros((2, 40, 40, 3)), np.zeros((2, 40, 40, 4), np.uint8), np.uint8(7)):
        file = io.BytesIO()
        np.savez(file, images=images)
        (tmp_path / "x.npz").write_bytes(file.getvalue())
        with pytest.raises(InputError):
            read(tmp_path / "x.npz")


def test_nothing_there(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="FOLDER"):
            read(path)
