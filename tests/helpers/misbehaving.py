"""What workers of the tests do: crash, hang, raise, or fail to start. Worker processes import it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tenfold
from tenfold.batch.page_reader import Outcome, Page, PageReader, Settings


def misbehaving() -> Callable[[Any], Any]:
    """What a worker of these tests does: crash, hang, raise, or return its task and its process."""

    def work(task: Any) -> Any:
        if task == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if task == "hang":
            time.sleep(3600)
        if task == "raise":
            raise OSError("the task raised")
        return task, os.getpid()

    return work


def crash_once() -> Callable[[Path], str]:
    def work(mark: Path) -> str:
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return mark.name

    return work


def cannot_start() -> Callable[[Any], Any]:
    raise tenfold.NetworkError("no network")


def dies_at_once() -> Callable[[Any], Any]:
    os._exit(7)


def misbehaving_pages() -> Callable[[Page], Outcome]:
    """A page reader that crashes or hangs at the file names that say so."""
    reader = PageReader(Settings("digits", False, 0.9))

    def read(page: Page) -> Outcome:
        if "crash" in page.source.path:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "hang" in page.source.path:
            time.sleep(3600)
        return reader(page)

    return read


class MisbehavingReader(tenfold.Reader):
    """Crashes or hangs at the pictures that say so, kills its process at the first that says so, or raises."""

    def __init__(self, mark: Path | None = None) -> None:
        super().__init__("article")
        self.mark = mark

    def read(self, picture: Any) -> tenfold.Reading:
        if picture == b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if picture == b"hang":
            time.sleep(3600)
        if picture == b"raise":
            raise RuntimeError("/secret")
        if picture == b"kill" and self.mark and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(b"P5 40 40 255\n" + b"\xf0" * 1600)
