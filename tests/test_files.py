"""Files that are there whole or not at all, whatever happens while they are written."""

import os
import resource
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from rdtheory.files import write_atomically


def test_two_writers_of_one_file_at_the_same_moment(tmp_path, monkeypatch):
    """Both have written all before either gives it its name."""
    both, path = Barrier(2), tmp_path / "told"
    monkeypatch.setattr(os, "fsync", lambda _: both.wait(timeout=60))
    with ThreadPoolExecutor(2) as beside:
        list(beside.map(lambda data: write_atomically(path, data), [b"one" * 9, b"other"]))
    assert path.read_bytes() in (b"one" * 9, b"other")
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "told"
    write_atomically(path, b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_atomically(path, bytes(20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
