from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tenfold
from helpers.misbehaving import cannot_start, crash_once, dies_at_once, misbehaving
from helpers.waiting import wait_until
from tenfold.parallel import Lost, WorkerPool, map_in_processes

KILLED = """
import time
from tenfold.parallel import map_in_processes

map_in_processes(time.sleep, [0, 3600, 3600, 3600, 3600], 5, lambda done, total: print(done, flush=True))
"""


def runs(process: str) -> bool:
    """True if a process exists and is not a zombie, which has ended but waits for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_results_are_in_the_order_of_the_tasks_and_progress_is_reported() -> None:
    heard: list[tuple[int, int]] = []
    assert map_in_processes(abs, [-3, 1, -2], 300, lambda *progress: heard.append(progress)) == [3, 1, 2]
    assert heard == [(100, 300), (200, 300), (300, 300)]


def test_a_crash_or_a_hang_loses_its_task_and_nothing_else() -> None:
    tasks = [0, "crash", 1, "hang", 2, 3]
    with WorkerPool(misbehaving, jobs=2, seconds=3) as pool:
        results = list(pool.in_order(iter(tasks)))
    assert [result[0] for result in results if not isinstance(result, Lost)] == [0, 1, 2, 3]
    assert [result for result in results if isinstance(result, Lost)] == [
        Lost("crashed its process (SIGSEGV)"),
        Lost("took more than 3 s and was stopped"),
    ]


def test_a_task_whose_process_is_killed_is_done_by_another(tmp_path: Path) -> None:
    with WorkerPool(crash_once, jobs=1) as pool:
        assert list(pool.in_order(iter([tmp_path / "a", tmp_path / "b"]))) == ["a", "b"]


def test_a_worker_that_is_killed_while_it_waits_is_replaced() -> None:
    def tasks() -> Iterator[int]:
        for number in range(20):
            if processes:
                os.kill(processes.pop(), signal.SIGKILL)
            yield number

    processes: set[int] = set()
    with WorkerPool(misbehaving, jobs=1) as pool:
        done = []
        for task, (_, process) in pool.as_done(tasks()):
            processes = {process}
            done.append(task)
    assert sorted(done) == list(range(20))


def test_tasks_are_drawn_only_as_results_are_taken() -> None:
    drawn = itertools.count()
    with WorkerPool(misbehaving, jobs=2) as pool:
        results = pool.in_order(drawn)
        assert [next(results)[0] for _ in range(10)] == list(range(10))
        assert next(drawn) < 10 + 2 * 8 + 2


def test_an_exception_of_a_task_is_raised_and_the_workers_end() -> None:
    with pytest.raises(OSError, match="the task raised"), WorkerPool(misbehaving, jobs=1) as pool:
        list(pool.in_order(iter(["raise"])))


def test_an_exception_in_starting_is_raised_once() -> None:
    with pytest.raises(tenfold.NetworkError, match="no network"), WorkerPool(cannot_start, jobs=2) as pool:
        list(pool.in_order(iter([1, 2, 3])))


def test_a_process_that_ends_while_it_starts_is_an_error_and_not_tried_for_ever() -> None:
    with pytest.raises(tenfold.TenfoldError, match="status 7"), WorkerPool(dies_at_once, jobs=2) as pool:
        list(pool.in_order(iter([1, 2, 3])))


def test_a_program_needs_no_guard_because_workers_do_not_run_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from tenfold.parallel import map_in_processes\nprint(map_in_processes(abs, [-1, 2], 2, None))")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.stderr) == ("[1, 2]\n", "")


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="only Linux lists the children of a process",
)
def test_a_killed_process_leaves_no_workers_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert workers
        process.kill()
    wait_until(lambda: not any(map(runs, workers)))
