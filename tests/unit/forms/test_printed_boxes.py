from __future__ import annotations

import cv2
import numpy as np

import make_form_example as example
from tenfold.forms.printed_boxes import printed_boxes


def test_the_combs_of_the_example_are_found_with_their_places() -> None:
    found = printed_boxes(np.asarray(example.blank_form()))
    assert [one.digits for one in found] == [line.cells for line in example.LINES]
    for one, box in zip(found, example.boxes().values(), strict=True):
        assert np.abs(np.array(one.box) - box).max() <= 6


def test_a_wide_box_is_a_free_line_and_columns_are_fields_of_their_own() -> None:
    page = np.full((1600, 1100), 255, np.uint8)
    cv2.rectangle(page, (100, 200), (500, 260), 0, 2)
    cv2.rectangle(page, (600, 200), (1000, 260), 0, 2)
    cv2.rectangle(page, (100, 400), (1000, 1400), 0, 2)  # a frame around much of the page
    found = printed_boxes(page)
    assert [one.digits for one in found] == [None, None]
    assert [one.box[0] for one in found] == [102, 602]


def test_a_page_without_boxes_has_none() -> None:
    assert printed_boxes(np.full((300, 200), 255, np.uint8)) == []
