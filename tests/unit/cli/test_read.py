from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES, Run
from tenfold.io.image_files import grey_pixels
from tenfold.recognition.rejection import WARN_DIGIT_BELOW

FORMATS = {"seven.png": "PNG", "seven.jpg": "JPEG", "seven.JPEG": "JPEG"}


@pytest.fixture(scope="module")
def uncertain() -> bytes:
    """The PNG file of a picture between two samples, which is read with a confidence below 0.7."""
    pictures = [grey_pixels(SAMPLES / f"{digit}.jpg") for digit in (3, 8, 5, 9, 4, 7, 1)]
    side = (200, 200)
    reader = tenfold.Reader()
    for first in pictures:
        for second in pictures:
            for weight in np.linspace(0.3, 0.7, 9):
                mixed = cv2.addWeighted(cv2.resize(first, side), weight, cv2.resize(second, side), 1 - weight, 0)
                reading = reader.read(mixed)
                if reading.digit is not None and reading.confidence < WARN_DIGIT_BELOW:
                    buffer = io.BytesIO()
                    Image.fromarray(np.asarray(mixed, np.uint8)).save(buffer, "PNG")
                    return buffer.getvalue()
    pytest.fail("no mixture of two samples is read with doubt")


@pytest.mark.parametrize("name", FORMATS)
def test_the_name_of_the_file_chooses_its_format(name: str, run: Run, tmp_path: Path) -> None:
    assert run("read", SAMPLES / "7.jpg", "--show", name).returncode == 0
    with Image.open(tmp_path / name) as drawn:
        assert drawn.format == FORMATS[name]


def test_a_reading_can_be_drawn_as_pdf(run: Run, tmp_path: Path) -> None:
    assert run("read", SAMPLES / "7.jpg", "--show", "seven.pdf").returncode == 0
    assert (tmp_path / "seven.pdf").read_bytes().startswith(b"%PDF-")


def test_another_ending_is_wrong_usage_and_names_the_three(run: Run, tmp_path: Path) -> None:
    done = run("read", SAMPLES / "7.jpg", "--show", "seven.gif")
    assert done.returncode == 2
    assert "'seven.gif' must end in .png, .jpg or .pdf" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_uncertain_digit_has_a_warning_and_status_3(uncertain: bytes, run: Run) -> None:
    reading = tenfold.read(uncertain)
    assert (
        reading.problem == f"This is only {100 * reading.confidence:.0f} % certain to be a {reading.digit}: check it."
    )
    done = run("read", "-", stdin=uncertain)
    assert done.returncode == 3
    assert done.stdout.startswith(f"{reading.digit}  ")
    assert done.stderr == f"-: {reading.problem}\n"


@pytest.mark.parametrize(("least", "status"), [(0.5, 0), (1.0, 3)])
def test_min_confidence_decides_which_readings_are_doubtful(least: float, status: int, run: Run) -> None:
    assert run("read", SAMPLES / "7.jpg", "--min-confidence", str(least)).returncode == status
    assert run("read", "--number", SAMPLES / "7.jpg", "--min-confidence", str(least)).returncode == status


def test_a_picture_that_cannot_be_read_counts_more_than_a_doubtful_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    done = run("read", SAMPLES / "7.jpg", "text.jpg", "--min-confidence", "1")
    assert done.returncode == 1


def test_a_confidence_above_1_is_wrong_usage(run: Run) -> None:
    assert run("read", SAMPLES / "7.jpg", "--min-confidence", "70").returncode == 2
