"""A queue that runs one request at a time; a newer request of the same page supersedes an older one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE_SECONDS = (
    1.0  # seconds for which a run goes on though its page has asked for another: else a drag would show nothing
)
MAX_WAITING = 16  # requests: each holds one of the server's threads, of which its pages need some too
MAX_PAGES = 100  # pages remembered, the last heard of


class Superseded(Exception):  # noqa: N818 (nothing went wrong)
    """The page has asked for something newer; nobody waits for this any more."""


class QueueFull(Exception):  # noqa: N818 (nothing went wrong)
    """So many wait already that one more would wait too long."""


class RunQueue:
    """Hands out turns, one at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._waiting = 0
        self._newest: OrderedDict[str, int] = OrderedDict()

    @contextmanager
    def take(self, page: str, number: int) -> Iterator[Callable[[], bool]]:
        """Wait for a turn; gives a function that says whether the work is still wanted.

        Args:
            page: who asks.
            number: of the request; a page counts up.

        Raises:
            Superseded: the page asked again while this request waited.
            QueueFull: as many as `MAX_WAITING` wait.
        """
        with self._changed:
            self._newest[page] = max(number, self._newest.pop(page, number))
            while len(self._newest) > MAX_PAGES:
                self._newest.popitem(last=False)
            self._changed.notify_all()  # older requests of this page leave now
            if self._waiting >= MAX_WAITING:
                raise QueueFull(f"{MAX_WAITING} runs wait to be trained, the limit")
            self._waiting += 1
            self._changed.wait_for(lambda: self._superseded(page, number) or not self._busy)
            self._waiting -= 1
            if self._superseded(page, number):
                raise Superseded
            self._busy = True
        began = time.monotonic()
        try:
            yield lambda: not self._superseded(page, number) or time.monotonic() - began < GRACE_SECONDS
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _superseded(self, page: str, number: int) -> bool:
        return self._newest.get(page, number) > number
