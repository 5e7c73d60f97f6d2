"""Kinds of numbers that people write, and that readers get wrong without a word: read right, or with a warning."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import tenfold
from helpers.number_kinds import RIM, TALL, Writer
from helpers.project import Mnist
from tenfold.recognition.results import NumberReading

pytestmark = pytest.mark.slow


@pytest.fixture
def writer(mnist: Mnist) -> Writer:
    return Writer(mnist)


def silent(number: NumberReading, text: str) -> bool:
    """True if a number is read wrong, and nothing is said."""
    return number.problem is None and number.text != text


@pytest.mark.parametrize("gap", [8, 14, 20, 40])
def test_plain_ones_are_counted_at_any_gap(writer: Writer, gap: int) -> None:
    texts = ["11", "111", "2011", "8111", "1911"] * 8
    read = [tenfold.read_number(writer.number(text, gap, plain_ones=True)) for text in texts]
    assert np.mean([number.text == text for number, text in zip(read, texts, strict=True)]) >= 0.95
    assert not any(silent(number, text) for number, text in zip(read, texts, strict=True))


@pytest.mark.parametrize("form", ["-{}", "{}.{}", "{},{}", "${}", "({})", "+{}", "{}:{}", "{}%", "{}/-"])
def test_signs_are_read_and_are_no_digits(writer: Writer, form: str) -> None:
    right, of_digits, wrong = [], [], []
    for _ in range(30):
        text = form.format(*(writer.digits(2) for _ in range(3)))
        number = tenfold.read_number(writer.number(text))
        figures = "".join(filter(str.isdigit, text))
        right.append(number.written == text)
        of_digits.append(number.text == figures)
        wrong.append(silent(number, figures))
    assert np.mean(right) >= 0.9
    assert np.mean(of_digits) >= 0.9
    assert sum(wrong) <= 1


def test_a_slash_as_tall_as_a_digit_is_read_where_a_date_is_expected_and_else_never_silently_as_1(
    writer: Writer,
) -> None:
    right, wrong = [], []
    for _ in range(30):
        text = "/".join(writer.digits(2) for _ in range(3))
        picture = writer.number(text)
        right.append(tenfold.read_number(picture, pattern=r"\d\d/\d\d/\d\d").written == text)
        wrong.append(silent(tenfold.read_number(picture), text.replace("/", "")))
    assert np.mean(right) >= 0.9
    assert sum(wrong) <= 1


def test_numbers_side_by_side_are_kept_apart(writer: Writer) -> None:
    right = []
    for _ in range(40):
        texts = [writer.digits(int(writer.rng.integers(2, 5))) for _ in range(2)]
        gap = np.zeros((TALL + 30, int(writer.rng.integers(2 * TALL, 5 * TALL))), np.uint8)
        number = tenfold.read_number(writer.on_paper(np.hstack([writer.ink(texts[0]), gap, writer.ink(texts[1])])))
        right.append([part.text for part in number.lines] == texts)
    assert np.mean(right) >= 0.95


@pytest.mark.parametrize("gap", [25, 45, 70])
def test_eight_spaced_digits_are_one_number_and_none_is_silently_wrong(writer: Writer, gap: int) -> None:
    texts = [writer.digits(8) for _ in range(40)]
    read = [tenfold.read_number(writer.number(text, gap)) for text in texts]
    assert np.mean([number.text == text for number, text in zip(read, texts, strict=True)]) >= 0.93
    assert not any(silent(number, text) for number, text in zip(read, texts, strict=True))


def test_a_number_that_stands_upside_down_is_turned_or_doubted(writer: Writer) -> None:
    texts = [writer.digits(6) for _ in range(60)]
    read = [tenfold.read_number(np.rot90(writer.number(text, 20), 2)) for text in texts]
    assert sum(number.problem is None for number in read) <= 1


def test_empty_places_of_a_comb_are_no_digits(writer: Writer) -> None:
    right = []
    for _ in range(30):
        text = writer.digits(int(writer.rng.integers(4, 9)))
        pitch, places = 80, 12
        ink = np.zeros((TALL + 60, places * pitch + 20), np.uint8)
        for place, character in enumerate(text):
            digit = writer.digit(int(character))
            left = 10 + place * pitch + (pitch - digit.shape[1]) // 2
            ink[20 : 20 + TALL, left : left + digit.shape[1]] = digit
        cv2.line(ink, (10, TALL + 40), (10 + places * pitch, TALL + 40), 255, 5)
        for place in range(places + 1):
            cv2.line(ink, (10 + place * pitch, TALL + 40), (10 + place * pitch, TALL - 5), 255, 5)
        right.append(tenfold.read_number(writer.on_paper(ink)).text == text)
    assert np.mean(right) >= 0.85


def test_a_table_is_read_by_rows_and_columns(writer: Writer) -> None:
    right = []
    for _ in range(20):
        texts = [[writer.digits(int(writer.rng.integers(1, 4))) for _ in range(3)] for _ in range(3)]
        wide, high = 320, 150
        ink = np.zeros((3 * high + 10, 3 * wide + 10), np.uint8)
        for row, of_row in enumerate(texts):
            for column, text in enumerate(of_row):
                part = writer.ink(text)
                top, left = row * high + 34, column * wide + 40
                ink[top : top + len(part), left : left + part.shape[1]] = part
        for line in range(4):
            cv2.line(ink, (3, 3 + line * high), (3 + 3 * wide, 3 + line * high), 255, 3)
            cv2.line(ink, (3 + line * wide, 3), (3 + line * wide, 3 + 3 * high), 255, 3)
        number = tenfold.read_number(writer.on_paper(ink))
        found = [[part.text for part in row] for row in number.rows]
        right.append(found == texts or number.problem is not None)
        right.append(found == texts)
    assert np.mean(right[::2]) >= 0.95  # right, or said to be doubtful
    assert np.mean(right[1::2]) >= 0.75  # nine numbers, each right


def test_a_slashed_zero_is_a_zero(writer: Writer) -> None:
    right = []
    for _ in range(30):
        text = f"{writer.rng.integers(1, 10)}0{writer.rng.integers(1, 10)}"
        parts = [writer.ink(character) for character in text]
        wide = parts[1].shape[1]
        cv2.line(parts[1], (2, 70), (wide - 3, 20), 255, 5, cv2.LINE_AA)
        gap = np.zeros((TALL + 30, 14), np.uint8)
        number = tenfold.read_number(writer.on_paper(np.hstack([parts[0], gap, parts[1], gap, parts[2]])))
        right.append(number.text == text or number.problem is not None)
    assert np.mean(right) >= 0.93


def test_two_circles_above_one_another_are_an_eight(writer: Writer) -> None:
    for gap in (2, 6):
        ink = np.zeros((160, 90), np.uint8)
        cv2.circle(ink, (45, 40), 32, 255, 7, cv2.LINE_AA)
        cv2.circle(ink, (45, 40 + 64 + 7 + gap), 32, 255, 7, cv2.LINE_AA)
        number = tenfold.read_number(writer.on_paper(ink, RIM))
        assert number.text == "8" or number.problem is not None
        assert "0" not in number.text


def test_what_is_expected_makes_more_numbers_right(writer: Writer) -> None:
    """Ids with a check digit, smudged: one wrong digit is found out, and mostly mended."""
    plain, checked = [], []
    for _ in range(40):
        body = writer.digits(7)
        text = next(body + str(last) for last in range(10) if _luhn(body + str(last)))
        picture = cv2.GaussianBlur(writer.number(text, 10), (0, 0), 4.5)
        plain.append(tenfold.read_number(picture).text == text)
        checked.append(tenfold.read_number(picture, digits=8, check="luhn").text == text)
    assert np.mean(checked) > np.mean(plain)


def _luhn(digits: str) -> bool:
    values = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in values) % 10 == 0
