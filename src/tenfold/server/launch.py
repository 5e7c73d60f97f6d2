"""`tenfold serve`: a socket, a web application and the wait for a signal. Knows addresses and processes, not HTTP."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence

from tenfold.errors import ServeError

BACKLOG = 512  # connections that wait to be accepted
GRACE_SECONDS = 30  # for what is in flight when the server is stopped
SWITCH_SECONDS = 0.001  # between threads: those that read must not keep the one that listens waiting


def serve(
    network: str | None, host: str, port: int, origins: Sequence[str], ready: Callable[[str, bool], None]
) -> None:
    """Serve the page and the interface until SIGINT or SIGTERM; then finish what is in flight.

    Args:
        network: the name of a packaged network or a network's folder; None for the default.
        host: a name or address of this machine.
        port: 0 is any that is free.
        origins: sites whose pages may call the interface.
        ready: is told the URL, and whether only this machine can reach it.

    Raises:
        ServeError: the address cannot be listened on.
        NetworkError: there is no such network, or its files are damaged.
    """
    listener = _listener(
        host, port
    )  # first: whoever connects from now on waits, and a port that is taken is said at once
    import cv2

    from tenfold.recognition.reader import Reader

    try:
        import uvicorn

        from tenfold.http.connection import Connection
        from tenfold.server.app import create_app
    except ImportError as error:
        raise ServeError(
            f"the server needs a library that is not installed ({error}): "
            "pip install fastapi uvicorn python-multipart prometheus-client"
        ) from error

    for name in ("uvicorn.error", "python_multipart"):  # clients that speak no HTTP or send no form are no news
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cv2.setNumThreads(1)  # the threads of `limits` are all there is to share
    sys.setswitchinterval(SWITCH_SECONDS)
    reader = Reader() if network is None else Reader(network)
    app = create_app(reader, origins=origins)
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:  # uvicorn has its own while it runs, and raises the signal anew once it has stopped
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with listener:
        ready(*_reached_at(listener))
        server.run(sockets=[listener])


def _reached_at(listener: socket.socket) -> tuple[str, bool]:
    """Where a browser on this machine finds the listener, and whether only those do."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}", address.is_loopback


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        name_is_wrong = isinstance(error, socket.gaierror | UnicodeError)
        reason = "there is no such name" if name_is_wrong else os.strerror(getattr(error, "errno", 0))
        raise ServeError(
            f"{host}:{port} cannot be listened on ({reason}): choose another --host or --port; "
            "--port 0 takes any that is free"
        ) from None
