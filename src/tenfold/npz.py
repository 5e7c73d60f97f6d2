"""Arrays out of .npz files that may come from anywhere: limits before memory, never a pickle.

Knows the format. Does not know what the arrays mean.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


def read_arrays(path: Path, names: list[str], max_bytes: int) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file.

    Args:
        path: the file.
        names: of the arrays, all of which must be there; others are passed over.
        max_bytes: limit on the size of each array, checked before memory is taken.

    Raises:
        ValueError: it is no .npz file, an array is missing, damaged or over the limit; the message says which.
        OSError: it cannot be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _read_array(archive, name, max_bytes) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is no readable .npz file ({error})") from error


def write_arrays(arrays: dict[str, Any]) -> bytes:
    """The bytes of an .npz file; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _read_array(archive: zipfile.ZipFile, name: str, max_bytes: int) -> NDArray[Any]:
    try:
        member = archive.open(f"{name}.npy")
    except KeyError:
        raise ValueError(f"it holds no array {name!r}") from None
    with member as stream:
        shape, by_columns, dtype = _header(stream, name)
        count = math.prod(shape)
        if dtype.hasobject or dtype.itemsize == 0:
            raise ValueError(f"array {name!r} holds {dtype}: only plain numbers are read")
        if count * dtype.itemsize > max_bytes:
            raise ValueError(f"array {name!r} has shape {shape} of {dtype}: the limit is {max_bytes:,} bytes")
        array = np.empty(count, dtype)
        fill(stream, array, f"array {name!r}")
        return array.reshape(shape, order="F" if by_columns else "C")


def _header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"array {name!r} is in version {version} of the .npy format: save it again with NumPy")
    shape, by_columns, dtype = read(stream)
    if any(length < 0 for length in shape):
        raise ValueError(f"array {name!r} has shape {shape}")
    return shape, by_columns, dtype


def fill(stream: IO[bytes], array: NDArray[Any], name: str) -> None:
    """Fill an array with exactly the bytes that a stream still holds.

    Raises:
        ValueError: the stream holds fewer bytes or more.
    """
    room = array.reshape(-1).view(np.uint8).data
    filled = 0
    while filled < len(room):
        data = stream.read(min(len(room) - filled, 1 << 20))
        if not data:
            raise ValueError(f"{name} ends after {filled:,} of {len(room):,} bytes: the file is incomplete")
        room[filled : filled + len(data)] = data
        filled += len(data)
    if stream.read(1):
        raise ValueError(f"{name} holds more than the {len(room):,} bytes that its header promises")
