"""One connection of a client that may be slow, silent or gone: it is closed when it keeps the server waiting.

Knows uvicorn's HTTP/1.1 connections. Does not know requests; how long a body may take stands in `limits`.
"""

from __future__ import annotations

import asyncio
import json
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10  # from the first byte of a request, or from connecting, to the end of its headers
UNREAD_SECONDS = 30  # for which an answer may wait to be taken
MOST = 512  # connections at one moment: fewer than the files a process may open

_REASON = json.dumps({"error": f"{MOST} connections are open, the limit: try again in a moment"})
FULL = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    f"Content-Length: {len(_REASON)}\r\n\r\n{_REASON}"
).encode()


class Connection(H11Protocol):
    """A connection with a deadline for all that the client has to do, but for sending a body."""

    header_seconds: float = HEADER_SECONDS
    unread_seconds: float = UNREAD_SECONDS
    _headers_due: asyncio.TimerHandle | None = None
    _reading_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or say that there are too many."""
        super().connection_made(transport)
        # Without this a body waits 40 ms for the client to acknowledge the headers; asyncio only sets it on sockets
        # that it made itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > MOST:
            transport.write(FULL)
            transport.close()
            return
        self._headers_due = self.loop.call_later(self.header_seconds, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        super().connection_lost(exc)
        for due in (self._headers_due, self._reading_due):
            if due is not None:
                due.cancel()

    def data_received(self, data: bytes) -> None:
        """Take some bytes; those of headers must not take long."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:  # the headers are here
            if self._headers_due is not None:
                self._headers_due.cancel()
                self._headers_due = None
        elif self._headers_due is None and not self.transport.is_closing():
            self._headers_due = self.loop.call_later(self.header_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        """Wait for the client to take what was sent, but not for ever."""
        super().pause_writing()
        self._reading_due = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has taken it."""
        super().resume_writing()
        if self._reading_due is not None:
            self._reading_due.cancel()
            self._reading_due = None
