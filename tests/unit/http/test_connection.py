from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from helpers.live_server import in_thread
from tenfold.http import connection
from tenfold.http.connection import Connection

pytestmark = pytest.mark.slow  # deadlines of clients


class Impatient(Connection):
    header_seconds = 0.6
    unread_seconds = 0.6


def app() -> FastAPI:
    app = FastAPI()

    @app.get("/large")
    async def large() -> Response:
        return Response(bytes(50_000_000))

    @app.get("/small")
    async def small() -> Response:
        return Response(b"small")

    return app


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=20)


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(100) == b""
    except ConnectionResetError:
        return True


def test_a_client_that_sends_no_whole_head_is_dropped() -> None:
    with in_thread(app(), Impatient) as url:
        for beginning in (b"", b"GET /small HTTP/1.1\r\nHost: x\r\n"):
            with connected(url) as client:
                client.sendall(beginning)
                assert is_closed(client)
        with connected(url) as client:  # and a second request on a connection that was good
            client.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.1)
            client.recv(4096)
            client.sendall(b"GET /small HTTP/1.1\r\n")
            assert is_closed(client)


def test_a_client_that_takes_its_time_within_the_limit_is_served() -> None:
    with in_thread(app(), Impatient) as url, connected(url) as client:
        for _ in range(4):
            client.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\n")
            time.sleep(0.1)
            client.sendall(b"\r\n")
            time.sleep(0.05)
            assert client.recv(4096).endswith(b"small")


def test_a_client_that_does_not_take_its_answer_is_dropped() -> None:
    with in_thread(app(), Impatient) as url, connected(url) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(2)
        taken = 0
        try:
            while piece := client.recv(2**20):
                taken += len(piece)
        except ConnectionResetError:
            pass
        assert taken < 50_000_000


def test_a_client_that_takes_a_large_answer_gets_all_of_it() -> None:
    with in_thread(app()) as url:
        assert len(httpx.get(f"{url}/large").content) == 50_000_000


def test_connections_beyond_the_limit_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST", 1)
    with in_thread(app()) as url, connected(url) as first:
        first.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n")
        assert first.recv(4096).startswith(b"HTTP/1.1 200")
        refused = httpx.get(f"{url}/small")
        assert refused.status_code == 503
        assert "connections are open" in refused.json()["error"]


def test_an_answer_does_not_wait_for_the_client_to_acknowledge_its_head() -> None:
    with in_thread(app()) as url, httpx.Client() as client:
        client.get(f"{url}/small")
        times = []
        for _ in range(20):
            started = time.perf_counter()
            client.get(f"{url}/small")
            times.append(time.perf_counter() - started)
        assert min(times) < 0.03  # with Nagle's algorithm each takes 0.04 s
