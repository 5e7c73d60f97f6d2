"""One worker process: it starts without running the program again, answers tasks, and ends with its parent.

Its first message says that it is ready, or why it cannot be; then each task has one answer.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread
from types import ModuleType
from typing import Any, NamedTuple

Work = Callable[[Any], Any]
FOREVER = float("inf")  # the deadline of a worker that may take any time
KILLED = -9  # exit code of a process that was killed from outside, if need be for the memory of another one
TRIES = 2  # of a task whose process was killed
_starting = Lock()  # only one thread at a time may hide the program


class Failed(NamedTuple):
    """An exception on its way from a worker to the caller."""

    error: Exception


def start(setup: Callable[[], Work]) -> tuple[Any, Connection]:
    """Start a process that calls `setup` and then answers tasks; the process, and the pipe to it."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, setup), daemon=True)
    with _starting, _without_main():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the program from a process that is started: it would run it again, which every program had to expect."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(pipe: Connection, setup: Callable[[], Work]) -> None:
    """What a worker does, until its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent ends this one
    _exit_with_parent()
    try:
        import cv2

        cv2.setNumThreads(1)  # the other workers use the other processors
        work = setup()
    except Exception as error:  # noqa: BLE001 (raised again in the parent)
        pipe.send(Failed(error))
        return
    pipe.send(None)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(work, *_received(pipe)))


def _received(pipe: Connection) -> tuple[Any, Exception | None]:
    """The next task, or why it cannot be unpickled."""
    try:
        return pipe.recv(), None
    except (EOFError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 (raised again in the parent)
        return None, error


def _answer(work: Work, task: Any, problem: Exception | None) -> Any:
    if problem is not None:
        return Failed(problem)
    try:
        return work(task)
    except Exception as error:  # noqa: BLE001 (raised again in the parent)
        return Failed(error)


def _exit_with_parent() -> None:
    """Exit when the parent process dies; otherwise a task that never ends would outlive it."""

    def watch() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def ending(exitcode: int | None) -> str:
    """How a process ended, in words, by its exit code."""
    if exitcode is None or exitcode >= 0:
        return f"ended its process (status {exitcode})"
    with suppress(ValueError):
        return f"crashed its process ({signal.Signals(-exitcode).name})"
    return f"crashed its process (signal {-exitcode})"
