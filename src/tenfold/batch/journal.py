"""The journal of a run: rows as they arrive, in a file beside the results, so that a killed run can go on.

A line is a page with its rows, or a document with the number of its pages. A line that was cut off by a crash is
dropped. Nothing here depends on the order in which lines arrive.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tenfold.batch.page_reader import Outcome, Page, stamp_of
from tenfold.batch.records import Record, shown
from tenfold.batch.remote_files import Stamp
from tenfold.batch.results import record_of
from tenfold.errors import OutputError

VERSION = 1  # of the lines; a journal of another version is not continued
Key = tuple[str, int | None]  # path and page


class Journal:
    """A journal that this process alone writes, until it is closed or the process ends.

    Args:
        path: the file.
        identity: what must be the same to continue: the settings, and what reads.
        resume: keep what an earlier run has written.

    Raises:
        OutputError: the file cannot be written, another run writes it, an earlier run is not to be resumed but not to
            be overwritten either, or it had another identity.
    """

    def __init__(self, path: Path, identity: dict[str, Any], resume: bool) -> None:
        self.path = path
        try:
            self._file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)  # noqa: SIM115
        except (OSError, ValueError) as error:
            raise self._unwritable(error) from error
        self._written: IO[bytes] = open(path, "rb")  # noqa: SIM115 (both stay open as long as the journal)
        try:
            self._lock()
            self._lines: dict[Key, int] = {}  # where the last line of each page starts
            self._end = 0
            header = json.dumps({"version": VERSION} | identity).encode() + b"\n"
            found = self._written.readline()
            if resume and found.endswith(b"\n"):
                if found != header:
                    raise OutputError(
                        f"the interrupted run of {str(path)!r} had other settings, networks or another version: give "
                        "the same, or start again with --force"
                    )
                self._load()
            else:
                self._truncate(0)
                self._append(header)
        except BaseException:
            self._close()
            raise

    def find(self, page: Page) -> Outcome | None:
        """What an earlier run found on a page; None if it did not come to it, failed, or the file has changed."""
        if (start := self._lines.get(_key(page))) is None:
            return None
        outcome = self._read(start)
        failed = any(record.failed for record in outcome.records)
        stamp = page.stamp or stamp_of(page.source)
        return None if failed or page.source.problem or outcome.stamp != stamp else outcome

    def add(self, page: Page, outcome: Outcome) -> int:
        """Write what was found on a page; returns where, for `records`.

        Raises:
            OutputError: it cannot be written; what was written before is kept.
        """
        entry: dict[str, Any] = {"path": shown(page.source.path), "page": page.number} | outcome._asdict()
        entry["records"] = [record.as_dict() for record in outcome.records]
        self._lines[_key(page)] = self._append(json.dumps(entry).encode() + b"\n")
        return self._lines[_key(page)]

    def place(self, page: Page) -> int:
        """Where the rows of a page that was found are, for `records`."""
        return self._lines[_key(page)]

    def records(self, places: Iterator[int]) -> Iterator[Record]:
        """The rows at places, one after the other."""
        for place in places:
            yield from self._read(place).records

    def close(self, remove: bool) -> None:
        """End the run; its journal is removed if the results are complete."""
        if remove and os.name != "nt":
            self.path.unlink(missing_ok=True)  # before another run may lock it
        self._close()
        if remove:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        self._file.close()
        self._written.close()

    def _lock(self) -> None:
        try:
            try:
                import fcntl
            except ImportError:  # Windows
                import msvcrt

                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            else:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._file.fileno()), os.stat(self.path)):
                raise FileNotFoundError  # a run that has just ended removed it
        except OSError as error:
            raise OutputError(
                f"another run writes {str(self.path)!r}: wait for it, or choose another name for the results"
            ) from error

    def _load(self) -> None:
        """Find the lines of an earlier run, and cut off an incomplete one."""
        start = self._written.tell()
        for line in self._written:
            entry = _parsed(line)
            if entry is None:
                break
            self._lines[(entry["path"], entry["page"])] = start
            start += len(line)
        self._truncate(start)

    def _read(self, start: int) -> Outcome:
        self._written.seek(start)
        entry = json.loads(self._written.readline())
        records = [record_of(row) for row in entry["records"]]
        stamp = None if entry["stamp"] is None else Stamp(*entry["stamp"])
        return Outcome(records, stamp, entry["sha256"], entry["pages"])

    def _append(self, line: bytes) -> int:
        start = self._end
        try:
            self._file.seek(start)
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._truncate(start)
            raise self._unwritable(error) from error
        self._end += len(line)
        return start

    def _truncate(self, size: int) -> None:
        self._file.seek(size)
        self._file.truncate()
        self._end = size
        self._written.close()
        self._written = open(self.path, "rb")  # noqa: SIM115 (the other one has buffered what is cut off)

    def _unwritable(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or error
        return OutputError(
            f"{str(self.path)!r} cannot be written ({reason}): make room or choose another folder; --resume goes on "
            "where it stopped"
        )


def _key(page: Page) -> Key:
    return shown(page.source.path), page.number


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The content of a line; None if it is incomplete."""
    if not line.endswith(b"\n"):
        return None
    with contextlib.suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry, dict) and {"path", "page", "records", "stamp"} <= entry.keys():
            return entry
    return None
