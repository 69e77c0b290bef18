"""Arrays and what is told of them in one safetensors file: written whole or not at all.

The file's only metadata entry, "rdtheory", is JSON:

    {"kind": ..., "version": 1, "crc32": ..., "told": {...}}

with the CRC-32 of kind, version, `told` and all names, types, shapes and bytes of tensors. So any
change is found, though safetensors itself has no checksum.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

from rdtheory.container import StreamError
from rdtheory.files import write_atomically

_VERSION = 1
_ENTRY = "rdtheory"
_LENGTH = struct.Struct("<Q")
_TYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "U32": np.uint32,
    "I8": np.int8,
    "U8": np.uint8,
    "U16": np.uint16,
}


@dataclass(frozen=True, eq=False)
class TensorFile:
    """What a file holds.

    Attributes:
        tensors: by name; read-only.
        told: what JSON can hold.
        crc32: of all of it.
    """

    tensors: dict[str, np.ndarray]
    told: dict[str, Any]
    crc32: int


def write_tensors(
    path: Path, kind: str, tensors: Mapping[str, np.ndarray], told: dict[str, Any]
) -> None:
    """Write a file, replacing one that is there in a single step: a kill leaves the old or the new.

    Raises:
        OSError: if it cannot be written.
    """
    whole = {
        name: np.ascontiguousarray(tensor).reshape(np.shape(tensor))
        for name, tensor in tensors.items()
    }
    entry = {"kind": kind, "version": _VERSION, "told": told}
    entry["crc32"] = _checksum(kind, told, whole)
    text = json.dumps(entry, sort_keys=True, allow_nan=False)
    write_atomically(path, safetensors.numpy.save(whole, {_ENTRY: text}))


def read_tensors(path: Path, kind: str, most_bytes: int) -> TensorFile:
    """What a file holds; memory a small multiple of its length, whatever it claims.

    Raises:
        StreamError: if it is damaged, too long, or of another kind or version.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    if size > most_bytes:
        raise StreamError(
            path.name, f"{size} bytes", f"a file of {kind} of at most {most_bytes} bytes"
        )
    data = path.read_bytes()
    try:
        tensors = {name: _array(one) for name, one in safetensors.deserialize(data)}
        entry = _entry(data)
    except Exception:  # a forged header can raise almost anything
        entry = None
    if not isinstance(entry, dict) or not entry.keys() == {"kind", "version", "told", "crc32"}:
        raise StreamError(path.name, "something else or damaged", f"a file of {kind} of rdtheory")
    if (entry["kind"], entry["version"]) != (kind, _VERSION):
        raise StreamError(
            path.name,
            f"{entry['kind']} of version {entry['version']}",
            f"{kind} of version {_VERSION}",
        )
    if entry["crc32"] != _checksum(kind, entry["told"], tensors):
        raise StreamError(path.name, "contents that their checksum denies", "an undamaged file")
    return TensorFile(tensors, entry["told"], entry["crc32"])


def _array(tensor: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(tensor["data"], _TYPES[tensor["dtype"]]).reshape(tensor["shape"])


def _entry(data: bytes) -> Any:
    (length,) = _LENGTH.unpack_from(data)
    header = json.loads(data[_LENGTH.size : _LENGTH.size + length])
    return json.loads(header["__metadata__"][_ENTRY])


def _checksum(kind: str, told: Any, tensors: Mapping[str, np.ndarray]) -> int:
    checksum = zlib.crc32(json.dumps([kind, _VERSION, told], sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        head = json.dumps([name, tensor.dtype.name, tensor.shape])
        checksum = zlib.crc32(head.encode(), checksum)
        checksum = zlib.crc32(tensor.tobytes(), checksum)
    return checksum
