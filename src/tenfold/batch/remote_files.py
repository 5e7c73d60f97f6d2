"""Files by address: s3://, gs://, file:// and whatever else pyarrow knows -> sources, stamps, local copies."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from tenfold.errors import PictureError
from tenfold.io.documents import MAX_BYTES

if TYPE_CHECKING:
    from pyarrow import fs

PIECE = 1 << 20  # bytes that are copied at a time


class Stamp(NamedTuple):
    """What tells whether a file has changed: its size, and when its content and its name or rights changed, in ns."""

    size: int
    modified: int
    changed: int


def is_address(name: str) -> bool:
    """True if a name is an address rather than a path."""
    return "://" in name


def public_name(address: str) -> str:
    """An address without the keys and options that it may hold; paths in it are not escaped."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], unquote(parts.path), "", ""))


def found_at(address: str) -> Iterator[tuple[str, Stamp]]:
    """The addresses of the files at an address, itself or all in and below it, by name; each with its stamp.

    Raises:
        PictureError: it cannot be reached, or nothing is there.
    """
    from pyarrow import fs

    files, path = file_system(address)
    with _reported(address):
        info = files.get_file_info(path)
        if info.type == fs.FileType.NotFound:
            raise PictureError(f"Nothing is at {public_name(address)}.")
        if info.is_file:
            yield address, _stamp(info)
            return
        entries = files.get_file_info(fs.FileSelector(path, recursive=True))
    parts = urlsplit(address)
    for entry in sorted(entries, key=lambda entry: str(entry.path)):
        if entry.is_file:
            # file systems name a bucket and a key as one path
            rest = "/" + quote(entry.path.removeprefix(parts.netloc.rpartition("@")[2]).lstrip("/"))
            yield urlunsplit((parts.scheme, parts.netloc, rest, parts.query, "")), _stamp(entry)


def stamp_at(address: str) -> Stamp | None:
    """The stamp of a file; None if it is not there."""
    files, path = file_system(address)
    with _reported(address):
        info = files.get_file_info(path)
    return _stamp(info) if info.is_file else None


def copied(address: str) -> tuple[BinaryIO, Stamp]:
    """A copy of a file, which vanishes when it is closed, and the stamp of the file.

    Raises:
        PictureError: it cannot be reached, or is over the limit for documents.
    """
    stamp = stamp_at(address)
    if stamp is None:
        raise PictureError(f"Nothing is at {public_name(address)}.")
    if stamp.size > MAX_BYTES:
        raise PictureError(f"The file has over {MAX_BYTES >> 20:,} MiB, the limit: split it.")
    files, path = file_system(address)
    copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    with _reported(address), files.open_input_stream(path) as stream:
        while piece := stream.read(PIECE):
            copy.write(piece)
    copy.seek(0)
    return copy, stamp


def _stamp(info: fs.FileInfo) -> Stamp:
    return Stamp(info.size, info.mtime_ns or 0, 0)


@lru_cache(maxsize=100)
def _connection(scheme: str, netloc: str, query: str) -> fs.FileSystem:
    from pyarrow import fs

    return fs.FileSystem.from_uri(urlunsplit((scheme, netloc, "/", query, "")))[0]


def file_system(address: str) -> tuple[Any, str]:
    """The file system of an address, and its path there.

    Raises:
        PictureError: there is none, or pyarrow is not installed.
    """
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"}:
        raise PictureError(f"{public_name(address)!r} is an address of the web, and tenfold fetches nothing there.")
    try:
        with _reported(address):
            files = _connection(parts.scheme, parts.netloc, parts.query)
    except ImportError as error:
        raise PictureError("An address needs pyarrow: pip install pyarrow.") from error
    bucket = parts.netloc.rpartition("@")[2]
    return files, f"{bucket}{unquote(parts.path)}" if bucket else unquote(parts.path)


@contextmanager
def _reported(address: str) -> Iterator[None]:
    """Turn the errors of file systems into one."""
    try:
        yield
    except (OSError, ValueError) as error:  # pyarrow's errors are children of these
        reason = " ".join(str(error).split())
        raise PictureError(f"{public_name(address)!r} cannot be reached ({reason}).") from error
