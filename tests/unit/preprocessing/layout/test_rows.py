from __future__ import annotations

import numpy as np

from tenfold.preprocessing.layout.rows import clear_border, digit_sized, joined_parts, rows_of

LETTER = (20, 40)  # width and height of the characters below


def characters(*places: tuple[int, int]) -> np.ndarray:
    return np.array([(x, y, *LETTER, 400) for x, y in places], np.int64)


def test_characters_are_grouped_into_rows_from_top_to_bottom() -> None:
    rows = rows_of(characters((90, 120), (10, 20), (50, 22), (10, 118), (90, 18)), 200, 200)
    assert [[component[0] for component in row] for row in rows] == [[10, 50, 90], [10, 90]]


def test_a_sloping_row_is_one_row() -> None:
    places = [(10 + 30 * i, 20 + 6 * i) for i in range(12)]  # it falls by more than the height of a character
    assert [len(row) for row in rows_of(characters(*places), 400, 200)] == [12]


def test_two_circles_above_one_another_are_one_character() -> None:
    circles = np.array([(10, 10, 20, 20, 60), (9, 32, 22, 22, 60), (50, 10, 20, 44, 90)], np.int64)
    (row,) = rows_of(circles, 200, 200)
    assert row[:, :4].tolist() == [[9, 10, 22, 44], [50, 10, 20, 44]]


def test_two_rows_of_digits_are_not_joined() -> None:
    assert len(joined_parts(characters((10, 10), (10, 60)))) == 2


def test_a_hand_at_the_border_is_dropped_but_a_digit_there_is_not() -> None:
    components = np.array([(0, 0, 90, 200, 9000), (100, 50, 20, 40, 400), (180, 50, 20, 40, 400), (130, 50, 20, 40, 9)])
    assert clear_border(components, 200, 200)[:, 0].tolist() == [100, 180, 130]


def test_dashes_and_points_do_not_show_where_a_row_is() -> None:
    components = np.array([(0, 20, 40, 5, 200), (50, 10, 20, 40, 400), (80, 45, 5, 5, 25)], np.int64)
    assert digit_sized(components)[:, 0].tolist() == [50]


def test_nothing_makes_no_rows() -> None:
    assert rows_of(np.zeros((0, 5), np.int64), 100, 100) == []
