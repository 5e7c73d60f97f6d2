"""ASGI middleware around the whole application: targets, cross-site check, security headers, metrics, error 500.

Does not read requests beyond their headers. Does not know any route.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenfold.http.prometheus import Metrics
from tenfold.http.targets import normalize

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
    {"error": "the request comes from a page of another site: to allow that, start the server with --allow-origin"}
).encode()
INTERNAL_ERROR = json.dumps({"error": "tenfold failed: this is a bug in tenfold, see its log"}).encode()

_log = logging.getLogger("tenfold.server.app")


class SecurityMiddleware:
    """Rejects cross-site requests, adds security headers and records metrics.

    Args:
        app: the ASGI application inside.
        metrics: counts every answer.
        origins: sites whose pages may send requests; "*" is any.
        root_path: the prefix under which a reverse proxy serves the application, or "".
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, origins: Sequence[str], root_path: str = "") -> None:
        self.app, self.metrics, self.origins, self.root_path = app, metrics, origins, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        normalize(scope, self.root_path)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache")  # browsers may store files but must revalidate
            await send(message)

        async def send_error(status: int, body: bytes) -> None:
            start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send_with_headers({"type": "http.response.start", "status": status, "headers": start})
            await send({"type": "http.response.body", "body": body})

        try:
            if self._is_cross_site(scope):
                await send_error(403, CROSS_SITE)
            else:
                await self.app(scope, receive, send_with_headers)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if status:
                raise  # part of the answer is sent already: the server closes the connection
            await send_error(500, INTERNAL_ERROR)
        finally:
            self.metrics.count_answer(_route(scope), status, time.perf_counter() - started)

    def _is_cross_site(self, scope: Scope) -> bool:
        """True if a page of another site sent the request without permission; links are allowed.

        Browsers report this in Sec-Fetch-Site; programs send no such header.
        """
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site") != "cross-site":
            return False
        link = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        allowed = "*" in self.origins or headers.get("origin") in self.origins
        return not link and not allowed


def _route(scope: Scope) -> str:
    """The path template of the route, or "none", for example for files: few values, whatever clients send."""
    return str(getattr(scope.get("route"), "path", "none"))
