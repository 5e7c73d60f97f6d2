from __future__ import annotations

import cv2
import numpy as np
import pytest

from helpers import sheets
from helpers.project import SAMPLES
from tenfold.errors import FormError
from tenfold.forms.registration.alignment import BlankForm
from tenfold.io.image_files import grey_pixels
from tenfold.synthesis.synthetic_forms import Capture


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_a_sheet_is_found_within_a_millimetre_in_every_orientation(kind: str, quarters: int) -> None:
    captured = sheets.sheet(quarters, Capture(kind, 0.5, quarters))  # 100 dpi
    found = sheets.blank().align(captured.picture)
    assert found.problem is None
    assert sheets.error_of(found.matrix, captured.matrix) <= 1


def test_this_check_would_notice_two_millimetres() -> None:
    truth = np.eye(3)
    moved = np.array([[1, 0, 2 / sheets.MILLIMETRES], [0, 1, 0], [0, 0, 1]])
    assert sheets.error_of(moved, truth) == pytest.approx(2)


def test_another_paper_size_does_no_harm() -> None:
    captured = sheets.sheet(1, Capture(scale=0.75))
    matrix = np.array([[0.9, 0, 200], [0, 1.0, 300], [0, 0, 1]])  # stretched, and in the corner of a larger page
    picture = cv2.warpAffine(captured.picture, matrix[:2], (1600, 1900), borderValue=255)
    found = sheets.blank().align(np.asarray(picture, np.uint8))
    assert found.problem is None
    assert sheets.error_of(found.matrix, matrix @ captured.matrix) <= 1


def test_a_sheet_with_a_covered_quarter_is_found() -> None:
    captured = sheets.sheet(2)
    picture = captured.picture.copy()
    picture[: len(picture) // 2, picture.shape[1] // 2 :] = 128
    found = sheets.blank().align(picture)
    assert found.problem is None
    assert sheets.error_of(found.matrix, captured.matrix) <= 1


def test_pages_that_are_not_a_sheet_are_rejected_with_the_reason() -> None:
    blank = sheets.blank()
    assert blank.align(np.full((1000, 700), 250, np.uint8)).problem == "The page is blank."
    grain = np.random.default_rng(0).normal(240, 3, (1000, 700)).clip(0, 255).astype(np.uint8)
    assert blank.align(grain).problem == "The page is blank."
    for other in (grey_pixels(str(SAMPLES / "7.jpg")), other_form()):
        assert "was not found on the page" in str(blank.align(other).problem)


def test_two_sheets_on_one_glass_are_rejected() -> None:
    one, other = (sheets.sheet(seed, Capture(scale=0.5)).picture for seed in (3, 4))
    assert "Two sheets" in str(sheets.blank().align(sheets.pasted([one, other])).problem)
    assert sheets.blank().align(sheets.pasted([one])).problem is None


def test_a_mirrored_sheet_is_rejected() -> None:
    assert sheets.blank().align(np.ascontiguousarray(sheets.sheet(5).picture[:, ::-1])).problem is not None


def test_a_form_without_print_is_an_error() -> None:
    page = np.full((1000, 700), 255, np.uint8)
    with pytest.raises(FormError, match="too little print to find it"):
        BlankForm("empty", page)
    cv2.rectangle(page, (100, 100), (600, 160), 0, 3)
    with pytest.raises(FormError, match="too little print to find it"):
        BlankForm("one box", page)


def other_form() -> np.ndarray:
    """Another form, with boxes and text of the same fonts."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1165, 1654), 255)
    draw = ImageDraw.Draw(page)
    for row in range(8):
        draw.text((90, 100 + 180 * row), f"Question {row}: how many pages?", 0, ImageFont.load_default(36))
        for column in range(5):
            draw.rectangle((90 + 90 * column, 160 + 180 * row, 170 + 90 * column, 240 + 180 * row), outline=0, width=3)
    return np.asarray(page)
