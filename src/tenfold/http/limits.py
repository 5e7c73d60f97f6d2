"""What one server lets in, and how its few reading threads are shared: limits on bytes, time and work at once.

Knows requests and threads. Does not know what is read. The limit on pixels is that of `upload`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 16 * 2**20  # of one body: phones' photos have 2 to 8 MiB
MAX_BUFFERED_BYTES = 256 * 2**20  # of all bodies that are in memory at one moment
BODY_SECONDS = 30  # within which a body must have arrived
WORK_SECONDS = 20  # within which it must have been read, waiting included
MAX_REQUESTS = 256  # requests that are read or wait for it
MAX_REQUESTS_PER_CLIENT = 128  # of these, for one address

T = TypeVar("T")


class RequestError(Exception):
    """A request that is answered with an error.

    Args:
        status: of HTTP, 400 and up.
        reason: a sentence: the value, the rule, the remedy.
        headers: that the answer carries.
    """

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers


class Limits:
    """The places, bytes and threads of one server.

    Args:
        threads: that read; default: one for each processor that this process may use.
        places: requests that may be read or wait at one moment.
        places_of_one: how many of them one address may take.
        max_bytes: of one body.
        held_bytes: of all bodies at one moment.
        body_seconds: within which a body must have arrived.
        work_seconds: within which its work must be done.
    """

    def __init__(
        self,
        threads: int | None = None,
        places: int = MAX_REQUESTS,
        places_of_one: int = MAX_REQUESTS_PER_CLIENT,
        max_bytes: int = MAX_BYTES,
        held_bytes: int = MAX_BUFFERED_BYTES,
        body_seconds: float = BODY_SECONDS,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        self.threads = threads or _processors()
        self.places, self.places_of_one = places, places_of_one
        self.max_bytes, self.held_bytes = max_bytes, held_bytes
        self.body_seconds, self.work_seconds = body_seconds, work_seconds
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="reading")
        self._places = Counter[str]()
        self._held = 0

    @property
    def in_flight(self) -> int:
        """How many requests are read or wait for it."""
        return self._places.total()

    async def result(self, request: Request, work: Callable[[bytes], T]) -> T:
        """What `work` makes of the body, in one of the threads; the work is dropped if the client goes while it waits.

        Raises:
            RequestError: 408, 413, 415, 429 or 503; or what `work` raises.
            ClientDisconnect: nobody waits for the answer any more.
        """
        client = request.client.host if request.client else ""
        self._check_places(client)  # before the body is taken, which then holds no place while it arrives
        with self._body_of(request) as body:
            try:
                async with asyncio.timeout(self.body_seconds):
                    await self._take(request, body)
            except TimeoutError:
                raise RequestError(
                    408, f"the body did not arrive within {self.body_seconds:g} s: send it again", Connection="close"
                ) from None
            self._check_places(client)
            self._places[client] += 1
            try:
                return await self._worked(request, work, bytes(body))
            finally:
                self._places[client] -= 1
                if not self._places[client]:
                    del self._places[client]

    def close(self) -> None:
        """Let the threads go once they have finished."""
        self._pool.shutdown()

    def _check_places(self, client: str) -> None:
        if self._places[client] >= self.places_of_one:
            raise RequestError(
                429,
                f"{self._places[client]} requests of this address are being read, the limit: wait for their answers",
                **{"Retry-After": "1"},
            )
        if self.in_flight >= self.places:
            raise _busy(f"{self.in_flight} requests are being read, the limit")

    @contextmanager
    def _body_of(self, request: Request) -> Iterator[bytearray]:
        """An empty body, to be filled; its bytes count as held until the request is done."""
        coding = request.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise RequestError(415, f"the content coding is {coding[:40]!r}: send the bytes as they are")
        self._check_length(int(request.headers.get("content-length", "0")))
        body = bytearray()
        try:
            yield body
        finally:
            self._held -= len(body)

    async def _take(self, request: Request, body: bytearray) -> None:
        async for piece in request.stream():
            self._check_length(len(body) + len(piece))
            if self._held + len(piece) > self.held_bytes:
                raise _busy("the memory set aside for pictures is full")
            self._held += len(piece)
            body += piece

    def _check_length(self, length: int) -> None:
        if length > self.max_bytes:
            raise RequestError(
                413,
                f"the body has over {_mebibytes(self.max_bytes)}, the limit: save the picture smaller",
                Connection="close",
            )

    async def _worked(self, request: Request, work: Callable[[bytes], T], body: bytes) -> T:
        working = asyncio.wrap_future(self._pool.submit(work, body))
        leaving = asyncio.ensure_future(_gone(request))
        try:
            either: set[asyncio.Future[Any]] = {working, leaving}
            await asyncio.wait(either, timeout=self.work_seconds, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            if leaving.done():
                raise ClientDisconnect
            raise _busy(f"it was not read within {self.work_seconds:g} s")
        finally:
            leaving.cancel()
            working.cancel()  # what waits in the queue is dropped; what runs already cannot be stopped


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _busy(what: str) -> RequestError:
    return RequestError(503, f"{what}: try again in a moment", **{"Retry-After": "1"})


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:g} MiB"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
