"""One HTTP/1.1 connection with deadlines: a slow, silent or vanished client is disconnected.

Does not parse requests. The deadline of a body is in `limits`.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tenfold.http.lingering import LingeringTransport

HEADER_SECONDS = 10  # from connecting, or from the first byte of a request, to the end of its headers
UNREAD_SECONDS = 30  # how long a client may leave an answer unread
MAX_CONNECTIONS = 512  # at one moment; fewer than the files a process may open

_ERROR = json.dumps({"error": f"{MAX_CONNECTIONS} connections are open, the limit: try again in a moment"})
TOO_MANY_CONNECTIONS = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    f"Content-Length: {len(_ERROR)}\r\n\r\n{_ERROR}"
).encode()


class Connection(H11Protocol):
    """A connection with a deadline for everything that the client has to do, except sending a body."""

    header_seconds: float = HEADER_SECONDS
    unread_seconds: float = UNREAD_SECONDS
    _header_deadline: asyncio.TimerHandle | None = None
    _unread_deadline: asyncio.TimerHandle | None = None
    _lingering: LingeringTransport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, or answer 503 if too many are open."""
        self._lingering = LingeringTransport(transport, lambda: self.conn.their_state is h11.SEND_BODY)
        super().connection_made(cast("asyncio.Transport", self._lingering))
        # Without TCP_NODELAY, a body waits 40 ms until the client acknowledges the headers. asyncio sets it only on
        # sockets that it made itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()
            return
        self._header_deadline = self.loop.call_later(self.header_seconds, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadlines."""
        super().connection_lost(exc)
        for deadline in (self._header_deadline, self._unread_deadline):
            if deadline is not None:
                deadline.cancel()

    def data_received(self, data: bytes) -> None:
        """Receive some bytes. The header deadline is cancelled when the headers are complete."""
        if self._lingering is not None and self._lingering.lingers:
            return  # the answer is sent, and the rest of the body is not wanted
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:  # the headers are complete
            if self._header_deadline is not None:
                self._header_deadline.cancel()
                self._header_deadline = None
        elif self._header_deadline is None and not self.transport.is_closing():
            self._header_deadline = self.loop.call_later(self.header_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        """Start the deadline for reading the answer: the client is slower than the server."""
        super().pause_writing()
        self._unread_deadline = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the deadline: the client has read enough of the answer."""
        super().resume_writing()
        if self._unread_deadline is not None:
            self._unread_deadline.cancel()
            self._unread_deadline = None
