from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tenfold
from helpers.misbehaving import cannot_start, crash_once, dies_at_once, misbehaving
from helpers.waiting import wait_until
from tenfold.worker_calls import LostCallError, WorkerCalls


@contextmanager
def started(setup: Callable[[], Callable[[Any], Any]], jobs: int = 1, seconds: float = 60) -> Iterator[WorkerCalls]:
    calls = WorkerCalls(setup, jobs, seconds)
    calls.start()
    try:
        yield calls
    finally:
        calls.close()


def test_calls_of_many_threads_are_answered_by_all_processes() -> None:
    with started(misbehaving, jobs=2) as calls, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(calls, range(200)))
    assert [task for task, _ in answers] == list(range(200))
    assert len({process for _, process in answers}) == 2


def test_a_crash_is_told_and_the_worker_replaced() -> None:
    with started(misbehaving) as calls:
        _, before = calls(1)
        with pytest.raises(LostCallError, match=r"^crashed its process \(SIGSEGV\)$") as lost:
            calls("crash")
        assert lost.value.crashed
        task, after = calls(2)
        assert (task, calls.replaced) == (2, 1)
        assert after != before


def test_a_hang_is_stopped_while_others_go_on() -> None:
    with started(misbehaving, jobs=2, seconds=1) as calls, ThreadPoolExecutor(1) as thread:
        hanging = thread.submit(calls, "hang")
        while not hanging.done():
            assert calls(1)[0] == 1
        with pytest.raises(LostCallError, match=r"^took more than 1 s and was stopped$"):
            hanging.result()
        assert calls.replaced == 1


def test_a_large_task_for_a_stopped_process_does_not_block_for_ever() -> None:
    with started(misbehaving, seconds=1) as calls:
        _, process = calls(1)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(LostCallError, match="took more than 1 s"):
            calls(bytes(2**24))
        assert calls(2)[0] == 2


def test_a_call_whose_process_is_killed_is_tried_again(tmp_path: Path) -> None:
    with started(crash_once) as calls:
        assert calls(tmp_path / "mark") == "mark"
        assert calls.replaced == 1


def test_an_idle_process_that_is_killed_is_replaced_before_the_next_call() -> None:
    with started(misbehaving) as calls:
        _, process = calls(1)
        os.kill(process, signal.SIGKILL)
        wait_until(lambda: calls.replaced == 1)
        assert calls(2)[0] == 2


def test_what_the_function_or_the_setup_raises_is_raised() -> None:
    with started(misbehaving) as calls:
        with pytest.raises(OSError, match="the task raised"):
            calls("raise")
        assert calls.replaced == 0
    with started(cannot_start) as calls, pytest.raises(tenfold.NetworkError, match="no network"):
        calls(1)
    with started(dies_at_once) as calls, pytest.raises(LostCallError, match=r"status 7"):
        calls(1)


def test_calls_after_the_end_fail_at_once() -> None:
    with started(misbehaving) as calls:
        pass
    with pytest.raises(LostCallError, match="stopped"):
        calls(1)
