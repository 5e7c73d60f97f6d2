from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

import serving
import tenfold

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
WIDTHS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 860}},
}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("quick")

Mnist = tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.uint8], NDArray[np.uint8]]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return tenfold.load_data()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `tenfold` as a person would, in an empty folder."""

    def call(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "tenfold", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
            env=os.environ | environment,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running `tenfold serve`."""
    with serving.process() as (url, _):
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so the page was not tested in a browser: apt-get install chromium")
    switches = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """The page at a phone's and a desktop's width: it must log no error, ask no other host and not scroll sideways."""
    context = browser.new_context(base_url=server, **WIDTHS[request.param])
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    hosts: set[str] = set()

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            errors.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda asked: hosts.add("/".join(asked.url.split("/")[:3])))
    page.goto("/")
    yield page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
    assert {host for host in hosts if not host.startswith(("data:", "blob:"))} <= {server}
    context.close()


@pytest.fixture
def desktop(browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(base_url=server, **WIDTHS["desktop"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/")
    yield page
    context.close()
