"""Write a file whole or not at all. Does not know what is in it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import OutputError


def write_whole(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`; a crash at any moment leaves the old file or the new one.

    Raises:
        OutputError: the folder does not exist or cannot be written, or something other than a file is at `path`.
    """
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write to, which becomes `path` at the end of the `with` block, and vanishes if that raises.

    Raises:
        OutputError: as in `write_whole`.
    """
    target = Path(path)
    draft = target.with_name(f".tenfold-{secrets.token_hex(8)}")
    try:
        if target.exists() and not target.is_file():
            raise OutputError(f"{str(target)!r} is not an ordinary file: choose another name")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with open(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unwritable(target, error) from error


def check_output(path: Path) -> None:
    """Raise OutputError if a result could not be written, before the work for it is done."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"{str(path)!r} cannot be written: there is no folder {str(folder)!r}; make it first")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{str(path)!r} cannot be written: folder {str(folder)!r} is read-only; choose another")


def _unwritable(target: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or error
    return OutputError(f"{str(target)!r} cannot be written ({reason}): choose a folder that exists and is writable")
