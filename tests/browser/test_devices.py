"""The pages on small, zoomed and printed media, with forced colours, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.drawing import draw
from helpers.live_server import process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

SIZES = {"phone on its side": (844, 390), "200 % zoom": (640, 360), "tablet": (820, 1180), "small phone": (360, 640)}


@pytest.mark.parametrize("size", SIZES)
def test_paper_leaves_room_to_swipe_and_the_answer_is_in_sight(desktop: Page, size: str) -> None:
    width, height = SIZES[size]
    desktop.set_viewport_size({"width": width, "height": height})
    paper = desktop.locator("#pad").bounding_box()
    digit = desktop.locator("#digit").bounding_box()
    assert paper is not None
    assert digit is not None
    assert paper["y"] + paper["height"] <= height
    assert paper["height"] <= 0.75 * height
    assert digit["y"] < height - 20
    assert desktop.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_result_stays_in_sight_while_a_slider_is_moved_on_a_phone(desktop: Page) -> None:
    desktop.set_viewport_size({"width": 390, "height": 844})
    desktop.goto("/lab/")
    expect(desktop.locator("#test")).to_have_text("74.47 %")
    desktop.locator("#alpha").scroll_into_view_if_needed()
    box = desktop.locator("#test").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 844 - box["height"]


def test_forced_colours_keep_the_choice_and_the_evidence_visible(desktop: Page) -> None:
    desktop.emulate_media(forced_colors="active")
    colours = """(name) => [...document.querySelectorAll(`input[name=${name}] + span`)].map(
        (label) => getComputedStyle(label).backgroundColor)"""
    chosen, other = desktop.evaluate(colours, "read")
    assert chosen != other
    draw(desktop, 1)
    expect(desktop.locator("#stage-evidence")).to_be_visible()
    reddish, bluish = desktop.locator("#stage-evidence canvas").evaluate(
        """(canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28), found = [0, 0];
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 15) found[data[i] > data[i + 2] ? 0 : 1] += 1;
            return found;
        }"""
    )
    assert reddish > 5
    assert bluish > 5
    evidence = "(name) => getComputedStyle(document.querySelector(`#stage-evidence ${name}`)).color"
    assert desktop.evaluate(evidence, ".for") != desktop.evaluate(evidence, ".against")


def test_dark_theme_prints_dark_on_white(desktop: Page) -> None:
    desktop.goto("/?theme=dark")
    draw(desktop, 1)
    expect(desktop.locator("#stage-evidence")).to_be_visible()
    desktop.emulate_media(media="print")
    lightness = """(name) => {
        const [red, green, blue] = getComputedStyle(document.body)[name].match(/[\\d.]+/g).map(Number);
        return red + green + blue;
    }"""
    assert desktop.evaluate(lightness, "backgroundColor") > 700
    assert desktop.evaluate(lightness, "color") < 150
    desktop.wait_for_function(  # the strokes are drawn again
        """() => {
            const canvas = document.getElementById("paper");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let most = 0;
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) most = Math.max(most, data[i]);
            return most < 100;
        }"""
    )
    expect(desktop.locator("#undo")).to_be_hidden()
    desktop.emulate_media(media="screen")
    desktop.wait_for_function(
        f"() => ({lightness})('backgroundColor') < 150"
    )  # the theme returns after the change of media


@pytest.mark.parametrize("path", ["/", "/lab/", "/lab/update/", "/lab/ladder/", "/docs/"])
def test_pages_say_that_they_need_javascript(browser: Browser, server: str, path: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto(path)
    expect(page.locator("noscript .note")).to_contain_text("This page needs JavaScript.")
    expect(page.locator("noscript .note")).to_be_visible()
    context.close()


def test_story_is_complete_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/lab/story/")
    expect(page.locator("noscript")).to_have_count(0)
    expect(page.get_by_role("heading", name="Ten sums")).to_be_visible()
    context.close()


def test_pages_work_behind_a_prefix_that_a_proxy_keeps(browser: Browser) -> None:
    with process("--root-path", "/digits", "--workers", "1") as (url, _):
        page = browser.new_page(base_url=url)
        failed: list[str] = []
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.goto("/digits/")
        draw(page, 7)
        expect(page.locator("#digit")).to_have_text("7")
        page.get_by_role("link", name="Lab").click()
        expect(page.locator("#test")).to_have_text("74.47 %")
        expect(page.locator("#verdict b")).to_be_visible()
        page.get_by_role("link", name="The ladder").click()
        expect(page.locator(".rung")).to_have_count(8)
        assert failed == []
        page.close()


def test_interface_is_shown_without_other_hosts_and_without_complaints_of_the_browser(page: Page) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    page.get_by_role("link", name="Interface for programs").click()
    page.on("console", listen)
    page.get_by_text("Read one digit and show every stage").click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    assert [text for text in complaints if "Content Security Policy" in text] == []
