"""The self-describing container of every stream of the project; a prefix of it decodes.

Byte by byte; whole numbers are little-endian and without sign:

    0       4  magic "RDTS"
    4       1  version of this layout, 1
    5       4  kind of stream: ASCII, padded with spaces ("rcc ")
    9       2  n, length of the header
    11      n  header: canonical JSON (keys in order, no blanks, UTF-8, finite numbers), an object
    11 + n  4  c_0

then sections 1, 2, ..., each

    0       4  n, length of the payload, < 2^32 - 1
    4       2  low half of h_i
    6       n  payload: the codec's own bytes
    6 + n   4  c_i

and an end marker, which is a section's first six bytes with n = 2^32 - 1. Nothing follows it.

The checksums are one running CRC-32 (that of zlib) over all bytes but the checksums themselves:
c_0 after the header, h_i after the length of section i, c_i after its payload. So a section that
was changed, moved, lost or taken from another stream does not pass. Damage of a length is told
from a truncation by h_i.

Sections may be written, sent and decoded at different points in time, as one message or several:
`append` makes the bytes that lengthen a stream, and what has arrived always decodes up to the last
whole section. The header is small and readable; arrays travel as sections whose order and shape
the kind defines.
"""

import json
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rdtheory.errors import InputError

_MAGIC = b"RDTS"
_VERSION = 1
_PREAMBLE = struct.Struct("<4sB4sH")
_LENGTH = struct.Struct("<I")
_HALF = struct.Struct("<H")
_HEAD_SIZE = _LENGTH.size + _HALF.size
_CHECKSUM = struct.Struct("<I")
_LONGEST_HEADER = 2**16 - 1
_END = 2**32 - 1
"""The length that no section has: the end marker."""

_KIND = re.compile(r"[!-~]{1,4}")


class StreamError(InputError):
    """A stream that cannot be decoded: what is wrong, where, and how to mend it, in one line.

    >>> raise StreamError("byte 0", b"PNG", "a stream of rdtheory")
    Traceback (most recent call last):
    ...
    rdtheory.container.StreamError: byte 0: got b'PNG'; allowed: a stream of rdtheory
    """

    def __reduce__(self) -> tuple[Callable[[str], "StreamError"], tuple[str]]:
        """The line alone travels between processes, as for any `InputError`."""
        return _with_line, (str(self),)


@dataclass(frozen=True)
class Contents:
    """What a stream, or a prefix of one, holds.

    Attributes:
        kind: of stream, 1 to 4 characters.
        version: of the layout.
        header: what the codec says of the stream.
        sections: payloads of the sections that arrived whole, in order.
        complete: whether the end marker arrived.

    >>> unpack(pack("demo", {"seed": 1}, [b"abc"])).to_dict()
    {'kind': 'demo', 'version': 1, 'header': {'seed': 1}, 'section_bytes': [3], 'complete': True}
    """

    kind: str
    version: int
    header: dict[str, Any]
    sections: tuple[bytes, ...]
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; in place of the payloads stand their lengths."""
        return {
            "kind": self.kind,
            "version": self.version,
            "header": self.header,
            "section_bytes": [len(section) for section in self.sections],
            "complete": self.complete,
        }


def pack(
    kind: str, header: dict[str, Any], sections: Sequence[bytes], *, end: bool = True
) -> bytes:
    """The bytes of a stream: header, sections and, unless told not to, the end marker.

    Args:
        kind: of stream: 1 to 4 printable ASCII characters without blanks.
        header: what JSON keeps as it is: str keys, lists, finite numbers, texts, booleans, None;
            at most 65535 bytes of JSON.
        sections: the payloads, any number.
        end: False for a stream that `append` will lengthen.

    Raises:
        InputError: if the kind, the header or a section cannot be stored.

    >>> len(pack("demo", {}, [b"payload"]))  # 17 bytes for the header, 10 a section, 6 at the end
    40
    """
    if not (isinstance(kind, str) and _KIND.fullmatch(kind)):
        raise InputError("kind", repr(kind), "1 to 4 printable ASCII characters without blanks")
    text = _json(header)
    start = _PREAMBLE.pack(_MAGIC, _VERSION, kind.ljust(4).encode(), len(text)) + text
    checksum = zlib.crc32(start)
    return start + _CHECKSUM.pack(checksum) + _lengthened(sections, checksum, end)


def append(stream: bytes, sections: Sequence[bytes], *, end: bool = False) -> bytes:
    """The bytes that lengthen `stream` by `sections`: a message of its own, to be sent later.

    Args:
        stream: all that was written before, without an end marker.
        sections: the payloads, any number.
        end: True for the last message.

    Raises:
        InputError: if a section cannot be stored.
        StreamError: if `stream` is damaged, ended, or breaks off inside a section.

    >>> stream = pack("demo", {}, [b"first"], end=False)
    >>> message = append(stream, [b"second"])
    >>> unpack(stream + message).sections
    (b'first', b'second')
    """
    view = _view("stream", stream)
    contents, checksum, used = _parsed(view)
    if contents.complete:
        raise StreamError("stream", "an end marker", "a stream packed with end=False")
    if used < len(view):
        raise StreamError(
            "stream",
            f"{len(view)} bytes, the last section broken off",
            "whole sections",
            f"keep the first {used} bytes",
        )
    return _lengthened(sections, checksum, end)


def unpack(data: bytes, kind: str | None = None, *, prefix_ok: bool = True) -> Contents:
    """What the first len(data) bytes of a stream hold: every section that arrived whole.

    Memory: at most a small multiple of len(data), whatever the lengths in it claim.

    Args:
        data: a stream or a prefix of one that holds the header; bytes, bytearray or memoryview.
        kind: the kind expected; None for any.
        prefix_ok: False to refuse a stream whose end marker has not arrived.

    Raises:
        StreamError: if the header is not whole, a checksum fails, anything follows the end
            marker, or version, kind or completeness are not those expected.

    >>> stream = pack("demo", {"seed": 1}, [b"first", b"second"])
    >>> prefix = unpack(stream[:-10])
    >>> prefix.sections, prefix.complete
    ((b'first',), False)
    """
    contents, _, _ = _parsed(_view("data", data))
    if kind is not None and contents.kind != kind:
        raise StreamError("kind of stream", contents.kind, kind, "decode it with its own codec")
    if not (contents.complete or prefix_ok):
        raise StreamError(
            "stream",
            f"{len(contents.sections)} whole sections and no end marker",
            "a complete stream",
            "fetch the rest, or accept a prefix",
        )
    return contents


def _lengthened(sections: Sequence[bytes], checksum: int, end: bool) -> bytes:
    """Sections, and the end marker if this is the end, after a stream with that checksum."""
    parts = []
    for section in sections:
        payload = _view("section", section)
        if len(payload) >= _END:
            raise InputError("section", f"{len(payload)} bytes", f"< {_END} bytes", "split it")
        head, checksum = _head(len(payload), checksum)
        checksum = zlib.crc32(payload, checksum)
        parts += [head, payload, _CHECKSUM.pack(checksum)]
    if end:
        parts.append(_head(_END, checksum)[0])
    return b"".join(parts)


def _head(length: int, checksum: int) -> tuple[bytes, int]:
    """The first six bytes of a section, and the running checksum after its length."""
    length_bytes = _LENGTH.pack(length)
    checksum = zlib.crc32(length_bytes, checksum)
    return length_bytes + _HALF.pack(checksum & 0xFFFF), checksum


def _view(name: str, data: bytes) -> memoryview:
    try:
        return memoryview(data).cast("B")
    except TypeError:
        raise InputError(name, type(data).__name__, "bytes") from None


def _parsed(view: memoryview) -> tuple[Contents, int, int]:
    """The contents, the running checksum and the number of bytes that were used."""
    kind, header, checksum, position = _parsed_start(view)
    sections, complete = [], False
    while not complete and len(view) - position >= _HEAD_SIZE:
        (length,) = _LENGTH.unpack_from(view, position)
        head, after_length = _head(length, checksum)
        start = position + _HEAD_SIZE
        if view[position:start] != head:
            raise _damaged(f"section {len(sections) + 1} at byte {position}", "a length")
        if length == _END:
            complete, checksum, position = True, after_length, start
            continue
        end = start + length + _CHECKSUM.size
        if end > len(view):
            break
        payload = view[start : start + length]
        checksum = zlib.crc32(payload, after_length)
        if view[start + length : end] != _CHECKSUM.pack(checksum):
            raise _damaged(f"section {len(sections) + 1} at byte {position}", "a payload")
        sections.append(payload.tobytes())
        position = end
    if complete and position < len(view):
        raise StreamError(
            f"byte {position}",
            f"{len(view) - position} bytes after the end marker",
            "nothing",
            "cut them off",
        )
    contents = Contents(kind, _VERSION, header, tuple(sections), complete)
    return contents, checksum, position


def _parsed_start(view: memoryview) -> tuple[str, dict[str, Any], int, int]:
    """Kind, header, the running checksum after them and where the sections start."""
    magic = bytes(view[: len(_MAGIC)])
    if not magic or not _MAGIC.startswith(magic):
        raise StreamError(
            "byte 0", magic or "no data", "a stream of rdtheory, which starts with RDTS"
        )
    if len(view) < _PREAMBLE.size:
        raise _too_short(view, f"at least {_PREAMBLE.size}")
    _, version, kind_bytes, length = _PREAMBLE.unpack_from(view)
    if version != _VERSION:
        raise StreamError(
            "version of stream at byte 4", version, f"{_VERSION}", "use the rdtheory that wrote it"
        )
    end = _PREAMBLE.size + length
    position = end + _CHECKSUM.size
    if len(view) < position:
        raise _too_short(view, f"at least {position}")
    checksum = zlib.crc32(view[:end])
    if view[end:position] != _CHECKSUM.pack(checksum):
        raise _damaged("header at byte 0", "a header")
    kind = kind_bytes.decode("latin-1").rstrip(" ")
    if not _KIND.fullmatch(kind):
        raise StreamError("kind of stream at byte 5", kind_bytes, "1 to 4 printable characters")
    return kind, _parsed_header(bytes(view[_PREAMBLE.size : end])), checksum, position


def _parsed_header(text: bytes) -> dict[str, Any]:
    """The header, if `text` is what `_json` writes for it.

    Comparing refuses at once repeated keys, NaN, numbers that overflow and two ways to write one
    header. A deep nest ends in RecursionError, an endless number in ValueError.
    """
    try:
        header = json.loads(text.decode())
        if _json(header) == text:
            return header
    except (ValueError, RecursionError):
        pass
    raise StreamError(
        f"header at byte {_PREAMBLE.size}", text, "an object in canonical JSON", "encode again"
    )


def _json(header: dict[str, Any]) -> bytes:
    """The header as canonical JSON; one header, one text."""
    try:
        text = json.dumps(
            header, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        if not isinstance(header, dict) or json.loads(text) != header:
            raise ValueError
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError):
        raise InputError(
            "header",
            f"a {type(header).__name__} that JSON does not keep as it is",
            "a dictionary of str keys, lists, finite numbers, texts, booleans and None",
        ) from None
    if len(encoded) > _LONGEST_HEADER:
        raise InputError(
            "header",
            f"{len(encoded)} bytes of JSON",
            f"at most {_LONGEST_HEADER}",
            "put arrays in sections",
        )
    return encoded


def _damaged(where: str, what: str) -> StreamError:
    return StreamError(
        where, f"{what} that its checksum denies", "undamaged bytes in their order", "fetch again"
    )


def _too_short(view: memoryview, least: str) -> StreamError:
    return StreamError("stream", f"{len(view)} bytes", f"{least}, the whole header", "fetch more")


def _with_line(line: str) -> StreamError:
    error = StreamError.__new__(StreamError)
    ValueError.__init__(error, line)
    return error
