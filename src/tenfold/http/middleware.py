"""What surrounds every answer: who may ask, security headers, a count, the last resort where something failed.

Knows ASGI messages. Does not know what is asked.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenfold.http.prometheus import Metrics

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
CROSS_SITE = json.dumps(
    {"error": "a page of another site asks: the server allows that where it was started with --allow-origin"}
).encode()
FAILED = json.dumps({"error": "tenfold failed: this is a mistake in tenfold, its log says more"}).encode()

_log = logging.getLogger("tenfold.server.app")


class SecurityMiddleware:
    """ASGI middleware around the whole application.

    Args:
        app: what is around.
        metrics: told of every answer.
        origins: sites whose pages may ask; "*" is any.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, origins: Sequence[str]) -> None:
        self.app, self.metrics, self.origins = app, metrics, origins

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

        async def refused(status: int, reason: bytes) -> None:
            start = [(b"content-type", b"application/json"), (b"content-length", str(len(reason)).encode())]
            await framed({"type": "http.response.start", "status": status, "headers": start})
            await send({"type": "http.response.body", "body": reason})

        try:
            if self._foreign(scope):
                await refused(403, CROSS_SITE)
            else:
                await self.app(scope, receive, framed)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if status:
                raise  # part of an answer is gone already: the connection is closed
            await refused(500, FAILED)
        finally:
            self.metrics.answered(_route(scope), status, time.perf_counter() - started)

    def _foreign(self, scope: Scope) -> bool:
        """True if a page of another site sent the request without permission, as browsers tell; links may."""
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site") != "cross-site":
            return False
        link = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        allowed = "*" in self.origins or headers.get("origin") in self.origins
        return not link and not allowed


def _route(scope: Scope) -> str:
    """The template of the path, "none" where it has none, as a file of the page: few, whatever is asked."""
    return str(getattr(scope.get("route"), "path", "none"))
