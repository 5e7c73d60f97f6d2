from __future__ import annotations

import threading

import pytest

from helpers.waiting import PATIENCE, wait_until
from tenfold.lab import run_queue
from tenfold.lab.run_queue import MAX_PAGES, MAX_WAITING, QueueFull, RunQueue, Superseded


def start(queue: RunQueue, page: str, serial: int, log: list[str], release: threading.Event) -> threading.Thread:
    """Wait for a turn in a thread and hold it until `release` is set; returns once the thread waits or has its turn."""

    def work() -> None:
        try:
            with queue.turn(page, serial):
                log.append(f"{page}{serial}")
                assert release.wait(PATIENCE)
        except Superseded:
            log.append(f"{page}{serial} superseded")

    logged, waiting = len(log), queue._waiting
    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: len(log) > logged or queue._waiting > waiting)
    return thread


def finish(threads: list[threading.Thread], release: threading.Event) -> None:
    release.set()
    for thread in threads:
        thread.join(PATIENCE)


def test_only_the_newest_waiting_request_of_a_page_runs() -> None:
    queue, log, release = RunQueue(), list[str](), threading.Event()
    threads = [start(queue, "a", serial, log, release) for serial in (1, 2, 3, 4)]
    wait_until(lambda: len(log) == 3)
    assert log == ["a1", "a2 superseded", "a3 superseded"]  # immediately, while the first still runs
    finish(threads, release)
    assert log[-1] == "a4"


def test_requests_of_different_pages_do_not_supersede_each_other() -> None:
    queue, log, release = RunQueue(), list[str](), threading.Event()
    threads = [start(queue, page, serial, log, release) for page, serial in (("a", 1), ("b", 9), ("c", 1))]
    finish(threads, release)
    assert sorted(log) == ["a1", "b9", "c1"]


def test_superseded_run_is_wanted_until_its_grace_period_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    queue, log, release = RunQueue(), list[str](), threading.Event()
    with queue.turn("a", 1) as is_wanted:
        newer = start(queue, "a", 2, log, release)
        monkeypatch.setattr(run_queue, "GRACE_SECONDS", 3600)
        assert is_wanted()
        monkeypatch.setattr(run_queue, "GRACE_SECONDS", 0)
        assert not is_wanted()
    finish([newer], release)
    assert log == ["a2"]


def test_failed_work_gives_its_turn_back() -> None:
    queue = RunQueue()
    with pytest.raises(ZeroDivisionError), queue.turn("a", 1):
        raise ZeroDivisionError
    with queue.turn("a", 2) as is_wanted:
        assert is_wanted()


def test_request_older_than_the_newest_of_its_page_is_superseded() -> None:
    queue = RunQueue()
    with queue.turn("a", 5):
        pass
    with pytest.raises(Superseded), queue.turn("a", 4):
        pass


def test_number_of_remembered_pages_is_limited() -> None:
    queue = RunQueue()
    for page in range(3 * MAX_PAGES):
        with queue.turn(str(page), 1):
            pass
    assert len(queue._newest) == MAX_PAGES


def test_request_beyond_the_waiting_limit_is_rejected() -> None:
    queue, log, release = RunQueue(), list[str](), threading.Event()
    threads = [start(queue, f"page {i}", 1, log, release) for i in range(1 + MAX_WAITING)]
    message = f"{MAX_WAITING} training runs are waiting"
    with pytest.raises(QueueFull, match=message), queue.turn("another", 1):
        pass
    finish(threads, release)
    assert len(log) == 1 + MAX_WAITING
    with queue.turn("another", 2) as is_wanted:
        assert is_wanted()
