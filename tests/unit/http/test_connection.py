from __future__ import annotations

import asyncio
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from helpers.live_server import in_thread
from helpers.waiting import PATIENCE
from tenfold.http import connection
from tenfold.http.connection import Connection

LARGE = 50_000_000  # bytes, more than the buffers of sockets hold
REQUEST = b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"


def app() -> FastAPI:
    app = FastAPI()

    @app.get("/large")
    async def large() -> Response:
        return Response(bytes(LARGE))

    @app.get("/small")
    async def small() -> Response:
        return Response(b"small")

    return app


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=PATIENCE)


def receive_small(client: socket.socket) -> None:
    received = b""
    while not received.endswith(b"small"):
        piece = client.recv(4096)
        assert piece, received
        received += piece


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(100) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("beginning", [b"", b"GET /small HTTP/1.1\r\nHost: x\r\n"])
def test_client_that_sends_incomplete_headers_is_disconnected(beginning: bytes) -> None:
    class Impatient(Connection):
        header_seconds = 0.1

    with in_thread(app(), Impatient) as url, connected(url) as client:
        client.sendall(beginning)
        assert is_closed(client)


def test_incomplete_headers_of_a_second_request_are_disconnected() -> None:
    class Impatient(Connection):
        header_seconds: float = PATIENCE

    with in_thread(app(), Impatient) as url, connected(url) as client:
        client.sendall(REQUEST)
        receive_small(client)
        Impatient.header_seconds = 0.1
        client.sendall(b"GET /small HTTP/1.1\r\n")
        assert is_closed(client)


@pytest.mark.slow
def test_header_deadline_starts_again_with_each_request() -> None:
    class Patient(Connection):
        header_seconds = 3

    with in_thread(app(), Patient) as url, connected(url) as client:
        for _ in range(4):
            client.sendall(REQUEST[:-2])
            time.sleep(1)  # four requests take longer than the deadline of one
            client.sendall(REQUEST[-2:])
            receive_small(client)


def test_client_that_does_not_read_its_answer_is_disconnected() -> None:
    lost = threading.Event()

    class Impatient(Connection):
        unread_seconds = 0.1

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    with in_thread(app(), Impatient) as url, connected(url) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert lost.wait(PATIENCE)
        received = 0
        try:
            while piece := client.recv(2**20):
                received += len(piece)
        except ConnectionResetError:
            pass
        assert received < LARGE


def test_large_answer_arrives_complete() -> None:
    with in_thread(app()) as url:
        assert len(httpx.get(f"{url}/large", timeout=PATIENCE).content) == LARGE


def test_connection_beyond_the_limit_is_answered_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 1)
    with in_thread(app()) as url, connected(url) as first:
        first.sendall(REQUEST)
        receive_small(first)
        rejected = httpx.get(f"{url}/small", timeout=PATIENCE)
        assert rejected.status_code == 503
        assert "connections are open" in rejected.json()["error"]


def test_answers_are_sent_without_nagles_delay() -> None:
    options: list[int] = []

    class Observed(Connection):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            options.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with in_thread(app(), Observed) as url:
        httpx.get(f"{url}/small", timeout=PATIENCE)
    assert options == [1]
