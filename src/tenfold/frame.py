"""What surrounds every answer: security headers, a count, and the last resort where something failed.

Knows ASGI messages. Does not know what is asked.
"""

from __future__ import annotations

import json
import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenfold.metrics import Metrics

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FAILED = json.dumps({"error": "tenfold failed: this is a mistake in tenfold, its log says more"}).encode()

_log = logging.getLogger("tenfold.server")


class Frame:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache")  # the page may be kept, but is asked for each time
            await send(message)

        try:
            await self.app(scope, receive, framed)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if status:
                raise  # part of an answer is gone already: the connection is closed
            start = [(b"content-type", b"application/json"), (b"content-length", str(len(FAILED)).encode())]
            await framed({"type": "http.response.start", "status": 500, "headers": start})
            await send({"type": "http.response.body", "body": FAILED})
        finally:
            self.metrics.answered(_route(scope), status, time.perf_counter() - started)


def _route(scope: Scope) -> str:
    """The template of the path, "none" where nothing is: there are few of them, whatever is asked."""
    return str(getattr(scope.get("route"), "path", "none"))
