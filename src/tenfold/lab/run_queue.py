"""A queue that runs one request at a time; a newer request of the same page supersedes older ones. No HTTP here."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE_SECONDS = 1.0  # how long a superseded run may go on: without it, dragging a slider would show nothing on the way
MAX_WAITING = 16  # requests; each holds a thread of the server, which needs threads for its pages too
MAX_PAGES = 100  # pages remembered, the most recently active ones


class Superseded(Exception):  # noqa: N818 (not an error)
    """The page has sent a newer request: nobody waits for the result of this one."""


class QueueFull(Exception):  # noqa: N818 (not an error)
    """`MAX_WAITING` requests are waiting already."""


class RunQueue:
    """Runs one request at a time, from any number of threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._waiting = 0
        self._newest: OrderedDict[str, int] = OrderedDict()  # the highest serial of each page

    @contextmanager
    def turn(self, page: str, serial: int) -> Iterator[Callable[[], bool]]:
        """Wait for a turn, and hold it inside the `with` block.

        Yields a function that returns True as long as the result is wanted: until a newer request of the page arrives,
        and at least for `GRACE_SECONDS`.

        Args:
            page: identifies the page that sends the request.
            serial: numbers the requests of a page, in rising order.

        Raises:
            Superseded: a newer request of the page arrived first.
            QueueFull: `MAX_WAITING` requests are waiting.
        """
        with self._changed:
            self._newest[page] = max(serial, self._newest.pop(page, serial))
            while len(self._newest) > MAX_PAGES:
                self._newest.popitem(last=False)
            self._changed.notify_all()  # older requests of this page leave now
            if self._waiting >= MAX_WAITING:
                raise QueueFull(f"{MAX_WAITING} training runs are waiting, the limit")
            self._waiting += 1
            self._changed.wait_for(lambda: self._is_superseded(page, serial) or not self._busy)
            self._waiting -= 1
            if self._is_superseded(page, serial):
                raise Superseded
            self._busy = True
        began = time.monotonic()
        try:
            yield lambda: not self._is_superseded(page, serial) or time.monotonic() - began < GRACE_SECONDS
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _is_superseded(self, page: str, serial: int) -> bool:
        return self._newest.get(page, serial) > serial
