"""Pages read on the processors of this machine. `Plan` says which pages; it learns of those of documents on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from tenfold.batch.inputs import Source
from tenfold.batch.page_reader import Outcome, Page, Settings, origin_of, setup_of, stamp_of
from tenfold.parallel import Lost, WorkerPool

SECONDS = 120  # for one page; the largest take about ten


class Plan:
    """The pages that are still to be read: an iterator that may go on after it has ended, when pages are added.

    Args:
        sources: the files, in order.
        is_done: tells of a page whether it need not be read.
    """

    def __init__(self, sources: Iterable[Source], is_done: Callable[[Page], bool] = lambda _: False) -> None:
        self._files = (Page(index, source) for index, source in enumerate(sources))
        self._documents: deque[Iterator[Page]] = deque()
        self._is_done = is_done

    def __iter__(self) -> Plan:
        return self

    def __next__(self) -> Page:
        while True:
            page = self._next()
            if not self._is_done(page):
                return page

    def add_pages(self, document: Page, outcome: Outcome) -> None:
        """Read the pages of a document next."""
        numbers = range(1, (outcome.pages or 0) + 1)
        stamp, sha256 = outcome.stamp, outcome.sha256
        self._documents.append(document._replace(number=n, stamp=stamp, sha256=sha256) for n in numbers)

    def _next(self) -> Page:
        while self._documents:
            if (page := next(self._documents[0], None)) is not None:
                return page
            self._documents.popleft()
        return next(self._files)


def worker_pool(settings: Settings, jobs: int | None) -> WorkerPool:
    """Processes that read pages."""
    return WorkerPool(setup_of(settings), jobs, SECONDS)


def read_pages(plan: Plan, pool: WorkerPool, settings: Settings) -> Iterator[tuple[Page, Outcome]]:
    """Read the pages of a plan; each with what became of it, as they are done. Documents come before their pages.

    A page that crashes its process, or takes too long, becomes a row that says so.
    """
    for page, result in pool.as_done(plan):
        outcome = result
        if isinstance(result, Lost):
            outcome = Outcome(
                [origin_of(page, settings).failure(f"Reading it {result.reason}.")], stamp_of(page.source)
            )
        if outcome.pages is not None:
            plan.add_pages(page, outcome)
        yield page, outcome
