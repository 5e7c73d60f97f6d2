from __future__ import annotations

import numpy as np
import pytest

from tenfold.preprocessing.layout.components import Uprights
from tenfold.preprocessing.layout.fields import split_row

HEIGHT, WIDTH = 40, 24
NO_RULES = Uprights(np.zeros(0), np.zeros(0), np.zeros(0))


def row_of(*gaps: int) -> np.ndarray:
    """Characters with these gaps between them, in pixels."""
    lefts = np.cumsum([0, *(WIDTH + gap for gap in gaps)])
    return np.array([(left, 10, WIDTH, HEIGHT, 300) for left in lefts], np.int64)


def sizes(row: np.ndarray, uprights: Uprights = NO_RULES) -> list[int]:
    return [len(number) for number in split_row(row, uprights)]


def upright(*x: float) -> Uprights:
    return Uprights(np.array(x), np.zeros(len(x)), np.full(len(x), 60.0))


def test_a_wide_gap_between_narrow_ones_separates_two_numbers() -> None:
    assert sizes(row_of(6, 100, 6)) == [2, 2]
    assert sizes(row_of(5, 8, 120, 4, 110)) == [3, 2, 1]


@pytest.mark.parametrize("gap", [2, 20, 50, 90])
def test_evenly_spaced_digits_are_one_number(gap: int) -> None:
    assert sizes(row_of(*[gap] * 7)) == [8]


def test_a_gap_between_thousands_separates_nothing() -> None:
    assert sizes(row_of(5, 30, 5, 6)) == [5]


def test_the_rule_of_a_table_separates_numbers_that_stand_close() -> None:
    row = row_of(6, 30, 6)
    assert sizes(row) == [4]
    assert sizes(row, upright(-20, 69, 150)) == [2, 2]


def test_the_rules_of_a_comb_separate_nothing() -> None:
    row = row_of(16, 16, 16)
    assert sizes(row, upright(-8, 32, 72, 112, 152)) == [4]


def test_a_rule_on_another_part_of_the_page_separates_nothing() -> None:
    assert sizes(row_of(6, 30, 6), Uprights(np.array([69.0]), np.array([200.0]), np.array([300.0]))) == [4]
