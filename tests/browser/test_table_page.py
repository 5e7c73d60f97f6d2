"""Many pictures in a table: rows appear as they are read, the least certain first, and are corrected in place."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from helpers.documents import scanned
from helpers.project import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe


@pytest.fixture
def table(page: Page) -> Page:
    page.goto("/table/")
    return page


def samples(count: int) -> list[dict[str, Any]]:
    """Pictures named by their number; the digit is the last one of the name."""
    pictures = [(SAMPLES / f"{digit}.jpg").read_bytes() for digit in range(10)]
    return [{"name": f"{i:02}.jpg", "mimeType": "image/jpeg", "buffer": pictures[i % 10]} for i in range(count)]


def give(page: Page, *files: dict[str, Any]) -> None:
    page.set_input_files("#files", list(files))  # type: ignore[arg-type]


def readings(page: Page) -> dict[str, str]:
    rows = page.locator("#rows tr")
    names, values = rows.locator(".name span").all_inner_texts(), rows.locator("input")
    return {name: values.nth(i).input_value() for i, name in enumerate(names)}


def several() -> dict[str, Any]:
    """A picture of two digits."""
    sheet = Image.new("L", (700, 400), 255)
    for i, digit in enumerate((4, 7)):
        with Image.open(SAMPLES / f"{digit}.jpg") as picture:
            grey = picture.convert("L").resize((300, 360))
        sheet.paste(grey, (30 + 320 * i, 20))
    data = io.BytesIO()
    sheet.save(data, "PNG")
    return {"name": "two.png", "mimeType": "image/png", "buffer": data.getvalue()}


BAD = {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear reader"}


def test_forty_pictures_are_read_and_a_bad_one_is_one_row(table: Page) -> None:
    give(table, *samples(40), BAD)
    expect(table.locator("#count")).to_contain_text("41 of 41 done, 1 doubtful, 1 failed")
    found = readings(table)
    assert found.pop("letter.jpg") == ""
    assert found == {f"{i:02}.jpg": str(i % 10) for i in range(40)}
    first = table.locator("#rows tr").first
    expect(first).to_contain_text("letter.jpg")
    expect(first.locator("p")).to_contain_text("The picture cannot be read: unknown format")
    expect(first.locator("td").last).to_have_text("not read")
    sure = table.locator("#rows tr td:last-child").all_inner_texts()[1:]
    assert [float(text.removesuffix(" %")) for text in sure] == sorted(float(text.removesuffix(" %")) for text in sure)
    violations = Axe().run(table).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []


def test_readings_are_corrected_by_keyboard_and_downloaded(table: Page, tmp_path: Path) -> None:
    give(table, *samples(4), BAD)
    expect(table.locator("#count")).to_contain_text("5 of 5 done")
    table.locator("#rows input").first.focus()
    table.keyboard.type("12")
    table.keyboard.press("Enter")
    focused = table.evaluate("document.activeElement.ariaLabel")
    assert focused == f"Reading of {table.locator('#rows .name span').nth(1).inner_text()}"
    table.keyboard.type("9")  # the field is selected: it is replaced
    table.keyboard.press("ArrowDown")
    table.keyboard.type("5")
    table.keyboard.press("Escape")
    expect(table.locator("#count")).to_have_text("5 of 5 done, 0 doubtful, 2 corrected, 1 failed")
    table.check("input[value=corrected]")
    expect(table.locator("#rows tr:visible")).to_have_count(2)
    table.check("input[value=doubtful]")
    expect(table.locator("#none")).to_be_visible()
    with table.expect_download() as waiting:
        table.click("#as-csv")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))
    assert [row["file"] for row in rows] == ["00.jpg", "01.jpg", "02.jpg", "03.jpg", "letter.jpg"]
    assert [row["text"] for row in rows if row["corrected"] == "true"] in (["9", "12"], ["12"])
    assert rows[4] == rows[4] | {"text": "12", "confidence": "", "corrected": "true"}
    with table.expect_download() as waiting:
        table.click("#as-json")
    assert [row["text"] for row in json.loads(Path(waiting.value.path()).read_text())] == [row["text"] for row in rows]


def test_several_digits_are_read_as_a_number_and_pages_of_a_pdf_are_rows(table: Page) -> None:
    pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    pdf = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": scanned([3, 7, 2])}
    broken = {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": scanned([3])[:200]}
    give(table, several(), pdf, broken)
    expect(table.locator("#count")).to_contain_text("5 of 5 done")
    found = readings(table)
    assert found == {
        "two.png": "47",
        "scan.pdf, page 1": "3",
        "scan.pdf, page 2": "7",
        "scan.pdf, page 3": "2",
        "broken.pdf": "",
    }
    expect(table.locator("#rows tr", has_text="broken.pdf").locator("p")).to_contain_text("The PDF is damaged")


def test_busy_server_is_asked_again_and_clearing_stops_everything(desktop: Page) -> None:
    desktop.goto("/table/")
    answers = [429, 503]

    def busy(route: Route) -> None:
        if answers:
            route.fulfill(status=answers.pop(), json={"error": "the server is busy: try again in a moment"})
        else:
            route.fallback()

    desktop.route("**/v1/read", busy)
    give(desktop, *samples(3))
    expect(desktop.locator("#count")).to_have_text("3 of 3 done, 0 doubtful")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desktop.route("**/v1/read", hold)
    give(desktop, *samples(20))
    expect(desktop.locator("#count")).to_contain_text("3 of 23 done")
    desktop.click("#clear")
    expect(desktop.locator("#results")).to_be_hidden()
    assert len(held) == 4  # no more are sent at once, and none after clearing
    desktop.unroute("**/v1/read", hold)
    give(desktop, *samples(2))
    expect(desktop.locator("#count")).to_have_text("2 of 2 done, 0 doubtful")


def test_folder_is_dropped(desktop: Page, tmp_path: Path) -> None:
    desktop.goto("/table/")
    for name in ("3.jpg", "7.jpg", ".DS_Store"):
        path = tmp_path / "digits" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((SAMPLES / name).read_bytes() if name.endswith("jpg") else b"?")
    desktop.set_input_files("#folder", tmp_path / "digits")
    expect(desktop.locator("#count")).to_have_text("2 of 2 done, 0 doubtful")
    assert readings(desktop) == {"digits/3.jpg": "3", "digits/7.jpg": "7"}
    data = base64.b64encode((SAMPLES / "5.jpg").read_bytes()).decode()
    desktop.evaluate(
        """(data) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "5.jpg", { type: "image/jpeg" }));
            dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        data,
    )
    expect(desktop.locator("#count")).to_have_text("3 of 3 done, 0 doubtful")
