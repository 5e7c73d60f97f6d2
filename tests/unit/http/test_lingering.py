from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

import tenfold
from helpers.live_server import in_thread
from helpers.waiting import PATIENCE
from tenfold.http import lingering
from tenfold.http.limits import MAX_BYTES
from tenfold.server.app import create_app

HEAD = b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
READER = tenfold.Reader("article")


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=PATIENCE)


def received(client: socket.socket) -> bytes:
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer


def test_client_that_reads_only_after_its_whole_body_gets_413() -> None:
    with in_thread(create_app(READER)) as url:
        for _ in range(5):  # without lingering, most of them are reset
            with connected(url) as client:
                client.sendall(HEAD + f"Content-Length: {2 * MAX_BYTES}\r\n\r\n".encode())
                for _ in range(2 * MAX_BYTES // 2**20):
                    client.sendall(bytes(2**20))
                client.shutdown(socket.SHUT_WR)
                answer = received(client)
                assert b" 413 " in answer.splitlines()[0]
                assert b"the body has over 16 MiB" in answer


def test_client_that_never_stops_to_send_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 0.2)
    with in_thread(create_app(READER)) as url, connected(url) as client:
        client.sendall(HEAD + f"Content-Length: {10**12}\r\n\r\n".encode())
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            while True:
                client.sendall(bytes(2**16))


def test_connection_whose_request_has_arrived_is_closed_at_once() -> None:
    with in_thread(create_app(READER)) as url, connected(url) as client:
        client.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert received(client).endswith(b'{"live":true}')
