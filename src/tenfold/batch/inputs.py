"""What is to be read: files, folders, globs and lists of them -> sources, one after the other, in input order.

Folders are searched while the sources are drawn. Opens no picture.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from tenfold.batch.remote_files import Stamp, found_at, is_address, public_name
from tenfold.errors import DataError, PictureError

# What is read of a folder; a file that is named is read whatever its name.
SUFFIXES = tuple(
    f".{name}"
    for name in (
        *("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp", "avif", "jp2", "j2k"),
        *("ppm", "pgm", "pbm", "pnm", "tga", "heic", "heif", "pdf"),
    )
)
PEEKED = 4096  # bytes of a list in which a NUL says that it was made by find -print0


class Source(NamedTuple):
    """One file to read.

    Attributes:
        path: the file or address, as it was named or found; bytes that are not UTF-8 are surrogates, as in
            `os.fsdecode`.
        problem: None, or why there is nothing to read.
        content: the bytes of the file, if they are known.
        stamp: of a file at an address, as it was listed.
    """

    path: str
    problem: str | None = None
    content: bytes | None = None
    stamp: Stamp | None = None


def sources(
    inputs: Iterable[str | os.PathLike[str]], files_from: str | os.PathLike[str] | None = None
) -> Iterator[Source]:
    """The sources that inputs name, in their order; in a folder, by name.

    Args:
        inputs: files, folders, addresses of both such as s3://bucket/scans, and globs, in which `**` stands for any
            folders.
        files_from: a file with one file or folder a line, or separated by NUL; "-" is standard input.

    Raises:
        DataError: the list cannot be opened.
    """
    for name in inputs:
        yield from _sources_of(os.fspath(name), globs=True)
    if files_from is not None:
        with _opened(os.fspath(files_from)) as file:
            for name in _names(file):
                yield from _sources_of(name, globs=False)


def _sources_of(name: str, globs: bool) -> Iterator[Source]:
    if is_address(name):
        yield from _or_problem(name, _at_address(name), "The address has no pictures.")
    elif "\0" in name:
        yield Source(name, "The name holds a NUL: give the name of a file.")
    elif os.path.isdir(name):
        yield from _or_problem(name, _walk(name), "The folder holds no pictures.")
    elif globs and glob.has_magic(name) and not os.path.lexists(name):
        found = sorted(glob.iglob(name, recursive=True))
        yield from _or_problem(name, (source for path in found for source in _sources_of(path, False)), "Nothing fits.")
    else:
        yield Source(name)


def _or_problem(name: str, found: Iterator[Source], problem: str) -> Iterator[Source]:
    """The sources found, or one that says that there are none."""
    first = next(found, None)
    if first is None:
        yield Source(name, problem)
        return
    yield first
    yield from found


def _at_address(address: str) -> Iterator[Source]:
    try:
        for found, stamp in found_at(address):
            if found == address or public_name(found).lower().endswith(SUFFIXES):
                yield Source(found, stamp=stamp)
    except PictureError as error:
        yield Source(address, str(error))


def _walk(folder: str) -> Iterator[Source]:
    """The pictures in a folder and all below, each folder once, whatever links lead to it."""
    seen: set[tuple[int, int]] = set()
    waiting = [folder]  # the next one is the last
    while waiting:
        path = waiting.pop()
        if not os.path.isdir(path):
            yield Source(path)
            continue
        try:
            status = os.stat(path)
            names = [] if (status.st_dev, status.st_ino) in seen else sorted(os.listdir(path), reverse=True)
        except OSError as error:
            yield Source(path, f"The folder cannot be opened ({error.strerror}).")
            continue
        seen.add((status.st_dev, status.st_ino))
        found = (os.path.join(path, name) for name in names if not name.startswith("."))
        waiting += [one for one in found if one.lower().endswith(SUFFIXES) or os.path.isdir(one)]


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        if sys.stdin is None:
            raise DataError("standard input is closed: give a file that lists the pictures")
        yield sys.stdin.buffer
        return
    try:
        with open(name, "rb") as file:
            yield file
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise DataError(f"the list {name!r} cannot be read ({error}): give a file with one name a line") from error


def _names(file: IO[bytes]) -> Iterator[str]:
    start = file.readline(PEEKED)
    if b"\0" in start:
        yield from (os.fsdecode(name) for name in (start + file.read()).split(b"\0") if name)
        return
    rest = start if start.endswith(b"\n") else start + file.readline()
    while rest:
        if name := rest.rstrip(b"\r\n"):
            yield os.fsdecode(name)
        rest = file.readline()
