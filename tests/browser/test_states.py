"""The pages tell the truth at every moment: what does not belong to the input on screen is cleared or marked."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from helpers.drawing import draw, scribble
from helpers.project import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

READINGS = re.compile(r"/v1/(stages|read-number)$")


def hold_pictures(page: Page) -> list[Route]:
    """Hold the requests with a JPEG file, as a slow connection would; drawings pass."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if route.request.headers.get("content-type") == "image/jpeg":
            held.append(route)
        else:
            route.fallback()

    page.route(READINGS, handle)
    return held


def state(page: Page, name: str) -> None:
    expect(page.locator("#answer")).to_have_attribute("data-state", name)


def test_the_answer_before_a_picture_is_not_shown_while_the_picture_is_read(page: Page) -> None:
    held = hold_pictures(page)
    draw(page, 7)
    expect(page.locator("#stage-runner-up")).to_be_visible()
    page.set_input_files("#file", SAMPLES / "3.jpg")
    state(page, "waiting")
    expect(page.locator("#digit")).to_be_empty()
    expect(page.locator("#sure")).to_have_text("reading …")
    expect(page.locator("#stages")).to_be_hidden()
    expect(page.locator("#time")).to_be_empty()
    held[0].continue_()
    expect(page.locator("#digit")).to_have_text("3")
    state(page, "answered")


def test_a_stroke_does_not_wait_behind_an_upload(page: Page) -> None:
    held = hold_pictures(page)
    page.set_input_files("#file", SAMPLES / "3.jpg")
    state(page, "waiting")
    draw(page, 1)
    expect(page.locator("#digit")).to_have_text("1")
    assert len(held) == 1  # and is still held


def test_upload_shows_how_much_is_sent(desktop: Page) -> None:
    network = desktop.context.new_cdp_session(desktop)
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    network.send("Network.emulateNetworkConditions", conditions)
    noise = (SAMPLES / "3.jpg").read_bytes() + bytes(1_000_000)
    desktop.set_input_files("#file", {"name": "3.jpg", "mimeType": "image/jpeg", "buffer": noise})
    expect(desktop.locator("#sure")).to_have_text(re.compile(r"^sending [1-9]\d? %$"))
    state(desktop, "sending")
    network.send("Network.emulateNetworkConditions", conditions | {"uploadThroughput": -1})
    expect(desktop.locator("#digit")).to_have_text("3")


def test_rejected_drawing_highlights_no_digit_and_gives_no_hex_bytes(page: Page) -> None:
    scribble(page)
    expect(page.locator("#sure")).to_have_text("no digit")
    expect(page.locator("#bars .first")).to_have_count(0)
    page.set_input_files("#file", {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear reader"})
    expect(page.locator("#advice")).to_have_text(re.compile(r"^The picture cannot be read: unknown format"))
    assert not re.search(r"\b[0-9a-f]{2} [0-9a-f]{2}\b", page.locator("#advice").inner_text())


def test_several_digits_are_read_as_a_number_at_a_press(page: Page) -> None:
    def several(route: Route) -> None:
        problem = "Several digits were found, 47: read them as a number (--number, read_number), or show one alone."
        route.fulfill(json=route.fetch().json() | {"digit": None, "confidence": 0, "problem": problem})

    page.route("**/v1/stages", several)
    draw(page, 4, left=-0.05, width=0.6)
    draw(page, 7, left=0.45, width=0.6)
    expect(page.locator("#advice")).to_have_text("There are several digits here: 47.")
    page.click("#as-number")
    expect(page.locator("#chips")).to_be_visible()
    assert "read=number" in page.url


def test_nothing_but_the_bars_moves_while_the_pen_is_down(desktop: Page) -> None:
    places = """() => ["#bars", "#sure", "#pad", "#digit", ".foot"].map((name) => {
        const box = document.querySelector(name).getBoundingClientRect();
        return [box.left, box.top].map(Math.round);
    })"""
    before = desktop.evaluate(places)
    draw(desktop, 7, lift=False)
    expect(desktop.locator("#digit")).to_have_text("7")
    assert desktop.evaluate(places) == before
    expect(desktop.locator("#advice")).to_be_hidden()
    expect(desktop.locator("#stages")).to_be_hidden()
    desktop.mouse.up()
    expect(desktop.locator("#stages")).to_be_visible()


def test_uncertain_digit_is_shown_with_what_it_could_be_instead(desktop: Page) -> None:
    def doubt(route: Route) -> None:
        answer = route.fetch()
        values = answer.json()
        values["probabilities"] = [0, 0.56, 0, 0, 0, 0, 0, 0.42, 0, 0.02]
        route.fulfill(json=values | {"digit": 1, "confidence": 0.56})

    desktop.route("**/v1/stages", doubt)
    draw(desktop, 1)
    expect(desktop.locator("#rival")).to_have_text("or 7, 42.0 %")
    expect(desktop.locator("#answer")).to_have_class(re.compile("unsure"))


def test_paper_and_digit_are_kept_from_page_to_page(page: Page) -> None:
    page.click("#theme")
    page.click("#theme")
    draw(page, 7)
    expect(page.locator("#stage-runner-up")).to_be_visible()
    page.reload()
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#stage-runner-up")).to_be_visible()
    page.get_by_role("link", name="Lab").click()
    expect(page.locator("[data-caption]")).to_have_text("the digit in the URL of this page")
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: dark")
    expect(page.locator("#verdict b")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(page.locator("#digit")).to_have_text("7")
    assert "theme=dark" in page.url


def test_two_dropped_files_are_told_apart(page: Page) -> None:
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            for (const name of ["a.jpg", "b.jpg"]) transfer.items.add(new File(["?"], name));
            dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#notice")).to_have_text("Of 2 files, only the first is read: a.jpg")


def test_lab_judges_only_the_digit_on_screen(desktop: Page) -> None:
    desktop.goto("/lab/?digit=t18")
    expect(desktop.locator("#verdict")).to_have_text(re.compile("read as "))
    desktop.get_by_role("button", name="Clear").click()
    expect(desktop.locator("#verdict")).to_be_empty()
    expect(desktop.locator("#products .score")).to_have_count(0)
    desktop.get_by_role("button", name="Test image").click()
    expect(desktop.locator("#verdict")).to_have_text(re.compile("read as "))
    scribble(desktop)
    expect(desktop.locator("[data-caption]")).to_contain_text("does not look like a digit")
    expect(desktop.locator("#verdict")).to_be_empty()
    desktop.get_by_role("button", name="Test image").click()
    expect(desktop.locator("#verdict")).to_have_text(re.compile("read as "))
    desktop.route("**/v1/*", lambda route: route.abort())
    desktop.set_input_files("[data-file]", SAMPLES / "3.jpg")
    expect(desktop.locator("[data-caption]")).to_have_text("The server does not answer. Is it still running?")
    expect(desktop.locator("#verdict")).to_be_empty()


def test_lab_shows_no_figures_of_other_settings_when_a_run_fails(desktop: Page) -> None:
    desktop.goto("/lab/")
    expect(desktop.locator("#test")).to_have_text("74.47 %")
    desktop.route("**/lab/api/train*", lambda route: route.abort())
    desktop.get_by_role("button", name="from zeros").click()
    expect(desktop.locator("#warning")).to_have_text("The server does not answer. Is it still running?")
    expect(desktop.locator("#test")).to_have_text(re.compile("^[^0-9]$"))
    desktop.unroute("**/lab/api/train*")
    desktop.get_by_role("button", name="the article").click()
    expect(desktop.locator("#test")).to_have_text("74.47 %")
    expect(desktop.locator("#warning")).to_be_hidden()


def test_ladder_says_nothing_of_a_scribble_and_recovers_from_a_lost_server(desktop: Page) -> None:
    desktop.goto("/lab/ladder/?digit=t18")
    packaged = desktop.locator(".rung").last
    expect(packaged.locator(".reading")).to_contain_text("reads your digit as")
    scribble(desktop)
    expect(packaged.locator(".reading")).to_be_empty()
    desktop.route("**/lab/api/ladder/*", lambda route: route.abort())
    rung = desktop.locator(".rung", has=desktop.get_by_role("button")).first
    rung.get_by_role("button").click()
    expect(rung.locator(".note")).to_have_text("The server does not answer. Is it still running?")
    expect(rung.get_by_role("button")).to_be_enabled()
    expect(desktop.locator("#all")).to_be_enabled()


def test_diverging_update_is_shown_and_not_ten_empty_images(desktop: Page) -> None:
    desktop.goto("/lab/update/?alpha=1e-6&number=2099")
    expect(desktop.locator("#after-caption")).to_contain_text("the run diverged")
    inked = desktop.locator("#changes canvas").evaluate_all(
        """(all) => all.map((canvas) => canvas.getContext("2d").getImageData(0, 0, 28, 28).data
            .filter((value, i) => i % 4 === 3 && value > 0).length)"""
    )
    assert min(inked) > 50


def test_all_rungs_answer_one_digit_on_one_chart(page: Page) -> None:
    page.goto("/lab/ladder/?digit=t18")
    rows = page.locator("#errors li:not(.ticks)")
    expect(rows.last).to_contain_text("packaged")
    expect(rows.last.locator(".said")).to_have_text(re.compile(r"^\d or \d$"))
    assert rows.last.locator(".percent").inner_text() == "0.26 %"
    places = rows.locator(".dot").evaluate_all("(dots) => dots.map((dot) => dot.getBoundingClientRect().left)")
    assert len(places) == rows.count() == 8
    assert places == sorted(places, reverse=True)  # each rung makes fewer errors
    assert min(a - b for a, b in itertools.pairwise(places[1:])) > 1  # and one sees it
    page.get_by_role("button", name="Clear").click()
    expect(rows.last.locator(".said")).to_be_empty()
