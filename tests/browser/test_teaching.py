"""A visitor corrects digits, keeps them, teaches the network, and sees what that changed."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tenfold
from helpers.drawing import draw, touch
from helpers.drawn_writer import FORMS, drawn_digits

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe


def exported() -> dict[str, Any]:
    """Thirty corrections of the drawn writer, as a file."""
    images, labels = drawn_digits(30)
    read = tenfold.load_network("digits").predict(images)
    rows = zip(images, labels.tolist(), read.tolist(), strict=True)
    found = [{"image": base64.b64encode(i.tobytes()).decode(), "digit": d, "read": r} for i, d, r in rows]
    return {"kind": "tenfold corrections", "corrections": found}


def give(page: Page, text: str) -> None:
    file = {"name": "mine.json", "mimeType": "application/json", "buffer": text.encode()}
    page.set_input_files("#import-file", file)  # type: ignore[arg-type]


def draw_nine(page: Page) -> None:
    """A 9 with its loop on the right, as the drawn writer writes it."""
    page.evaluate("scrollTo(0, 0)")
    for stroke in FORMS[9].split("|"):
        touch(page, [(0.3 + int(at[0]) / 18, 0.2 + int(at[1]) / 15) for at in stroke.split()])


def test_digit_is_corrected_by_its_bar_and_by_its_key(page: Page) -> None:
    strip, said = page.locator("#strip li"), page.locator("#strip span")
    expect(page.get_by_role("button", name="It is a 4")).to_be_hidden()  # there is nothing to correct
    draw(page, 7)
    page.get_by_role("button", name="It is a 1").click()
    expect(page.locator("#corrections-status")).to_have_text("Kept: it is a 1, not a 7.")
    expect(said).to_have_text(["read 7, is 1"])
    page.keyboard.press("2")  # the same image: the last word counts
    expect(said).to_have_text(["read 7, is 2"])
    page.click("#clear")
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("3")
    expect(strip).to_have_count(1)
    draw(page, 3)
    expect(page.get_by_role("button", name="It is a 3")).to_be_visible()
    page.keyboard.press("3")
    expect(said).to_have_text(["read 7, is 2", "is 3"])
    page.reload()
    expect(strip).to_have_count(2)
    page.get_by_role("button", name="Delete correction 1: read 7, is 2").press("Enter")
    expect(said).to_have_text(["is 3"])
    expect(page.get_by_role("button", name="Delete correction 1: is 3")).to_be_focused()


def test_teaching_shows_what_it_won_and_what_else_it_changed(page: Page) -> None:
    give(page, json.dumps(exported()))
    expect(page.locator("#corrections-status")).to_have_text("30 corrections imported.")
    draw_nine(page)
    expect(page.get_by_role("button", name="It is a 9")).to_be_visible()
    page.click("#teach")
    expect(page.locator("#taught-gain")).to_have_text(
        re.compile(r"^Of 30 corrected digits, 6 would have been misread; now [0-3]\.$")
    )
    expect(page.locator("#taught-mnist")).to_contain_text("10,000 test digits, 26 were misread; taught, ")
    expect(page.locator("#taught-changes figure").first).to_contain_text(re.compile(r"a \d: before \d, after \d"))
    expect(page.locator("#after-says")).to_have_text(re.compile(r"^9, "))
    expect(page.locator("#before-says")).not_to_have_text(re.compile(r"^9, "))
    expect(page.locator("#taught-says")).to_have_text(re.compile(r"^Taught: 9, "))
    violations = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []
    page.click("#clear")
    expect(page.locator("#taught-digit")).to_be_hidden()
    expect(page.locator("#taught-says")).to_be_empty()
    page.goto("/")
    draw_nine(page)
    expect(page.locator("#taught-says")).to_have_text(re.compile(r"^Taught: 9, "))  # it is kept
    page.click("#forget")
    expect(page.locator("#taught")).to_be_hidden()
    expect(page.locator("#taught-says")).to_be_empty()


def test_taught_network_and_corrections_are_downloaded(desktop: Page, tmp_path: Path) -> None:
    give(desktop, json.dumps(exported()))
    with desktop.expect_download() as waiting:
        desktop.click("#export")
    assert json.loads(Path(waiting.value.path()).read_text()) == exported()
    desktop.click("#teach")
    with desktop.expect_download() as waiting:
        desktop.click("#download")
    assert waiting.value.suggested_filename == "taught.zip"
    assert Path(waiting.value.path()).read_bytes()[:2] == b"PK"


def test_bad_import_gives_one_error_and_adds_nothing(page: Page) -> None:
    give(page, "{")
    expect(page.locator("#corrections-problem")).to_have_text(
        "mine.json is not JSON: choose a file that was exported here."
    )
    expect(page.locator("#strip li")).to_have_count(0)
    give(page, json.dumps(exported()))
    expect(page.locator("#corrections-problem")).to_be_hidden()
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#delete-all")
    expect(page.locator("#strip li")).to_have_count(0)
    expect(page.locator("#teach")).to_be_disabled()


def test_teaching_that_wins_nothing_changes_nothing(desktop: Page) -> None:
    right = [each for each in exported()["corrections"] if each["digit"] in {1, 2, 3}]
    give(desktop, json.dumps({"kind": "tenfold corrections", "corrections": right}))
    desktop.click("#teach")
    expect(desktop.locator("#taught-gain")).to_contain_text("0 would have been misread; now 0. That is not better")
    expect(desktop.locator("#download")).to_be_hidden()
    draw(desktop, 7)
    expect(desktop.get_by_role("button", name="It is a 7")).to_be_visible()
    expect(desktop.locator("#taught-says")).to_be_empty()


def test_layer_of_another_network_is_forgotten(desktop: Page) -> None:
    give(desktop, json.dumps(exported()))
    desktop.click("#teach")
    expect(desktop.locator("#forget")).to_be_visible()

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"error": "the taught layer belongs to another network: teach again"})

    desktop.route("**/v1/teach/read", refuse)
    draw(desktop, 7)
    expect(desktop.locator("#corrections-problem")).to_have_text(
        "The taught layer belongs to another network: teach again."
    )
    expect(desktop.locator("#taught")).to_be_hidden()
