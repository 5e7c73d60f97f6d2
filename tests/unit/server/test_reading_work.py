"""Readings in worker processes, over HTTP: what crashes, hangs or raises there costs one request."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from helpers.documents import scanned, with_password
from helpers.live_server import in_thread
from helpers.misbehaving import MisbehavingReader
from helpers.project import SAMPLES
from helpers.waiting import PATIENCE
from tenfold.http.limits import Limits
from tenfold.server import app as server_app
from tenfold.server.app import create_app
from tenfold.worker_calls import WorkerCalls

SEVEN = (SAMPLES / "7.jpg").read_bytes()


def post(url: str, picture: bytes) -> httpx.Response:
    return httpx.post(f"{url}/v1/read", content=picture, timeout=PATIENCE)


def test_crash_hang_and_kill_cost_one_request_at_most(tmp_path: Path) -> None:
    limits = Limits(threads=1, work_seconds=PATIENCE)
    with in_thread(create_app(MisbehavingReader(tmp_path / "mark"), limits, workers=1)) as url:
        assert post(url, SEVEN).status_code == 200
        crashed = post(url, b"crash")
        assert crashed.status_code == 500
        assert crashed.json()["error"].startswith("reading it crashed its process (SIGSEGV): ")
        assert post(url, b"kill").status_code == 200  # tried again in another process
        assert post(url, SEVEN).status_code == 200
        metrics = httpx.get(f"{url}/metrics", timeout=PATIENCE).text
        assert "tenfold_workers_replaced 2.0" in metrics


def test_hanging_reading_is_answered_and_its_process_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_app, "WorkerCalls", lambda setup, jobs, _: WorkerCalls(setup, jobs, 1))
    limits = Limits(threads=2, work_seconds=PATIENCE)
    with in_thread(create_app(MisbehavingReader(), limits, workers=2)) as url, ThreadPoolExecutor(1) as client:
        hanging = client.submit(post, url, b"hang")
        while not hanging.done():
            assert post(url, SEVEN).status_code == 200  # the other process reads on
        assert hanging.result().status_code == 503
        assert hanging.result().json()["error"].startswith("reading it took more than 1 s and was stopped: ")
        assert "tenfold_workers_replaced 1.0" in httpx.get(f"{url}/metrics", timeout=PATIENCE).text


def test_internal_error_in_a_worker_is_logged_with_its_place_and_answered_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        caplog.at_level(logging.ERROR, "tenfold.server.app"),
        in_thread(create_app(MisbehavingReader(), workers=1)) as url,
    ):
        answer = post(url, b"raise")
        assert (answer.status_code, answer.json()["error"]) == (
            500,
            "tenfold failed: this is a bug in tenfold, see its log",
        )
    assert "in read" in caplog.text
    assert "RuntimeError: /secret" in caplog.text


def test_server_is_ready_once_a_worker_can_read() -> None:
    with in_thread(create_app(MisbehavingReader(), workers=1)) as url:
        early = httpx.get(f"{url}/v2/health/ready", timeout=PATIENCE)
        assert early.json() == {"ready": early.status_code == 200}
        assert post(url, SEVEN).status_code == 200
        assert httpx.get(f"{url}/v2/health/ready", timeout=PATIENCE).json() == {"ready": True}
        assert post(url, SEVEN).json()["digit"] is None


def test_workers_of_a_mounted_application_start_with_the_first_request() -> None:
    site = FastAPI()
    site.mount("/digits", create_app(MisbehavingReader(), workers=1))
    with in_thread(site) as url:
        assert post(f"{url}/digits", SEVEN).status_code == 200


def test_pages_of_a_pdf_are_pictures_that_are_read(server: str) -> None:
    pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    answers = [
        httpx.post(f"{server}/v1/page", params={"number": number}, content=scanned([3, 7]), timeout=PATIENCE).json()
        for number in (1, 2)
    ]
    assert [(each["page"], each["pages"]) for each in answers] == [(1, 2), (2, 2)]
    for answer, digit in zip(answers, (3, 7), strict=True):
        assert httpx.post(f"{server}/v1/read", json={"picture": answer["picture"]}).json()["digit"] == digit


@pytest.mark.parametrize(
    ("body", "number", "reason"),
    [
        (SEVEN, "1", "the file is not a PDF, nor a TIFF file of several pages: read it as a picture"),
        (scanned([3, 7]), "3", "page 3 is wanted, and the file has 2: ask for one of them"),
        (scanned([3])[:200], "1", "The PDF is damaged"),
        (with_password(), "1", "The PDF is protected by a password"),
        (scanned([3]), "0", "number is '0': it must be a whole number from 1 to 20,000"),
        (scanned([3]), "two", "number is 'two'"),
    ],
)
def test_pages_that_do_not_exist_are_named(server: str, body: bytes, number: str, reason: str) -> None:
    pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    answer = httpx.post(f"{server}/v1/page", params={"number": number}, content=body, timeout=PATIENCE)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(reason)
