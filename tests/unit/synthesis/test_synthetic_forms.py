from __future__ import annotations

import cv2
import numpy as np
import pytest

from helpers import sheets
from tenfold.synthesis.synthetic_forms import Capture, FilledField, capture, write_fields

SHAPE = (600, 400)


def marked() -> np.ndarray:
    """Four dots near the corners of a sheet."""
    page = np.zeros(SHAPE, np.float32)
    for x in (80, 320):
        for y in (80, 520):
            cv2.circle(page, (x, y), 8, 1.0, -1)
    return page


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_the_matrix_tells_where_the_form_lies(kind: str, quarters: int) -> None:
    page = marked()
    taken = capture(page, np.zeros_like(page), Capture(kind, 1.0, quarters), np.random.default_rng(quarters))
    back = cv2.warpPerspective(255 - taken.picture, np.linalg.inv(taken.matrix), SHAPE[::-1])
    ring = cv2.dilate(page, np.ones((41, 41))) - cv2.dilate(page, np.ones((9, 9)))
    assert back[page > 0.5].mean() > back[ring > 0.5].mean() + 15
    assert np.roll(back, 40, 0)[page > 0.5].mean() < back[page > 0.5].mean() - 15


def test_writing_stays_in_its_field_and_empty_fields_stay_empty() -> None:
    rng = np.random.default_rng(3)
    fields = [FilledField((50, 100, 300, 60), "123456", 6), FilledField((50, 300, 300, 60), "")]
    ink = write_fields(SHAPE, fields, sheets.hands(), sheets.hands().sample(rng), rng)
    assert ink[90:170, 40:360].sum() > 0.99 * ink.sum() > 0
    columns = ink[100:160, 50:350].reshape(60, 6, 50).max(axis=(0, 2))
    assert (columns > 0.5).all()


def test_printed_characters_take_no_place() -> None:
    rng = np.random.default_rng(4)
    plain, marked_too = (
        write_fields(SHAPE, [FilledField((50, 100, 300, 60), text, 3, ".")], sheets.hands(), hand, rng)
        for text, rng, hand in ((t, np.random.default_rng(9), sheets.hands().sample(rng)) for t in ("163", "16.3"))
    )
    assert (plain > 0.5).any()
    assert (marked_too > 0.5).any()
    assert not ink_beyond(marked_too)


def ink_beyond(ink: np.ndarray) -> bool:
    return bool(ink[:, 360:].any())
