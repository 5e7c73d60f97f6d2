"""Calls of one function in worker processes, from many threads: each call waits for its own answer.

`parallel.WorkerPool` draws tasks from one iterator; here they come from anywhere, at any time. A worker that crashes or
takes too long is replaced, and only the call that it was busy with fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Condition, Event, Lock, Thread
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.worker_process import FOREVER, KILLED, TRIES, Failed, Work, ending, start

WATCH_SECONDS = 0.2  # between two looks at the workers' deadlines
STOPPED = "was not finished when the workers were stopped"


class LostCallError(TenfoldError):
    """A call that has no answer, because its process crashed, was killed, or took too long.

    Attributes:
        crashed: True if the process crashed; another try would crash another one.
    """

    def __init__(self, reason: str, crashed: bool = False) -> None:
        super().__init__(reason)
        self.crashed = crashed


@dataclass(eq=False)
class _Worker:
    process: Any
    pipe: Connection
    ready: bool = False
    problem: Failed | None = None  # why it cannot be ready
    deadline: float = FOREVER
    late: bool = False


class WorkerCalls:
    """Processes that call one function whenever a thread asks for it.

    Args:
        setup: called once in each process, without arguments; returns the function. Both must be importable.
        jobs: how many processes.
        seconds: how long one call may take.
    """

    def __init__(self, setup: Callable[[], Work], jobs: int, seconds: float) -> None:
        self.jobs, self.seconds = jobs, seconds
        self.replaced = 0
        self._setup = setup
        self._changed = Condition()
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._closed = Event()
        self._start_lock = Lock()
        self._started = False

    @property
    def ready(self) -> bool:
        """True if a process can answer."""
        return any(worker.ready for worker in self._workers)

    def start(self) -> None:
        """Start the processes, unless that is done; the first call does so, too."""
        with self._start_lock:
            if self._started or self._closed.is_set():
                return
            self._started = True
        for _ in range(self.jobs):
            self._add()
        Thread(target=self._watch, name="tenfold-watch", daemon=True).start()

    def close(self) -> None:
        """Stop the processes. Calls that wait for an answer fail."""
        self._closed.set()
        with self._changed:
            workers = self._workers[:]
            self._changed.notify_all()
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()

    def __call__(self, task: Any) -> Any:
        """The function's result for a task, once a process is free and has computed it.

        Raises:
            LostCallError: the process crashed, was killed twice, or took longer than `seconds`.
            Exception: what the function raised, or the setup.
        """
        self.start()
        for tries_left in reversed(range(TRIES)):
            worker = self._take()
            try:
                result = self._ask(worker, task)
            except (EOFError, OSError):
                lost = self._replace(worker)
                if lost is None and tries_left:  # killed from outside: the task is not to blame
                    continue
                raise lost or LostCallError("was killed twice, perhaps for want of memory") from None
            if worker.ready and not worker.late:
                self._release(worker)
            else:
                self._replace(worker)
            if isinstance(result, Failed):
                raise result.error
            return result
        raise AssertionError("the last try returns or raises")

    def _ask(self, worker: _Worker, task: Any) -> Any:
        if not worker.ready and worker.problem is None:
            self._hear(worker)
        if worker.problem is not None:
            return worker.problem
        worker.deadline = time.monotonic() + self.seconds
        worker.pipe.send(task)
        result = worker.pipe.recv()
        with self._changed:
            worker.deadline = FOREVER
        return result

    @staticmethod
    def _hear(worker: _Worker) -> None:
        """Receive the first message: the worker is ready, or cannot be."""
        worker.problem = worker.pipe.recv()
        worker.ready = worker.problem is None

    def _add(self) -> None:
        worker = _Worker(*start(self._setup))
        with self._changed:
            self._workers.append(worker)
            self._idle.append(worker)
            self._changed.notify()

    def _take(self) -> _Worker:
        """An idle worker, if possible one that is ready."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._closed.is_set())
            if self._closed.is_set():
                raise LostCallError(STOPPED)
            worker = next((worker for worker in reversed(self._idle) if worker.ready), self._idle[-1])
            self._idle.remove(worker)
            return worker

    def _release(self, worker: _Worker) -> None:
        with self._changed:
            self._idle.append(worker)
            self._changed.notify()

    def _replace(self, worker: _Worker) -> LostCallError | None:
        """Start a worker in place of another; what became of its call, or None if it was killed from outside."""
        worker.process.join(1)
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        with self._changed:
            self._workers.remove(worker)
            if self._closed.is_set():
                return LostCallError(STOPPED)
            self.replaced += 1
        self._add()
        if worker.late:
            return LostCallError(f"took more than {self.seconds:g} s and was stopped")
        if worker.process.exitcode == KILLED:
            return None
        return LostCallError(ending(worker.process.exitcode), crashed=True)

    def _watch(self) -> None:
        """Kill late workers, whose calls then read the end of their pipe. Replace idle workers that have ended."""
        while not self._closed.wait(WATCH_SECONDS):
            ended: list[_Worker] = []
            with self._changed:
                for worker in self._workers:
                    if worker.deadline < time.monotonic():
                        worker.late = True
                        worker.process.kill()
                for worker in self._idle[:]:
                    if not worker.ready and worker.problem is None and worker.pipe.poll():
                        with suppress(EOFError, OSError):  # its next call will find out
                            self._hear(worker)
                    if worker.ready and not worker.process.is_alive():
                        self._idle.remove(worker)
                        ended.append(worker)
            for worker in ended:
                self._replace(worker)
