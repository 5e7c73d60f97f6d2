from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

import tenfold
from helpers.live_server import in_thread
from helpers.project import SAMPLES
from tenfold.http.limits import Limits
from tenfold.server.app import create_app

SEVEN = (SAMPLES / "7.jpg").read_bytes()
READER = tenfold.Reader()


class Held(tenfold.Reader):
    """Reads only when it is let to."""

    def __init__(self) -> None:
        super().__init__(READER.network)
        self.may_read = threading.Event()
        self.pictures = 0

    def read(self, picture: object) -> tenfold.Reading:
        self.pictures += 1
        assert self.may_read.wait(30)
        return super().read(picture)  # type: ignore[arg-type]


@contextmanager
def held(limits: Limits) -> Iterator[tuple[str, Held]]:
    reader = Held()
    with in_thread(create_app(reader, limits)) as url:
        try:
            yield url, reader
        finally:
            reader.may_read.set()


def read(url: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/read", content=SEVEN, timeout=30)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=20)


def head(length: int) -> bytes:
    return f"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n".encode()


@pytest.mark.parametrize(("places", "of_one", "status"), [(2, 5, 503), (5, 2, 429)])
def test_what_is_too_much_at_once_is_refused_at_once_and_the_rest_is_answered(
    places: int, of_one: int, status: int
) -> None:
    limits = Limits(threads=1, places=places, places_of_one=of_one)
    with held(limits) as (url, reader), ThreadPoolExecutor(2) as clients:
        taken = [clients.submit(read, url) for _ in range(2)]
        until(lambda: limits.in_flight == 2)
        refused = read(url)
        assert refused.status_code == status
        assert "2 requests" in refused.json()["error"]
        assert refused.headers["retry-after"] == "1"
        assert httpx.get(f"{url}/v2/health/live").status_code == 200  # the event loop does not wait
        reader.may_read.set()
        assert [answer.result().json()["digit"] for answer in taken] == [7, 7]
        assert read(url).status_code == 200


def test_work_that_takes_too_long_is_given_up_and_gives_its_place_back() -> None:
    limits = Limits(threads=1, work_seconds=0.05)
    with held(limits) as (url, reader):
        assert read(url).status_code == 503
        answer = read(url)  # waits behind the first, which cannot be stopped, and is dropped
        assert "was not read within 0.05 s" in answer.json()["error"]
        assert limits.in_flight == 0
        reader.may_read.set()
    assert reader.pictures == 1


def test_a_client_that_goes_while_it_waits_costs_no_reading() -> None:
    limits = Limits(threads=1)
    with held(limits) as (url, reader), ThreadPoolExecutor(1) as clients:
        first = clients.submit(read, url)
        until(lambda: reader.pictures == 1)
        for _ in range(5):
            with connected(url) as gone:
                gone.sendall(head(len(SEVEN)) + SEVEN)
                until(lambda: limits.in_flight == 2)
            until(lambda: limits.in_flight == 1)
        reader.may_read.set()
        assert first.result().json()["digit"] == 7
        assert read(url).status_code == 200
        assert 'tenfold_requests_total{route="/v1/read",status="499"} 5.0' in httpx.get(f"{url}/metrics").text
    assert reader.pictures == 2


def test_a_slow_body_takes_no_place_and_is_given_up() -> None:
    limits = Limits(threads=1, places=1, body_seconds=0.3)
    with in_thread(create_app(READER, limits)) as url, connected(url) as slow:
        slow.sendall(head(len(SEVEN)) + SEVEN[:100])
        until(lambda: limits._held == 100)
        assert limits.in_flight == 0
        assert read(url).status_code == 200
        assert b" 408 " in slow.recv(4096).splitlines()[0]
        until(lambda: limits._held == 0)


def test_bodies_beyond_the_memory_set_aside_are_refused() -> None:
    limits = Limits(held_bytes=len(SEVEN) + 10)
    with in_thread(create_app(READER, limits)) as url:
        with connected(url) as slow:
            slow.sendall(head(len(SEVEN)) + SEVEN[:11])
            until(lambda: limits._held == 11)
            refused = read(url)
            assert refused.status_code == 503
            assert "memory" in refused.json()["error"]
        until(lambda: limits._held == 0)
        assert read(url).status_code == 200
