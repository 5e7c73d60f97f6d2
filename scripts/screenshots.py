"""Take the screenshots in docs/images: the page in Chromium, light and dark, on a desktop and on a phone, and the lab.

python scripts/screenshots.py
"""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from bench_page_latency import chromium
from bench_server_load import served

ROOT = Path(__file__).parents[1]
WIDE: dict[str, object] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, object] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
WIDTH = 1000  # pixels of a saved picture
GAP = 40  # pixels between phones
SETTLE = 1000  # milliseconds until the page shows everything

Stroke = list[tuple[float, float]]


def arc(x: float, y: float, across: float, down: float, start: float, end: float, steps: int = 24) -> Stroke:
    """A part of an ellipse, in fractions of the paper; angles in degrees, clockwise from the right."""
    turns = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns]


DIGITS: dict[str, list[Stroke]] = {
    "0": [arc(0.5, 0.5, 0.17, 0.29, -70, 295)],
    "2": [[*arc(0.49, 0.36, 0.17, 0.16, 190, 380), (0.5, 0.6), (0.34, 0.79), (0.5, 0.78), (0.71, 0.775)]],
    "3": [arc(0.48, 0.33, 0.155, 0.145, 200, 430) + arc(0.47, 0.64, 0.19, 0.175, -80, 150)],
    "4": [
        [(0.44, 0.2), (0.37, 0.38), (0.3, 0.56), (0.5, 0.555), (0.72, 0.55)],
        [(0.61, 0.35), (0.59, 0.6), (0.57, 0.83)],
    ],
    "7": [
        [(0.3, 0.25), (0.5, 0.24), (0.7, 0.235), (0.58, 0.5), (0.45, 0.82)],
        [(0.4, 0.53), (0.52, 0.525), (0.64, 0.52)],
    ],
    "9": [[*arc(0.49, 0.36, 0.14, 0.15, -20, -360), (0.63, 0.4), (0.6, 0.6), (0.585, 0.83)]],
}


def main() -> None:
    with served() as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        save("page", drawn(browser, WIDE, url, "3"))
        save("page-dark", photo(browser, WIDE, f"{url}?theme=dark"))
        save("page-number", drawn(browser, WIDE, f"{url}?read=number", "40729"))
        phones = [
            drawn(browser, PHONE, url, "3"),
            photo(browser, PHONE, f"{url}?theme=dark"),
            drawn(browser, PHONE, f"{url}?read=number", "407"),
        ]
        save("page-phone", side_by_side(phones))
        save("lab", lab(browser, f"{url}/lab/"))
        browser.close()


def drawn(browser: Browser, device: dict[str, object], url: str, number: str) -> Image.Image:
    page = browser.new_page(**device)  # type: ignore[arg-type]
    page.goto(url)
    write(page, "#paper", number)
    return screenshot(page, device is PHONE)


def write(page: Page, paper: str, number: str) -> None:
    """Write digits with the mouse on a paper, given by its selector."""
    page.locator(paper).scroll_into_view_if_needed()
    box = page.locator(paper).bounding_box()
    if box is None:
        sys.exit(f"the page has no {paper}")
    digit_width = min(1.0, 1.1 / len(number))  # as a fraction of the paper
    for i, digit in enumerate(number):
        left = (1 - digit_width) / 2 + (i - (len(number) - 1) / 2) * 0.92 / len(number)
        for stroke in DIGITS[digit]:
            path = [
                (box["x"] + box["width"] * (left + digit_width * x), box["y"] + box["height"] * y) for x, y in stroke
            ]
            page.mouse.move(*path[0])
            page.mouse.down()
            for point in path[1:]:
                page.mouse.move(*point)
            page.mouse.up()


def lab(browser: Browser, url: str) -> Image.Image:
    """The lab after its first run, with a digit drawn on it."""
    page = browser.new_page(**WIDE)  # type: ignore[arg-type]
    page.goto(url)
    expect(page.locator("#test")).to_contain_text("%", timeout=120_000)
    write(page, "#paper", "3")
    page.evaluate("scrollTo(0, 0)")
    return screenshot(page, one_screen=False)


def photo(browser: Browser, device: dict[str, object], url: str) -> Image.Image:
    page = browser.new_page(**device)  # type: ignore[arg-type]
    page.goto(url)
    page.set_input_files("#file", ROOT / "samples" / "8.jpg")
    return screenshot(page, device is PHONE)


def screenshot(page: Page, one_screen: bool) -> Image.Image:
    page.wait_for_timeout(SETTLE)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=not one_screen))).convert("RGB")
    page.close()
    return picture


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    sheet = Image.new("RGB", (sum(p.width + GAP for p in pictures) - GAP, pictures[0].height), "#8b8f94")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


def save(name: str, picture: Image.Image) -> None:
    small = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    reduced = small.quantize(128, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    reduced.save(ROOT / "docs" / "images" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
