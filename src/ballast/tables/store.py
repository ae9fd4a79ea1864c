"""A built network in one file, mapped into memory when it is read; docs/explanation/network.md says how it is laid out.

The file has the layout of safetensors, so other programs can read its arrays: eight bytes with the length of the
header, the header as JSON, then the arrays one after the other.
"""

import json
import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import refuse
from ballast.core.network import Network, NetworkError, arrays_of, network_of
from ballast.core.network.seal import sealed

__all__ = ["load_network", "map_arrays", "save_arrays", "save_network"]

_FORMAT, _VERSION = "ballast-network", "1"
_TYPES = {"F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
# Arrays begin on a line of the processor's memory, the widest numbers first, so that every number is aligned.
_LINE = 64
_LONGEST_HEADER = 100_000
_SAVE_AGAIN = "Save the network again"


def save_network(network: Network, path: Path | str) -> Path:
    """Write the network to a file; the same network gives the same bytes.

    The file is complete before it takes the place of an older one. Raises OSError when it cannot be written.
    """
    return save_arrays(path, arrays_of(network), form=_FORMAT, digest=network.digest)


def save_arrays(path: Path | str, arrays: Mapping[str, NDArray[Any]], *, form: str, digest: str) -> Path:
    """Write one-dimensional arrays to a file of this form, complete before it takes the place of an older one.

    Raises OSError when it cannot be written.
    """
    path = Path(path)
    arrays = dict(sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0])))
    head = _header(arrays, form, digest)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as beside:
        made = Path(beside) / path.name
        with made.open("wb") as file:
            file.write(head)
            for values in arrays.values():
                file.write(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    return path


def load_network(path: Path | str, *, verify: bool = False) -> Network:
    """The network of a file, read-only and mapped into memory: what a question does not touch is hardly read.

    That every index points to a row is checked; with `verify`, the content against its digest as well.
    NetworkError when there is no such file, or it is none of ours, cut off or damaged.
    """
    path = Path(path)
    try:
        digest, arrays = map_arrays(path, form=_FORMAT)
        network = network_of(arrays, digest)
    except FileNotFoundError:
        msg = f"{path}: there is no such file. Save a network there first."
        raise NetworkError(msg) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Give the file of a saved network."
        raise NetworkError(msg) from error
    except NetworkError as error:
        msg = f"{path}: {error}"
        raise NetworkError(msg) from None
    if verify and sealed(network) != digest:
        refuse(str(path), "its content", "is not what was saved", "Save the network again")
    return network


def map_arrays(path: Path, *, form: str) -> tuple[str, dict[str, NDArray[Any]]]:
    """The digest and the arrays of a file of this form, mapped into memory.

    OSError when it cannot be read, NetworkError when it is of no such form, cut off or damaged.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        head = _head(file.read(8 + _LONGEST_HEADER), form)
        # Stays mapped as long as one of the arrays is in use.
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + head.length
    arrays = {}
    for name, (dtype, first, last) in head.entries.items():
        if start + last > size:
            refuse("file", f"{size:,} bytes", f"are fewer than the {start + last:,} that its header names", _SAVE_AGAIN)
        count = (last - first) // dtype.itemsize
        arrays[name] = np.frombuffer(whole, dtype=dtype, count=count, offset=start + first)
    return head.digest, arrays


class _Entry(NamedTuple):
    """Where an array stands, in bytes after the header."""

    dtype: np.dtype[Any]
    first: int
    last: int


@dataclass(frozen=True)
class _Head:
    length: int
    digest: str
    entries: dict[str, _Entry]


def _head(raw: bytes, form: str) -> _Head:
    """The header of a file from its first bytes."""
    length = int.from_bytes(raw[:8], "little")
    try:
        entries = json.loads(raw[8 : 8 + length])
        about = entries.pop("__metadata__")
        known = about["format"] == form and 8 + length <= len(raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        known = False
    if not known:
        refuse("file", "what stands there", "is no saved network", "Give a file that was saved as a network")
    if about["version"] != _VERSION:
        shown = f"form {about['version']}"
        refuse("file", shown, f"is not form {_VERSION}, which this program reads", "Save the network with this program")
    try:
        return _Head(length, str(about["digest"]), {name: _entry(**entry) for name, entry in entries.items()})
    except (ValueError, TypeError, KeyError):
        refuse("file", "its header", "is damaged", _SAVE_AGAIN)


def _entry(*, dtype: str, shape: Sequence[int], data_offsets: Sequence[int]) -> _Entry:
    """An entry of the header; ValueError when its numbers do not agree."""
    kind, (rows,), (first, last) = np.dtype(_TYPES[dtype]), shape, data_offsets
    if not 0 <= first <= last or last - first != rows * kind.itemsize or first % kind.itemsize:
        raise ValueError(data_offsets)
    return _Entry(kind, first, last)


def _header(arrays: Mapping[str, NDArray[Any]], form: str, digest: str) -> bytes:
    """Length and header, filled up with spaces to a whole number of lines."""
    entries: dict[str, object] = {"__metadata__": {"format": form, "version": _VERSION, "digest": digest}}
    start = 0
    for name, values in arrays.items():
        kind = _NAMES[values.dtype]
        entries[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [start, start + values.nbytes]}
        start += values.nbytes
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _LINE)
    return len(text).to_bytes(8, "little") + text
