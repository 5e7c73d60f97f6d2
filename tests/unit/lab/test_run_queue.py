from __future__ import annotations

import threading
import time

import pytest

from tenfold.lab.run_queue import GRACE_SECONDS, MAX_PAGES, MAX_WAITING, QueueFull, RunQueue, Superseded

pytestmark = pytest.mark.slow  # which request waits depends on time


def start(turns: RunQueue, page: str, number: int, log: list[str], hold: threading.Event) -> threading.Thread:
    """Take a turn in a thread of its own, and keep it until `hold` is set."""

    def work() -> None:
        try:
            with turns.turn(page, number):
                log.append(f"{page}{number}")
                hold.wait(30)
        except Superseded:
            log.append(f"{page}{number} dropped")

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.1)  # the thread takes its turn, or waits for it
    return thread


def test_of_the_requests_that_wait_only_the_newest_of_a_page_runs() -> None:
    turns, log, hold = RunQueue(), list[str](), threading.Event()
    threads = [start(turns, "a", number, log, hold) for number in (1, 2, 3, 4)]
    assert log == ["a1", "a2 dropped", "a3 dropped"]  # dropped at once, while the first still runs
    hold.set()
    for thread in threads:
        thread.join(5)
    assert log[-1] == "a4"


def test_pages_do_not_overtake_each_other() -> None:
    turns, log, hold = RunQueue(), list[str](), threading.Event()
    threads = [start(turns, "a", 1, log, hold), start(turns, "b", 9, log, hold), start(turns, "c", 1, log, hold)]
    hold.set()
    for thread in threads:
        thread.join(5)
    assert sorted(log) == ["a1", "b9", "c1"]


def test_what_runs_is_finished_if_it_is_quick_and_given_up_if_it_is_not() -> None:
    turns, log, hold = RunQueue(), list[str](), threading.Event()
    with turns.turn("a", 1) as wanted:
        later = start(turns, "a", 2, log, hold)
        assert wanted()
        time.sleep(GRACE_SECONDS)
        assert not wanted()
    hold.set()
    later.join(5)
    assert log == ["a2"]


def test_a_turn_is_given_on_where_its_work_fails() -> None:
    turns = RunQueue()
    with pytest.raises(ZeroDivisionError), turns.turn("a", 1):
        raise ZeroDivisionError
    with turns.turn("a", 2) as wanted:
        assert wanted()


def test_an_old_request_that_comes_late_is_dropped() -> None:
    turns = RunQueue()
    with turns.turn("a", 5):
        pass
    with pytest.raises(Superseded), turns.turn("a", 4):
        pass


def test_only_so_many_pages_are_remembered() -> None:
    turns = RunQueue()
    for page in range(3 * MAX_PAGES):
        with turns.turn(str(page), 1):
            pass
    assert len(turns._newest) == MAX_PAGES


def test_beyond_so_many_that_wait_a_request_is_refused() -> None:
    turns, log, hold = RunQueue(), list[str](), threading.Event()
    threads = [start(turns, f"page {i}", 1, log, hold) for i in range(1 + MAX_WAITING)]
    with pytest.raises(QueueFull, match=f"{MAX_WAITING} runs wait"), turns.turn("another", 1):
        pass
    hold.set()
    for thread in threads:
        thread.join(5)
    assert len(log) == 1 + MAX_WAITING
    with turns.turn("another", 2) as wanted:
        assert wanted()
