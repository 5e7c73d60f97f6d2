"""The lab in a browser, at a phone's and a desktop's width; the fixture `page` holds that no other host is asked."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import tenfold
from helpers.project import SAMPLES, Mnist
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Settings, train

expect.set_options(timeout=60_000)  # on a busy machine the first run takes seconds
PAGES = ["/lab/", "/lab/update/", "/lab/ladder/", "/lab/story/"]


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def slide(page: Page, name: str, value: str) -> None:
    """Move a slider as a hand does: to a value, with its event."""
    page.locator(f"#{name}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )


def settings_in(page: Page, last: str) -> dict[str, str]:
    """What the address holds, once it holds what was done last: it follows a moment later."""
    expect(page).to_have_url(re.compile(re.escape(last)))
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def scores_shown(page: Page) -> list[str]:
    return [text.split()[-1] for text in page.locator("#products figcaption").all_inner_texts()]


def drawn(page: Page, canvas: str) -> list[int]:
    """The strengths of the 784 pixels of a canvas."""
    found: list[int] = page.locator(canvas).evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3)"
    )
    return found


def test_a_moved_slider_trains_anew_and_the_address_holds_the_settings(page: Page) -> None:
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


def test_weights_are_drawn_as_they_are(desktop: Page) -> None:
    desktop.goto("/lab/?alpha=3e-9&images=2000")
    run = train(Settings(alpha=3e-9, images=2000))
    expect(desktop.locator("#test")).to_have_text(percent(run.test))
    sizes = np.abs(run.weights.reshape(10, 28, 28)[:, 6:22, 6:22])
    largest = np.sort(sizes[sizes > 0])[int(0.99 * ((sizes > 0).sum() - 1))]
    expected = np.minimum(1, np.abs(run.weights[4]) / largest) * 255
    assert np.abs(np.array(drawn(desktop, "#weights figure:nth-child(5) canvas")) - expected).max() <= 1


def test_a_dragged_slider_is_answered_on_the_way_and_ends_where_it_was_let_go(desktop: Page) -> None:
    desktop.goto("/lab/")
    expect(desktop.locator("#test")).to_have_text("74.47 %")
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url) if "/api/train" in request.url else None)
    shown = desktop.evaluate(
        """async () => {
            const slider = document.getElementById("alpha"), seen = new Set();
            for (let i = 0; i < 90; i += 1) {
                slider.value = -9 + i / 60;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise((go) => setTimeout(go, 16));
                seen.add(document.documentElement.dataset.answers);
            }
            return seen.size;
        }"""
    )
    assert shown >= 3  # while the hand still moves
    assert len(asked) < 60  # of 90 moves, what was stale was never sent
    last = desktop.locator("#alpha").evaluate(
        "(slider) => Number((10 ** slider.value).toPrecision(3)).toExponential().replace('e+', 'e')"
    )
    run = train(Settings(alpha=float(settings_in(desktop, f"alpha={last}")["alpha"])))
    expect(desktop.locator("#test")).to_have_text(percent(run.test))


def test_too_large_a_step_is_said_with_its_limit_and_its_update(desktop: Page) -> None:
    desktop.goto("/lab/")
    desktop.get_by_role("button", name="too far").click()
    broke_at = train(Settings(alpha=1e-6)).diverged_at
    note = desktop.locator("#broke")
    expect(note).to_contain_text(f"left the finite numbers at update {broke_at:,} of 5,000")
    expect(note).to_contain_text(re.compile("1.43 . 10⁻⁷"))
    note.get_by_role("link").click()
    expect(desktop.locator("#number")).to_have_value(str(broke_at))
    expect(desktop.locator("#after-said")).to_contain_text("the run broke")


def test_the_articles_program_is_timed_on_this_machine(desktop: Page) -> None:
    desktop.goto("/lab/?images=60000")
    expect(desktop.locator("#longhand")).to_have_text(re.compile(r"^\d+ minutes|[\d.]+ hours$"))


def test_one_update_shows_every_number_to_the_last_digit(page: Page) -> None:
    page.goto("/lab/update/?images=500&number=733")
    update = compute_update(Settings(images=500), 733)
    page.get_by_label("every digit").check()
    rows = page.locator("#sums tr").all_inner_texts()[1:]
    for digit, row in enumerate(rows):
        _, *cells = row.replace("read", "").split()
        assert cells == [repr(update.sums[digit].item()), f"{update.target[digit]:.0f}"] + [
            repr(values[digit].item()) for values in (update.delta, update.errors)
        ]
    assert drawn(page, "#image") == update.image.ravel().tolist()


def test_a_pixel_is_pointed_at_with_the_keys_and_says_its_part(desktop: Page) -> None:
    desktop.goto("/lab/update/?number=12")
    update = compute_update(Settings(), 12)
    desktop.get_by_label("every digit").check()
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


def test_updates_are_stepped_through_forward_back_and_by_number(page: Page) -> None:
    page.goto("/lab/update/")
    expect(page.locator("#back")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#number")).to_have_value("3")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#image-said")).to_contain_text("training image 1: a 0")
    page.locator("#number").fill("4321")
    page.keyboard.press("Enter")
    expect(page.locator("#image-said")).to_contain_text("Epoch 5, training image 320")
    assert settings_in(page, "number=4321")["number"] == "4321"
    page.get_by_role("button", name="Last update").click()
    expect(page.locator("#next")).to_be_disabled()


def test_your_digit_gets_ten_sums_that_are_the_networks_scores(page: Page, mnist: Mnist) -> None:
    _, (images, _) = mnist
    page.goto("/lab/?digit=t18&images=300")
    run = train(Settings(images=300))
    scores = tenfold.OneLayerNet(weights=run.weights).scores(images[18:19])[0]
    page.get_by_label("every digit").check()
    expect(page.locator("#test")).to_have_text(percent(run.test))
    expect(page.locator("#verdict")).to_have_text(re.compile(f"read as {scores.argmax()}"))
    assert scores_shown(page) == [repr(score.item()) for score in scores]
    order = np.argsort(-scores, kind="stable")
    expect(page.locator("#rivalry-said")).to_contain_text(f"{order[0]} rather than the {order[1]}")
    expect(page.locator("#rivalry-said")).to_contain_text(repr((scores[order[0]] - scores[order[1]]).item()))


def test_a_slider_turns_your_digit_from_wrong_to_right(desktop: Page) -> None:
    desktop.goto("/lab/?digit=t18&images=60000")
    expect(desktop.locator("#verdict")).to_have_text("read as 6 wrong")
    desktop.get_by_role("button", name="small steps").click()
    expect(desktop.locator("#verdict")).to_have_text("read as 3 right")


def test_a_digit_that_is_drawn_or_chosen_is_read_and_kept_in_the_address(page: Page) -> None:
    page.goto("/lab/")
    expect(page.locator("[data-said]")).to_contain_text("test image 0, a 7")
    paper = page.locator("[data-paper]")
    paper.focus()
    for key in ["Space", *["Shift+ArrowUp"] * 3, "Space", *["Shift+ArrowDown"] * 3, "Space", *["Shift+ArrowDown"] * 3]:
        page.keyboard.press(key)  # a 1, drawn with the keys
    expect(page.locator("[data-said]")).to_contain_text("reads a 1")
    page.set_input_files("[data-file]", SAMPLES / "3.jpg")
    expect(page.locator("[data-said]")).to_contain_text("reads a 3")
    image = tenfold.read(SAMPLES / "3.jpg").image
    expected = [
        repr(score.item()) for score in tenfold.OneLayerNet(weights=train(Settings()).weights).scores(image[None])[0]
    ]
    page.get_by_label("every digit").check()
    assert scores_shown(page) == expected
    page.wait_for_timeout(400)  # the address follows a moment later
    page.reload()
    expect(page.locator("[data-said]")).to_contain_text("address")
    page.get_by_label("every digit").check()
    expect(page.locator("#verdict b")).to_have_text(re.compile(r"\d"))
    assert scores_shown(page) == expected


def test_a_rung_of_the_ladder_is_trained_in_front_of_the_reader(page: Page) -> None:
    page.goto("/lab/ladder/?digit=t18")
    rungs = page.locator(".rung")
    expect(rungs).to_have_count(8)
    softmax = rungs.nth(4)
    if softmax.get_by_role("button").is_visible():  # the other width may have trained it: rungs are kept
        softmax.get_by_role("button").click()
        expect(softmax.locator("path")).to_be_visible()
    expect(softmax.locator(".facts")).to_contain_text("7,850 weights, trained in", timeout=30_000)
    expect(softmax.locator(".accuracy")).to_have_text(re.compile(r"^92\.\d\d %$"))
    expect(softmax.locator(".reading")).to_have_text("reads your digit as 3 before 2")


def test_the_story_leads_into_the_lab(page: Page) -> None:
    page.goto("/lab/story/")
    assert page.locator("main img").evaluate_all("(all) => all.every((one) => one.complete && one.naturalWidth > 0)")
    page.locator('a[href="/lab/?epochs=45"]').click()
    expect(page.locator("#test")).to_have_text("71.16 %")


def test_what_is_chosen_on_one_page_goes_along_to_the_others(desktop: Page) -> None:
    desktop.goto("/lab/?images=600&epochs=3")
    expect(desktop.locator("#test")).to_have_text(percent(train(Settings(images=600, epochs=3)).test))
    desktop.get_by_role("link", name="One update").click()
    expect(desktop.locator("#updates")).to_have_text("1,800")
    desktop.get_by_role("link", name="Train").click()
    expect(desktop.locator("#updates")).to_contain_text("1,800 updates")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_lab_passes_axe(desktop: Page, path: str, theme: str) -> None:
    desktop.goto(f"{path}?theme={theme}")
    desktop.wait_for_load_state("networkidle")
    found = Axe().run(desktop).response["violations"]
    assert found == [], json.dumps([(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found])
