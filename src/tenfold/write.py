"""A file is written whole or not at all. Knows nothing of what is in it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from tenfold.errors import OutputError


def write_whole(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`; a crash at any moment leaves the old file or the new one.

    Raises:
        OutputError: the folder does not exist or cannot be written.
    """
    target = Path(path)
    try:
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except (OSError, ValueError) as error:
        raise _refused(target, error) from error
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o666 & ~_umask())
        os.replace(draft, target)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)


def refuse_to_overwrite(path: str | Path, force: bool) -> None:
    """Raise OutputError if something is at `path` already, unless `force`."""
    if not force and os.path.lexists(path):
        raise OutputError(f"{os.fspath(path)!r} exists already: choose another name, or overwrite it with --force")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refused(target: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or error
    return OutputError(f"{str(target)!r} cannot be written ({reason}): choose a folder that exists and is writable")
