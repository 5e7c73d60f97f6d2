from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

import tenfold
from helpers.drawing import DIGITS, draw
from helpers.project import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe


TEN_REQUESTS = """async (encoded) => {
  const body = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const times = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    await (await fetch("/v1/stages", { method: "POST", body })).json();
    times.push(performance.now() - started);
  }
  return times;
}"""


def give(page: Page, picture: Path | dict[str, Any]) -> None:
    page.set_input_files("#file", picture)  # type: ignore[arg-type]


def hand_over(page: Page, event: str, picture: Path) -> None:
    """Drop or paste a file, as `event` says."""
    data = base64.b64encode(picture.read_bytes()).decode()
    page.evaluate(
        """([event, data, name]) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            const made = event === "paste"
                ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
                : new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true });
            document.getElementById("pad").dispatchEvent(made);
        }""",
        [event, data, picture.name],
    )


def ink(page: Page) -> int:
    """The number of pixels of the paper with ink."""
    return int(
        page.evaluate(
            """() => {
                const canvas = document.getElementById("paper");
                const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
                copy.drawImage(canvas, 0, 0);
                const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
                return data.filter((value, i) => i % 4 === 3 && value > 0).length;
            }"""
        )
    )


def answer(page: Page, text: str) -> None:
    expect(page.locator("#digit")).to_have_text(text)


def test_drawn_digits_are_read(page: Page) -> None:
    for digit in DIGITS:
        draw(page, digit)
        answer(page, str(digit))
        expect(page.locator("#bars .first")).to_contain_text(re.compile(rf"^{digit}"))
        expect(page.locator("#sure")).to_have_text(re.compile(r"^\d+(\.\d)? % sure$"))
        assert page.evaluate("scrollY") == 0
        page.click("#clear")


@pytest.mark.slow
def test_answer_appears_while_the_pen_is_down_hardly_later_than_a_plain_request(desktop: Page) -> None:
    draw(desktop, 7, lift=False)
    answer(desktop, "7")
    desktop.mouse.up()
    times: list[float] = []
    for _ in range(20):  # how many moves of the pen are answered depends on the machine
        draw(desktop, 7)
        times = desktop.evaluate("performance.getEntriesByName('stroke to answer').map((entry) => entry.duration)")
        if len(times) >= 8:
            break
    assert len(times) >= 8
    plain = desktop.evaluate(TEN_REQUESTS, base64.b64encode((SAMPLES / "7.jpg").read_bytes()).decode())
    assert min(times) <= 4 * min(plain) + 20  # milliseconds; a frame of the browser takes 16
    expect(desktop.locator("#time")).to_have_text(re.compile(r"^Answered in \d+ ms\.$"))


def test_every_stage_and_the_evidence_are_shown(page: Page) -> None:
    draw(page, 1)
    expect(page.locator("#stage-runner-up")).to_be_visible()
    expect(page.locator("#figures figure:visible")).to_have_count(6)
    expect(page.locator("#stage-evidence figcaption")).to_contain_text("for 1 and against it")
    widths = page.locator("#figures img").evaluate_all("all => all.map((image) => image.naturalWidth)")
    assert widths == [280, 280, 280, 28, 28, 28]
    box = page.locator("#stage-strokes .box").bounding_box()
    tile = page.locator("#stage-strokes .fit").bounding_box()
    assert box is not None
    assert tile is not None
    assert box["height"] / tile["height"] == pytest.approx(0.62 + 0.075, abs=0.03)  # the stroke and the pen's width
    page.click("#clear")
    expect(page.locator("#stages")).to_be_hidden()


def test_undo_clear_and_pen_thickness_work(page: Page) -> None:
    expect(page.locator("#undo")).to_be_disabled()
    draw(page, 4)
    answer(page, "4")
    whole = ink(page)
    page.click("#undo")
    assert 0 < ink(page) < whole
    page.click("#clear")
    assert ink(page) == 0
    answer(page, "")
    page.click("#undo")  # undoes clearing
    assert 0 < ink(page) < whole
    page.keyboard.press("Control+z")
    assert ink(page) == 0
    draw(page, 1)
    thick = ink(page)
    page.click("#clear")
    page.check("input[value=thin]", force=True)
    draw(page, 1)
    assert 0.3 * thick < ink(page) < 0.65 * thick
    answer(page, "1")


def test_digit_can_be_drawn_by_keyboard_alone(page: Page) -> None:
    paper = page.locator("#paper")
    for _ in range(12):
        page.keyboard.press("Tab")
        if paper.evaluate("(paper) => paper === document.activeElement"):
            break
    expect(paper).to_be_focused()
    expect(page.locator("#pencil")).to_be_visible()
    for key in ["Shift+ArrowUp"] * 3 + [" "] + ["Shift+ArrowDown"] * 6 + ["Enter"]:
        page.keyboard.press(key)
    answer(page, "1")
    expect(page.locator("#announcement")).to_have_text(re.compile(r"^1\. \d+(\.\d)? % sure$"))
    page.keyboard.press("Backspace")
    answer(page, "")
    for key in [" ", "ArrowRight", "Escape"]:
        page.keyboard.press(key)
    assert ink(page) == 0


def test_dropped_pasted_and_chosen_pictures_are_read(page: Page) -> None:
    hand_over(page, "drop", SAMPLES / "8.jpg")
    answer(page, "8")
    assert ink(page) > 10_000
    expect(page.locator("#hint")).to_be_hidden()
    hand_over(page, "paste", SAMPLES / "6.jpg")
    answer(page, "6")
    with page.expect_file_chooser() as chooser:
        page.click("#choose")
    chooser.value.set_files(SAMPLES / "5.jpg")
    answer(page, "5")
    draw(page, 1)  # on new paper
    answer(page, "1")
    page.click("#undo")  # undoes the stroke, which had taken new paper
    answer(page, "5")
    page.click("#undo")
    answer(page, "6")
    page.click("#redo")
    answer(page, "5")


def test_picture_in_a_format_unknown_to_the_browser_is_shown_in_grayscale(desktop: Page) -> None:
    with Image.open(SAMPLES / "6.jpg") as picture:
        portable = io.BytesIO()
        picture.convert("L").save(portable, "PPM")
    give(desktop, {"name": "6.pgm", "mimeType": "", "buffer": portable.getvalue()})
    answer(desktop, "6")
    expect(desktop.locator("#picture-name")).to_be_hidden()
    assert ink(desktop) > 10_000
    desktop.check("input[value=number]", force=True)
    answer(desktop, tenfold.Reader().read_number(portable.getvalue()).text)
    expect(desktop.locator("#boxes li").first).to_be_visible()


def test_file_that_is_not_a_picture_is_answered_with_a_sentence(page: Page) -> None:
    give(page, {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear reader"})
    expect(page.locator("#advice")).to_contain_text("The picture cannot be read: unknown format")
    expect(page.locator("#picture-name")).to_have_text("letter.txt")
    expect(page.locator("#announcement")).to_contain_text("not read. The picture cannot be read")
    page.click("#clear")
    expect(page.locator("#advice")).to_be_hidden()


def test_unreachable_server_is_reported_in_a_sentence(desktop: Page) -> None:
    desktop.route("**/v1/*", lambda route: route.abort())
    draw(desktop, 7)
    expect(desktop.locator("#advice")).to_have_text("The server does not answer. Is it still running?")


def test_camera_takes_a_picture(page: Page) -> None:
    page.click("#camera")
    expect(page.locator("#take")).to_be_enabled()
    page.click("#take")
    expect(page.locator("#viewfinder")).to_be_hidden()
    expect(page.locator("#stage-picture img")).to_be_visible()
    assert page.evaluate("document.getElementById('video').srcObject === null")


def test_number_has_a_box_around_each_digit(page: Page) -> None:
    page.check("input[value=number]", force=True)
    for i, digit in enumerate((4, 0, 7)):
        draw(page, digit, left=0.04 + 0.3 * i, width=0.32)
    answer(page, "407")
    # The answer may belong to an unfinished 7: wait until its box is as high as the others.
    page.wait_for_function(
        """() => {
            const paper = document.getElementById("paper").getBoundingClientRect();
            const heights = [...document.querySelectorAll("#boxes li")].map((box) => box.clientHeight / paper.height);
            return heights.length === 3 && heights.every((height) => Math.abs(height - 0.65) < 0.12);
        }"""
    )
    middles = page.evaluate(  # all at once: a later reading replaces the boxes
        """() => {
            const paper = document.getElementById("paper").getBoundingClientRect();
            const boxes = [...document.querySelectorAll("#boxes li")].map((box) => box.getBoundingClientRect());
            return boxes.map((box) => (box.left + box.width / 2 - paper.left) / paper.width);
        }"""
    )
    assert middles == pytest.approx([0.2, 0.5, 0.8], abs=0.04)
    page.get_by_role("button", name=re.compile(r"^4")).click()
    expect(page.locator("#bars .first")).to_contain_text(re.compile(r"^4"))
    expect(page.locator("#boxes .chosen")).to_have_text("4")


def test_settings_are_kept_in_the_url(page: Page) -> None:
    page.check("input[value=number]", force=True)
    page.check("input[value=thin]", force=True)
    page.click("#theme")
    page.click("#theme")
    assert page.url.split("?")[1] == "read=number&pen=thin&theme=dark"
    page.reload()
    expect(page.locator("input[value=number]")).to_be_checked()
    expect(page.locator("input[value=thin]")).to_be_checked()
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.goto("/?read=nonsense&pen=&theme=%00")
    expect(page.locator("input[value=digit]")).to_be_checked()


def test_axe_finds_no_violation_in_any_state(page: Page) -> None:
    def check() -> None:
        expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
        page.wait_for_function("() => document.getAnimations().length === 0")  # colours fade in
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []

    on_phone = page.evaluate("innerWidth") < 500
    page.goto("/?theme=dark" if on_phone else "/?theme=light")
    check()
    draw(page, 2)
    expect(page.locator("#stage-runner-up")).to_be_visible()
    check()
    page.check("input[value=number]", force=True)
    expect(page.locator("#chips")).to_be_visible()
    check()
    give(page, {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear reader"})
    expect(page.locator("#advice")).to_be_visible()
    check()
    page.click("#camera")
    expect(page.locator("#take")).to_be_enabled()
    check()


def test_feature_maps_of_the_layers_are_lit_by_the_digit(page: Page) -> None:
    draw(page, 7)
    maps = page.locator("#layers img")
    expect(maps).to_have_count(5)
    expect(page.locator("#layers figcaption").first).to_have_text(re.compile("^Layer 1: 16 maps of 12 . 12$"))
    expect(page.locator("#layers figcaption").last).to_have_text("Layer 5: 256 numbers, each of the whole image")
    seven = maps.first.get_attribute("src")
    page.click("#clear")
    expect(page.locator("#inside")).to_be_hidden()
    draw(page, 1)
    expect(page.locator("#inside")).to_be_visible()
    assert maps.first.get_attribute("src") != seven
