"""Sheets and folders of forms that are wrong in every way: a reason for each, and no value that was not written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import sheets
from tenfold.arrays import Grey
from tenfold.errors import FormError
from tenfold.forms.form_project import Form
from tenfold.forms.sheet_reader import SheetReader, SheetReading
from tenfold.forms.template import parse_template
from tenfold.synthesis.synthetic_forms import Capture

EMPTY = dict.fromkeys(sheets.VALUES, "")


@pytest.fixture(scope="module")
def reader() -> SheetReader:
    return SheetReader(sheets.template(), sheets.blank().page)


def silent(reading: SheetReading, values: dict[str, str]) -> list[str]:
    """The fields that are wrong, and said to need no review."""
    return [one.name for one in reading.fields if not one.needs_review and one.value != values[one.name]]


def test_a_sheet_upside_down_has_the_same_values(reader: SheetReader) -> None:
    upright = sheets.sheet(11).picture
    turned = reader.read(np.ascontiguousarray(upright[::-1, ::-1]))
    assert turned.problem is None
    assert silent(turned, sheets.VALUES) == []
    same = [one.value == other.value for one, other in zip(turned.fields, reader.read(upright).fields, strict=True)]
    assert sum(same) >= 5


def test_a_torn_sheet_has_no_empty_fields_where_paper_is_missing(reader: SheetReader) -> None:
    captured = sheets.sheet(12)
    for level in (255, 40):  # on a white and on a dark glass
        picture = captured.picture.copy()
        height = len(picture)
        picture[round(0.68 * height) :] = level  # the last two fields are gone
        reading = reader.read(picture)
        if reading.problem is None:
            assert [one.state for one in reading.fields[4:]] == ["doubtful", "doubtful"]
            assert silent(reading, sheets.VALUES) == []


def test_a_covered_field_is_doubtful_and_never_empty(reader: SheetReader) -> None:
    captured = sheets.sheet(13, values=EMPTY)
    note = np.array([[400, 1050], [1000, 1050], [1000, 1600], [400, 1600]], np.float64)  # over the last two fields
    left = note - (390, 0)
    corners = cv2.perspectiveTransform(left[None], captured.matrix)[0]
    for level in (90, 170, 250):
        picture = cv2.fillConvexPoly(captured.picture.copy(), np.rint(corners).astype(np.int32), level)
        reading = reader.read(np.asarray(picture, np.uint8))
        assert reading.problem is None
        assert {one.name: one.state for one in reading.fields}["rain"] == "doubtful"
        assert {one.name: one.state for one in reading.fields}["station"] == "empty"


def test_half_a_sheet_is_rejected_or_its_missing_fields_are_doubtful(reader: SheetReader) -> None:
    picture = sheets.sheet(14, Capture(scale=0.75, skew=0)).picture
    reading = reader.read(picture[: round(0.6 * len(picture))])
    if reading.problem is None:
        assert {one.state for one in reading.fields[-2:]} == {"doubtful"}
        assert "not in the picture" in str(reading.fields[-1].problem)


def test_pages_that_are_not_sheets_are_rejected(reader: SheetReader) -> None:
    rng = np.random.default_rng(0)
    for picture in (
        np.zeros((900, 700), np.uint8),
        np.full((900, 700), 255, np.uint8),
        rng.integers(0, 256, (900, 700)).astype(np.uint8),
        np.full((1, 1), 128, np.uint8),
        np.zeros((3, 2000), np.uint8),
        sheets.pasted([sheets.sheet(1, Capture(scale=0.5)).picture, sheets.sheet(2, Capture(scale=0.5)).picture]),
    ):
        reading = reader.read(picture)
        assert reading.problem
        assert reading.fields == ()


@pytest.mark.parametrize("seed", range(8))
def test_a_spoilt_sheet_has_no_silent_mistake(reader: SheetReader, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = spoilt(sheets.sheet(seed, Capture("photo", 0.6, seed % 4)).picture, rng)
    assert silent(reader.read(picture), sheets.VALUES) == []


def spoilt(picture: Grey, rng: np.random.Generator) -> Grey:
    """A picture that is blurred, darkened on one side, with blots and strokes over it."""
    height, width = picture.shape
    sigma = float(rng.uniform(0.5, 3))
    dark = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    dark *= np.linspace(1, rng.uniform(0.3, 1), width, dtype=np.float32)
    levels = np.clip(dark + rng.normal(0, 6, dark.shape), 0, 255).astype(np.uint8)
    for _ in range(6):
        ends = rng.uniform(0, (width, height), (2, 2)).astype(int)
        cv2.line(levels, tuple(ends[0].tolist()), tuple(ends[1].tolist()), int(rng.integers(0, 200)), 3)
    return levels


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_template_or_one_sentence(text: str) -> None:
    try:
        parse_template(text)
    except FormError as error:
        assert "\n" not in str(error).replace("\\n", "")


KEYS = ("name", "box", "digits", "date", "min", "allowed", "required", "x")
VALUES = ('"a"', "3", "-1", "[1, 2, 3, 4]", "true", "1.5", "inf", "2026-01-01", "[]", "{}", '["1"]')


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES)))
def test_any_field_is_a_field_or_one_sentence(values: dict[str, str]) -> None:
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    try:
        parse_template(f'[form]\nname = "a"\nblank = "b.png"\n[[field]]\n{lines}\n')
    except FormError as error:
        assert str(error).startswith("form.toml, line ")


def test_a_field_outside_the_page_is_an_error(tmp_path: Path) -> None:
    folder = sheets.project(tmp_path / "survey")
    text = (folder / "form.toml").read_text()
    (folder / "form.toml").write_text(text.replace("[90, 330,", "[1160, 330,"))
    with pytest.raises(FormError, match=r"line 7: the box .* of field 'station' reaches beyond the blank form"):
        Form(folder).read_sheet(sheets.sheet().picture)


def test_a_blank_form_of_another_folder_is_not_read(tmp_path: Path) -> None:
    for blank in ("../secret.png", "/etc/passwd", "a/../../b.png"):
        with pytest.raises(FormError, match="must be a file in the folder of the form"):
            parse_template(f'[form]\nname = "a"\nblank = "{blank}"\n')


WRITER = """
import sys
from tenfold.forms.database.form_records import Page
from tenfold.forms.database.form_store import FormStore

store = FormStore(sys.argv[1], "log")
for number in range(10_000):
    print(store.correct(Page("0" * 64, 0), "a", str(number), "Ada"), flush=True)
"""


def test_no_correction_is_lost_when_the_process_that_writes_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    from tenfold.forms.database.form_store import FormStore

    file = tmp_path / "form.sqlite"
    FormStore(file, "log").close()
    told: list[int] = []
    for lines in (3, 8):
        command = [sys.executable, "-c", WRITER, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            told += [int(writer.stdout.readline()) for _ in range(lines)]
            writer.kill()
            told += [int(line) for line in writer.stdout if line.endswith("\n")]
    store = FormStore(file, "log")
    with store._database.reading() as connection:
        kept = {row.id for row in connection.execute(store._tables.corrections.select())}
    store.close()
    assert set(told) <= kept
    assert len(told) >= 11
    assert len(kept) <= len(told) + 2  # at most one more for each kill, which was written and not told
