"""Prefixes of a container decode; anything else but an undamaged stream is one `StreamError`."""

import json
import pickle
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdtheory import container
from rdtheory.container import Contents, StreamError, append, pack, unpack
from rdtheory.errors import InputError

HEADER = {"algorithm": "pfr", "seed": 7, "scale": 0.1, "blocks": [3, 4], "note": "σ ≥ 0"}
SECTIONS = (b"covariance" * 5, b"", b"first message", bytes(range(256)))
STREAM = pack("rcc", HEADER, SECTIONS)

GOLDEN = (
    "52445453017263632018007b2264696d223a5b322c302e355d2c2273656564223a317de6e3f0bb03"
    "000000568b616263f43e0614000000008de58de5354affffffff6ae9"
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(TEXTS, values, max_size=4),
    max_leaves=12,
)
KINDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=4)


def with_header(text, *, magic=b"RDTS", version=1, kind=b"rcc ", length=None):
    """The start of a stream with checksums that hold, whatever its fields."""
    length = len(text) if length is None else length
    start = struct.pack("<4sB4sH", magic, version, kind, length) + text
    return start + struct.pack("<I", zlib.crc32(start))


def head(length, after):
    """The first six bytes of a section after a stream that ends in a checksum."""
    data = struct.pack("<I", length)
    (checksum,) = struct.unpack("<I", after[-4:])
    return data + struct.pack("<H", zlib.crc32(data, checksum) & 0xFFFF)


def section_ends(sections):
    """Where in STREAM each of its sections is whole, the header first."""
    lengths = [15 + len(json.dumps(HEADER, separators=(",", ":"), ensure_ascii=False).encode())]
    return np.cumsum(lengths + [10 + len(section) for section in sections])


def contents_of(data):
    """The contents, or None for an error of one line of bounded length."""
    try:
        return unpack(data)
    except StreamError as error:
        if len(str(error)) >= 500 or "\n" in str(error):
            raise
        return None


class TestRoundTrip:
    @given(KINDS, st.dictionaries(TEXTS, JSON_VALUES, max_size=5), st.lists(st.binary()))
    def test_everything_comes_back(self, kind, header, sections):
        contents = unpack(pack(kind, header, sections), kind, prefix_ok=False)
        assert contents == Contents(kind, 1, header, tuple(sections), True)

    def test_bytes_never_change(self):
        assert pack("rcc", {"seed": 1, "dim": [2, 0.5]}, [b"abc", b""]).hex() == GOLDEN

    def test_one_header_has_one_text(self):
        assert pack("k", {"a": 1, "b": 2}, []) == pack("k", {"b": 2, "a": 1}, [])

    def test_any_buffer_is_read_and_packed(self):
        array = np.arange(6, dtype="<u4").reshape(2, 3)
        stream = pack("rcc", {}, [array.data, bytearray(b"x"), memoryview(b"y")])
        expected = (array.tobytes(), b"x", b"y")
        assert unpack(bytearray(stream)).sections == expected
        assert unpack(memoryview(stream)).sections == expected

    def test_costs_of_the_layout(self):
        assert len(pack("rcc", {}, [])) == 23
        assert len(pack("rcc", {}, [b""])) - len(pack("rcc", {}, [])) == 10

    def test_summary(self):
        summary = unpack(STREAM).to_dict()
        assert summary["section_bytes"] == [len(section) for section in SECTIONS]
        assert json.loads(json.dumps(summary)) == summary


class TestPrefix:
    def test_every_prefix_gives_the_sections_that_are_whole(self):
        ends = section_ends(SECTIONS)
        for length in range(len(STREAM)):
            if length < ends[0]:
                with pytest.raises(StreamError):
                    unpack(STREAM[:length])
                continue
            contents = unpack(STREAM[:length])
            whole = int(np.searchsorted(ends, length, side="right")) - 1
            assert contents.sections == SECTIONS[:whole], length
            assert contents.header == HEADER
            assert not contents.complete

    def test_a_prefix_can_be_refused(self):
        with pytest.raises(StreamError, match="4 whole sections and no end marker"):
            unpack(STREAM[:-1], prefix_ok=False)

    def test_messages_at_different_times_make_the_same_stream(self):
        stream = pack("rcc", HEADER, [], end=False)
        for section in SECTIONS:
            message = append(stream, [section])
            assert len(message) == len(section) + 10
            stream += message
            assert not unpack(stream).complete
        assert stream + append(stream, [], end=True) == STREAM

    def test_only_a_whole_open_stream_can_be_lengthened(self):
        with pytest.raises(StreamError, match="end marker"):
            append(STREAM, [b"more"])
        with pytest.raises(StreamError, match=f"keep the first {len(STREAM) - 6} bytes"):
            append(STREAM[:-1], [b"more"])

    def test_a_message_of_another_stream_is_refused(self):
        one, two = (pack("rcc", {"seed": seed}, [], end=False) for seed in (1, 2))
        with pytest.raises(StreamError, match="section 1 at byte"):
            unpack(one + append(two, [b"message"]))

    def test_lost_and_swapped_messages_are_refused(self):
        start = pack("rcc", {}, [], end=False)
        first = append(start, [b"one"])
        second = append(start + first, [b"two"])
        for damaged in (start + second, start + second + first, start + first + first):
            with pytest.raises(StreamError, match="its checksum denies"):
                unpack(damaged)


class TestDamage:
    def assert_error_or_truth(self, data):
        """What is returned was sent."""
        contents = contents_of(data)
        if contents is None:
            return False
        assert (contents.kind, contents.header) == ("rcc", HEADER)
        assert contents.sections == SECTIONS[: len(contents.sections)]
        assert contents.complete == (data == STREAM)
        return True

    def test_every_single_bit(self):
        for bit in range(8 * len(STREAM)):
            data = bytearray(STREAM)
            data[bit // 8] ^= 1 << bit % 8
            assert not self.assert_error_or_truth(bytes(data)), bit

    def test_ten_thousand_mutations(self):
        rng = np.random.default_rng(20_260_101)
        for trial in range(10_000):
            data = bytearray(STREAM)
            for _ in range(rng.integers(1, 4)):
                at, size = int(rng.integers(len(data) + 1)), int(rng.integers(1, 9))
                if trial % 5 == 0:
                    data[at : at + size] = rng.bytes(size)
                elif trial % 5 == 1:
                    data[at:at] = rng.bytes(size)
                elif trial % 5 == 2:
                    del data[at : at + size]
                elif trial % 5 == 3:
                    data[at : at + 4] = b"\xff\xff\xff" + rng.bytes(1)
                else:
                    data = data[:at] + data[at : at + size] + data[at:]
            self.assert_error_or_truth(bytes(data))

    @settings(max_examples=300)
    @given(st.binary(max_size=200))
    def test_any_bytes(self, data):
        for start in (b"", b"RDTS", b"RDTS\x01rcc ", with_header(b"{}")):
            contents_of(start + data)

    def test_anything_after_the_end(self):
        with pytest.raises(StreamError, match="3 bytes after the end marker; allowed: nothing"):
            unpack(STREAM + b"abc")


class TestForeignStreams:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "no data"),
            (b"R", "1 bytes; allowed: at least 11"),
            (b"\x89PNG\r\n", "starts with RDTS"),
            (with_header(b"{}", magic=b"RDTX"), "starts with RDTS"),
            (with_header(b"{}", version=2), "version of stream at byte 4: got 2; allowed: 1"),
            (with_header(b"{}", kind=b"    "), "kind of stream at byte 5"),
            (with_header(b"{}", kind=b" rcc"), "kind of stream at byte 5"),
            (with_header(b"{}", kind=b"\xffcc "), "kind of stream at byte 5"),
            (with_header(b"{}", length=60_000), "at least 60015"),
        ],
    )
    def test_no_stream_of_ours(self, data, words):
        with pytest.raises(StreamError) as caught:
            unpack(data)
        assert words in str(caught.value)

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"null",
            b"[]",
            b'"text"',
            b"1",
            b"{",
            b'{"a":1}x',
            b'{"a": 1}',
            b'{"b":1,"a":2}',
            b'{"a":1,"a":1}',
            b'{"a":NaN}',
            b'{"a":Infinity}',
            b'{"a":1e999}',
            b'{"a":1.50}',
            b'{"a":"\\u0041"}',
            b'{"a":"\\ud800"}',
            b'{"a":"\xff"}',
            b'\xef\xbb\xbf{"a":1}',
            b'{"a":' + b"9" * 5000 + b"}",
            b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b"[" * 65_535,
        ],
        ids=lambda text: text[:12].decode("latin-1"),
    )
    def test_headers_that_are_no_canonical_json(self, text):
        with pytest.raises(StreamError, match="header at byte 11"):
            unpack(with_header(text))

    def test_another_kind(self):
        with pytest.raises(StreamError, match="kind of stream: got rcc; allowed: diff; decode it"):
            unpack(STREAM, "diff")

    def test_no_bytes(self):
        for data in ("RDTS", None, 3, [82]):
            with pytest.raises(InputError, match="allowed: bytes"):
                unpack(data)

    def test_errors_travel_between_processes(self):
        error = pickle.loads(pickle.dumps(StreamError("byte 0", b"x", "RDTS")))
        assert type(error) is StreamError
        assert str(error) == "byte 0: got b'x'; allowed: RDTS"


class TestMemory:
    def peak(self, data):
        tracemalloc.start()
        contents_of(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    def test_a_length_that_lies_costs_nothing(self):
        start = with_header(b"{}")
        data = start + head(2**32 - 2, start) + b"x" * 1000
        assert unpack(data).sections == ()
        assert self.peak(data) < 100_000

    def test_small_multiples_of_the_data(self):
        payloads = (b"x" * 2**21, b""), [b"ab"] * 5_000, [b""] * 5_000
        for sections in payloads:
            data = pack("rcc", {}, sections)
            assert self.peak(data) < 8 * len(data)

    def test_nests_and_numbers(self):
        for text in (b"[" * 65_535, b"[" + b"1," * 32_766 + b"1]", b'{"a":' * 10_000):
            assert self.peak(with_header(text)) < 4_000_000


class TestWhatCannotBePacked:
    @pytest.mark.parametrize("kind", ["", "five!", "a b", "é", "a\n", b"rcc", None, 3])
    def test_kind(self, kind):
        with pytest.raises(InputError, match=r"kind: got .*; allowed: 1 to 4 printable"):
            pack(kind, {}, [])

    @pytest.mark.parametrize(
        "header",
        [
            [],
            None,
            {1: 2},
            {"a": (1, 2)},
            {"a": float("nan")},
            {"a": float("inf")},
            {"a": b"bytes"},
            {"a": np.arange(3)},
            {"a": np.int64(3)},
            {"a": "\ud800"},
            {"a": 10**5000},
        ],
    )
    def test_header(self, header):
        with pytest.raises(InputError, match=r"header: got .* that JSON does not keep as it is"):
            pack("rcc", header, [])

    def test_header_that_contains_itself(self):
        header = {}
        header["a"] = header
        with pytest.raises(InputError, match="header"):
            pack("rcc", header, [])

    def test_header_that_is_too_long(self):
        assert unpack(pack("rcc", {"a": "x" * 65_527}, [])).complete
        with pytest.raises(InputError, match=r"65536 bytes of JSON; .* put arrays in sections"):
            pack("rcc", {"a": "x" * 65_528}, [])

    def test_sections(self, monkeypatch):
        with pytest.raises(InputError, match="section: got str; allowed: bytes"):
            pack("rcc", {}, ["text"])
        monkeypatch.setattr(container, "_END", 5)
        with pytest.raises(InputError, match="section: got 5 bytes; allowed: < 5 bytes; split it"):
            pack("rcc", {}, [b"12345"])
