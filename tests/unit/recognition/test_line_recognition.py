from __future__ import annotations

import json
import time
from itertools import groupby

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

import tenfold
from helpers.number_rows import row, tenths
from helpers.project import Mnist, Run
from tenfold.preprocessing.line_detection import MAX_PAGE_SIDE
from tenfold.recognition.line_recognition import WIDE_ASPECT_RATIO
from tenfold.recognition.rejection import RETRY_BELOW


def test_the_boxes_lie_on_the_digits_from_left_to_right(mnist: Mnist) -> None:
    images, text = tenths(mnist, 0, 6)
    picture = row(images, gap=20)
    number = tenfold.read_number(picture)
    assert number.text == text
    inked = [bool(column.any()) for column in (picture < 128).T]
    runs = [list(run) for ink, run in groupby(range(len(inked)), key=lambda x: inked[x]) if ink]
    assert len(runs) == len(number.digits) == 6
    for run, placed in zip(runs, number.digits, strict=True):
        left, top, width, height = placed.box
        assert abs(left - run[0]) <= 3
        assert abs(left + width - 1 - run[-1]) <= 3
        assert top >= 0
        assert top + height <= picture.shape[0]


def test_a_digit_of_a_number_can_be_explained(mnist: Mnist) -> None:
    images, text = tenths(mnist, 0, 3)
    placed = tenfold.read_number(row(images)).digits[1]
    assert placed.reading.digit == int(text[1])
    assert tenfold.explain(placed.reading).attributions.shape == (10, 28, 28)


def test_several_lines_are_read_from_top_to_bottom(mnist: Mnist) -> None:
    upper, lower = tenths(mnist, 0, 4), tenths(mnist, 10, 4)
    first, second = row(upper[0]), row(lower[0])
    width = max(first.shape[1], second.shape[1])
    sheet = np.full((first.shape[0] + second.shape[0], width), 255, np.uint8)
    sheet[: first.shape[0], : first.shape[1]] = first
    sheet[first.shape[0] :, : second.shape[1]] = second
    assert tenfold.read_number(sheet).text == f"{upper[1]}\n{lower[1]}"


def test_two_lines_on_a_lying_sheet_stay_two_when_they_are_doubtful(mnist: Mnist) -> None:
    doubtful = 0
    for start in range(0, 100, 10):
        rows = [row(tenths(mnist, first, 5)[0], gap=18) for first in (start, start + 5)]
        width = max(each.shape[1] for each in rows)
        sheet = np.vstack([np.pad(each, ((0, 0), (0, width - each.shape[1])), constant_values=255) for each in rows])
        assert sheet.shape[1] > WIDE_ASPECT_RATIO * sheet.shape[0]
        number = tenfold.read_number(cv2.GaussianBlur(sheet, (0, 0), 1.6))
        assert number.text.count("\n") == 1
        doubtful += number.confidence < RETRY_BELOW
    assert doubtful >= 3


def test_a_number_that_is_less_sure_than_a_coins_toss_says_so(mnist: Mnist) -> None:
    said = 0
    for start in range(0, 200, 10):
        number = tenfold.read_number(cv2.GaussianBlur(row(tenths(mnist, start, 10)[0], gap=1), (0, 0), 2.2))
        if number.digits and number.confidence < 0.5:
            assert "check" in str(number.problem)
            said += 1
    assert said >= 3


def test_light_digits_on_dark_are_the_same_number(mnist: Mnist) -> None:
    picture = row(tenths(mnist, 20, 5)[0])
    assert tenfold.read_number(255 - picture).text == tenfold.read_number(picture).text


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_sheet_holds_no_number_and_says_so(level: int) -> None:
    number = tenfold.read_number(np.full((60, 300), level, np.uint8))
    assert number.text == ""
    assert number.digits == ()
    assert number.confidence == 0
    assert "blank" in str(number.problem)


def test_a_reading_of_one_digit_says_that_there_are_several(mnist: Mnist) -> None:
    images, text = tenths(mnist, 0, 3)
    reading = tenfold.read(row(images, gap=10))
    assert reading.digit is None
    assert text in str(reading.problem)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 80), st.integers(1, 80)), elements=st.integers(0, 255)))
def test_any_picture_ends_in_a_number_or_none(picture: NDArray[np.uint8]) -> None:
    number = tenfold.read_number(picture)
    assert "".join(number.text.split()).isdigit() == bool(number.digits)
    assert len("".join(number.text.split())) == len(number.digits)
    assert 0 <= number.confidence <= 1
    for placed in number.digits:
        left, top, width, height = placed.box
        assert 0 <= left <= left + width <= picture.shape[1]
        assert 0 <= top <= top + height <= picture.shape[0]


@pytest.mark.slow
def test_noise_all_over_a_large_sheet_is_read_in_bounded_time() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (MAX_PAGE_SIDE, MAX_PAGE_SIDE), np.uint8)
    started = time.process_time()
    tenfold.read_number(noise)
    assert time.process_time() - started < 10


def test_the_command_line_reads_numbers(run_here: Run, mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> None:
    from PIL import Image

    images, text = tenths(mnist, 0, 4)
    path = tmp_path_factory.mktemp("pictures") / "row.png"
    Image.fromarray(row(images)).save(path)
    assert run_here("read", "--number", path, "--show", "row.png").stdout.split()[0] == text
    as_json = json.loads(run_here("read", "--number", "--json", path).stdout)
    assert as_json["text"] == text
    assert [digit["digit"] for digit in as_json["digits"]] == [int(figure) for figure in text]
    assert len(as_json["digits"][0]["box"]) == 4
    damaged = run_here("read", "--number", "--json", "-", stdin=b"junk")
    assert damaged.returncode == 1
    assert json.loads(damaged.stdout)["text"] == ""
