"""Fit the thresholds that decide about sheets and fields of forms, on simulated sheets, and print them.

- `MIN_FOUND`, in forms.registration.alignment: the fraction of the print that must be found for a page to be a sheet of
  the form: half way between sheets that are whole, or have a third of them covered, and sheets of other forms.
- `FILLED_ABOVE`, in forms.field_reading: the height of the largest mark that all but 0.5 % of the fields with one digit
  reach. `EMPTY_BELOW`: that which 95 % of the empty fields stay below, but at most half of `FILLED_ABOVE`.

Forms are drawn at random, and digits are MNIST's training digits. This script does not change the constants.
"""

from __future__ import annotations

import argparse

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import tenfold
from tenfold.arrays import Box, Grey
from tenfold.errors import FormError
from tenfold.forms import field_reading
from tenfold.forms.field_crops import cut_field
from tenfold.forms.registration import alignment
from tenfold.forms.registration.alignment import BlankForm
from tenfold.forms.registration.features import features_of, find_copies
from tenfold.forms.registration.patches import fit_patches
from tenfold.synthesis.numbers.hands import Hands
from tenfold.synthesis.synthetic_forms import Capture, FilledField, SyntheticSheet, capture, write_fields

SEED = 4000
SIZE = (1165, 1654)  # pixels: A5 at 200 dpi
WORDS = (
    "Name",
    "Date",
    "Number",
    "Total",
    "Weight",
    "Height",
    "Room",
    "Code",
    "Begin",
    "End",
    "Amount",
    "Class",
    "Year",
)
SCALES = (0.5, 0.75, 1.0)
COVERED = 1 / 3  # fraction of the height of a sheet that is covered on half of the sheets


def main() -> None:
    parser = argparse.ArgumentParser(description="fit the thresholds of forms on simulated sheets")
    parser.add_argument("--sheets", type=int, default=60, help="simulated sheets (%(default)s)")
    count = parser.parse_args().sheets
    (images, labels), _ = tenfold.load_data()
    hands = Hands(images, labels)
    rng = np.random.default_rng(SEED)
    own: list[float] = []
    other: list[float] = []
    marks: dict[bool, list[float]] = {True: [], False: []}
    forms = [random_form(rng) for _ in range(max(2, count // 6))]
    for number in range(count):
        page, boxes = forms[number % len(forms)]
        sheet, filled = filled_sheet(page, boxes, hands, rng)
        blank = BlankForm("own", page)
        matrix, found = best_fit(blank, covered(sheet.picture, rng) if number % 2 else sheet.picture)
        own.append(found)
        try:
            other.append(best_fit(BlankForm("other", forms[(number + 1) % len(forms)][0]), sheet.picture)[1])
        except FormError:
            continue
        if number % 2 == 0 and matrix is not None:
            for box, is_filled in zip(boxes, filled, strict=True):
                marks[is_filled].append(cut_field(box, page, sheet.picture, matrix).mark)
    aligned = [one for one in own if one > 0]
    print(
        f"aligned: {len(aligned)} of {len(own)} own sheets; print found from {min(aligned):.2f}, "
        f"of other forms to {max(other):.2f}"
    )
    print(f"MIN_FOUND = {(max(other) + min(aligned)) / 2:.2f} (now {alignment.MIN_FOUND})")
    least = float(np.quantile(marks[True], 0.005))
    usual = float(np.quantile(marks[False], 0.95))
    print(
        f"marks: {len(marks[False])} empty fields, 95 % below {usual:.2f}; "
        f"{len(marks[True])} filled ones, from {min(marks[True]):.2f}"
    )
    print(f"EMPTY_BELOW = {min(usual, least / 2):.2f} (now {field_reading.EMPTY_BELOW})")
    print(f"FILLED_ABOVE = {least:.2f} (now {field_reading.FILLED_ABOVE})")


def best_fit(blank: BlankForm, picture: Grey) -> tuple[np.ndarray | None, float]:
    """The homography that finds most of the print, and the fraction that it finds."""
    copies = find_copies(blank.features, features_of(picture))
    fits = [fit_patches(blank.patches, picture, matrix) for matrix in copies]
    best = max(fits, key=lambda fit: fit.found, default=None)
    return (None, 0.0) if best is None else (best.matrix, best.found)


def random_form(rng: np.random.Generator) -> tuple[Grey, list[Box]]:
    """A form with a title, words, and boxes or combs in one or two columns; its fields."""
    page = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(page)
    draw.text((80, 70), " ".join(rng.choice(WORDS, 3)), 0, ImageFont.load_default(int(rng.integers(36, 64))))
    level, thick = int(rng.integers(0, 170)), int(rng.integers(2, 5))
    columns, pitch = int(rng.integers(1, 3)), int(rng.integers(130, 220))
    boxes: list[Box] = []
    for top in range(220, SIZE[1] - 160, pitch):
        for column in range(columns):
            left, high = 80 + column * 540, int(rng.integers(64, 90))
            cells, wide = int(rng.integers(2, 8)), 56
            draw.text((left, top - 36), str(rng.choice(WORDS)), 0, ImageFont.load_default(26))
            steps = range(0, cells * wide, wide) if rng.random() < 0.6 else [0]
            for x in steps:
                right = left + x + wide if len(steps) > 1 else left + cells * wide
                draw.rectangle((left + x, top, right, top + high), outline=level, width=thick)
            boxes.append((left, top, cells * wide, high))
    return np.asarray(page), boxes


def filled_sheet(
    page: Grey, boxes: list[Box], hands: Hands, rng: np.random.Generator
) -> tuple[SyntheticSheet, list[bool]]:
    """A sheet on which half of the fields hold one digit, and which of them do."""
    filled = [bool(rng.random() < 0.5) for _ in boxes]
    fields = [FilledField(box, str(rng.integers(0, 10)) if one else "") for box, one in zip(boxes, filled, strict=True)]
    ink = write_fields(page.shape, fields, hands, hands.sample(rng), rng)
    how = Capture(str(rng.choice(["scan", "photo"])), float(rng.choice(SCALES)), int(rng.integers(0, 4)))
    return capture((255 - page.astype(np.float32)) / np.float32(255), ink, how, rng), filled


def covered(picture: Grey, rng: np.random.Generator) -> Grey:
    """A picture with a third of it covered."""
    height = picture.shape[0]
    top = int(rng.uniform(0, height * (1 - COVERED)))
    result = picture.copy()
    result[top : top + round(COVERED * height)] = rng.integers(30, 240)
    return result


if __name__ == "__main__":
    main()
