"""Boxes of the ISO base media file format (ISO/IEC 14496-12), in which AVIF and HEIC files come.

A box is a length that counts itself, a name of four letters, and bytes; length 1 announces a length
of eight bytes behind the name, length 0 a box up to the end of the file.
"""

from collections.abc import Iterator

from rdtheory.container import StreamError


def brands(data: bytes) -> set[bytes]:
    """What a file says that it is; empty if it is no file of boxes, or its start is cut off.

    >>> sorted(brands(bytes([0, 0, 0, 20]) + b"ftypheic" + bytes(4) + b"mif1"))
    [b'heic', b'mif1']
    """
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= len(data):
        return set()
    return {data[8:12]} | {data[at : at + 4] for at in range(16, size, 4)}


def media_data_bytes(data: bytes) -> int:
    """Bytes of the coded pictures: what the boxes "mdat" hold.

    Raises:
        StreamError: if the file does not start with its brands, or a box does not fit into it.

    >>> start = bytes([0, 0, 0, 16]) + b"ftypheic" + bytes(4)
    >>> media_data_bytes(start + bytes([0, 0, 0, 11]) + b"mdat" + b"abc")
    3
    """
    if not brands(data):
        raise StreamError("byte 0", data[:12], "a box ftyp, the start of an AVIF or HEIC file")
    return sum(size for name, size in _boxes(data) if name == b"mdat")


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and length of the bytes of each box of the outermost level."""
    position = 0
    while position < len(data):
        head, size = 8, int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            head, size = 16, int.from_bytes(data[position + 8 : position + 16], "big")
        elif size == 0:
            size = len(data) - position
        if not head <= size <= len(data) - position:
            raise StreamError(
                f"box at byte {position}", f"{size} bytes", "what follows", "fetch it again"
            )
        yield data[position + 4 : position + 8], size - head
        position += size
