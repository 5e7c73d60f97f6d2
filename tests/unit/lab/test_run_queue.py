from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpers.waiting import PATIENCE, wait_until
from tenfold.lab import run_queue
from tenfold.lab.run_queue import MAX_PAGES, MAX_WAITING, QueueFull, RunQueue, Superseded


class Runs:
    """Requests in threads, which log when they have their turn, and hold it until `finish`."""

    def __init__(self) -> None:
        self.queue, self.log = RunQueue(), list[str]()
        self._release, self._threads = threading.Event(), list[threading.Thread]()

    def start(self, page: str, serial: int) -> None:
        """Start a request; returns once it waits, has its turn, or is superseded."""
        entered = threading.Event()
        thread = threading.Thread(target=self._work, args=(page, serial, entered))
        self._threads.append(thread)
        logged, waiting = len(self.log), self.queue._waiting
        thread.start()
        assert entered.wait(PATIENCE)
        wait_until(lambda: len(self.log) > logged or self.queue._waiting > waiting)

    def _work(self, page: str, serial: int, entered: threading.Event) -> None:
        entered.set()
        try:
            with self.queue.turn(page, serial):
                self.log.append(f"{page}{serial}")
                assert self._release.wait(PATIENCE)
        except Superseded:
            self.log.append(f"{page}{serial} superseded")

    def finish(self) -> None:
        self._release.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.fixture
def runs() -> Iterator[Runs]:
    """Requests that end with the test, whether it passes or not."""
    runs = Runs()
    yield runs
    runs.finish()


def test_only_the_newest_waiting_request_of_a_page_runs(runs: Runs) -> None:
    for serial in (1, 2, 3, 4):
        runs.start("a", serial)
    wait_until(lambda: len(runs.log) == 3)
    assert runs.log[0] == "a1"
    assert sorted(runs.log[1:]) == ["a2 superseded", "a3 superseded"]  # immediately, while the first still runs
    runs.finish()
    assert runs.log[-1] == "a4"


def test_requests_of_different_pages_do_not_supersede_each_other(runs: Runs) -> None:
    for page, serial in (("a", 1), ("b", 9), ("c", 1)):
        runs.start(page, serial)
    runs.finish()
    assert sorted(runs.log) == ["a1", "b9", "c1"]


def test_superseded_run_is_wanted_until_its_grace_period_ends(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs.queue.turn("a", 1) as is_wanted:
        runs.start("a", 2)
        monkeypatch.setattr(run_queue, "GRACE_SECONDS", 3600)
        assert is_wanted()
        monkeypatch.setattr(run_queue, "GRACE_SECONDS", 0)
        assert not is_wanted()
    runs.finish()
    assert runs.log == ["a2"]


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


def test_request_beyond_the_waiting_limit_is_rejected(runs: Runs) -> None:
    for i in range(1 + MAX_WAITING):
        runs.start(f"page {i}", 1)
    message = f"{MAX_WAITING} training runs are waiting"
    with pytest.raises(QueueFull, match=message), runs.queue.turn("another", 1):
        pass
    runs.finish()
    assert len(runs.log) == 1 + MAX_WAITING
    with runs.queue.turn("another", 2) as is_wanted:
        assert is_wanted()
