from __future__ import annotations

import cv2
import numpy as np

from helpers import sheets
from tenfold.arrays import Grey
from tenfold.forms.field_crops import cut_field, remove_print

BOX = (60, 60, 400, 80)
WHITE = np.full((220, 540), 255, np.uint8)


def printed() -> Grey:
    """A comb of five places."""
    page = WHITE.copy()
    for place in range(6):
        cv2.line(page, (60 + 80 * place, 60), (60 + 80 * place, 140), 0, 3)
    cv2.rectangle(page, (60, 60), (460, 140), 0, 3)
    return page


def with_pen(page: Grey) -> Grey:
    """A wide stroke across all lines, and an eight in the second place."""
    page = page.copy()
    cv2.line(page, (80, 100), (440, 110), 40, 7, cv2.LINE_AA)
    return page


def test_print_is_removed_and_nothing_else_remains() -> None:
    crop = cut_field(BOX, printed(), printed(), np.eye(3))
    assert crop.mark == 0
    assert crop.print_found > 0.95
    assert (crop.picture == 255).all()


def test_strokes_that_cross_the_print_stay_whole() -> None:
    crop = cut_field(BOX, printed(), with_pen(printed()), np.eye(3))
    pieces, _ = cv2.connectedComponents((crop.picture < 128).astype(np.uint8))
    assert pieces == 2  # the paper and one stroke
    clean = cut_field(BOX, WHITE, with_pen(WHITE), np.eye(3))
    different = (crop.picture < 128) != (clean.picture < 128)
    assert different.sum() < 0.15 * (clean.picture < 128).sum()


def test_a_pen_darker_than_pale_print_is_kept_where_it_runs_along_the_print() -> None:
    pale = np.maximum(printed(), 190)
    page = pale.copy()
    cv2.line(page, (140, 70), (140, 130), 20, 5)  # a one upon the line between two places
    crop = cut_field(BOX, pale, page, np.eye(3))
    assert (crop.picture < 128).sum() > 150
    assert crop.mark > 0.6


def test_a_field_that_lies_a_little_beside_its_place_is_cleaned_all_the_same() -> None:
    moved = np.roll(printed(), (3, -3), (0, 1))
    assert cut_field(BOX, printed(), moved, np.eye(3)).mark < 0.1


def test_missing_print_and_fields_beyond_the_picture_are_told() -> None:
    assert cut_field(BOX, printed(), WHITE, np.eye(3)).print_found < 0.05
    assert cut_field(BOX, WHITE, WHITE, np.eye(3)).print_found == 1
    assert cut_field(BOX, printed(), printed(), np.eye(3)).in_picture
    assert not cut_field(BOX, printed(), printed()[:, :400], np.eye(3)).in_picture


def test_writing_in_the_next_line_is_not_part_of_a_field() -> None:
    page = WHITE.copy()
    cv2.putText(page, "88", (100, 52), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3)
    assert cut_field(BOX, WHITE, page, np.eye(3)).mark == 0


def test_ink_without_print_stays() -> None:
    ink = np.zeros((40, 60), np.uint8)
    ink[10:30, 20:24] = 200
    kept, found = remove_print(ink, np.zeros_like(ink))
    assert (kept == ink).all()
    assert found == 1


def test_empty_fields_of_simulated_sheets_have_no_marks_and_filled_ones_have() -> None:
    template = sheets.template()
    for seed in range(3):
        values = sheets.VALUES | {"rain": "", "time": ""}
        captured = sheets.sheet(seed, values=values)
        marks = {
            one.name: cut_field(one.box, sheets.blank().page, captured.picture, captured.matrix).mark
            for one in template.fields
        }
        assert max(marks["rain"], marks["time"]) < 0.12
        assert min(marks[name] for name, value in values.items() if value) > 0.3
