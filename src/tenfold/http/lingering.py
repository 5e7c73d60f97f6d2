"""A transport that closes slowly enough for its client to read the whole answer.

Closing a socket with unread input resets the connection, and the client may lose an answer that it has not read yet,
such as "the body is too large". RFC 9112, section 9.6: stop sending first, read until the client has closed, and only
then close.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 10.0  # how long a client may go on sending before it notices the answer


class LingeringTransport:
    """Stands for a transport, and closes it slowly if the client is still sending.

    Args:
        transport: does everything else.
        is_receiving: returns True if the client has not sent all of its request.
    """

    def __init__(self, transport: asyncio.Transport, is_receiving: Callable[[], bool]) -> None:
        self._transport, self._is_receiving = transport, is_receiving
        self.lingers = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        """Close the transport; if the client is still sending, only once it has closed its side, or time is over."""
        if self.lingers or self._transport.is_closing():
            return
        if not self._is_receiving() or not self._transport.can_write_eof():
            self._transport.close()
            return
        self.lingers = True
        self._transport.write_eof()
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.abort)

    def is_closing(self) -> bool:
        """True once `close` was called."""
        return self.lingers or self._transport.is_closing()
