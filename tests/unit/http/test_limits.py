from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

import tenfold
from helpers.live_server import in_thread
from helpers.project import SAMPLES
from helpers.waiting import PATIENCE, wait_until
from tenfold.http.limits import Limits
from tenfold.server.app import create_app

SEVEN = (SAMPLES / "7.jpg").read_bytes()
READER = tenfold.Reader()


class HeldReader(tenfold.Reader):
    """Reads only while `may_read` is set; `started` counts the readings."""

    def __init__(self) -> None:
        super().__init__(READER.network)
        self.may_read = threading.Event()
        self.started = 0

    def read(self, picture: object) -> tenfold.Reading:
        self.started += 1
        assert self.may_read.wait(PATIENCE)
        return super().read(picture)  # type: ignore[arg-type]


@contextmanager
def held(limits: Limits) -> Iterator[tuple[str, HeldReader]]:
    reader = HeldReader()
    with in_thread(create_app(reader, limits)) as url:
        try:
            yield url, reader
        finally:
            reader.may_read.set()


def read(url: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/read", content=SEVEN, timeout=2 * PATIENCE)


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE)


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=PATIENCE)


def headers(length: int) -> bytes:
    return f"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n".encode()


@pytest.mark.parametrize(("slots", "slots_per_client", "status"), [(2, 5, 503), (5, 2, 429)])
def test_requests_beyond_the_slots_are_rejected_at_once_and_the_others_answered(
    slots: int, slots_per_client: int, status: int
) -> None:
    limits = Limits(threads=1, slots=slots, slots_per_client=slots_per_client)
    with held(limits) as (url, reader), ThreadPoolExecutor(2) as clients:
        admitted = [clients.submit(read, url) for _ in range(2)]
        wait_until(lambda: limits.in_flight == 2)
        rejected = read(url)
        assert rejected.status_code == status
        assert "2 requests" in rejected.json()["error"]
        assert rejected.headers["retry-after"] == "1"
        assert get(f"{url}/v2/health/live").status_code == 200  # the event loop is free
        reader.may_read.set()
        assert [answer.result().json()["digit"] for answer in admitted] == [7, 7]
        assert read(url).status_code == 200


def test_queued_work_beyond_its_time_is_cancelled() -> None:
    limits = Limits(threads=1)
    with held(limits) as (url, reader), ThreadPoolExecutor(1) as clients:
        first = clients.submit(read, url)
        wait_until(lambda: reader.started == 1)
        get(f"{url}/v2/health/live")  # the event loop has gone on: the time of the first is set
        limits.work_seconds = 0.05
        answer = read(url)
        assert answer.status_code == 503
        assert "was not answered within 0.05 s" in answer.json()["error"]
        assert limits.in_flight == 1
        reader.may_read.set()
        assert first.result().status_code == 200
    assert reader.started == 1


def test_running_work_beyond_its_time_gives_its_slot_back() -> None:
    limits = Limits(threads=1, work_seconds=1)
    with held(limits) as (url, _):
        assert read(url).status_code == 503
        assert limits.in_flight == 0


def test_work_of_disconnected_clients_is_cancelled() -> None:
    limits = Limits(threads=1)
    with held(limits) as (url, reader), ThreadPoolExecutor(1) as clients:
        first = clients.submit(read, url)
        wait_until(lambda: reader.started == 1)
        for _ in range(5):
            with connected(url) as client:
                client.sendall(headers(len(SEVEN)) + SEVEN)
                wait_until(lambda: limits.in_flight == 2)
            wait_until(lambda: limits.in_flight == 1)
        reader.may_read.set()
        assert first.result().json()["digit"] == 7
        assert read(url).status_code == 200
        count = 'tenfold_requests_total{route="/v1/read",status="499"} 5.0'
        wait_until(lambda: count in get(f"{url}/metrics").text)
    assert reader.started == 2


def test_slow_body_takes_no_slot() -> None:
    limits = Limits(threads=1, slots=1)
    with in_thread(create_app(READER, limits)) as url:
        with connected(url) as slow:
            slow.sendall(headers(len(SEVEN)) + SEVEN[:100])
            wait_until(lambda: limits._buffered == 100)
            assert limits.in_flight == 0
            assert read(url).status_code == 200
        wait_until(lambda: limits._buffered == 0)


def test_slow_body_times_out() -> None:
    limits = Limits(body_seconds=0.2)
    with in_thread(create_app(READER, limits)) as url, connected(url) as slow:
        slow.sendall(headers(len(SEVEN)) + SEVEN[:100])
        assert b" 408 " in slow.recv(4096).splitlines()[0]
        wait_until(lambda: limits._buffered == 0)


def test_bodies_beyond_the_buffered_bytes_are_rejected() -> None:
    limits = Limits(buffered_bytes=len(SEVEN) + 10)
    with in_thread(create_app(READER, limits)) as url:
        with connected(url) as slow:
            slow.sendall(headers(len(SEVEN)) + SEVEN[:11])
            wait_until(lambda: limits._buffered == 11)
            rejected = read(url)
            assert rejected.status_code == 503
            assert "memory" in rejected.json()["error"]
        wait_until(lambda: limits._buffered == 0)
        assert read(url).status_code == 200
