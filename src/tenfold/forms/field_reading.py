"""What is written in a field: empty, filled or doubtful. Filled if two readings agree and all expectations hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, Grey
from tenfold.forms.field_crops import FieldCrop
from tenfold.forms.template import Field

if TYPE_CHECKING:
    from tenfold.recognition.reader import Reader
    from tenfold.recognition.results import NumberReading

State = Literal["empty", "filled", "doubtful"]

MIN_CONFIDENCE = 0.995  # of a field that is filled without review
EMPTY_BELOW = 0.23  # height of the largest mark, as a fraction of the field's, below which a field is empty
FILLED_ABOVE = 0.46  # from which it is filled; marks between need review. scripts/fit_forms.py fits both
MIN_PRINT = 0.5  # fraction of the print around a field that must be found

NOT_IN_PICTURE = "This part of the form is not in the picture."
COVERED = "The print of the form was not found here: this part is covered, torn or creased."
MISSING = "The field is required, and empty."
FADED = "No print is visible in this scan, so it is not certain that the field is empty: check it."
FAINT = "There is only a small mark: check whether the field is empty."
UNREADABLE = "No digits were found in what is written."
SEVERAL = "Several numbers are written in the field: check them."
DISAGREEMENT = "Read on its own, digit {place} is a {other} instead of a {digit}: check the value."
UNCERTAIN = "This is only {percent:.1f} % certain, at least {least:.1f} % are needed: check the value."


@dataclass(frozen=True, eq=False)
class FieldReading:
    """What is written in a field.

    Attributes:
        name: of the field.
        value: of the field, "" if it is empty: decimals with a point, dates in the format of the template.
        state: "empty", "filled" without doubt, or "doubtful".
        confidence: 0..1, the probability that the value is right; 1 for an empty field.
        problem: None, or one sentence: why it needs review.
        written: what is written, with its signs.
        crop: `(h, w) uint8`, 0 black .. 255 white: the field without print; its shape is (0, 0) if it is not in the
            picture.
        digits: `(n, 28, 28) uint8`, the image of each digit that was read.
    """

    name: str
    value: str
    state: State
    confidence: float
    problem: str | None = None
    written: str = ""
    crop: Grey = field(repr=False, default_factory=lambda: np.zeros((0, 0), np.uint8))
    digits: NDArray[np.uint8] = field(repr=False, default_factory=lambda: np.zeros((0, SIDE, SIDE), np.uint8))

    @property
    def needs_review(self) -> bool:
        """True if a person should look at the field."""
        return self.problem is not None


def is_faded(crops: Sequence[FieldCrop]) -> bool:
    """True if the scan as a whole lost the print around the fields, as when pale lines become white."""
    return bool(crops) and float(np.median([crop.print_found for crop in crops])) < MIN_PRINT


def read_field(one: Field, crop: FieldCrop, reader: Reader, faded: bool = False) -> FieldReading:
    """Read a field.

    Args:
        one: the field of the template.
        crop: of the sheet.
        reader: reads its number.
        faded: whether the print is missing in all of the scan, so that it does not tell whether a field is covered.
    """
    if not crop.in_picture:
        return FieldReading(one.name, "", "doubtful", 0.0, NOT_IN_PICTURE)
    if crop.print_found < MIN_PRINT and not faded:
        return FieldReading(one.name, "", "doubtful", 0.0, COVERED, crop=crop.scan)
    if crop.mark < EMPTY_BELOW:
        problem = MISSING if one.expectations.required else None
        if faded:
            return FieldReading(one.name, "", "doubtful", 0.0, FADED, crop=crop.picture)
        return FieldReading(one.name, "", "empty", 1.0, problem, crop=crop.picture)
    number = reader.read_number(crop.picture, **one.expectations.conditions)
    return _judged(one, crop, number, reader)


def _judged(one: Field, crop: FieldCrop, number: NumberReading, reader: Reader) -> FieldReading:
    """The reading of a field whose number was read."""
    written = "".join(line.written for line in number.lines)
    images = np.array([digit.reading.image for digit in number.digits], np.uint8).reshape(-1, SIDE, SIDE)
    value, misfit = one.expectations.value_of(written) if written else ("", None)
    problem = misfit or _doubt(crop, number, images, reader)
    state: State = "filled" if problem is None else "doubtful"
    return FieldReading(one.name, value, state, number.confidence, problem, written, crop.picture, images)


def _doubt(crop: FieldCrop, number: NumberReading, images: NDArray[np.uint8], reader: Reader) -> str | None:
    """Why a number is doubtful; None if both readings agree, and are confident."""
    if not number.lines:
        return FAINT if crop.mark < FILLED_ABOVE else number.problem or UNREADABLE
    if len(number.lines) > 1:
        return SEVERAL
    single = reader.network.probabilities(images)
    for place, (row, digit) in enumerate(zip(single, number.digits, strict=True), start=1):
        if int(row.argmax()) != digit.reading.digit:
            return DISAGREEMENT.format(place=place, other=int(row.argmax()), digit=digit.reading.digit)
    if number.problem is not None:
        return number.problem
    if number.confidence < MIN_CONFIDENCE:
        return UNCERTAIN.format(percent=100 * number.confidence, least=100 * MIN_CONFIDENCE)
    return FAINT if crop.mark < FILLED_ABOVE else None
