"""Measure how long the page takes from a pen stroke to the answer, in Chromium (`make bench-serve`)."""

from __future__ import annotations

import math
import shutil
import statistics
import sys

from playwright.sync_api import Page, sync_playwright

from bench_server_load import served

DIGITS = 10
POINTS = 24  # points of one 0


def main() -> None:
    with served() as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        for _ in range(DIGITS):
            draw_zero(page)
            page.wait_for_timeout(500)
            page.click("#clear")
        times = page.evaluate("performance.getEntriesByName('stroke to answer').map((entry) => entry.duration)")
        browser.close()
    median, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"from stroke to answer    {median:.0f} ms median of {len(times)}, {slow:.0f} ms for one in twenty")
    if median > 50:
        sys.exit("the answer takes over 50 ms")


def chromium() -> str:
    """The path of Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("Chromium is not installed: on Debian, apt-get install chromium")
    return path


def draw_zero(page: Page) -> None:
    box = page.locator("#paper").bounding_box()
    if box is None:
        raise RuntimeError("the page has no paper")
    turns = [2 * math.pi * i / POINTS for i in range(POINTS + 1)]
    path = [
        (
            box["x"] + box["width"] * (0.5 + 0.2 * math.sin(turn)),
            box["y"] + box["height"] * (0.5 - 0.3 * math.cos(turn)),
        )
        for turn in turns
    ]
    page.mouse.move(*path[0])
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*point)
    page.mouse.up()


if __name__ == "__main__":
    main()
