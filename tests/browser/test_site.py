"""The documentation site: it builds, asks no other host, and works when it is opened from its files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers.project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site; a warning of its build is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    assert (folder / "search" / "search_index.json").is_file()
    return folder


def test_the_site_asks_no_other_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert re.findall(r"<(?:script|img|link)[^>]+(?:src|href)=\"?(?:https?:)?//", page.read_text()) == []


def test_search_works_in_the_site_read_from_files(site: Path, browser: Browser) -> None:
    from playwright.sync_api import expect

    page = browser.new_page()
    page.goto((site / "how-to" / "read-numbers.html").as_uri())
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("calibration")
    expect(page.locator(".md-search-result__item").first).to_be_visible()
    page.close()
