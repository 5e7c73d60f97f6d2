from __future__ import annotations

from pathlib import Path

from helpers.misbehaving import misbehaving_pages
from helpers.project import SAMPLES
from tenfold.batch.inputs import Source
from tenfold.batch.local_engine import Plan, read_pages, worker_pool
from tenfold.batch.page_reader import Outcome, Settings
from tenfold.parallel import WorkerPool

SETTINGS = Settings("digits", False, 0.9)


def sources(*names: str | Path) -> list[Source]:
    return [Source(str(name)) for name in names]


def test_the_pages_of_documents_come_before_the_next_files() -> None:
    plan = Plan(sources("a.pdf", "b.pdf", "c.png"))
    first = next(plan)
    plan.add_pages(first, Outcome([], None, "ab", 2))
    assert [(page.place, page.number, page.sha256) for page in plan] == [
        (0, 1, "ab"),
        (0, 2, "ab"),
        (1, None, None),
        (2, None, None),
    ]
    plan.add_pages(first, Outcome([], None, "ab", 1))  # after the end
    assert [page.number for page in plan] == [1]


def test_pages_that_are_done_are_left_out() -> None:
    plan = Plan(sources("a", "b", "c"), lambda page: page.source.path == "b")
    assert [page.source.path for page in plan] == ["a", "c"]


def test_a_picture_that_crashes_or_hangs_its_worker_is_a_row_and_the_rest_is_read() -> None:
    listed = sources(SAMPLES / "7.jpg", "crash.png", "hang.png", SAMPLES / "3.jpg")
    with WorkerPool(misbehaving_pages, jobs=2, seconds=5) as pool:
        outcomes = {page.place: outcome for page, outcome in read_pages(Plan(listed), pool, SETTINGS)}
    rows = [outcomes[place].records[0] for place in range(4)]
    assert [row.digit for row in rows] == [7, None, None, 3]
    assert rows[1].problem == "Reading it crashed its process (SIGSEGV)."
    assert rows[2].problem == "Reading it took more than 5 s and was stopped."
    assert [row.failed for row in rows] == [False, True, True, False]


def test_a_real_worker_reads() -> None:
    with worker_pool(SETTINGS, jobs=1) as pool:
        ((_, outcome),) = read_pages(Plan(sources(SAMPLES / "7.jpg")), pool, SETTINGS)
    assert outcome.records[0].digit == 7
