"""Draw the worked example of a form: examples/temperature-log, a printed form and 12 sheets filled in by simulation.

The digits are MNIST's test digits. `values.csv` holds what is written on each sheet.
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import tenfold
from tenfold.arrays import Box
from tenfold.synthesis.numbers.hands import Hands
from tenfold.synthesis.synthetic_forms import Capture, FilledField, SyntheticSheet, capture, write_fields

FOLDER = Path(__file__).parents[1] / "examples" / "temperature-log"
SHEETS, SEED = 12, 5
WIDTH, HEIGHT = 1165, 1654  # A5 at 200 dpi
LEFT, CELL, TALL = 90, 62, 84  # pixels
GREY = 120  # level of the thin lines of a cell


class Line(NamedTuple):
    """A printed line of the form.

    Attributes:
        name: of the field.
        label: printed before it.
        cells: how many printed places it has.
        marks: characters printed behind a place: the place, counted from 1, and the character.
        expectation: of its field, as TOML.
    """

    name: str
    label: str
    cells: int
    marks: dict[int, str]
    expectation: str

    @property
    def printed(self) -> str:
        """The characters that are printed, and not written."""
        return "".join(self.marks.values())


LINES = (
    Line("station", "Station", 6, {}, 'digits = 6\ncheck = "luhn"'),
    Line("day", "Day", 6, {2: "/", 4: "/"}, 'date = "%d/%m/%y"'),
    Line("time", "Time", 4, {2: ":"}, 'date = "%H:%M"'),
    Line("lowest", "Lowest temperature", 3, {2: "."}, "digits = 3\ndecimals = 1\nmin = 0\nmax = 45"),
    Line("highest", "Highest temperature", 3, {2: "."}, "digits = 3\ndecimals = 1\nmin = 0\nmax = 45"),
    Line("rain", "Rain (mm)", 3, {}, "digits = 3\nrequired = false"),
)


def main() -> None:
    """Write the example."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "scans").mkdir(exist_ok=True)
    page = blank_form()
    page.save(FOLDER / "blank.png", optimize=True)
    (FOLDER / "form.toml").write_text(template())
    rng = np.random.default_rng(SEED)
    hands = test_hands()
    rows = []
    for number in range(1, SHEETS + 1):
        values = sample_values(rng)
        how = Capture("photo" if number % 4 == 0 else "scan", 0.75, (0, 0, 2, 0, 1, 0)[number % 6])
        sheet = filled_sheet(page, values, hands, how, rng)
        name = f"sheet-{number:02}.jpg"
        cv2.imwrite(str(FOLDER / "scans" / name), sheet.picture, [cv2.IMWRITE_JPEG_QUALITY, 55])
        rows.append([name, *values.values()])
    with (FOLDER / "values.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["sheet", *(line.name for line in LINES)], *rows])


def test_hands() -> Hands:
    """Hands that write MNIST's test digits."""
    _, (images, labels) = tenfold.load_data()
    return Hands(images, labels)


def boxes() -> dict[str, Box]:
    """The box of each field."""
    return {
        line.name: (LEFT, 330 + 200 * place, line.cells * CELL + 26 * len(line.marks), TALL)
        for place, line in enumerate(LINES)
    }


def blank_form() -> Image.Image:
    """The printed form."""
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(page)
    draw.text((LEFT, 70), "Temperature log", 0, ImageFont.load_default(58))
    draw.text((LEFT, 150), "One sheet a day. Write one digit into each place.", 60, ImageFont.load_default(30))
    draw.line((LEFT, 210, WIDTH - LEFT, 210), 0, 4)
    for line in LINES:
        left, top, _, _ = boxes()[line.name]
        draw.text((left, top - 46), line.label, 0, ImageFont.load_default(32))
        x = left
        for place in range(1, line.cells + 1):
            draw.rectangle((x, top, x + CELL, top + TALL), outline=GREY, width=3)
            x += CELL
            if place in line.marks:
                draw.text((x + 8, top + 34), line.marks[place], 0, ImageFont.load_default(40))
                x += 26
    draw.text((LEFT, HEIGHT - 80), "Send to the observatory by the end of the month.", 60, ImageFont.load_default(26))
    draw.ellipse((WIDTH - LEFT - 110, 70, WIDTH - LEFT, 180), outline=0, width=5)
    draw.line((WIDTH - LEFT - 55, 85, WIDTH - LEFT - 55, 165), 0, 8)
    return page


def template() -> str:
    """The form's template."""
    parts = ['[form]\nname = "temperature log"\nblank = "blank.png"']
    for name, box in boxes().items():
        line = next(one for one in LINES if one.name == name)
        parts.append(f'[[field]]\nname = "{name}"\nbox = {list(box)}\n{line.expectation}')
    return "\n\n".join(parts) + "\n"


def sample_values(rng: np.random.Generator) -> dict[str, str]:
    """What somebody may write on a sheet."""
    body = "".join(map(str, rng.integers(0, 10, 5)))
    station = next(body + str(last) for last in range(10) if is_luhn(body + str(last)))
    day = datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=int(rng.integers(0, 365 * 24 * 60)))
    lowest = rng.integers(100, 200)
    return {
        "station": station,
        "day": day.strftime("%d/%m/%y"),
        "time": day.strftime("%H:%M"),
        "lowest": f"{lowest / 10:.1f}",
        "highest": f"{(lowest + rng.integers(10, 200)) / 10:.1f}",
        "rain": "" if rng.random() < 0.4 else f"{rng.integers(1, 400):03}",
    }


def is_luhn(digits: str) -> bool:
    """Whether a number ends in its check digit (ISO/IEC 7812-1)."""
    values = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in values) % 10 == 0


def filled_sheet(
    page: Image.Image, values: dict[str, str], hands: Hands, how: Capture, rng: np.random.Generator
) -> SyntheticSheet:
    """A sheet with these values, scanned or photographed."""
    hand = hands.sample(rng)
    fields: list[FilledField] = []
    for line in LINES:
        fields += places(line, values[line.name])
    printed = (255 - np.asarray(page, np.float32)) / np.float32(255)
    return capture(printed, write_fields((HEIGHT, WIDTH), fields, hands, hand, rng), how, rng)


def places(line: Line, value: str) -> list[FilledField]:
    """Each run of places between printed marks, with the part of the value that stands there."""
    left, top, _, _ = boxes()[line.name]
    digits = [character for character in value if character not in line.printed]
    found, start = [], 0
    for end in [*line.marks, line.cells]:
        wide = (end - start) * CELL
        found.append(FilledField((left, top, wide, TALL), "".join(digits[start:end]), end - start))
        left, start = left + wide + 26, end
    return found


if __name__ == "__main__":
    main()
