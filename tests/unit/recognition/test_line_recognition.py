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
from helpers.project import Mnist, Run
from tenfold.preprocessing.background import has_shadow
from tenfold.preprocessing.line_detection import MAX_PAGE_SIDE, PADDING, detect_lines, page_ink
from tenfold.recognition.line_recognition import WIDE_ASPECT_RATIO
from tenfold.recognition.rejection import RETRY_BELOW


def row(images: NDArray[np.uint8], gap: int = 8, rim: int = 12) -> NDArray[np.uint8]:
    """Images side by side, dark on light, without the empty columns that MNIST has around a digit."""
    crops = [image[:, image.any(axis=0)] for image in images]
    blank = np.zeros((28, gap), np.uint8)
    parts = [part for crop in crops for part in (crop, blank)][:-1]
    return 255 - np.pad(np.concatenate(parts, axis=1), rim)


def tenths(mnist: Mnist, start: int, count: int) -> tuple[NDArray[np.uint8], str]:
    _, (images, labels) = mnist
    return images[start : start + count], "".join(map(str, labels[start : start + count]))


def test_nine_of_ten_rows_of_five_digits_are_read_whole(mnist: Mnist) -> None:
    rows = [tenths(mnist, 5 * i, 5) for i in range(100)]
    right = [tenfold.read_number(row(images)).text == text for images, text in rows]
    assert np.mean(right) >= 0.9


def test_eight_of_ten_rows_of_digits_in_cells_are_read_whole(mnist: Mnist) -> None:
    right = []
    for start in range(0, 200, 5):
        images, text = tenths(mnist, start, 5)
        cells = np.hstack([cv2.resize(image, (70, 70), interpolation=cv2.INTER_CUBIC) for image in images])
        cells[[0, -1]] = 200
        cells[:, [0, *range(69, 350, 70)]] = 200
        right.append(tenfold.read_number(255 - np.pad(cells, 30)).text == text)
    assert np.mean(right) >= 0.8


def test_a_rule_through_the_digits_does_not_hide_the_line(mnist: Mnist) -> None:
    _, (images, _) = mnist
    for first in range(0, 50, 5):
        row = np.pad(np.hstack([np.kron(image, np.ones((3, 3), np.uint8)) for image in images[first : first + 5]]), 60)
        foot = int(np.flatnonzero((row > 128).any(axis=1))[-1])
        row[foot - 14 : foot - 10] = 255
        (line,) = detect_lines(page_ink(255 - row))
        rows, columns = (np.flatnonzero((row[: foot - 14] > 128).any(axis=axis)) for axis in (1, 0))
        left, top, _, height = line.box
        assert top <= rows[0]
        assert left <= columns[0]
        assert height < 1.7 * (foot - rows[0])  # and not all of the picture


def test_a_line_that_a_fold_breaks_in_two_is_read_as_one(mnist: Mnist) -> None:
    right = []
    for start in range(0, 60, 6):
        images, text = tenths(mnist, start, 4)
        sheet = cv2.resize(row(images), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        middle = len(sheet) // 2
        sheet[middle - 3 : middle + 3] = 255
        right.append(tenfold.read_number(sheet).text == text)
    assert np.mean(right) >= 0.6  # as two lines none is


@pytest.mark.parametrize(("high", "pen"), [(40, 3), (120, 9), (300, 25)])
def test_bold_digits_that_fill_their_strip_are_not_taken_for_shade(mnist: Mnist, high: int, pen: int) -> None:
    taken, right = [], []
    for start in range(0, 150, 5):
        images, text = tenths(mnist, start, 5)
        strip = row(images, rim=1)
        size = (round(strip.shape[1] * high / len(strip)), high)
        bold = cv2.erode(cv2.resize(strip, size, interpolation=cv2.INTER_CUBIC), np.ones((pen, pen)))
        taken.append(has_shadow(bold.astype(np.uint8)))
        right.append(tenfold.read_number(bold).text == text)
    assert np.mean(taken) <= 0.1
    assert np.mean(right) >= 0.75


def test_light_digits_on_dark_are_not_taken_for_shade(mnist: Mnist) -> None:
    rows = [np.kron(row(tenths(mnist, start, 5)[0]), np.ones((4, 4), np.uint8)) for start in range(0, 150, 5)]
    assert not any(has_shadow(255 - sheet) for sheet in rows)


def test_a_shadow_in_a_corner_below_a_number_is_no_digit(mnist: Mnist) -> None:
    right = []
    for start in range(0, 100, 5):
        images, text = tenths(mnist, start, 5)
        line = cv2.resize(row(images), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        high, wide = line.shape
        sheet = np.full((3 * high, wide + 2 * high), 255, np.uint8)
        sheet[high // 4 : high // 4 + high, high : high + wide] = line
        rows, columns = np.indices(sheet.shape)
        corner = (rows > 1.7 * high) & (columns > 1.2 * high + 0.8 * (3 * high - rows))
        shady = np.where(corner | (rows + 0.3 * columns > 3 * high), 0.3 * sheet, sheet).astype(np.uint8)
        right.append(tenfold.read_number(cv2.GaussianBlur(shady, (0, 0), 6)).text == text)
    assert np.mean(right) >= 0.75


@pytest.mark.parametrize("lean", [-0.6, 0.0, 1.5])
def test_eight_of_ten_rows_half_in_a_dark_shadow_are_read_whole(mnist: Mnist, lean: float) -> None:
    right = []
    for start in range(0, 150, 5):
        images, text = tenths(mnist, start, 5)
        sheet = cv2.resize(row(images), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        rows, columns = np.indices(sheet.shape)
        shade = columns + lean * (rows - len(sheet) / 2) > sheet.shape[1] / 2
        shady = np.where(shade, 0.35 * sheet, sheet).astype(np.uint8)
        assert has_shadow(shady)
        assert not has_shadow(sheet.astype(np.uint8))
        right.append(tenfold.read_number(shady).text == text)
    assert np.mean(right) >= 0.8


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
    assert number.text.replace("\n", "").isdigit() == bool(number.digits)
    assert len(number.text.replace("\n", "")) == len(number.digits)
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


def test_strips_show_the_line_between_columns_of_paper(mnist: Mnist) -> None:
    (line,) = detect_lines(page_ink(row(tenths(mnist, 0, 4)[0])))
    assert line.image.shape[0] == 28
    assert not line.image[:, :PADDING].any()
    assert not line.image[:, -PADDING:].any()
    assert line.image.max() == 255


def test_the_command_line_reads_numbers(run: Run, mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> None:
    from PIL import Image

    images, text = tenths(mnist, 0, 4)
    path = tmp_path_factory.mktemp("pictures") / "row.png"
    Image.fromarray(row(images)).save(path)
    assert run("read", "--number", path, "--show", "row.png").stdout.split()[0] == text
    as_json = json.loads(run("read", "--number", "--json", path).stdout)
    assert as_json["text"] == text
    assert [digit["digit"] for digit in as_json["digits"]] == [int(figure) for figure in text]
    assert len(as_json["digits"][0]["box"]) == 4
    damaged = run("read", "--number", "--json", "-", stdin=b"junk")
    assert damaged.returncode == 1
    assert json.loads(damaged.stdout)["text"] == ""
