"""Read arrays from .npz files that may come from anywhere: limits before memory, never a pickle. Write them too.

Does not know what the arrays mean.
"""

from __future__ import annotations

import errno
import io
import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

SLACK = 1 << 20  # bytes of headers and of small arrays, in addition to one large array


def read_arrays(path: Path, max_bytes: int, names: list[str] | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file.

    Args:
        path: the file.
        max_bytes: the limit on the size of the file and of each array, checked before memory is taken.
        names: the arrays to read, all of which must exist; None for all in the file.

    Raises:
        ValueError: it is not an .npz file, or an array is missing, damaged or over the limit; the message says which.
        OSError: the file cannot be opened.
    """
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file")
    if path.stat().st_size > max_bytes + SLACK:
        raise ValueError(f"it has {path.stat().st_size:,} bytes: the limit is {max_bytes:,}")
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [name.removesuffix(".npy") for name in archive.namelist()] if names is None else names
            return {name: _read_array(archive, name, max_bytes) for name in wanted}
    except ValueError:
        raise
    except OSError as error:
        if error.strerror:  # otherwise it comes from a decompressor
            raise
        raise ValueError(f"it is damaged ({error})") from error
    except Exception as error:  # zipfile, zlib and NumPy's header parser raise nearly anything on hostile bytes
        raise ValueError(f"it is not a readable .npz file ({' '.join(str(error).split())})") from error


def scalar_string(array: NDArray[Any] | None) -> str | None:
    """The text in an array that holds one short string; None for any other array."""
    if array is None or array.dtype.kind != "U" or array.size != 1 or array.dtype.itemsize > 1000:
        return None
    return array.astype(array.dtype.newbyteorder("<")).tobytes().decode("utf-32-le", "replace").rstrip("\0")


def write_arrays(arrays: dict[str, Any]) -> bytes:
    """The bytes of an .npz file; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _read_array(archive: zipfile.ZipFile, name: str, max_bytes: int) -> NDArray[Any]:
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise ValueError(f"it has no array {name!r}") from None
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError(f"array {name!r} is compressed in a way that NumPy does not use")
    with archive.open(member) as stream:
        if npy.read_magic(stream) != (1, 0):
            raise ValueError(f"array {name!r} is not in version 1.0 of the .npy format: save it again with NumPy")
        shape, by_columns, dtype = npy.read_array_header_1_0(stream)
        if dtype.hasobject or dtype.itemsize == 0 or min(shape, default=0) < 0:
            raise ValueError(f"array {name!r} holds {dtype} of shape {shape}: only plain numbers are read")
        count = math.prod(shape)
        if count * dtype.itemsize > max_bytes:
            raise ValueError(f"array {name!r} has shape {shape} of {dtype}: the limit is {max_bytes:,} bytes")
        array = np.empty(count, dtype)
        fill(stream, array, f"array {name!r}")
        return array.reshape(shape, order="F" if by_columns else "C")


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
