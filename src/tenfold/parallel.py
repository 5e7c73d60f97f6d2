"""Worker processes: tasks out, results back. Workers end with their parent. Does not know what is computed.

A worker that crashes or takes too long is replaced: its task is lost, and nothing else. Pools of libraries end, or wait
forever, when a worker is killed from outside; here each worker has a pipe of its own, and no lock is shared.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tenfold.errors import TenfoldError
from tenfold.worker_process import FOREVER, KILLED, TRIES, Failed, Work, ending, start

if TYPE_CHECKING:
    import numpy as np

Result = TypeVar("Result")
AHEAD = 2  # tasks for each worker that may be drawn and not yet done
EARLY = 8  # results for each worker that may wait for those before them


class Lost(NamedTuple):
    """Stands for the result of a task whose process ended or was stopped.

    Attributes:
        reason: what happened, such as "crashed its process (SIGSEGV)".
    """

    reason: str


@dataclass(eq=False)
class _Job:
    place: int
    task: Any
    tries: int = 0


@dataclass(eq=False)
class _Worker:
    process: Any
    pipe: Connection
    ready: bool = False
    job: _Job | None = None
    deadline: float = FOREVER


class WorkerPool:
    """Processes that call one function on many tasks. Processes start when there is work for them.

    Args:
        setup: called once in each process, without arguments; returns the function. Both must be importable.
        jobs: how many processes; None for one a processor.
        seconds: how long one task may take; None for no limit.
    """

    def __init__(self, setup: Callable[[], Work], jobs: int | None = None, seconds: float | None = None) -> None:
        self.jobs = jobs or available_processors()
        self._setup, self._seconds = setup, seconds
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._taken = 0  # results that the caller has

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()

    def as_done(self, tasks: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
        """Each task with its result, or with a `Lost`, in the order in which they are done.

        Tasks are drawn when they are needed, so the iterator may be endless, and may depend on earlier results.

        Raises:
            TenfoldError: the processes cannot start.
            Exception: what the function raised, for the first task for which it did.
        """
        for job, result in self._run(tasks, AHEAD):
            self._taken += 1
            yield job.task, result

    def in_order(self, tasks: Iterator[Any]) -> Iterator[Any]:
        """The results, each a `Lost` if there is none, in the order of the tasks; as `as_done` otherwise."""
        early: dict[int, Any] = {}
        for job, result in self._run(tasks, EARLY):
            early[job.place] = result
            while self._taken in early:
                self._taken += 1
                yield early.pop(self._taken - 1)

    def _run(self, tasks: Iterator[Any], ahead: int) -> Iterator[tuple[_Job, Any]]:
        """Each job with its result; so many tasks a worker are drawn before their results are taken."""
        drawn = done = self._taken = 0
        while True:
            while drawn - self._taken < self.jobs * ahead:
                try:
                    self._waiting.append(_Job(drawn, next(tasks)))
                except StopIteration:
                    break
                drawn += 1
                self._hand_out()
            if drawn == done:
                return
            for job, result in self._collect():
                done += 1
                if isinstance(result, Failed):
                    raise result.error
                yield job, result

    def _hand_out(self) -> None:
        for worker in list(self._workers):
            if self._waiting and worker.ready and worker.job is None:
                self._give(worker, self._waiting.popleft())
        starting = sum(not worker.ready for worker in self._workers)
        if len(self._waiting) > starting and len(self._workers) < self.jobs:
            self._workers.append(_Worker(*start(self._setup)))

    def _give(self, worker: _Worker, job: _Job) -> None:
        worker.job = job
        worker.deadline = time.monotonic() + self._seconds if self._seconds else FOREVER
        job.tries += 1
        with suppress(OSError):  # its process has just ended, as its pipe will tell
            worker.pipe.send(job.task)

    def _collect(self) -> list[tuple[_Job, Any]]:
        """Wait until a worker has something to tell, or has used up its time; the jobs that are done."""
        soonest = min(worker.deadline for worker in self._workers)
        told = wait(
            [worker.pipe for worker in self._workers],
            None if soonest == FOREVER else max(0.0, soonest - time.monotonic()),
        )
        done: list[tuple[_Job, Any]] = []
        for worker in list(self._workers):
            if worker.pipe in told:
                done += self._hear(worker)
            elif worker.job is not None and worker.deadline <= time.monotonic():
                self._dismiss(worker, seconds=0)
                done.append((worker.job, Lost(f"took more than {self._seconds:g} s and was stopped")))
        self._hand_out()
        return done

    def _hear(self, worker: _Worker) -> list[tuple[_Job, Any]]:
        job = worker.job
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if job is None:  # the first message: it is ready, or cannot be
            if isinstance(message, Failed):
                raise message.error from None
            worker.ready = True
            return []
        worker.job, worker.deadline = None, FOREVER
        return [(job, message)]

    def _bury(self, worker: _Worker) -> list[tuple[_Job, Any]]:
        """Remove a worker whose process has ended. Its job is lost, unless it was killed for the first time."""
        ending = self._dismiss(worker, seconds=1)
        if not worker.ready:
            raise TenfoldError(f"a worker process {ending} while it started: is there enough memory?")
        if worker.job is None:
            return []
        if worker.process.exitcode != KILLED or worker.job.tries >= TRIES:
            return [(worker.job, Lost(ending))]
        self._waiting.appendleft(worker.job)
        return []

    def _dismiss(self, worker: _Worker, seconds: float) -> str:
        """End a worker's process, if it does not end by itself; how it ended, in words."""
        worker.process.join(seconds)
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)
        return ending(worker.process.exitcode)


def map_in_processes(
    work: Callable[[Any], Result], tasks: list[Any], total: int, callback: Callable[[int, int], None] | None
) -> list[Result]:
    """Compute the results of all tasks, in order, on all processors.

    Args:
        work: a function defined at the top of a module, so that workers can import it.
        tasks: the arguments of its calls; they should take about equally long.
        total: the total that the callback is given.
        callback: called with the amount done and the total.

    Raises:
        TenfoldError: a process was killed.
    """
    blocks: list[Result] = []
    with WorkerPool(partial(_same, work)) as pool:
        for block in pool.in_order(iter(tasks)):
            if isinstance(block, Lost):
                raise TenfoldError(f"a task {block.reason}: is there enough memory?")
            blocks.append(block)
            if callback is not None:
                callback(round(total * len(blocks) / len(tasks)), total)
    return blocks


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_rng(seed: tuple[int, int, int]) -> np.random.Generator:
    """The seeded random generator of one worker task."""
    import numpy as np

    return np.random.default_rng(seed)


def _same(work: Work) -> Work:
    return work
