"""Pages in a real browser, Chromium, at the width of a phone and of a desktop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # playwright is loaded by the tests that need it
    from playwright.sync_api import Browser, ConsoleMessage, Page

PATIENCE = 60_000  # milliseconds; generous, because only a failing test takes so long
FOLDER = Path(__file__).parent
WIDTHS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 860}},
}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as a browser test."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so the pages are not tested in a browser: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    switches = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """The page at a phone's and a desktop's width: it must log no error, use no other host and not scroll sideways."""
    context = browser.new_context(base_url=server, **WIDTHS[request.param])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    hosts: set[str] = set()

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            errors.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
    page.goto("/")
    yield page
    page.unroute_all(behavior="ignoreErrors")  # the page may have asked once more
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
    assert {host for host in hosts if not host.startswith(("data:", "blob:"))} <= {server}
    context.close()


@pytest.fixture
def desktop(browser: Browser, server: str) -> Iterator[Page]:
    """The page at a desktop's width, without the checks of `page`."""
    context = browser.new_context(base_url=server, **WIDTHS["desktop"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/")
    yield page
    page.unroute_all(behavior="ignoreErrors")  # the page may have asked once more
    context.close()
