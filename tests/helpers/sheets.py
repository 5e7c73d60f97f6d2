"""Sheets of the worked example's form, filled in and captured, and readings for tests that need no pictures."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

import make_form_example as example
from tenfold.arrays import Grey
from tenfold.forms.field_reading import FieldReading
from tenfold.forms.registration.alignment import BlankForm
from tenfold.forms.sheet_reader import SheetReading
from tenfold.forms.template import Template, parse_template
from tenfold.synthesis.numbers.hands import Hands
from tenfold.synthesis.synthetic_forms import Capture, SyntheticSheet

VALUES = {
    "station": "123455", "day": "08/07/26", "time": "02:15", "lowest": "16.3", "highest": "22.7", "rain": "014",
}  # fmt: skip
MILLIMETRES = 210 / example.HEIGHT  # of a pixel: the form is A5


@functools.cache
def hands() -> Hands:
    return example.test_hands()


@functools.cache
def blank() -> BlankForm:
    return BlankForm("temperature log", np.asarray(example.blank_form()))


def template() -> Template:
    return parse_template(example.template())


def sheet(seed: int = 0, how: Capture | None = None, values: dict[str, str] | None = None) -> SyntheticSheet:
    rng = np.random.default_rng(seed)
    return example.filled_sheet(
        example.blank_form(), VALUES if values is None else values, hands(), how or Capture(scale=0.75), rng
    )


def project(folder: Path, scans: int = 0) -> Path:
    """The folder of a form, with some scans in it."""
    folder.mkdir()
    (folder / "scans").mkdir()
    example.blank_form().save(folder / "blank.png")
    (folder / "form.toml").write_text(example.template())
    for number in range(scans):
        cv2.imwrite(str(folder / "scans" / f"{number}.png"), sheet(number).picture)
    return folder


def error_of(found: np.ndarray, truth: np.ndarray) -> float:
    """The largest distance, in millimetres of the form, of points all over a sheet from where they are."""
    grid = np.array([[x, y] for x in range(0, example.WIDTH, 60) for y in range(0, example.HEIGHT, 60)], np.float64)
    there = cv2.perspectiveTransform(grid[None], found)
    back = cv2.perspectiveTransform(there, np.linalg.inv(truth))[0]
    return float(np.linalg.norm(back - grid, axis=1).max()) * MILLIMETRES


def pasted(pictures: list[Grey], gap: int = 20) -> Grey:
    """Pictures side by side on a dark glass."""
    height = max(len(picture) for picture in pictures)
    padded = [
        np.pad(picture, ((gap, gap + height - len(picture)), (gap, gap)), constant_values=40) for picture in pictures
    ]
    return np.hstack(padded)


def reading(number: int = 0, problem: str | None = None, **values: str) -> SheetReading:
    """A reading of a page, with some values; one that is empty is doubtful."""
    fields = tuple(
        FieldReading(
            name,
            value,
            "filled" if value else "doubtful",
            0.999 if value else 0.5,
            None if value else "Check it.",
            value,
            np.full((4, 5), 200, np.uint8),
            np.full((len(value), 28, 28), 7, np.uint8),
        )
        for name, value in values.items()
    )
    return SheetReading(fields, problem, 1.0, np.eye(3), f"{number}.png", None, f"{number:064}", "digits")
