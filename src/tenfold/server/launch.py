"""Run the web application: a socket, uvicorn and its signals, until SIGINT or SIGTERM. No routes here."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tenfold.errors import ServeError
from tenfold.parallel import available_processors

if TYPE_CHECKING:
    from tenfold.forms.form_project import Form

BACKLOG = 512  # connections that may wait to be accepted
GRACE_SECONDS = 30  # for requests in flight when the server stops
SWITCH_SECONDS = 0.001  # between switches of threads, so that none blocks the event loop for long


def serve(
    network: str | None,
    host: str,
    port: int,
    origins: Sequence[str],
    ready: Callable[[str, bool], None],
    workers: int | None = None,
    root_path: str = "",
    project: str | None = None,
    database: str | None = None,
) -> None:
    """Serve the pages and the HTTP interface until SIGINT or SIGTERM; then finish the requests in flight.

    Args:
        network: the name of a packaged network or a network's folder; None for the default.
        host: a name or address of this machine.
        port: the port; 0 takes any free one.
        origins: sites whose pages may call the interface.
        ready: called with the URL, and True if only this machine can reach it.
        workers: how many processes read; None for one a processor.
        root_path: the prefix under which a reverse proxy serves the application, such as "/digits".
        project: the folder of the form whose doubtful fields are reviewed at /review/.
        database: of the form, if it is not in the folder.

    Raises:
        FormError: the project cannot be used.
        ServeError: the address cannot be used, or a library is missing.
        NetworkError: the network does not exist, or its files are damaged.
    """
    # Listen first: a port in use is reported at once, and clients that connect from now on wait.
    listener = _listener(host, port)
    from tenfold.recognition.reader import Reader

    try:
        import uvicorn

        from tenfold.http.connection import Connection
        from tenfold.server.app import create_app
    except ImportError as error:
        raise ServeError(
            f"the server needs a library that is not installed ({error}): "
            "pip install fastapi fastapi-offline uvicorn python-multipart prometheus-client"
        ) from error

    for name in ("uvicorn.error", "python_multipart"):  # do not log clients that send no HTTP
        logging.getLogger(name).setLevel(logging.CRITICAL)
    sys.setswitchinterval(SWITCH_SECONDS)
    reader = Reader() if network is None else Reader(network)
    form = _form(project, database)
    app = create_app(reader, None, origins, workers or available_processors(), root_path, form)
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

    def stop(
        *_: object,
    ) -> None:  # uvicorn installs its own handlers while it runs, and re-raises the signal at its end
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with listener:
        ready(*_url_of(listener))
        server.run(sockets=[listener])


def _form(project: str | None, database: str | None) -> Form | None:
    """The form of a folder, with its database open, so that what is wrong is told before the server starts."""
    if project is None:
        return None
    from tenfold.forms.form_project import Form

    form = Form(project, database=database)
    form.sheets()
    return form


def _url_of(listener: socket.socket) -> tuple[str, bool]:
    """The URL of the listener for a browser on this machine, and True if only this machine can reach it."""
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
        unknown_host = isinstance(error, socket.gaierror | UnicodeError)
        reason = "this name or address does not exist" if unknown_host else os.strerror(getattr(error, "errno", 0))
        raise ServeError(
            f"cannot listen on {host}:{port} ({reason}): choose another --host or --port; --port 0 takes any free port"
        ) from None
