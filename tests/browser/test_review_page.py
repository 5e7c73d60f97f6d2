"""The review of a form in a browser: by keyboard alone, and nothing is lost when the server is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tenfold
from browser.conftest import PATIENCE, WIDTHS
from helpers import sheets
from helpers.live_server import in_thread
from tenfold.forms.form_project import Form

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytest.importorskip("sqlalchemy")

SHEETS = 8


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    """A form with eight sheets, on each of which the rain is doubtful."""
    with Form(sheets.project(tmp_path / "survey")) as opened:
        for number in range(SHEETS):
            opened.store.add_sheet(sheets.reading(number, station="123455", rain=""), opened.template, "Ada")
        yield opened


@pytest.fixture(params=WIDTHS)
def review(request: pytest.FixtureRequest, browser: Browser, form: Form) -> Iterator[Page]:
    from tenfold.server.app import create_app

    width: dict[str, Any] = WIDTHS[request.param]
    with in_thread(create_app(tenfold.Reader(), form=form)) as url:
        context = browser.new_context(base_url=url, **width)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/review/")
        expect(page.locator("#card")).to_be_visible()
        yield page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert errors == []
        context.close()


def rain(form: Form) -> list[str]:
    return [sheet.values["rain"].value for sheet in form.sheets()]


def answer(page: Page, value: str) -> None:
    expect(page.locator("#value")).to_be_focused()
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def answer_and_wait(page: Page, value: str) -> None:
    with page.expect_response(lambda response: response.request.method == "POST"):
        answer(page, value)


def test_all_fields_are_checked_by_keyboard_alone(review: Page, form: Form) -> None:
    expect(review.locator("#progress")).to_contain_text("0 checked, 8 left")
    for number in range(SHEETS):
        answer_and_wait(review, f"{number:03}")
    expect(review.locator("#done")).to_have_text("Nothing is left to review.")
    expect(review.locator("#progress")).to_contain_text("8 checked, 0 left")
    review.wait_for_function("() => !document.querySelector('#undo').disabled")
    review.keyboard.press("u")
    expect(review.locator("#card")).to_be_visible()
    answer(review, "777")
    expect(review.locator("#done")).to_be_visible()
    review.wait_for_timeout(300)
    assert sorted(rain(form)) == [*(f"{number:03}" for number in range(SHEETS - 1)), "777"]


def test_a_value_that_breaks_an_expectation_is_accepted_the_second_time(review: Page, form: Form) -> None:
    answer(review, "14")
    expect(review.locator("#note")).to_contain_text("does not fit 3 digits")
    expect(review.locator("#value")).to_have_value("14")
    review.keyboard.press("Enter")
    expect(review.locator("#note")).to_be_hidden()
    expect(review.locator("#progress")).to_contain_text("1 checked, 7 left")
    review.wait_for_timeout(300)
    assert "14" in rain(form)


def test_an_answer_is_kept_while_the_server_is_away(review: Page, form: Form) -> None:
    failures = []

    def refuse(route: Route) -> None:
        failures.append(route)
        if len(failures) == 1:
            route.abort()
        else:
            route.continue_()

    review.route("**/review/api/answer", refuse)
    answer(review, "014")
    expect(review.locator("#note")).to_contain_text("The answer is kept, and sent again.")
    with review.expect_response("**/review/api/answer"):
        pass
    review.wait_for_timeout(300)
    assert rain(form).count("014") == 1


def test_an_audit_tells_the_error_rate(review: Page, form: Form) -> None:
    review.get_by_label("Audit").check()
    expect(review.locator("#name")).to_have_text("station")
    expect(review.locator("#value")).to_have_value("123455")
    review.locator("#value").press("Enter")
    expect(review.locator("#progress")).to_contain_text("1 of the fields without review checked, 0 wrong")


def test_without_a_project_the_page_says_how_to_serve_one(browser: Browser, server: str) -> None:
    page = browser.new_page(base_url=server)
    page.set_default_timeout(PATIENCE)
    page.goto("/review/")
    expect(page.locator("#note")).to_contain_text("tenfold serve --project FOLDER")
    page.close()
