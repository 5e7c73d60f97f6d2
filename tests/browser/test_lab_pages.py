"""The lab in a browser, at a phone's and a desktop's width; the fixture `page` checks that no other host is used."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray

import tenfold
from helpers.drawing import draw
from helpers.project import SAMPLES, Mnist
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Settings, train

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe

PAGES = ["/lab/", "/lab/update/", "/lab/ladder/", "/lab/story/"]


def percent(fraction: float) -> str:
    return f"{100 * fraction:.2f} %"


def slide(page: Page, name: str, value: str) -> None:
    """Move a slider to a value and dispatch its event."""
    page.locator(f"#{name}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )


def settings_in(page: Page, last: str) -> dict[str, str]:
    """The settings in the URL, once it contains `last`: the URL is written after a delay."""
    expect(page).to_have_url(re.compile(re.escape(last)))
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def expect_scores(page: Page, scores: NDArray[Any]) -> None:
    """Expect the ten exact scores below the images."""
    expect(page.locator("#products figcaption")).to_have_text(
        [f"{digit} {score.item()!r}" for digit, score in enumerate(scores)]
    )


def drawn(page: Page, canvas: str) -> list[int]:
    """The opacities of the 784 pixels of a canvas."""
    found: list[int] = page.locator(canvas).evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3)"
    )
    return found


def test_moved_slider_trains_again_and_the_url_keeps_the_settings(page: Page) -> None:
    page.goto("/lab/")
    expect(page.locator("#test")).to_have_text("74.47 %")
    expect(page.locator("#training")).to_have_text("89.40 %")
    page.locator("#alpha").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    slide(page, "images", "40")
    page.get_by_label("zeros").check()
    chosen = settings_in(page, "start=zeros")
    assert chosen["start"] == "zeros"
    assert float(chosen["alpha"]) < 1e-7
    run = train(Settings(float(chosen["alpha"]), 5, int(chosen["images"]), "zeros"))
    expect(page.locator("#test")).to_have_text(percent(run.test))
    page.reload()
    expect(page.locator("#test")).to_have_text(percent(run.test))
    assert [int(n or 0) for n in page.locator("#confusion td:not(:first-child), #confusion th + td").all_inner_texts()][
        :3
    ] == run.confusion[0, :3].tolist()


def test_weights_are_drawn_in_proportion(desktop: Page) -> None:
    desktop.goto("/lab/?alpha=3e-9&images=2000")
    run = train(Settings(alpha=3e-9, images=2000))
    expect(desktop.locator("#test")).to_have_text(percent(run.test))
    sizes = np.abs(run.weights.reshape(10, 28, 28)[:, 6:22, 6:22])
    largest = np.sort(sizes[sizes > 0])[int(0.99 * ((sizes > 0).sum() - 1))]
    expected = np.minimum(1, np.abs(run.weights[4]) / largest) * 255
    assert np.abs(np.array(drawn(desktop, "#weights figure:nth-child(5) canvas")) - expected).max() <= 1


def test_dragged_slider_shows_answers_during_the_drag_and_at_its_end(desktop: Page) -> None:
    desktop.goto("/lab/")
    expect(desktop.locator("#test")).to_have_text("74.47 %")
    shown, most_in_flight = desktop.evaluate(
        """async () => {
            const slider = document.getElementById("alpha"), shown = new Set(), fetchAsBefore = window.fetch;
            let inFlight = 0, most = 0;
            window.fetch = async (...parameters) => {
                most = Math.max(most, ++inFlight);
                try { return await fetchAsBefore(...parameters); } finally { inFlight -= 1; }
            };
            const end = performance.now() + 60000;
            for (let i = 0; shown.size < 4 && performance.now() < end; i += 1) {
                slider.value = -9 + (i % 90) / 60;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise((resume) => setTimeout(resume, 16));
                shown.add(document.documentElement.dataset.answers);
            }
            window.fetch = fetchAsBefore;
            return [shown.size, most];
        }"""
    )
    assert shown == 4  # the first answer, and three during the drag
    assert most_in_flight <= 2  # settings that are superseded before that are never sent
    last = desktop.locator("#alpha").evaluate(
        "(slider) => Number((10 ** slider.value).toPrecision(3)).toExponential().replace('e+', 'e')"
    )
    run = train(Settings(alpha=float(settings_in(desktop, f"alpha={last}")["alpha"])))
    expect(desktop.locator("#test")).to_have_text(percent(run.test))


def test_divergence_is_reported_with_its_limit_and_its_update(desktop: Page) -> None:
    desktop.goto("/lab/")
    desktop.get_by_role("button", name="too large").click()
    diverged_at = train(Settings(alpha=1e-6)).diverged_at
    note = desktop.locator("#warning")
    expect(note).to_contain_text(f"diverged at update {diverged_at:,} of 5,000")
    expect(note).to_contain_text(re.compile("1.43 . 10⁻⁷"))
    note.get_by_role("link").click()
    expect(desktop.locator("#number")).to_have_value(str(diverged_at))
    expect(desktop.locator("#after-caption")).to_contain_text("the run diverged")


def test_articles_program_is_timed_on_this_machine(desktop: Page) -> None:
    desktop.goto("/lab/?images=60000")
    expect(desktop.locator("#article-seconds")).to_have_text(re.compile(r"^\d+ minutes|[\d.]+ hours$"))


def test_update_page_shows_every_number_exactly(page: Page) -> None:
    page.goto("/lab/update/?images=500&number=733")
    update = compute_update(Settings(images=500), 733)
    page.get_by_label("every digit").press("Space")  # a click could miss while the page fills
    expect(page.locator("#sums tr")).to_have_count(11)
    expect(page.locator("#sums tr").last).to_contain_text(repr(update.sums[9].item()))
    rows = page.locator("#sums tr").all_inner_texts()[1:]
    for digit, row in enumerate(rows):
        _, *cells = row.replace("read", "").split()
        assert cells == [repr(update.sums[digit].item()), f"{update.target[digit]:.0f}"] + [
            repr(values[digit].item()) for values in (update.delta, update.errors)
        ]
    assert drawn(page, "#image") == update.image.ravel().tolist()


def test_pixel_selected_by_keyboard_shows_its_contribution(desktop: Page) -> None:
    desktop.goto("/lab/update/?number=12")
    update = compute_update(Settings(), 12)
    desktop.get_by_label("every digit").press("Space")  # a click could miss while the page fills
    pixel = int(update.image.argmax())
    expect(desktop.locator("#readout")).to_contain_text(f"row {pixel // 28 + 1}, column {pixel % 28 + 1}")
    desktop.locator("#pixels").focus()
    desktop.keyboard.press("ArrowDown")
    pixel += 28
    expect(desktop.locator("#readout")).to_contain_text(f"pixel {update.image.ravel()[pixel]}")
    for digit, row in enumerate(desktop.locator("#readout tr").all_inner_texts()[1:]):
        cells = row.split()
        weight = update.before[digit, pixel]
        product = float(update.image.ravel()[pixel]) * weight
        assert cells[1:3] == [repr(weight.item()), repr(product.item())]
        assert cells[-2:] == [repr(update.weight_changes[digit, pixel].item()), repr(update.after[digit, pixel].item())]


def test_updates_are_reached_forward_backward_and_by_number(page: Page) -> None:
    page.goto("/lab/update/")
    expect(page.locator("#back")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#number")).to_have_value("3")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#image-caption")).to_contain_text("training image 1: a 0")
    page.locator("#number").fill("4321")
    page.keyboard.press("Enter")
    expect(page.locator("#image-caption")).to_contain_text("Epoch 5, training image 320")
    assert settings_in(page, "number=4321")["number"] == "4321"
    page.get_by_role("button", name="Last update").click()
    expect(page.locator("#next")).to_be_disabled()


def test_sums_of_your_digit_are_the_scores_of_the_network(page: Page, mnist: Mnist) -> None:
    _, (images, _) = mnist
    page.goto("/lab/?digit=t18&images=300")
    run = train(Settings(images=300))
    scores = tenfold.OneLayerNet(weights=run.weights).scores(images[18:19])[0]
    page.get_by_label("every digit").press("Space")  # a click could miss while the page fills
    expect(page.locator("#test")).to_have_text(percent(run.test))
    expect(page.locator("#verdict")).to_have_text(re.compile(f"read as {scores.argmax()}"))
    expect_scores(page, scores)
    order = np.argsort(-scores, kind="stable")
    expect(page.locator("#runner-up-caption")).to_contain_text(
        f"evidence for {order[1]}, the runner-up; {order[0]} leads by"
    )
    expect(page.locator("#runner-up-caption")).to_contain_text(repr((scores[order[0]] - scores[order[1]]).item()))


def test_smaller_alpha_turns_your_digit_from_wrong_to_right(desktop: Page) -> None:
    desktop.goto("/lab/?digit=t18&images=60000")
    expect(desktop.locator("#verdict")).to_have_text("read as 6 wrong")
    desktop.get_by_role("button", name="small").click()
    expect(desktop.locator("#verdict")).to_have_text("read as 3 right")


def test_drawn_and_chosen_digits_are_read_and_kept_in_the_url(page: Page) -> None:
    page.goto("/lab/")
    expect(page.locator("[data-caption]")).to_contain_text("test image 0, a 7")
    page.locator("#paper").focus()
    for key in ["Space", *["Shift+ArrowUp"] * 3, "Space", *["Shift+ArrowDown"] * 3, "Space", *["Shift+ArrowDown"] * 3]:
        page.keyboard.press(key)  # a 1, drawn with the keys
    expect(page.locator("[data-caption]")).to_contain_text("reads a 1")
    page.set_input_files("[data-file]", SAMPLES / "3.jpg")
    expect(page.locator("[data-caption]")).to_contain_text("reads a 3")
    image = tenfold.read(SAMPLES / "3.jpg").image
    scores = tenfold.OneLayerNet(weights=train(Settings()).weights).scores(image[None])[0]
    page.get_by_label("every digit").press("Space")  # a click could miss while the page fills
    expect_scores(page, scores)
    page.wait_for_function(  # the URL is written after a delay, the links at once
        """() => {
            const digit = (url) => new URL(url).searchParams.get("digit");
            return digit(location.href) === digit(document.querySelector("[data-keeps]").href);
        }"""
    )
    page.reload()
    expect(page.locator("[data-caption]")).to_contain_text("URL")
    page.get_by_label("every digit").press("Space")  # a click could miss while the page fills
    expect_scores(page, scores)


def test_test_image_that_comes_late_does_not_replace_a_drawing_that_was_cleared(desktop: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desktop.goto("/lab/")
    expect(desktop.locator("[data-caption]")).to_contain_text("test image 0, a 7")
    desktop.route("**/lab/api/image*", hold)
    desktop.get_by_role("button", name="Test image").click()
    expect(desktop.locator("[data-caption]")).to_have_text("loading …")
    draw(desktop, 1)
    desktop.get_by_role("button", name="Clear").click()
    with desktop.expect_response("**/lab/api/image*"):
        held[0].continue_()
    desktop.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(desktop.locator("[data-caption]")).to_have_text("Draw a digit, or take a test image.")


def test_rung_of_the_ladder_is_trained_live_and_reads_your_digit(page: Page) -> None:
    page.goto("/lab/ladder/?digit=t18")
    rungs = page.locator(".rung")
    expect(rungs).to_have_count(8)
    softmax = rungs.nth(4)
    if softmax.get_by_role("button").is_visible():  # the test at the other width may have trained it already
        softmax.get_by_role("button").click()
        expect(softmax.locator("path")).to_be_visible()
    expect(softmax.locator(".facts")).to_contain_text("7,850 weights, trained in")
    expect(softmax.locator(".accuracy")).to_have_text(re.compile(r"^92\.\d\d %$"))
    expect(softmax.locator(".reading")).to_have_text("reads your digit as 3; the runner-up is 2")


def test_links_of_the_story_open_the_lab(page: Page) -> None:
    page.goto("/lab/story/")
    assert page.locator("main img").evaluate_all(
        "(all) => all.every((image) => image.complete && image.naturalWidth > 0)"
    )
    page.locator('a[href="../?epochs=45"]').click()
    expect(page.locator("#test")).to_have_text("71.16 %")


def test_links_between_pages_keep_the_settings(desktop: Page) -> None:
    desktop.goto("/lab/?images=600&epochs=3")
    expect(desktop.locator("#test")).to_have_text(percent(train(Settings(images=600, epochs=3)).test))
    desktop.get_by_role("link", name="One update").click()
    expect(desktop.locator("#updates")).to_have_text("1,800")
    desktop.get_by_role("link", name="Train").click()
    expect(desktop.locator("#updates")).to_contain_text("1,800 updates")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page_of_the_lab(desktop: Page, path: str, theme: str) -> None:
    desktop.goto(f"{path}?theme={theme}")
    desktop.wait_for_load_state("networkidle")
    desktop.wait_for_function("() => document.getAnimations().length === 0")
    found = Axe().run(desktop).response["violations"]
    assert found == [], json.dumps([(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found])
