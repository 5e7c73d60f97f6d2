"""Accuracy of the packaged line network on rows of digits that it was not trained on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import tenfold
from helpers.number_rows import large_row, row, tenths
from helpers.project import Mnist
from tenfold.preprocessing.background import has_shadow

pytestmark = pytest.mark.slow


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


def test_a_line_that_a_fold_breaks_in_two_is_read_as_one(mnist: Mnist) -> None:
    right = []
    for start in range(0, 60, 6):
        images, text = tenths(mnist, start, 4)
        sheet = large_row(images)
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


def test_a_shadow_in_a_corner_below_a_number_is_no_digit(mnist: Mnist) -> None:
    right = []
    for start in range(0, 100, 5):
        images, text = tenths(mnist, start, 5)
        line = large_row(images)
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
        sheet = large_row(images)
        rows, columns = np.indices(sheet.shape)
        shade = columns + lean * (rows - len(sheet) / 2) > sheet.shape[1] / 2
        shady = np.where(shade, 0.35 * sheet, sheet).astype(np.uint8)
        assert has_shadow(shady)
        assert not has_shadow(sheet)
        right.append(tenfold.read_number(shady).text == text)
    assert np.mean(right) >= 0.8
