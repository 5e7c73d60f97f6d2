"""Admission of requests to one server: limits on bytes, time and requests in flight, and the recognition threads.

Does not decode pictures or bodies. The limit on pixels is in `uploads`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 16 * 2**20  # largest body; phones' photos have 2 to 8 MiB
MAX_BUFFERED_BYTES = 256 * 2**20  # all bodies in memory at one moment
BODY_SECONDS = 30  # time for a body to arrive
WORK_SECONDS = 20  # time from the end of the body to the answer, including the wait for a thread
MAX_REQUESTS = 256  # requests that are processed or wait for a thread
MAX_REQUESTS_PER_CLIENT = 128  # the same, for one address

T = TypeVar("T")


class RequestError(Exception):
    """A request that is answered with an error.

    Args:
        status: the HTTP status, 400 or higher.
        reason: a sentence: the value, the rule, the remedy.
        headers: headers of the answer.
    """

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross from worker processes to the server."""
        return partial(RequestError, self.status, self.reason, **self.headers), ()


class Limits:
    """The slots, buffered bytes and recognition threads of one server.

    Args:
        threads: the number of recognition threads; by default one for each processor that this process may use.
        slots: requests that may be in flight at one moment.
        slots_per_client: how many of them one address may take.
        max_bytes: the largest body.
        buffered_bytes: all bodies in memory at one moment.
        body_seconds: time for a body to arrive.
        work_seconds: time for the work on a body, including the wait for a thread.
    """

    def __init__(
        self,
        threads: int | None = None,
        slots: int = MAX_REQUESTS,
        slots_per_client: int = MAX_REQUESTS_PER_CLIENT,
        max_bytes: int = MAX_BYTES,
        buffered_bytes: int = MAX_BUFFERED_BYTES,
        body_seconds: float = BODY_SECONDS,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        self.threads = threads or _processors()
        self.slots, self.slots_per_client = slots, slots_per_client
        self.max_bytes, self.buffered_bytes = max_bytes, buffered_bytes
        self.body_seconds, self.work_seconds = body_seconds, work_seconds
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="recognition")
        self._slots_taken = Counter[str]()  # by address
        self._buffered = 0

    @property
    def in_flight(self) -> int:
        """The number of requests that are processed or wait for a thread."""
        return self._slots_taken.total()

    async def result(self, request: Request, work: Callable[[bytes], T]) -> T:
        """Receive the body and return `work(body)`, which is called in a recognition thread.

        Work that still waits for a thread is cancelled if the client disconnects or the time is over.

        Raises:
            RequestError: 408, 413, 415, 429 or 503; or an error that `work` raises.
            ClientDisconnect: the client disconnected before the answer.
        """
        client = request.client.host if request.client else ""
        self._check_slots(client)  # early, so that a full server receives no body; a body on its way takes no slot
        with self._buffer(request) as body:
            try:
                async with asyncio.timeout(self.body_seconds):
                    await self._receive(request, body)
            except TimeoutError:
                raise RequestError(
                    408, f"the body did not arrive within {self.body_seconds:g} s: send it again", Connection="close"
                ) from None
            self._check_slots(client)
            self._slots_taken[client] += 1
            try:
                return await self._run(request, work, bytes(body))
            finally:
                self._slots_taken[client] -= 1
                if not self._slots_taken[client]:
                    del self._slots_taken[client]

    def close(self) -> None:
        """Wait for running work, then end the threads."""
        self._pool.shutdown()

    def _check_slots(self, client: str) -> None:
        if self._slots_taken[client] >= self.slots_per_client:
            raise RequestError(
                429,
                f"{self._slots_taken[client]} requests from this address are in flight, the limit: "
                "wait for their answers",
                **{"Retry-After": "1"},
            )
        if self.in_flight >= self.slots:
            raise _busy(f"{self.in_flight} requests are in flight, the limit")

    @contextmanager
    def _buffer(self, request: Request) -> Iterator[bytearray]:
        """An empty buffer for the body; its bytes count as buffered inside the `with` block."""
        coding = request.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise RequestError(415, f"the content coding is {coding[:40]!r}: send the bytes as they are")
        self._check_length(int(request.headers.get("content-length", "0")))
        body = bytearray()
        try:
            yield body
        finally:
            self._buffered -= len(body)

    async def _receive(self, request: Request, body: bytearray) -> None:
        async for piece in request.stream():
            self._check_length(len(body) + len(piece))
            if self._buffered + len(piece) > self.buffered_bytes:
                raise _busy("the memory for pictures is full")
            self._buffered += len(piece)
            body += piece

    def _check_length(self, length: int) -> None:
        if length > self.max_bytes:
            raise RequestError(
                413,
                f"the body has over {_mebibytes(self.max_bytes)}, the limit: save the picture smaller",
                Connection="close",
            )

    async def _run(self, request: Request, work: Callable[[bytes], T], body: bytes) -> T:
        running = asyncio.wrap_future(self._pool.submit(work, body))
        disconnect = asyncio.ensure_future(_disconnected(request))
        try:
            either: set[asyncio.Future[Any]] = {running, disconnect}
            await asyncio.wait(either, timeout=self.work_seconds, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            if disconnect.done():
                raise ClientDisconnect
            raise _busy(f"the request was not answered within {self.work_seconds:g} s")
        finally:
            disconnect.cancel()
            running.cancel()  # queued work is cancelled; work that has started cannot be stopped


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _busy(reason: str) -> RequestError:
    return RequestError(503, f"{reason}: try again in a moment", **{"Retry-After": "1"})


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:g} MiB"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
