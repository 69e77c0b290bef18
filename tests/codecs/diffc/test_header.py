"""The header of a stream: forty bytes, and nothing forged gets past it."""

import copy
import json

import pytest

from rdtheory.codecs.diffc.header import Header
from rdtheory.container import StreamError, pack

PICTURE = Header((64, 48, 3), 2**32 - 1, 2**64 - 1, "f-star", 48)
SOUND = Header((2**22,), 1, 0, "isotropic", 1, rate=44100, side=bytes(range(41)))


@pytest.mark.parametrize("header", [PICTURE, SOUND])
def test_round_trips_through_json(header):
    assert Header.from_dict(json.loads(json.dumps(header.to_dict()))) == header


def test_a_small_picture_takes_64_bytes_with_its_container():
    header = Header((64, 64, 3), 2**32 - 1, 0, "isotropic", 48)
    assert len(pack("dfc", header.to_dict(), [])) <= 64


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"dfc": None},
        {"dfc": []},
        {"dfc": [1, 0, 0, 48]},
        {"dfc": [1, 0, 0, 48, 64, 64, 2]},
        {"dfc": [1, 0, 0, 48, 64, 64]},
        {"dfc": [1, 0, 0, 48, 0, 64, 3]},
        {"dfc": [1, 0, 0, 48, 2048, 2048, 3]},
        {"dfc": [1, 0, 0, 48, -1, -64, 3]},
        {"dfc": [1, 0, 4, 48, 64, 64, 3]},
        {"dfc": [1, 0, -1, 48, 64, 64, 3]},
        {"dfc": [1, 0, 0, 0, 64, 64, 3]},
        {"dfc": [1, 0, 0, 2048, 64, 64, 3]},
        {"dfc": [1, 2**64, 0, 48, 64, 64, 3]},
        {"dfc": [2**32, 0, 0, 48, 64, 64, 3]},
        {"dfc": [1.0, 0, 0, 48, 64, 64, 3]},
        {"dfc": [True, 0, 0, 48, 64, 64, 3]},
        {"dfc": [1, 0, "0", 48, 64, 64, 3]},
        {"dfc": [1, 0, 0, 48, 64, 64, 3], "rate": 44100},
        {"dfc": [1, 0, 0, 48, 64]},
        {"dfc": [1, 0, 0, 48, 64], "rate": -1},
        {"dfc": [1, 0, 0, 48, 64, 64, 3], "side": "zz"},
        {"dfc": [1, 0, 0, 48, 64, 64, 3], "side": "00" * 257},
        {"dfc": [1, 0, 0, 48, 64, 64, 3], "more": 1},
        {"dfc": [1, 0, 0, 48, 64, 64, 3], "rate": 0},
    ],
)
def test_forged_headers_are_refused_in_one_line(broken):
    with pytest.raises(StreamError, match="header"):
        Header.from_dict(copy.deepcopy(broken))
