"""The documentation site, opened from its files, without a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_search_works_in_the_site_read_from_files(browser: Browser, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    page = browser.new_page()
    page.goto((tmp_path / "how-to" / "read-numbers.html").as_uri())
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("calibration")
    expect(page.locator(".md-search-result__item").first).to_be_visible()
    page.close()
