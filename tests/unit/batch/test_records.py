from __future__ import annotations

import os

import tenfold
from helpers.documents import scan
from helpers.project import SAMPLES
from tenfold.batch.records import Origin, shown

ORIGIN = Origin("box/7.jpg", 2, "ab", "digits", "1.0", 0.9)


def test_a_row_of_a_digit_says_what_the_reading_says() -> None:
    reading = tenfold.read(SAMPLES / "7.jpg")
    row = ORIGIN.of_digit(reading)
    assert (row.source, row.page, row.line, row.text, row.digit) == ("box/7.jpg", 2, None, "7", 7)
    assert row.confidence == round(reading.confidence, 4)
    assert reading.stages is not None
    assert row.box == reading.stages.box
    assert row.size == (reading.stages.strokes.shape[1], reading.stages.strokes.shape[0])
    assert not row.needs_review
    assert not row.failed


def test_a_row_below_the_least_confidence_or_with_a_problem_needs_review() -> None:
    reading = tenfold.read(SAMPLES / "7.jpg")
    assert Origin("7", None, None, "", "", 0.9999).of_digit(reading).needs_review
    blank = ORIGIN.of_digit(tenfold.read(scan(7)[:20, :20] * 0 + 200))
    assert (blank.digit, blank.needs_review, blank.failed, blank.box) == (None, True, False, None)


def test_each_line_of_a_number_is_a_row_with_a_box_around_its_digits() -> None:
    page = scan(7)[:250]
    number = tenfold.read_number(page)
    (row,) = ORIGIN.of_number(number)
    assert (row.line, row.text, row.written, row.digit) == (1, number.text, number.text, None)
    boxes = [digit.box for digit in number.digits]
    assert row.box is not None
    assert row.box[0] == min(box[0] for box in boxes)
    assert row.box[0] + row.box[2] == max(box[0] + box[2] for box in boxes)
    assert row.size == (page.shape[1], page.shape[0])


def test_a_number_without_digits_is_one_row_that_needs_review() -> None:
    (row,) = ORIGIN.of_number(tenfold.read_number(scan(7)[:20, :20] * 0 + 200))
    assert (row.line, row.text, row.needs_review, row.failed) == (None, "", True, False)


def test_a_failure_is_a_failed_row() -> None:
    row = ORIGIN.failure("It is damaged.")
    assert (row.failed, row.needs_review, row.problem) == (True, True, "It is damaged.")


def test_names_are_shown_without_bytes_that_are_not_utf8_and_without_keys() -> None:
    assert shown(os.fsdecode(b"a\xffb.png")) == "a\\xffb.png"
    assert shown("s3://key:secret@bucket/a%20b.png?endpoint_override=x") == "s3://bucket/a b.png"
